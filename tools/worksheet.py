"""The worksheet: a page to print, with the predictions of all notebooks. `make notebooks` writes it."""

import re
from pathlib import Path

from jinja2 import Environment
from markupsafe import Markup
from nbconvert.filters import markdown2html

from handwriting.practice.prediction_texts import PREDICTIONS
from workshop.questions import questions_of

ROOT = Path(__file__).parents[1]
WORKSHEET = ROOT / "docs" / "worksheet.html"
DIAGRAMS = {1: "stages", 3: "flatten", 4: "network"}  # the diagram that is printed before a notebook's predictions


def worksheet(notebooks):
    """Return the worksheet of notebooks, in their order, as one page of HTML."""
    chosen = [sheet(number, notebook) for number, notebook in enumerate(notebooks, start=1)]
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    template = Path(__file__).with_suffix(".html").read_text(encoding="utf-8")
    return environment.from_string(template).render(notebooks=chosen)


def sheet(number, notebook):
    """Return the title of a notebook, its diagram and its questions."""
    image = ROOT / "notebooks" / "images" / f"{DIAGRAMS.get(number)}.svg"
    title = re.search(r"^# (.+)$", notebook.cells[0].source, re.MULTILINE)[1]
    diagram = Markup(image.read_text(encoding="utf-8")) if number in DIAGRAMS else ""  # noqa: S704 - our own drawing
    return {"title": title, "diagram": diagram, "questions": list(questions(notebook))}


def questions(notebook):
    """Yield each prediction as its slide has it: headline, words, choices; and the right letter."""
    for name, asked in questions_of(notebook):
        choices = [(letter, html(choice)) for letter, choice in asked.choices.items()]
        heading, text = html(asked.headline), html(asked.words, inline=False)
        yield {"heading": heading, "text": text, "choices": choices, "right": PREDICTIONS[name][0]}


def html(text, inline=True):
    """Return markdown as HTML, without links: paper has none."""
    body = markdown2html(re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)).strip()
    return Markup(body.removeprefix("<p>").removesuffix("</p>") if inline else body)  # noqa: S704
