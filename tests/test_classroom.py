"""One page about a class, made of notebooks that anyone may have written."""

import html
import json
import os
import re
import subprocess
import sys
import time
from html.parser import HTMLParser
from inspect import signature

import numpy as np
import pytest

from handwriting import load
from handwriting.data.letters import make_letters
from handwriting.errors import UserError
from handwriting.practice.record import exercises
from handwriting.results import MIME
from workshop.classroom import page as class_page
from workshop.classroom import report as classroom
from workshop.classroom import submissions as handed_in
from workshop.classroom import untrusted as strangers
from workshop.classroom.report import write_class_page
from workshop.classroom.submissions import PROGRESS, collect, name_of
from workshop.classroom.untrusted import clean

EXERCISES = list(exercises())
ATTACK = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


@pytest.fixture(autouse=True)
def nothing_at_hand(no_data):
    """No test depends on the data that this machine has."""


@pytest.fixture
def pictures(monkeypatch):
    """All data sets are on this machine; test picture k shows a k % 10."""
    labels = (np.arange(10_000) % 10).astype(np.uint8)
    images = np.zeros((10_000, 28, 28), np.uint8)
    known = classroom.Pictures(images, labels, load.DIGITS)
    monkeypatch.setattr(classroom, "test_pictures", lambda name, say: known)


def mistakes_of(count, first=0):
    return [[first + k, (first + k + 1) % 10, 0.9] for k in range(count)]


def result(accuracy=0.99, seconds=1.0, **changes):
    values = {
        "stage": "evaluate",
        "data": "mnist",
        "parameters": {
            "hidden": 512,
            "dropout": 0.2,
            "epochs": 4,
            "batch_size": 128,
            "learning_rate": 0.001,
            "seed": 0,
        },
        "test_accuracy": accuracy,
        "test_loss": 0.07,
        "parameter_count": 407050,
        "seconds_to_fit": seconds,
        "peak_memory_mb": 1100,
        "details": {
            "history": {
                "loss": [0.3, 0.1],
                "accuracy": [0.9, 0.95],
                "val_loss": [0.2, 0.1],
                "val_accuracy": [0.9, 0.96],
            },
            "mistakes": mistakes_of(100),
        },
    }
    return values | changes


def notebook(*results, states=None, **extra):
    bundles = [{MIME: one} for one in results]
    bundles += [{PROGRESS: {"done": 0, "of": 46, "states": states}}] if states is not None else []
    outputs = [{"output_type": "display_data", "data": data, "metadata": {}} for data in bundles]
    cells = [{"cell_type": "code", "source": "x", "metadata": {}, "outputs": outputs}]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **extra}


def put(folder, name, content):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


class Seen(HTMLParser):
    """The text of a page, and whether anything in it could run or be fetched."""

    def __init__(self):
        super().__init__()
        self.texts, self.hidden = [], False

    def handle_starttag(self, tag, attributes):
        assert tag not in ("script", "iframe", "object", "embed", "link", "base", "form", "style") or tag == "style", (
            tag
        )
        for name, value in attributes:
            assert not name.startswith("on"), name
            if name in ("src", "href"):
                assert value.startswith(("data:image/png;base64,", "#")), value
        self.hidden = tag == "style"

    def handle_endtag(self, tag):
        self.hidden = False

    def handle_data(self, data):
        self.texts += [] if self.hidden else [data]


def text_of(path):
    """The page's text; it is checked that nothing in it runs."""
    content = path.read_text(encoding="utf-8")
    assert "default-src 'none'" in content and content.count("<script") == 0
    seen = Seen()
    seen.feed(content)
    return " ".join(" ".join(seen.texts).split())


def page_of(folder, **options):
    return text_of(write_class_page(folder, say=lambda line: None, **options))


# What a class looks like.


def test_a_class_with_all_kinds_of_names(tmp_path):
    names = [
        "anna.ipynb",
        "06_evaluate (1).ipynb",
        "group 3/06_evaluate.ipynb",
        "数学.ipynb",
        "06_evaluate_Žofie.ipynb",
    ]
    for place, name in enumerate(names):
        put(tmp_path, name, notebook(result(0.99, seconds=place + 1.0)))
    lines = []
    path = write_class_page(tmp_path, say=lines.append)
    assert path == tmp_path / "class.html" and lines == [f"5 students: {path}"]
    text = text_of(path)
    for name in ["Our class: 5 students", "anna", "06_evaluate (1)", "group 3", "数学", "Žofie", "nobody checked them"]:
        assert name in text
    assert "Skipped" not in text and "Copies" not in text
    assert text.index("anna 0.9900") < text.index("group 3 0.9900") < text.index("Žofie 0.9900")


