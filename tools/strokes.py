"""Digits as people draw them today, beyond MNIST's: hooked and footed ones, crossed sevens, open and closed fours.

Each style lists a digit's strokes, each stroke its points (across, down) in a box of 100 × 100. A curve goes through
the points; it has a corner where a point is given twice. `drawn` varies a style at random and draws it with a pen.
The styles are the authors' own.
"""

import numpy as np
from PIL import Image, ImageDraw

STYLES = {
    0: [
        [[(55, 3), (25, 15), (14, 50), (25, 88), (50, 98), (76, 85), (86, 48), (74, 12), (52, 3)]],
        [[(62, 6), (35, 4), (18, 30), (18, 68), (38, 96), (66, 92), (82, 62), (78, 25), (55, 6), (40, 8)]],
        [[(50, 2), (30, 20), (26, 50), (32, 80), (50, 98), (68, 80), (74, 50), (68, 20), (50, 2)]],
        [[(40, 8), (12, 40), (20, 85), (55, 97), (88, 70), (88, 28), (60, 4), (34, 12)]],
    ],
    1: [
        [[(50, 2), (50, 98)]],
        [[(60, 2), (42, 98)]],
        [[(28, 30), (58, 3), (58, 3), (54, 98)]],
        [[(15, 42), (60, 3), (60, 3), (56, 98)]],
        [[(30, 24), (54, 3), (54, 3), (52, 97)], [(28, 97), (78, 96)]],
        [[(20, 36), (56, 3), (56, 3), (54, 97)], [(22, 98), (84, 97)]],
        [[(40, 12), (54, 2), (54, 2), (50, 98)]],
    ],
    2: [
        [[(18, 26), (32, 6), (60, 3), (76, 22), (66, 48), (40, 74), (16, 97), (16, 97), (84, 96)]],
        [[(14, 30), (24, 8), (54, 2), (76, 18), (70, 46), (44, 72), (18, 92), (26, 80), (44, 86), (64, 97), (88, 90)]],
        [[(20, 14), (48, 3), (74, 14), (72, 40), (46, 66), (14, 96), (14, 96), (50, 94), (88, 97)]],
        [[(22, 22), (46, 2), (72, 20), (62, 56), (34, 84), (20, 96), (14, 84), (32, 80), (58, 94), (88, 92)]],
    ],
    3: [
        [[(20, 14), (44, 3), (70, 14), (66, 38), (42, 48), (42, 48), (74, 58), (78, 82), (50, 98), (18, 86)]],
        [[(18, 5), (76, 4), (76, 4), (42, 42), (42, 42), (74, 54), (78, 80), (52, 97), (18, 86)]],
        [[(22, 20), (46, 3), (70, 20), (60, 42), (46, 47), (68, 52), (80, 74), (58, 97), (26, 92), (16, 80)]],
        [[(24, 10), (60, 4), (72, 24), (50, 44), (40, 46), (62, 50), (76, 72), (58, 94), (24, 96)]],
    ],
    4: [
        [[(30, 4), (14, 56), (14, 56), (84, 56)], [(66, 30), (62, 98)]],
        [[(22, 4), (20, 46), (40, 54), (76, 50)], [(78, 4), (72, 98)]],
        [[(64, 98), (66, 3), (66, 3), (10, 66), (10, 66), (90, 64)]],
        [[(58, 3), (10, 68), (10, 68), (88, 66)], [(62, 34), (60, 98)]],
        [[(40, 3), (16, 60), (16, 60), (86, 58)], [(60, 8), (56, 98)]],
        [[(20, 6), (16, 44), (30, 54), (74, 48), (76, 6), (74, 6), (70, 98)]],
    ],
    5: [
        [[(78, 4), (26, 4), (26, 4), (22, 42), (22, 42), (54, 38), (80, 60), (68, 90), (40, 98), (14, 88)]],
        [[(28, 6), (22, 44), (22, 44), (56, 40), (78, 64), (62, 92), (34, 98), (14, 88)], [(28, 5), (80, 4)]],
        [[(74, 6), (34, 4), (34, 4), (26, 40), (50, 44), (74, 58), (72, 84), (46, 98), (16, 90)]],
        [[(30, 10), (28, 46), (28, 46), (62, 46), (76, 70), (56, 96), (20, 94)], [(30, 8), (86, 2)]],
    ],
    6: [
        [[(66, 3), (36, 24), (18, 62), (30, 94), (60, 96), (76, 74), (60, 54), (34, 58), (20, 74)]],
        [[(56, 2), (30, 40), (22, 74), (40, 97), (66, 92), (74, 70), (54, 56), (28, 68)]],
        [[(76, 8), (46, 10), (22, 46), (20, 80), (44, 98), (74, 86), (74, 60), (46, 52), (22, 68)]],
        [[(48, 2), (28, 34), (20, 70), (34, 96), (62, 94), (70, 72), (50, 60), (24, 74)]],
    ],
    7: [
        [[(14, 6), (82, 5), (82, 5), (40, 98)]],
        [[(14, 6), (84, 5), (84, 5), (42, 98)], [(32, 50), (78, 48)]],
        [[(16, 18), (18, 6), (18, 6), (82, 5), (82, 5), (54, 50), (44, 98)]],
        [[(12, 8), (80, 4), (80, 4), (60, 40), (48, 98)], [(30, 54), (84, 46)]],
        [[(20, 5), (78, 5), (78, 5), (64, 40), (58, 98)]],
        [[(10, 20), (14, 6), (14, 6), (86, 8), (86, 8), (36, 98)], [(28, 54), (74, 52)]],
    ],
    8: [
        [[(70, 14), (46, 3), (24, 18), (40, 42), (66, 60), (74, 84), (48, 98), (22, 82), (34, 58), (62, 38), (70, 14)]],
        [[(50, 3), (28, 14), (30, 36), (50, 47), (72, 34), (72, 14), (50, 3)],
         [(50, 47), (24, 62), (24, 86), (50, 98), (78, 86), (76, 60), (50, 47)]],
        [[(74, 10), (44, 4), (28, 24), (54, 48), (76, 74), (54, 97), (26, 82), (40, 54), (72, 24), (76, 8)]],
        [[(48, 46), (26, 28), (44, 4), (68, 18), (54, 44), (28, 68), (34, 94), (66, 94), (74, 72), (48, 46)]],
    ],
    9: [
        [[(72, 20), (48, 4), (24, 22), (30, 48), (56, 48), (72, 20), (72, 20), (68, 98)]],
        [[(74, 14), (44, 4), (24, 28), (40, 50), (66, 40), (74, 14), (74, 14), (72, 60), (58, 94), (24, 94)]],
        [[(68, 26), (50, 4), (26, 24), (36, 48), (62, 42), (70, 16), (68, 56), (54, 98)]],
        [[(70, 16), (40, 6), (22, 30), (36, 52), (64, 44), (72, 14), (70, 50), (66, 80), (44, 98), (20, 88)]],
    ],
}  # fmt: skip


