"""Data sets: what is accepted, and what the errors say."""

import errno
import gzip
import hashlib
import os
import re
import struct
import sys
import tracemalloc
import zipfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from conftest import Later

from handwriting.data import download, standin
from handwriting.data.cache import find_file, is_available, make_folders_absolute, read_local, status
from handwriting.data.dataset import last_loaded, last_name, remember
from handwriting.data.formats import ARRAYS, parse_idx, read_npz
from handwriting.data.registry import CLASS_NAMES, DIGITS, FILES, FINGERPRINTS, File
from handwriting.errors import DataError
from handwriting.load import Dataset, load_digits, load_writers, standin_status


@pytest.fixture
def npz(tmp_path, arrays):
    def save(**changes):
        content = dict(zip(ARRAYS, arrays, strict=True)) | changes
        np.savez(tmp_path / "own.npz", **{key: value for key, value in content.items() if value is not None})
        return tmp_path / "own.npz"

    return save


def test_an_npz_is_loaded(npz, arrays, capsys):
    data = load_digits(npz())
    assert data.name == "own"
    assert np.array_equal(data.x_train, arrays[0])
    assert "240 images for training, 60 for testing" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"y_test": None}, "has no y_test"),
        ({"x_train": np.zeros((240, 28, 28))}, "x_train is float64"),
        ({"x_train": np.zeros((240, 32, 32), np.uint8)}, r"shape \(240, 32, 32\)"),
        ({"x_train": np.zeros((3, 28, 28), np.uint8)}, "3 images, y_train 240 labels"),
        ({"y_train": np.full(240, 10, np.uint8)}, "label 10"),
        ({"y_train": np.zeros((240, 1), np.uint8)}, "need shape"),
        ({"x_test": np.zeros((0, 28, 28), np.uint8), "y_test": np.zeros(0, np.uint8)}, "empty"),
    ],
)
def test_unfit_npz_is_explained(npz, changes, message):
    with pytest.raises(DataError, match=message):
        load_digits(npz(**changes))


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04 cut"])
def test_what_is_not_an_npz_is_explained(tmp_path, content):
    (tmp_path / "x.npz").write_bytes(content)
    with pytest.raises(DataError, match=r"not an \.npz"):
        load_digits(tmp_path / "x.npz")


def test_pickled_objects_are_never_run(npz, tmp_path):
    class Trap:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "trapped"),)

    with pytest.raises(DataError, match="Python objects"):
        load_digits(npz(x_train=np.array([Trap()], dtype=object)))
    assert not (tmp_path / "trapped").exists()


def test_a_description_that_is_too_long_is_no_object(tmp_path):
    content = np.lib.format.magic(2, 0) + (2**20).to_bytes(4, "little") + b" " * 2**20
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        for name in ("x_train", "y_train", "x_test", "y_test"):
            archive.writestr(f"{name}.npy", content)
    with pytest.raises(DataError, match="x_train is damaged"):
        read_npz(tmp_path / "x.npz")


def test_a_zip_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("handwriting.data.formats.LARGEST", 1000)
    with zipfile.ZipFile(tmp_path / "x.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x_train.npy", bytes(100_000))
    with pytest.raises(DataError, match="unpacks to"):
        read_npz(tmp_path / "x.npz")


@pytest.mark.parametrize("seed", range(8))
def test_a_damaged_npz_gets_a_sentence(npz, seed, recwarn):
    path = npz()
    whole, generator = path.read_bytes(), np.random.default_rng(seed)
    for _ in range(50):
        content = bytearray(whole)
        begin = generator.choice([0, len(whole) - 600, int(generator.integers(len(whole)))])  # headers more often
        for place in begin + generator.integers(0, 600, generator.integers(1, 5)):
            content[place % len(whole)] = generator.integers(256)
        path.write_bytes(content[: generator.choice([len(whole), int(generator.integers(len(whole)))])])
        try:
            read_npz(path)
        except DataError as error:
            assert str(error).endswith(".")
    # What earlier tests left for the garbage collector is none of this one's.
    assert [one for one in recwarn if not issubclass(one.category, ResourceWarning)] == []


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("letters.npz", "letters (a file)"),
        (f"{200 * 'x'}.npz", f"{119 * 'x'}…"),  # shown in tables, pages and figures
        ("MNIST.npz", "MNIST (a file)"),
        ("Fashion_MNIST.npz", "Fashion_MNIST (a file)"),
        ("auto.npz", "auto (a file)"),
        ("The stand-in for MNIST.npz", "The stand-in for MNIST (a file)"),
        ("my letters.npz", "my letters"),
        ("a\u202eb.npz", "a\ufffdb"),
    ],
)
def test_a_file_is_not_taken_for_data_of_that_name(npz, file, name, capsys):
    data = load_digits(npz().rename(npz().with_name(file)))
    assert data.name == name and capsys.readouterr().out.startswith(f"Data: {name}, 240 images")


