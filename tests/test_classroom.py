"""One page about a class, made of notebooks that anyone may have written."""

import csv
import html
import io
import json
import os
import re
import shutil
import sys
import time
import zipfile
from inspect import signature
from pathlib import Path
from unicodedata import normalize
from weakref import ref

import numpy as np
import pytest
from pages import read_page

from handwriting import load
from handwriting.data.letters import make_letters
from handwriting.errors import UserError
from handwriting.paths import digest
from handwriting.practice import exercises, progress
from handwriting.practice.overview import MIME as PROGRESS
from handwriting.practice.progress_file import progress_file
from handwriting.results import MIME, Result
from handwriting.text import clean
from workshop.classroom import class_page, handed_in, one_submission
from workshop.classroom.class_page import write_class_page
from workshop.classroom.handed_in import read_files
from workshop.classroom.names import names_of, of_canvas, of_several, owners_of, stage_named
from workshop.classroom.page_values import IN_GALLERY, ticks
from workshop.classroom.submissions import read_submissions
from workshop.runs.written import seal

EXERCISES = list(exercises())
ATTACK = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


PARAMETERS = {"hidden": 512, "dropout": 0.2, "epochs": 4, "batch_size": 128, "learning_rate": 0.001, "seed": 0}
HISTORY = {"loss": [0.3, 0.1], "accuracy": [0.9, 0.95], "val_loss": [0.2, 0.1], "val_accuracy": [0.9, 0.96]}


@pytest.fixture(autouse=True)
def nothing_at_hand(no_data):
    """No test depends on the data that this machine has."""


@pytest.fixture
def local_images(monkeypatch):
    """All data sets are on this machine; test image k shows a k % 10."""
    labels = (np.arange(10_000) % 10).astype(np.uint8)
    test = class_page.TestSet(np.zeros((10_000, 28, 28), np.uint8), labels, load.DIGITS)
    monkeypatch.setattr(class_page, "load_test_set", lambda name, say: test)


def mistakes_of(count, first=0):
    return [[first + k, (first + k + 1) % 10, 0.9] for k in range(count)]


def result(accuracy=0.99, seconds=1.0, **changes):
    return {
        "stage": "evaluate",
        "data": "mnist",
        "parameters": PARAMETERS,
        "test_accuracy": accuracy,
        "test_loss": 0.07,
        "parameter_count": 407050,
        "seconds_to_fit": seconds,
        "peak_memory_mb": 1100,
        "details": {"history": HISTORY, "mistakes": mistakes_of(100)},
        **changes,
    }


def notebook(*results, states=None, predictions=None, **extra):
    bundles = [{MIME: one} for one in results]
    bundles += [{PROGRESS: {"done": 0, "of": 46, "states": states}}] if states is not None else []
    bundles += [{PROGRESS: {"predictions": predictions}}] if predictions is not None else []
    outputs = [{"output_type": "display_data", "data": data, "metadata": {}} for data in bundles]
    cells = [{"cell_type": "code", "source": "x", "metadata": {}, "outputs": outputs}]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **extra}


def put(folder, name, content):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    content = content if isinstance(content, (bytes, str)) else json.dumps(content)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def hand_in(folder, *names, **changes):
    """A notebook by each of these names, with the same result of different runs."""
    for place, name in enumerate(names):
        put(folder, f"{name}.ipynb", notebook(result(seconds=place + 1.0, **changes)))


def text_of(path):
    """The page's text; it is checked that nothing in it runs or is fetched."""
    content = path.read_text(encoding="utf-8")
    page = read_page(content)
    assert "default-src 'none'" in content
    assert not {"script", "iframe", "object", "embed", "link", "base", "form"} & set(page.tags)
    assert all(address.startswith(("data:image/png;base64,", "#")) for address in page.links + page.loads)
    return page.words


def write(folder, **options):
    return write_class_page(folder, say=lambda line: None, **options)


def page_of(folder, **options):
    return text_of(write(folder, **options))


# What a class looks like.


def test_a_class_with_all_kinds_of_names(tmp_path):
    hand_in(tmp_path, "anna", "06_evaluate (1)", "group 3/06_evaluate", "数学", "06_evaluate_Žofie")
    lines = []
    path = write_class_page(tmp_path, say=lines.append)
    assert path == tmp_path / "class.html" and lines == [f"5 students: {path}"]
    text = text_of(path)
    for name in ["Our class: 5 students", "anna", "06_evaluate (1)", "group 3", "数学", "Žofie", "nobody checked them"]:
        assert name in text
    assert "Skipped" not in text and "Copies" not in text
    assert text.index("anna 0.9900") < text.index("group 3 0.9900") < text.index("Žofie 0.9900")


M = "_1_assignsubmission_file_"


SURNAMES = [("Sarah", "New"), ("Anna", "Last"), ("Anna", "Old"), ("Kim", "Try 1")]


def owners_in(places):
    return owners_of(places, of_canvas(places), of_several(places))


