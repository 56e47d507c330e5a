"""Export a network as one web page: check the arguments, put the parts together, write the file."""

import datetime
import json
import re
from base64 import b64encode
from functools import partial
from hashlib import sha256
from html import escape, unescape
from pathlib import Path

from handwriting.arguments import TEXT, number, takes
from handwriting.errors import UserError
from handwriting.models.check import class_names_for, predict_images, try_out
from handwriting.models.not_a_digit import DIGITS, is_shipped, limits_for
from handwriting.paths import given_path, is_sealed, say_kept, seal_page, whole_file
from handwriting.share.card import card_rows
from handwriting.share.network import read_network
from handwriting.share.weights import pack_network
from handwriting.text import check_names, clean, shown

HERE = Path(__file__).parent
WIDGETS = HERE.with_name("widgets")  # what the page shares with the pads in notebooks
SCRIPTS = (WIDGETS / "canvas.js", WIDGETS / "pad.js", HERE / "to_mnist.js", HERE / "network.js", HERE / "page.js")
STYLES = (WIDGETS / "pad.css", HERE / "page.css")
MAKER = "export_page"  # in the seal: other commands write pages of any name, and leave these alone
MARK = b'<meta name="generator" content="handwriting.share.export_page">'  # in page.html, before what people write
#: How a card looks in a notebook, whose own styles are for longer lists.
CARD = """.hw-card dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 12px }
.hw-card :is(dt, dd) { float: none; width: auto; margin: 0 }"""
MOST = 15_000_000  # parameters that a phone's browser still opens
#: The longest that each text may be, in characters.
LONGEST = {"title": 80, "author": 60, "sentence": 280, "data": 160, "date": 40}


@takes(title=TEXT, author=TEXT, sentence=TEXT, accuracy=number(0, 1))
def export_page(
    model,
    path="my-digits.html",
    title="My network reads your handwriting",
    author="",
    sentence="",
    class_names=DIGITS,
    accuracy=None,
    data=None,
    date=None,
):
    """Write one HTML file with a network and a pad to draw on.

    It opens from a disk, on a phone, without a server, and sends nothing anywhere. Exported twice, it is the same.

    Parameters
    ----------
    model : keras.Model
        Trained. Reads images of shape (n, 784), (n, 28, 28) or (n, 28, 28, 1), from 0 to 1 (to 255 if it begins with
        a layer such as Rescaling); its layers follow one another, and the last is a softmax.
    path : str or path
        The file; its name ends in .html. A page that was exported there before is replaced, or renamed if somebody
        changed it, which one printed line says; a missing folder is made.
    title : str
        At most 80 characters.
    author : str
        Your name, if you like; at most 60 characters.
    sentence : str
        What you want to say about it; at most 280 characters.
    class_names : sequence of str
        One for each probability, in the network's order; at most 255 characters each.
    accuracy : float, optional
        On the test images, 0 to 1.
    data : str or handwriting.load.Dataset, optional
        What it was trained on: "mnist", "fashion-mnist", "stand-in", your own words, or the data itself.
    date : str or datetime.date, optional
        When it was made. Left out, the page has no date.

    Returns
    -------
    pathlib.Path
        The file. It is whole, or it is not there.

    Raises
    ------
    UserError
        If a page cannot compute the network, an argument is not what it should be, or the file cannot be written, or
        is there already and is not such a page.
    """
    path = check_path(path)
    names = check_names(class_names)
    texts = {"title": title, "author": author, "sentence": sentence}
    texts = {what: check_text(what, text) for what, text in texts.items()}
    if not texts["title"]:
        raise UserError("The page needs a title.")
    data = check_text("data", getattr(data, "name", data))
    date = check_text("date", f"{date:%Y-%m-%d}" if isinstance(date, datetime.date) else date)

    names = class_names_for(model, names)
    steps = read_network(model)
    try_out(partial(predict_images, model), len(names))
    count = model.count_params()
    if count > MOST:
        raise UserError(
            f"This network has {count:,} parameters; a page can have at most {MOST:,}. Train a smaller one."
        )
    packed, bits = pack_network(steps)
    card = card_rows(names, count, bits, accuracy, data, date)
    text = fill(texts, card, {"names": names, "layers": packed, "limits": limits_for(names, is_shipped(model))})
    kept = []
    try:
        with whole_file(path, lambda: is_sealed(path.read_text("utf-8", "replace"), MAKER), kept.append) as part:
            part.write_text(seal_page(text, MAKER), encoding="utf-8")
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror or error}. Choose another folder.") from None
    say_kept(kept)
    return path


