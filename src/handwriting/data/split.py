"""Divide pictures of one's own into a part for training and one for testing, without a picture in both."""

from collections import Counter, defaultdict

from handwriting.errors import DataError

__all__ = ["choose_test"]


def choose_test(names, labels, numbers, share):
    """Choose the pictures for testing.

    Pictures are taken by their number, from the lowest on, if that brings the classes they lie in nearer to their
    share, and leaves each something to learn from.

    Parameters
    ----------
    names : tuple of str
    labels : list of int
    numbers : list of bytes
        Equal where pictures are: those stay together.
    share : float

    Returns
    -------
    set of bytes
        The numbers of the pictures for testing.

    Raises
    ------
    DataError
        If a class shares so many pictures with others that it cannot have one in each part.
    """
    counts = defaultdict(Counter)
    for label, number in zip(labels, numbers, strict=True):
        counts[number][label] += 1
    by_number = sorted(counts)
    # Should that get stuck, it is tried again with those first that lie in several classes.
    for order in (by_number, sorted(counts, key=lambda number: (-len(counts[number]), number))):
        tested, lacking = divide(counts, order, Counter(labels), share)
        if not lacking:
            return tested
    name = names[min(lacking)]
    raise DataError(
        f'The class "{name}" shares its pictures with other classes, so it cannot have some for learning and others '
        "for testing. Delete the copies."
    )


def divide(counts, order, sizes, share):
    """One try of `choose_test`.

    Parameters
    ----------
    counts : dict of bytes to Counter
        Of each different picture, how many copies each class has.
    order : list of bytes
    sizes : Counter
        How many pictures each class has.
    share : float

    Returns
    -------
    tested : set of bytes
    lacking : set of int
        Labels of classes without a picture for testing.
    """
    missing = {label: min(max(round(share * size), 1), size - 1) for label, size in sizes.items()}
    learned = Counter(label for found in counts.values() for label in found)  # different pictures for training
    tested, lacking = set(), set(sizes)

    def gain(number):
        return sum(abs(missing[label]) - abs(missing[label] - copies) for label, copies in counts[number].items())

    def may_go(number):
        return number not in tested and all(learned[label] > 1 for label in counts[number])

    def take(number):
        tested.add(number)
        lacking.difference_update(counts[number])
        for label, copies in counts[number].items():
            missing[label] -= copies
            learned[label] -= 1

    for number in order:
        if gain(number) >= 0 and may_go(number):
            take(number)
    for label in sorted(lacking):  # nothing suited, such as few pictures with many copies each
        possible = [number for number in order if label in counts[number] and may_go(number)]
        if label in lacking and possible:
            take(max(possible, key=gain))
    return tested, lacking
