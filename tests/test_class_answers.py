"""What is asked again about submitted answers, without running code, and functions that are run shut off."""

import ctypes
import os
import socket
import sys
import time

import nbformat
import pytest
from conftest import ROOT
from test_classroom import notebook, page_of, put, result

from handwriting.errors import UserError
from handwriting.practice import exercises
from workshop.classroom import answers, class_page, run_code
from workshop.classroom.answers import ABSENT, CODE, DATA, FUNCTION, MISSING, NETWORK, NO_TIME, TEXT, ask_again
from workshop.classroom.one_submission import Submission
from workshop.classroom.run_code import read_back, results_of, run_function
from workshop.classroom.submissions import read_submissions

AVERAGE = exercises()["visualize.average_image"]


def cell(name, answer):
    """The lines with which a student answers an exercise."""
    return f"{name} = {answer}\npractice.{name}.check({name})"


def asked(name, answer, noted="done"):
    stage, _, short_name = name.partition(".")
    return ask_again(Submission("", exercises={name: noted}, cells=[(stage, cell(short_name, answer))]))


@pytest.mark.parametrize(
    "name, answer, found",
    [
        ("load.numbers_per_image", "784", "right"),
        ("load.numbers_per_image", "28 * 28  # rows and columns", "right"),
        ("load.numbers_per_image", "(28 + 28)", "wrong"),
        ("load.numbers_per_image", "'784'", "wrong"),
        ("load.numbers_per_image", "...", "not tried yet"),
        ("load.slice_shape", "(10, 28, 2**2 * 7)", "right"),
        ("load.slice_shape", "[11, 28, 28]", "wrong"),
        ("load.why_test_set", "'b'", "right"),
        ("load.why_test_set", '"A"', "wrong"),
        ("prepare.recipe", "'CEADB'", "right"),
        ("prepare.recipe", "['B', 'D', 'A', 'E', 'C']", "wrong"),
        ("train.count_steps", "math.ceil(50000 / 64)", "right"),
        ("build.loss_of_half", "-np.log(0.5)", "right"),
        ("own_handwriting.into_the_middle", "(4, -3)", "right"),
    ],
)
def test_an_answer_that_is_written_out_is_asked_again(name, answer, found):
    for noted in ("done", "not right yet", "open", None):
        again = asked(name, answer, noted)
        assert again.agree == (found == "right") and not again.unchecked
        assert again.otherwise == [(name, noted, found)] * (noted == "done" and found != "right")


@pytest.mark.parametrize(
    "answer",
    [
        *('"a" * 10**10', "9**9**9", "[0] * 10**10", "10.0**400", "1 / 0", "(-8) ** 0.5", "True + 1", "b'x' * 9"),
        *(
            "__import__('os').system('true')",
            "open('x', 'w')",
            "len",
            "exec('1')",
            "f'{1}'",
            "lambda: 1",
            "{}",
            "x",
            "()" * 9,
        ),
        *("(" * 150 + "1" + ")" * 150, "-" * 4000 + "1", "1" + "+1" * 2000, "a" + ".b" * 2000, "[" * 2000, "1" * 4990),
        "[1, 1]" + "\nnumbers_per_image = [numbers_per_image, numbers_per_image]" * 60,
        *("\0", "1 if 1 else 2", "(y := 3)", "math.log(-1)", "round(1e308 * 10)", "int('1' * 9)", "[x for x in [1]]"),
    ],
)
def test_what_is_no_plain_answer_is_neither_run_nor_fatal(tmp_path, monkeypatch, answer):
    monkeypatch.chdir(tmp_path)
    start = time.process_time()
    again = asked("load.numbers_per_image", answer)
    assert again.agree == 0 and time.process_time() - start < 2
    assert list(tmp_path.iterdir()) == []


