"""Executed notebooks as slides: one file each, which a browser shows without a network."""

import re
from contextlib import suppress
from copy import deepcopy
from functools import cache
from html import unescape
from pathlib import Path
from urllib.parse import quote, unquote

from nbconvert import SlidesExporter
from nbformat.v4 import new_markdown_cell, new_notebook
from traitlets.config import Config

from handwriting.errors import RecordError, UserError, first_line
from handwriting.paths import given_path, read_file, say_kept
from handwriting.share.page import hash_of
from handwriting.text import clean
from workshop.html import render, title_of
from workshop.publish.deck import BEGINS, slides_of
from workshop.publish.pages import TEMPLATES, text_of, title, with_images
from workshop.runs.untrusted_files import LARGEST, as_nbformat
from workshop.runs.written import replace
from workshop.widget_state import without_widgets

REVEAL = Path(__file__).parent / "reveal"  # files of reveal.js, and the workshop's own theme and start beside them
ENDING = ".slides.html"
SCRIPTS = ("reveal.js", "notes.js", "start.js")
#: Whatever a notebook has in it, only the scripts of these pages run, and nothing is fetched but the slides themselves,
#: which the speaker's window shows.
POLICY = "default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'; frame-src 'self' file:; "
POLICY += "base-uri 'none'; form-action 'none'; script-src "
#: Tags that lead to other pages whatever the policy says, and attributes that browsers or reveal.js take for HTML.
ELSEWHERE = re.compile(
    r"<(?:meta|link|iframe|object|embed|frame)\b[^>]*>"
    r"|(?<![\w-])(?:srcdoc|data-(?:notes|src|background|preview|iframe|markdown)[\w-]*)(?=\s*=)",
    re.IGNORECASE,
)
LONGEST = 100_000  # characters of text: what makes HTML of it takes seconds for that, and minutes for more
EMBEDDED = re.compile(r"data:[a-z/+.-]+;base64,[A-Za-z0-9+/=]*")  # an image within the text
LINK = re.compile(r"(?<!!)\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\(((?:[^()\s]|\([^()\s]*\))+)\)")


def write_slides(paths, output, say=print):
    """Write notebooks that were run as slides, and a page that links them, and slides that are in the folder already.

    Return the paths, one `NAME.slides.html` per notebook, then `index.html`. Raise UserError before anything is written
    if a notebook is missing, was not run or has no slides.
    """
    paths, output = [Path(path) for path in paths], given_path(output).resolve()
    names = [path.stem for path in paths]
    if len(set(names)) < len(names):
        raise UserError("Two notebooks have the same name, and so would their slides: make them one at a time.")
    headings = headings_in(output)
    names += [file.removesuffix(ENDING) for file in headings]
    pages = {}
    for path in paths:
        (notebook, slides), file = read(path), f"{path.stem}{ENDING}"
        text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
        first = re.search(r"^# +(.+)$", text, re.MULTILINE)
        headings[file] = (first and clean(first[1], 200)) or title(path.stem)
        try:
            pages[file] = with_images(page(slides, headings[file], names), path.parent)
        except Exception as error:  # nbconvert raises many kinds for outputs and HTML that are not as they should be
            reason = clean(first_line(error), 200).strip()
            raise UserError(
                f"A cell of the notebook {path.stem} cannot be shown on a slide ({reason}). Correct it or leave it out."
            ) from None
    if headings.keys() != pages.keys():
        headings = dict(sorted(headings.items()))
    pages["index.html"] = render("workshop.publish", "slides_index.html", headings=headings)
    kept = []
    try:
        return [replace(output / name, text, kept.append, maker="slides") for name, text in pages.items()]
    except OSError as error:
        raise UserError(f"Nothing can be written to {output} ({error.strerror}). Choose another --output.") from None
    finally:
        say_kept(kept, say)


def headings_in(folder):
    """Return the heading of each file of slides in a folder, by the file's name."""
    found = {}
    for path in folder.glob(f"*{ENDING}"):
        with suppress(OSError):
            heading = unescape(title_of(path)).removesuffix(": slides") if path.is_file() else ""
            found[path.name] = heading or title(path.name.removesuffix(ENDING))
    return found


