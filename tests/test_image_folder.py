"""A folder of images that a student collected: what counts, how it is divided, and what is printed."""

import os
import re
import shutil
import sys
import time
import tracemalloc
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from handwriting.data import dataset, split
from handwriting.data.class_folders import natural
from handwriting.data.image_folder import read_folder, with_progress
from handwriting.errors import DataError, ParameterError
from handwriting.load import load_folder
from handwriting.prepare import prepared
from handwriting.scan import to_mnist


def draw(path, seed, size=60):
    """Draw a few dark strokes on white, another drawing for each seed."""
    picture = Image.new("L", (size, size), 255)
    points = np.random.default_rng(seed).integers(size // 6, size - size // 6, (5, 2))
    ImageDraw.Draw(picture).line([tuple(map(int, point)) for point in points], fill=20, width=max(2, size // 15))
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path)


def noise(path):
    """Scan quickly: an "image" is a file with a number in it, the seed of its noise."""
    return np.random.default_rng(int(path.read_text())).integers(0, 256, (28, 28), np.uint8)


@pytest.fixture
def noted(monkeypatch, tmp_path):
    """Return a function that makes a folder of images for `noise`, with which `load_folder` reads them."""
    monkeypatch.setattr("handwriting.scan.to_mnist", noise)

    def make(name="letters", **classes):
        for label, numbers in classes.items():
            (tmp_path / name / label).mkdir(parents=True, exist_ok=True)
            for place, number in enumerate(numbers):
                (tmp_path / name / label / f"{place}.png").write_text(str(number))
        return tmp_path / name

    return make


def drawings(data):
    """Return the images of each part with their labels, as sets."""
    parts = ((data.x_train, data.y_train), (data.x_test, data.y_test))
    return [{(image.tobytes(), int(label)) for image, label in zip(*part, strict=True)} for part in parts]


@pytest.mark.parametrize("name", ["letters", "mnist", "fashion-mnist", "stand-in"])
def test_a_folder_is_not_taken_for_data_of_that_name(noted, name):
    assert load_folder(noted(name, A=[1, 2, 3], B=[4, 5, 6])).name == f"{name} (a folder of images)"
    assert load_folder(noted(f"my {name}", A=[1, 2, 3], B=[4, 5, 6])).name == f"my {name}"


def test_fifteen_of_each_class_give_ten_and_five(tmp_path, capsys):
    endings = (".png", ".jfif", ".JPEG", ".webp", ".jpe")
    for name in "ABC":
        for k in range(15):
            draw(tmp_path / "my letters" / name / f"{k}{endings[k % 5]}", ord(name) * 100 + k, 30 + 10 * k)
    data = load_folder(tmp_path / "my letters")
    assert data.name == "my letters" and data.class_names == ("A", "B", "C")
    assert data.x_train.shape == (30, 28, 28) and data.x_train.dtype == data.y_train.dtype == np.uint8
    assert np.bincount(data.y_train).tolist() == [10] * 3 and np.bincount(data.y_test).tolist() == [5] * 3
    both = drawings(data)[0] | drawings(data)[1]
    for k, name in ((3, "A"), (7, "B"), (11, "C")):
        assert (to_mnist(tmp_path / "my letters" / name / f"{k}{endings[k % 5]}").tobytes(), "ABC".index(name)) in both
    printed = capsys.readouterr()
    assert printed.out == "Data: my letters, 30 images for training, 15 for testing, 3 classes: A, B, C.\n"
    assert printed.err == ""
    assert dataset.last_loaded() is data


def test_classes_have_any_names_and_come_in_natural_order(noted, capsys):
    names = ["10", "2", "b", "A", "x 12", "x 3", "α", "Ж", "अ", "文", "😀", "$a_b$", unicodedata.normalize("NFD", "é")]
    data = load_folder(noted(**{name: (3 * k, 3 * k + 1, 3 * k + 2) for k, name in enumerate(names)}))
    assert data.class_names == ("2", "10", "$a_b$", "A", "b", "é", "x 3", "x 12", "α", "Ж", "अ", "文", "😀")
    assert "é" in data.class_names, "composed, as it is typed"
    assert "13 classes: 2, 10, $a_b$, A, b, é, x 3, x 12, α, Ж and 3 more.\n" in capsys.readouterr().out


def test_one_name_in_two_spellings_is_one_class(noted):
    spellings = {unicodedata.normalize(form, "é"): range(start, start + 3) for form, start in (("NFC", 0), ("NFD", 9))}
    data = load_folder(noted(e=range(20, 23), **spellings))
    assert data.class_names == ("e", "é")
    assert len(data.x_train) + len(data.x_test) in (6, 9)  # macOS keeps one of the two folders


def test_what_programs_leave_behind_does_not_count(noted):
    path = noted(A=(1, 2, 3), B=(4, 5, 6))
    expected = drawings(load_folder(path))
    names = (".ipynb_checkpoints", ".git", "__MACOSX", "@eaDir", "$RECYCLE.BIN", "$Recycle.Bin", "#recycle")
    for name in (*names, "System Volume Information", "lost+found"):
        noted(**{name: (7, 8, 9)})
    (path / "A" / "inside").mkdir()
    (path / "A" / "inside" / "x.png").write_text("11")
    (path / "A" / "folder.png").mkdir()
    for name in ("._0.png", "notes.txt", ".DS_Store", "png"):
        (path / "A" / name).write_text("12")
    data = load_folder(path)
    assert data.class_names == ("A", "B") and drawings(data) == expected


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
def test_links_that_lead_back_do_not_count(noted, capsys):
    path = noted(A=(1, 2, 3), B=(4, 5, 6))
    expected = drawings(load_folder(path))
    (path / "up").symlink_to(path)
    (path / "itself").symlink_to(path / "itself")
    (path / "A" / "up").symlink_to(path)
    (path / "A" / "round.png").symlink_to(path / "A" / "round.png")
    capsys.readouterr()
    data = load_folder(path)
    assert data.class_names == ("A", "B") and drawings(data) == expected
    assert "Left out: A/round.png is not a file, or it is a link to one that is not there." in capsys.readouterr().out


@pytest.mark.skipif(sys.platform == "win32", reason="links and pipes are others there")
def test_images_of_any_kind_that_are_left_out_are_named(noted, capsys):
    path = noted(A=(1, 2, 3), B=(4, 5, 6))
    (path / "beside.png").write_text("10")
    (path / "A" / "gone.png").symlink_to(path / "nowhere.png")
    os.mkfifo(path / "A" / "pipe.png")
    for name in ("x.pgm", "x.SVG"):
        (path / "B" / name).write_text("11")
    load_folder(path)
    said = re.findall(r"Left out: (\S+) is not|Left out: (\S+), which is not in", capsys.readouterr().out)
    assert [one or other for one, other in said] == ["A/gone.png", "A/pipe.png", "B/x.pgm", "B/x.SVG", "beside.png"]


def test_a_name_of_thousands_of_accents_is_put_in_order_at_once():
    start = time.process_time()
    assert natural("a" + "\u0301" * 16_000 + "\u0323" * 16_000) > natural("9")
    assert time.process_time() - start < 0.5


def test_names_and_order_of_files_change_nothing(noted, monkeypatch):
    numbers = {"A": list(range(30)), "B": list(range(100, 140))}
    first = load_folder(noted("first", **numbers))
    listed = Path.iterdir
    monkeypatch.setattr(Path, "iterdir", lambda self: reversed(list(listed(self))))
    second = load_folder(noted("second", **{name: found[::-1] for name, found in numbers.items()}))
    for key in ("x_train", "y_train", "x_test", "y_test"):
        assert np.array_equal(getattr(first, key), getattr(second, key))


def test_the_seed_divides_and_an_image_stays_in_its_part_when_others_are_added(noted):
    path = noted(A=range(60), B=range(100, 160))
    parts = [drawings(load_folder(path, seed=seed)) for seed in (0, 0, 1)]
    assert parts[0] == parts[1] != parts[2]
    more = drawings(load_folder(noted(A=range(63), B=range(100, 163))))
    assert len(parts[0][1] & more[0]) <= 4


@pytest.mark.parametrize(("share", "tested"), [(1 / 3, 7), (0.5, 10), (0.1, 2), (0.001, 1), (0.999, 19)])
def test_about_the_share_is_for_testing(noted, share, tested):
    data = load_folder(noted(A=range(20), B=range(20, 40)), share)
    assert np.bincount(data.y_test).tolist() == [tested] * 2


def test_training_images_come_shuffled(noted):
    data = load_folder(noted(**{name: range(100 * k, 100 * k + 90) for k, name in enumerate("ABCD")}))
    assert prepared(data).y_validation.sum(axis=0).min() >= 1, "all classes among the last twelfth"
    assert (np.diff(data.y_train.astype(int)) != 0).mean() > 0.5


def test_identical_images_are_never_in_both_parts(tmp_path):
    for k in range(6):
        draw(tmp_path / "A" / f"{k}.png", k)
        draw(tmp_path / "B" / f"{k}.png", 100 + k)
    for k in range(6):
        (tmp_path / "A" / f"copy {k}.jpeg").write_bytes((tmp_path / "A" / f"{k}.png").read_bytes())
        with Image.open(tmp_path / "B" / f"{k}.png") as picture:
            picture.save(tmp_path / "B" / f"again {k}.webp", lossless=True)  # other bytes, the same pixels
    data = load_folder(tmp_path)
    trained, tested = drawings(data)
    assert not trained & tested
    assert np.bincount(data.y_test).tolist() == [4, 4] and len(trained) == 8


def test_an_image_in_two_classes_is_in_one_part_and_reported(noted, capsys):
    data = load_folder(noted(A=[*range(12), 40, 41, 42], B=[*range(20, 32), 40, 41, 42]))
    trained, tested = ({image for image, _ in part} for part in drawings(data))
    assert not trained & tested and len(data.x_train) + len(data.x_test) == 30
    assert np.bincount(data.y_test).tolist() == [5, 5] and len(trained) == 17
    assert "In more than one class: A/12.png and B/12.png are the same image." in capsys.readouterr().out


def test_any_copies_leave_each_class_something_in_each_part():
    generator = np.random.default_rng(0)
    for _ in range(300):
        classes = int(generator.integers(2, 7))
        labels, numbers = [], []
        for label in range(classes):
            own = [bytes([label, k]) for k in range(generator.integers(2, 9))]  # always two that no other class has
            shared = [bytes([200, k]) for k in generator.integers(0, 4, generator.integers(0, 3))]
            mine = [one for one in own + shared for _ in range(generator.integers(1, 5))]
            labels += [label] * len(mine)
            numbers += mine
        tested = split.choose_test([str(label) for label in range(classes)], labels, numbers, 1 / 3)
        for label in range(classes):
            mine = [number in tested for number, other in zip(numbers, labels, strict=True) if other == label]
            assert 0 < sum(mine) < len(mine)


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        ({}, "one folder per class.*it has none"),
        ({"A": (1, 2, 3)}, 'only one class, "A"'),
        ({"A": (1, 2, 3), "B": ()}, 'class folder "B" in .* is empty. Put PNG or JPEG images into it'),
        ({"A": (1, 2, 3), "B": (4,)}, 'class "B" has only one image. Each class needs two different ones'),
        ({"A": (1,), "B": (2,)}, 'class "A" has only one image'),
        ({"A": (1, 2), "B": (3, 3, 3)}, 'All 3 images of the class "B" are the same'),
        (
            {"A": (1, 2), "B": (2, 3), "C": (3, 4)},
            'class "B" has only images that are in other classes, too.* Delete the copies',
        ),
        ({f"c{k}": () for k in range(257)}, "has 257 classes. Keep at most 256"),
    ],
)
def test_unfit_folders_are_explained(noted, classes, message):
    path = noted(**classes)
    path.mkdir(exist_ok=True)
    with pytest.raises(DataError, match=message):
        load_folder(path)


