"""Synthetic photos of handwriting: digits on paper, with the faults of a phone's camera.

Each photo starts from a digit's 28 × 28 pixels, drawn large with a pen of some width and colour on plain, squared or
ruled paper (or chalk on a board), then seen at an angle, in uneven light and shadow, out of focus, with the
camera's noise, and kept as JPEG or PNG.
"""

from io import BytesIO

import numpy as np
from PIL import Image
from scipy import ndimage

PAPERS = ("plain", "squared", "ruled", "board", "recycled")
PENS = ((20, 20, 25), (25, 45, 150), (170, 25, 30), (20, 110, 60), (90, 90, 95), (110, 40, 130))
CHALKS = ((240, 240, 235), (250, 235, 120), (150, 220, 250))


def grown(digit, height, pen):
    """Return a digit's strokes, `height` pixels high, as ink from 0 to 1; wider by `pen`, in MNIST's pixels."""
    rows, columns = np.flatnonzero((digit > 0).any(1)), np.flatnonzero((digit > 0).any(0))
    cut = np.pad(digit[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], 3)
    times = height / 20
    size = (max(8, round(cut.shape[1] * times)), max(8, round(cut.shape[0] * times)))
    large = np.asarray(Image.fromarray(cut).resize(size, Image.Resampling.BICUBIC)).astype(float) / 255
    inside = ndimage.gaussian_filter(large, 0.25 * times) > 0.45
    depth = ndimage.distance_transform_edt(inside) - ndimage.distance_transform_edt(~inside)
    return np.clip(depth + pen * times / 2 + 0.5, 0, 1)


def paper_of(kind, size, generator):
    """Return an empty sheet, float (height, width, 3), 0 to 255, with its lines."""
    height, width = size
    base = {"board": (45, 70, 55), "recycled": (205, 198, 180)}.get(kind, (238, 237, 232))
    sheet = np.ones((height, width, 3)) * base
    grain = ndimage.gaussian_filter(generator.normal(0, 1, (height, width)), generator.uniform(0.5, 2))
    sheet += (grain / grain.std() * (5 if kind == "recycled" else 2))[:, :, None]
    distance = max(12, round(min(size) * generator.uniform(0.06, 0.16)))
    colour = np.array([(165, 190, 225), (190, 190, 195), (225, 175, 180)][generator.integers(3)])
    thick = max(1, round(min(size) / 400))
    start = generator.integers(distance)
    if kind in ("squared", "ruled"):
        for k in range(thick):
            sheet[start + k :: distance] = colour
            if kind == "squared":
                sheet[:, start + k :: distance] = colour
    return sheet


def lit(sheet, generator):
    """Return a sheet in light from one side, and often in the soft shadow of a hand or phone."""
    height, width = sheet.shape[:2]
    rows, columns = np.mgrid[:height, :width]
    angle = generator.uniform(0, 2 * np.pi)
    across = (np.cos(angle) * (columns / width - 0.5) + np.sin(angle) * (rows / height - 0.5)) * 1.4
    light = 1 - generator.uniform(0, 0.45) * (0.5 + across)
    if generator.random() < 0.5:
        angle, place = generator.uniform(0, 2 * np.pi), generator.uniform(-0.3, 0.3)
        edge = np.cos(angle) * (columns / width - 0.5) + np.sin(angle) * (rows / height - 0.5) - place
        light *= 1 - generator.uniform(0.15, 0.5) / (
            1 + np.exp(np.clip(-edge / generator.uniform(0.01, 0.08), -50, 50))
        )
    return sheet * light[:, :, None] * np.array([1, generator.uniform(0.94, 1), generator.uniform(0.82, 1)])


def seen_from_aside(sheet, generator, fill):
    """Return a sheet as an image, with a small change of perspective and a small turn."""
    height, width = sheet.shape[:2]
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], float)
    moved = corners + generator.uniform(-0.05, 0.05, (4, 2)) * (width, height)
    turn = np.radians(generator.uniform(-6, 6))
    middle = np.array([width, height]) / 2
    moved = (moved - middle) @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]) + middle
    moved = middle + 0.88 * (moved - middle)  # only what is on the sheet is seen
    equations, values = [], []
    for (x, y), (u, v) in zip(corners, moved, strict=True):
        equations += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    wanted = np.linalg.solve(np.array(equations), np.array(values))
    image = Image.fromarray(sheet.clip(0, 255).astype(np.uint8))
    return image.transform(image.size, Image.Transform.PERSPECTIVE, wanted, Image.Resampling.BICUBIC, fillcolor=fill)


def photograph(digits, generator, kind=None, size=None):
    """Return a photo of digits in a row, as the bytes of a JPEG or PNG file.

    Parameters
    ----------
    digits : ndarray, uint8, shape (n, 28, 28)
    generator : numpy.random.Generator
    kind : str, optional
        One of PAPERS.
    size : (int, int), optional
        Height and width in pixels.
    """
    kind = kind or PAPERS[generator.integers(len(PAPERS))]
    if size is None:
        longer = int(generator.integers(240, 1300))
        size = (round(0.75 * longer), longer) if len(digits) > 1 or generator.random() < 0.5 else (longer, longer)
    height, width = size
    sheet = paper_of(kind, size, generator)
    room = 0.8 * width / len(digits)
    digit_height = min(generator.uniform(0.3, 0.62) * height, 0.8 * room)
    pens = CHALKS if kind == "board" else PENS
    colour = np.array(pens[generator.integers(len(pens))])
    pen, strength = generator.uniform(-1.0, 1.2), generator.uniform(0.75, 1)
    left = 0.1 * width
    for digit in digits:
        ink = grown(digit, digit_height * generator.uniform(0.85, 1.1), pen)
        spare = max(0.0, room - ink.shape[1])
        column = int(left + spare * generator.uniform(0.3, 0.7))
        row = int((height - ink.shape[0]) * (generator.uniform(0.3, 0.7) if len(digits) == 1 else 0.5))
        row += int(generator.uniform(-0.02, 0.02) * height)
        place = sheet[max(row, 0) : row + ink.shape[0], column : column + ink.shape[1]]
        cover = (strength * ink)[-place.shape[0] :, : place.shape[1], None]
        place[:] = (1 - cover) * place + cover * colour
        left += room
    fill = tuple(int(value) for value in np.median(sheet, axis=(0, 1)))
    photo = np.asarray(seen_from_aside(lit(sheet, generator), generator, fill)).astype(float)
    photo = ndimage.gaussian_filter(photo, (*[generator.uniform(0.2, 0.0022 * width + 0.3)] * 2, 0))
    photo += generator.normal(0, generator.uniform(0.5, 6), photo.shape)
    kept = BytesIO()
    image = Image.fromarray(photo.clip(0, 255).astype(np.uint8))
    form = ("JPEG", "PNG")[int(generator.random() < 0.25)]
    image.save(kept, form, **({"quality": int(generator.integers(45, 95))} if form == "JPEG" else {}))
    return kept.getvalue()
