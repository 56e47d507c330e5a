"""Open a picture: a photo, a drawing, an array. Nothing in it is trusted."""

import os
import re
import warnings
from contextlib import contextmanager
from io import BytesIO

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from handwriting.errors import ScanError
from handwriting.paths import read_file

LONGEST = 1000  # pixels: larger pictures are reduced first; strokes keep 2 to 3 pixels in a photo of a page
LARGEST = 64_000_000  # pixels, according to the file's header, before anything is unpacked
#: Pixels where decoding takes 16 bytes for each (WEBP), or is done in Python, for some files by Pillow's decoders.
LARGEST_WEBP, LARGEST_SLOW = 24_000_000, 2_000_000
SLOW = ("bmp_rle", "ppm", "ppm_plain")
WIDEST = 40_000  # pixels on the longer side
HEAVIEST = 200_000_000  # bytes of a file
#: Scans of a JPEG, each of which goes over all its pixels: progressive ones have about ten.
MOST_SCANS = 50
MARKER = re.compile(b"\xff([\xc0-\xcf\xd8-\xfe])")  # of a JPEG's segments; other bytes after FF are part of its pixels
#: How HEIC and AVIF files begin.
PHONES = re.compile(b"....ftyp(he[iv]|mif1|msf1|avi[fs])", re.DOTALL)
#: How often Pillow may read a part of a file, and once more for each 100 bytes: tiny parts take it long.
MOST_READS = 10_000
STRIP = 2**20  # pixels that are worked on at once
TURNED = 0x0112  # the note in a photo that says which side is up
ROUNDING = 1e-3  # how far fractions may be beyond 0 and 1
SMALLEST = 8  # pixels on the shorter side
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "PPM")  # not TIFF: its decoder writes warnings of its own


def open_image(image):
    """Open a picture and bring it to a size that is quick to work on.

    Parameters
    ----------
    image : str, path, bytes, PIL.Image.Image or array_like
        A file's name or its contents; or an array of shape (height, width), (height, width, 1), grey with
        transparency (height, width, 2), RGB (height, width, 3) or RGBA (height, width, 4): bool, whole numbers
        from 0 to 255 (uint16: to 65,535) or 0 and 1, or fractions from 0 to 1 or to 255.

    Returns
    -------
    colours : ndarray, uint8, shape (height, width, 3)
        Upright, on an opaque background, at most 1,000 pixels on the longer side.
    scale : float
        Pixels of the original per pixel of this.

    Raises
    ------
    ScanError
        If it is not a still picture of 8 × 8 pixels to 64 megapixels.
    """
    if isinstance(image, Image.Image):
        with explained("This picture"):
            opened, size = small_copy(image), image.size
    elif image is None:
        raise ScanError("There is no picture here: it is None. Draw or take one first.")
    elif isinstance(image, (str, os.PathLike, bytes, bytearray, memoryview)):
        opened, size = open_file(image)
    else:
        opened, size = from_array(image)
    scale = max(size) / max(opened.size)
    if max(opened.size) > LONGEST:
        share = LONGEST / max(opened.size)
        scale /= share
        opened = opened.resize([max(1, round(side * share)) for side in opened.size], Image.Resampling.BOX)
    return opaque(np.asarray(opened)), scale