def save_idx(folder, arrays, name=lambda file: file.removesuffix(".gz")):
    """Save arrays as MNIST's four files, under the names that `name` makes of theirs."""
    for file, array in zip(FILES["mnist"], arrays, strict=True):
        head = struct.pack(">HBB", 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
        (folder / name(file)).parent.mkdir(parents=True, exist_ok=True)
        (folder / name(file)).write_bytes(head + array.tobytes())
    return folder


@pytest.mark.parametrize("name", ["mnist", "fashion-mnist", "letters", "MNIST"])
def test_a_folder_of_files_is_not_taken_for_data_of_that_name(tmp_path, monkeypatch, arrays, name):
    save_idx(tmp_path / name, arrays)
    monkeypatch.chdir(tmp_path / name)
    for path in (".", tmp_path / name, f"../{name}/"):
        assert load_digits(path).name == f"{name} (a folder of files)"


def test_the_original_data_are_known_wherever_they_come_from(npz, tmp_path, monkeypatch):
    zeros = [np.zeros(shape, np.uint8) for shape in ((60_000, 28, 28), 60_000, (10_000, 28, 28), 10_000)]
    names = CLASS_NAMES["fashion-mnist"]
    monkeypatch.setitem(FINGERPRINTS, "fashion-mnist", Dataset("", names, *zeros).fingerprint)
    data = load_digits(npz(**dict(zip(ARRAYS, zeros, strict=True))))
    assert data.name == "fashion-mnist" and data.class_names == names
    zeros[1][0] = 1
    assert load_digits(npz(**dict(zip(ARRAYS, zeros, strict=True)))).name == "own"


def test_classes_without_images_are_named(npz, capsys):
    load_digits(npz(x_train=np.zeros((4, 28, 28), np.uint8), y_train=np.array([0, 0, 2, 9], np.uint8)))
    assert capsys.readouterr().out.splitlines()[1:] == ["No image for training shows 1, 3, 4, 5, 6, 7, 8."]


def test_folder_with_the_four_files(tmp_path, arrays):
    save_idx(tmp_path, arrays)
    assert np.array_equal(load_digits(tmp_path).y_test, arrays[3])
    (tmp_path / "t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(DataError, match="has no t10k-labels"):
        load_digits(tmp_path)


@pytest.mark.parametrize(
    "name",
    [
        lambda file: file.replace("-idx", ".idx").removesuffix(".gz"),
        lambda file: file.replace("-idx", ".idx"),
        lambda file: f"{file.removesuffix('.gz')}/{file.removesuffix('.gz')}",
        lambda file: f"{file.removesuffix('.gz')}/{file.replace('-idx', '.idx').removesuffix('.gz')}",
    ],
)
def test_files_are_found_under_the_names_that_programs_give_them(tmp_path, no_data, monkeypatch, arrays, name):
    save_idx(tmp_path / "given" / "mnist", arrays, name)
    assert np.array_equal(load_digits(tmp_path / "given" / "mnist").x_train, arrays[0])
    contents = (find_file(tmp_path / "given" / "mnist", file).read_bytes() for file in FILES["mnist"])
    known = {
        file: File(1, "", hashlib.sha256(one).hexdigest()) for file, one in zip(FILES["mnist"], contents, strict=True)
    }
    monkeypatch.setitem(FILES, "mnist", known)
    monkeypatch.setenv("HANDWRITING_DATA_DIR", str(tmp_path / "given"))
    assert load_digits("mnist").name == "mnist"
    assert {row["state"] for row in status() if row["name"] == "mnist"} == {"whole"}


def test_damaged_data_and_others_of_the_same_names_are_not_there(tmp_path, no_data, monkeypatch):
    monkeypatch.setenv("HANDWRITING_DATA_DIR", str(tmp_path / "data"))
    content = b"cut short, or that of Fashion-MNIST"
    (tmp_path / "data").mkdir()
    for state in ("broken", "missing"):
        for file in FILES["mnist"]:
            (tmp_path / "data" / file).write_bytes(content)
        assert not is_available("mnist")
        assert {row["state"] for row in status() if row["name"] == "mnist"} == {state}
        known = {file: (len(content), hashlib.sha256(content).hexdigest()) for file in FILES["mnist"]}
        monkeypatch.setitem(FILES, "fashion-mnist", known)
    (tmp_path / "data").rename(tmp_path / "mnist")
    monkeypatch.setenv("HANDWRITING_DATA_DIR", str(tmp_path))
    assert {row["state"] for row in status() if row["name"] == "mnist"} == {"broken"}, "where MNIST's own should be"


def test_files_that_may_not_be_read_are_not_broken(no_data, monkeypatch, arrays):
    save_idx(no_data / "mnist", arrays)
    real = Path.open

    def opened(path, *words):
        if no_data in path.parents:
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path, *words)

    monkeypatch.setattr(Path, "open", opened)
    assert {row["state"] for row in status() if row["name"] == "mnist"} == {"unreadable"}


def test_folders_that_may_not_be_looked_into_have_no_data(no_data, tmp_path, monkeypatch):
    real = os.stat

    def looked_at(path, *words, **options):
        if isinstance(path, (str, os.PathLike)) and {tmp_path / "locked", no_data} & set(Path(path).parents):
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path, *words, **options)

    monkeypatch.setenv("HANDWRITING_DATA_DIR", str(tmp_path / "locked"))
    monkeypatch.setattr(os, "stat", looked_at)
    lines = []
    assert read_local("mnist", lines.append) is None and standin_status()["state"] == "missing"
    assert len(lines) == 1 and lines[0].startswith("HANDWRITING_DATA_DIR: ") and "Permission denied" in lines[0]


