"""Read your own handwriting: turn a photo or a drawing into the 28 × 28 picture that the network knows.

A network can only read what looks like the pictures it learned from. MNIST's makers treated every digit alike
(Y. LeCun, C. Cortes and C. Burges, "The MNIST database of handwritten digits", http://yann.lecun.com/exdb/mnist/):
black-and-white digits were scaled into 20 × 20 pixels with their proportions kept, which left grey edges, and
were placed in 28 × 28 pixels with their centre of mass in the middle. `to_mnist` does the same to a picture of
yours, after it has found the ink in it.
"""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from handwriting.picture import ScanError, open_picture

__all__ = ["Digit", "ScanError", "find_digits", "show_steps", "steps", "to_mnist"]

BOX, SIDE = 20, 28  # pixels: a digit's longer side, and the picture's side, in MNIST
#: Width of a pen's stroke in pixels. In 3,000 of MNIST's training pictures, half lie between 2.1 and 3.0.
THINNEST, THICKEST = 2.2, 3.2
EDGE = 1.3  # pixels from full ink to none, as in MNIST, where half of a digit's pixels are edges
FINE = 5  # times finer than MNIST's pixels: the grid on which a stroke's width is measured and changed
FAINTEST = 0.09  # share of the paper's light that ink must swallow


@dataclass(frozen=True)
class Digit:
    """One digit that was found on a page.

    Attributes
    ----------
    image : ndarray, uint8, shape (28, 28)
        As the network expects it: light ink on 0.
    box : tuple of int
        Left, top, right, bottom in the original picture's pixels, once it is upright.
    """

    image: np.ndarray
    box: tuple


def to_mnist(image):
    """Turn a picture of one digit into what the network knows.

    The steps: open it upright; find the paper, and with it whether ink is darker or lighter; measure each pixel's
    ink; take out ruled lines, frames and specks; cut out the digit; bring its strokes to MNIST's width; scale it
    into 20 × 20 pixels with its proportions kept; put its centre of mass into the middle of 28 × 28. The last
    two are what MNIST's makers did (source: the head of this module).

    Parameters
    ----------
    image : str, path, bytes, PIL.Image.Image or ndarray
        A file, its contents, or an array: grey, RGB or RGBA, 0 to 1 or 0 to 255, from 8 × 8 pixels to 64 megapixels.
        If there is more than one thing on it, the largest is taken, with the parts beside it that belong to it.

    Returns
    -------
    ndarray, uint8, shape (28, 28)
        Light ink on 0.

    Raises
    ------
    ScanError
        If it is no picture, or there is nothing on it that could be a digit.
    """
    return fit(*cut_out(find_ink(image)))


def find_digits(image):
    """Find all digits on one picture, in reading order: line by line, from left to right.

    Parameters
    ----------
    image : as for `to_mnist`
        Digits must not touch one another.

    Returns
    -------
    list of Digit

    Raises
    ------
    ScanError
        As `to_mnist`.
    """
    page = find_ink(image)
    found = []
    for group in in_reading_order(group_parts(page)):
        rows, columns = group_slices(page, group)
        box = (columns.start, rows.start, columns.stop, rows.stop)
        found.append(Digit(fit(*cut_out(page, group)), tuple(round(side * page.scale) for side in box)))
    return found


def steps(image):
    """What happens to a picture on its way to the network, one picture per step.

    Parameters
    ----------
    image : as for `to_mnist`

    Returns
    -------
    list of (str, ndarray)
        A caption, and a picture: uint8 (height, width, 3) for the first, else float32 (height, width) with ink
        as 1 on 0; at last what `to_mnist` returns.
    """
    page = find_ink(image)
    ink, mask = cut_out(page)
    width = stroke_width(ink, mask)
    seen = fit(ink, mask)
    light = "lighter" if page.light else "darker"
    return [
        ("your picture", page.colours),
        (f"ink: what is {light} than the paper", page.ink),
        ("without lines and specks", np.where(page.parts > 0, page.ink, 0)),
        ("cut out", ink),
        (f"strokes of {width:.1f} pixels made {np.clip(width, THINNEST, THICKEST):.1f}", thicken(ink, mask)[0]),
        ("20 × 20, centred in 28 × 28", seen),
    ]


