"""Draw a lot of images from few originals: each gets a random slant, turn, width, bend and pen.

Then it is treated as MNIST's makers treated theirs: scaled into 20x20 pixels with its proportions kept, and
centred by its mass in 28x28 (Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-Based Learning Applied to
Document Recognition", Proceedings of the IEEE 86, 1998).

The amounts of variation below were chosen by comparing the stand-in with MNIST by eye, and by how well a network
trained on one reads training images of the other.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from scipy import ndimage

HEIGHT, MARGIN = 64, 10  # in points of the grid: what an original may fill, and what is left free around it
GRID = HEIGHT + 2 * MARGIN  # side of the grid of strokes
EVEN = 0.65  # how much of the difference between pens is removed
BOX = 18.7  # pixels that an image may fill; with the soft edges and the bends this gives MNIST's 20
EDGE = 0.95  # pixels from full ink to none
CHUNK = 2_500  # images drawn at a time: this keeps the memory small and all cores busy


def draw_parts(strokes, labels, parts, seed, width=0.27):
    """Draw images for training and for testing, each part from different originals.

    Takes the originals as `even_out` returns them, float32 (m, 84, 84), and their labels (m,). `parts` is a list of
    (ndarray of int, int): which originals a part is drawn from, and how many images it gets. `width` says how much
    wider than the originals the images are on average: the logarithm of the ratio.

    Returns for each part images uint8 (n, 28, 28) and labels uint8 (n,). They are the same on any number of threads,
    because each chunk has its own random numbers.
    """
    outlines = find_outlines(strokes)
    drawn = []
    with ThreadPoolExecutor() as pool:
        for part, (originals, count) in enumerate(parts):
            picked = np.random.default_rng([seed, part]).permutation(np.resize(originals, count))
            images = np.empty((count, 28, 28), np.uint8)

            def fill(start, images=images, picked=picked, part=part):
                generator = np.random.default_rng([seed, part, start])
                chunk = picked[start : start + CHUNK]
                images[start : start + CHUNK] = draw(strokes, outlines, chunk, generator, width)

            list(pool.map(fill, range(0, count, CHUNK)))
            drawn += [images, labels[picked].astype(np.uint8)]
    return tuple(drawn)


def even_out(inked):
    """Make strokes of different pens more alike, so that `draw` can give each image another pen.

    Takes ink as bool (n, 84, 84). Returns as float32 how far inside a stroke each point is, less a share of half the
    stroke's width there: in pixels of this grid, about 0 in the middle of a stroke, negative away from it.
    """
    distance = ndimage.distance_transform_edt
    depth = np.stack([distance(image) - distance(~image) for image in inked]).astype(np.float32)
    half_width = ndimage.gaussian_filter(ndimage.maximum_filter(depth, (1, 9, 9)), (0, 3, 3)).clip(0)
    return ndimage.gaussian_filter(depth - EVEN * half_width, (0, 1, 1))


def find_outlines(strokes):
    """Find the outermost points of each original in 32 directions.

    Returns rows and columns from the grid's middle: float32 (n, 32, 2).
    """
    angle = np.linspace(0, 2 * np.pi, 32, endpoint=False)
    directions = np.stack([np.cos(angle), np.sin(angle)])
    outlines = []
    for image in strokes:
        points = np.argwhere(image > -0.5) - (GRID - 1) / 2
        outlines.append(points[(points @ directions).argmax(axis=0)])
    return np.array(outlines, np.float32)


def draw(strokes, outlines, picked, generator, width):
    """Draw one varied image of each picked original: uint8 (n, 28, 28)."""
    count = len(picked)
    extent = np.ptp(outlines[picked], axis=1)
    matrix = random_matrices(count, generator, (extent[:, 1] / extent[:, 0]) ** 0.3, width)
    bend = random_bends(count, generator)
    pen = generator.gamma(9, 0.6 / 9, count).astype(np.float32).clip(0.6, 1.9)

    # An original's position decides how it is scaled into its box.
    mapped = outlines[picked] @ np.linalg.inv(matrix).swapaxes(1, 2)
    low, high = mapped.min(axis=1), mapped.max(axis=1)
    scale = ((high - low).max(axis=1) / (np.float32(BOX) - 2 * pen))[:, None]

    pixels = (np.mgrid[:28, :28].reshape(2, -1) - 13.5).astype(np.float32)
    place = pixels * scale[:, :, None] + ((low + high) / 2)[:, :, None]
    place = matrix @ place + bend + (GRID - 1) / 2
    which = np.broadcast_to(picked[:, None], place[:, 0].shape)
    depth = ndimage.map_coordinates(strokes, [which, place[:, 0], place[:, 1]], order=1, mode="nearest")
    ink = np.clip((depth / scale + pen[:, None]) / EDGE + 0.5, 0, 1)
    return centre_by_mass((ink * 255).astype(np.uint8).reshape(count, 28, 28))


def random_matrices(count, generator, aspect, width):
    """Return matrices (count, 2, 2) from a pixel's place to the grid's: turn, then slant, then width."""
    turn = generator.normal(0, 0.09, count)
    slant = generator.normal(0.15, 0.26, count)
    width = aspect * np.exp(generator.normal(width, 0.17, count))
    one, zero = np.ones(count), np.zeros(count)
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    slanted = np.array([[one, zero], [slant, one]])
    widened = np.array([[one, zero], [zero, 1 / width]])
    return np.einsum("ijn,jkn,kln->nil", widened, slanted, turned).astype(np.float32)


def random_bends(count, generator, strength=2.8, side=3):
    """Return smooth displacements (count, 2, 784) in the grid's pixels, from side x side random arrows."""
    arrows = generator.normal(0, strength, (count, 2, side**2)).astype(np.float32)
    single = np.eye(side**2, dtype=np.float32).reshape(-1, side, side)
    spread = ndimage.zoom(single, (1, 28 / side, 28 / side), order=3, grid_mode=True, mode="nearest")
    return arrows @ spread.reshape(side**2, -1)


def centre_by_mass(images):
    """Shift each image by whole pixels so that its centre of mass is in the middle; nothing is cut off."""
    mass = images.sum(axis=(1, 2), dtype=np.int64)
    places = []
    for axis in (1, 2):
        profile = images.sum(axis=3 - axis, dtype=np.int64)
        shift = np.round(13.5 - profile @ np.arange(28) / mass).astype(int)
        first, last = (profile > 0).argmax(axis=1), 27 - (profile > 0)[:, ::-1].argmax(axis=1)
        places.append((np.arange(28) - np.clip(shift, -first, 27 - last)[:, None]) % 28)
    return images[np.arange(len(images))[:, None, None], places[0][:, :, None], places[1][:, None, :]]