@pytest.mark.parametrize(
    "people",
    [
        {"Doe Jane": "Doe Jane_12345_assignsubmission_file_/06_evaluate.ipynb"},
        {"all/Müller-Lüdenscheidt Eva": "all.zip/Müller-Lüdenscheidt Eva_9_assignsubmission_file_05_train.ipynb"},
        {"Participant 12345": "Participant_12345_assignsubmission_file_/my own.ipynb"},
        {"doejane": "doejane_123_4567_06_evaluate-1.ipynb"},
        {"doejane": "doejane_LATE_123_4567_my notebook.ipynb"},
        {"Jane Doe": "Jane Doe - 05_train.ipynb"},
        {"Jane Doe": "Copy of 05_train - Jane Doe.ipynb"},
        {"Kim Lee": "Kim Lee - Copy of 06_evaluate (1), Kim Lee - 05_train"},
        {"Jane Doe": "06_evaluate - Jane Doe.html"},
        {f"{name} {more}": f"HW/{name} {more} - 06_evaluate, HW/{name} {more} - 01_load v2" for name, more in SURNAMES},
        {"anna": "anna/06_evaluate - Kopie, anna/05_train-checkpoint, anna/01_load - Copie (2)", "ben": "ben/x"},
        {"Jane": "Jane - 06_evaluate, Jane - 06 evaluate, Jane - 06-evaluate, Jane - Kopie von Copy of 05_train"}
        | {"Joe": "Joe - Copie de 01_load, Joe - Cópia de 02_visualize, Joe - Kopia 03_prepare, Joe - 08 new-problem"},
        {"anna": "anna.zip/06_evaluate.ipynb"},
        {"anna": "anna.ipynb"},
        {"anna": "06_evaluate_anna.ipynb"},
        {"anna": "anna - 06_evaluate.ipynb"},
        {"anna (1)": "anna (1).ipynb"},
        {"group 3": "group 3/06_evaluate.ipynb"},
        {"a/b": "a/b/06_evaluate-Copy1.ipynb"},
        {"06_evaluate": "06_evaluate.ipynb.txt"},
        {"no name": " .ipynb"},
        {
            "anna": "anna/06_evaluate_v2, anna/01_load, anna/06_evaluate_final, anna/06_evaluate-Copy1",
            "ben": "ben/Copy of 06_evaluate, ben/06_evaluate (1), ben/01_load_ben v2, ben/05_train_Ben_attempt2",
        },
        {
            "mallory": "mallory/06_evaluate_jane",
            "mallet": "mallet/doejane_123_4567_06_evaluate",
            "jane": "jane/06_evaluate",
        },
        {"Mal": f"all.zip/Mal{M}/Doe Jane{M}/x", "Doe Jane": f"all.zip/Doe Jane{M}/x"},
        {"mal": "mal.zip/06_evaluate, mal.zip/doejane_123_4567_06_evaluate.ipynb", "ben": "ben.zip/x"},
        {"mal/Doe Jane": f"mal/Doe Jane{M}/x", "ben": "ben/x"},
        {"mal": "mal_123_4567_x.zip/doejane_123_4567_06_evaluate", "ben": "ben/doejane_123_4567_06_evaluate"},
        {"7b/anna": "7b/anna, 7b/06_evaluate_anna", "7b/ben": "7b/ben - v2", "7c": "7c/06_evaluate"},
        {"Doe Jane": f"task/Doe Jane{M}/x", "Roe": f"task/Roe{M}/x, task/Roe{M}/y"},
        {"doejane": "all/doejane_123_4567_x.ipynb, all/doejane_123_4568_y.pdf", "roe": "all/roe_124_4569_x.html"},
        {"all": "all.zip/doejane_123_4567_01_load.ipynb, all.zip/doejane_123_4568_06_evaluate.ipynb", "ben": "ben/x"},
        {"s/doejane": "s.zip/doejane_1000_2000_01_load.ipynb", "grades.csv": "grades.csv"},
        *(
            {f"{rule}_{n}": f"{where}{rule}_{n}_01_load.ipynb, {where}{rule}_{n}_06_evaluate.ipynb" for n in names}
            for rule, names in {
                "kurs_11_2026": ("anna", "ben"),
                "info_10_0511": ("anna", "ben"),
                "7b_01_101": ("anna", "ben"),
                "ws_26": ("412345", "412346"),
                "meier_2026": ("45045", "46046"),
            }.items()
            for where in ("", "sub/", "all.zip/")
        ),
        {"anon x9Zq1": "anon_x9Zq1_502_06_evaluate.ipynb, LATE_anon_x9Zq1_503_01_load.ipynb"}
        | {"anon 12345": "anon_12345_504_x.ipynb", "doe": "doe_LATE_12_link.html", "roe": "roe_13_text.html"},
        {f"ws_26_41234{number}": f"ws_26_41234{number}_01_load.ipynb" for number in "56"},
        {f"ws_26_41234{number}_{number}": f"ws_26_41234{number}_{number}.ipynb" for number in "56"},
        {"doe": "doe_123_4567_y.ipynb, doe_123_4568_x.ipynb, doe_123_4568_x (1).ipynb", "roe": "roe_12_456_x.ipynb"},
        {"s/doejane": "s.zip/doejane_1000_2000_01_load.ipynb, s.zip/doejane_1000_2001_03.ipynb"},
        {"Doe Jane": f"Doe\nJane{M}/06_evaluate", "roe x": "roe\nx_123_4567_y.ipynb"},
        {"anna": "anna/06_evaluate, anna/anna_2024_0515_05_train", "ben": "ben/06_evaluate"},
        {name: f"{name}/06_evaluate" for name in ("Anna Weiß", "Anna Weiss", "Kim Lee", "Kim-Lee", "kim lee")},
        {"Kim Lee": "Kim Lee/06_evaluate, kim-lee - 05_train", "Weiß": "Weiß - 05_train", "Weiss": "Weiss - 05_train"},
        {"Anna Bee": "06_evaluate_Anna Bee, 05_train_anna_bee, 01_load-Anna-Bee", "ben": "ben"},
        {"06_evaluate_v2": "06_evaluate_v2", "anna (1)": "anna (1)", "anna": "anna"},
    ],
)
def test_a_folder_names_the_student_and_no_file_in_it_another(people):
    places = {place: name for name, places in people.items() for place in places.split(", ")}
    owners = owners_in(places)
    names = names_of(set(owners.values()))
    assert {place: names[owner] for place, owner in owners.items()} == places
    assert len(set(owners.values())) == len(people)


def test_a_notebook_is_known_by_its_name_with_spaces_too():
    assert stage_named("Kim - 07 own-handwriting (1).ipynb") == "own_handwriting"


@pytest.mark.parametrize(
    "names",
    [["c/06_evaluate", "c/06_evaluate (1)", "c/06_evaluate_v2", "d"], ["group 1", "Group 2", "group 10", "²"]],
)
def test_equal_names_are_told_apart_and_sorted_as_people_sort_them(tmp_path, names):
    hand_in(tmp_path, *reversed(names))
    assert [one.name for one in read_submissions(tmp_path, EXERCISES)[0]] == names


@pytest.mark.parametrize("where", ["", "HW/", "all.zip/"])
@pytest.mark.parametrize("last", ["06_evaluate", "jane - 06_evaluate", "Copy of 06_evaluate (1), Copy of 06_evaluate"])
def test_attachments_that_a_browser_numbered_are_of_several_people(tmp_path, where, last):
    files = {f"01_load{number}.ipynb": loads("load", states={}) for number in ("", " (1)", " (2)", " (3)", " (4)")}
    files |= {f"{name}.ipynb": loads("evaluate", result(), states={EXERCISES[0]: "done"}) for name in last.split(", ")}
    for name, content in files.items() if where != "all.zip/" else ():
        put(tmp_path, f"{where}{name}", content)
    if where == "all.zip/":
        put(tmp_path, "all.zip", zipped(**files))
    found, skipped = read_submissions(tmp_path, EXERCISES)
    assert [one.numbers for one in sorted(found, key=lambda one: one.place)] == ["1"] * 5 + ["6"] * (len(files) - 5)
    assert len({one.name for one in found}) == len(files) and not skipped


def test_numbered_notebooks_in_a_student_s_folder_are_the_student_s(tmp_path):
    for place in ("anna/01_load", "anna/01_load (1)", "anna/01_load (2)"):
        put(tmp_path, f"{place}.ipynb", loads("load", states={}))
    hand_in(tmp_path, "anna/06_evaluate", "ben/06_evaluate")
    found, _ = read_submissions(tmp_path, EXERCISES)
    assert [(one.name, one.numbers) for one in found] == [("anna", "1 6"), ("ben", "6")]


def test_a_second_copy_in_what_one_student_handed_in_is_the_student_s(tmp_path):
    """Whether it is alone in the class's folder, or all of it is one student's."""
    for name in ("05_train", "05_train-Copy1", "01_load"):
        put(tmp_path, f"class/anna/{name}.ipynb", loads(name[3:].partition("-")[0], states={}))
    hand_in(tmp_path, "class/anna/06_evaluate")
    for folder in ("class", "class/anna"):
        assert [one.numbers for one in read_submissions(tmp_path / folder, EXERCISES)[0]][:1] == ["1 5 6"]


def test_accuracies_are_summed_up_for_each_data_set(tmp_path):
    put(tmp_path, "other letters.ipynb", notebook(result(data="letters", data_fingerprint="0" * 16)))
    put(tmp_path, "letters.ipynb", notebook(result(data="letters", data_fingerprint="f" * 16)))
    assert "Letters (0000000000000000): 1 network" in page_of(tmp_path)  # not the same data, so there is no mean
    tested = [(0.97, "MNIST"), (0.98, "mnist"), (0.88, "Fashion-MNIST"), (0.5, "my cats"), (0.7, "my dogs")]
    for accuracy, data in tested:
        put(tmp_path, f"{data}.ipynb", notebook(result(accuracy, data=data, details={})))
    text = page_of(tmp_path)
    assert "MNIST: 2 networks Mean 0.9750, from 0.9700 to 0.9800." in text and "mean 0.9750 MNIST" in text
    assert "Fashion-MNIST: 1 network 0.8800." in text
    assert "Other data: 2 networks From 0.5000 to 0.7000. No mean" in text and "my cats" in text


def test_changed_hyperparameters_are_named_and_older_notebooks_with_few_keys_count(tmp_path):
    put(tmp_path, "a.ipynb", notebook(result(parameters={"hidden": 64, "dropout": 0.2, "epochs": 10, "more": 5})))
    put(tmp_path, "b.ipynb", notebook(result(seconds=2.0)))
    put(tmp_path, "c.ipynb", notebook({"test_accuracy": 1}))
    text = page_of(tmp_path)
    assert "MNIST not shown hidden 64 , epochs 10" in text and "more" not in text and "Edited by hand" not in text
    assert "b 0.9900 MNIST not shown none" in text and "c 1.0000 unknown not shown unknown" in text


