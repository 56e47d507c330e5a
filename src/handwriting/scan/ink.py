"""Find the ink on a picture: on paper or a board, in shadow, between ruled lines, on a note that lies on a table."""

from dataclasses import dataclass

import numpy as np
from PIL import Image
from scipy import ndimage

from handwriting.errors import ScanError
from handwriting.scan.boxes import printed_lines
from handwriting.scan.clutter import along_the_edge, beside_the_paper, find_sheet, frames, remains
from handwriting.scan.image_file import open_image
from handwriting.scan.lines import TOUCHING

FAINTEST = 0.09  # share of the paper's light that ink must absorb


@dataclass
class Page:
    """A picture, and the ink on it."""

    colours: np.ndarray  # uint8, shape (height, width, 3)
    ink: np.ndarray  # float32, shape (height, width): 0 for paper, about 1 in the middle of a stroke
    light: bool  # whether ink is lighter than the paper
    parts: np.ndarray  # of int, shape (height, width): a number for connected strokes, 0 for what cannot be a digit
    scale: float  # pixels of the original per pixel of these arrays


def find_ink(image):
    """Open a picture and find the ink on it: return a Page, with at least one part."""
    colours, scale = open_image(image)
    if max(colours.shape) < 100:
        times = -(-100 // max(colours.shape))
        colours = resized(colours, [times * side for side in colours.shape[1::-1]], "BICUBIC")
        scale /= times
    page = ink_of(colours, scale)
    sheet = find_sheet(page.parts)
    if sheet is None:
        return page
    inside = np.where(sheet[:, :, None], colours, np.median(colours[sheet], axis=0).astype(np.uint8))
    page = ink_of(inside, scale)
    page.colours = colours
    return page


def ink_of(colours, scale):
    """Return the ink on a picture that shows nothing but paper, as a Page."""
    absorbed, light = measure_ink(colours)
    floor = floor_of(absorbed)
    lines, around = printed_lines(absorbed, absorbed > floor)
    if lines is not None:
        absorbed = np.where(lines, 0, absorbed)
    for _ in range(4):  # a dark edge hides what is fainter, perhaps another edge
        ink, mask = find_strokes(absorbed, floor)
        edge = beside_the_paper(mask, absorbed > floor)
        if edge is None:
            break
        absorbed = np.where(edge, 0, absorbed)
    return Page(colours, ink, light, find_parts(mask, around), scale)


def measure_ink(colours):
    """Measure how much of the paper's light each pixel absorbs (or, on dark paper, adds), by its strongest colour.

    The paper is what closes over the strokes: the brightest (or darkest) value near each place, found in a small
    copy. It follows shadows and uneven light, because their edges are longer than any stroke is wide. Returns float32
    (height, width), and whether ink is lighter than the paper: most places near ink are paper.
    """
    height, width = colours.shape[:2]
    if all(np.array_equal(colours[:, :, 0], colours[:, :, k]) for k in (1, 2)):  # grey: a third of the work
        colours = colours[:, :, :1]
    times = max(1, min(max(height, width) // 96, min(height, width) // 8))
    small = shrink(colours, times)
    small = ndimage.median_filter(small, (3, 3, 1), mode="nearest")
    window = (max(3, round(0.36 * min(small.shape[:2]))),) * 2 + (1,)
    bands = inside_bands(small)
    inside = small[bands]
    brightest = ndimage.maximum_filter(inside, window, mode="nearest")
    darkest = ndimage.minimum_filter(inside, window, mode="nearest")
    light = bool((brightest - inside).mean() > (inside - darkest).mean())
    if light:
        paper = ndimage.maximum_filter(ndimage.minimum_filter(inside, window, mode="nearest"), window, mode="nearest")
    else:
        paper = ndimage.minimum_filter(ndimage.maximum_filter(inside, window, mode="nearest"), window, mode="nearest")
    cut = [(band.start, length - band.stop) for band, length in zip(bands, small.shape, strict=False)]
    paper = np.pad(paper, [*cut, (0, 0)], mode="edge")
    paper = ndimage.gaussian_filter(paper, (1.5, 1.5, 0), mode="nearest")
    absorbed = None
    for k in range(colours.shape[2]):
        ground = resized(paper[:, :, k], (width, height))
        span = np.maximum(255 - ground if light else ground, 64)  # in the dark, small differences are noise
        one = (colours[:, :, k] - ground) * (1 if light else -1) / span
        absorbed = one if absorbed is None else np.maximum(absorbed, one)
    for axis, band in enumerate(bands):
        view, edges = np.swapaxes(absorbed, 0, axis), np.swapaxes(small, 0, axis)
        for edge, near in (
            (edges[: band.start], view[: times * (band.start + 2)]),
            (edges[band.stop :], view[times * (band.stop - 2) :]),
        ):
            if edge.size and (edge.mean() > np.median(small)) != light:  # what is beside it looks like ink
                near[:] = 0
    return smooth(absorbed), light


def inside_bands(small):
    """Return the slices that leave out bands at a picture's edges: a table, a frame.

    They are even and far brighter or darker than most of the picture, or patterned and show no paper.
    """
    grey, cut = small.mean(axis=2), []
    usual = np.median(grey)
    for axis in (1, 0):
        low, middle, high = np.percentile(grey, (5, 50, 95), axis=axis)
        even = (np.abs(middle - usual) >= 40) & (high - low <= 20)
        others = np.flatnonzero(~even & (high > usual - 40) & (low < usual + 40))
        first, last = (others[0], others[-1]) if len(others) else (0, len(middle) - 1)
        if abs(middle[max(0, first - 2)] - middle[min(first + 1, last)]) < 25:  # light that fades, no band
            first = 0
        if abs(middle[min(len(middle) - 1, last + 2)] - middle[max(last - 1, first)]) < 25:
            last = len(middle) - 1
        cut.append(slice(first, last + 1))
    return tuple(cut)


def shrink(colours, times):
    """Average blocks of pixels of a picture (height, width, colours), as float32."""
    small = np.asarray(Image.fromarray(colours.squeeze()).reduce(times), np.float32)
    return small.reshape(*small.shape[:2], -1)


def resized(values, size, way="BILINEAR"):
    """Enlarge a picture, uint8, or float32 values of shape (height, width), to size (width, height)."""
    return np.asarray(Image.fromarray(values).resize(size, Image.Resampling[way]))


def smooth(values):
    """Remove the grain of paper and camera; small pictures have none."""
    grain = max(values.shape) / 1000
    return values if grain < 0.5 else ndimage.gaussian_filter(values, grain, mode="nearest", truncate=3)


def floor_of(absorbed):
    """Return how strong ink must be to stand out above the paper's grain."""
    sample = absorbed[:: max(1, absorbed.shape[0] // 300), :: max(1, absorbed.shape[1] // 300)]
    middle = np.median(sample)
    grain = 1.4826 * np.median(np.abs(sample - middle))  # a standard deviation, were the grain normal
    return max(FAINTEST, middle + 5 * min(grain, 0.1))


def find_strokes(absorbed, floor):
    """Find what stands out above the paper's grain: ink from 0 to 1, and a mask. ScanError if nothing does.

    Strokes begin where ink is about half as strong as in their middle. If something then reaches from side to side,
    it may be squared paper that is fainter than the pen: a higher bar is tried first, then a higher measure of what
    full ink is, because the squares can have more pixels than the digit.
    """
    standing_out = absorbed[absorbed > floor]
    if standing_out.size < 8:
        raise ScanError("There is nothing to read: no ink stands out. Use a darker pen, or move closer for the photo.")
    first, *others = np.percentile(standing_out, (85, 95, 99, 99.8))
    for level in [first, *(other for other in others if other > 1.25 * first)]:
        for bar in (0.45, 0.55, 0.65, 0.75, 0.85):
            mask = absorbed > bar * level
            if not spans(mask):
                return np.clip(absorbed / level, 0, 1), mask
    return np.clip(absorbed / first, 0, 1), absorbed > 0.45 * first


def spans(mask):
    """Return whether something reaches from side to side, or a lot runs into the edges: squared paper."""
    if not any(edge.any() for edge in (mask[0], mask[-1], mask[:, 0], mask[:, -1])):
        return False  # the usual case, and a quick check
    parts, _ = ndimage.label(mask, TOUCHING)
    top, bottom, left, right = (set(np.unique(edge)) - {0} for edge in (parts[0], parts[-1], parts[:, 0], parts[:, -1]))
    return bool(top & bottom or left & right) or len(top | bottom | left | right) > 8


def find_parts(mask, around=None):
    """Number the connected strokes, without frames, specks and what is left of printed lines `around`."""
    parts, _ = ndimage.label(mask, TOUCHING)
    area = np.bincount(parts.ravel())
    area[0] = 0
    if area.max() < 4:
        raise ScanError("There is nothing to read except lines or specks. Draw a larger digit, away from the edge.")
    drop = set(np.flatnonzero(area < max(4, 0.01 * area.max())))
    boxes = ndimage.find_objects(parts)
    drop |= along_the_edge(parts, area, boxes, drop) | frames(parts, area, boxes, drop)
    if around is not None:
        drop |= remains(parts, area, boxes, around)
    keep = np.ones(len(area), bool)
    keep[list(drop | {0})] = False
    return np.where(keep[parts], parts, 0)