@pytest.mark.parametrize("packed", [True, False])
def test_a_file_that_claims_too_much_is_not_unpacked(tmp_path, packed):
    head = b"\0\0\x08\x03" + struct.pack(">3I", 2_000_000, 28, 28)
    content = gzip.compress(head + bytes(3_000_000), mtime=0) if packed else head
    tracemalloc.start()
    with pytest.raises(DataError, match=r"has 1,568 million numbers; the limit is 1,000 million. Use fewer images"):
        parse_idx("file", content)
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()


def test_what_two_files_have_together_is_limited(tmp_path, monkeypatch, arrays):
    monkeypatch.setattr("handwriting.load.LARGEST", sum(array.size for array in arrays) - 1)
    with pytest.raises(DataError, match=r"t10k-labels.* million numbers"):
        load_digits(save_idx(tmp_path, arrays))


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"\0\0\x08", b"\0\0\x08\0ab", b"\0\0\x08\x01\0\0\0\x09ab"),
        *(gzip.compress(b"\0\0\x0d\x01", mtime=0)[:20], gzip.compress(b"\0\0\x08\0ab", mtime=0)),
    ],
)
def test_a_broken_idx_is_explained(content):
    with pytest.raises(DataError, match="incomplete"):
        parse_idx("file", content)


def test_what_follows_a_packed_file_is_not_read(arrays, tmp_path):
    path = find_file(save_idx(tmp_path, arrays), "train-images-idx3-ubyte.gz")
    path.write_bytes(gzip.compress(path.read_bytes(), mtime=0))
    with path.open("r+b") as file:
        file.truncate(10**9)  # zeros that take no room on the disk
    assert np.array_equal(load_digits(tmp_path).x_train, arrays[0])


@pytest.mark.parametrize("change", [lambda content: content[:-1], lambda content: content[:-8] + bytes(8)])
def test_a_packed_file_is_checked_to_its_end(change):
    content = gzip.compress(b"\0\0\x08\x01\0\0\0\x02ab", mtime=0)
    assert parse_idx("file", content).tolist() == [97, 98]
    with pytest.raises(DataError, match="incomplete"):
        parse_idx("file", change(content))


def test_standin_is_drawn_cached_and_drawn_again_when_broken(no_data, monkeypatch, arrays, capsys):
    drawn = []
    monkeypatch.setattr(standin, "make_standin", lambda: drawn.append(1) or arrays)
    load_digits("stand-in")
    load_digits("stand-in")
    assert len(drawn) == 1
    cached = next(no_data.glob("stand-in*.npz"))
    whole = cached.read_bytes()
    cached.write_bytes(whole[:5000])
    assert np.array_equal(load_digits("stand-in").x_train, arrays[0])
    assert len(drawn) == 2
    assert "damaged" in capsys.readouterr().out
    others = dict(zip(ARRAYS, arrays[2:] * 2, strict=True))
    for more in ({}, {"fingerprint": Dataset("stand-in", DIGITS, *arrays).fingerprint}):
        np.savez(cached, **others, **more)  # somebody else's, by the name of ours
        assert standin_status()["state"] == "broken"
        assert np.array_equal(load_digits("stand-in").x_train, arrays[0])
        assert standin_status()["state"] == "whole"
    assert sorted(path.name for path in no_data.iterdir()) == [cached.name], "half-written files stay behind"


