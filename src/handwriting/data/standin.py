"""Digits for work without a network: 70,000 images of MNIST's kind from scikit-learn's 1,797.

scikit-learn ships small scans, 8x8 pixels with 17 grey levels, of digits that 13 people wrote: the
test part of E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine
Learning Repository (1998), https://doi.org/10.24432/C50P49. Each of their pixels counts the ink in a
4x4 block of a 32x32 bitmap. Here the strokes are estimated from those counts; `distort.py` draws the
images from them.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from scipy import ndimage

from handwriting.data.distort import HEIGHT, MARGIN, draw_parts, even_out
from handwriting.data.split import VALIDATION_SHARE

BITMAP = 32  # side of the bitmap that was counted in blocks
FINER = HEIGHT // BITMAP  # how much finer the grid of strokes is
LEVEL = 0.42  # of the estimated ink, where a stroke's edge lies

#: The first scan of each sheet. Everyone copied the same 130 digits, and some scans are missing, so the labels show
#: where a sheet begins. There are 14 sheets, though the documentation counts 13 people; no two of them look as if one
#: person wrote both. (scikit-learn's course has the same list, https://inria.github.io/scikit-learn-mooc, "Sample
#: grouping", but for 915: the nine scans before it belong to the later sheet, by their labels and their looks.)
SHEETS = (0, 130, 256, 386, 516, 646, 776, 906, 1029, 1157, 1287, 1415, 1545, 1667)
TEST, VALIDATION = (2, 7, 12), (4, 9)  # every fifth sheet: neither the easiest nor the hardest


def make_standin(train=60_000, test=10_000, seed=0):
    """Draw the stand-in for MNIST: return x_train, y_train, x_test and y_test.

    Images are uint8 (n, 28, 28), light ink on 0; labels uint8 (n,). Test images, the last twelfth of the training
    images, which is for validation, and the others are drawn from different people's digits. The same seed gives the
    same images.
    """
    from sklearn.datasets import load_digits

    scans, labels = load_digits(return_X_y=True)
    sheet = np.searchsorted(SHEETS, np.arange(len(labels)), side="right") - 1
    tested, held_out = np.isin(sheet, TEST), np.isin(sheet, VALIDATION)
    validation = max(1, train // VALIDATION_SHARE)
    counts = [(~tested & ~held_out, train - validation), (held_out, validation), (tested, test)]
    originals = [(np.flatnonzero(chosen)[:count], count) for chosen, count in counts]
    drawn = np.unique(np.concatenate([chosen for chosen, _ in originals]))
    with ThreadPoolExecutor() as pool:
        parts = np.array_split(scans[drawn].reshape(-1, 8, 8) / 16, min(8, len(drawn)))
        strokes = np.concatenate(list(pool.map(estimate_strokes, parts)))
    originals = [(np.searchsorted(drawn, chosen), count) for chosen, count in originals]
    x, y, x_validation, y_validation, *tests = draw_parts(strokes, labels[drawn], originals, seed)
    return np.concatenate([x, x_validation]), np.concatenate([y, y_validation]), *tests


def estimate_strokes(scans, rounds=12):
    """Estimate the strokes as they were before their ink was counted in blocks: scans (n, 8, 8) from 0 to 1.

    Smoothing, raising the contrast and restoring the known amount of ink in each block, repeated, leads to strokes
    with clear edges that agree with the scan. Returns what `handwriting.data.distort.even_out` returns.
    """
    block = BITMAP // 8
    counts = enlarge(scans.astype(np.float32), block)
    ink = counts
    for _ in range(rounds):
        ink = ndimage.gaussian_filter(ink, (0, 1, 1), truncate=3)
        ink = np.clip(0.5 + 1.6 * (ink - LEVEL), 0, 1)
        counted = ink.reshape(-1, 8, block, 8, block).mean(axis=(2, 4))
        ink = np.clip(ink + counts - enlarge(counted, block), 0, 1)
    free = (MARGIN // FINER, MARGIN // FINER)
    ink = enlarge(np.pad(ink, ((0, 0), free, free)), FINER)
    return even_out(ndimage.gaussian_filter(ink, (0, 2, 2), truncate=3) > LEVEL)


def enlarge(images, times):
    """Repeat each pixel of images (n, height, width) in both directions."""
    return images.repeat(times, axis=1).repeat(times, axis=2)
