"""Executed notebooks as pages that can be read without Jupyter and without a network."""

import base64
import os
import re
from contextlib import suppress
from functools import cache
from html import unescape
from pathlib import Path
from urllib.parse import quote, unquote

import nbformat

from handwriting.data.class_folders import natural
from handwriting.errors import AddressError
from handwriting.paths import notebooks_folder, read_file
from handwriting.text import clean
from workshop.html import render
from workshop.runs.written import replace
from workshop.widget_state import without_widgets

TEMPLATES = Path(__file__).with_name("templates")  # those that end in .j2 are nbconvert's
#: A fold in markdown: its summary and its text.
FOLDED = re.compile(r"<details>(<summary>[^<]*</summary>)\n\n((?:(?!<details>).)*?)\n\n</details>", re.DOTALL)
CODE = re.compile(r"<(pre|code)(?=[ >])")
IMAGE = re.compile(r'(<img\b[^<>]*?\ssrc=")([^":]+)"')
LARGEST_IMAGE = 10 * 2**20  # bytes
LARGEST_IMAGES = 30 * 2**20  # bytes of all in one page, which may name one file many times
#: How files of images begin.
KINDS = {"png": b"\x89PNG", "jpeg": b"\xff\xd8\xff", "gif": b"GIF8", "webp": b"RIFF", "svg+xml": (b"<svg", b"<?xml")}


def write_page(path, before=None, after=None, say=print):
    """Write an executed notebook as a page beside it, with links to those before and after it; return its path."""
    notebook = without_widgets(nbformat.read(path, as_version=4))
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = FOLDED.sub(fold, link_pages(cell.source))
    metadata = {"name": title(path.stem), "path": str(path.parent)}
    resources = {"before": before, "after": after, "title": title, "metadata": metadata}
    page, _ = exporter().from_notebook_node(notebook, resources)
    page = CODE.sub(r'<\1 translate="no"', page)  # a browser that translates the page leaves code as it is
    return replace(path.with_suffix(".html"), text_of(with_images(page, path.parent)), say)


@cache
def exporter():
    """Return what turns notebooks into pages; its templates are compiled once for all of them."""
    from nbconvert import HTMLExporter  # takes up to a second: while the first notebook runs

    return HTMLExporter(template_file=str(TEMPLATES / "notebook.html.j2"), extra_template_basedirs=[])


def with_images(page, folder):
    """Return a page with the images in it that lie in its notebook's folder.

    nbconvert would put any file of this machine into it that a notebook names, and pages are made to be passed on.
    """

    left = LARGEST_IMAGES

    def embed(found):
        nonlocal left
        with suppress(AddressError, OSError, ValueError):
            path = (folder / unquote(unescape(found[2]))).resolve()
            content = b""
            if path.is_relative_to(folder.resolve()):
                content = read_file(path, min(LARGEST_IMAGE, left))
            kind = next((kind for kind, beginning in KINDS.items() if content.startswith(beginning)), None)
            if kind:
                left -= len(content)
                return f'{found[1]}data:image/{kind};base64,{base64.b64encode(content).decode()}"'
        return found[0]

    return IMAGE.sub(embed, page)


def fold(found):
    """Return a fold as one block of HTML: nbconvert takes each for itself, and would close the fold before its text."""
    from nbconvert.filters import markdown2html

    body = re.sub(r"\n+", "\n", markdown2html(found[2]))
    return f"<details>{found[1]}\n{body}</details>\n"


def text_of(page):
    """Return a page that can be written: notebooks may hold halves of characters, as JSON can."""
    return page.encode("utf-8", "replace").decode("utf-8")


def write_index(runs, folder, data, say=print):
    """Write the page that links these `Run`s' pages, and those of earlier ones, and the glossary; return its path."""
    replace(folder / "glossary.html", document(notebooks_folder().parent / "docs" / "glossary.md"), say)
    pages = {path.stem for path in folder.glob("*.html") if path.with_suffix(".ipynb").is_file()}
    others = sorted(pages - {run.name for run in runs} - {"report"}, key=natural)
    values = {"runs": runs, "others": others, "data": data, "title": title}
    index = render("workshop.publish", "index.html", **values, quoted=lambda name: quote(os.fsencode(name)))
    return replace(folder / "index.html", index, say)


def document(path):
    """Return a markdown file as a page, with the anchors that links to it name."""
    from nbconvert.filters import markdown2html

    text = path.read_text(encoding="utf-8")
    body = re.sub(r'<a class="anchor-link".*?</a>', "", markdown2html(link_pages(text)))
    # Links have the form that GitHub and JupyterLab understand: in small letters.
    body = re.sub(r'(<h\d id=")([^"]+)', lambda found: found[1] + found[2].lower(), body)
    # A page is as narrow as a phone: a table that is wider scrolls by itself.
    body = body.replace("<table>", '<div class="wide" role="region" aria-label="Table" tabindex="0"><table>')
    body = body.replace("</table>", "</table></div>")
    heading = text.partition("\n")[0].removeprefix("# ")
    return render("workshop.publish", "document.html", heading=heading, body=body)


def link_pages(text):
    """Return markdown whose links to notebooks and documents lead to the pages made from them."""
    text = re.sub(r"\]\((?:\.\./notebooks/)?(\d\d_\w+)\.ipynb", r"](\1.html", text)
    return re.sub(r"\]\((?:\.\./docs/)?([\w-]+)\.md", r"](\1.html", text)


def title(name):
    """Return a notebook's name as people read it: "5 train" for "05_train"."""
    name = clean(name, 120)
    number, _, word = name.partition("_")
    return f"{int(number)} {word.replace('_', ' ')}" if number.isdecimal() else name