STEPS = {
    "added": "count_weights = 50176\ncount_weights += 714",
    "loop": "count_weights = 0\nfor one, other in [(784, 64), (64, 10)]:\n    count_weights += one * other + other",
    "two names": "count_weights = 1\nx = count_weights = 50890",
    "try": "count_weights = 1\ntry:\n    count_weights = 50890\nexcept ValueError:\n    pass",
    "walrus": "count_weights = 1\nx = (count_weights := 50890)",
    "global": "count_weights = 1\ndef f():\n    global count_weights\n    count_weights = 50890\nf()",
    "import": "count_weights = 1\nfrom mine import count_weights",
    "own round": "def round(x):\n    return 50890\ncount_weights = round(1)",
    "log10": "from math import log10 as log\ncount_weights = log(10)",
    "method": "import numpy as np\ncount_weights = np.log(1).round(2)",
    "list": "x = [1]\ny = x\ny[0] = 50890\ncount_weights = x",
    "append": "count_weights = []\ncount_weights.append(50890)",
    "sorted in print": "count_weights = [50890]\nprint(count_weights.sort())",
    "walrus in print": "count_weights = 1\nprint(count_weights := 50890)",
    "function": "count_weights = 1\nchange_it()",
    "exec": "count_weights = 1\nx = exec('count_weights = 50890')",
    "globals": "count_weights = 1\nx = globals().update(count_weights=50890)",
    "other math": "import random as math\ncount_weights = math.log(2)",
    "added to a list": "count_weights = [1]\ny = count_weights\ny += [2]",
    "list in a tuple": "count_weights = (1, [2])\ncount_weights[1].append(3)",
    "timed, below the dots": "count_weights = ...\n%time count_weights = 50890",
    "timed": "count_weights = 1\n%time count_weights = 50890",
    "of a program": "count_weights = 1\n%run mine.py",
    "in a command": "count_weights = [1]\n!echo {count_weights.append(2)}",
    "of a command": "count_weights = !ls",
}


@pytest.mark.parametrize("lines", STEPS.values(), ids=STEPS)
def test_an_answer_that_is_reached_in_steps_is_not_taken_for_its_first_step(lines):
    cell = f"{lines}\npractice.count_weights.check(count_weights)"
    submission = Submission("a", exercises={"build.count_weights": "done"}, cells=[("build", cell)])
    asked = ask_again(submission)
    assert (asked.agree, asked.otherwise, asked.unchecked) == (0, [], {"calculated by code": 1})


@pytest.mark.parametrize(
    "cell",
    [
        "done = practice.count_weights.check(5)",
        "print(practice.count_weights.check(5))",
        "practice.count_weights.check(answer=5)",
        "%%script false\npractice.count_weights.check(5)",
        "if True:\n    practice.count_weights.check(5)",
        *(f"get_ipython().{call}\n!ls\npractice.count_weights.check(5)" for call in ("run_line_magic()", "system(3)")),
        *(f"{line}\n" * 600 + "practice.count_weights.check(5)" for line in ("!", "x=!a", ";a")),
        "x = 1",
    ],
)
def test_what_is_done_and_cannot_be_read_is_counted_as_not_checked(cell):
    start = time.process_time()
    asked = ask_again(Submission("a", exercises={"build.count_weights": "done"}, cells=[("build", cell)]))
    assert (asked.agree, asked.otherwise, list(asked.unchecked.values())) == (0, [], [1])
    assert time.process_time() - start < 1


def test_what_is_done_in_a_notebook_that_was_not_handed_in_is_not_called_unreadable():
    done = dict.fromkeys(["build.count_weights", "evaluate.how_sure"], "done")
    assert ask_again(Submission("a", exercises=done, stages={"evaluate"})).unchecked == {MISSING: 1, ABSENT: 1}


@pytest.mark.parametrize("begin", ["", "%%time\n", "%%capture shown\n", "!pip list\n", "numbers_per_image?\n"])
def test_lines_that_begin_like_ipython_s_stay_in_the_answer(begin):
    name = "load.numbers_per_image"
    cell = f"{begin}x = (\n    28 * 1784\n    % 1000\n)\npractice.numbers_per_image.check(x - 168)"
    again = ask_again(Submission("a", exercises={name: "done"}, cells=[("load", cell)]))
    assert (again.agree, again.otherwise, again.unchecked) == (1, [], {})


def test_copies_of_a_notebook_as_it_was_handed_out_hide_no_answer():
    cells = [
        ("train", f"count_steps = {value}\npractice.count_steps.check(count_steps)") for value in (782, *["..."] * 9)
    ]
    assert ask_again(Submission("a", exercises={"train.count_steps": "done"}, cells=cells)).agree == 1


def test_a_cell_of_blank_lines_takes_no_time():
    cell = "\n" * 4900 + "practice.numbers_per_image.check(784)\n%time"
    start = time.process_time()
    ask_again(Submission("a", cells=[("load", cell)] * 50))
    assert time.process_time() - start < 1


