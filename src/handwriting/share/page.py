"""One web page with a student's network in it: the texts, the parts, and the file."""

import datetime
import json
import re
from base64 import b64encode
from hashlib import sha256
from html import escape
from pathlib import Path

from handwriting.errors import UserError
from handwriting.paths import write_text
from handwriting.share.arguments import check_accuracy, check_path, plain
from handwriting.share.card import card_rows
from handwriting.share.network import read_network
from handwriting.share.weights import MOST, pack_network
from handwriting.text import check_names

__all__ = ["export_page"]

HERE = Path(__file__).parent
SHEET = HERE.with_name("widgets") / "sheet.js"  # the pads in notebooks draw on it, too
SCRIPTS = (SHEET, HERE / "drawing.js", HERE / "network.js", HERE / "page.js")
DIGITS = tuple("0123456789")


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
        Trained. Reads pictures of shape (n, 784), (n, 28, 28) or (n, 28, 28, 1), from 0 to 1; its layers follow one
        another, and the last is a softmax.
    path : str or path
        The file; its name ends in .html. A file of that name is replaced, a missing folder made.
    title : str
        At most 80 characters.
    author : str
        Your name, if you like; at most 60 characters.
    sentence : str
        What you want to say about it; at most 280 characters.
    class_names : sequence of str
        One for each probability, in the network's order; at most 40 characters each.
    accuracy : float, optional
        On the test pictures, 0 to 1.
    data : str or handwriting.load.Dataset, optional
        What it learned from: "mnist", "fashion-mnist", "stand-in", your own words, or the data themselves.
    date : str or datetime.date, optional
        When it was made. Left out, the page has no date.

    Returns
    -------
    pathlib.Path
        The file. It is whole, or it is not there.

    Raises
    ------
    UserError
        If a page cannot compute the network, an argument is none, or the file cannot be written.
    """
    path = check_path(path)
    names = check_names(class_names)
    texts = {"title": title, "author": author, "sentence": sentence}
    texts = {what: plain(what, text) for what, text in texts.items()}
    if not texts["title"]:
        raise UserError("The page needs a title of at least one letter.")
    accuracy = check_accuracy(accuracy)
    data = data if data is None else plain("data", getattr(data, "name", data))
    if isinstance(date, (datetime.date, datetime.datetime)):
        date = f"{date:%Y-%m-%d}"
    date = date if date is None else plain("date", date)

    steps = read_network(model, len(names))
    count = model.count_params()
    if count > MOST:
        raise UserError(f"This network has {count:,} parameters; a page takes at most {MOST:,}. Train a smaller one.")
    packed, bits = pack_network(steps)
    card = card_rows(names, count, bits, accuracy, data, date)
    text = fill(texts, card, {"names": names, "layers": packed})
    try:
        write_text(path, text)
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror or error}. Name another folder.") from None
    return path


def fill(texts, card, network):
    """Put the page together.

    Parameters
    ----------
    texts : dict of str to str
        "title", "author" and "sentence".
    card : list of (str, str)
        From `handwriting.share.card.card_rows`.
    network : dict
        Ready for JSON: class names and layers.

    Returns
    -------
    str
    """
    script = "\n".join(["\n", '"use strict";', *(read(path) for path in SCRIPTS)])
    style = "\n" + read(HERE / "page.css")
    author = f'<p class="by">by <bdi dir="auto">{escape(texts["author"])}</bdi></p>' if texts["author"] else ""
    sentence = f'<p class="sentence" dir="auto">{escape(texts["sentence"])}</p>' if texts["sentence"] else ""
    parts = {
        "title": escape(texts["title"]),
        "author": author,
        "sentence": sentence,
        "card": "\n".join(f"<dt>{heading}</dt><dd>{told}</dd>" for heading, told in card),
        "style": style,
        "style_hash": hash_of(style),
        "script": script,
        "script_hash": hash_of(script),
        "network": in_script(network),
    }
    # In one pass: what is put in is never looked through for further places.
    return re.sub(r"\{\{(\w+)\}\}", lambda place: parts[place[1]], read(HERE / "page.html"))


def read(path):
    """A part of the page, with newlines as an HTML reader counts them."""
    return path.read_text(encoding="utf-8")


def hash_of(text):
    """What a content security policy calls the script or style of this text."""
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def in_script(content):
    """JSON that no reader of HTML takes for a tag or a comment, whatever is in it."""
    text = json.dumps(content, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
