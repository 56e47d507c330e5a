"""Photos and drawings become MNIST's kind of picture; what is not a picture gets a sentence."""

import struct
import subprocess
import sys
import time
import zlib
from io import BytesIO

import numpy as np
import pytest
from conftest import ROOT
from fuzz import fuzz, whole_file
from odd_files import png
from PIL import Image, ImageDraw
from scipy import ndimage

from handwriting.data.standin import make_standin
from handwriting.errors import ScanError, UserError
from handwriting.scan import find_digits, show_steps, steps, to_mnist
from handwriting.scan.clutter import find_sheet
from handwriting.scan.drawings import sample_drawings, sample_page
from handwriting.scan.ink import find_ink


def drawing(side=300, pen=16, paper=255, ink=0, mode="L"):
    """A 7 with a bar, off the middle."""
    image = Image.new(mode, (side, side), paper)
    pen = max(1, pen * side // 300)
    lines = ImageDraw.Draw(image)
    points = [(0.3, 0.2), (0.62, 0.2), (0.42, 0.7)]
    lines.line([(x * side, y * side) for x, y in points], fill=ink, width=pen, joint="curve")
    lines.line([(0.36 * side, 0.45 * side), (0.6 * side, 0.45 * side)], fill=ink, width=pen)
    return image


def saved(image, form="PNG", **more):
    kept = BytesIO()
    image.save(kept, form, **more)
    return kept.getvalue()


def alike(one, other):
    """The correlation of two pictures, from -1 to 1."""
    return np.corrcoef(one.ravel(), other.ravel())[0, 1]


@pytest.fixture(scope="module")
def expected():
    return to_mnist(drawing())


def test_follows_the_rules_of_mnist(expected):
    assert expected.shape == (28, 28) and expected.dtype == np.uint8
    rows, columns = np.nonzero(expected > 127)
    assert 19 <= np.ptp(rows) + 1 <= 21, "the longer side is 20 pixels"
    assert np.ptp(columns) + 1 < 20, "the proportions are kept"
    assert np.allclose(ndimage.center_of_mass(expected), 14, atol=0.3)
    assert expected[0].max() == 0 and expected.max() == 255


@pytest.mark.parametrize("side", [40, 90, 400, 1200, 3000])
def test_size_does_not_matter(expected, side):
    assert alike(to_mnist(drawing(side)), expected) > (0.9 if side < 90 else 0.97)


@pytest.mark.parametrize("pen", [3, 6, 24])
def test_thin_and_thick_pens_give_strokes_of_one_width(expected, pen):
    seen = to_mnist(drawing(pen=pen))
    assert 0.75 < seen.sum() / expected.sum() < 1.35


@pytest.mark.parametrize(
    "image",
    [
        drawing(paper=0, ink=255),
        drawing(paper=200, ink=120),
        drawing(paper=(255, 255, 255), ink=(250, 220, 0), mode="RGB"),
        drawing(paper=(250, 250, 240), ink=(200, 30, 40), mode="RGB"),
        drawing(paper=(20, 60, 30), ink=(240, 240, 120), mode="RGB"),
        drawing(paper=(0, 0, 0, 0), ink=(0, 0, 0, 255), mode="RGBA"),
        drawing(paper=(255, 255, 255, 0), ink=(255, 255, 255, 255), mode="RGBA"),
        drawing(paper=(0, 0, 0, 0), ink=(0, 90, 200, 255), mode="RGBA"),
        drawing(paper=(255, 255, 255, 255), ink=(0, 0, 0, 255), mode="RGBA"),
    ],
    ids="light-on-dark faint yellow red chalk clear-black clear-white clear-blue opaque".split(),
)
def test_colours_and_polarity_do_not_matter(expected, image):
    assert alike(to_mnist(image), expected) > 0.97


GREY = np.asarray(drawing())
FORMS = {
    "png": saved(drawing()),
    "jpeg": saved(drawing(), "JPEG", quality=60),
    "webp": saved(drawing(), "WEBP"),
    "bmp": saved(drawing(), "BMP"),
    "bytearray": bytearray(saved(drawing())),
    "array": GREY,
    "list": GREY.tolist(),
    "fractions": GREY / 255,
    "fractions, rounded": (GREY / 255 * 1.0000002 - 1e-7).astype(np.float32),
    "12 of 16 bits": (GREY.astype(np.uint16) * 16 + 15).astype(np.uint16),
    "float to 255": GREY.astype(np.float32),
    "bool": GREY > 127,
    "0 and 1": (GREY > 127).astype(int),
    "uint16": GREY.astype(np.uint16) * 257,
    "one channel": GREY[:, :, None],
    "rgb array": np.stack([GREY] * 3, axis=-1),
    "palette": drawing().convert("P"),
    "16 bits": Image.fromarray(GREY.astype(np.uint16) * 257),
}


@pytest.mark.parametrize("form", FORMS)
def test_takes_every_form(expected, form):
    assert alike(to_mnist(FORMS[form]), expected) > 0.97


def test_takes_a_file_and_turns_a_photo_upright(expected, tmp_path):
    turned = drawing().rotate(90, expand=True)  # as a phone stores it, with a note which way is up
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / "photo.jpg"
    turned.save(path, exif=exif)
    assert alike(to_mnist(path), expected) > 0.97
    assert alike(to_mnist(str(path)), expected) > 0.97


@pytest.fixture(scope="module")
def digits():
    return make_standin(60, 1)[0]


def test_what_is_mnist_already_hardly_changes(digits):
    assert np.median([alike(to_mnist(image), image) for image in digits]) > 0.8


def page_with(draw):
    image = drawing(600, paper=(244, 243, 238), ink=(20, 30, 120), mode="RGB")
    draw(ImageDraw.Draw(image))
    return image


def squares(picture):
    for place in range(10, 600, 40):
        picture.line([(0, place), (600, place)], fill=(150, 180, 220), width=2)
        picture.line([(place, 0), (place, 600)], fill=(150, 180, 220), width=2)


def dark_rules(picture):
    for place in range(30, 600, 80):
        picture.line([(0, place), (600, place)], fill=(60, 60, 70), width=3)


def frame(picture):
    picture.rectangle([3, 3, 596, 596], outline=(0, 0, 0), width=5)


def box_on_a_form(picture):
    picture.polygon([(110, 60), (450, 70), (440, 500), (100, 490)], outline=(20, 20, 20), width=5)


def table(picture):
    picture.rectangle([0, 0, 600, 40], fill=(70, 45, 30))
    picture.rectangle([0, 0, 50, 600], fill=(70, 45, 30))


def specks(picture):
    for x, y in np.random.default_rng(0).integers(20, 580, (40, 2)):
        picture.ellipse([x, y, x + 3, y + 3], fill=(40, 40, 40))


@pytest.mark.parametrize("draw", [squares, dark_rules, frame, box_on_a_form, table, specks])
def test_what_is_not_a_digit_is_left_out(expected, draw):
    assert alike(to_mnist(page_with(draw)), expected) > 0.9


@pytest.mark.parametrize("side", [300, 420, 540])
@pytest.mark.parametrize("table", [(90, 60, 40), (150, 120, 90)])
def test_a_note_on_a_table_is_the_paper(expected, side, table):
    image = Image.new("RGB", (800, 600), table)
    note = drawing(side, paper=(245, 243, 235), ink=(20, 30, 120), mode="RGB").rotate(3, fillcolor=table, expand=True)
    image.paste(note, (180, 20))
    assert alike(to_mnist(image), to_mnist(drawing(side).rotate(3, fillcolor=255))) > 0.9


def test_no_digit_is_taken_for_a_note(digits):
    assert all(find_sheet(find_ink(image).parts) is None for image in digits)


def test_light_from_one_side_and_a_shadow_do_not_matter(expected):
    image = np.asarray(drawing(600)).astype(float) * 0.8 + 40
    light = np.linspace(1, 0.45, 600)[None, :] * np.where(np.arange(600) < 330, 1, 0.6)[:, None]
    noisy = image * light + np.random.default_rng(0).normal(0, 4, image.shape)
    assert alike(to_mnist(noisy.clip(0, 255).astype(np.uint8)), expected) > 0.93


def test_a_digit_in_two_strokes_stays_whole():
    image = Image.new("L", (300, 300), 255)
    pen = ImageDraw.Draw(image)
    pen.line([(120, 60), (110, 140), (170, 150), (170, 220), (110, 230)], fill=0, width=12)
    pen.line([(140, 50), (200, 45)], fill=0, width=12)
    columns = np.nonzero(to_mnist(image)[:8] > 60)[1]
    assert columns.max() > 17, "the hat of a 5 belongs to it"


def test_finds_digits_in_reading_order():
    drawings, _ = sample_drawings()
    ones = [255 - one if np.median(one) < 128 else one for one in drawings]
    page = np.full((650, 900), 255, np.uint8)
    for place, one in enumerate(ones[:12]):
        row, column = divmod(place, 4)
        page[row * 215 : row * 215 + 200, column * 220 : column * 220 + 200] = one
    found = find_digits(page)
    assert len(found) == 12
    for digit, one in zip(found, ones, strict=False):
        assert alike(digit.image, to_mnist(one)) > 0.9
    left, top, right, bottom = found[5].box
    assert 220 <= left < right <= 440 and 215 <= top < bottom <= 430, "boxes are in the picture's own pixels"


def test_finds_a_row_on_squared_paper_in_a_photo():
    found = find_digits(sample_page())
    assert len(found) == 10
    assert [digit.box[0] for digit in found] == sorted(digit.box[0] for digit in found)


def test_boxes_of_a_large_photo_are_in_its_own_pixels():
    with Image.open(sample_page()) as photo:
        large = photo.resize((3 * photo.width, 3 * photo.height))
    for small, big in zip(find_digits(sample_page()), find_digits(large), strict=True):
        assert np.allclose(np.array(big.box) / 3, small.box, atol=4)


def test_steps_lead_to_what_the_network_sees():
    image = page_with(squares)
    done = steps(image)
    assert [picture.ndim for _, picture in done] == [3, 2, 2, 2, 2, 2]
    assert np.array_equal(done[-1][1], to_mnist(image))
    assert all(picture.min() >= 0 and picture.max() <= 1 for _, picture in done[1:-1])
    assert "darker" in done[1][0] and "lighter" in steps(drawing(paper=0, ink=255))[1][0]
    assert "what the network sees" in show_steps(image).description


class Hostile:
    def __array__(self, *arguments, **named):
        raise RuntimeError("no")


NAN = np.full((30, 30), 0.5)
NAN[3, 3] = np.nan


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (b"", "0 bytes"),
        (b"hello, I am a text file", "not a picture"),
        (saved(drawing())[:600], "damaged or incomplete"),
        (saved(drawing(800), "JPEG")[:4000], "damaged or incomplete"),
        (saved(Image.new("L", (300, 300), 255)), "no ink stands out"),
        (np.zeros((30, 30), np.uint8), "no ink stands out"),
        (np.random.default_rng(0).normal(128, 1, (300, 300)).clip(0, 255).astype(np.uint8), "nothing to read"),
        (Image.new("RGBA", (50, 50), (0, 0, 0, 0)), "whole picture is transparent"),
        (NAN, "NaN"),
        (np.full((30, 30), 300.0), "from 0 to 255"),
        (np.full((30, 30), -1), "from 0 to 255"),
        (np.eye(30, dtype=np.uint8), "Multiply them by 255"),
        (np.zeros((4, 40)), "too few"),
        (np.zeros((70, 28, 28)), "A picture must have shape"),
        (np.zeros(784), "A picture must have shape"),
        (np.array([["a", "b"]]), "not a picture"),
        ([[1, 2], [3]], "not a picture"),
        (None, "no picture here: it is None"),
        (Hostile(), "not a picture"),
        ("no/such/photo.png", "cannot be read"),
        ("a\0b.png", "cannot be read"),
        (ROOT, "cannot be read"),
        (np.broadcast_to(np.uint8(0), (50_000, 50_000)), "50,000 × 50,000"),
        *((b"\0\0\0\x18ftyp" + kind + bytes(50), "HEIC") for kind in (b"heic", b"heis", b"msf1", b"avif")),
    ],
)  # fmt: skip
def test_bad_input_gets_a_sentence(image, words):
    with pytest.raises(ScanError, match=words) as caught:
        to_mnist(image)
    assert isinstance(caught.value, UserError) and str(caught.value).endswith(".")