def test_lines_for_ipython_are_looked_for_in_a_few_seconds(monkeypatch):
    lines = "1;" * 2300 + "1\n" + "!\n" * 58 + "practice.count_weights.check(5)"
    cells = [("build", f"{number};{lines}") for number in range(9)]
    monkeypatch.setattr(answers, "MOST_READING", (0.5, 1))
    left, start = [1], time.process_time()
    for _ in range(9):  # as many students
        ask_again(Submission("a", cells=cells), left=left)
    assert time.process_time() - start < 4 and left[0] < 0


def test_lines_for_ipython_hide_no_answer():
    cell = (
        "%matplotlib inline\n!pip list\ncount_weights: int = 5\nprint(count_weights)\npractice.count_weights.check(5)"
    )
    asked = ask_again(Submission("a", exercises={"build.count_weights": "done"}, cells=[("build", cell)]))
    assert asked.otherwise == [("build.count_weights", "done", "wrong")]


@pytest.mark.parametrize(
    "name, answer, why",
    [
        ("load.numbers_per_image", "x_train[0].size", CODE),
        ("load.count_sevens", "6265", DATA),
        ("load.count_sevens", "int((y_train == 7).sum())", DATA),
        ("load.one_change", "{'parameter': 'data'}", TEXT),
        ("visualize.average_image", "print", FUNCTION),
        ("evaluate.whole_workshop", "print", NETWORK),
    ],
)
def test_what_is_not_checked_is_counted_with_the_reason(name, answer, why):
    again = asked(name, answer)
    assert again.unchecked == {why: 1} and again.agree == 0 and not again.otherwise


def test_every_solution_is_confirmed_or_said_not_to_be_checked():
    for name, exercise in exercises().items():
        lines = f"{exercise.code}\npractice.{exercise.short_name}.check({exercise.short_name})"
        again = ask_again(Submission("", exercises={name: "done"}, cells=[(name.partition(".")[0], lines)]))
        assert again.agree + again.unchecked.total() == 1 and not again.otherwise, name


def test_exercises_as_they_are_handed_out_are_no_answers():
    cells = []
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        sources = [one.source for one in nbformat.read(path, as_version=4).cells if one.cell_type == "code"]
        cells += [(path.stem[3:], source) for source in sources if source.startswith(("def ", "one_change"))]
    assert len(cells) > 20
    again = ask_again(Submission("", exercises={}, cells=cells))
    assert again.agree + again.unchecked.total() == 0 and not again.otherwise
    left = "def average_image(images):\n    return images.mean(0)\n    return ..."
    done = Submission(
        "",
        exercises={AVERAGE.name: "done"},
        cells=[("visualize", f"{left}\npractice.average_image.check(average_image)")],
    )
    assert ask_again(done).unchecked == {FUNCTION: 1}, "what is below the return does not count"


def test_the_page_marks_where_the_notebook_says_otherwise_and_names_nobody(tmp_path):
    one = notebook(result(), states={"load.slice_shape": "done", "load.why_test_set": "done"})
    source = ["from handwriting.practice import load as practice\n", cell("slice_shape", "(11, 28, 28)")]
    one["cells"] += [{"cell_type": "code", "source": source}]
    one["cells"] += [{"cell_type": "code", "source": cell("why_test_set", "'B'")}]
    put(tmp_path, "anna.ipynb", one)
    assert "checked again" not in page_of(tmp_path)
    text = page_of(tmp_path, check=True)
    assert "1 answer confirmed: right, whatever the notebook says. 1 not confirmed: done, as" in text
    assert "anna 1 load, exercise 2: the shape of a slice done wrong" in text
    text = page_of(tmp_path, check=True, names=False)
    assert "Student 1 1 load, exercise 2: the shape of a slice done wrong" in text and "anna" not in text


def test_cells_of_other_notebooks_or_of_any_length_are_not_taken(tmp_path):
    for length in (10, 10_000):
        one = notebook(result())
        lines = "from handwriting.practice import load as practice\n" + cell("slice_shape", "1  #" + "x" * length)
        one["cells"] += [{"cell_type": "code", "source": lines}, {"cell_type": "markdown", "source": lines}, {}, 1]
        deep = [lines]
        for _ in range(400):
            deep = [deep]
        one["cells"] += [{"cell_type": "code", "source": source} for source in (deep, None, 1, {})]
        put(tmp_path, "a.ipynb", one)
        (found,) = read_submissions(tmp_path, exercises())[0]
        assert len(found.cells) == (length == 10)


# Functions.

