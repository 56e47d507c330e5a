"""The series keeps to the rules, and each rule can fail."""

import math
import re

import nbformat
import numpy as np
import pytest
from build_notebooks import SOURCES
from claims import ANSWERS, CHOICES, FACTS, wrong_sums
from conftest import ROOT
from rules import RULES, broken_rules

from handwriting.practice import exercises
from handwriting.practice.overview import MIME as PROGRESS
from handwriting.practice.prediction_texts import PREDICTIONS
from handwriting.results import MIME as RESULT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
GOOD = ROOT / "notebooks" / "05_train.ipynb"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_keeps_to_the_rules(path):
    assert broken_rules(nbformat.read(path, as_version=4), path) == []


def test_every_source_is_built():
    sources = [path.stem for path in sorted((ROOT / "notebooks" / "source").glob("*.py"))]
    assert sources == [path.stem for path in NOTEBOOKS]


def first_code_cell(notebook):
    return next(cell for cell in notebook.cells if cell.cell_type == "code")


def stored(**output):
    """Return a code cell that stores one output."""
    cell = nbformat.v4.new_code_cell("1;", execution_count=1)
    cell.outputs = [nbformat.from_dict(output)]
    return cell


def image(html=None):
    data = {"text/html": html} if html else {"image/png": "AAAA"}
    return stored(output_type="display_data", metadata={}, data=data)


def swap_parts(notebook):
    one, two = [k for k, cell in enumerate(notebook.cells) if cell.source.startswith(("## Practice", "## Setup"))]
    notebook.cells[one], notebook.cells[two] = notebook.cells[two], notebook.cells[one]


def edit(kind, old, new, tag=None):
    """Return a function that replaces a text in the first cell that has it."""

    def change(notebook):
        cells = [cell for cell in notebook.cells if cell.cell_type == kind and old in cell.source]
        cell = next(cell for cell in cells if tag is None or tag in cell.metadata.get("tags", []))
        cell.source = cell.source.replace(old, new)

    return change


