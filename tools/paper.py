"""Draw digits on forms, ruled and squared paper and notes, as photos show them: `KINDS` maps a kind to a function.

Each takes a numpy generator and returns a grey picture (uint8) and its digits, line by line. The digits are drawn in
the styles of digit_styles.py, so no data is needed; what the network misreads on plain paper is not used, because
this is about the paper. `python benchmarks/model_card.py` prints the whole table.
"""

from functools import cache

import numpy as np
from digit_styles import STYLES
from PIL import Image, ImageDraw
from scipy import ndimage

from handwriting.data.strokes import draw_strokes, place_strokes, vary_strokes
from handwriting.errors import ScanError
from handwriting.models.pretrained import pretrained_network
from handwriting.scan import read_page, to_mnist

FINE = 3  # times finer than the picture: what rules are drawn on
DEGREE = np.pi / 180


@cache
def hands(digit, count=8):
    """Return the lines of some ways to write a digit that the network reads well on plain paper."""
    generator, found = np.random.default_rng(digit), []
    while len(found) < count:
        style = STYLES[digit][generator.integers(len(STYLES[digit]))]
        lines = place_strokes(vary_strokes(style, generator), 1, 0)
        odds = pretrained_network().predict(to_mnist(drawn(lines, 60, 5))[None] / 255)[0]
        if odds[digit] > 0.98:
            found.append(lines)
    return found


def drawn(lines, tall, pen):
    """Draw the lines of a digit: light ink on 0."""
    side = round(1.2 * tall + 2 * pen + 4)
    return draw_strokes([tall * line + side / 2 for line in lines], side, pen)


def digits(generator, count):
    """Return a text of random digits."""
    return "".join(map(str, generator.integers(0, 10, count)))


class Sheet:
    """A sheet of grey paper, and how much of its light ink and rules take away."""

    def __init__(self, generator, width, height, paper=None, pen=None, strength=None):
        self.generator, self.width, self.height = generator, int(width), int(height)
        self.paper = paper if paper is not None else generator.uniform(185, 252)
        self.pen = pen or generator.uniform(0.07, 0.11)  # of a digit's height
        self.strength = strength or generator.uniform(0.55, 0.9)
        self.ink = np.zeros((self.height, self.width), np.float32)
        self.rules = np.zeros_like(self.ink)
        self.light = np.ones_like(self.ink)

    def write(self, text, left, middle, height, step, zero=1.0, hang=0.0):
        """Write digits in a row, `step` apart from middle to middle; `zero` is how tall zeros are, `hang` the slope."""
        for place, digit in enumerate(text):
            tall = height * (zero if digit == "0" else self.generator.uniform(0.92, 1.06))
            across = left + place * step + self.generator.uniform(-0.03, 0.03) * step
            foot = middle + height / 2 + hang * (across - left)
            self.put(digit, across, foot - tall / 2, tall, 0.85 * step)

    def put(self, digit, across, down, tall, widest=np.inf):
        """Draw one digit around a place; it is at most `widest` wide."""
        lines = hands(int(digit))[self.generator.integers(8)]
        ink = drawn(lines, tall, max(1.4, self.pen * tall))
        rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
        ink = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        share = min(tall / len(ink), widest / ink.shape[1])
        size = [max(3, round(side * share)) for side in ink.shape[::-1]]
        ink = np.asarray(Image.fromarray(ink).resize(size, Image.Resampling.BICUBIC)) / 255
        top, left = round(down - size[1] / 2), round(across - size[0] / 2)
        place = self.ink[max(0, top) : top + size[1], max(0, left) : left + size[0]]
        np.maximum(place, ink[max(0, -top) :, max(0, -left) :][: place.shape[0], : place.shape[1]], out=place)
        return left, left + size[0]

    def rule(self, lines, width, dark, angle=0.0):
        """Draw straight lines (x, y, x, y), turned by an angle around the middle."""
        image = Image.new("L", (FINE * self.width, FINE * self.height), 0)
        pen = ImageDraw.Draw(image)
        turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        middle = np.array([self.width, self.height]) / 2
        for line in lines:
            ends = (np.reshape(line, (2, 2)) - middle) @ turn + middle
            pen.line([tuple(end) for end in (FINE * ends).tolist()], fill=255, width=max(1, round(FINE * width)))
        self.rules = np.maximum(self.rules, dark * np.asarray(image.reduce(FINE), np.float32) / 255)

    def photo(self, grain=2.0, blur=0.5):
        """Return the picture, uint8."""
        left = (1 - self.strength * self.ink) * (1 - self.rules) * self.light
        left = ndimage.gaussian_filter(left, blur) * self.paper
        return np.clip(left + self.generator.normal(0, grain, left.shape), 0, 255).astype(np.uint8)


