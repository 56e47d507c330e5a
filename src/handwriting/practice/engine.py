"""What every exercise does, and how a notebook's exercises get their names."""

import sys
from contextlib import suppress
from dataclasses import replace
from inspect import cleandoc

import numpy as np

from handwriting.data.dataset import last_loaded
from handwriting.parameters import nearest
from handwriting.practice.answers import in_words, is_untouched, short_text
from handwriting.practice.feedback import Feedback
from handwriting.practice.progress_file import progress_file


class Exercise:
    """One exercise with three verbs: `check`, `hint`, `solution`.

    Parameters
    ----------
    title : str
        The words after "Exercise 1:" in the notebook, by which progress lists it. By default, the name in words.
    truth : object
        The right answer; with `needs_data`, a function that takes the loaded `Dataset` and returns it.
    why : str
        Shown for the right answer: why it is right.
    misconceptions : list of (object, str)
        Wrong answers, each with what it misses; like `truth`, functions of the data if `needs_data`.
    hints : list of str
        Each stronger than the one before.
    solution : str
        Lines of Python that answer the exercise, as a student would write them; may be indented.
    needs_data : bool
        Whether the right answer depends on the data set that the notebook loaded.

    Attributes
    ----------
    name, short_name : str
        "load.count_sevens" and "count_sevens": the name in its module, with and without the module's.
    """

    accepts = "This exercise expects a different kind of answer."

    def __init__(self, *, why, hints, solution, title="", truth=None, misconceptions=(), needs_data=False):
        self.truth, self.why, self.misconceptions, self.hints = truth, why, misconceptions, hints
        self.title, self.code, self.needs_data = title, cleandoc(solution), needs_data
        self.hinted = 0

    def named(self, notebook, name):
        """Take the notebook's name and its own; return the exercise."""
        self.short_name, self.name = name, f"{notebook}.{name}"
        self.title = self.title or name.replace("_", " ")
        return self

    def __repr__(self):
        return f"Exercise {self.name}: use .check(your answer), .hint() or .solution()"

    def check(self, answer=...):
        """Return the `Feedback` on an answer, and note the attempt. Never changes the answer, and never raises."""
        try:
            feedback = self.judge(answer)
        except Exception as error:  # an answer can be anything at all
            feedback = Feedback("wrong", f"This answer cannot be compared ({type(error).__name__}). {self.accepts}")
        if (feedback.right or feedback.state == "wrong") and not progress_file.note(self.name, feedback.right):
            return replace(feedback, text=f"{feedback.text} {progress_file.not_kept}")
        return feedback

    def hint(self):
        """Return the next hint; each is stronger than the one before, and the last one is repeated."""
        place = min(self.hinted, len(self.hints) - 1)
        self.hinted += 1
        more = "" if place + 1 < len(self.hints) else " (That was the last hint. `.solution()` shows one solution.)"
        return Feedback("hint", f"{place + 1} of {len(self.hints)}: {self.hints[place]}{more}")

    def solution(self):
        """Return one right answer, and why it is right."""
        return Feedback("solution", self.why, self.code)

    def judge(self, answer):
        """Return the feedback on an answer: on its form if that is wrong, else on what it says."""
        if is_untouched(answer):
            return self.not_tried()
        if self.needs_data and last_loaded() is None:
            return Feedback("unknown", "Run the cells at the top of this notebook first: they load the images.")
        given = self.read(answer)
        return given if isinstance(given, Feedback) else self.compare(answer, given)

    def compare(self, answer, given):
        """Compare what was given with the right answer, then with each misconception."""
        data = last_loaded() if self.needs_data else None
        if self.same(given, self.truth(data) if self.needs_data else self.truth):
            return Feedback("right", self.why)
        labels = getattr(sys.modules["__main__"], "y_train", None)  # the notebook's own
        if self.needs_data and labels is not None and not np.array_equal(labels, data.y_train):
            return Feedback(
                "wrong",
                "Your `y_train` has other labels than `digits`, this notebook's data. Run the cell that sets both.",
            )
        for wrong, text in self.misconceptions:
            with suppress(LookupError):  # a small data set has no image at index 7
                wrong = wrong(data) if self.needs_data else wrong
                if np.size(wrong) and self.same(given, wrong):
                    return Feedback("wrong", text)
        return Feedback("wrong", self.otherwise(answer, given))

    def read(self, answer):
        """Return what `same` compares, or the feedback if an answer's form is wrong or the form decides."""
        return answer

    def same(self, given, other):
        """Return whether what was given is the same as `truth` or a misconception."""
        return given == other

    def otherwise(self, answer, given):
        """Return the text for a wrong answer that is none of the misconceptions."""
        return f"`{short_text(answer)}` is not right. A hint may help: `practice.{self.short_name}.hint()`"

    def not_tried(self):
        """Return the feedback on an answer that still has its three dots."""
        text = "Replace the three dots with your answer and run this cell again. For help, run "
        return Feedback("open", f"{text}`practice.{self.short_name}.hint()` in a new cell.")

    def wrong_form(self, answer):
        """Return the feedback on an answer of the wrong kind."""
        return Feedback("wrong", f"{self.accepts} You gave {in_words(answer)}.")


def exercises_of(module):
    """Give the exercises of a notebook, in its module, their names, and make them all that the module shows.

    Students write `from handwriting.practice import load as practice`, then `practice.count_sevens`. Takes the module's
    `globals()`; returns its exercises in order, and what its `__getattr__` and `__dir__` must be.
    """
    notebook = module["__name__"].rpartition(".")[2]
    found = {
        name: exercise.named(notebook, name) for name, exercise in module.items() if isinstance(exercise, Exercise)
    }

    def missing(name):
        hint = f"{nearest(name, found)} Valid: {', '.join(found)}."
        raise AttributeError(f'There is no exercise "{name}" here.{hint}')

    return list(found.values()), missing, lambda: list(found)


def in_turn(*parts):
    """Return misconceptions that are given as wrong answer, text, wrong answer, text: most are longer than a line."""
    return list(zip(parts[::2], parts[1::2], strict=True))
