"""Letters for a new problem that needs no network: A to J from Matplotlib's fonts, and drawings of A to E.

The fonts: DejaVu (Bitstream and the DejaVu authors), STIX (the STI Pub companies), and Computer Modern (D. E. Knuth,
as TrueType by BaKoMa), https://matplotlib.org/stable/users/explain/text/fonts.html. `distort.py` draws the images
from each letter of each face, as it does from the stand-in's digits.
"""

import json
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from handwriting.arguments import takes, whole
from handwriting.data.class_folders import is_image
from handwriting.data.distort import GRID, HEIGHT, draw_parts, even_out
from handwriting.data.strokes import draw_strokes, place_strokes, vary_strokes
from handwriting.errors import DataError
from handwriting.paths import given_path, whole_file

LETTERS = "ABCDEFGHIJ"
#: Serif, sans serif and typewriter, upright, bold and slanted: both parts have them, but from different families.
TRAIN_FACES = (
    *("DejaVuSans", "DejaVuSans-Bold", "DejaVuSans-Oblique", "DejaVuSans-BoldOblique"),
    *("DejaVuSansMono", "DejaVuSansMono-Bold", "DejaVuSansMono-Oblique", "DejaVuSansMono-BoldOblique"),
    *("DejaVuSerif", "DejaVuSerif-Bold", "DejaVuSerif-Italic", "DejaVuSerif-BoldItalic"),
    *("STIXGeneral", "STIXGeneralBol", "STIXGeneralItalic", "STIXGeneralBolIta"),
)
TEST_FACES = ("cmr10", "cmb10", "cmss10", "cmtt10", "cmmi10", "cmsy10")  # Matplotlib has had these since before 3.6
WIDTH = 0.1  # see `draw_parts`
SIZE = 4 * HEIGHT  # of the type, in pixels: so large that its hinting does not show

SHEET, PEN = 140, 10  # pixels: a drawing's side, and its strokes' width, as on the drawing pad
#: For `handwriting.data.strokes`, by letter; the authors' own.
STYLES = json.loads(Path(__file__).with_name("letters.json").read_text(encoding="ascii"))


def make_letters(train=20_000, test=4_000, seed=0):
    """Draw letters in the form of MNIST, A to J, from fonts: return x_train, y_train, x_test and y_test.

    Images are uint8 (n, 28, 28), light ink on 0; labels uint8 (n,), 0 for A to 9 for J, all about equally often. The
    test images come from faces that no training image came from. DataError if one of Matplotlib's fonts is missing.
    """
    strokes = even_out(np.stack([glyph for face in TRAIN_FACES + TEST_FACES for glyph in glyphs(face)]))
    labels = np.resize(np.arange(len(LETTERS)), len(strokes))
    originals = np.split(np.arange(len(strokes)), [len(TRAIN_FACES) * len(LETTERS)])
    return draw_parts(strokes, labels, list(zip(originals, (train, test), strict=True)), seed, WIDTH)


def glyphs(face):
    """Return the letters of a face as ink: bool, shape (10, 84, 84), each as large as fits and in the middle."""
    import matplotlib

    path = Path(matplotlib.get_data_path(), "fonts", "ttf", f"{face}.ttf")
    try:  # as bytes: if the file is missing, Pillow would take one of that name from elsewhere on the machine
        font = ImageFont.truetype(BytesIO(path.read_bytes()), SIZE, layout_engine=ImageFont.Layout.BASIC)
    except OSError as error:
        raise DataError(f"{path} cannot be used ({error.strerror or error}). Reinstall Matplotlib.") from None
    found = []
    for letter in LETTERS:
        sheet = Image.new("L", (3 * SIZE, 3 * SIZE))
        ImageDraw.Draw(sheet).text((SIZE, 2 * SIZE), letter, fill=255, font=font, anchor="ls")
        inked = sheet.crop(sheet.getbbox())
        inked = inked.resize([max(1, round(side * HEIGHT / max(inked.size))) for side in inked.size])
        grid = Image.new("L", (GRID, GRID))
        grid.paste(inked, ((GRID - inked.width) // 2, (GRID - inked.height) // 2))
        found.append(np.asarray(grid) > 127)
    return np.stack(found)


@takes(count=whole(1))
def sample_letters(folder, letters="ABC", count=15, seed=0):
    """Write drawings of letters to use instead of a student's own: dark ink on white, at different places and sizes.

    Parameters
    ----------
    folder : str or path
        The files are A/001.png, A/002.png ... in it. If there are images anywhere in it, nothing is written, so that
        a student's drawings do not get mixed with these.
    letters : str or sequence of str
        Of those in `STYLES`.
    count : int
        Drawings of each letter.
    seed : int
        The same seed gives the same drawings.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    handwriting.errors.DataError
        If a letter has no style, or nothing can be written there.
    handwriting.errors.ParameterError
        If `count` is not a whole number of at least 1.
    """
    folder = given_path(folder, DataError)
    unknown = [letter for letter in letters if letter not in STYLES]
    if unknown or not letters:
        asked = f"not of {', '.join(map(str, unknown))}" if unknown else "and you chose none"
        raise DataError(f"There are sample drawings of the letters {', '.join(STYLES)}, {asked}.")
    written = []
    try:
        if any(map(is_image, folder.rglob("*"))):
            return folder
        for letter in letters:
            generator = np.random.default_rng([seed, ord(letter)])
            for number in range(1, count + 1):
                path = folder / letter / f"{number:03d}.png"
                save_drawing(path, STYLES[letter][number % len(STYLES[letter])], generator)
                written.append(path)
    except OSError as error:
        for path in written:  # else the next call would take them for all of them
            path.unlink(missing_ok=True)
        raise DataError(f"{folder} cannot be written to ({error.strerror or error}). Choose another folder.") from None
    return folder


def save_drawing(path, style, generator):
    """Draw a style with random variation, place and size, and save it as PNG."""
    lines = vary_strokes(style, generator)
    size = generator.uniform(0.5, 0.75) * SHEET
    free = (SHEET - size) / 2 - PEN
    lines = place_strokes(lines, size, SHEET / 2 + generator.uniform(-free, free, 2))
    with whole_file(path) as part:
        Image.fromarray(255 - draw_strokes(lines, SHEET, PEN)).save(part, optimize=True)
