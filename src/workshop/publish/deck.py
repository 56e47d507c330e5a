"""A notebook as a deck of slides: what the audience sees of it, and what the speaker reads.

The `slide_type` of a cell says what it is, as in JupyterLab. Beside it, the metadata `slideshow` of a cell that
begins a slide may hold the `words` on it, a `headline` other than the cell's, and what is likely to be `asked`; its
own text is then for the speaker. Of a code cell, a slide shows the figure, or else the code (`lines`, such as [2, 5],
choose some of it, and [] none) and what it printed. A question with choices is a poll, whose answer is marked in a
second step. The last paragraph before a code cell that begins a slide introduces it, and is said there.
"""

import re
from dataclasses import dataclass, field
from textwrap import dedent

from nbformat.v4 import new_markdown_cell

from workshop.publish.pages import FOLDED
from workshop.questions import CHOICE

BEGINS = ("slide", "subslide")
OPENING = "Opening"  # what stands before the first part of a notebook
HEADING = re.compile(r"^(#+) +(.+)$", re.MULTILINE)
ANSWER = re.compile(r"\*\*It is \((\w)\)")
POINT = re.compile(r"\s*([-*+]|\d+\.)\s")  # of a list
RIGHT = '<span class="fragment custom right"></span>'  # the theme colours its line when reveal.js gets there
TIME = re.compile(r"\*\*Time:\*\* (\d+) minutes(?:, and (\d+) for the exercises)?")
BADGES = re.compile(r"^.*<!-- badges -->\n*", re.MULTILINE)
WORDS_PER_MINUTE = 130  # where a notebook does not say how long it takes
LOOKING = 20  # as many words could be said while people look at a slide


@dataclass
class Slide:
    """The cells that the audience sees, and what the speaker says."""

    kind: str
    cells: list = field(default_factory=list)
    asked: str = ""
    part: str = ""  # of the notebook, as the plans for a lesson name it
    said: list = field(default_factory=list)
    seconds: int = 0
    until: int = 0

    @property
    def text(self):
        return "\n\n".join(cell.source for cell in self.cells if cell.cell_type == "markdown")

    @property
    def headline(self):
        return next((words for _, words in HEADING.findall(self.text)), "")

    @property
    def words(self):
        """The words below the headline, without those of code."""
        text = re.sub(r"<[^>]*>|\*\*\(\w\)\*\*", "", HEADING.sub("", self.text))
        return [word for word in text.split() if re.search(r"\w", word)]

    @property
    def lines(self):
        """The lines of code and of what it printed; none beside a figure."""
        code = [cell for cell in self.cells if cell.cell_type == "code"]
        texts = [text for cell in code for text in (cell.source, *map(printed, cell.outputs))]
        return [line for text in texts for line in text.splitlines()]

    @property
    def notes(self):
        """What the speaker reads, as markdown."""
        part = self.part and f"Part: *{self.part}*"
        time = f"**{clock(self.seconds)}** for this slide, {clock(self.until)} at its end."
        vote = "**Vote first.** The next step marks the answer." if CHOICE.search(self.text) else ""
        asked = self.asked and f"**They may ask:** {self.asked}"
        return "\n\n".join(filter(None, [part, time, vote, asked, *self.said]))


def clock(seconds):
    """Return a time as people read it: "1:40"."""
    return f"{seconds // 60}:{seconds % 60:02}"


def slides_of(notebook):
    """Return the slides of a notebook that was run, in order. They take the notebook's cells, and change them."""
    slides, poll, part = [], None, OPENING
    for before, cell in zip([None, *notebook.cells], notebook.cells, strict=False):
        marks, is_text = cell.metadata.get("slideshow", {}), cell.cell_type == "markdown"
        text = BADGES.sub("", FOLDED.sub(r"\2", cell.source)) if is_text else ""  # no folds, nor buttons
        kind = marks.get("slide_type", "-")
        part = next((words for level, words in HEADING.findall(text) if level == "##"), part)
        if kind == "skip" or (kind == "notes" and not slides):
            continue
        if kind in BEGINS or not slides:
            is_introduced = slides and not is_text and is_notes(before)
            said = take_last_paragraph(slides[-1].said) if is_introduced else []
            slides.append(Slide(kind, asked=marks.get("asked", ""), part=part, said=said))
        slide, has_words = slides[-1], bool(marks.keys() & {"headline", "words"})
        if has_words:
            slide.cells.append(new_markdown_cell(face(text, marks)))
            poll = slide.cells[0] if CHOICE.search(text) else poll
        if poll and (answer := ANSWER.search(text)):
            poll.source = poll.source.replace(f"- **({answer[1]})**", f"- {RIGHT}**({answer[1]})**")
        if is_text and (has_words or kind == "notes"):
            slide.said.append(HEADING.sub("", text).strip())
        elif is_text:
            cell.source = text
            slide.cells.append(cell)
        elif kind != "notes":
            slide.cells.append(shown(cell, marks.get("lines")))
            if has_words:
                cell.metadata["slideshow"] = {}  # its words begin the slide
    share_time(slides, "\n".join(cell.source for cell in notebook.cells))
    return slides


def is_notes(cell):
    return cell.cell_type == "markdown" and cell.metadata.get("slideshow", {}).get("slide_type") == "notes"


def take_last_paragraph(said):
    """Take the last paragraph of what is said on a slide out of it; return it in a list.

    Nothing, if it is an answer, or belongs to what is before it: in a list or within code.
    """
    rest, _, last = said.pop().rpartition("\n\n")
    if ANSWER.match(last) or POINT.match(last) or rest.count("```") % 2:
        rest, last = f"{rest}\n\n{last}", ""
    said += filter(None, [rest.strip()])
    return [last] if last else []


def face(text, marks):
    """Return what is written on the slide that begins with a cell of some text: headline, words, choices of a poll."""
    level, headline = next(iter(HEADING.findall(text)), ("##", ""))
    choices = "\n".join(found[0] for found in CHOICE.finditer(text))
    parts = [f"{level} {marks.get('headline', headline)}", marks.get("words", ""), choices]
    return "\n\n".join(filter(None, parts)).replace(" %", "\N{NO-BREAK SPACE}%")


def shown(cell, lines):
    """Return what a slide shows of a code cell: its figures, or else some lines of code and what they printed."""
    figures = [output for output in cell.outputs if is_figure(output)]
    if figures and lines is None:
        cell.outputs, lines = figures, []
    else:
        cell.outputs = [output for output in cell.outputs if output not in figures]
    first, last = lines or (1, None if lines is None else 0)
    cell.source = dedent("\n".join(cell.source.splitlines()[first - 1 : last]))
    cell.metadata["transient"] = {"remove_source": not cell.source}
    return cell


def is_figure(output):
    data = output.get("data", {})
    return any(kind.startswith("image/") for kind in data) or "<img" in data.get("text/html", "")


def printed(output):
    return "" if is_figure(output) else output.get("text") or output.get("data", {}).get("text/plain", "")


def share_time(slides, text):
    """Share out the minutes that a notebook promises, by what there is to say; exercises have their own."""
    found = TIME.search(text)
    words = [0 if "**Exercise 1" in (said := " ".join(slide.said)) else LOOKING + len(said.split()) for slide in slides]
    talk, exercises = map(int, found.groups("0")) if found else (sum(words) / WORDS_PER_MINUTE, 0)
    spent = until = 0
    for slide, count in zip(slides, words, strict=True):
        spent += 60 * (talk * count / sum(words) if count else exercises)
        slide.seconds = 10 * round(spent / 10) - until
        slide.until = until = until + slide.seconds