def test_exercises_per_student_and_the_hardest(tmp_path):
    easy, hard, unknown = EXERCISES[0], EXERCISES[1], "load.<b>made up"
    put(tmp_path, "a.ipynb", notebook(result(), states={easy: "done", hard: "not right yet", unknown: "done"}))
    put(tmp_path, "b.ipynb", notebook(result(seconds=2.0), states={easy: "done", hard: "done", EXERCISES[2]: "odd"}))
    put(tmp_path, "c.ipynb", notebook(result(seconds=3.0)))
    text = page_of(tmp_path)
    assert "1 of 12" in text and "2 of 12" in text and "made up" not in text  # of notebooks 1 and 6
    assert "1 load, exercise 2: the shape of a slice (not right yet for 1 of 2 who tried it)" in text
    assert "How many of 2 students" in text and "nobody tried load: 3 how many numbers?, 4 why a test set?" in text
    assert "visualize" not in text and "visualize" in page_of(tmp_path, notebooks="1-2,6")


def test_predictions_are_counted_first_and_last_and_a_misconception_is_told(tmp_path):
    hand_in(tmp_path, "zoe")
    text = page_of(tmp_path)
    assert "No notebook shows a prediction." in text and "that nobody made" not in text
    for place, (chosen, more) in enumerate([("ab", {}), ("a", {"build.half": "c"}), ("cbb", {}), ("b", {})]):
        predictions = {"train.steps": chosen, **more}
        put(tmp_path, f"anna{place}.ipynb", notebook(result(seconds=place + 2.0), predictions=predictions))
    path = write(tmp_path)
    text = text_of(path).partition("saw the result. ")[2].partition("The images that")[0]
    assert "5 train: How many steps are there in an epoch? A step uses one batch of 128 images. An" in text
    assert "choice first last (a) 128 2 of 4 1 of 4 (b) about 430 ✓ right 1 of 4 3 of 4 (c) 55,000 1 of 4" in text
    assert "0 of 4 Most frequent wrong choice: (a). 128 is the number of images in" in text
    assert "4 build: Only 40 % for the right class: how large is the loss? With 80 %, it was 0.22. (1 student)" in text
    assert "that nobody made build: Softmax: what is the first probability?; How many weights and biases?;" in text
    assert "load" not in text and "anna" not in text and "zoe" not in text
    assert path.read_text(encoding="utf-8").count("width: 75%") == 1


def test_questions_are_read_where_the_notebooks_are_whole_and_are_only_text(tmp_path, monkeypatch):
    put(tmp_path, "class/a.ipynb", notebook(result(), predictions={"train.steps": "a", "load.shape": "b"}))
    asks = {"cell_type": "markdown", "metadata": {}, "source": f"## {ATTACK}\n\n- **(a)** [x](y) `{ATTACK}`"}
    code = {"cell_type": "code", "metadata": {}, "source": 'predict("load.shape")', "outputs": []}
    put(tmp_path, "01_load.ipynb", {"cells": [asks, code], "metadata": {}, "nbformat": 4, "nbformat_minor": 4})
    put(tmp_path, "05_train.ipynb", "broken")
    monkeypatch.setattr("workshop.questions.notebooks_folder", lambda: tmp_path)
    text = page_of(tmp_path / "class")
    assert f"1 load: {ATTACK}" in text and f"(a) x {ATTACK}" in text and "5 train: steps (1 student)" in text


@pytest.mark.parametrize("odd", [ATTACK, {ATTACK: "a"}, {"train.steps": "<i>\u202e"}, {"train.steps": ["a"]}])
def test_what_is_no_prediction_is_not_counted(tmp_path, odd):
    put(tmp_path, "a.ipynb", notebook(result(), predictions=odd))
    assert "No notebook shows a prediction." in page_of(tmp_path)
    assert "alert" not in (tmp_path / "class.html").read_text(encoding="utf-8")


def test_other_notebooks_of_a_student_are_no_error_and_tell_of_exercises(tmp_path):
    put(tmp_path, "anna/06_evaluate.ipynb", notebook(result(), states={EXERCISES[0]: "done"}))
    put(tmp_path, "anna/01_load.ipynb", notebook(predictions={"load.shape": "a"}))
    put(tmp_path, "anna/05_train.ipynb", notebook({"stage": "train", "validation_accuracy": 0.9}))
    both = {EXERCISES[0]: "done", "own_handwriting.star": "done"}
    chosen = {"load.shape": "ab", "train.steps": "b"}
    put(tmp_path, "anna/07_own_handwriting.ipynb", notebook(states=both, predictions=chosen))
    put(tmp_path, "ben/01_load.ipynb", notebook())
    put(tmp_path, ".ipynb_checkpoints/x.ipynb", notebook(result(0.5)))
    hand_in(tmp_path, *(f"{name}/my_work/runs/seed={seed}/06_evaluate" for name in ("anna", "eve") for seed in "01"))
    (anna, eve), skipped = read_submissions(tmp_path, EXERCISES)
    assert (anna.name, eve.name) == ("anna", "eve")  # a sweep of their own is one student's work
    assert list(anna.exercises.values()) == ["done", "done"] and anna.predictions == chosen
    put(tmp_path, "anna/my_work/runs/seed=1/05_train.ipynb", notebook({"stage": "train", "validation_accuracy": 0.9}))
    assert [one.path for one in skipped] == ["ben/01_load.ipynb"] and "it is notebook 1, and shows" in skipped[0].reason
    assert anna.numbers == "1 5 6 7"
    put(tmp_path, "cleo.ipynb", notebook({"stage": "train", "validation_accuracy": 0.9}))
    put(tmp_path, "dan.PDF", "%PDF")
    put(tmp_path, "anna/onlinetext.html", "<p>Done")
    reasons = {one.path: one.reason for one in read_submissions(tmp_path, EXERCISES)[1]}
    assert reasons.keys() == {"ben/01_load.ipynb", "cleo.ipynb", "dan.PDF"} and "notebook 5" in reasons["cleo.ipynb"]