def test_an_animation_is_refused():
    frames = [drawing(60), drawing(60, 30)]
    with pytest.raises(ScanError, match="contains several pictures"):
        to_mnist(saved(frames[0], "GIF", save_all=True, append_images=frames[1:]))


def test_a_decompression_bomb_is_refused_unopened():
    header = saved(Image.new("1", (50_000, 8)))
    bomb = header.replace((8).to_bytes(4, "big"), (50_000).to_bytes(4, "big"), 1)
    start = bomb.index(b"IHDR")
    bomb = bomb[: start + 17] + zlib.crc32(bomb[start : start + 17]).to_bytes(4, "big") + bomb[start + 21 :]
    with pytest.raises(ScanError, match="at most 64 million"):
        to_mnist(bomb)


@pytest.mark.parametrize(
    ("picture", "words"),
    [
        (png(8, 8_000_000), "8 × 8,000,000 pixels. Crop it: at most 40,000 on each side"),
        (png(8_000_000, 8), "8,000,000 × 8 pixels. Crop it"),
        (b"P6 4000 4000 65535 " + bytes(9), "at most 2 million"),
        (b"P6 4000 4000 100 " + bytes(9), "at most 2 million"),
        (b"P3 4000 4000 255 " + b"0 " * 9, "at most 2 million"),
    ],
    ids="tall wide ppm odd-ppm plain-ppm".split(),
)  # fmt: skip
def test_what_would_take_long_or_much_memory_is_refused_unopened(picture, words):
    begun = time.process_time()
    with pytest.raises(ScanError, match=words):
        to_mnist(picture)
    assert time.process_time() - begun < 2