def show_steps(image, alt=None):
    """Show the steps of `steps` side by side: the last is what the network sees.

    Parameters
    ----------
    image : as for `to_mnist`
    alt : str, optional

    Returns
    -------
    matplotlib.figure.Figure
    """
    from matplotlib.figure import Figure

    from handwriting.visualize import describe

    done = steps(image)
    figure = Figure(figsize=(8.4, 5.6), layout="constrained")
    for number, (axes, (caption, picture)) in enumerate(zip(figure.subplots(2, 3).flat, done, strict=True), start=1):
        axes.imshow(picture, vmin=0, vmax=255 if picture.dtype == np.uint8 else 1)
        axes.set(title=f"{number}. {caption}", xticks=[], yticks=[])
        axes.title.set_size(9)
    told = "; ".join(caption for caption, _ in done)
    return describe(figure, alt or f"Six pictures, from a drawing to what the network sees: {told}")


@dataclass
class Page:
    """A picture, and the ink on it.

    Attributes
    ----------
    colours : ndarray, uint8, shape (height, width, 3)
    ink : ndarray, float32, shape (height, width)
        0 for paper, about 1 in the middle of a stroke.
    light : bool
        Whether ink is lighter than the paper.
    parts : ndarray of int, shape (height, width)
        0 for paper; connected strokes carry a number each. What can be no digit is 0 too.
    scale : float
        Pixels of the original per pixel of these.
    """

    colours: np.ndarray
    ink: np.ndarray
    light: bool
    parts: np.ndarray
    scale: float


# --- Where is ink? ---------------------------------------------------------------------------------------------


