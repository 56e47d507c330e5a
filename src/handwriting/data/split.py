"""Divide images into a part for training and one for testing, so that no image is in both."""

from collections import Counter, defaultdict

from handwriting.errors import DataError

__all__ = ["choose_test"]


def choose_test(names, labels, hashes, share):
    """Choose the images for testing, and return the set of their hashes.

    Images are taken in the order of their hashes if that brings the classes they are in nearer to their share, and
    leaves each class something to train on. Equal images have equal hashes, so they stay together. DataError if a
    class shares so many images with others that it cannot have one in each part.
    """
    counts = defaultdict(Counter)
    for label, digest in zip(labels, hashes, strict=True):
        counts[digest][label] += 1
    by_hash = sorted(counts)
    # If that gets stuck, it is tried again with the images first that are in several classes.
    for order in (by_hash, sorted(counts, key=lambda digest: (-len(counts[digest]), digest))):
        tested, lacking = divide(counts, order, Counter(labels), share)
        if not lacking:
            return tested
    name = names[min(lacking)]
    raise DataError(
        f'The class "{name}" shares its pictures with other classes, so it cannot have some for learning and others '
        "for testing. Delete the copies."
    )


def divide(counts, order, sizes, share):
    """Try once to divide the images.

    `counts` says, for each hash, how many copies each class has; `sizes` how many images each class has. Returns the
    set of hashes for testing, and the set of labels without an image for testing.
    """
    missing = {label: min(max(round(share * size), 1), size - 1) for label, size in sizes.items()}
    trained = Counter(label for copies in counts.values() for label in copies)  # different images for training
    tested, lacking = set(), set(sizes)

    def gain(digest):
        return sum(abs(missing[label]) - abs(missing[label] - copies) for label, copies in counts[digest].items())

    def may_take(digest):
        return digest not in tested and all(trained[label] > 1 for label in counts[digest])

    def take(digest):
        tested.add(digest)
        lacking.difference_update(counts[digest])
        for label, copies in counts[digest].items():
            missing[label] -= copies
            trained[label] -= 1

    for digest in order:
        if gain(digest) >= 0 and may_take(digest):
            take(digest)
    for label in sorted(lacking):  # no image was suitable: there may be few images with many copies each
        possible = [digest for digest in order if label in counts[digest] and may_take(digest)]
        if label in lacking and possible:
            take(max(possible, key=gain))
    return tested, lacking