def test_two_images_of_a_class_are_enough_and_256_classes_are_not_too_many(noted):
    data = load_folder(noted(**{f"c{k}": (2 * k, 2 * k + 1) for k in range(256)}))
    assert data.class_names[:3] == ("c0", "c1", "c2")
    assert sorted(data.y_train) == sorted(data.y_test) == list(range(256))


def test_images_without_folders_are_explained(noted, tmp_path):
    path = noted(A=(1, 2))
    with pytest.raises(DataError, match=r"its images are not in folders. Make the folders"):
        load_folder(path / "A")
    (tmp_path / "outer").mkdir()
    inner = path.rename(tmp_path / "outer" / "letters")
    with pytest.raises(DataError, match=re.escape(f"Are the classes inside it? Then give {inner}.")):
        load_folder(tmp_path / "outer")


@pytest.mark.skipif(sys.platform != "linux", reason="such names cannot be given elsewhere")
@pytest.mark.parametrize("name", [b"A\nB", b"caf\xe9", "A\u202eB".encode(), b"\x1b[31mA"])
def test_names_that_cannot_be_shown_are_refused(noted, name):
    with pytest.raises(DataError, match=r"has characters in its name that cannot be displayed. Rename it"):
        load_folder(noted(B=(1, 2), **{os.fsdecode(name): (3, 4)}))