def with_scans(content, count):
    """Return a progressive JPEG with `count` copies of its last scan and table; behind its end are marks of 99."""
    start = content.rindex(b"\xff\xc4")
    return content[:-2] + count * content[start:-2] + content[-2:] + 99 * b"\xff\xda"


def test_a_jpeg_of_many_scans_is_refused(expected):
    content = saved(drawing(600), "JPEG", progressive=True)
    assert alike(to_mnist(with_scans(content, 20)), expected) > 0.97
    for longer in (with_scans(content, 60), content[:-2] + 20_000 * b"\xff\xfe\0\2" + content[-2:]):
        with pytest.raises(ScanError, match="a JPEG with too many scans"):
            to_mnist(longer)


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xd8" + 500_000 * b"\xff\xe1\0\2",
        b"\xff\xd8" + 2_000_000 * b"\xff",
        png(9, 9)[:33] + 150_000 * (bytes(4) + b"abCd" + struct.pack(">I", zlib.crc32(b"abCd"))),
        saved(drawing(60), "GIF")[:-1] + b"\x21\xfe" + 1_000_000 * b"\x01a",
    ],
    ids="jpeg filled-jpeg png gif".split(),
)
def test_a_picture_of_very_many_parts_is_refused(content):
    with pytest.raises(ScanError, match="too many parts"):
        to_mnist(content)


