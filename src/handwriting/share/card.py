"""The model card on the page: what the network was trained on, what it can do, and what it cannot."""

from html import escape

DATA = {
    "mnist": "MNIST: digits that US Census Bureau employees and high-school students wrote around 1990",
    "fashion-mnist": "Fashion-MNIST: small photos of clothes, shoes and bags from a shop",
    "letters": "capital letters from the fonts that come with the library Matplotlib, redrawn many times",
    "stand-in": "the workshop’s stand-in: digits by 13 people, collected in Turkey before 1998, redrawn many times",
}


def card_rows(class_names, parameters, bits, accuracy, data, date):
    """Return the rows of the card: each a heading, and its text in HTML.

    `bits` is the size of each weight in the page, `accuracy` is from 0 to 1, and `data` is a key of `DATA` or a
    description. What is not known is None.
    """
    names = "<ul>" + "".join(f'<li><bdi dir="auto">{escape(name)}</bdi></li>' for name in class_names) + "</ul>"
    learned = f"<bdi>{escape(DATA.get(data, data))}</bdi>" if data else "unknown. Ask the person who made it"
    measured = f"{100 * accuracy:.1f} % of the test images classified correctly" if accuracy is not None else "unknown"
    exact = "" if bits == 16 else " (rounded to 8 bits each, to keep the page small)"
    rows = [
        ("Classes", names),
        ("Trained on", learned),
        ("Test accuracy", measured),
        ("Parameters", f"{parameters:,}{exact}"),
        ("Not trained on", not_shown(class_names, data)),
        ("Your drawing", "stays on this device. The page sends nothing and stores nothing."),
    ]
    return [*rows, ("Made on", escape(date))] if date else rows


def not_shown(class_names, data):
    """Return what a network with these classes has never seen."""
    if all(name.isdecimal() for name in class_names):
        others = "letters and other signs; several digits at once"
    elif all(len(name) == 1 for name in class_names):
        others = "signs other than these; words, or several signs at once"
    else:
        others = "anything that is none of these; several things at once"
    if data == "fashion-mnist":
        others += "; drawings: it was trained on photos, and line drawings look different to it"
    else:
        others += "; photos: it reads what is drawn here"
    return f"{others}. It still makes a prediction for all of these, often with a high percentage."