@pytest.mark.parametrize(
    "place, name",
    [
        ("anna.ipynb", "anna"),
        ("06_evaluate_anna.ipynb", "anna"),
        ("anna - 06_evaluate.ipynb", "anna"),
        ("anna (1).ipynb", "anna (1)"),
        ("group 3/06_evaluate.ipynb", "group 3"),
        ("a/b/06_evaluate-Copy1.ipynb", "a/b"),
        ("06_evaluate.ipynb.txt", "06_evaluate"),
        (" .ipynb", "no name"),
    ],
)
def test_whose_notebook(place, name):
    assert name_of(place) == name


@pytest.mark.parametrize(
    "text, shown",
    [
        ("Z\u0335\u0321" * 2 + "a" + "\u0335" * 500, "Z\u0335\u0321" * 2 + "a\u0335\u0335\u0335…"),
        ("e\u0301", "é"),
        ("a\u200db\u202ec\ud800\x00d\n", "a\u200db\ufffdc\ufffd\ufffdd\ufffd"),
        ("x" * 60, "x" * 60),
        ("x" * 10**6, "x" * 59 + "…"),
        ("", ""),
    ],
)
def test_texts_are_short_and_hide_nothing(text, shown):
    assert clean(text) == shown


def test_the_same_name_twice_is_told_apart(tmp_path):
    put(tmp_path, "a/anna.ipynb", notebook(result(seconds=1.0)))
    put(tmp_path, "b/anna.ipynb", notebook(result(seconds=2.0)))
    put(tmp_path, "c/06_evaluate.ipynb", notebook(result(seconds=3.0)))
    put(tmp_path, "c/06_evaluate (1).ipynb", notebook(result(seconds=4.0)))
    students, _ = collect(tmp_path, EXERCISES)
    assert [one.name for one in students] == ["a/anna", "b/anna", "c/06_evaluate", "c/06_evaluate (1)"]


def test_names_sort_as_people_sort_them(tmp_path):
    for place, name in enumerate(["group 10", "Group 2", "group 1", "²"]):
        put(tmp_path, f"{name}.ipynb", notebook(result(seconds=float(place))))
    assert [one.name for one in collect(tmp_path, EXERCISES)[0]] == ["group 1", "Group 2", "group 10", "²"]


def test_accuracies_are_summed_up_for_each_data_set(tmp_path):
    for place, accuracy in enumerate([0.97, 0.98]):
        put(tmp_path, f"m{place}.ipynb", notebook(result(accuracy, details={})))
    put(tmp_path, "f.ipynb", notebook(result(0.88, data="Fashion-MNIST", details={})))
    put(tmp_path, "o.ipynb", notebook(result(0.5, data="my cats", details={})))
    put(tmp_path, "p.ipynb", notebook(result(0.7, data="my dogs", details={})))
    text = page_of(tmp_path)
    assert "MNIST: 2 students Mean 0.9750, from 0.9700 to 0.9800." in text
    assert "Fashion-MNIST: 1 student 0.8800." in text
    assert "Other data: 2 students From 0.5000 to 0.7000. No mean" in text and "my cats" in text


def test_changed_settings_are_named(tmp_path):
    put(tmp_path, "a.ipynb", notebook(result(parameters={"hidden": 64, "dropout": 0.2, "epochs": 10, "unknown": 5})))
    put(tmp_path, "b.ipynb", notebook(result(seconds=2.0)))
    put(tmp_path, "c.ipynb", notebook(result(seconds=3.0, parameters=None)))
    text = page_of(tmp_path)
    assert "hidden 64 , epochs 10" in text and "unknown" not in text
    assert "b 0.9900 none" in text and "not told" in text


def test_older_notebooks_with_few_keys_count(tmp_path):
    put(tmp_path, "a.ipynb", notebook({"test_accuracy": 1}))
    text = page_of(tmp_path)
    assert "a 1.0000 not told not told not shown" in text and "Edited by hand" not in text