def test_webp_pictures_have_a_limit_of_their_own(monkeypatch):
    monkeypatch.setattr("handwriting.scan.image_file.LARGEST_WEBP", 5_000_000)
    assert to_mnist(saved(drawing(2000), "WEBP", quality=50)).max() == 255
    with pytest.raises(ScanError, match=r"2,300 × 2,300 pixels. Make it smaller: at most 5 million pixels"):
        to_mnist(saved(drawing(2300), "WEBP", quality=50))


@pytest.mark.parametrize("mode", ["1", "P", "LA", "RGBA", "I;16"])
def test_a_large_picture_of_any_kind_is_reduced(mode, expected):
    image = drawing(3000)
    image = Image.fromarray(np.asarray(image).astype(np.uint16) * 257) if mode == "I;16" else image.convert(mode)
    assert alike(to_mnist(saved(image)), expected) > 0.97


def test_a_picture_of_too_many_bytes_says_so(tmp_path):
    with (tmp_path / "x.png").open("wb") as file:
        file.truncate(256_000_000)
    with pytest.raises(ScanError, match=r"x.png has 256 MB. At most 200 MB are read"):
        to_mnist(tmp_path / "x.png")


@pytest.mark.parametrize("seed", range(40))
def test_whole_files_are_read(seed):
    assert to_mnist(whole_file(np.random.default_rng(seed))).max() == 255