def curve(points):
    """A smooth curve through points (n, 2), by Catmull and Rom's rule; twice the same point makes a corner."""
    points = np.asarray(points, float)
    pieces, begin = [], 0
    corners = [k for k in range(1, len(points)) if np.allclose(points[k], points[k - 1])]
    for end in [*corners, len(points)]:
        piece = points[begin:end]
        begin = end
        if len(piece) < 2:
            continue
        padded = np.concatenate([2 * piece[:1] - piece[1:2], piece, 2 * piece[-1:] - piece[-2:-1]])
        t = np.linspace(0, 1, 12, endpoint=False)[:, None]
        for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
            square, cube = 2 * a - 5 * b + 4 * c - d, 3 * b - a - 3 * c + d
            pieces.append(b + ((c - a) * t + square * t**2 + cube * t**3) / 2)
        pieces.append(piece[-1:])
    return np.concatenate(pieces)


def drawn(digit, generator, side=160, width=None):
    """Draw a digit in one of its styles, with a hand and pen of its own.

    Parameters
    ----------
    digit : int
    generator : numpy.random.Generator
    side : int
    width : float, optional
        The pen's half width in pixels; by default a random one.

    Returns
    -------
    ndarray, uint8, shape (side, side)
        Light ink on 0.
    """
    styles = STYLES[digit]
    strokes = styles[generator.integers(len(styles))]
    turn, slant = generator.normal(0, 0.09), generator.normal(0.08, 0.2)
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ [[1, -slant], [0, 1]]
    matrix = matrix @ np.diag([np.exp(generator.normal(-0.15, 0.2)), 1])
    wave = generator.normal(0, 4.5, (2, 4))
    moved = []
    for stroke in strokes:
        points = np.array(stroke, float)
        noise = generator.normal(0, 2.6, points.shape)
        noise[1:][(points[1:] == points[:-1]).all(1)] = noise[:-1][(points[1:] == points[:-1]).all(1)]
        if generator.random() < 0.15:  # a pen that is put down late or lifted early
            points = points if len(points) < 3 else np.concatenate([(points[:1] + points[1:2]) / 2, points[1:]])
        points = points + noise + generator.normal(0, 1.5, (1, 2))
        line = curve(points)
        far = line / 100
        line = line + np.stack([
            wave[k, 0] * np.sin(np.pi * far[:, 1]) + wave[k, 1] * np.sin(2 * np.pi * far[:, 1])
            + wave[k, 2] * np.sin(np.pi * far[:, 0]) + wave[k, 3] * np.sin(2 * np.pi * far[:, 0]) for k in (0, 1)
        ], axis=1)  # fmt: skip
        moved.append((line - 50) @ matrix.T)
    everything = np.concatenate(moved)
    low, high = everything.min(0), everything.max(0)
    scale = 0.66 * side / (high - low).max()
    width = width or max(1.5, side * 0.66 * generator.gamma(6, 0.11 / 6))
    return inked([(line - (low + high) / 2) * scale + side / 2 for line in moved], side, width)


def inked(lines, side, width):
    """Draw lines of points (n, 2) in pixels with a round pen of some half width; light on 0."""
    image = Image.new("L", (2 * side, 2 * side))
    pen = ImageDraw.Draw(image)
    for line in lines:
        points = [tuple(point) for point in (2 * line).tolist()]
        pen.line(points, fill=255, width=max(1, round(2 * width)))
        for x, y in points:
            pen.ellipse((x - width, y - width, x + width, y + width), fill=255)
    return np.asarray(image.reduce(2))
