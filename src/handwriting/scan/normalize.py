"""Bring one digit to MNIST's form: strokes as wide, 20 × 20 pixels, the centre of mass in the middle of 28 × 28."""

import numpy as np
from PIL import Image
from scipy import ndimage

from handwriting.errors import ScanError
from handwriting.scan.grouping import group_slices, main_group

BOX, SIDE = 20, 28  # pixels: a digit's longer side, and the image's side, in MNIST
#: Width of a pen's stroke in pixels. In 3,000 of MNIST's training images, half are between 2.1 and 3.0.
THINNEST, THICKEST = 2.2, 3.2
EDGE = 1.3  # pixels from full ink to none, as in MNIST, where half of a digit's pixels are edges
FINE = 5  # times finer than MNIST's pixels: the grid on which a stroke's width is measured and changed


def cut_out(page, group=None):
    """Cut one digit out of a page: its ink, float32, with a margin of two pixels, and a mask of its strokes."""
    group = group or main_group(page)
    rows, columns = group_slices(page, group)
    wanted = np.zeros(page.parts.max() + 1, bool)
    wanted[group] = True
    inside = np.pad(wanted[page.parts[rows, columns]], 2)
    wide = ndimage.binary_dilation(inside, np.ones((3, 3)), iterations=2)  # with the strokes' soft edges
    ink = np.pad(page.ink, 2)[rows.start : rows.stop + 4, columns.start : columns.stop + 4]
    return np.where(wide, ink, 0).astype(np.float32), inside


def depth_of(ink, mask):
    """Return how far inside a stroke each point is, negative outside: in MNIST's pixels, on a grid FINE times finer."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    longer = max(np.ptp(rows), np.ptp(columns)) + 1
    share = FINE * (BOX - 1) / longer
    size = [max(1, round(side * share)) for side in ink.shape[::-1]]
    small = Image.fromarray(ink).resize(size, Image.Resampling.BOX if share < 1 else Image.Resampling.BICUBIC)
    small = np.pad(np.asarray(small), 3 * FINE)
    inside = small > min(0.5, 0.6 * small.max())
    distance = ndimage.distance_transform_edt
    return (distance(inside) - distance(~inside)).astype(np.float32) / FINE


def width_of(depth):
    """Return the strokes' usual width in MNIST's pixels: twice the depth along their middle."""
    ridge = (depth > 0) & (depth >= ndimage.maximum_filter(depth, 3))
    return 2 * float(np.median(depth[ridge])) if ridge.any() else 0.0


def thicken(ink, mask):
    """Redraw a digit with strokes as wide as MNIST's: ink from 0 to 1, and `depth_of`, both FINE times finer."""
    depth = depth_of(ink, mask)
    width = width_of(depth)
    depth = depth + (np.clip(width, THINNEST, THICKEST) - width) / 2
    return np.clip(depth / EDGE + 0.5, 0, 1), depth


def fit(ink, mask):
    """Scale a digit into 20 × 20 and put its centre of mass into the middle of 28 × 28."""
    strokes, depth = thicken(ink, mask)
    rows, columns = np.flatnonzero((depth > 0).any(axis=1)), np.flatnonzero((depth > 0).any(axis=0))
    if len(rows) == 0:
        raise ScanError("The strokes are too faint to read. Use a darker or thicker pen.")
    middle = np.array(ndimage.center_of_mass(strokes))
    step = (max(np.ptp(rows), np.ptp(columns)) + 1) / (FINE * BOX)  # 1, unless the strokes were made wider
    # MNIST's middle lies between its pixels 13 and 14; the mean of its centres of mass is 14.
    lowest = np.array([rows[0], columns[0]]) - 0.5
    highest = np.array([rows[-1], columns[-1]]) + 0.5
    spacing = FINE * step
    first = middle - 14 * spacing
    first = np.minimum(first, lowest + 0.5 * spacing)  # nothing is cut off
    first = np.maximum(first, highest - (SIDE - 0.5) * spacing)
    blurred = ndimage.uniform_filter(strokes, max(1, round(spacing)), mode="constant")
    grid = np.mgrid[:SIDE, :SIDE] * spacing + first[:, None, None]
    seen = ndimage.map_coordinates(blurred, grid, order=1, mode="constant")
    return np.rint(255 * np.clip(seen / max(seen.max(), 1e-6), 0, 1)).astype(np.uint8)
