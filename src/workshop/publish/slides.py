"""Executed notebooks as slides: one file each, which a browser shows without a network."""

import re
from pathlib import Path

from handwriting.errors import UserError
from handwriting.paths import write_text
from workshop.notebook_file import nbformat, without_widgets
from workshop.publish.pages import PICTURE, title
from workshop.publish.templates import render

__all__ = ["UserError", "write_slides"]

VENDORED = Path(__file__).parent / "reveal"

# nbconvert's cells, which know where slides begin and end, in a page that fetches nothing.
TEMPLATE = (
    """{% extends 'reveal/base.html.j2' %}
{% block header %}<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ resources.heading | escape_html }}: slides</title><style>{{ resources.style }}</style></head>{% endblock %}
{% block body_header %}<body><main><div class="reveal"><div class="slides">{% endblock %}
{% block body_footer %}</div></div></main>{% endblock %}
{% block footer %}<script>{{ resources.script }}</script></body></html>{% endblock %}
"""
    + PICTURE
)

LINK = re.compile(r"(?<!!)\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\(([^()\s]+)\)")


def write_slides(paths, output):
    """Write notebooks as slides, and a page that links them.

    Parameters
    ----------
    paths : sequence of path
        Notebooks that were run. Their cells' `slideshow` metadata says where a slide begins.
    output : path
        Folder for `NAME.slides.html` and `index.html`.

    Returns
    -------
    list of pathlib.Path
        What was written: one file per notebook, in the order given, then the index.

    Raises
    ------
    UserError
        If a notebook is missing, was not run or has no slides, or if the folder takes no files. What can be
        known beforehand is said before anything is written.
    """
    paths, output = [Path(path) for path in paths], Path(output)
    names = [path.stem for path in paths]
    if len(set(names)) < len(names):
        raise UserError("Two notebooks have the same name, and so would their slides: make them one at a time.")
    headings, pages = [], {}
    for path in paths:
        notebook = read(path, names)
        headings.append(heading(notebook, path.stem))
        pages[f"{path.stem}.slides.html"] = page(notebook, headings[-1])
    pages["index.html"] = render("workshop.publish", "slides.html", slides=list(zip(pages, headings, strict=True)))
    try:
        return [write_text(output / name, text) for name, text in pages.items()]
    except OSError as error:
        raise UserError(f"Nothing can be written to {output} ({error.strerror}). Choose another --output.") from None


def read(path, names):
    """A notebook that was run and has slides, its text as slides need it."""
    has_source = (path.parent / "source" / f"{path.stem}.py").is_file()
    if not path.is_file():
        missing = "is not built yet: run `make notebooks`" if has_source else f"is not there: {path} is no file"
        raise UserError(f"The notebook {path.stem} {missing}.")
    try:
        notebook = without_widgets(nbformat.read(path, as_version=4))
        types = [cell.metadata.get("slideshow", {}).get("slide_type") for cell in notebook.cells]
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        was_run = any(cell.outputs for cell in code) or not code
    except Exception as error:  # whatever it is, it is no notebook
        raise UserError(f"{path} cannot be read as a notebook ({type(error).__name__}).") from None
    if not {"slide", "subslide"} & set(types):
        raise UserError(f"The notebook {path.stem} has no slides: no cell is marked as the beginning of one.")
    if not was_run:
        way = "`make notebooks`" if has_source else f"`handwriting run {path}`, and make slides of what that writes"
        raise UserError(f"The notebook {path.stem} was not run, so its slides would show no results: run {way}.")
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = rewrite(cell.source, names)
    return notebook


def rewrite(text, names):
    """Markdown for slides: links lead to slides or out into the web, others become plain words; no buttons."""

    def link(found):
        words, target = found.groups()
        file, _, _ = target.partition("#")
        if file.endswith(".ipynb") and Path(file).stem in names:
            return f"[{words}]({Path(file).stem}.slides.html)"
        return found[0] if target.startswith(("https://", "http://")) else words

    return LINK.sub(link, re.sub(r"^.*<!-- badges -->\n*", "", text, flags=re.MULTILINE))


def heading(notebook, name):
    """The notebook's first heading; its file's name where it has none."""
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    found = re.search(r"^# +(.+)$", text, re.MULTILINE)
    return found[1] if found else title(name)


def page(notebook, text):
    """The HTML of a notebook's slides, with everything that they need inside."""
    from nbconvert import SlidesExporter
    from pygments.formatters import HtmlFormatter

    colours = HtmlFormatter(style="xcode").get_style_defs(".reveal .highlight")
    resources = {
        "heading": text,
        "style": colours + vendored("reveal.css", "theme.css"),
        "script": vendored("reveal.js", "start.js"),
    }
    exporter = SlidesExporter(raw_template=TEMPLATE, embed_images=True, exclude_anchor_links=True)
    exporter.exclude_input_prompt = exporter.exclude_output_prompt = True
    return exporter.from_notebook_node(notebook, resources)[0]


def vendored(*names):
    """The text of files of reveal.js, and of the workshop's own beside them."""
    return "\n".join((VENDORED / name).read_text(encoding="utf-8") for name in names)