def test_a_copy_is_a_student_of_its_own_and_its_run_counts_once(tmp_path):
    first, second = EXERCISES[0], EXERCISES[1]
    cell = {"cell_type": "code", "source": "practice.slice_shape.check((1,))", "outputs": []}
    for name, state in {"anna": "done", "ben": "not right yet"}.items():
        put(tmp_path, f"{name}/06_evaluate.ipynb", loads("evaluate", result(), states={}))
        put(tmp_path, f"{name}/01_load.ipynb", loads("load", states={first: state}))
    one = loads("load", states={second: "done"}, predictions={"load.shape": "ab"})
    put(tmp_path, "ben/more.ipynb", one | {"cells": [*one["cells"], cell]})
    put(tmp_path, "cleo.ipynb", loads("evaluate", result(seconds=1.001), states={}))  # the same settings, her own run
    (anna, ben, cleo), _ = read_submissions(tmp_path, EXERCISES)
    assert (anna.exercises, anna.predictions, anna.cells, anna.numbers) == ({first: "done"}, {}, [], "1 6")
    assert ben.exercises == {first: "not right yet", second: "done"}
    assert (ben.predictions, len(ben.cells), ben.copy_of, cleo.copy_of) == ({"load.shape": "ab"}, 1, anna, None)
    text = page_of(tmp_path, check=True, csv=tmp_path / "grades.csv")
    assert "Our class: 3 students" in text and "1 row with the same run as another" in text
    assert "MNIST: 2 networks" in text and "ben : the same run as anna" in text
    assert "How many of 3 students" in text and "ben 1 load, exercise 2: the shape of a slice done wrong" in text
    with (tmp_path / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [[row[name] for name in ("exercises done", "predictions", "doubts")] for row in csv.DictReader(file)]
    assert rows == [["1", "0", ""], ["1", "1", "the same run as anna"], ["0", "0", ""]]


def test_equal_numbers_without_a_time_are_no_copies_unless_the_files_are_equal(tmp_path):
    for name, source in [("a", 1), ("b", 1), ("c", 2)]:
        put(tmp_path, f"{name}.ipynb", notebook({"stage": "evaluate", "test_accuracy": 0.9}, source=source))
    copies = {one.name: one.copy_of and one.copy_of.name for one in read_submissions(tmp_path, EXERCISES)[0]}
    assert copies == {"a": None, "b": "a", "c": None}


def test_without_names(tmp_path):
    put(tmp_path, "anna.ipynb", notebook(result(data="annas data")))
    put(tmp_path, "anna2.ipynb", notebook(result(data="annas data")))
    put(tmp_path, "ben.ipynb", notebook(result(seconds=2.0)))
    put(tmp_path, "carla.ipynb", "{}")
    put(tmp_path, "dan.ipynb", notebook(result("dan")))
    put(tmp_path, "eva.ipynb", notebook(result(seconds=3.0, parameters={"eva": []})))
    put(tmp_path, "dan2.ipynb", notebook(result(seconds=4.0, parameters={"work_dir": "dan", "photo": "eva"})))
    path = write(tmp_path, names=False)
    assert path == tmp_path / "class-without-names.html" and not (tmp_path / "class.html").exists()
    text, content = text_of(path), path.read_text(encoding="utf-8")
    assert (
        "Student 1" in text
        and "Student 2" in text
        and ": the same run as Student" in text
        and "1 file: it is not a notebook" in text
    )
    assert not re.search(r"anna|ben|carla|dan|\beva\b", content)


def test_numbers_instead_of_names_do_not_follow_the_names(tmp_path):
    for place in range(20):
        put(tmp_path, f"{place}.ipynb", notebook(result(0.9 + place / 1000, details={})))
    rows = re.findall(r"Student (\d+) (0\.\d{4})", page_of(tmp_path, names=False).partition("All students")[2])
    assert [int(number) for number, _ in rows] == list(range(1, 21))
    accuracies = [accuracy for _, accuracy in rows]
    assert accuracies != sorted(accuracies) and len(set(accuracies)) == 20


# The gallery.


def test_the_hardest_images_are_drawn_from_the_local_data(tmp_path, local_images):
    for place, first in enumerate([0, 1, 1]):
        details = {"mistakes": [[k, (k + 1) % 10, 0.9] for k in range(first, first + 100)]}
        put(tmp_path, f"{place}.ipynb", notebook(result(0.99, float(place), details=details)))
    path = write(tmp_path)
    content, text = path.read_text(encoding="utf-8"), text_of(path)
    assert "how many of 3 networks got it wrong" in text
    assert "1 : 3 of 3 wrong predicted: 2 (3×)" in text and "0 : 1 of 3 wrong" not in text
    assert content.count("<img alt=") == IN_GALLERY == content.count("data:image/png;base64,")
    assert 'alt="Test image 1, 28 by 28 pixels, of: 1"' in content


def test_each_data_set_has_a_gallery_or_a_sentence_and_nothing_is_fetched(tmp_path, monkeypatch):
    def never(*arguments, **options):
        raise AssertionError("the page fetched something")

    monkeypatch.setattr("handwriting.data.download.download", never)
    monkeypatch.setattr("handwriting.data.standin.make_standin", never)
    for name, data in {"a": "mnist", "b": "mnist", "c": "fashion-mnist", "d": "stand-in", "e": "../etc/passwd"}.items():
        hand_in(tmp_path, name, data=data)
    lines = []
    text = text_of(write_class_page(tmp_path, say=lines.append))
    assert len(lines) == 1  # missing is not broken
    assert text.count("They cannot be shown: this data is not on this machine.") == 3
    assert "handwriting data fetch stand-in" in text


def test_letters_are_drawn_for_their_gallery(tmp_path):
    for name, index in {"a": 3_999, "b": 4_000}.items():
        hand_in(tmp_path, name, accuracy=0.95, data="letters", details={"mistakes": [[index, 0, 1.0]] * 200})
    assert one_submission.TEST_IMAGES["letters"] == signature(make_letters).parameters["test"].default
    text = page_of(tmp_path)
    assert (
        "Letters: 2 networks" in text
        and "most networks got wrong: letters They are shown only when there are at least 3" in text
    )
    assert "images that the test set does not have" in text and "cannot be shown" not in text
    test = class_page.load_test_set("letters", print)
    assert len(test.images) == 4_000 and test.class_names[test.labels.max()] == "J"


def test_the_cached_stand_in_is_used_and_a_broken_one_said(tmp_path, no_data):
    images, labels = np.zeros((10_000, 28, 28), np.uint8), np.zeros(10_000, np.uint8)
    no_data.mkdir()
    cached = load.standin_path()
    load.save_standin(cached, load.Dataset("stand-in", load.DIGITS, images[:1], labels[:1], images, labels))
    hand_in(tmp_path, *"abc", data="stand-in", details={"mistakes": [[k, 7, 1] for k in range(100)]})
    assert "0 : 3 of 3 wrong predicted: 7 (3×)" in page_of(tmp_path)
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
        (0.95, mistakes_of(3), "lists 3 mistakes, and its accuracy says 500"),
        (0.5, mistakes_of(400), "notebook 6 lists 300 at most"),
        (0.99, mistakes_of(100, first=9_950), "images that the test set does not have"),
        (0.99, [[-1, 3, 0.5], *mistakes_of(99)], "images that the test set does not have"),
        (0.99, [[10**19, 3, 0.5], *mistakes_of(99)], "images that the test set does not have"),
        (0.99, mistakes_of(50) * 2, "lists an image twice"),
        (0.99, [[k, k % 10, 0.9] for k in range(100)], "right answers as mistakes"),
        (0.99, [[1, 77, 0.9]] * 100, "not as notebook 6 writes it"),
        (0.99, [[1.5, True, "x"], [1], 3, None, {}] * 20, "not as notebook 6 writes it"),
    ],
)
def test_mistakes_that_do_not_fit_the_accuracy(tmp_path, local_images, accuracy, mistakes, doubt):
    put(tmp_path, "a.ipynb", notebook(result(accuracy, details={"mistakes": mistakes})))
    text = page_of(tmp_path)
    assert ("edited by hand?" in text) == bool(doubt) and (doubt or "") in text
    assert not doubt or "ask before you judge" in text
    assert not doubt or "predicted" not in text  # they do not count for the gallery


# Notebooks that someone made to do harm.


@pytest.mark.parametrize(
    "content, reason",
    [
        ("[" * 1_000_001, "far more parts"),
        ({"cells": [1, None, "x", [], {"outputs": 3}, {"outputs": [1, {"data": []}]}]}, "no result of notebook 6"),
        (notebook("text", [1], None, 5), "no result of notebook 6"),
        (notebook({"stage": "evaluate", "test_accuracy": None, "data": []}), "no test_accuracy"),
        *((notebook(result(odd, data=[])), "not a number from 0 to 1") for odd in (-0.1, [0.9])),
        (json.dumps(notebook(result())).replace("0.99", "1e999"), "not a number from 0 to 1"),
    ],
)
def test_what_is_not_a_notebook_is_skipped_with_the_reason(tmp_path, content, reason):
    put(tmp_path, "bad.ipynb", content)
    put(tmp_path, "good.ipynb", notebook(result()))
    start = time.process_time()
    text = page_of(tmp_path)
    assert "Our class: 1 student" in text and "bad.ipynb" in text and reason in text
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    "changes",
    [
        {"data": ATTACK},
        {"data": 10**30, "parameters": ATTACK, "details": ATTACK, "versions": ATTACK},
        {"data": [ATTACK], "parameters": [1], "details": [ATTACK], "test_loss": ATTACK, "seconds_to_fit": ATTACK},
        {"parameters": {"activation": ATTACK, "optimizer": ATTACK, "hidden": ATTACK, "seed": 10**30, ATTACK: ATTACK}},
        {"parameters": {"hidden": 10**30, "epochs": -1, "dropout": True, "activation": "x" * 10**6}},
        {"parameters": {"hidden": [1], "dropout": {}, "epochs": float("nan"), "seed": float("inf")}},
        {"details": {"history": {"loss": ATTACK, "accuracy": [ATTACK, None]}, "mistakes": [[ATTACK] * 3]}},
        {"details": {"history": [[]], "mistakes": {ATTACK: ATTACK}}},
        {"data": "a\ud800b", "peak_memory_mb": "\ud800"},
        {"data": "\u202egnorw\u2066 \u0000\x1b[31m\n\u2028"},
        {"data": "Z" + "\u0335\u0321" * 5000},
        {"data": "long" * 1_000_000},
    ],
)
def test_no_value_breaks_the_page(tmp_path, local_images, changes):
    put(tmp_path, "a.ipynb", notebook(result(**changes), states={ATTACK: ATTACK, EXERCISES[0]: [ATTACK]}))
    path = write(tmp_path)
    text = text_of(path)
    assert "Our class: 1 student" in text and "0.9900" in text
    assert path.stat().st_size < 60_000
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u2028\x00\x1b\ud800-\udfff]", text)
    assert "onerror" not in html.unescape(text) or changes["data"] == ATTACK  # shown as text, at most