def read(path):
    """Read a notebook that was run, and its slides; one that was not run, or has none, is a UserError."""
    has_source = (path.parent / "source" / f"{path.stem}.py").is_file()
    if not path.is_file():
        missing = "is not built yet: run `make notebooks`" if has_source else f"is not there: {path} is not a file"
        raise UserError(f"The notebook {path.stem} {missing}.")
    try:
        notebook = without_widgets(as_nbformat(read_file(path, LARGEST)))
        types = {cell.metadata.get("slideshow", {}).get("slide_type") for cell in notebook.cells}
        code = [cell.outputs for cell in notebook.cells if cell.cell_type == "code"]
        length = length_of_text(notebook)
        slides = slides_of(deepcopy(notebook)) if length <= LONGEST else []
    except RecordError as error:
        raise UserError(f"{path} cannot be read as a notebook: {error}.") from None
    except (ArithmeticError, ValueError, TypeError, AttributeError, LookupError):
        raise UserError(f"The notebook {path.stem} has invalid marks for slides. Correct them.") from None
    if length > LONGEST:
        raise UserError(
            f"The notebook {path.stem} has {length:,} characters of text; slides are made of at most {LONGEST:,}. "
            "Shorten it, or leave cells out."
        )
    if not types.intersection(BEGINS):
        raise UserError(f"The notebook {path.stem} has no slides: no cell is marked as the beginning of one.")
    if code and not any(code):
        way = "`make notebooks`" if has_source else f"`handwriting run {path}`, and make slides from what that writes"
        raise UserError(f"The notebook {path.stem} was not run, so its slides would show no results: run {way}.")
    return notebook, slides


def length_of_text(notebook):
    """Return how many characters of Markdown a notebook has, in its cells and what they showed, without images."""
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    texts += [str(output.get("data", {}).get("text/markdown", "")) for output in outputs]
    texts += [str(cell.metadata.get("slideshow", "")) for cell in notebook.cells]  # words of slides
    return sum(len(EMBEDDED.sub("", text)) for text in texts)


def page(slides, heading, names):
    """Return the HTML of a notebook's slides, with everything that they need inside."""
    cells = []
    for slide in slides:
        timing = {"slide_type": slide.kind, "data": {"timing": slide.seconds}}
        notes = new_markdown_cell(LINK.sub(r"\1", slide.notes), metadata={"slideshow": {"slide_type": "notes"}})
        for cell in slide.cells:
            if cell.cell_type == "markdown":
                cell.source = link_slides(cell.source, names)
        slide.cells[0].metadata["slideshow"] = timing
        cells += [*slide.cells, notes]
    resources = {"heading": heading, "policy": policy(), "scripts": SCRIPTS}
    text = exporter().from_notebook_node(new_notebook(cells=cells), resources)[0]
    begin, main, rest = text.partition("<main>")
    content, end, scripts = rest.rpartition("</main>")
    return text_of("".join([begin, main, ELSEWHERE.sub(" ", content), end, scripts]))


@cache
def policy():
    """Return the content security policy of slides, with the script that notes.js writes into the speaker's window."""
    scripts = [(REVEAL / name).read_text(encoding="utf-8") for name in SCRIPTS]
    window = scripts[1].partition("<script>")[2].partition(r"<\/script>")[0].replace(r"\\", "\\")
    return POLICY + " ".join(f"'{hash_of(text)}'" for text in [window, *(f"\n{script}" for script in scripts)])


@cache
def exporter():
    """Return the exporter of all slides: each one compiles all of nbconvert's templates."""
    colours = {"style": "xcode", "highlight_class": ".reveal .highlight"}
    return SlidesExporter(
        Config(CSSHTMLHeaderPreprocessor=colours),
        template_file=str(TEMPLATES / "slides.html.j2"),
        extra_template_paths=[str(REVEAL)],
        extra_template_basedirs=[],  # not from the working directory: it may be anybody's
        filters={"strip_files_prefix": lambda text: text},  # takes minutes where there are many "["
        exclude_anchor_links=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
    )


def link_slides(text, names):
    """Return markdown whose links lead to slides or out into the web; others become plain words."""

    def link(found):
        words, target = found.groups()
        file = Path(unquote(target.partition("#")[0]))
        if file.suffix == ".ipynb" and file.stem in names:
            return f"[{words}]({quote(file.stem)}{ENDING})"
        return found[0] if target.startswith(("https://", "http://")) else words

    return LINK.sub(link, text)