def test_exercises_per_student_and_the_hardest(tmp_path):
    easy, hard, unknown = EXERCISES[0], EXERCISES[1], "load.<b>made up"
    put(tmp_path, "a.ipynb", notebook(result(), states={easy: "done", hard: "not right yet", unknown: "done"}))
    put(tmp_path, "b.ipynb", notebook(result(seconds=2.0), states={easy: "done", hard: "done", EXERCISES[2]: "odd"}))
    put(tmp_path, "c.ipynb", notebook(result(seconds=3.0)))
    text = page_of(tmp_path)
    assert f"1 of {len(EXERCISES)}" in text and f"2 of {len(EXERCISES)}" in text and "made up" not in text
    assert "load: slice shape: 1 of 2 who tried it do not have it right yet" in text
    assert "How many of 2 students" in text and "Nobody tried these: load (numbers in picture, why test set" in text


def test_other_notebooks_of_a_student_are_no_error_and_tell_of_exercises(tmp_path):
    put(tmp_path, "anna/06_evaluate.ipynb", notebook(result(), states={EXERCISES[0]: "done"}))
    put(tmp_path, "anna/01_load.ipynb", notebook())
    put(tmp_path, "anna/05_train.ipynb", notebook({"stage": "train", "validation_accuracy": 0.9}))
    both = {EXERCISES[0]: "done", "own_handwriting.star": "done"}
    put(tmp_path, "anna/07_own_handwriting.ipynb", notebook(states=both))
    put(tmp_path, "ben/01_load.ipynb", notebook())
    put(tmp_path, ".ipynb_checkpoints/x.ipynb", notebook(result(0.5)))
    (anna,), skipped = collect(tmp_path, EXERCISES)
    assert list(anna.states.values()) == ["done", "done"]
    assert [(one.path, one.reason) for one in skipped] == [("ben/01_load.ipynb", handed_in.NO_RESULT)]


def test_the_last_result_counts_and_a_byte_order_mark_is_no_harm(tmp_path):
    content = json.dumps(notebook(result(0.5), result(0.9, details={}), {"stage": "train"}))
    put(tmp_path, "a.ipynb", b"\xef\xbb\xbf" + content.encode())
    assert "a 0.9000" in page_of(tmp_path)


def test_copies_count_once_and_are_named(tmp_path):
    put(tmp_path, "anna.ipynb", notebook(result(), states={}))
    put(tmp_path, "anna (1).ipynb", notebook(result(), states={EXERCISES[0]: "done"}))
    put(tmp_path, "ben.ipynb", notebook(result(seconds=1.001)))  # the same settings, his own run
    text = page_of(tmp_path)
    assert "Our class: 2 students" in text and "3 notebooks 6 handed in, 1 copy of another among them" in text
    assert "anna : anna (1).ipynb" in text
    assert f"1 of {len(EXERCISES)}" in text


def test_equal_numbers_without_a_time_are_no_copies_unless_the_files_are_equal(tmp_path):
    for name, source in [("a", 1), ("b", 1), ("c", 2)]:
        put(tmp_path, f"{name}.ipynb", notebook({"stage": "evaluate", "test_accuracy": 0.9}, source=source))
    assert [(one.name, one.copies) for one in collect(tmp_path, EXERCISES)[0]] == [("a", ["b.ipynb"]), ("c", [])]


def test_without_names(tmp_path):
    put(tmp_path, "anna.ipynb", notebook(result(data="annas data")))
    put(tmp_path, "anna2.ipynb", notebook(result(data="annas data")))
    put(tmp_path, "ben.ipynb", notebook(result(seconds=2.0)))
    put(tmp_path, "carla.ipynb", "{}")
    path = write_class_page(tmp_path, say=lambda line: None, names=False)
    text, content = text_of(path), path.read_text(encoding="utf-8")
    assert "Student 1" in text and "Student 2" in text and ": 1 copy" in text and "1 file: it is no notebook" in text
    assert not re.search("anna|ben|carla", content)


def test_numbers_instead_of_names_do_not_follow_the_names(tmp_path):
    for place in range(20):
        put(tmp_path, f"{place}.ipynb", notebook(result(0.9 + place / 1000, details={})))
    rows = re.findall(r"Student (\d+) (0\.\d{4})", page_of(tmp_path, names=False).partition("All students")[2])
    assert [int(number) for number, _ in rows] == list(range(1, 21))
    accuracies = [accuracy for _, accuracy in rows]
    assert accuracies != sorted(accuracies) and len(set(accuracies)) == 20


