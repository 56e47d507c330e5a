"""Group the strokes on a page into digits, and put the digits in reading order."""

import numpy as np
from scipy import ndimage

from handwriting.errors import ScanError

__all__ = ["group_parts", "group_slices", "in_reading_order", "main_group"]

#: More marks, or more digits, than a page of handwriting has: comparing all of them would take minutes.
MOST_PARTS, MOST_DIGITS = 1000, 200


def measure_parts(page):
    """Return boxes (n, 4) as top, left, bottom, right; areas (n,); and the numbers of a page's parts."""
    areas = np.bincount(page.parts.ravel())
    numbers = 1 + np.flatnonzero(areas[1:])
    found = ndimage.find_objects(page.parts)
    corners = [[(one.start, one.stop) for one in found[number - 1]] for number in numbers]
    return np.array(corners).transpose(0, 2, 1).reshape(-1, 4), areas[numbers], numbers


def gap(one, other):
    """Return how many pixels are between two boxes; 0 if they touch or overlap."""
    down = max(one[0], other[0]) - min(one[2], other[2])
    across = max(one[1], other[1]) - min(one[3], other[3])
    return max(down, across, 0)


def joined(one, other):
    """Return the box around two boxes."""
    return min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])


def main_group(page):
    """Return the numbers of the parts of the largest digit: the largest part, and what is near it."""
    boxes, areas, numbers = measure_parts(page)
    first = int(np.argmax(areas))
    group, box = {first}, boxes[first]
    at_edge = (boxes[:, :2] == 0).any(axis=1) | (boxes[:, 2:] == page.parts.shape).any(axis=1)
    outside = at_edge & ~at_edge[first]  # what runs into the edge where the digit does not
    while True:
        size = max(box[2] - box[0], box[3] - box[1])
        near = {
            k
            for k in range(len(numbers))
            if k not in group and not outside[k] and areas[k] > 0.02 * areas[first] and gap(box, boxes[k]) < 0.2 * size
        }
        if not near:
            return [int(numbers[k]) for k in group]
        for k in near:
            box = joined(box, boxes[k])
        group |= near


def group_parts(page):
    """Put the parts of each digit together: a list of boxes (top, left, bottom, right) and lists of parts' numbers.

    ScanError if there are too many of them: noise, or print.
    """
    boxes, areas, numbers = measure_parts(page)
    if len(numbers) > MOST_PARTS:
        raise ScanError(crowded(len(numbers), "marks"))
    tall = float(np.percentile(boxes[:, 2] - boxes[:, 0], 90))
    groups = []  # no two of them belong together
    for box, area, number in zip(boxes.tolist(), areas.tolist(), numbers.tolist(), strict=True):
        part = [number]
        k = 0
        while k < len(groups):
            other, more, space = groups[k]
            if belong(box, area, other, space, tall):
                del groups[k]
                box, part, area = joined(box, other), part + more, area + space
                k = 0  # a larger group may belong to those that the smaller one did not
            else:
                k += 1
        groups.append((box, part, area))
    found = [(box, part) for box, part, _ in groups if max(box[2] - box[0], (box[3] - box[1]) / 2) > 0.35 * tall]
    if len(found) > MOST_DIGITS:
        raise ScanError(crowded(len(found), "shapes"))
    return found


def crowded(count, what):
    """Return the sentence for a picture with far too much on it."""
    return (
        f"There are {count:,} separate {what} on this picture, too many for a page of digits. "
        "Cut out the part with the digits, or take the photo with more light and on plain paper."
    )


def belong(box, area, other, space, tall):
    """Return whether two parts are strokes of one digit: one above the other, or a small one right beside."""
    across = min(box[3], other[3]) - max(box[1], other[1])
    narrow = min(box[3] - box[1], other[3] - other[1])
    distance = gap(box, other)
    height = joined(box, other)[2] - joined(box, other)[0]
    stacked = across > 0.4 * narrow and distance < 0.2 * tall and height < 1.4 * tall
    beside = min(area, space) < 0.4 * max(area, space) and distance < 0.08 * tall
    return stacked or beside


def in_reading_order(groups):
    """Sort the groups of `group_parts` line by line. A digit is on a line if its middle is beside the last one."""
    lines = []
    for box, numbers in sorted(groups, key=lambda group: group[0][0] + group[0][2]):
        middle = (box[0] + box[2]) / 2
        for line in lines:
            top, bottom = line[-1][0][0], line[-1][0][2]
            if top <= middle <= bottom:
                line.append((box, numbers))
                break
        else:
            lines.append([(box, numbers)])
    return [group for line in lines for group in sorted(line, key=lambda group: group[0][1])]


def group_slices(page, group):
    """Return rows and columns of the box around some parts, as slices."""
    found = ndimage.find_objects(page.parts)
    boxes = [found[number - 1] for number in group]
    return tuple(slice(min(box[k].start for box in boxes), max(box[k].stop for box in boxes)) for k in (0, 1))