@pytest.mark.skipif(sys.platform != "linux", reason="such names cannot be given elsewhere")
@pytest.mark.parametrize(
    ("name", "message"),
    [(" ", "is empty"), ("\u3164", "is empty"), ("B\u200d", "look the same"), ("B\ufe0f", "look the same")],
)
def test_classes_that_look_alike_or_like_nothing_are_refused(noted, name, message):
    with pytest.raises(DataError, match=message):
        load_folder(noted(B=(1, 2), **{name: (3, 4)}))


@pytest.mark.parametrize("train, test", [("train", "test"), ("Training", "Testing"), ("train", "val")])
def test_folders_for_training_and_testing_are_the_two_parts(noted, capsys, train, test):
    path = noted(f"own/{train}", A=(1, 2, 3), B=(4, 5)).parent
    noted(f"own/{test}", A=(6,), B=(7, 8, 9))
    data = load_folder(path, test_share=0.9)
    assert data.class_names == ("A", "B") and data.name == "own"
    assert sorted(data.y_train) == [0, 0, 0, 1, 1] and sorted(data.y_test) == [0, 1, 1, 1]
    expected = [np.random.default_rng(number).integers(0, 256, (28, 28), np.uint8) for number in (6, 7, 8, 9)]
    assert {image.tobytes() for image in data.x_test} == {image.tobytes() for image in expected}
    assert capsys.readouterr().out == "Data: own, 5 images for training, 4 for testing, 2 classes: A, B.\n"


