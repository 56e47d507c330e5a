"""The worksheet: a page to print, with the predictions of all notebooks. `make notebooks` writes it."""

import re
from pathlib import Path

from jinja2 import Environment
from markupsafe import Markup
from nbconvert.filters import markdown2html

from handwriting.practice.prediction_texts import PREDICTIONS
from workshop.publish.deck import CHOICE

ROOT = Path(__file__).parents[1]
WORKSHEET = ROOT / "docs" / "worksheet.html"
ASKED = re.compile(r"\b(?:Predict|predict)\(\"([\w.]+)\"\)")
#: The diagram that is printed before a notebook's predictions.
DIAGRAMS = {1: "stages", 3: "flatten", 4: "network"}

PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Handwriting Recognition: worksheet</title><style>
body { font: 11pt/1.35 Helvetica, Arial, sans-serif; color: #222; background: white }
main { max-width: 48em; margin: auto; padding: 1em }
h1 { font-size: 17pt } h2 { font-size: 13pt; margin: 1.4em 0 0; break-after: avoid } h3 { font-size: 11pt; margin: 0 }
section, figure { break-inside: avoid; margin: .8em 0 } p { margin: .3em 0 }
figure svg { display: block; max-width: 100%; height: auto }
li { list-style: none } ul { margin: 0; padding: 0 0 0 1em } code { font-size: 10pt }
.line { border-bottom: 1px solid #777; padding-top: 1.6em }
.answers { break-before: page; margin-top: 3em } td, th { text-align: left; padding-right: 2em }
@page { margin: 15mm } @media print { main { padding: 0; max-width: none } .screen { display: none } }
</style></head><body><main>
<p class="screen"><b>To print:</b> press Ctrl + P (on a Mac ⌘ + P), on paper or as a PDF. Keep the last page: it has the
answers.</p>
<h1>Handwriting Recognition: my predictions</h1>
<p>Name: ______________________________</p>
<p>Each choice has two circles. Fill the <b>first</b> before you run the cell: what do you expect? Fill the
<b>second</b> afterwards: what came out?</p>
{% for notebook in notebooks %}
<h2>{{ notebook.title }}</h2>
{% if notebook.diagram %}
<figure>{{ notebook.diagram }}
<figcaption>In your own words:<div class="line"></div><div class="line"></div></figcaption></figure>
{% endif %}
{% for question in notebook.questions %}
<section><h3>{{ question.heading }}</h3>
{{ question.text }}
<ul>
{% for letter, choice in question.choices %}
<li>○ ○ &nbsp;<b>({{ letter }})</b> {{ choice }}</li>
{% endfor %}
</ul></section>
{% endfor %}
{% endfor %}
<div class="answers"><h2>Answers, for the instructor</h2>
<table><tr><th scope="col">notebook</th><th scope="col">in order</th></tr>
{% for notebook in notebooks %}
<tr><td>{{ notebook.title }}</td><td>{{ notebook.questions | map(attribute="right") | join(", ") }}</td></tr>
{% endfor %}</table></div>
</main></body></html>
"""


def worksheet(notebooks):
    """Return the worksheet of notebooks, in their order, as one page of HTML."""
    chosen = [sheet(number, notebook) for number, notebook in enumerate(notebooks, start=1)]
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(PAGE).render(notebooks=chosen)


def sheet(number, notebook):
    """Return the title of a notebook, its diagram and its questions."""
    image = ROOT / "notebooks" / "images" / f"{DIAGRAMS.get(number)}.svg"
    title = re.search(r"^# (.+)$", notebook.cells[0].source, re.MULTILINE)[1]
    diagram = Markup(image.read_text(encoding="utf-8")) if number in DIAGRAMS else ""  # noqa: S704 - our own drawing
    return {"title": title, "diagram": diagram, "questions": list(questions(notebook))}


def questions(notebook):
    """Yield each prediction: the heading it stands under, its text, choices, and the right letter."""
    heading = text = ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            found = re.search(r"^## (.+)$", cell.source, re.MULTILINE)
            heading, text = found[1] if found else heading, cell.source
        elif asked := ASKED.search(cell.source):
            choices = [(letter, html(choice)) for letter, choice in CHOICE.findall(text)]
            yield {"heading": heading, "text": question(text), "choices": choices, "right": PREDICTIONS[asked[1]][0]}


def question(text):
    """Return what is asked: what follows "Predict:", or the paragraph, where "Predict" is a part of a sentence."""
    paragraph = text.partition("\n\n- **(")[0].rpartition("\n\n")[2]
    alone = paragraph.partition("**Predict:** ")[2]
    return html(alone[:1].upper() + alone[1:] or paragraph, inline=False)


def html(text, inline=True):
    """Return markdown as HTML, without links: paper has none."""
    body = markdown2html(re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)).strip()
    return Markup(body.removeprefix("<p>").removesuffix("</p>") if inline else body)  # noqa: S704