def row_of(sheet, text, height, step, middle=None, left=None, **more):
    """Write one row in the middle of a sheet."""
    left = (sheet.width - (len(text) - 1) * step) / 2 if left is None else left
    sheet.write(text, left, sheet.height / 2 if middle is None else middle, height, step, **more)


def boxes(generator, comb=False):
    """A row of boxes, one digit in each; or a comb: a line with ticks between the digits."""
    text = digits(generator, generator.integers(3, 10))
    cell = generator.uniform(44, 110)
    high = cell * generator.uniform(0.85, 1.4)
    around = generator.choice([0, 0.15, 0.6]) * cell
    wide = len(text) * cell
    sheet = Sheet(generator, wide + 2 * around, high + 2 * max(around, 0.1 * cell if comb else 0))
    row_of(sheet, text, generator.uniform(0.5, 0.68) * min(high, 1.2 * cell), cell, middle=sheet.height / 2)
    x, y = around, (sheet.height - high) / 2
    width, dark = max(1.0, generator.uniform(0.02, 0.06) * cell), generator.uniform(0.4, 0.95)
    lines = [(x, y + high, x + wide, y + high)]
    if comb:
        rise = generator.uniform(0.25, 0.5) * high
        lines += [(x + k * cell, y + high - rise, x + k * cell, y + high) for k in range(len(text) + 1)]
    else:
        lines += [(x, y, x + wide, y), *((x + k * cell, y, x + k * cell, y + high) for k in range(len(text) + 1))]
    sheet.rule(lines, width, dark, generator.uniform(-1, 1) * DEGREE * (around > 0))
    return sheet.photo(), [text]


def combs(generator):
    return boxes(generator, comb=True)


def single_boxes(generator):
    """Boxes that do not touch one another, as for a date."""
    text = digits(generator, generator.integers(2, 8))
    cell, space = generator.uniform(50, 100), generator.uniform(0.12, 0.4)
    step = cell * (1 + space)
    sheet = Sheet(generator, len(text) * step + 40, cell * 1.2 + 40)
    row_of(sheet, text, 0.62 * cell, step)
    lines = []
    for k in range(len(text)):
        x, y = (sheet.width - (len(text) - 1) * step) / 2 + k * step - cell / 2, 20
        z, w = x + cell, y + 1.2 * cell
        lines += [(x, y, z, y), (z, y, z, w), (z, w, x, w), (x, w, x, y)]
    sheet.rule(lines, max(1, 0.03 * cell), generator.uniform(0.4, 0.95), generator.uniform(-1, 1) * DEGREE)
    return sheet.photo(), [text]


def table(generator):
    """A table of cells, several rows of them."""
    rows, count = generator.integers(2, 5), generator.integers(2, 6)
    wide, high = generator.uniform(70, 130), generator.uniform(60, 90)
    around = generator.choice([0, 25])
    sheet = Sheet(generator, count * wide + 2 * around, rows * high + 2 * around)
    text = [digits(generator, count) for _ in range(rows)]
    for k, line in enumerate(text):
        sheet.write(line, around + wide / 2, around + (k + 0.5) * high, 0.6 * high, wide)
    x, y, z, w = around, around, sheet.width - around, sheet.height - around
    lines = [(x, y + k * high, z, y + k * high) for k in range(rows + 1)]
    lines += [(x + k * wide, y, x + k * wide, w) for k in range(count + 1)]
    sheet.rule(lines, generator.uniform(1.5, 4), generator.uniform(0.4, 0.9), generator.uniform(-1, 1) * DEGREE)
    return sheet.photo(), text


def tight_crop(generator, crossing=False):
    """One digit cut out of a form, with one or two rules beside it, usually darker than the pen."""
    width, height = generator.integers(70, 260), generator.integers(80, 260)
    sheet = Sheet(generator, width, height, strength=generator.uniform(0.3, 0.75))
    tall = generator.uniform(0.45, 0.6) * min(height, 1.3 * width)
    left, right = sheet.put(text := digits(generator, 1), width / 2, height / 2, tall, 0.6 * width)
    far = 0.5 * generator.uniform(tall / height + 0.12, 0.96)
    if crossing:
        far = 0.5 * tall / height * generator.uniform(0.75, 0.95)
    x = 0.5 * max(generator.uniform((right - left) / width + 0.14, 0.96), 0.5)
    lines = [(0, (0.5 + side) * height, width, (0.5 + side) * height) for side in (far, -far)]
    lines += [((0.5 + side) * width, 0, (0.5 + side) * width, height) for side in (x, -x)]
    chosen = [0] if crossing else generator.choice(4, generator.integers(1, 4), replace=False)
    thick = generator.uniform(0.012, 0.02 if crossing else 0.05) * min(width, height)
    sheet.rule([lines[k] for k in chosen], thick, generator.uniform(0.5, 0.95), generator.uniform(-1, 1) * DEGREE)
    return sheet.photo(blur=0.4), [text]


