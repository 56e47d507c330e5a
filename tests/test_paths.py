"""Paths that lead nowhere good, files that are too large, and archives that are more than they seem."""

import os
import stat
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from handwriting.data.letters import sample_letters
from handwriting.errors import AddressError, DataError, UserError
from handwriting.load import load_digits, load_folder
from handwriting.paths import before_moved, given_path, move_aside, open_zip, read_file, write_text
from handwriting.practice import progress
from handwriting.practice.progress_file import progress_file
from handwriting.scan import to_mnist
from handwriting.scan.drawings import my_digits, save_digit
from handwriting.widgets.collector import HandwritingCollector

#: Paths that no machine has, with what is said about them.
IMPOSSIBLE = {
    "~no such person/x": "begins with the home folder of a user who is not on this machine",
    "x" * 300: "File name too long",
    "é" * 200: "File name too long",
    "loop": "Too many levels of symbolic links",
    "pipe": "is neither a file nor a folder",
    "/dev/zero": "is neither a file nor a folder",
    "a\0b": "this name is not valid",
    "\ud800": "this name is not valid",
    7: "A path must be text",
    None: "A path must be text",
    b"x": "A path must be text",
}


@pytest.fixture
def odd_folder(tmp_path, monkeypatch):
    """The working folder, with a pipe and a link that leads back to itself."""
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    (tmp_path / "loop").symlink_to("loop")
    return tmp_path


@pytest.mark.skipif(sys.platform == "win32", reason="its paths are others")
@pytest.mark.parametrize("path", IMPOSSIBLE)
def test_an_impossible_path_gets_a_sentence(odd_folder, path):
    for use in (given_path, lambda path, error: read_file(path, 10, error)):
        with pytest.raises(DataError, match=IMPOSSIBLE[path]) as caught:
            use(path, DataError)
        assert str(caught.value).isprintable() and str(caught.value).endswith(".") and len(str(caught.value)) < 400


def test_a_file_whose_name_begins_with_a_tilde_is_read_and_a_space_before_a_name_is_seen(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("~7.png", "full.png"):
        Path(name).write_bytes(b"x")
    assert read_file("~7.png", 10) == b"x"
    with pytest.raises(AddressError, match=r'^" full.png" cannot be read: No such file'):
        read_file(" full.png", 10)


INK = np.zeros((40, 40), np.uint8)
INK[10:30, 18:22] = 255
TAKE_PATHS = {
    "load_digits": load_digits,
    "load_folder": load_folder,
    "sample_letters": sample_letters,
    "to_mnist": to_mnist,
    "save_digit": lambda path: save_digit(INK, 1, path),
    "my_digits": my_digits,
    "HandwritingCollector": lambda path: HandwritingCollector("AB", path),
    "progress": progress,
}


@pytest.mark.skipif(sys.platform == "win32", reason="its paths are others")
@pytest.mark.parametrize("name", TAKE_PATHS)
def test_whatever_takes_a_path_says_what_is_wrong_with_it(odd_folder, monkeypatch, name):
    monkeypatch.setattr(progress_file, "folder", "my_work")
    for path in IMPOSSIBLE:
        if (name, path) != ("progress", None):  # it means the folder of before
            with pytest.raises(UserError, match=r"\.$"):
                TAKE_PATHS[name](path)
    assert {path.name for path in odd_folder.iterdir()} == {"pipe", "loop"}


def test_a_path_need_not_exist_and_stays_relative(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "file").write_text("x")
    assert given_path("~/x") == tmp_path / "x"
    assert not given_path("gone/x").is_absolute()
    for path in (tmp_path, tmp_path / "file", tmp_path / "file" / "x"):
        assert given_path(path) == path


def test_an_error_in_a_notebook_steers_no_terminal():
    assert DataError("\x1b[31m\u202e is not\nhere")._render_traceback_() == ["DataError: \ufffd[31m\ufffd is not\nhere"]


def test_a_file_is_read_up_to_its_limit(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(bytes(2_000_000))
    assert read_file(path, 2_000_000) == bytes(2_000_000)
    with pytest.raises(DataError, match=r"has 2 MB. At most 1 MB are read"):
        read_file(path, 1_000_000, DataError)
    with pytest.raises(DataError, match=r"cannot be read: No such file"):
        read_file(tmp_path / "gone", 1, DataError)
    with pytest.raises(DataError, match=r"cannot be read: "):
        read_file(tmp_path, 10**6, DataError)


def test_an_archive_is_opened_up_to_its_limits(tmp_path):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", bytes(3_000_000))
    with open_zip(path, 3_000_000) as archive:
        assert archive.read("a") == bytes(3_000_000)
    with (
        pytest.raises(DataError, match=r"unpacks to 3 MB. Make it smaller: at most 2 MB"),
        open_zip(path, 2e6, DataError),
    ):
        pass
    for method in (zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2):  # Python unpacks these whole, whatever size they state
        with zipfile.ZipFile(path, "w", method) as archive:
            archive.writestr("a", b"a")
        with pytest.raises(DataError, match="compressed in an unusual way"), open_zip(path, 2e6, DataError):
            pass
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a", b"a")
        archive.infolist()[0].flag_bits |= 1
    with pytest.raises(DataError, match="has a password"), open_zip(path, 2e6, DataError):
        pass
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(25_000):
            archive.writestr(zipfile.ZipInfo(str(number)), b"")
    with pytest.raises(zipfile.BadZipFile, match="contents is too long"), open_zip(path, 3_000_000):
        pass


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
def test_what_a_killed_process_left_half_written_goes_a_day_later(tmp_path):
    names = [f".handwriting-part-{letter}.keras" for letter in "ab"] + [f".{32 * 'c'}.keras"]
    for name in names:
        (tmp_path / name).touch()
    for name in (names[0], names[2]):
        os.utime(tmp_path / name, (0, 0))
    write_text(tmp_path / "new.txt", "new")
    assert {path.name for path in tmp_path.iterdir()} == {*names[1:], "new.txt"}


def test_a_folder_is_looked_through_once_and_a_file_that_was_moved_is_known_by_its_name(tmp_path, monkeypatch):
    write_text(tmp_path / "page.html", "one")
    monkeypatch.setattr(Path, "glob", None)
    write_text(tmp_path / "page.html", "two")
    for name in ("page.html", "my-2.keras", "plain"):
        path = write_text(tmp_path / name, "three")
        assert before_moved(path) in (None, tmp_path / "my.keras")
        assert before_moved(move_aside(path)) == path
    assert [before_moved(Path(name)) for name in ("a-01.html", "-1.html", "a-x.html", "a-².html")] == [None] * 4


def test_who_may_read_a_file_stays_as_it_is_and_begins_as_the_system_says(tmp_path):
    before = os.umask(0o077)
    try:
        path = write_text(tmp_path / "grades.csv", "1")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        path.chmod(0o640)
        os.umask(0o022)
        assert stat.S_IMODE(write_text(path, "2").stat().st_mode) == 0o640
        assert stat.S_IMODE(write_text(tmp_path / "page.html", "3").stat().st_mode) == 0o644
    finally:
        os.umask(before)