def without_outputs(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []


def add(cell):
    return lambda notebook: notebook.cells.append(cell)


def add_words(words):
    return add(nbformat.v4.new_markdown_cell(words))


def on_slides(**marks):
    """Return a function that changes what the slide of the first section says."""
    return lambda notebook: next(
        cell for cell in notebook.cells if cell.source.startswith("## Steps")
    ).metadata.slideshow.update(marks)


BAD = [
    ("is_built_from_its_source", edit("markdown", "Train: learning", "Train: changed")),
    ("ran_in_order_on_a_fresh_kernel", lambda notebook: first_code_cell(notebook).update(execution_count=7)),
    ("shows_no_error_and_no_log_noise", add(stored(output_type="stream", name="stderr", text="W0000 oneDNN"))),
    ("keeps_no_widget_state", lambda notebook: notebook.metadata.update(widgets={"state": {}})),
    (
        "has_the_series_metadata_and_no_timing",
        lambda notebook: first_code_cell(notebook).metadata.update(execution={"iopub.execute_input": "2020-01-01"}),
    ),
    ("has_slides_that_can_be_projected", on_slides(words=36 * "word ")),
    ("has_slides_that_can_be_projected", on_slides(headline=13 * "word ")),
    ("has_slides_that_can_be_projected", on_slides(words="Run the next cell.")),
    ("has_slides_that_can_be_projected", on_slides(asked="Why?")),
    ("has_slides_that_can_be_projected", lambda notebook: notebook.cells[10].metadata.slideshow.clear()),
    (
        "has_slides_that_can_be_projected",
        add(nbformat.v4.new_code_cell("x = 1\n" * 7, metadata={"slideshow": {"slide_type": "-"}})),
    ),
    ("names_no_place_of_one_machine", add(stored(output_type="stream", name="stdout", text="in /home/ada/digits"))),
    ("describes_every_image", add(image())),
    ("has_short_cells", add(nbformat.v4.new_code_cell("\n".join(f"x{k} = {k}" for k in range(16))))),
    ("makes_no_name_from_itself", add(nbformat.v4.new_code_cell("x_test = x_test[5000:]"))),
    ("makes_no_name_from_itself", add(nbformat.v4.new_code_cell("few = 1\nfew += 1\nif few:\n    x_train /= 255"))),
    (
        "says_something_before_each_cell",
        lambda notebook: notebook.cells.extend(2 * [nbformat.v4.new_code_cell("y = 1")]),
    ),
    ("has_all_parts_in_order", swap_parts),
    ("answers_each_prediction", edit("markdown", "**It is (b).** The last batch", "The last batch")),
    (
        "has_the_right_choice_at_its_letter",
        edit("markdown", "**(a)** 128\n- **(b)** about 430", "**(a)** about 430\n- **(b)** 128"),
    ),
    ("says_no_number_without_ground", add_words("Its accuracy is 0.1234.")),
    ("says_no_number_without_ground", on_slides(asked="Is it 0.1234? Yes.")),
    ("says_no_number_without_ground", edit("markdown", "407,050 numbers", "407,150 numbers")),
    ("adds_up", add_words("401,920 + 5,130 = 407,150")),
    ("numbers_its_exercises", edit("markdown", "**Exercise 3:", "**Exercise 2:")),
    ("stores_the_number_of_all_exercises", add(stored(output_type="display_data", data={PROGRESS: {"states": {}}}))),
    (
        "stores_a_network_that_learned",
        add(stored(output_type="display_data", data={RESULT: {"stage": "train", "validation_accuracy": 0.916}})),
    ),
    ("speaks_the_fields_words", add_words("Turn the knob.")),
    ("says_no_word_twice", add_words("They write it most often often.")),
    ("steps_down_headings_one_at_a_time", add_words("#### Deep")),
    ("opens_with_the_series_setup_cell", edit("code", "handwriting.setup()", "handwriting.setup(1)", "setup")),
    ("has_plain_parameters", edit("code", "epochs = 4 ", "epochs = 2 * 2 ", "parameters")),
    ("links_lead_somewhere", add_words("[on](11_nowhere.ipynb)")),
    ("opens_where_its_buttons_say", edit("markdown", "<!-- badges -->", "x <!-- badges -->")),
    ("belittles_nobody", add_words("You simply run it.")),
    ("belittles_nobody", on_slides(words="You simply run it.")),
    ("stores_what_it_shows", add(nbformat.v4.new_code_cell("print(1)"))),
    ("compares_enough_without_mnist", lambda notebook: [cell.metadata.pop("tags", None) for cell in notebook.cells]),
    (
        "compares_no_number_that_depends_on_the_processor",
        add(stored(output_type="stream", name="stdout", text="weight: 0.0802066")),
    ),
    ("was_built_on_mnist", without_outputs),
    # Rules with several faults:
    ("describes_every_image", add(image(html='<img src="x.svg">'))),
    ("describes_every_image", add_words("![](x.svg)")),
    ("has_plain_parameters", edit("code", "epochs = 4 ", "epochs = 5 ", "parameters")),
    ("has_plain_parameters", edit("code", "epochs = 4 ", "rounds = 4 ", "parameters")),
    ("has_plain_parameters", edit("code", "seed = 0  #", "seed = 0", "parameters")),
    ("names_no_place_of_one_machine", add(nbformat.v4.new_code_cell(r"open('C:\Users\ada')"))),
    ("has_all_parts_in_order", edit("markdown", "**The most important new words:**", "Words:")),
    ("answers_each_prediction", edit("markdown", "- **(b)** about 430\n- **(c)** 55,000", "- more")),
    ("answers_each_prediction", edit("markdown", "**It is (b).** The last batch", "**It is (a).** The last batch")),
    ("answers_each_prediction", edit("code", 'predict("train.steps")', "1")),
    ("answers_each_prediction", edit("code", 'predict("train.steps")', 'predict("load.shape")')),
    ("has_the_right_choice_at_its_letter", edit("markdown", "- **A** up", "- **A** down, because a larger")),
    ("stores_a_network_that_learned", without_outputs),
    (
        "keeps_no_widget_state",
        add(stored(output_type="display_data", data={"application/vnd.jupyter.widget-view+json": {}})),
    ),
    (
        "opens_with_the_series_setup_cell",
        lambda notebook: notebook.cells.insert(0, nbformat.v4.new_code_cell("z = 1")),
    ),
    (
        "compares_no_number_that_depends_on_the_processor",
        add(stored(output_type="execute_result", metadata={}, data={"text/plain": "np.float32(8.02e-05)"})),
    ),
    (
        "has_the_series_metadata_and_no_timing",
        lambda notebook: first_code_cell(notebook).metadata.update(tags=["nbval-check-outputs"]),
    ),
    ("has_the_series_metadata_and_no_timing", lambda notebook: notebook.cells[3].metadata.pop("slideshow")),
    ("shows_no_error_and_no_log_noise", add(stored(output_type="error", ename="E", evalue="", traceback=[]))),
]


@pytest.mark.parametrize(("name", "change"), BAD)
def test_a_rule_catches_what_breaks_it(name, change):
    notebook = nbformat.read(GOOD, as_version=4)
    assert list(RULES[name](notebook, GOOD)) == []
    change(notebook)
    assert list(RULES[name](notebook, GOOD)) != [], f"{name} accepts the bad notebook"


def test_each_rule_can_fail():
    assert {name for name, _ in BAD} == set(RULES)


def test_every_question_has_its_answer_a_second_time():
    known = {name for name, exercise in exercises().items() if exercise.truth is not None}
    assert {*CHOICES, *ANSWERS} == known | set(PREDICTIONS)


def test_no_fact_is_kept_that_no_notebook_needs():
    words = "\n".join(source.read_text(encoding="utf-8") for source in SOURCES)
    unused = [fact for fact in " ".join(FACTS.values()).split() if not re.search(rf"(?<![\d.]){fact}(?!\d)", words)]
    assert unused == []


@pytest.mark.parametrize("name", ANSWERS)
def test_a_solution_is_right_when_found_another_way(name, small):
    wanted, names = ANSWERS[name], {"np": np, "math": math, "x_train": small.x_train, "y_train": small.y_train}
    exec(exercises()[name].solution().code, names)
    answer = names[name.partition(".")[2]]
    if callable(answer):
        arguments, wanted = wanted
        answer = answer(*arguments)
    wanted = wanted(small) if callable(wanted) else wanted
    same = (
        answer == wanted
        if isinstance(wanted, str)
        else np.allclose(answer, wanted) and np.shape(answer) == np.shape(wanted)
    )
    assert same


TEXTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("src/handwriting/practice/*.py")]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_sums_in_other_texts_are_right(path):
    assert list(wrong_sums(path.read_text(encoding="utf-8"))) == []