def show_card(path="my-digits.html"):
    """Show the model card of an exported page in a notebook, narrow enough for a phone.

    Parameters
    ----------
    path : str or path
        What `export_page` returned.

    Returns
    -------
    IPython.display.HTML

    Raises
    ------
    UserError
        If `export_page` did not write that file.
    """
    from IPython.display import HTML

    path = given_path(path, UserError)
    if not is_exported(path):
        raise UserError(f"{path} is not a page that export_page wrote. Export it first.")
    rows = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", path.read_text(encoding="utf-8", errors="replace"), re.DOTALL)
    # Somebody may have changed the page, and a notebook runs what is in it: only its words are taken.
    words = [[escape(unescape(" ".join(re.sub("<[^>]*>", " ", text).split()))) for text in row] for row in rows]
    card = "".join(f"<dt>{heading}</dt><dd><bdi>{text}</bdi></dd>" for heading, text in words)
    return HTML(f'<div class="hw-card"><style>{CARD}</style><dl>{card}</dl></div>')


def check_path(path):
    """Return the page's path, whose name must end in .html; what is there must be a page that was exported before."""
    path = given_path(path, UserError)
    if path.is_dir():
        raise UserError(f"{path} is a folder. Add a file name, such as {path / 'my-digits.html'}.")
    if path.suffix.lower() not in (".html", ".htm"):
        raise UserError(f"{path} does not end in .html, so no browser would open it. Call it {path.stem}.html.")
    if path.is_symlink() or (path.exists() and not is_exported(path)):
        raise UserError(f"{path} already exists, and export_page did not write it. Choose another name for the page.")
    return path


def is_exported(path):
    """Return whether `export_page` wrote a file; False if it cannot be read."""
    try:
        with path.open("rb") as file:
            return MARK in file.read(200)
    except OSError:
        return False


def check_text(what, text):
    """Return a text on one line, without control characters; optional ones may be None."""
    if text is None and what in ("data", "date"):
        return None
    if not isinstance(text, str):
        raise UserError(f"The page’s {what} must be text, not {shown(text)}.")
    text = clean(text, None)
    if len(text) > LONGEST[what]:
        raise UserError(f"The {what} has {len(text)} characters. Shorten it to at most {LONGEST[what]}.")
    return text


def fill(texts, card, network):
    """Return the page: `texts` has title, author and sentence, `card` its rows, `network` names, layers and limits."""
    script = "\n".join(["\n", '"use strict";', *(path.read_text(encoding="utf-8") for path in SCRIPTS)])
    style = "\n".join(["", *(path.read_text(encoding="utf-8") for path in STYLES)])
    title, author, sentence = (escape(texts[what]) for what in ("title", "author", "sentence"))
    parts = {
        "title": title,
        "author": author and f'<p class="by">by <bdi dir="auto">{author}</bdi></p>',
        "sentence": sentence and f'<p class="sentence" dir="auto">{sentence}</p>',
        "card": "\n".join(f"<dt>{heading}</dt><dd>{text}</dd>" for heading, text in card),
        "style": style,
        "style_hash": hash_of(style),
        "script": script,
        "script_hash": hash_of(script),
        "network": json_in_script(network),
    }
    page = (HERE / "page.html").read_text(encoding="utf-8")
    # In one pass, so that a text with {{braces}} in it stays as it is.
    return re.sub(r"\{\{(\w+)\}\}", lambda place: parts[place[1]], page)


def hash_of(text):
    """Return the hash by which a content security policy allows a script or style."""
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def json_in_script(content):
    """Return JSON in which an HTML parser never finds a tag or a comment."""
    text = json.dumps(content, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