def test_whatever_comes_only_sentences_go_out():
    outcomes = fuzz(400, seed=1)
    assert sum(outcomes.values()) == 400
    assert outcomes["read"] >= 20 and len(outcomes) > 10


MEASURE = """
import sys, time
from handwriting.results import peak_memory
from handwriting.scan import to_mnist
for path in sys.argv[1:]:
    start = time.process_time()  # whatever else the machine does
    to_mnist(path)
    print(time.process_time() - start, peak_memory())
"""


def test_phone_photos_and_the_largest_pictures_fit_into_time_and_memory(tmp_path):
    photo = drawing(4000, paper=(240, 238, 230), ink=(30, 30, 90), mode="RGB").crop((0, 0, 4000, 3000))
    pictures = {"small.png": drawing(), "photo.jpeg": photo, "photo.png": photo}
    pictures |= {f"{mode}.png": drawing(8000).convert(mode) for mode in ("1", "LA")}
    for name, picture in pictures.items():
        picture.save(tmp_path / name, compress_level=1)
    command = [sys.executable, "-c", MEASURE, *(tmp_path / name for name in pictures)]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    measured = [tuple(map(float, line.split())) for line in output.splitlines()]
    assert all(seconds < 2 for seconds, _ in measured[1:3]), "a second on a machine that does nothing else"
    assert all(megabytes < 500 for _, megabytes in measured), measured


def test_a_drawing_takes_milliseconds():
    image = saved(drawing(400))
    times = []
    for _ in range(15):
        start = time.process_time()  # whatever else the machine does
        to_mnist(image)
        times.append(time.process_time() - start)
    assert min(times) < 0.03, "15 ms on a machine that does nothing else"


def test_a_picture_full_of_marks_is_refused_and_not_worked_on_for_minutes():
    dots = np.full((1000, 1000), 255, np.uint8)
    dots[5::20, 5::20] = dots[6::20, 6::20] = dots[5::20, 6::20] = dots[6::20, 5::20] = 0
    noise = np.random.default_rng(0).integers(0, 256, (1000, 1000), dtype=np.uint8)
    begun = time.process_time()
    for picture in (dots, noise):
        with pytest.raises(ScanError, match="too many for a page of digits"):
            find_digits(picture)
    assert time.process_time() - begun < 20


def test_a_page_with_a_hundred_digits_is_read():
    page = np.full((1000, 1000), 255, np.uint8)
    for row in range(50, 1000, 100):
        for column in range(50, 1000, 100):
            page[row - 25 : row + 25, column - 4 : column + 4] = 0
    found = find_digits(page)
    assert len(found) == 100
    corners = [(digit.box[1] // 100, digit.box[0] // 100) for digit in found]
    assert corners == sorted(corners)