@pytest.fixture
def qmnist(tmp_path, no_data, monkeypatch):
    """QMNIST's two files, of five and four images: the writers are in the third of eight columns."""
    (tmp_path / "qmnist").mkdir()
    known = {}
    for file, people in zip(FILES["qmnist"], ([7, 7, 2100, 7, 3], [2351, 330, 330, 9]), strict=True):
        table = np.zeros((len(people), 8), ">i4")
        table[:, 2] = people
        plain = struct.pack(">HBBII", 0, 12, 2, *table.shape) + table.tobytes()
        packed = gzip.compress(plain, mtime=0)
        known[file] = File(len(packed), *(hashlib.sha256(content).hexdigest() for content in (packed, plain)))
        (tmp_path / "qmnist" / file).write_bytes(packed if len(known) == 1 else plain)
    monkeypatch.setitem(FILES, "qmnist", known)
    monkeypatch.setenv("HANDWRITING_DATA_DIR", str(tmp_path))
    return tmp_path / "qmnist"


def test_the_writers_of_mnist_are_loaded(qmnist, capsys):
    writers = load_writers(SimpleNamespace(name="mnist"))
    assert writers.train.tolist() == [7, 7, 2100, 7, 3] and writers.test.tolist() == [2351, 330, 330, 9]
    assert capsys.readouterr().out == ""


def test_without_their_writers_one_line_says_why(qmnist, no_network, capsys):
    assert load_writers(SimpleNamespace(name="stand-in")) is None
    assert capsys.readouterr().out == "It is not known who wrote each image: this is known only for MNIST.\n"
    for file in qmnist.iterdir():
        file.unlink()
    for reason in ("qmnist cannot be downloaded: nobody answers.", "no mirror .*; handwriting data fetch qmnist tries"):
        assert load_writers(SimpleNamespace(name="mnist")) is None
        (line,) = capsys.readouterr().out.splitlines()
        assert re.match(f"It is not known who wrote each image: {reason}", line)
    assert no_network == ["qmnist"], "it asked again at once"


@pytest.mark.skipif(
    not (is_available("qmnist") and is_available("mnist")), reason="QMNIST's labels or MNIST are not here"
)
def test_what_the_notebooks_say_about_mnist_s_writers_is_true():
    train, test = load_writers(SimpleNamespace(name="mnist"))
    assert len(train) == 60_000 and not np.isin(test, train).any()
    held, familiar = train[-5000:], np.isin(train[-5000:], train[:-5000])
    assert len(set(held)) == 282 and len(set(held[familiar])) == 251 and round(familiar.mean(), 2) == 0.31
    students = np.flatnonzero(test >= 2100)
    assert np.array_equal(
        students, np.arange(10_000)[Later("handwriting.models.baselines").WRITERS["high-school students"]]
    )


def test_dataset_says_what_it_is(small):
    assert repr(small) == "<Dataset small: 240 training and 60 test images, 10 classes>"


def test_a_change_in_place_changes_the_fingerprint(arrays):
    digits = Dataset("small", DIGITS, *(array.copy() for array in arrays))
    before = digits.fingerprint
    digits.x_train[:] = 255 - digits.x_train
    assert digits.fingerprint != before


def test_a_fingerprint_depends_on_the_content_alone(small, arrays):
    assert re.fullmatch("[0-9a-f]{16}", small.fingerprint)
    copies = [np.asfortranarray(array) for array in arrays]
    assert Dataset("another name", list(DIGITS), *copies).fingerprint == small.fingerprint
    others = [Dataset("small", names, *arrays) for names in ("ABCDEFGHIJ", (*DIGITS, "A"), ("01", "", *DIGITS[2:]))]
    for place in range(4):
        changed = [array.copy() for array in arrays]
        changed[place].flat[-1] ^= 1
        others.append(Dataset("small", DIGITS, *changed))
    moved = np.concatenate([arrays[0], arrays[2][:1]]), np.concatenate([arrays[1], arrays[3][:1]])
    others.append(Dataset("small", DIGITS, *moved, arrays[2][1:], arrays[3][1:]))
    assert len({data.fingerprint for data in (small, *others)}) == len(others) + 1


@pytest.fixture
def no_network(no_data, monkeypatch):
    """No mirror answers; gives the names that were asked for."""
    asked = []

    def fail(name):
        asked.append(name)
        download.remember_failure(name)
        raise DataError(f"{name} cannot be downloaded: nobody answers.")

    monkeypatch.setattr(download, "download", fail)
    return asked