linux = pytest.mark.skipif(sys.platform != "linux", reason="--run-code is refused there")


def function(lines, top=""):
    """A right answer that does something else, too: in the function, or in its cell."""
    lines = lines.replace("\n", "\n    ")
    return f"{top}\ndef average_image(images):\n    {lines}\n    return images.mean(axis=0)\n" + (
        "practice.average_image.check(average_image)"
    )


@linux
@pytest.mark.parametrize(
    "lines, state",
    [
        ("pass", "right"),
        ("import random, collections\nfrom itertools import chain", "right"),
        ("print('a' * 10**6)", "right"),
        ("return images.mean()", "wrong"),
        ("return ...", "open"),
        ("raise ValueError", "wrong"),
        ("return images.tolist, {1: object()}", "wrong"),
        ("return helper(images)", "it needs other cells of the notebook, or IPython"),
        ("import tensorflow", "it does more than compute, or imports what is not there"),
    ],
)
def test_a_function_is_run_and_its_results_are_judged(lines, state):
    assert run_function(AVERAGE, function(lines)) == state


@linux
@pytest.mark.parametrize(
    "top",
    [
        "%%time",
        "%matplotlib inline\n!pip list",
        "average_image?",
        "  # all is indented",
        "from __future__ import division",
    ],
)
def test_a_function_beside_lines_for_ipython_is_run(top):
    lines = function("pass", top)
    lines = lines.replace("\n", "\n  ") if top.startswith(" ") else lines
    submission = Submission("", exercises={AVERAGE.name: "done"}, cells=[("visualize", lines)])
    assert ask_again(submission, run_function)[:2] == (1, [])


CHANGES = "def one_hot_by_hand(labels, count):\n    made = np.eye(count)[labels]\n    labels[:] = 0\n    return made"
TEXTS = "def name_of(probabilities, class_names):\n    return np.array(class_names)[np.argmax(probabilities)]"


@linux
@pytest.mark.parametrize(
    "name, lines, state",
    [
        ("prepare.one_hot_by_hand", CHANGES, "wrong"),
        ("prepare.one_hot_by_hand", "one_hot_by_hand = 5", "wrong"),
        ("new_problem.name_of", TEXTS, "right"),
        ("new_problem.name_of", f"{TEXTS}\npractice.name_of.hint()", "right"),
    ],
)
def test_a_function_that_is_run_is_judged_as_in_the_notebook(name, lines, state):
    exercise = exercises()[name]
    assert (
        run_function(exercise, f"{lines}\npractice.{exercise.short_name}.check({exercise.short_name}).right") == state
    )


@linux
def test_functions_of_all_exercises_come_back_as_they_are():
    for name in ("prepare.one_hot_by_hand", "share.read_names", "new_problem.name_of", "train.best_epoch"):
        exercise = exercises()[name]
        lines = f"{exercise.code}\npractice.{exercise.short_name}.check({exercise.short_name})"
        assert run_function(exercise, lines) == "right"


HOSTILE = {
    "fork": "import os\nwhile os.fork() >= 0: pass",
    "write": "open({path!r}, 'w').write('x')",
    "read a key": "return np.zeros(len(open({mine!r}).read()))",
    "connect": "import socket\nsocket.create_connection(('127.0.0.1', {port}))",
    "run a program": "import subprocess\nsubprocess.run(['touch', {path!r}])",
    "memory": "np.ones(10**10)",
    "time": "while True: pass",
    "sleep": "import time\ntime.sleep(100)",
    "nest": "-" * 4000 + "1",
    "end": "import os\nos._exit(0)",
    "forge": "import os\nos.write(1, b'[[')\nos._exit(0)",
}


@linux
@pytest.mark.parametrize(
    "what, place", [(what, "cell" if what in ("fork", "write", "nest") else "function") for what in HOSTILE]
)
def test_code_that_does_more_than_compute_gets_nowhere(tmp_path, monkeypatch, what, place):
    monkeypatch.setattr(run_code, "SECONDS", 1)
    mine, path = put(tmp_path, ".ssh/id_rsa", "secret"), tmp_path / "made"
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        told = {"path": str(path), "mine": str(mine), "port": server.getsockname()[1]}
        lines = HOSTILE[what].format(**told) if "{" in HOSTILE[what] else HOSTILE[what]
        state = run_function(AVERAGE, function(lines) if place == "function" else function("pass", lines))
        with pytest.raises(BlockingIOError):
            server.accept()
    assert state not in ("right", "wrong", "open"), state
    assert mine.read_text() == "secret" and not path.exists()


