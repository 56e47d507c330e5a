"""Divide images into a part for training and one for testing, so that no image is in both."""

from collections import Counter, defaultdict

from handwriting.errors import DataError

VALIDATION_SHARE = 12  # one twelfth of the training data, the last ones: 5,000 of MNIST's 60,000


def choose_test(names, labels, hashes, share):
    """Choose the images for testing, and return the set of their hashes.

    In each class, images are chosen in the order of their hashes, if that brings the class nearer to its share and
    leaves another image to train on. Equal images have equal hashes, so they stay together; an image that is in
    several classes is for training. DataError if that leaves a class nothing to test with.
    """
    classes = defaultdict(Counter)  # for each label, how many copies there are of each image
    for label, digest in zip(labels, hashes, strict=True):
        classes[label][digest] += 1
    shared = Counter(digest for copies in classes.values() for digest in copies)
    tested = set()
    for label, copies in sorted(classes.items()):
        candidates = sorted(digest for digest in copies if shared[digest] == 1)
        if not candidates:
            raise DataError(
                f'The class "{names[label]}" has only images that are in other classes, too, so they cannot '
                "be divided for training and testing. Delete the copies."
            )
        missing = min(max(round(share * copies.total()), 1), copies.total() - 1)
        chosen = []
        for digest in candidates:
            nearer = abs(missing - copies[digest]) <= abs(missing)
            if nearer and len(chosen) < len(copies) - 1:
                chosen.append(digest)
                missing -= copies[digest]
        tested.update(chosen or [min(candidates, key=copies.get)])  # each image may have too many copies
    return tested
