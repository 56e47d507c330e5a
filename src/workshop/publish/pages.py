"""Executed notebooks as pages that can be read without Jupyter and without a network."""

import html
import re

from handwriting.paths import notebooks_folder, write_text
from workshop.notebook_file import nbformat, without_widgets

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

STYLE = """
:root { color-scheme: light dark; --paper: #ffffff; --ink: #222222; --link: #0b5394; }
@media (prefers-color-scheme: dark) { :root { --paper: #161616; --ink: #eeeeee; --link: #8ab4f8; } }
body { background: var(--paper); color: var(--ink); font: 16px/1.5 sans-serif;
  max-width: 52em; margin: 2em auto; padding: 0 1em; }
a { color: var(--link); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .4em .8em .4em 0; border-bottom: 1px solid #8888; vertical-align: top; }
.failed { font-weight: bold; }
pre { white-space: pre-wrap; }
"""


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
    back = '<p><a href="index.html">All notebooks</a></p>'
    return write_text(folder / "glossary.html", document("Glossary", f"{back}{body}{back}"))


def document(heading, body):
    """A page of our own."""
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{heading}</title><style>{STYLE}</style></head>
<body><main>{body}</main></body></html>
"""


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
    rows = []
    for run in runs:
        name = html.escape(title(run.name))
        link = f'<a href="{html.escape(run.name)}.html">{name}</a>'
        page = link if run.output.with_suffix(".html").is_file() else name
        seconds = f"{run.seconds:.1f}" if run.seconds else ""
        memory = f"{run.memory_mb:,}" if run.memory_mb else ""
        told = html.escape(outcome(run))
        mark = ' class="failed"' if run.state == "failed" else ""
        rows.append(f"<tr><td>{page}</td><td>{seconds}</td><td>{memory}</td><td{mark}>{told}</td></tr>")
    table = f"""<h1>Handwriting Recognition</h1>
<p>The notebooks of the workshop, run from the first to the last cell. Read them in order, or open the
<code>.ipynb</code> files beside this page in Jupyter. They ran on: {html.escape(data)}.
The words of the workshop are explained in the <a href="glossary.html">glossary</a>.</p>
<div class="wide"><table>
<thead><tr><th>notebook</th><th>seconds</th><th>peak memory, MB</th><th>result</th></tr></thead>
<tbody>{"".join(rows)}</tbody></table></div>"""
    write_glossary(folder)
    return write_text(folder / "index.html", document("Handwriting Recognition", table))


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
