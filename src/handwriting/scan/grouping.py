"""Group the strokes on a page into digits, and put the digits in reading order."""

import numpy as np
from scipy import ndimage

from handwriting.errors import ScanError

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
    check_count(len(numbers), MOST_PARTS, "marks")
    tall = float(np.percentile(boxes[:, 2] - boxes[:, 0], 90))
    groups = [
        (box, [number], area)
        for box, number, area in zip(*(one.tolist() for one in (boxes, numbers, areas)), strict=True)
    ]
    for belong in (stacked, beside):
        groups = put_together(groups, belong, tall)
    thick = [area / max(box[2] - box[0], box[3] - box[1]) for box, _, area in groups]
    least = 0.35 * np.median(thick)  # a hairline beside digits is the edge of something
    found = [
        (box, part)
        for (box, part, _), one in zip(groups, thick, strict=True)
        if one > least and is_digit(page, box, part, tall)
    ]
    check_count(len(found), MOST_DIGITS, "shapes")
    return found


def is_digit(page, box, part, tall):
    """Return whether a group could be a digit beside digits that are `tall`: no dot, no bar; perhaps a small zero."""
    height, width = box[2] - box[0], box[3] - box[1]
    if width > 2.5 * tall and height < 0.35 * tall:
        return False
    if max(height, width / 2) > 0.35 * tall:
        return True
    if height < 0.18 * tall:
        return False
    rows, columns = group_slices(page, part)
    strokes = np.isin(page.parts[rows, columns], part)
    return ndimage.binary_fill_holes(strokes).sum() > 1.12 * strokes.sum()


def check_count(count, most, what):
    """Raise ScanError for a picture with far too much on it."""
    if count > most:
        hint = "Crop it to the digits, or take the photo with more light and on plain paper."
        raise ScanError(f"This picture has {count:,} separate {what}, too many for a page of digits. {hint}")


def put_together(groups, belong, tall):
    """Join groups, each (box, numbers, area), until no two of them belong together."""
    apart = []
    for box, part, area in groups:
        k = 0
        while k < len(apart):
            other, more, space = apart[k]
            if belong(box, area, other, space, tall):
                del apart[k]
                box, part, area = joined(box, other), part + more, area + space
                k = 0  # a larger group may belong to those that the smaller one did not
            else:
                k += 1
        apart.append((box, part, area))
    return apart


def stacked(box, _area, other, _space, tall):
    """Return whether two parts are strokes of one digit, one above the other."""
    across = min(box[3], other[3]) - max(box[1], other[1])
    narrow = min(box[3] - box[1], other[3] - other[1])
    height = joined(box, other)[2] - joined(box, other)[0]
    return across > 0.4 * narrow and gap(box, other) < 0.2 * tall and height < 1.4 * tall


def beside(box, area, other, space, tall):
    """Return whether two parts are strokes of one digit, a small one right beside a taller one."""
    low, high = sorted((box[2] - box[0], other[2] - other[0]))
    return low < 0.65 * high and min(area, space) < 0.4 * max(area, space) and gap(box, other) < 0.08 * tall


def in_lines(groups):
    """Put the groups of `group_parts` into lines, from left to right: a list of lists.

    A digit is on the line whose last digit is most beside it. Lines may rise or sink.
    """
    lines = []
    for group in sorted(groups, key=lambda group: group[0][1]):
        box, best = group[0], None
        for line in lines:
            last = line[-1][0]
            shared = min(box[2], last[2]) - max(box[0], last[0])
            share = shared / max(1, min(box[2] - box[0], last[2] - last[0]))
            if share > 0.4 and (best is None or share > best[0]):
                best = share, line
        if best is None:
            lines.append([group])
        else:
            best[1].append(group)
    return sorted(lines, key=lambda line: np.mean([box[0] + box[2] for box, _ in line]))


def group_slices(page, group):
    """Return rows and columns of the box around some parts, as slices."""
    found = ndimage.find_objects(page.parts)
    boxes = [found[number - 1] for number in group]
    return tuple(slice(min(box[k].start for box in boxes), max(box[k].stop for box in boxes)) for k in (0, 1))