@pytest.fixture
def small_letters(monkeypatch, arrays):
    monkeypatch.setattr("handwriting.data.letters.make_letters", lambda: arrays)


def test_letters_are_a_source(small_letters, capsys):
    data = load_digits(" letters ")
    assert data.class_names == tuple("ABCDEFGHIJ")
    assert capsys.readouterr().out == "Data: letters, 240 images for training, 60 for testing.\n"


def test_otherwise_is_loaded_if_the_source_is_not_available(no_network, small_letters, capsys):
    assert load_digits("fashion-mnist", otherwise="letters").name == "letters"
    assert capsys.readouterr().out == (
        "No Fashion-MNIST: fashion-mnist cannot be downloaded: nobody answers. "
        "Using letters instead.\n"
        "Data: letters, 240 images for training, 60 for testing.\n"
    )
    assert load_digits("fashion-mnist", otherwise="letters").name == "letters"
    assert no_network == ["fashion-mnist"], "it asked again at once"
    assert "no mirror answered a few minutes ago" in capsys.readouterr().out
    with pytest.raises(DataError, match="nobody answers"):
        load_digits("fashion-mnist")
    with pytest.raises(DataError, match="mnist cannot be downloaded"):
        load_digits("fashion-mnist", otherwise="mnist")


def test_auto_is_mnist_otherwise_the_stand_in(no_network, monkeypatch, arrays, capsys):
    monkeypatch.setattr(standin, "make_standin", lambda: arrays)
    assert load_digits("auto", otherwise="letters").name == "stand-in", "auto is always available"
    expected = "No MNIST: mnist cannot be downloaded: nobody answers. Using the stand-in for MNIST instead.\n"
    assert capsys.readouterr().out.startswith(expected)
    assert load_digits("fashion-mnist", otherwise="auto").name == "stand-in"
    assert "Using MNIST instead.\nNo MNIST: no mirror answered a few minutes ago" in capsys.readouterr().out


def test_otherwise_is_loaded_only_if_a_file_is_broken(npz, small_letters, capsys):
    assert load_digits(npz(), otherwise="letters").name == "own"
    assert capsys.readouterr().out.startswith("Data: own")
    path = npz(y_test=None)
    assert load_digits(path, otherwise="letters").name == "letters"
    assert capsys.readouterr().out.startswith(f"No {path}: {path} has no y_test")


@pytest.mark.parametrize(
    ("source", "otherwise", "message"),
    [
        ("mnits", None, 'Did you mean "mnist"'),
        ("gone.npz", None, "no file or folder"),
        ("\x1b[31m.npz", None, "no file or folder \ufffd\\[31m.npz"),
        ("a" * 250, None, 'a…" *\\. Valid'),
        ("", None, "no data set called"),
        (7, None, "no data set called"),
        ("~no such person/x", None, "a user who is not on this machine"),
        ("x" * 300, "letters", "cannot be read: File name too long"),
        ("fashion-minst", "letters", 'Did you mean "fashion-mnist"'),
        ("gone/own.npz", "letters", "no file or folder"),
        ("letters", "leters", 'Did you mean "letters"'),
    ],
)
def test_a_wrong_name_is_explained_even_if_there_is_an_otherwise(no_network, small_letters, source, otherwise, message):
    with pytest.raises(DataError, match=message):
        load_digits(source, otherwise)
    assert no_network == []


def test_what_is_remembered_is_what_was_loaded_last(arrays):
    data = Dataset("mine", DIGITS, *arrays)
    remember(data)
    assert last_loaded() is data
    del data
    assert last_loaded() is None, "it keeps the arrays in memory"
    assert last_name("none") == "mine"


@pytest.mark.skipif(sys.platform == "win32", reason="its paths are others")
@pytest.mark.parametrize("folder", ["~no such person", "x" * 300, "loop", "loop/x", "pipe", "file"])
def test_impossible_folders_in_the_environment_are_reported(tmp_path, no_data, monkeypatch, folder):
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "file").write_text("x")
    monkeypatch.setenv("HANDWRITING_DATA_DIR", folder)
    monkeypatch.setenv("HANDWRITING_CACHE", folder)
    make_folders_absolute()
    lines = []
    assert read_local("mnist", lines.append) is None
    assert {row["state"] for row in status()} == {"missing"} and standin_status()["state"] == "missing"
    expected = [] if folder == "file" else ["HANDWRITING_DATA_DIR", "HANDWRITING_CACHE"]
    assert [line.partition(":")[0] for line in lines] == expected