@linux
def test_native_code_is_refused_all_that_reaches_beyond_its_process(tmp_path):
    libc, secret = ctypes.CDLL(None), str(put(tmp_path, "secret", "x")).encode()
    # Not through Python: at the address of each function, from one that ctypes itself has.
    at = {
        name: ctypes.cast(getattr(libc, name), ctypes.c_void_p).value - ctypes._memmove_addr
        for name in ("kill", "prctl", "setsid", "fork", "open", "unlink", "socket", "pipe")
    }
    tries = [("kill", os.getpid(), 0), ("kill", -1, 0), ("prctl", 1, 0), ("setsid",), ("fork",), ("open", secret, 0)]
    tries += [("unlink", secret), ("socket", 1, 1, 0), ("pipe", b"12345678")]
    lines = (
        f"import ctypes\nkinds = {{int: ctypes.c_long, bytes: ctypes.c_char_p}}\nfound = []\n"
        f"for name, *parts in {tries}:\n"
        f"    call = ctypes.CFUNCTYPE(ctypes.c_int, *[kinds[type(part)] for part in parts])\n"
        f"    found.append(call(ctypes._memmove_addr + {at}[name])(*parts))\n"
        f"practice.average_image.check(lambda images: found)"
    )
    assert results_of(lines, "average_image", AVERAGE.cases[:1])[0][3] == [-1] * len(tries)


@linux
def test_where_the_system_does_not_shut_code_off_none_is_run(tmp_path, monkeypatch):
    assert run_code.can_confine()
    elsewhere = run_code.CHILD.read_text().replace("platform.machine()", "'another processor'")
    monkeypatch.setattr(run_code, "CHILD", put(tmp_path, "elsewhere.py", elsewhere))
    assert run_function(AVERAGE, function("pass")) == run_code.STOPPED
    monkeypatch.setattr(class_page, "can_confine", run_code.can_confine.__wrapped__)
    with pytest.raises(UserError, match="--run-code needs Linux"):
        class_page.ask_all([], run=True, say=print)


def test_the_runs_of_a_student_are_limited(monkeypatch):
    lines, runs = function("pass"), []
    cells = [("visualize", f"{lines}\n{lines}\n# {place}") for place in range(9) for again in range(2)]
    student = Submission("", exercises={AVERAGE.name: "done"}, cells=cells)
    assert ask_again(student, lambda exercise, cell: runs.append(cell[-1]) or "right").agree == 1
    assert runs == list("45678")
    monkeypatch.setattr(answers, "MOST_SECONDS", -1)
    assert ask_again(student).unchecked == {FUNCTION: 1}
    assert ask_again(student, run_function).stopped == {(AVERAGE.name, NO_TIME): 1}


@pytest.mark.parametrize(
    "written",
    [["array", "|O8", [1], ["x"]], ["array", "<f8", [2], [1]], ["array", "<f8"], ["plain"], ["?"], ["error", 5]],
)
def test_what_comes_back_may_be_anything(written):
    def replay(*arguments):
        return read_back(*written)

    assert AVERAGE.judge(replay).state == "wrong"


@pytest.mark.parametrize(
    "written", [None, 1, {}, "odd", [], [1] * 3, [[]] * 3, [["error", "x", "NameError"]] * 3, [["array", 1, 2, 3]] * 3]
)
def test_what_was_forged_stops_nothing(monkeypatch, written):
    monkeypatch.setattr(run_code, "results_of", lambda *arguments: written)
    assert run_function(AVERAGE, "") in (run_code.STOPPED, "wrong")


@linux
def test_the_page_says_which_functions_were_run_and_which_were_not(tmp_path):
    for name, lines in {"anna": "pass", "ben": "import tensorflow", "cleo": "return images"}.items():
        one = notebook(states={"visualize.average_image": "done"})
        source = "from handwriting.practice import visualize as practice\n" + function(lines)
        one["cells"] += [{"cell_type": "code", "source": source}]
        put(tmp_path, f"{name}.ipynb", one)
    text = page_of(tmp_path, run=True)
    assert "without a network: 2 visualize, exercise 2: a function for the average (2)." in text
    assert "Could not be run to the end: 2 visualize, exercise 2: a function for the average (1: it does more" in text
    assert "cleo 2 visualize, exercise 2: a function for the average done wrong" in text and "Accuracy" not in text
