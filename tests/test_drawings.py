"""The sample drawings, and a student's own small test set."""

import numpy as np
import pytest
from PIL import Image

from handwriting.errors import ScanError
from handwriting.scan import to_mnist
from handwriting.scan.drawings import my_digits, sample_drawings, sample_letter, sample_page, save_digit


@pytest.fixture
def seven():
    drawings, labels = sample_drawings()
    return drawings[int(np.flatnonzero(labels == 7)[0])]


def test_there_are_three_drawings_of_each_digit():
    drawings, labels = sample_drawings()
    assert len(drawings) == 30 and np.bincount(labels).tolist() == [3] * 10
    assert all(one.shape == (200, 200) and one.dtype == np.uint8 for one in drawings)
    assert {bool(np.median(one) > 127) for one in drawings} == {True, False}, "dark on light and light on dark"
    assert to_mnist(sample_letter()).max() == 255


def test_the_samples_take_little_room():
    assert sum(path.stat().st_size for path in sample_page().parent.iterdir()) < 50_000


def test_what_is_kept_comes_back_with_its_label(seven, tmp_path, capsys):
    kept = [
        (seven, 7),
        (255 - seven, 7),
        (np.fliplr(seven), np.int64(1)),
        (np.flipud(seven), np.array([7])),
        (seven.T, 7.0),
    ]
    paths = [save_digit(drawing, label, tmp_path) for drawing, label in kept]
    assert [path.name for path in paths] == ["7_001.png", "7_002.png", "1_001.png", "7_003.png", "7_004.png"]
    images, labels = my_digits(tmp_path)
    assert labels.tolist() == [1, 7, 7, 7, 7]
    assert np.abs(images[1].astype(int) - to_mnist(seven)).mean() < 3
    assert "5 pictures of your own" in capsys.readouterr().out


def test_a_kept_drawing_is_never_overwritten(seven, tmp_path):
    first = save_digit(seven, 7, tmp_path)
    save_digit(255 - seven, 7, tmp_path)
    first.unlink()
    assert save_digit(seven, 7, tmp_path).name == "7_003.png"


def test_the_same_drawing_counts_once_and_has_one_label(seven, tmp_path):
    first = save_digit(seven, 7, tmp_path)
    assert save_digit(seven, 7, tmp_path) == first
    with pytest.raises(ScanError, match=r"already saved as 7_001\.png\. If that label is wrong, delete that file"):
        save_digit(seven, 1, tmp_path)
    assert [path.name for path in first.parent.iterdir()] == ["7_001.png"]


def test_a_file_that_cannot_be_opened_is_not_deleted(seven, tmp_path, monkeypatch):
    other = save_digit(seven, 7, tmp_path)
    monkeypatch.setattr("pathlib.Path.glob", lambda self, pattern: iter(()))

    def refuse(self, mode):
        raise PermissionError(13, "Permission denied")  # as Windows does for a file that another program uses

    monkeypatch.setattr("pathlib.Path.open", refuse)
    with pytest.raises(ScanError, match="cannot be written to"):
        save_digit(255 - seven, 7, tmp_path)
    assert other.is_file()


def test_photos_put_there_by_hand_count_and_bad_ones_are_reported(seven, tmp_path, capsys):
    folder = tmp_path / "my_digits"
    folder.mkdir()
    Image.fromarray(seven).save(folder / "7 from my phone.JPG", "JPEG")
    (folder / "4_broken.png").write_bytes(b"no picture")
    (folder / "notes.txt").write_text("not mine")
    for name in ("2026.png", "seven.png", "7_a.heic", "7_b.bmp"):
        (folder / name).write_bytes(b"a year, no label, no PNG")
    images, labels = my_digits(tmp_path)
    assert labels.tolist() == [7] and images.shape == (1, 28, 28)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 6 and all(line.startswith("Left out: ") for line in lines[:5])
    assert sum("does not begin with the digit" in line for line in lines) == 2
    (folder / "7 from my phone.JPG").unlink()
    assert len(my_digits(tmp_path)[0]) == 30
    assert "None of your pictures in" in capsys.readouterr().out


def test_pictures_are_named_also_where_their_names_have_line_breaks(seven, tmp_path, capsys):
    folder = tmp_path / "my_digits"
    folder.mkdir()
    for name, picture in (("4_blank.png", np.full((50, 50), 255, np.uint8)), ("7_a\n.png", seven)):
        with (folder / name).open("wb") as file:
            Image.fromarray(picture).save(file, "PNG")
    assert my_digits(tmp_path)[1].tolist() == [7]
    assert "Left out: my_digits/4_blank.png: There is nothing to read" in capsys.readouterr().out


def test_a_file_with_the_name_of_the_folder_is_said(seven, tmp_path):
    (tmp_path / "my_digits").touch()
    for call in (lambda: my_digits(tmp_path), lambda: save_digit(seven, 7, tmp_path)):
        with pytest.raises(ScanError, match="my_digits is a file"):
            call()


def test_without_own_pictures_the_samples_stand_in(tmp_path, capsys):
    images, labels = my_digits(tmp_path / "nothing")
    assert images.shape == (30, 28, 28) and len(labels) == 30
    assert "sample drawings" in capsys.readouterr().out


@pytest.mark.parametrize("label", [10, -1, "7", None, True, 3.5, np.True_, np.nan, [7], np.array([1, 2])])
def test_a_label_that_is_none_is_refused(seven, tmp_path, label):
    with pytest.raises(ScanError, match="0 to 9"):
        save_digit(seven, label, tmp_path)
    assert not (tmp_path / "my_digits").exists()


def test_nothing_drawn_and_nowhere_to_write_are_reported(seven, tmp_path):
    with pytest.raises(ScanError, match="Draw a digit on the pad"):
        save_digit(None, 7, tmp_path)
    with pytest.raises(ScanError, match="nothing to read"):
        save_digit(np.full((50, 50), 255, np.uint8), 7, tmp_path)
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ScanError, match="cannot be written to"):
        save_digit(seven, 7, tmp_path / "file")