def test_outputs_are_never_copied(tmp_path, local_images):
    one = notebook(result(), states={})
    one["cells"][0]["outputs"] += [
        {"output_type": "display_data", "data": {"text/html": ATTACK, "image/svg+xml": f"<svg>{ATTACK}</svg>"}},
        {"output_type": "stream", "text": ATTACK},
    ]
    one["cells"] += [{"cell_type": "markdown", "source": ATTACK}]
    put(tmp_path, "a.ipynb", one)
    assert "alert" not in write(tmp_path).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)<|script>",
        "\"'><img src=x onerror=alert(1)>",
        "&lt;b&gt;",
        "a\u202egpj",
        "line\nbreak\x1b[31m",
        "x" * 240,
        "{{7*7}}%s{0}",
        os.fsdecode(b"\xff\xfe"),
    ],
)
@pytest.mark.parametrize("good", [True, False])
def test_no_name_of_a_file_breaks_the_page(tmp_path, name, good):
    try:
        put(tmp_path, f"{name}.ipynb", notebook(result()) if good else "{}")
    except OSError:
        pytest.skip("no such name can be given here")
    put(tmp_path, "b.ipynb", notebook(result(seconds=2.0)))
    text = page_of(tmp_path)
    assert f"Our class: {1 + good} student" in text and clean(name)[:5] in text
    assert not re.search("[\u202e\x1b]", text)


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_links_and_pipes_are_not_followed(tmp_path):
    outside, folder = tmp_path / "outside", tmp_path / "class"
    put(outside, "secret.ipynb", notebook(result(0.1234, data="secret")))
    hand_in(folder, "good")
    for name, target in {"link.ipynb": outside / "secret.ipynb", "folder": outside, "round": folder}.items():
        (folder / name).symlink_to(target)
    for name in ("pipe.ipynb", "pipe.zip"):
        os.mkfifo(folder / name)
    text = page_of(folder)
    assert "Our class: 1 student" in text and "0.1234" not in text and "secret" not in text
    assert (
        text.count("it is a link") == 3
        and "pipe.zip : it is not a regular" in text
        and "pipe.ipynb : it is not a regular file" in text
    )


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_only_a_page_of_ours_is_replaced(tmp_path):
    mine, folder, lines = put(tmp_path, "mine.txt", "precious"), tmp_path / "class", []
    hand_in(folder, "a")
    page = folder / "class.html"
    page.symlink_to(mine)
    write_class_page(folder, lines.append)
    assert mine.read_text() == "precious" and (folder / "class-1.html").is_symlink() and not page.is_symlink()
    page.write_text("<title>Our class: mine</title>")
    write_class_page(folder, lines.append)
    assert (folder / "class-2.html").read_text() == "<title>Our class: mine</title>"
    assert [line for line in lines if "kept" in line] == [
        f"Not exactly what this version writes, so kept: class.html is now class-{number}.html." for number in (1, 2)
    ]
    assert "class-2.html : it is not a notebook: ask for the file that ends with .ipynb" in page_of(folder)
    hand_in(folder, "a", "b")
    assert "Our class: 2 students" in page_of(folder, names=False) and "class.html" not in page_of(folder)
    assert not (folder / "class-3.html").exists()


# As platforms hand it over.


