"""Recognize what looks like ink but is not a digit: ruled lines, frames, a table beside the paper, the paper itself."""

import numpy as np
from scipy import ndimage

__all__ = ["TOUCHING", "along_the_edge", "find_sheet", "frames", "without_lines"]

TOUCHING = np.ones((3, 3))  # pixels that touch at a corner belong together


def without_lines(mask):
    """Remove lines that run into the picture's edge and along half of it: ruled paper, frames."""
    lines, thickest = np.zeros_like(mask), 0
    for axis in (0, 1):
        one, part = (mask.T, lines.T) if axis else (mask, lines)
        width = one.shape[1]
        near = max(1, round(0.03 * width))
        if not (one[:, :near].any() or one[:, -near:].any()):
            continue
        runs = opened_along(one, max(12, width // 16))
        if not runs.any():
            continue
        numbers, _ = ndimage.label(runs, TOUCHING)
        for number, (rows, columns) in enumerate(ndimage.find_objects(numbers), start=1):
            line = numbers[rows, columns] == number
            long, thick = line.shape[1], line.sum(axis=0)
            reaches = columns.start <= near or columns.stop >= width - near
            if reaches and long > 0.5 * width and np.median(thick) < max(3, 0.025 * width):
                bare = thick < 1.6 * np.median(thick) + 1  # where it is thicker, a stroke lies on it
                part[rows, columns] |= line & bare
                thickest = max(thickest, int(np.median(thick)))
    if not lines.any():
        return mask
    around = ndimage.binary_dilation(lines, TOUCHING)
    left = mask & ~around
    # Where a line crossed a stroke, the stroke is put together again.
    reach = thickest + 4
    closed = ndimage.binary_closing(np.pad(left, reach), np.ones((reach, reach)))[reach:-reach, reach:-reach]
    return left | (closed & around & mask)


def opened_along(mask, length):
    """Keep only those pixels of a mask that lie in a row of at least `length`."""
    narrow = ndimage.minimum_filter1d(mask.view(np.uint8), length, axis=1, mode="nearest")
    return ndimage.maximum_filter1d(narrow, length, axis=1, origin=-1 if length % 2 == 0 else 0).astype(bool) & mask


def along_the_edge(parts, area, boxes, dropped):
    """Return the numbers of what is along the picture's edge, such as a table, if a digit is elsewhere."""
    height = len(parts)
    along = set()
    for edge in (parts[0], parts[-1], parts[:, 0], parts[:, -1]):
        counts = np.bincount(edge, minlength=len(area))
        along |= set(np.flatnonzero(counts > 0.3 * len(edge))) - {0}
    others = set(range(1, len(area))) - along - dropped
    tall = [n for n in others if boxes[n - 1][0].stop - boxes[n - 1][0].start > 0.08 * height]
    return along if tall else set()


def frames(parts, area, boxes, dropped):
    """Return the numbers of boxes drawn around something: their ink is along their edge, and other ink inside."""
    found = set()
    for number in set(np.flatnonzero(area > 0.2 * area.max())) - dropped:
        inside = parts[boxes[number - 1]]
        margin = max(3, round(0.12 * min(inside.shape)))
        inside = inside[margin:-margin, margin:-margin]
        others = np.isin(inside, [0, number, *dropped], invert=True).sum()
        if others > 0.05 * area[number] and (inside == number).sum() < 0.1 * area[number]:
            found.add(int(number))
    return found


def find_sheet(parts):
    """Find a small sheet of paper on a table, which looks like one large stroke with a digit-shaped hole.

    Returns a mask of the sheet without its edge; None if the largest part is not a sheet.
    """
    area = np.bincount(parts.ravel())
    area[0] = 0
    largest = int(area.argmax())
    if area[largest] < 0.04 * parts.size:
        return None
    rows, columns = ndimage.find_objects(parts)[largest - 1]
    part = parts[rows, columns] == largest
    if area[largest] < 0.5 * part.size:
        return None
    filled = ndimage.binary_fill_holes(part)
    holes, _ = ndimage.label(filled & ~part, TOUCHING)
    sizes = np.bincount(holes.ravel())
    sizes[0] = 0
    if filled.mean() < 0.7 or not 0.003 < sizes.max() / filled.sum() < 0.3:
        return None
    hole = holes[ndimage.find_objects(holes)[int(sizes.argmax()) - 1]] == sizes.argmax()
    stroke = min(hole.shape) < 0.4 * max(hole.shape) and filled.mean() > 0.82  # a 1 on a sheet; 0 is rounder outside
    if hole.mean() > 0.55 and not stroke:  # the hole of a 0, 6, 8 or 9
        return None
    sheet = np.zeros(parts.shape, bool)
    sheet[rows, columns] = ndimage.binary_erosion(filled, TOUCHING, iterations=max(3, max(parts.shape) // 150))
    return sheet
