"""Draw the sample drawings that ship with the package: python tools/draw_samples.py.

They stand in for a student's own: digits in the styles of tools/digit_styles.py, in the middle and elsewhere, large and
small, with thin and thick pens, dark on light and light on dark; a letter; and a page with ten digits in a row.
"""

from pathlib import Path

import numpy as np
from digit_styles import STYLES, drawn
from photos import lit, paper_of, seen_from_aside
from PIL import Image

from handwriting.data.strokes import draw_strokes

FOLDER = Path(__file__).parents[1] / "src" / "handwriting" / "scan" / "samples"
SIDE = 200
LETTER = [[(30, 92), (52, 8), (52, 8), (76, 92)], [(38, 62), (68, 60)]]


def placed(digit, generator):
    """Return a drawing of a digit on a larger sheet: somewhere, at some size."""
    side = int(generator.integers(90, 190))
    sheet = np.zeros((SIDE, SIDE), np.uint8)
    drawing = drawn(digit, generator, side)
    row, column = generator.integers(0, SIDE - side + 1, 2)
    sheet[row : row + side, column : column + side] = drawing
    return sheet


def save(sheet, name):
    """Save a drawing with few grey levels: it takes less than 1 kB."""
    Image.fromarray(sheet).quantize(4).save(FOLDER / name, optimize=True)


def main():
    FOLDER.mkdir(exist_ok=True)
    generator = np.random.default_rng(2026)
    for digit in STYLES:
        for letter in "abc":
            sheet = placed(digit, generator)
            save(sheet if letter == "c" else 255 - sheet, f"{digit}{letter}.png")
    lines = [np.array(stroke, float) * 1.2 + 40 for stroke in LETTER]
    save(255 - draw_strokes(lines, SIDE, 4), "letter.png")
    page = paper_of("squared", (260, 1000), generator)
    for place, digit in enumerate(STYLES):
        ink = drawn(digit, generator, 110, 3.2)[:, :, None] / 255
        part = page[75:185, 50 + 88 * place : 160 + 88 * place]
        part[:] = (1 - 0.9 * ink) * part + 0.9 * ink * np.array((25, 45, 150))
    photo = seen_from_aside(lit(page, generator), generator, (200, 200, 195))
    photo.save(FOLDER / "page.jpg", quality=42, optimize=True)
    print(f"{sum(path.stat().st_size for path in FOLDER.iterdir()) / 1000:.1f} kB in {FOLDER.name}")


if __name__ == "__main__":
    main()
