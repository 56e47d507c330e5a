"""Executed notebooks as pages that can be read without Jupyter and without a network."""

import re

from markupsafe import Markup

from handwriting.paths import notebooks_folder, write_text
from workshop.notebook_file import nbformat, without_widgets
from workshop.publish.templates import environment, render

__all__ = ["PICTURE", "document", "title", "write_glossary", "write_index", "write_page"]

#: The descriptions of pictures, which nbconvert's templates leave out.
PICTURE = """{% block data_png scoped %}<div class="jp-RenderedImage jp-OutputArea-output {{ extra_class }}">
<img alt="{{ (output | get_metadata('alt', 'image/png') or 'A figure') | escape_html }}"
src="data:image/png;base64,{{ output.data['image/png'] | escape_html }}"></div>{% endblock %}
"""

# The lab template without the scripts that it would fetch from other hosts, and with a line of links.
TEMPLATE = (
    """{% extends 'lab/index.html.j2' %}
{% block html_head_js %}{% endblock %}
{% block jupyter_widgets %}{% endblock %}
{% block html_head_js_mathjax %}{% endblock %}
{% block html_head_js_mermaidjs %}{% endblock %}
{% block html_head_css %}<style>
/* Colours of the template, and of Keras's summary, that are too pale on white. */
:root { --jp-cell-prompt-not-active-opacity: 1; --jp-mirror-editor-comment-color: #2f6363;
  --jp-mirror-editor-number-color: #006b00; --jp-mirror-editor-operator-color: #8000c0; }
.jp-RenderedHTMLCommon pre span[style] { color: inherit !important; }
.jp-RenderedHTMLCommon a:not(.anchor-link) { text-decoration: underline; }
.series { display: flex; gap: 1em; justify-content: space-between; padding: .6em 1em;
  font: 15px sans-serif; background: #f3f3f3; color: #222; }
.series a { color: #0b5394; }
body.jp-Notebook { max-width: 60em; margin: 0 auto; padding: 0 .5em; }
.jp-RenderedImage img, .jp-RenderedSVG svg, .jp-RenderedHTMLCommon img { max-width: 100%; height: auto; }
@media (max-width: 640px) {
  .jp-InputPrompt, .jp-OutputPrompt { display: none; }
  .jp-RenderedHTMLCommon dt, .jp-RenderedHTMLCommon dd { float: none; width: auto; }
}
</style>{% endblock %}
{% block body_header %}{{ super() }}<nav class="series" aria-label="Series">{{ resources.links }}</nav>{% endblock %}
{% block body_footer %}<nav class="series" aria-label="Series, again">{{ resources.links }}</nav>
{{ super() }}{% endblock %}
"""
    + PICTURE
)

# For pages of other packages until they have templates.
STYLE = environment("workshop.publish").get_template("page.css").render()


def write_page(path, before=None, after=None):
    """Write an executed notebook as an HTML page beside it.

    Parameters
    ----------
    path : pathlib.Path
        The `.ipynb`.
    before, after : str, optional
        Names of the notebooks before and after it, to link to.

    Returns
    -------
    pathlib.Path
    """
    from nbconvert import HTMLExporter

    notebook = without_widgets(nbformat.read(path, as_version=4))
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = to_pages(cell.source)
    links = [
        f'<a href="{before}.html" rel="prev">← {title(before)}</a>' if before else "<span></span>",
        '<a href="index.html">All notebooks</a>',
        f'<a href="{after}.html" rel="next">{title(after)} →</a>' if after else "<span></span>",
    ]
    exporter = HTMLExporter(raw_template=TEMPLATE, embed_images=True)
    resources = {
        "links": "".join(links),
        "metadata": {"name": title(path.stem), "path": str(path.parent)},
    }
    page, _ = exporter.from_notebook_node(notebook, resources)
    return write_text(path.with_suffix(".html"), page)


def to_pages(text):
    """Markdown in which links to notebooks and to the glossary lead to the pages made of them."""
    text = re.sub(r"\]\((?:\.\./notebooks/)?(\d\d_\w+)\.ipynb", r"](\1.html", text)
    return re.sub(r"\]\(\.\./docs/glossary\.md", "](glossary.html", text)


def write_glossary(folder):
    """Write the glossary as a page, beside the notebooks' pages that link to it.

    Parameters
    ----------
    folder : pathlib.Path

    Returns
    -------
    pathlib.Path
    """
    from nbconvert.filters import markdown2html

    text = (notebooks_folder().parent / "docs" / "glossary.md").read_text(encoding="utf-8")
    body = re.sub(r'<a class="anchor-link".*?</a>', "", markdown2html(to_pages(text)))
    # Links have the form that GitHub and JupyterLab understand: in small letters.
    body = re.sub(r'(<h\d id=")([^"]+)', lambda found: found[1] + found[2].lower(), body)
    return write_text(folder / "glossary.html", render("workshop.publish", "glossary.html", body=body))


def document(heading, body):
    """Return a page of the workshop's look, for packages that have no templates yet."""
    return render("workshop.publish", "page.html", heading=heading, body=Markup(body))  # noqa: S704


def title(name):
    """'05_train' as people read it."""
    number, _, word = name.partition("_")
    return f"{int(number)} {word.replace('_', ' ')}" if number.isdigit() else name


def write_index(runs, folder, data):
    """Write the page that the series starts from.

    Parameters
    ----------
    runs : list of workshop.runs.execute.Run
    folder : pathlib.Path
    data : str
        What the notebooks ran on.

    Returns
    -------
    pathlib.Path
    """
    write_glossary(folder)
    page = render("workshop.publish", "index.html", runs=runs, data=data, title=title, outcome=outcome)
    return write_text(folder / "index.html", page)


def outcome(run):
    """What became of a run, in one line."""
    if run.state != "done":
        return f"{run.state}: {run.error}" if run.error else run.state
    result = run.result or {}
    told = [
        f"{key.replace('_', ' ')} {result[key]:.4f}"
        for key in ("test_accuracy", "validation_accuracy")
        if isinstance(result.get(key), (int, float))
    ]
    return told[0] if told else "done"
