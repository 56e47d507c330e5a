"""Data that is drawn: the stand-in, the letters from fonts, and the sample drawings."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from conftest import Later
from PIL import Image

from handwriting.data import distort, letters, standin
from handwriting.data.letters import STYLES, TEST_FACES, TRAIN_FACES, make_letters, sample_letters
from handwriting.data.standin import make_standin
from handwriting.errors import DataError, UserError
from handwriting.scan import to_mnist


@pytest.fixture(scope="module", params=[make_letters, make_standin])
def drawn(request):
    return request.param, request.param(480, 240)


def same(one, two):
    return all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))


def test_drawn_images_have_mnist_s_form(drawn):
    make, (x_train, y_train, x_test, y_test) = drawn
    assert x_train.shape == (480, 28, 28) and x_test.shape == (240, 28, 28)
    assert {array.dtype for array in drawn[1]} == {np.dtype(np.uint8)}
    for labels in (y_train, y_test):
        spread = 0 if make is make_letters else 0.4
        assert np.allclose(np.bincount(labels, minlength=10), len(labels) / 10, rtol=spread)


def test_drawn_images_are_centred_and_as_large_as_mnist_s(drawn):
    for images in (drawn[1][0], drawn[1][2]):
        weights = images.sum(axis=(1, 2), dtype=float)
        for axis in (1, 2):
            middle = (images.sum(axis=axis, dtype=float) @ np.arange(28)) / weights
            assert np.abs(middle - 13.5).mean() < 0.6
        inked = (images > 64).any(axis=2).sum(axis=1)
        assert 17 < inked.mean() < 21.5 and images.max() == 255
        assert 28 < images.mean() < 50, "MNIST's mean is 33.3"
        at_edge = np.concatenate([images[:, [0, -1]], images[:, :, [0, -1]].swapaxes(1, 2)], axis=1).max(axis=(1, 2))
        assert (at_edge > 64).mean() < 0.03, "images are cut off"


@pytest.mark.parametrize("make", [make_letters, make_standin])
def test_the_same_seed_gives_the_same_images_on_any_number_of_threads(make, monkeypatch):
    monkeypatch.setattr(distort, "CHUNK", 10)
    images = make(50, 20)
    assert not np.array_equal(make(50, 20, seed=1)[0], images[0])
    monkeypatch.setattr(distort, "ThreadPoolExecutor", lambda: ThreadPoolExecutor(1))
    assert same(make(50, 20), images)


def test_strokes_are_estimated_only_of_what_is_drawn(monkeypatch):
    estimated, estimate = [], standin.estimate_strokes
    monkeypatch.setattr(standin, "estimate_strokes", lambda scans: estimated.append(len(scans)) or estimate(scans))
    make_standin(12, 5)
    assert sum(estimated) == 12 + 5


def test_nobody_s_digits_are_in_two_parts_of_the_stand_in(monkeypatch):
    labels = Later("sklearn.datasets").load_digits().target
    sheets = np.split(np.arange(len(labels)), standin.SHEETS[1:])
    for sheet in sheets:  # each begins with the digits in order, three times; scans are missing here and there
        assert "".join(map(str, labels[sheet[:40]])).startswith(("0123456789012345", "1234567890123456"))
    parts = []
    monkeypatch.setattr(standin, "estimate_strokes", lambda scans: scans)
    monkeypatch.setattr(standin, "draw_parts", lambda strokes, labels, given, seed: parts.extend(given) or [labels] * 6)
    standin.make_standin()
    assert [count for _, count in parts] == [55_000, 5_000, 10_000]
    assert sorted(np.concatenate([scans for scans, _ in parts])) == list(range(len(labels)))
    for sheet in sheets:
        assert sum(np.isin(sheet, scans).all() for scans, _ in parts) == 1
    assert all(set(labels[scans]) == set(range(10)) for scans, _ in parts)


def test_no_face_is_in_both_parts(monkeypatch):
    assert len({*TRAIN_FACES, *TEST_FACES}) == len(TRAIN_FACES) + len(TEST_FACES)
    newer = {"cmti10"}  # not in the Matplotlib of Colab
    assert not newer & {*TRAIN_FACES, *TEST_FACES}
    parts = []
    monkeypatch.setattr(letters, "draw_parts", lambda strokes, labels, given, *rest: parts.extend(given))
    make_letters(5, 3)
    (train, many), (test, few) = parts
    assert (many, few) == (5, 3)
    faces = [set(originals // 10) for originals in (train, test)]
    assert faces == [set(range(len(TRAIN_FACES))), set(range(len(TRAIN_FACES), len(TRAIN_FACES) + len(TEST_FACES)))]


@pytest.mark.parametrize("face", TRAIN_FACES + TEST_FACES)
def test_each_face_has_ten_letters_that_differ(face):
    found = letters.glyphs(face)
    assert found.shape == (10, distort.GRID, distort.GRID)
    for one in found:
        rows, columns = (np.flatnonzero(one.any(axis=axis)) for axis in (1, 0))
        assert distort.HEIGHT - 1 <= max(np.ptp(rows), np.ptp(columns)) + 1 <= distort.HEIGHT
    assert len({one.tobytes() for one in found}) == 10


def test_a_font_that_is_missing_is_reported(monkeypatch, tmp_path):
    monkeypatch.setattr("matplotlib.get_data_path", lambda: str(tmp_path))
    with pytest.raises(DataError, match=r"DejaVuSans\.ttf cannot be used .* Reinstall Matplotlib"):
        make_letters(10, 10)


def test_sample_letters_are_drawings_at_different_places(tmp_path):
    folder = sample_letters(tmp_path / "new" / "my letters")
    assert folder == tmp_path / "new" / "my letters"
    paths = sorted(folder.rglob("*.*"))
    assert paths == [folder / letter / f"{number:03d}.png" for letter in "ABC" for number in range(1, 16)]
    sheets = np.array([np.asarray(Image.open(path)) for path in paths])
    assert sheets.shape == (45, 140, 140) and sheets.dtype == np.uint8
    assert (np.median(sheets, axis=(1, 2)) == 255).all() and (sheets.min(axis=(1, 2)) == 0).all()
    assert sheets[:, [0, -1]].min() == sheets[:, :, [0, -1]].min() == 255, "ink at the edge of the sheet"
    tops = (sheets < 128).any(axis=2).argmax(axis=1)
    assert np.ptp(tops) > 20
    assert len({to_mnist(path).tobytes() for path in paths}) == 45


def test_sample_letters_repeat(tmp_path):
    one, two, other = (sample_letters(tmp_path / str(k), "A", 3, seed) for k, seed in enumerate([0, 0, 1]))
    assert (one / "A" / "002.png").read_bytes() == (two / "A" / "002.png").read_bytes()
    assert (one / "A" / "002.png").read_bytes() != (other / "A" / "002.png").read_bytes()


def test_every_style_can_be_read_from_its_sheet(tmp_path):
    folder = sample_letters(tmp_path, STYLES, max(map(len, STYLES.values())))
    assert all(to_mnist(path).max() == 255 for path in folder.rglob("*.png"))


def test_a_folder_with_pictures_is_left_alone(tmp_path):
    own = tmp_path / "B" / "mine.JPG"
    own.parent.mkdir()
    own.write_bytes(b"mine")
    assert sample_letters(tmp_path) == tmp_path
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [own]


@pytest.mark.parametrize(
    ("letters", "count", "message"),
    [
        ("AZ", 1, "letters A, B, C, D, E, not of Z"),
        ("a", 1, "not of a"),
        ("", 1, "chose none"),
        ([7], 1, "not of 7"),
        *(("A", count, '"count" must be a whole number, at least 1, not') for count in (0, 1.5, "ten")),
    ],
)
def test_wrong_letters_and_counts_are_explained(tmp_path, letters, count, message):
    with pytest.raises(UserError, match=message):
        sample_letters(tmp_path / "new", letters, count)
    assert not (tmp_path / "new").exists()


def test_a_file_where_the_folder_should_be_is_reported(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DataError, match=r"cannot be written to .* Choose another folder"):
        sample_letters(tmp_path / "file")


def test_a_disk_that_gets_full_leaves_nothing_that_looks_complete(tmp_path, monkeypatch):
    real, saved = letters.save_drawing, []

    def full(path, *rest):
        if len(saved) == 20:
            raise OSError(28, "No space left on device")
        saved.append(path)
        real(path, *rest)

    monkeypatch.setattr(letters, "save_drawing", full)
    with pytest.raises(DataError, match="No space left on device"):
        sample_letters(tmp_path)
    assert not list(tmp_path.rglob("*.png"))
