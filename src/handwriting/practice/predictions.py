"""Predictions: choose before you run the next cell, and hear afterwards what your choice missed."""

import re
from html import escape

from handwriting.data.dataset import last_name
from handwriting.errors import ParameterError
from handwriting.figures.style import notebook
from handwriting.parameters import HYPERPARAMETERS, PARAMETERS, nearest
from handwriting.practice.feedback import Feedback
from handwriting.practice.prediction_texts import PREDICTIONS
from handwriting.practice.progress_file import progress_file
from handwriting.results import WIDGET_VIEW, box_of


class Prediction:
    """A question of a notebook with its choices, as buttons where a front end knows ipywidgets, else as a sentence.

    What is chosen is noted in the file of exercises. When the next cell has run, the buttons say whether it was right.
    Takes a name, such as "train.steps", and what `PREDICTIONS` has under it.
    """

    def __init__(self, name, right, misses):
        self.name, self.right, self.misses = name, right, misses
        self.letters = sorted([right, *misses])
        self.first = ""  # the choice for which the result was shown first
        self.waits = False  # for the next cell

    def __repr__(self):
        *most, last = [f"({letter})" for letter in self.letters]
        return f"Your prediction: {', '.join(most)} or {last}? Decide before you run the next cell."

    def _repr_mimebundle_(self, include=None, exclude=None):
        try:
            import ipywidgets
        except ModuleNotFoundError:
            return {"text/plain": repr(self)}
        view = {"version_major": 2, "version_minor": 0, "model_id": self.widget(ipywidgets).model_id}
        return {"text/plain": repr(self), WIDGET_VIEW: view}

    def widget(self, ipywidgets):
        """Return the buttons and the words below them."""
        options = [(f"({letter})", letter) for letter in self.letters]
        look = {"style": {"description_width": "initial", "button_width": "4em"}, "layout": {"width": "auto"}}
        # Not radio buttons: they need the arrow keys, with which Jupyter goes to the next cell.
        self.buttons = ipywidgets.ToggleButtons(options=options, value=None, description="Your prediction:", **look)
        self.words = ipywidgets.HTML(wrapped("Decide before you run the next cell."))
        self.buttons.observe(self.choose, "value")
        self.cell, shell = "", notebook()

        def note_cell(result):
            shell.events.unregister("post_run_cell", note_cell)
            self.cell = result.info.cell_id or ""

        if shell:
            shell.events.register("post_run_cell", note_cell)
        return box_of(ipywidgets, self.buttons, self.words)

    def choose(self, change):
        """Note a choice; when the next cell has run, say whether it was right."""
        letter = change["new"]
        if letter is None:
            return
        lost = ""
        if not changed_since_asked(self.name) and not progress_file.note(self.name, letter == self.right, letter):
            lost = f" {progress_file.not_kept}"
        self.words.value = wrapped(f"You chose ({letter}). Run the next cell.{lost}")
        shell = notebook()
        if shell and not self.waits:
            shell.events.register("post_run_cell", self.reveal)
            self.waits = True

    def reveal(self, result):
        """Say whether the last choice was right, if this was the next cell; others show nothing yet."""
        if result.success and self.buttons.value and is_next(self.cell, result.info.cell_id or ""):
            notebook().events.unregister("post_run_cell", self.reveal)
            self.waits, letter = False, self.buttons.value
            self.words.value = self.feedback(letter)._repr_html_()
            self.first = self.first or letter

    def feedback(self, letter):
        """Return the `Feedback` on a choice; where other data or parameters may change the answer, no verdict."""
        changed = changed_since_asked(self.name)
        if changed:
            differs = f"The question is about this notebook with its default values, and `{changed}` differs here."
            return Feedback("compare", f"You chose ({letter}). {differs} Compare your choice with what the cell shows.")
        if letter == self.right and self.first not in ("", letter):
            return Feedback("right", f"It is ({letter}). Before you saw the result, you predicted ({self.first}).")
        if letter == self.right:
            return Feedback("right", f"You predicted ({letter}), and that is what happened.")
        return Feedback("wrong", f"You chose ({letter}). {self.misses[letter]}")


def predict(name):
    """Return the prediction of this name, to be shown as the last line of a cell; ParameterError if there is none."""
    if not isinstance(name, str) or name not in PREDICTIONS:
        raise ParameterError(f'There is no prediction "{name}".{nearest(name, PREDICTIONS)}')
    return Prediction(name, *PREDICTIONS[name])


def changed_since_asked(name):
    """Return the first parameter on which the right choice may depend and that is not as the notebook came, or ""."""
    values = getattr(notebook(), "user_ns", {})
    data, usual = last_name("mnist"), ("mnist", "stand-in")
    if name.startswith("new_problem"):
        data, usual = getattr(values.get("clothes"), "name", "fashion-mnist"), ("fashion-mnist",)
    elif name == "evaluate.writers":
        usual = ("mnist",)
    if data not in usual:
        return "data"
    usual = {one: PARAMETERS[one].default for one in (*HYPERPARAMETERS, "examples", "epochs_each") if one != "seed"}
    record = values.get("record")
    trained = record.get("parameters", {}) if isinstance(record, dict) else None
    if isinstance(trained, dict):  # of a network that may have been trained with other values than these
        values = dict.fromkeys(HYPERPARAMETERS) | trained | values
    return next((one for one in usual if repr(values.get(one, usual[one])) != repr(usual[one])), "")


def is_next(cell, other):
    """Return whether another cell follows a cell in our notebooks, by its id, such as 06_evaluate-12.

    True where nobody can tell: not every front end sends these ids.
    """
    known = re.fullmatch(r"(\d\d_\w+-)(\d+)", cell)
    return not known or other == f"{known[1]}{int(known[2]) + 1:02}"


def wrapped(text):
    """Return a sentence as HTML that screen readers read out when it changes."""
    return f'<div role="status">{escape(text)}</div>'
