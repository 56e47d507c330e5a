"""Draw strokes as an unsteady hand draws them.

A style is a list of strokes, each a list of points (across, down) in a box of 100 × 100. A curve goes through the
points; it has a corner where a point is given twice.
"""

import numpy as np


def curve(points):
    """Return a smooth curve through points (n, 2), a Catmull-Rom spline; a point given twice makes a corner."""
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


def vary_strokes(strokes, generator):
    """Vary a style at random: turned, slanted, wider, wavy, and with points that are a little off.

    Returns the points (n, 2) of each stroke's line, at most about 100 apart, for `place_strokes`.
    """
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
    return moved


def place_strokes(lines, size, middle):
    """Scale lines (n, 2) so that the longer side of the whole drawing is `size` pixels, around a middle."""
    everything = np.concatenate(lines)
    low, high = everything.min(0), everything.max(0)
    scale = size / (high - low).max()
    return [(line - (low + high) / 2) * scale + middle for line in lines]


def draw_strokes(lines, side, width, radius=None, ink=255, paper=0):
    """Draw lines (n, 2), across and down in pixels, with a round pen: return uint8 (side, side).

    `width` is the pen's, in pixels. `radius` is that of the discs at the lines' points, in pixels of a sheet twice as
    large; by default the pen's width. `ink` and `paper` are grey levels.
    """
    from PIL import Image, ImageDraw

    image = Image.new("L", (2 * side, 2 * side), paper)  # drawn twice as large first: smooth edges
    pen, radius = ImageDraw.Draw(image), radius or width
    for line in lines:
        points = [tuple(point) for point in (2 * line).tolist()]
        pen.line(points, fill=ink, width=max(1, round(2 * width)))
        for x, y in points:  # round ends and joints
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=ink)
    return np.asarray(image.reduce(2))