def test_what_is_odd_about_two_parts_is_said(noted, capsys):
    path = noted("own/train", A=(1, 2), B=(3,)).parent
    noted("own/test", A=(2,), B=(5,))
    noted("own/val", A=(6,), B=(7,))
    assert len(load_folder(path).x_test) == 2
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("In both parts: train/A/1.png and test/A/0.png are the same image.")
    assert lines[1] == "Left out: val, which is not train or test."
    noted("own/test", C=(8,))
    with pytest.raises(DataError, match=r'test has a class "C", but .*train does not'):
        load_folder(path)


def test_a_folder_that_has_no_classes_in_it_is_no_part(noted, capsys):
    path = noted("own/train", A=(1, 2), B=(3,)).parent
    noted("own/valid", A=(4,), B=(5, 6))
    (path / "test").mkdir()
    for number in "78":
        (path / "test" / f"{number}.png").write_text(number)
    assert len(load_folder(path).x_test) == 3
    assert "Left out: test, which is not train or valid." in capsys.readouterr().out
    for message in ("contains only folders, no images", "has only one image"):
        shutil.rmtree(path / "valid", ignore_errors=True)
        with pytest.raises(DataError, match=rf'"train" .*{message}\. .* no images beside them\.$'):
            load_folder(path)
        (path / "train" / "preview.png").write_text("9")


def test_a_class_that_cannot_be_read_in_one_part_is_named(tmp_path):
    for name, seed in (("train/A", 0), ("train/B", 1), ("test/A", 2)):
        draw(tmp_path / name / "0.png", seed)
    (tmp_path / "test" / "B").mkdir()
    with pytest.raises(DataError, match=r'class folder "B" in .*test is empty'):
        load_folder(tmp_path)
    (tmp_path / "test" / "B" / "0.png").write_bytes(b"no picture")
    with pytest.raises(DataError, match=r'The class "B" in .*test has no image that can be read. Left out: B/0.png'):
        load_folder(tmp_path)


def test_trains_and_tests_may_be_classes(noted):
    assert load_folder(noted(train=(1, 2), test=(3, 4))).class_names == ("test", "train")