# The gallery.


def test_the_hardest_pictures_are_drawn_from_the_local_data(tmp_path, pictures):
    for place, first in enumerate([0, 1, 1]):
        details = {"mistakes": [[k, (k + 1) % 10, 0.9] for k in range(first, first + 100)]}
        put(tmp_path, f"{place}.ipynb", notebook(result(0.99, float(place), details=details)))
    path = write_class_page(tmp_path, say=lambda line: None)
    content, text = path.read_text(encoding="utf-8"), text_of(path)
    assert "how many of 3 networks read it wrong" in text
    assert "1 : 3 of 3 wrong read as 2 (3×)" in text and "0 : 1 of 3 wrong" not in text
    assert content.count("<img alt=") == class_page.IN_GALLERY == content.count("data:image/png;base64,")
    assert 'alt="Test picture 1, a 28 by 28 picture of: 1"' in content


def test_each_data_set_has_a_gallery_or_a_sentence(tmp_path):
    for place, data in enumerate(["mnist", "mnist", "fashion-mnist", "stand-in"]):
        put(tmp_path, f"{place}.ipynb", notebook(result(seconds=float(place), data=data)))
    put(tmp_path, "own.ipynb", notebook(result(data="../../etc/passwd")))
    lines = []
    text = text_of(write_class_page(tmp_path, say=lines.append))
    assert len(lines) == 1  # missing is not broken
    assert text.count("They cannot be shown: this data is not on this machine.") == 3
    assert "handwriting data fetch stand-in" in text


def test_letters_are_drawn_for_their_gallery(tmp_path):
    put(tmp_path, "a.ipynb", notebook(result(0.95, data="letters", details={"mistakes": [[3_999, 0, 1.0]] * 200})))
    put(tmp_path, "b.ipynb", notebook(result(0.95, data="letters", details={"mistakes": [[4_000, 0, 1.0]] * 200})))
    assert handed_in.TEST_PICTURES["letters"] == signature(make_letters).parameters["test"].default
    text = page_of(tmp_path)
    assert "Letters: 2 students" in text and "The hardest pictures of letters" in text
    assert "pictures that the test set does not have" in text and "cannot be shown" not in text
    pictures = classroom.test_pictures("letters", print)
    assert len(pictures.images) == 4_000 and pictures.class_names[pictures.labels.max()] == "J"


def test_nothing_is_downloaded_and_no_stand_in_drawn(tmp_path, monkeypatch):
    def never(*arguments, **options):
        raise AssertionError("the page fetched something")

    monkeypatch.setattr("handwriting.data.download.download", never)
    monkeypatch.setattr("handwriting.data.standin.make_standin", never)
    for place, data in enumerate(handed_in.DATA):
        put(tmp_path, f"{place}.ipynb", notebook(result(seconds=float(place), data=data)))
    page_of(tmp_path)


def test_the_cached_stand_in_is_used_and_a_broken_one_said(tmp_path, no_data):
    images, labels = np.zeros((10_000, 28, 28), np.uint8), np.zeros(10_000, np.uint8)
    no_data.mkdir()
    cached = load.standin_path()
    np.savez(cached, x_train=images[:1], y_train=labels[:1], x_test=images, y_test=labels)
    put(tmp_path, "a.ipynb", notebook(result(data="stand-in", details={"mistakes": [[k, 7, 1] for k in range(100)]})))
    assert "0 : 1 of 1 wrong read as 7 (1×)" in page_of(tmp_path)
    cached.write_bytes(b"broken")
    lines = []
    assert "cannot be shown" in text_of(write_class_page(tmp_path, say=lines.append))
    assert "broken" not in lines[0] and "is not an .npz file" in lines[0]