def crossed_rule(generator):
    return tight_crop(generator, crossing=True)


def note(generator, zero=1.0, lines=None, **more):
    """Return a sheet with a note of some lines, and its text."""
    count, rows = generator.integers(5, 9), lines or generator.integers(1, 4)
    height = generator.uniform(36, 60)
    step = height * generator.uniform(1.0, 1.5)
    between = generator.uniform(1.6, 2.6) * height
    sheet = Sheet(generator, count * step + 170, rows * between + 130, **more)
    text = [digits(generator, count - generator.integers(0, 2)) for _ in range(rows)]
    for k, line in enumerate(text):
        sheet.write(line, 85 + step / 2, 65 + (k + 0.5) * between, height, step, zero, generator.uniform(-0.02, 0.02))
    return sheet, text


def notes(generator):
    sheet, text = note(generator)
    return sheet.photo(), text


def small_zeros(generator):
    sheet, text = note(generator, zero=generator.uniform(0.3, 0.5))
    return sheet.photo(), text


def edges(generator):
    """A note with a strip of the table, or some, at the border; its ink may be thin and faint."""
    faint = generator.random() < 0.5
    sheet, text = note(generator, strength=0.4 if faint else 0.7, pen=0.055 if faint else 0.08)
    for side in generator.choice(4, generator.integers(1, 3), replace=False):
        part = np.rot90(sheet.light, side)
        thick = generator.integers(2, 12)
        start, stop = sorted(generator.uniform(0, 1, 2)) if generator.random() < 0.6 else (0, 1)
        part[:thick, int(start * part.shape[1]) : int(stop * part.shape[1])] = generator.uniform(0.1, 0.4)
    return sheet.photo(2.5), text


def shadow(generator):
    """A note with a soft shadow on it."""
    sheet, text = note(generator)
    y, x = np.mgrid[: sheet.height, : sheet.width]
    across, down = generator.uniform(0, 1) * sheet.width, generator.choice([0.0, 1.0]) * sheet.height
    far = ((x - across) / generator.uniform(60, 200)) ** 2 + ((y - down) / generator.uniform(30, 70)) ** 2
    sheet.light *= 1 - generator.uniform(0.2, 0.4) * np.exp(-far)
    return sheet.photo(2.5), text