def test_a_folder_of_folders_says_so(noted):
    path = noted(test=(1, 2), train=())
    (path / "train" / "A").mkdir()
    with pytest.raises(DataError, match=r'"train" in .* contains only folders, no images'):
        load_folder(path)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("gone", 'no folder "gone". Relative paths start at'),
        ("", "is empty"),
        *((wrong, "A path must be text") for wrong in (None, 7, b"letters")),
        ("file.zip", "is a file. Unzip it, and give the folder"),
        ("file.png", "is a file. Give the folder"),
        ("x" * 5000, "cannot be read: |no folder"),
    ],
)
def test_what_is_not_a_folder_is_explained(tmp_path, monkeypatch, path, message):
    monkeypatch.chdir(tmp_path)
    for name in ("file.zip", "file.png"):
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(DataError, match=message):
        load_folder(path)


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        *(("test_share", share, "a number between 0 and 1") for share in (0, 1, -0.2, 1.5, float("nan"), "0.3", None)),
        *(("test_share", share, "a number between 0 and 1") for share in (True, 10**400)),
        *(("seed", seed, "a whole number from 0") for seed in (-1, 1.5, "x", None, True, 2**32)),
    ],
)
def test_wrong_options_are_refused(noted, option, value, message):
    with pytest.raises(ParameterError, match=f"{option}.* must be {message}"):
        load_folder(noted(A=(1, 2), B=(3, 4)), **{option: value})


def test_a_folder_that_may_not_be_opened_is_reported(noted, monkeypatch):
    path = noted(A=(1, 2), B=(3, 4))
    listed = Path.iterdir

    def refuse(self):
        if self.name == "B":
            raise PermissionError(13, "Permission denied", str(self))
        return listed(self)

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(DataError, match=r"B cannot be read: Permission denied. Check .* its permissions"):
        load_folder(path)


def test_unreadable_images_are_left_out_and_reported(tmp_path, capsys):
    for k in range(3):
        draw(tmp_path / "A" / f"{k}.png", k)
        draw(tmp_path / "B" / f"{k}.png", 10 + k)
    (tmp_path / "A" / "broken.png").write_bytes(b"no picture")
    (tmp_path / "A" / "phone.HEIC").write_bytes(b"unknown")
    Image.new("L", (40, 40), 255).save(tmp_path / "B" / "blank.png")
    data = load_folder(tmp_path)
    assert len(data.x_train) + len(data.x_test) == 6
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].startswith("Left out: A/broken.png is not a picture that can be opened.")
    assert printed[1] == "Left out: A/phone.HEIC is not a PNG, JPEG or WEBP image. Save it as one of these."
    assert printed[2].startswith("Left out: B/blank.png: There is nothing to read")
    assert len(printed) == 4 and str(tmp_path) not in "".join(printed[:3])


def test_of_many_unreadable_images_five_are_named(noted, capsys):
    def refuse(path):
        if path.stem > "1":
            raise PermissionError(13, "Permission denied")
        return noise(path)

    read_folder(noted(A=range(10), B=(3, 4, 5, 6)), refuse)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Left out: A/2.png cannot be read: Permission denied."
    assert len(lines) == 6 and lines[5] == "Left out: 5 more."


@pytest.mark.parametrize(
    ("good", "printed"), [((), "no image that can be read"), ((7,), "only one image that can be read")]
)
def test_a_class_that_cannot_be_read_says_why(tmp_path, good, printed):
    for k in range(2):
        draw(tmp_path / "A" / f"{k}.png", k)
        (tmp_path / "B").mkdir(exist_ok=True)
        (tmp_path / "B" / f"bad {k}.jpg").write_bytes(b"no picture")
    for k in good:
        draw(tmp_path / "B" / f"{k}.png", k)
    with pytest.raises(DataError, match=f'The class "B" has {printed}.*Left out: B/bad 0.jpg is not a picture'):
        load_folder(tmp_path)


def test_memory_holds_one_opened_image_at_a_time(noted):
    def prepare(path):
        large = np.full(5_000_000, int(path.read_text()), np.uint8)
        return np.random.default_rng(int(large[-1])).integers(0, 256, (28, 28), np.uint8)

    path = noted(A=range(60), B=range(100, 160))
    tracemalloc.start()
    data = read_folder(path, prepare)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(data.x_train) + len(data.x_test) == 120 and peak < 12_000_000


def test_what_takes_long_is_reported_in_plain_lines(monkeypatch, capsys):
    now = iter(range(0, 100_000, 3))
    monkeypatch.setattr("time.monotonic", lambda: next(now))
    assert list(with_progress(range(200))) == list(range(200))
    printed = capsys.readouterr()
    assert printed.err == "" and "\r" not in printed.out and "\x1b" not in printed.out
    lines = printed.out.splitlines()
    assert 8 <= len(lines) <= 11
    assert lines[0] == "1 of 200 images read, about 20 min left."
    assert lines[-1] == "180 of 200 images read, about 60 s left."