def open_file(source):
    """Decode a file, given by name or as bytes; large photos are decoded smaller. Returns (RGBA image, size)."""
    name = "This upload" if isinstance(source, (bytes, bytearray, memoryview)) else str(source)
    content = bytes(source) if name == "This upload" else read_file(source, HEAVIEST, ScanError)
    if not content:
        raise ScanError(f"{name} is empty (0 bytes). Save or send the picture again.")
    if PHONES.match(content):
        raise ScanError(f"{name} is a HEIC or AVIF photo, which cannot be opened here. Save it as JPEG or PNG first.")
    with explained(name), Image.open(Limited(content), formats=FORMATS) as opened:
        slow = opened.tile and opened.tile[0][0] in SLOW
        check_size(opened.size, LARGEST_SLOW if slow else LARGEST_WEBP if opened.format == "WEBP" else LARGEST)
        if getattr(opened, "is_animated", False) and opened.format != "MPO":
            raise ScanError(f"{name} contains several pictures, as an animation does. Save one of them.")
        size = opened.size
        if opened.format in ("JPEG", "MPO"):
            if has_many_scans(content):
                raise ScanError(f"{name} is a JPEG with too many scans. Save it again as PNG.")
            opened.draft(None, [min(side, LONGEST * side // max(size)) for side in size])
        return small_copy(opened), size


@contextmanager
def explained(name):
    """Raise a ScanError that names a picture for whatever Pillow raises when it reads it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about damaged extras of a picture that can be opened all the same
        try:
            yield
        except ScanError:
            raise
        except MemoryError:
            raise ScanError(f"{name} does not fit into memory. Make it smaller and save it again.") from None
        except Image.DecompressionBombError:  # by Pillow's own limit
            raise ScanError(f"{name} has too many pixels. {smaller(LARGEST)}") from None
        except UnidentifiedImageError:
            use = "Use a PNG, JPEG, WEBP, GIF or BMP file."
            raise ScanError(f"{name} is not a picture that can be opened. {use}") from None
        except Exception:  # Pillow raises many kinds for a damaged file
            raise ScanError(f"{name} is damaged or incomplete. Open it in an image viewer and save it again.") from None


class Limited(BytesIO):
    """The bytes of a picture, which may not be read in very many parts."""

    def __init__(self, content):
        super().__init__(content)
        self.left = MOST_READS + len(content) // 100

    def read(self, size=-1):
        self.left -= 1
        if self.left < 0:
            raise ScanError("This picture has too many parts. Open it in an image viewer and save it again.")
        return super().read(size)


def has_many_scans(content):
    """Return whether a JPEG has more scans, or segments of any kind, than may be."""
    place = scans = 0
    for _ in range(MOST_READS):
        found = MARKER.search(content, place)
        kind = found[1][0] if found else 0xD9
        if kind == 0xD9:  # its end; a phone may add a film
            return False
        place = found.end()
        if kind != 0xD8:  # all but its beginning have a length
            place += int.from_bytes(content[place : place + 2], "big")
        scans += kind == 0xDA
        if scans > MOST_SCANS:
            break
    return True


def smaller(most):
    """Return what to do with a picture of over `most` pixels."""
    return f"Make it smaller: at most {most // 10**6} million pixels."


def check_size(size, most=LARGEST):
    """Refuse a picture that is too small to show a digit, or would fill the memory."""
    width, height = size
    if width * height > most:
        raise ScanError(f"This picture has {width:,} × {height:,} pixels. {smaller(most)}")
    if max(width, height) > WIDEST:
        raise ScanError(f"This picture has {width:,} × {height:,} pixels. Crop it: at most {WIDEST:,} on each side.")
    if min(width, height) < SMALLEST:
        raise ScanError(f"This picture has {width} × {height} pixels, too few to show a digit. Use at least 8 × 8.")


def small_copy(image):
    """Return an upright RGBA copy of a Pillow image, reduced to between one and two times the working size.

    It is made in strips: a copy of a large picture in another form would fill the memory.
    """
    check_size(image.size)
    times = max(1, max(image.size) // LONGEST)
    image.load()
    in_numbers = image.mode.startswith(("I", "F"))
    top = brightest(np.asarray(strip) for strip, _ in strips(image, times)) if in_numbers else None
    small = Image.new("RGBA", [-(-side // times) for side in image.size])
    for strip, row in strips(image, times):
        if in_numbers:
            strip = Image.fromarray(as_bytes(np.asarray(strip), top))
        elif image.mode not in ("L", "RGB", "RGBA") or "transparency" in image.info:
            strip = strip.convert("RGBA")
        small.paste(strip.reduce(times).convert("RGBA"), (0, row // times))
    small.getexif()[TURNED] = image.getexif().get(TURNED, 1)
    return ImageOps.exif_transpose(small)


def strips(image, times):
    """Yield parts of a Pillow image, each as wide as it is and a multiple of `times` high, with their first rows."""
    height = times * max(1, STRIP // (times * image.width))
    for row in range(0, image.height, height):
        yield image.crop((0, row, image.width, min(row + height, image.height))), row


def from_array(array):
    """Convert an array to a Pillow image, reduced if it is large. Returns (RGBA image, size)."""
    try:
        array = np.asarray(array)
    except Exception:  # whatever an object's own conversion raises
        raise ScanError(f"A {type(array).__name__} is not a picture. Give the name of a file, or an array.") from None
    if array.dtype.kind not in "buif":
        raise ScanError(f"An array of {array.dtype} is not a picture. Give the name of a file, or an array of numbers.")
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (2, 3, 4)):
        raise ScanError(
            f"A picture must have shape (height, width), or (height, width, 3) in colour; this has shape {array.shape}."
        )
    check_size((array.shape[1], array.shape[0]))
    top = brightest([array])
    grey = np.empty(array.shape, np.uint8)
    height = max(1, STRIP // array.shape[1])
    for row in range(0, len(array), height):
        grey[row : row + height] = as_bytes(array[row : row + height], top)
    image = Image.fromarray(grey, {2: "LA", 3: "RGB", 4: "RGBA"}[grey.shape[2]] if grey.ndim == 3 else "L")
    return small_copy(image), (array.shape[1], array.shape[0])


def as_bytes(array, top):
    """Return an array whose values go up to `top` as uint8."""
    return np.rint(array.astype(np.float32) * (255 / top)).astype(np.uint8)


def brightest(parts):
    """Return the value that means full brightness in a picture, given in parts: 1, 255 or 65,535."""
    lows, highs = (np.array(ends) for ends in zip(*((part.min(), part.max()) for part in parts), strict=True))
    low, high, kind = float(lows.min()), float(highs.max()), lows.dtype.kind
    if not np.isfinite([low, high]).all():
        raise ScanError("Some pixels are not numbers (NaN) or infinite. Find them with np.isnan(image).")
    bits = (limit for limit in (255, 1023, 4095, 16_383) if high <= limit)  # a camera may use 12 of 16
    limit = {"b": 1, "f": 255}.get(kind) or next(bits, 65_535)
    if low < -ROUNDING or high > limit + ROUNDING:
        raise ScanError(f"Pixels must be from 0 to 1 or from 0 to 255; these range from {low:.4g} to {high:.4g}.")
    if kind == "u" and high == 1:  # a mask, or a photo of the dark
        raise ScanError("Whole numbers as pixels must be from 0 to 255; these are 0 and 1. Multiply them by 255.")
    return 1 if kind != "u" and high <= 1 + ROUNDING else limit


def opaque(colours):
    """Put a picture with transparent parts (height, width, 4) on a background where its ink shows."""
    alpha = colours[:, :, 3]
    colours = colours[:, :, :3]
    if alpha.min() == 255:
        return colours
    if alpha.max() < 8:
        raise ScanError("This whole picture is transparent: there is nothing to read. Draw something first.")
    seen = colours[alpha > alpha.max() // 2].astype(int)
    light = seen.sum(axis=1) / 3
    page = len(seen) > 0.5 * alpha.size and np.ptp(np.percentile(light, (1, 99))) > 40
    # Ink on an opaque page: the page goes on around it. Ink alone gets a page that it stands out from.
    ground = np.median(seen, axis=0) if page else np.full(3, 255.0 if np.median(light) < 140 else 0.0)
    share = alpha[:, :, None] / np.float32(255)
    return (share * colours + (1 - share) * ground.astype(np.float32)).round().astype(np.uint8)