def find_ink(image):
    """Open a picture and find the ink on it: a Page, with at least one part."""
    colours, scale = open_picture(image)
    if max(colours.shape) < 100:
        times = -(-100 // max(colours.shape))
        colours = enlarge(colours, times)
        scale /= times
    swallowed, light = measure_ink(colours)
    ink, mask = find_strokes(swallowed)
    return Page(colours, ink, light, find_parts(mask), scale)


def enlarge(colours, times):
    """Enlarge a small picture smoothly."""
    from PIL import Image

    size = (colours.shape[1] * times, colours.shape[0] * times)
    return np.asarray(Image.fromarray(colours).resize(size, Image.Resampling.BICUBIC))


def measure_ink(colours):
    """How much of the paper's light each pixel swallows (or, on dark paper, adds), by its strongest colour.

    The paper is what closes over the strokes: the brightest (or darkest) value near each place, found in a small
    copy. It follows shadows and uneven light, because their edges are longer than any stroke is wide.

    Parameters
    ----------
    colours : ndarray, uint8, shape (height, width, 3)

    Returns
    -------
    swallowed : ndarray, float32, shape (height, width)
    light : bool
        Whether ink is lighter than the paper: most places near ink are paper.
    """
    height, width = colours.shape[:2]
    if (colours == colours[:, :, :1]).all():
        colours = colours[:, :, :1]
    small = shrink(colours, max(1, min(max(height, width) // 96, min(height, width) // 8)))
    small = ndimage.median_filter(small, (3, 3, 1), mode="nearest")
    window = (max(3, round(0.36 * min(small.shape[:2]))),) * 2 + (1,)
    brightest = ndimage.maximum_filter(small, window, mode="nearest")
    darkest = ndimage.minimum_filter(small, window, mode="nearest")
    light = bool((brightest - small).mean() > (small - darkest).mean())
    if light:
        paper = ndimage.maximum_filter(darkest, window, mode="nearest")
    else:
        paper = ndimage.minimum_filter(brightest, window, mode="nearest")
    paper = ndimage.gaussian_filter(paper, (1.5, 1.5, 0), mode="nearest")
    swallowed = None
    for k in range(colours.shape[2]):
        ground = resized(paper[:, :, k], (width, height))
        one = (colours[:, :, k] - ground) / np.maximum(255 - ground, 64) if light else (
            (ground - colours[:, :, k]) / np.maximum(ground, 64))  # fmt: skip
        swallowed = one if swallowed is None else np.maximum(swallowed, one)
    return smooth(swallowed), light


def shrink(colours, times):
    """Average blocks of pixels of a picture (height, width, colours)."""
    height, width = (side // times * times for side in colours.shape[:2])
    blocks = colours[:height, :width].reshape(height // times, times, width // times, times, -1)
    return blocks.mean(axis=(1, 3), dtype=np.float32)


def resized(values, size):
    """Values of float32, shape (height, width), enlarged to size (width, height)."""
    from PIL import Image

    return np.asarray(Image.fromarray(values).resize(size, Image.Resampling.BILINEAR))


def smooth(values):
    """Take out the grain of paper and camera; for small pictures, next to nothing."""
    return ndimage.gaussian_filter(values, max(values.shape) / 1000, mode="nearest", truncate=3)


def find_strokes(swallowed):
    """Find what stands out above the paper's grain.

    Strokes begin where ink is about half as strong as in their middle. If something then reaches from side to side,
    it may be squared paper that is fainter than the pen: a higher bar is tried first, then a higher measure of what
    full ink is, because the squares can have more pixels than the digit.

    Parameters
    ----------
    swallowed : ndarray, float32, shape (height, width)

    Returns
    -------
    ink : ndarray, float32, same shape, 0 to 1
    mask : ndarray of bool, same shape

    Raises
    ------
    ScanError
        If nothing stands out.
    """
    sample = swallowed[:: max(1, swallowed.shape[0] // 300), :: max(1, swallowed.shape[1] // 300)]
    middle = np.median(sample)
    grain = 1.4826 * np.median(np.abs(sample - middle))  # a standard deviation, were the grain normal
    floor = max(FAINTEST, middle + 5 * min(grain, 0.1))
    standing_out = swallowed[swallowed > floor]
    if standing_out.size < 8:
        raise ScanError("There is nothing to read: the picture is of one colour. Draw darker, or photograph closer.")
    first, *others = np.percentile(standing_out, (85, 95, 99, 99.8))
    for level in [first, *(other for other in others if other > 1.25 * first)]:
        for bar in (0.45, 0.55, 0.65, 0.75, 0.85):
            mask = swallowed > bar * level
            if not spans(mask):
                return np.clip(swallowed / level, 0, 1), mask
    return np.clip(swallowed / first, 0, 1), swallowed > 0.45 * first


def spans(mask):
    """Whether something reaches from side to side or from top to bottom, or much runs into the edges: squares."""
    parts, _ = ndimage.label(mask, np.ones((3, 3)))
    top, bottom, left, right = (set(np.unique(edge)) - {0} for edge in (parts[0], parts[-1], parts[:, 0], parts[:, -1]))
    return bool(top & bottom or left & right) or len(top | bottom | left | right) > 8


def find_parts(mask):
    """Number the connected strokes, without ruled lines, frames, shadows at the edge and specks."""
    mask = without_lines(mask)
    parts, count = ndimage.label(mask, np.ones((3, 3)))
    if count == 0:
        raise ScanError("There is nothing to read but lines. Draw a digit on the picture, away from its edge.")
    area = np.bincount(parts.ravel(), minlength=count + 1)
    area[0] = 0
    drop = set(np.flatnonzero(area < max(4, 0.01 * area.max())))
    boxes = ndimage.find_objects(parts)
    drop |= at_the_edge(parts, area, boxes, drop)
    keep = np.ones(count + 1, bool)
    keep[list(drop | {0})] = False
    return np.where(keep[parts], parts, 0)


def without_lines(mask):
    """Take out lines that run into the picture's edge and along half of it: ruled paper, frames."""
    lines, thickest = np.zeros_like(mask), 0
    for axis in (0, 1):
        one, part = (mask.T, lines.T) if axis else (mask, lines)
        width = one.shape[1]
        runs = opened_along(one, max(12, width // 16))
        if not runs.any():
            continue
        numbers, _ = ndimage.label(runs, np.ones((3, 3)))
        for number, (rows, columns) in enumerate(ndimage.find_objects(numbers), start=1):
            line = numbers[rows, columns] == number
            long, thick = line.shape[1], line.sum(axis=0)
            reaches = columns.start <= 0.03 * width or columns.stop >= 0.97 * width
            if reaches and long > 0.5 * width and np.median(thick) < max(3, 0.025 * width):
                part[rows, columns] |= line & (
                    thick < 1.6 * np.median(thick) + 1
                )  # where it is thicker, ink lies on it
                thickest = max(thickest, int(np.median(thick)))
    if not lines.any():
        return mask
    around = ndimage.binary_dilation(lines, np.ones((3, 3)))
    left = mask & ~around
    # Where a line crossed a stroke, the stroke is put together again.
    reach = thickest + 4
    closed = ndimage.binary_closing(np.pad(left, reach), np.ones((reach, reach)))[reach:-reach, reach:-reach]
    return left | (closed & around & mask)


def opened_along(mask, length):
    """Keep only those pixels of a mask that lie in a row of at least `length`."""
    narrow = ndimage.minimum_filter1d(mask.view(np.uint8), length, axis=1, mode="nearest")
    return ndimage.maximum_filter1d(narrow, length, axis=1, origin=-1 if length % 2 == 0 else 0).astype(bool) & mask


def at_the_edge(parts, area, boxes, dropped):
    """Numbers of what lies along the picture's edge, such as a table beside the paper, if a digit lies elsewhere."""
    height = len(parts)
    along = set()
    for edge in (parts[0], parts[-1], parts[:, 0], parts[:, -1]):
        counts = np.bincount(edge, minlength=len(area))
        along |= set(np.flatnonzero(counts > 0.3 * len(edge))) - {0}
    others = set(range(1, len(area))) - along - dropped
    tall = [n for n in others if boxes[n - 1][0].stop - boxes[n - 1][0].start > 0.08 * height]
    return along if tall else set()


# --- Which ink is a digit? -------------------------------------------------------------------------------------


def measure_parts(page):
    """Boxes (n, 4) as top, left, bottom, right; areas (n,); and the numbers of a page's parts."""
    numbers = np.unique(page.parts)[1:]
    found = ndimage.find_objects(page.parts)
    boxes = np.array([[found[n - 1][k].__getattribute__(end) for end in ("start", "stop") for k in (0, 1)]
                      for n in numbers])  # fmt: skip
    return boxes, np.bincount(page.parts.ravel())[numbers], numbers


def gap(one, other):
    """Pixels between two boxes; 0 where they touch or overlap."""
    down = max(one[0], other[0]) - min(one[2], other[2])
    across = max(one[1], other[1]) - min(one[3], other[3])
    return max(down, across, 0)


def joined(one, other):
    """The box around two boxes."""
    return np.array([*np.minimum(one[:2], other[:2]), *np.maximum(one[2:], other[2:])])


def main_group(page):
    """Numbers of the parts of the largest digit: the largest part, and what lies near it."""
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
    """Put the parts of each digit together.

    Returns
    -------
    list of (box, list of int)
        Box as top, left, bottom, right; numbers of the parts.
    """
    boxes, areas, numbers = measure_parts(page)
    tall = np.percentile(boxes[:, 2] - boxes[:, 0], 90)
    groups = [(boxes[k], [int(numbers[k])], int(areas[k])) for k in range(len(numbers))]
    merged = True
    while merged:
        merged = False
        for k, (box, part, area) in enumerate(groups):
            for m, (other, more, space) in enumerate(groups[:k]):
                if belong(box, area, other, space, tall):
                    groups[m] = (joined(box, other), part + more, area + space)
                    del groups[k]
                    merged = True
                    break
            if merged:
                break
    return [(box, part) for box, part, _ in groups if max(box[2] - box[0], (box[3] - box[1]) / 2) > 0.35 * tall]


def belong(box, area, other, space, tall):
    """Whether two parts are strokes of one digit: one above the other, or a small one right beside."""
    across = min(box[3], other[3]) - max(box[1], other[1])
    narrow = min(box[3] - box[1], other[3] - other[1])
    distance = gap(box, other)
    height = joined(box, other)[2] - joined(box, other)[0]
    stacked = across > 0.4 * narrow and distance < 0.2 * tall and height < 1.4 * tall
    beside = min(area, space) < 0.4 * max(area, space) and distance < 0.08 * tall
    return stacked or beside


def in_reading_order(groups):
    """Numbers of the parts of each digit, line by line. A digit is on a line if its middle is beside the last one."""
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
    return [numbers for line in lines for box, numbers in sorted(line, key=lambda group: group[0][1])]


def group_slices(page, group):
    """Rows and columns of the box around some parts."""
    found = ndimage.find_objects(page.parts)
    boxes = [found[number - 1] for number in group]
    return tuple(slice(min(box[k].start for box in boxes), max(box[k].stop for box in boxes)) for k in (0, 1))


# --- From ink to MNIST -----------------------------------------------------------------------------------------


def cut_out(page, group=None):
    """Cut one digit out of a page.

    Returns
    -------
    ink : ndarray, float32, shape (height, width)
        Of this digit only, with a margin of two pixels.
    mask : ndarray of bool, same shape
    """
    group = group or main_group(page)
    rows, columns = group_slices(page, group)
    inside = np.pad(np.isin(page.parts[rows, columns], group), 2)
    wide = ndimage.binary_dilation(inside, np.ones((3, 3)), iterations=2)  # with the strokes' soft edges
    ink = np.pad(page.ink, 2)[rows.start : rows.stop + 4, columns.start : columns.stop + 4]
    return np.where(wide, ink, 0).astype(np.float32), inside


def depth_of(ink, mask):
    """How far inside a stroke each point lies, negative outside, on a grid FINE times finer than MNIST's.

    Returns
    -------
    depth : ndarray, float32, shape (height, width)
        In MNIST's pixels, once the digit's longer side is scaled to 20.
    """
    from PIL import Image

    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    longer = max(np.ptp(rows), np.ptp(columns)) + 1
    share = FINE * (BOX - 1) / longer
    size = [max(1, round(side * share)) for side in ink.shape[::-1]]
    small = Image.fromarray(ink).resize(size, Image.Resampling.BOX if share < 1 else Image.Resampling.BICUBIC)
    small = np.pad(np.asarray(small), 3 * FINE)
    inside = small > min(0.5, 0.6 * small.max())
    distance = ndimage.distance_transform_edt
    return (distance(inside) - distance(~inside)).astype(np.float32) / FINE


def stroke_width(ink, mask):
    """A digit's usual stroke width in MNIST's pixels, once it is scaled into 20 × 20."""
    return width_of(depth_of(ink, mask))


def width_of(depth):
    """Twice the depth along the middle of the strokes."""
    ridge = (depth > 0) & (depth >= ndimage.maximum_filter(depth, 3))
    return 2 * float(np.median(depth[ridge])) if ridge.any() else 0.0


def thicken(ink, mask):
    """Draw a digit anew with strokes as wide as MNIST's.

    Returns
    -------
    strokes : ndarray, float32, shape (height, width), 0 to 1, FINE times finer than MNIST
    depth : ndarray, float32, same shape
    """
    depth = depth_of(ink, mask)
    width = width_of(depth)
    depth = depth + (np.clip(width, THINNEST, THICKEST) - width) / 2
    return np.clip(depth / EDGE + 0.5, 0, 1), depth


def fit(ink, mask):
    """Scale a digit into 20 × 20 and put its centre of mass into the middle of 28 × 28."""
    strokes, depth = thicken(ink, mask)
    rows, columns = np.flatnonzero((depth > 0).any(axis=1)), np.flatnonzero((depth > 0).any(axis=0))
    if len(rows) == 0:
        raise ScanError("The strokes are too faint to read. Draw darker or with a thicker pen.")
    middle = np.array(ndimage.center_of_mass(strokes))
    step = (max(np.ptp(rows), np.ptp(columns)) + 1) / (FINE * BOX)  # 1, but for strokes made wider
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