def zipped(**files):
    """A zip archive with these files: bytes, or notebooks as dictionaries."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content if isinstance(content, bytes) else json.dumps(content))
    return archive.getvalue()


def loads(stage, *results, **more):
    """A notebook that says by its content which one it is."""
    one = notebook(*results, **more)
    one["cells"][0]["source"] = ["# any\n", f"from handwriting.practice import {stage} as practice"]
    return one


def test_a_student_of_whom_nothing_counts_has_a_row(tmp_path):
    hand_in(tmp_path, "Roe Rick_2_assignsubmission_file_/06_evaluate", "dan/06_evaluate", "07_own_handwriting (1)")
    put(tmp_path, "Roe Rick_2_assignsubmission_file_/photo.png", b"")
    put(tmp_path, "Roe Rick_2_assignsubmission_onlinetext_/onlinetext.html", "<p>Here it is")
    hand_in(tmp_path, "poejo_124_4568_06_evaluate")
    lost = ["Meyer Jo_3_assignsubmission_file_/network.keras", "doejane_LATE_123_4567_notes.txt"]
    lost += ["Nowak Ewa_4_assignsubmission_file_/06_evaluate.ipynb", "Nowak Ewa_4_assignsubmission_file_/a.docx"]
    lost += ["anna/my_work/network.keras", "06_evaluate_kim", "06_evaluate_joe.ipynb.download"]
    for place in [*lost, "notes.txt", "dan/my_work/network.keras", "scan_20261127_123456/x.png", "anna/README"]:
        put(tmp_path, place, b"x")
    put(tmp_path, "all.zip", zipped(**{"Low Lisa_5_assignsubmission_file_/x.png": b"", "y.png": b""}))
    found, skipped = read_submissions(tmp_path, EXERCISES)
    empty = ["all/Low Lisa", "doejane", "Meyer Jo", "Nowak Ewa"]
    assert [one.name for one in found if one.is_empty] == empty and len(found) == len(empty) + 4
    wanted = ["all.zip/Low Lisa_5_assignsubmission_file_/x.png", *lost, "scan_20261127_123456/x.png"]
    assert {one.path for one in skipped} == set(wanted)
    text = page_of(tmp_path, csv=tmp_path / "grades.csv")
    assert "Our class: 8 students" in text and "Meyer Jo nothing that counts: why not shown –" in text
    with (tmp_path / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["name"]: list(row.values())[1:] for row in csv.DictReader(file)}
    assert rows["Nowak Ewa"] == ["", "", "", "7", "0", "", "", "nothing that counts"]
    assert "nothing that counts" in page_of(tmp_path, names=False)
    with pytest.raises(UserError, match=r"No notebook in .* can be counted. .*network\.keras: it is not a notebook"):
        write(put(tmp_path, "alone/Meyer Jo_3_assignsubmission_file_/network.keras", b"x").parents[1])


def test_a_student_who_hands_in_many_files_hides_no_other(tmp_path):
    hand_in(tmp_path, f"Adam A{M}/06_evaluate")
    many = {f"d{number}/{number}.txt": b"" for number in range(handed_in.MOST_FILES + 1)}
    put(tmp_path, f"Adam A{M}/all.zip", zipped(**many))
    put(tmp_path, f"Zoe Z{M}/photo.jpg", b"x")
    assert [one.name for one in read_submissions(tmp_path, EXERCISES)[0] if one.is_empty] == ["Zoe Z"]


def test_a_notebook_of_a_student_s_own_that_shows_progress_makes_no_second_student(tmp_path):
    hand_in(tmp_path, "anna/06_evaluate", "ben/06_evaluate")
    put(tmp_path, "anna/scratch.ipynb", notebook(states={"load.count_sevens": "done"}))
    earlier = ["anna/06_evaluate.earlier", "anna/06_evaluate.earlier-1"]  # what `handwriting run` calls those before
    earlier += ["doejane_123_4567_06_evaluate.earlier", "dan/06_evaluate.earlier (1)"]
    others = ["doejane_123_4568_06_evaluate", "roe_124_4569_06_evaluate", "dan/06_evaluate_dan"]
    hand_in(tmp_path, *earlier, *others)
    found, skipped = read_submissions(tmp_path, EXERCISES)
    done = {"anna": 1, "ben": 0, "dan": 0, "doejane": 0, "roe": 0}
    assert {one.name: one.count("done") for one in found} == done and len(found) == len(done)
    assert {one.path for one in skipped} == {f"{place}.ipynb" for place in earlier}
    for place in ("anna/06_evaluate", *earlier[1:], *others):
        (tmp_path / f"{place}.ipynb").unlink()
    (tmp_path / "dan").rmdir()
    last = {"06_evaluate.earlier-1.ipynb": notebook(result(seconds=5.0)), "06_evaluate.ipynb": notebook(result(0.5))}
    put(tmp_path, "cleo.zip", zipped(**last))
    found, skipped = read_submissions(tmp_path, EXERCISES)  # without a later one, it is what there is
    assert [(one.name, one.accuracy) for one in found] == [("anna", 0.99), ("ben", 0.99), ("cleo", 0.5)]
    assert [one.path for one in skipped] == ["cleo.zip/06_evaluate.earlier-1.ipynb"]


def test_of_earlier_notebooks_without_a_later_one_the_last_counts(tmp_path):
    hand_in(tmp_path, "anna/06_evaluate.earlier", "anna/my_work/runs/seed=1/06_evaluate", "team/06_evaluate.earlier")
    put(tmp_path, "anna/06_evaluate.earlier-1.ipynb", notebook(result(0.9)))
    hand_in(tmp_path, "team/06_evaluate_ben", "team/06_evaluate_cleo")
    found, skipped = read_submissions(tmp_path, EXERCISES)
    assert [one.accuracy for one in found] == [0.9, 0.99, 0.99]
    assert [one.path for one in skipped] == ["anna/06_evaluate.earlier.ipynb", "team/06_evaluate.earlier.ipynb"]


def test_one_notebook_at_a_time_is_in_memory(tmp_path, monkeypatch):
    known = []

    class Notebook(dict):
        """A dictionary of which one can tell whether it is still there."""

    def parse(content):
        assert sum(one() is not None for one in known) < 2
        known.append(ref(made := Notebook(json.loads(content))))
        return made

    monkeypatch.setattr(handed_in, "parse", parse)
    hand_in(tmp_path, *"abcd")
    assert len(read_submissions(tmp_path, EXERCISES)[0]) == len(known) == 4


@pytest.mark.parametrize("name", ["Müller Eva", "Søren", "Žofie", "数学"])
def test_names_in_archives_of_a_mac_are_read_as_they_are(tmp_path, name):
    paths = (f"{name}/06_evaluate.ipynb", "ben/06_evaluate.ipynb")
    archive = zipped(**{path: notebook(result(seconds=len(path))) for path in paths})
    for begin in (rb"PK\x03\x04...", rb"PK\x01\x02....."):  # macOS writes UTF-8 without the flag for it
        archive = re.sub(rb"(" + begin + rb")\x08", rb"\1\0", archive, flags=re.DOTALL)
    put(tmp_path, "all.zip", archive)
    assert {one.name for one in read_submissions(tmp_path / "all.zip", EXERCISES)[0]} == {name, "ben"}


def test_long_paths_in_an_archive_take_no_time(tmp_path):
    hand_in(tmp_path, f"Adam A{M}/06_evaluate")
    put(tmp_path, f"Adam A{M}/all.zip", zipped(**{f"{'a/' * 30_000}{number}.txt": b"" for number in range(5)}))
    start = time.process_time()
    assert [one.name for one in read_submissions(tmp_path, EXERCISES)[0]] == ["Adam A"]
    assert time.process_time() - start < 2


def test_photos_and_notes_with_numbers_in_their_names_are_no_students(tmp_path):
    hand_in(tmp_path, "ben/06_evaluate", "cleo/cleo_2024_0515_05_train")
    for place in ("notes_2024_0515_v2.pdf", "cleo/IMG_20240101_123456_HDR.jpg"):
        put(tmp_path, place, b"x")
    photos = {f"IMG_2024010{number}_123456_HDR.jpg": b"x" for number in range(3)}
    put(tmp_path, "anna.zip", zipped(**{"06_evaluate.ipynb": notebook(result(seconds=9.0)), **photos}))
    assert [one.name for one in read_submissions(tmp_path, EXERCISES)[0]] == ["anna", "ben", "cleo"]


@pytest.mark.parametrize("where", ["", "sub/", "all.zip", "all.zip/sub/"])
@pytest.mark.parametrize(
    "names",
    [
        f"doe{M}06_evaluate.ipynb, poe{M}06_evaluate.pdf, roe{M}photo.jpg",
        "doe_1_123_06_evaluate.ipynb, moe_16_text.html, boe_LATE_17_link.html",
        "doe_1_123_06_evaluate.ipynb, poe_12_124_06.pdf, roe_13_125_photo.jpg, moe_14_126_x.docx, koe_15_127_my.py",
    ],
)
def test_everybody_whom_a_platform_names_has_a_row_wherever_its_files_lie(tmp_path, names, where):
    names = names.replace("doe_1_", "doe_11_")
    files = {where.partition(".zip/")[2] + name: b"x" for name in names.split(", ")}
    files[next(iter(files))] = notebook(result())
    for name, content in files.items() if ".zip" not in where else ():
        put(tmp_path, f"class/{where}{name}", content)
    if ".zip" in where:
        put(tmp_path, "class/all.zip", zipped(**files))
    found, _ = read_submissions(tmp_path / "class", EXERCISES)
    students = sorted(one.partition("_")[0] for one in names.split(", "))
    assert sorted(one.name.removeprefix("all/").removeprefix("sub/") for one in found) == students


@pytest.mark.parametrize("as_zip", [True, False])
def test_a_student_whose_folder_is_empty_has_a_row(tmp_path, as_zip):
    hand_in(tmp_path / "class", f"Doe Jane{M}/06_evaluate", f"Roe Rick{M}/06_evaluate")
    for place in (f"Meyer Jo{M}/.DS_Store", f"Nowak Ewa{M}/.ipynb_checkpoints/x", f"Roe Rick{M}/my_work/.x"):
        put(tmp_path / "class", place, b"x")
    for place in (f"Low Lisa{M}/a/b", f"Doe Jane{M}/my_work", "pictures"):
        (tmp_path / "class" / place).mkdir(parents=True)
    put(tmp_path / "class", f"Kim Lee{M}/my.zip", zipped(**{".x": b"", "__MACOSX/._y": b""}))
    put(tmp_path / "class", "poejo_123_4567_my.zip", zipped())
    put(tmp_path / "class", f"Ash Tim{M}/x.png", b"")
    folder = Path(shutil.make_archive(tmp_path / "all", "zip", tmp_path / "class")) if as_zip else tmp_path / "class"
    found, skipped = read_submissions(folder, EXERCISES)
    empty = ["Kim Lee", "Low Lisa", "Meyer Jo", "Nowak Ewa", "poejo"]
    assert [one.name for one in found if one.why_empty == "handed in nothing"] == empty
    assert [one.name for one in found if one.why_empty == "nothing that counts"] == ["Ash Tim"] and len(found) == 8
    reasons = [one.reason for one in skipped]
    assert reasons.count(handed_in.EMPTY) == len(empty) + 1 and len(reasons) == len(empty) + 2
    assert "Meyer Jo handed in nothing: why not shown –" in page_of(folder)


@pytest.mark.parametrize("as_zip", [True, False])
def test_archives_are_read_as_they_come_and_nothing_is_unpacked(tmp_path, as_zip):
    files = {
        "Doe Jane_1_assignsubmission_file_/06_evaluate.ipynb": notebook(result(seconds=2.0), states={}),
        "Doe Jane_1_assignsubmission_file_/all.zip": zipped(**{"my_work/01.ipynb": loads("load", states={})}),
        "Roe Rick_2_assignsubmission_file_/mine.ZIP": zipped(**{"a/x.ipynb": notebook(result(seconds=3.0))}),
        "Low Lisa_3_assignsubmission_file_/x.zip": b"PK cut",
        "../../evil.ipynb": notebook(result(seconds=4.0)),
        "__MACOSX/06_evaluate.ipynb": notebook(result(0.5)),
        ".hidden/06_evaluate.ipynb": notebook(result(0.5)),
    }
    path = put(tmp_path, "class/all.zip", zipped(**files))
    found, skipped = read_submissions(path if as_zip else path.parent, EXERCISES)
    names = ["Doe Jane", "evil", "Low Lisa", "Roe Rick"]
    names = names if as_zip else ["all", "all/Doe Jane", "all/Low Lisa", "all/Roe Rick"]
    assert [one.name for one in found] == names and found[not as_zip].numbers == "1 6" and found[2].is_empty
    assert [one.reason for one in skipped] == ["it is not a complete zip archive: unpack it, and run the command again"]
    assert write(path if as_zip else path.parent) == path.with_name("class.html")
    assert sorted(one.name for one in path.parent.iterdir()) == ["all.zip", "class.html"]


def test_paths_in_archives_may_have_the_slashes_of_windows(tmp_path):
    with zipfile.ZipFile(put(tmp_path, "all.zip", b""), "w") as made:
        for name, content in {"06_evaluate": notebook(result()), "05_train": loads("train", states={})}.items():
            entry = zipfile.ZipInfo("x")
            entry.filename = f"anna\\{name}.ipynb"
            made.writestr(entry, json.dumps(content))
    assert [one.name for one in read_submissions(tmp_path, EXERCISES)[0]] == ["all/anna"]


def test_an_archive_with_odd_entries_leaves_the_rest_of_the_class_its_page(tmp_path):
    hand_in(tmp_path, "ben/06_evaluate")
    files = {"06_evaluate.ipynb": notebook(result(seconds=9.0)), "a": b"x"}
    with zipfile.ZipFile(put(tmp_path, "anna.zip", b""), "w") as made:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name)
            entry.filename = name.removesuffix("a")  # an entry without a name
            made.writestr(entry, content if name == "a" else json.dumps(content))
    later = bytearray(zipped(**files))
    later[later.index(b"PK\1\2") + 6] = 99  # made by a version that is still to come
    put(tmp_path, "later.zip", bytes(later))
    found, skipped = read_submissions(tmp_path, EXERCISES)
    assert [one.name for one in found] == ["anna", "ben"] and [one.path for one in skipped] == ["later.zip"]


def test_a_zip_bomb_costs_seconds_at_most(tmp_path, monkeypatch):
    monkeypatch.setattr(handed_in, "LARGEST", 1_000_000)
    nested = zipped(**{"x.ipynb": notebook(result())})
    for _ in range(handed_in.DEEPEST):
        nested = zipped(**{"x.zip": nested})
    put(tmp_path, "deep.zip", nested)
    put(tmp_path, "large.zip", zipped(**{"x.ipynb": b" " * 10**8}))
    with zipfile.ZipFile(tmp_path / "odd.zip", "w", zipfile.ZIP_LZMA) as odd:
        odd.writestr("x.ipynb", "{}")
    many = zipped(**{f"{name}.ipynb" + "x" * 500 + ".ipynb": b"" for name in range(3_000)})
    put(tmp_path, "many.zip", many)
    monkeypatch.setattr(handed_in, "MOST_NAMES", 200)
    names = zipped(**{f"{name}.ipynb": b"" for name in range(90)})
    put(tmp_path, "x.zip", zipped(**{f"{name}.zip": names for name in range(30)}))
    start = time.process_time()
    reasons = {one.path: one.reason for one in read_submissions(tmp_path, EXERCISES)[1]}
    assert time.process_time() - start < 5
    assert (
        "3 archives: unpack it" in reasons["deep.zip/x.zip/x.zip/x.zip"]
        and "more than 1 MB" in reasons["large.zip/x.ipynb"]
    )
    assert "in an unusual way" in reasons["odd.zip/x.ipynb"] and "not a complete zip" in reasons["many.zip"]
    listed = [place for place in reasons if re.match(r"x.zip/\d+.zip/", place)]
    assert len(listed) == 2 * 90 and "list over 200 files" in reasons["x.zip/2.zip"]


def exported(path, template="lab"):
    """Write the page that Jupyter exports of a notebook."""
    from nbconvert import HTMLExporter

    page, _ = HTMLExporter(template_name=template).from_filename(path)
    path.unlink()
    return put(path.parent, f"{path.stem}.html", page)


@pytest.mark.parametrize("template", ["lab", "classic"])
def test_a_page_that_was_exported_counts_with_what_it_shows(tmp_path, monkeypatch, template):
    monkeypatch.setattr(progress_file, "folder", tmp_path / "work")
    progress_file.note("load.slice_shape", False)
    progress_file.note("evaluate.how_sure", True)
    shown = Result(
        "evaluate", **{key: value for key, value in result(0.98765).items() if key not in ("stage", "details")}
    )
    one = loads("evaluate", states={})
    one["cells"] += [
        {"cell_type": "code", "metadata": {}, "source": "how_sure = 'D'\npractice.how_sure.check(how_sure)"}
    ]
    one["cells"][0]["outputs"] = [
        {"output_type": "display_data", "data": data, "metadata": {}}
        for data in (shown._repr_mimebundle_(), progress()._repr_mimebundle_())
    ]
    for cell, name in zip(one["cells"], "ab", strict=True):
        cell |= {"id": name, "execution_count": 1, "outputs": cell.get("outputs", [])}
    exported(put(tmp_path, "class/Jane Doe - mine.ipynb", one), template)
    put(tmp_path, "class/Jane Doe - note.html", "<p>Hello")
    ((jane,), skipped) = read_submissions(tmp_path / "class", EXERCISES)
    assert (jane.name, jane.accuracy, jane.data, jane.changed) == ("Jane Doe - mine", 0.9877, "mnist", {})
    assert jane.count("done") == 1 and jane.exercises["load.slice_shape"] == "not right yet" and jane.doubts == []
    assert [stage for stage, _ in jane.cells] == ["evaluate"] and len(skipped) == 1
    put(tmp_path, "class/Jane Doe - mine.ipynb", loads("evaluate", result()))  # the notebook itself says more
    ((jane,), _) = read_submissions(tmp_path / "class", EXERCISES)
    assert jane.accuracy == 0.99 and jane.mistakes and jane.count("done") == 1


@pytest.mark.parametrize(
    "page", ["<pre" * 10**6, "<" * 10**6, "<pre>highlight" * 10**5, "<tr><td" * 10**5, "&#" * 10**6]
)
def test_no_page_takes_long(tmp_path, page):
    put(tmp_path, "a.html", page + " exercises done.")
    start = time.process_time()
    assert len(read_submissions(tmp_path, EXERCISES)[1]) == 1
    assert time.process_time() - start < 3


def test_a_notebook_is_known_by_its_content_whatever_its_name(tmp_path):
    put(tmp_path, "Jane - 06_evaluate.ipynb", loads("train", {"stage": "train", "validation_accuracy": 0.9}, states={}))
    put(tmp_path, "Rick - 05_train.ipynb", loads("evaluate", result(), states={}))
    put(tmp_path, "Lisa - 06_evaluate.ipynb", loads("build"))
    put(tmp_path, "Max - 06_evaluate.ipynb", loads("evaluate"))
    found, skipped = read_submissions(tmp_path, EXERCISES)
    assert [(one.name, one.numbers, one.accuracy) for one in found] == [("Jane", "5", None), ("Rick", "6", 0.99)]
    assert ["notebook 4" in skipped[0].reason, "notebook 6" in skipped[1].reason] == [True, True]


def test_a_class_without_notebook_6_has_a_page_and_what_each_notebook_shows_counts(tmp_path):
    first, second = EXERCISES[0], "visualize.pixel_200"
    put(tmp_path, "anna/01_load.ipynb", loads("load", states={first: "done", second: "open"}))
    put(tmp_path, "anna/02_visualize.ipynb", loads("visualize", states={first: "open", second: "not right yet"}))
    put(tmp_path, "ben - 01_load.ipynb", loads("load", states={}, predictions={"load.shape": "a"}))
    text = page_of(tmp_path)
    assert "Exercises and predictions are counted for 1 load, 2 visualize." in text and "Accuracy" not in text
    assert "anna 1 2 none 1 of 10" in text and "ben 1 none 0 of 10" in text


# The table.


def test_the_table_has_a_row_for_everybody_and_no_formulas(tmp_path, invoke):
    folder, path = tmp_path / "class", tmp_path / "grades.csv"
    states = {EXERCISES[0]: "done", EXERCISES[1]: "not right yet"}
    put(
        folder, "=1+1 - 06_evaluate.ipynb", loads("evaluate", result(), states=states, predictions={"load.shape": "ab"})
    )
    put(folder, "anna;=2+2.ipynb", loads("load", states={}))
    put(folder, "zoë.ipynb", loads("evaluate", result(), states=states))
    assert invoke("report", "--class", folder, "--csv", path, "--check", "--no-names")[0] == 0
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["name"] for row in rows] == ["'=1+1", "anna;'=2+2", "zoë"]  # a page without names, a table with them
    assert [row["doubts"] for row in rows] == ["", "", "the same run as =1+1"]
    assert list(rows[0].values())[1:8] == ["6", "2", "1", "12", "1", "0.99", "MNIST"]
    assert list(rows[1].values())[1:8] == ["1", "0", "0", "12", "0", "", ""] and rows[1]["answers not checked"] == "0"


def test_only_a_table_of_ours_is_replaced(tmp_path):
    folder, path, lines = tmp_path / "class", put(tmp_path, "grades.csv", "mine"), []
    hand_in(folder, "a")
    for name in "bc":  # the second time, it is ours
        hand_in(folder, name, accuracy=0.5)
        write_class_page(folder, lines.append, csv=path)
    assert (tmp_path / "grades-1.csv").read_text() == "mine" and not (tmp_path / "grades-2.csv").exists()
    path.write_text(path.read_text("utf-8").replace("0.5", "1.0"), "utf-8")
    write_class_page(folder, lines.append, csv=path)
    assert "1.0" in (tmp_path / "grades-2.csv").read_text("utf-8") and "1.0" not in path.read_text("utf-8")
    assert [line for line in lines if "kept" in line][1:] == [
        "Not exactly what this version writes, so kept: grades.csv is now grades-2.csv."
    ]
    with pytest.raises(UserError, match="cannot be written"):
        write(folder, csv=put(tmp_path, "a.csv/b", "").parent)
    for other in ("grades", folder / "a.ipynb"):
        with pytest.raises(UserError, match=r"ends in \.csv"):
            write(folder, csv=other)


def test_a_table_of_another_command_is_kept(tmp_path):
    hand_in(tmp_path, "a")
    table = "a,b\n1,2\n"
    notebook = {"cells": [], "metadata": {}}
    seal(notebook, **{"results.csv": digest(table)})
    put(tmp_path, "report.ipynb", json.dumps(notebook))
    write(tmp_path, csv=put(tmp_path, "results.csv", table))
    assert (tmp_path / "results-1.csv").read_text() == table


def test_a_letter_with_an_accent_is_one_letter_or_two():
    places = [f"{place}_{normalize(form, 'René')}" for place, form in (("06_evaluate", "NFC"), ("05_train", "NFD"))]
    assert len(set(owners_in(places).values())) == 1


def test_names_that_differ_in_capitals_alone_are_of_two_people(tmp_path):
    one, other = EXERCISES[:2]
    nfc, nfd = normalize("NFC", "René"), normalize("NFD", "René")
    for k, (a, b) in enumerate([("Max/x", "max/x"), ("Max", "max"), (f"{nfc}/x", f"{nfd}/x"), ("g/Max", "g/max")]):
        for name, done in ((a, one), (b, other)):
            put(tmp_path / str(k), f"{name}.ipynb", loads("load", states={done: "done"}))
        if len(list((tmp_path / str(k)).rglob("*.ipynb"))) < 2:
            pytest.skip("this file system has only one of them")
        found = read_submissions(tmp_path / str(k), EXERCISES)[0]
        assert [list(one.exercises) for one in found] in ([[one], [other]], [[other], [one]])
        names = {normalize("NFC", one.name.casefold()) for one in found}  # a spreadsheet compares names so
        assert len(names) == 2
    places = ["01_load_Max", "05_train_max", "06_evaluate_MAX"]
    assert len(set(owners_in(places).values())) == 1


def test_too_many_files_and_archives(tmp_path, monkeypatch):
    monkeypatch.setattr(handed_in, "MOST_FILES", 3)
    hand_in(tmp_path, *"01234")
    put(tmp_path, "anna.7z", b"7z")
    text = page_of(tmp_path)
    assert "Our class: 3 students" in text and "2 more notebooks: at most 3 are read" in text
    assert "anna.7z : it is an archive: unpack it" in text
    damaged = zipped(**{f"{name}.ipynb": b"%0999d" % name for name in range(9)})
    put(tmp_path, "class/x.zip", damaged.replace(b"PK\3\4", b"PK\3\5"))
    monkeypatch.setattr(handed_in, "MOST_BYTES", 2_000)  # what cannot be unpacked may have taken as long
    (*others, last) = [one.reason for one in read_submissions(tmp_path / "class", EXERCISES)[1]]
    assert "damaged" in others[0] and "those before it have over" in last
    monkeypatch.setattr(handed_in, "MOST_BYTES", 1)
    assert "1.ipynb : those before it have over" in page_of(tmp_path)


# Folders of which no page can be made.


def test_folders_without_notebooks(tmp_path):
    with pytest.raises(UserError, match="is not there"):
        write(tmp_path / "nowhere")
    with pytest.raises(UserError, match="is a file"):
        write(put(tmp_path, "file.txt", "x"))
    for impossible in ("x" * 300, "~no_such_person/x", "a\0b"):
        with pytest.raises(UserError):
            write(impossible)
    with pytest.raises(UserError, match="is an address"):
        write("s3://bucket/class")
    with pytest.raises(UserError, match="There is no notebook in"):
        write(tmp_path)
    put(tmp_path, "a.ipynb", notebook())
    put(tmp_path, "b.ipynb", "{}")
    with pytest.raises(UserError, match=r"a\.ipynb: it holds no result of notebook 6.* Skipped, too: 1 more file"):
        write(tmp_path)
    assert not (tmp_path / "class.html").exists()


def test_a_page_that_cannot_be_written_is_a_sentence(tmp_path):
    hand_in(tmp_path, "a")
    (tmp_path / "class.html").mkdir()
    with pytest.raises(UserError, match="cannot be written"):
        write(str(tmp_path))


def test_two_hundred_notebooks_take_seconds(tmp_path, local_images):
    filler = [{"cell_type": "code", "outputs": [{"data": {"image/png": "A" * 100_000}}]}]
    for place in range(200):
        one = notebook(result(0.97 + place / 10_000, float(place)), states=dict.fromkeys(EXERCISES, "done"))
        put(tmp_path, f"student {place}.ipynb", one | {"cells": filler + one["cells"]})
    start = time.process_time()
    assert "Our class: 200 students" in page_of(tmp_path)
    assert time.process_time() - start < 5


# The dot plot.


@pytest.mark.parametrize(
    "low, high", [(0.97, 0.98), (0.1, 0.98), (0, 1), (0.975, 0.975), (1, 1), (0, 0), (0.9771, 0.9773)]
)
def test_ticks_are_round_and_enclose_all(low, high):
    marks = ticks(low, high)
    assert 2 <= len(marks) <= 7 and 0 <= marks[0] <= low <= high <= marks[-1] <= 1


@pytest.mark.parametrize("kind", [".rar", ".7z", ".tar.gz"])
def test_an_archive_in_an_archive_that_cannot_be_opened_is_named(tmp_path, kind):
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as file:
        file.writestr(f"dora/work{kind}", b"")
    skipped, _ = read_files(tmp_path, (), print)
    assert [tuple(one) for one in skipped] == [
        (f"all.zip/dora/work{kind}", "it is an archive: unpack it, and run the command again")
    ]