@pytest.mark.parametrize(
    "accuracy, mistakes, doubt",
    [
        (0.99, mistakes_of(100), None),
        (0.99, mistakes_of(101), None),
        (0.9775000214576721, mistakes_of(225), None),
        (0.5, mistakes_of(300), None),
        (1, [], None),
        (0.999, mistakes_of(100), "lists 100 mistakes, and its accuracy leaves room for 10"),
        (0.95, mistakes_of(3), "lists 3 mistakes, and by its accuracy there are 500"),
        (0.5, mistakes_of(400), "notebook 6 lists 300 at most"),
        (0.99, mistakes_of(100, first=9_950), "pictures that the test set does not have"),
        (0.99, [[-1, 3, 0.5], *mistakes_of(99)], "pictures that the test set does not have"),
        (0.99, [[10**19, 3, 0.5], *mistakes_of(99)], "pictures that the test set does not have"),
        (0.99, mistakes_of(50) * 2, "lists a picture twice"),
        (0.99, [[k, k % 10, 0.9] for k in range(100)], "right answers as mistakes"),
        (0.99, [[1, 77, 0.9]] * 100, "not as notebook 6 writes it"),
        (0.99, [[1, 7, float("nan")]] * 100, "not as notebook 6 writes it"),
        (0.99, [[1.5, True, "x"], [1], 3, None, {}] * 20, "not as notebook 6 writes it"),
        (0.99, "many", "not as notebook 6 writes it"),
    ],
)
def test_mistakes_that_do_not_fit_the_accuracy(tmp_path, pictures, accuracy, mistakes, doubt):
    put(tmp_path, "a.ipynb", notebook(result(accuracy, details={"mistakes": mistakes})))
    text = page_of(tmp_path)
    assert ("edited by hand?" in text) == bool(doubt) and (doubt or "") in text
    assert not doubt or "ask before you judge" in text
    assert not doubt or "read as" not in text  # they do not count for the gallery


# Notebooks that someone made to do harm.


@pytest.mark.parametrize(
    "content, reason",
    [
        (b"", "no notebook, or it is cut short"),
        (b"\x00\xff\xfe" * 50, "not text in UTF-8"),
        (json.dumps(notebook(result())).encode("utf-16"), "not text in UTF-8"),
        (json.dumps(notebook(result()))[:-30], "cut short"),
        ("[" * 100_000, "no notebook"),
        ('{"cells":' + "[" * 50_000 + "]" * 50_000 + "}", "no notebook"),
        ("[" * 1_000_001, "far more parts"),
        ("[]", "no notebook"),
        ('"text"', "no notebook"),
        ({"cells": {"a": 1}}, "no notebook"),
        ({"cells": [1, None, "x", [], {"outputs": 3}, {"outputs": [1, {"data": []}]}]}, "no result of notebook 6"),
        (notebook("text", [1], None, 5), "no result of notebook 6"),
        (notebook({"stage": "evaluate"}), "not a number from 0 to 1"),
        (notebook({"stage": ["evaluate"], "test_accuracy": 0.9}), "no result of notebook 6"),
        *(
            (notebook(result(accuracy)), "not a number from 0 to 1")
            for accuracy in (1.0001, -0.1, float("nan"), float("inf"), 10**400, "0.99", True, None, [0.9], {"a": 1})
        ),
        (json.dumps(notebook(result())).replace("0.99", "1e999"), "not a number from 0 to 1"),
        ('{"cells": [], "x": ' + "9" * 1_000_000 + "}", "no result of notebook 6"),
    ],
)
def test_what_is_no_notebook_is_skipped_with_the_reason(tmp_path, content, reason):
    put(tmp_path, "bad.ipynb", content)
    put(tmp_path, "good.ipynb", notebook(result()))
    start = time.monotonic()
    text = page_of(tmp_path)
    assert "Our class: 1 student" in text and "bad.ipynb" in text and reason in text
    assert time.monotonic() - start < 5


@pytest.mark.parametrize(
    "changes",
    [
        {"data": ATTACK},
        {"data": 10**30, "parameters": ATTACK, "details": ATTACK, "versions": ATTACK},
        {"data": [ATTACK], "parameters": [1], "details": [ATTACK], "test_loss": ATTACK, "seconds_to_fit": ATTACK},
        {"parameters": {"activation": ATTACK, "optimizer": ATTACK, "hidden": ATTACK, "seed": 10**30, ATTACK: ATTACK}},
        {
            "parameters": {
                "hidden": [1],
                "dropout": {},
                "epochs": float("nan"),
                "seed": float("inf"),
                "batch_size": True,
            }
        },
        {"details": {"history": {"loss": ATTACK, "accuracy": [ATTACK, None]}, "mistakes": [[ATTACK] * 3]}},
        {"details": {"history": [[]], "mistakes": {ATTACK: ATTACK}}},
        {"data": "a\ud800b", "peak_memory_mb": "\ud800"},
        {"data": "\u202egnorw\u2066 \u0000\x1b[31m\n\u2028"},
        {"data": "Z" + "\u0335\u0321" * 5000},
        {"data": "long" * 1_000_000},
    ],
)
def test_no_value_breaks_the_page(tmp_path, pictures, changes):
    put(tmp_path, "a.ipynb", notebook(result(**changes), states={ATTACK: ATTACK, EXERCISES[0]: [ATTACK]}))
    path = write_class_page(tmp_path, say=lambda line: None)
    text = text_of(path)
    assert "Our class: 1 student" in text
    assert path.stat().st_size < 60_000
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u2028\x00\x1b\ud800-\udfff]", text)
    assert "onerror" not in html.unescape(text) or changes["data"] == ATTACK  # shown as text, at most


