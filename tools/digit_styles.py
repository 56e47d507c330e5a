"""Digits as people draw them today, beyond MNIST's: hooked and footed ones, crossed sevens, open and closed fours.

Each line of digit_styles.txt is a digit and one way to write it: the points x,y of each stroke, between bars, as
`handwriting.data.strokes` takes them. `drawn` varies a style at random and draws it. The styles are the authors' own.
"""

from pathlib import Path

from handwriting.data.strokes import draw_strokes, place_strokes, vary_strokes


def read_styles(path):
    """Return the styles of each digit, by the digit."""
    styles = {digit: [] for digit in range(10)}
    for line in path.read_text().splitlines():
        digit, strokes = line.split(": ")
        points = [[point.split(",") for point in stroke.split()] for stroke in strokes.split("|")]
        styles[int(digit)].append([[(int(x), int(y)) for x, y in stroke] for stroke in points])
    return styles


STYLES = read_styles(Path(__file__).with_suffix(".txt"))


def drawn(digit, generator, side=160, width=None):
    """Return a drawing of a digit in a random style, uint8 (side, side), light ink on 0.

    `width` is the width of the pen in pixels; by default it is random, too.
    """
    styles = STYLES[digit]
    lines = vary_strokes(styles[generator.integers(len(styles))], generator)
    width = width or max(1.5, side * 0.66 * generator.gamma(6, 0.11 / 6))
    return draw_strokes(place_strokes(lines, 0.66 * side, side / 2), side, width)
