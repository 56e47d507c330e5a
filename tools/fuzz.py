"""Damaged images and random arrays for `scan`: python tools/fuzz.py 10000 tries that many."""

import sys
import tracemalloc
from collections import Counter
from io import BytesIO

import numpy as np
from PIL import Image

from handwriting.errors import ScanError
from handwriting.scan import find_digits, steps, to_mnist

FORMS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "PPM")
MODES = {"PNG": ("1", "L", "LA", "RGB", "RGBA", "P", "I;16"), "JPEG": ("L", "RGB", "CMYK"), "GIF": ("L", "P", "RGB"),
         "BMP": ("1", "L", "RGB"), "WEBP": ("RGB", "RGBA"), "PPM": ("1", "L", "RGB")}  # fmt: skip
TYPES = (bool, np.uint8, np.int8, np.int16, np.uint16, np.int64, np.float16, np.float32, np.float64, complex, object)


def drawing(generator):
    """Return a small picture with a stroke on it."""
    height, width = generator.integers(8, 120, 2)
    picture = np.full((height, width), 240, np.uint8)
    picture[height // 4 : 3 * height // 4, width // 2 : width // 2 + 1 + width // 12] = 30
    return Image.fromarray(picture)


def whole_file(generator):
    """Return a file in one of the formats, whole."""
    form = FORMS[generator.integers(len(FORMS))]
    mode = MODES[form][generator.integers(len(MODES[form]))]
    kept = BytesIO()
    picture = drawing(generator)
    if mode == "I;16":
        picture = Image.fromarray(np.asarray(picture).astype(np.uint16) * 257)
    elif mode != "L":
        picture = picture.convert(mode)
    picture.save(kept, form)
    return kept.getvalue()


def damaged_file(generator):
    """Return a file with bytes changed, cut off, repeated or put in."""
    content = bytearray(whole_file(generator))
    for _ in range(generator.integers(1, 4)):
        reach = len(content) if generator.random() < 0.7 else min(64, len(content))  # headers more often
        place = int(generator.integers(reach))
        act = generator.integers(5)
        if act == 0:
            content[place] = int(generator.integers(256))
        elif act == 1:
            content = content[: max(1, place)]
        elif act == 2:
            content[place:place] = bytes(generator.integers(0, 256, generator.integers(1, 20), np.uint8))
        elif act == 3:
            content[place : place + 4] = b"\xff\xff\xff\x7f"
        else:
            del content[place : place + int(generator.integers(1, 30))]
        content = content or bytearray(b"\x00")
    return bytes(content)


def any_array(generator):
    """Return an array of any shape, type and content."""
    shape = tuple(generator.integers(0, 40, generator.integers(0, 5)))
    if generator.random() < 0.6:
        shape = (*generator.integers(1, 90, 2), *((), (1,), (2,), (3,), (4,))[generator.integers(5)])
    kind = TYPES[generator.integers(len(TYPES))]
    values = generator.normal(0, 10.0 ** generator.integers(-3, 6), shape)
    if generator.random() < 0.5:
        values = np.abs(values) % (1 if generator.random() < 0.5 else 255)
    if generator.random() < 0.2:
        values = np.where(generator.random(shape) < 0.1, (np.nan, np.inf, 0, 1e300)[generator.integers(4)], values)
    with np.errstate(all="ignore"):
        return np.asarray(values).astype(kind)


def odd_value(generator):
    """Return what no one should pass, and someone will."""
    values = (None, "", "nosuchfile.png", b"", {}, [], [[1, 2], [3]], 7, "a\0b", object(), {"a": 1}, [["x"]], ".",
              float("nan"), b"GIF89a", b"\x89PNG\r\n\x1a\n", bytes(1000), lambda: 0, np.str_("a"))  # fmt: skip
    return values[generator.integers(len(values))]


def fuzz(count, seed=0):
    """Try `count` values; return a Counter of how many were "read", and how many refused with which first words."""
    outcomes = Counter()
    for number in range(count):
        generator = np.random.default_rng([seed, number])
        kind = (damaged_file, damaged_file, damaged_file, any_array, any_array, odd_value)[generator.integers(6)]
        value = kind(generator)
        try:
            if kind is damaged_file and generator.random() < 0.1:
                find_digits(value)
                steps(value)
            seen = to_mnist(value)
        except ScanError as error:
            words = str(error)
            assert len(words) > 20 and words.endswith("."), words
            outcomes[" ".join(words.split()[:5])] += 1
        except BaseException as error:
            raise AssertionError(f"number {number} of seed {seed}, {kind.__name__}: {error!r}") from error
        else:
            is_image = seen.shape == (28, 28) and seen.dtype == np.uint8 and seen.max() > 0
            assert is_image, f"number {number} of seed {seed}"
            outcomes["read"] += 1
    return outcomes


if __name__ == "__main__":
    tracemalloc.start()
    for words, times in fuzz(int(sys.argv[1]), int([*sys.argv, 0][2])).most_common():
        print(f"{times:6} {words}")
    print(f"most memory at once: {tracemalloc.get_traced_memory()[1] / 1e6:.0f} MB in Python's own count")