def test_outputs_are_never_copied(tmp_path, pictures):
    one = notebook(result(), states={})
    one["cells"][0]["outputs"] += [
        {"output_type": "display_data", "data": {"text/html": ATTACK, "image/svg+xml": f"<svg>{ATTACK}</svg>"}},
        {"output_type": "stream", "text": ATTACK},
    ]
    one["cells"] += [{"cell_type": "markdown", "source": ATTACK}]
    put(tmp_path, "a.ipynb", one)
    assert "alert" not in write_class_page(tmp_path, say=lambda line: None).read_text(encoding="utf-8")


def test_of_equal_keys_the_last_counts(tmp_path):
    content = json.dumps(notebook(result(details={}))).replace(
        '"test_accuracy": 0.99', '"test_accuracy": 5, "test_accuracy": 0.5'
    )
    put(tmp_path, "a.ipynb", content)
    assert "a 0.5000" in page_of(tmp_path)


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)<|script>.ipynb",
        "\"'><img src=x onerror=alert(1)>.ipynb",
        "&lt;b&gt;.ipynb",
        "a\u202egpj.ipynb",
        "line\nbreak\x1b[31m.ipynb",
        "x" * 240 + ".ipynb",
        "{{7*7}}%s{0}.ipynb",
    ],
)
@pytest.mark.parametrize("good", [True, False])
def test_no_name_of_a_file_breaks_the_page(tmp_path, name, good):
    try:
        put(tmp_path, name, notebook(result()) if good else "{}")
    except OSError:
        pytest.skip("no such name can be given here")
    put(tmp_path, "b.ipynb", notebook(result(seconds=2.0)))
    text = page_of(tmp_path)
    assert f"Our class: {1 + good} student" in text and clean(name)[:5] in text
    assert not re.search("[\u202e\x1b]", text)


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names there are always Unicode")
def test_a_name_that_is_no_unicode(tmp_path):
    (tmp_path / os.fsdecode(b"\xff\xfe.ipynb")).write_text(json.dumps(notebook(result())))
    assert "\ufffd\ufffd 0.9900" in page_of(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_links_and_pipes_are_not_followed(tmp_path):
    outside, folder = tmp_path / "outside", tmp_path / "class"
    put(outside, "secret.ipynb", notebook(result(0.1234, data="secret")))
    put(folder, "good.ipynb", notebook(result()))
    (folder / "link.ipynb").symlink_to(outside / "secret.ipynb")
    (folder / "folder").symlink_to(outside)
    (folder / "round").symlink_to(folder)
    (folder / "device.ipynb").symlink_to("/dev/zero")
    (folder / "folder.ipynb").mkdir()
    os.mkfifo(folder / "pipe.ipynb")
    text = page_of(folder)
    assert "Our class: 1 student" in text and "0.1234" not in text and "secret" not in text
    assert text.count("it is a link") == 4 and "pipe.ipynb : it is no plain file" in text


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_file_that_becomes_a_link_is_not_read(tmp_path):
    outside, folder = tmp_path / "outside", tmp_path / "class"
    put(outside, "x.ipynb", notebook(result()))
    folder.mkdir()
    (folder / "a.ipynb").symlink_to(outside / "x.ipynb")
    (folder / "b").symlink_to(outside)
    for place in ("a.ipynb", "b/x.ipynb"):
        with pytest.raises(strangers.Unreadable, match="leads out of the folder"):
            strangers.read_bytes(folder / place, folder.resolve())


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_the_page_is_not_written_through_a_link(tmp_path):
    mine, folder = put(tmp_path, "mine.txt", "precious"), tmp_path / "class"
    put(folder, "a.ipynb", notebook(result()))
    (folder / "class.html").symlink_to(mine)
    page_of(folder)
    assert mine.read_text() == "precious"


def test_huge_files_are_not_read(tmp_path):
    put(tmp_path, "good.ipynb", notebook(result()))
    with (tmp_path / "huge.ipynb").open("wb") as file:
        file.truncate(2_000_000_000)
    assert "huge.ipynb : it has 2,000 MB; at most 30 MB are read" in page_of(tmp_path)


def test_too_many_files_too_deep_and_archives(tmp_path, monkeypatch):
    monkeypatch.setattr(handed_in, "MOST_FILES", 3)
    monkeypatch.setattr(strangers, "DEEPEST", 2)
    for place in range(5):
        put(tmp_path, f"{place}.ipynb", notebook(result(seconds=float(place))))
    put(tmp_path, "a/b/c/d/x.ipynb", notebook(result()))
    put(tmp_path, "anna.ZIP", b"PK")
    text = page_of(tmp_path)
    assert "Our class: 3 students" in text and "2 more notebooks: at most 3 are read" in text
    assert "a/b/c : it lies more than 2 folders deep" in text and "anna.ZIP : it is an archive: unpack it" in text
    monkeypatch.setattr(handed_in, "MOST_BYTES", 1)
    assert "1.ipynb : those before it have over" in page_of(tmp_path)
    monkeypatch.setattr(strangers, "MOST_ENTRIES", 4)
    assert "over 4 files" in page_of(tmp_path)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="permissions do not hold here")