def wedge(generator):
    """One digit on a tall photo with a wedge of shadow, or a patterned band, larger than the digit."""
    width, height = generator.integers(300, 480), generator.integers(500, 900)
    sheet = Sheet(generator, width, height, strength=generator.uniform(0.4, 0.7))
    tall = generator.uniform(0.12, 0.25) * height
    text = digits(generator, 1)
    sheet.put(text, 0.6 * width, 0.45 * height, tall)
    y, x = np.mgrid[:height, :width]
    if generator.random() < 0.6:
        lean, soft = generator.uniform(0.2, 0.45), generator.uniform(4, 18)
        edge = (x + lean * (height - y) - (0.25 + 0.6 * lean) * width) / soft
        sheet.light *= 1 - generator.uniform(0.4, 0.75) / (1 + np.exp(np.clip(edge, -50, 50)))
    else:
        deep = int(generator.uniform(0.1, 0.16) * height)
        stripes = (x[-deep:] // generator.integers(6, 20) + y[-deep:] // generator.integers(6, 20)) % 2
        sheet.light[-deep:] = np.where(stripes, 0.25, 0.6)
    return sheet.photo(), [text]


def ruled(generator, squared=False):
    """Digits on ruled or squared paper that is not quite straight."""
    rows, count = generator.integers(1, 4), generator.integers(4, 8)
    gap = generator.uniform(20, 34) if squared else generator.uniform(55, 90)
    line = 4 * gap if squared else gap * generator.choice([1, 2])
    height = min(line, 2 * gap if squared else gap) * generator.uniform(0.62, 0.85)
    step = 1.35 * height
    sheet = Sheet(generator, count * step + 120, (rows + 1) * line + 60)
    angle = generator.uniform(-1.2, 1.2) * DEGREE
    text = [digits(generator, count) for _ in range(rows)]
    for k, row in enumerate(text):
        foot = 30 + (k + 1) * line - 0.1 * gap  # digits stand on the line
        sheet.write(row, 60 + step / 2, foot - height / 2, height, step)
    lines = [(-99, 30 + k * gap, sheet.width + 99, 30 + k * gap) for k in range(-1, int(sheet.height / gap) + 1)]
    if squared:
        lines += [(30 + k * gap, -99, 30 + k * gap, sheet.height + 99) for k in range(-1, int(sheet.width / gap) + 1)]
    dark = generator.uniform(0.12, 0.4) if squared else generator.uniform(0.15, 0.75)
    sheet.rule(lines, generator.uniform(1, 2 if squared else 3), dark, angle)
    return sheet.photo(), text


def squared(generator):
    return ruled(generator, squared=True)


def grey_paper(generator):
    """Thin strokes on grey paper or on a board, with a bright edge beside it."""
    sheet, text = note(generator, paper=generator.uniform(100, 150), pen=0.06, lines=1, strength=0.7)
    board = generator.random() < 0.4
    if board:
        sheet.paper, sheet.strength = 70, -generator.uniform(1, 2)  # chalk
    part = np.rot90(sheet.light, generator.integers(4))
    part[: generator.integers(5, 40)] = 235 / sheet.paper
    return sheet.photo(2), text


def neighbours(generator):
    """Digits that nearly touch; sometimes two digits on 28 × 28 pixels."""
    if generator.random() < 0.3:
        side = 28 * 4
        sheet, text = Sheet(generator, side, side, pen=0.1, strength=0.95), digits(generator, 2)
        for k, digit in enumerate(text):
            sheet.put(digit, (0.27 + 0.46 * k) * side, side / 2, 0.6 * side, 0.34 * side)
        image = Image.fromarray(sheet.photo(0, 0.2)).resize((28, 28), Image.Resampling.BOX)
        return np.asarray(image), [text]
    text, tall = digits(generator, generator.integers(2, 7)), generator.uniform(40, 110)
    sheet, across = Sheet(generator, 0.95 * tall * len(text) + 40, 1.6 * tall), 20
    for digit in text:
        wide = tall * (0.3 if digit == "1" else 0.62)
        left, right = sheet.put(digit, across + wide / 2, 0.8 * tall, tall, wide)
        across = right + max(2, 0.04 * tall) + generator.uniform(0, 2)
        if (taken := sheet.ink[:, left:right].max(axis=0) > 0.3).any():
            across = left + np.flatnonzero(taken)[-1] + max(3, 0.05 * tall) + generator.uniform(0, 2)
    return sheet.photo(1.0, 0.3)[:, : int(across) + 20], [text]


def sideways(generator):
    """A note, photographed from the side or upside down."""
    sheet, text = note(generator, lines=2)
    return np.ascontiguousarray(np.rot90(sheet.photo(), generator.integers(1, 4))), text


def plain(generator):
    """One digit on plain paper."""
    width, height = generator.integers(90, 400, 2)
    sheet = Sheet(generator, width, height)
    text = digits(generator, 1)
    tall = generator.uniform(0.35, 0.7) * min(width, height)
    sheet.put(text, generator.uniform(0.4, 0.6) * width, generator.uniform(0.4, 0.6) * height, tall)
    return sheet.photo(), [text]


KINDS = (plain, notes, boxes, combs, single_boxes, table, tight_crop, crossed_rule, small_zeros, edges, shadow, wedge,
         ruled, squared, grey_paper, neighbours, sideways)  # fmt: skip


def pictures(kind, count, seed=0):
    """Yield some pictures of a kind, and their digits."""
    for number in range(count):
        yield kind(np.random.default_rng([seed, number, *kind.__name__.encode()]))


def edits(read, written):
    """Return how many digits must be put in, left out or changed to make one text of another."""
    row = list(range(len(written) + 1))
    for k, one in enumerate(read, start=1):
        last, row[0] = row[0], k
        for place, other in enumerate(written, start=1):
            last, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, last + (one != other))
    return row[-1]


def read(kind, count, seed=0):
    """Read some pictures of a kind: return (pages read right, pages, edits, digits)."""
    right = wrong = total = 0
    for image, text in pictures(kind, count, seed):
        try:
            seen = read_page(image) if sum(map(len, text)) > 1 else single(image)
        except ScanError:
            seen = ""
        right += seen == "\n".join(text)
        wrong += edits(seen.replace("\n", ""), "".join(text))
        total += sum(map(len, text))
    return right, count, wrong, total


def single(image):
    """Return the digit that the network reads on a picture of one."""
    return str(pretrained_network().predict(to_mnist(image)[None] / 255)[0].argmax())
