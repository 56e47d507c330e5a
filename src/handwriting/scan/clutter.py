"""Recognize what looks like ink but is not a digit: ruled lines, frames, a table beside the paper, the paper itself."""

import numpy as np
from scipy import ndimage

from handwriting.scan.lines import TOUCHING


def beside_the_paper(mask, faint):
    """Return a mask of what lies at the picture's edge, not a digit: a strip of table, a shadow. None if nothing is.

    That is: what is shallow, thicker than any stroke, or along a third of the edge, if a digit is elsewhere, perhaps
    fainter. `faint` is a mask of all that stands out from the paper.
    """
    if not any(edge.any() for edge in (mask[0], mask[-1], mask[:, 0], mask[:, -1])):
        return None
    parts, count = ndimage.label(mask, TOUCHING)
    boxes = np.array([[(one.start, one.stop) for one in box] for box in ndimage.find_objects(parts)])
    heights, widths = np.ptp(boxes, axis=2).T
    sides = ((parts[0], 0, 0), (parts[-1], 0, 1), (parts[:, 0], 1, 0), (parts[:, -1], 1, 1))
    touching = {k for edge, _, _ in sides for k in np.unique(edge)} - {0}
    inside = [k - 1 for k in range(1, count + 1) if k not in touching and heights[k - 1] > 0.05 * len(mask)]
    tall = np.percentile(heights[inside], 75) if inside else 0
    found = set()
    for edge, axis, _ in sides:
        deep, long = (heights, widths) if axis == 0 else (widths, heights)
        for k in set(np.unique(edge)) - {0}:
            shallow = deep[k - 1] < max(3, 0.02 * mask.shape[axis], 0.25 * tall) and long[k - 1] > 0.8 * deep[k - 1]
            if shallow or (edge == k).mean() > 0.3:
                found.add(k)
    if inside and touching - found:
        depth = ndimage.distance_transform_edt(mask)
        deepest = ndimage.maximum(depth, parts, np.arange(1, count + 1))
        usual = np.median(deepest[inside])
        found |= {k for k in touching - found if deepest[k - 1] > 2.2 * usual}
    if not found:
        return None
    edge = np.isin(parts, list(found))
    reach = max(3, round(0.05 * min(mask.shape)))
    edge = ndimage.binary_dilation(edge, TOUCHING, iterations=reach, mask=faint | edge)
    if inside:
        return edge if heights[inside].max() > 0.08 * len(mask) else None
    others, _ = ndimage.label(faint, TOUCHING)
    others[np.isin(others, others[edge])] = 0  # soft edges of the only stroke are not a digit
    sizes = filter(None, ndimage.find_objects(others))
    digit = any(rows.stop - rows.start > 0.08 * len(mask) for rows, _ in sizes)
    return edge if digit else None


def remains(parts, area, boxes, around):
    """Return the numbers of what is left of printed lines: it lies within their margin, and is smaller than a digit."""
    inside = np.bincount(parts[around], minlength=len(area))
    heights = np.array([0] + [box[0].stop - box[0].start for box in boxes])
    widths = np.array([0] + [box[1].stop - box[1].start for box in boxes])
    on_lines = inside > 0.8 * area
    digits = ~on_lines & (area > 0.1 * area.max())
    if not digits.any():
        return set()
    tall = np.median(heights[digits])
    small = on_lines & (np.maximum(heights, widths) < 0.5 * tall)
    straight = (inside > 0.9 * area) & (np.minimum(heights, widths) < 0.15 * np.maximum(heights, widths))
    return set(np.flatnonzero(small | straight)) - {0}


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
    if ndimage.distance_transform_edt(np.pad(part, 1)).max() < 0.12 * min(part.shape):
        return None  # as thin everywhere as the strokes of an 8
    hole = holes[ndimage.find_objects(holes)[int(sizes.argmax()) - 1]] == sizes.argmax()
    stroke = min(hole.shape) < 0.4 * max(hole.shape) and filled.mean() > 0.82  # a 1 on a sheet; 0 is rounder outside
    if hole.mean() > 0.55 and not stroke:  # the hole of a 0, 6, 8 or 9
        return None
    sheet = np.zeros(parts.shape, bool)
    sheet[rows, columns] = ndimage.binary_erosion(filled, TOUCHING, iterations=max(3, max(parts.shape) // 150))
    return sheet