def test_a_file_without_permission(tmp_path):
    put(tmp_path, "good.ipynb", notebook(result()))
    put(tmp_path, "shut.ipynb", notebook(result())).chmod(0)
    assert "shut.ipynb : it cannot be opened" in page_of(tmp_path)


# Folders of which no page can be made.


def test_folders_without_notebooks(tmp_path):
    with pytest.raises(UserError, match="is not there"):
        write_class_page(tmp_path / "nowhere")
    with pytest.raises(UserError, match="is a file"):
        write_class_page(put(tmp_path, "file.txt", "x"))
    with pytest.raises(UserError, match="is an address"):
        write_class_page("s3://bucket/class")
    with pytest.raises(UserError, match="There is no notebook in"):
        write_class_page(tmp_path)
    put(tmp_path, "a.ipynb", notebook())
    put(tmp_path, "b.ipynb", "{}")
    with pytest.raises(UserError, match=r"a\.ipynb: it holds no result of notebook 6.* 1 more were skipped"):
        write_class_page(tmp_path)
    assert not (tmp_path / "class.html").exists()


def test_where_the_page_goes(tmp_path):
    put(tmp_path, "class/a.ipynb", notebook(result()))
    quiet = {"say": lambda line: None}
    assert write_class_page(str(tmp_path / "class"), tmp_path, **quiet) == tmp_path / "class.html"
    assert write_class_page(tmp_path / "class", tmp_path / "new" / "page.html", **quiet).is_file()
    with pytest.raises(UserError, match="cannot be written"):
        write_class_page(tmp_path / "class", tmp_path / "class" / "a.ipynb" / "page.html", **quiet)


def test_two_hundred_notebooks_take_seconds(tmp_path, pictures):
    filler = [{"cell_type": "code", "outputs": [{"data": {"image/png": "A" * 500_000}}]}]
    for place in range(200):
        one = notebook(result(0.97 + place / 10_000, float(place)), states=dict.fromkeys(EXERCISES, "done"))
        put(tmp_path, f"student {place}.ipynb", one | {"cells": filler + one["cells"]})
    start = time.monotonic()
    assert "Our class: 200 students" in page_of(tmp_path)
    assert time.monotonic() - start < 10


def test_tensorflow_is_not_imported():
    code = "import sys, workshop.classroom.report as c; c.exercises(); assert 'tensorflow' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


# The dot plot.


@pytest.mark.parametrize(
    "low, high", [(0.97, 0.98), (0.1, 0.98), (0, 1), (0.975, 0.975), (1, 1), (0, 0), (0.9771, 0.9773)]
)
def test_ticks_are_round_and_enclose_all(low, high):
    marks = class_page.ticks(low, high)
    assert 2 <= len(marks) <= 7 and 0 <= marks[0] <= low <= high <= marks[-1] <= 1
