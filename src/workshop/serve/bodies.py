"""What requests hold and answers look like: TensorFlow Serving's REST format, checked before NumPy sees it."""

import json
from itertools import chain

import numpy as np

from workshop.serve.refused import Refused

__all__ = ["columns", "dumped", "read_request", "rows", "short"]

SIDE = 28
MOST = 1024  # pictures in one request
HOW = 'Send {"instances": [picture, ...]}; a picture is 28 lists of 28 whole numbers from 0 to 255.'


def read_request(body):
    """Read the body of a prediction request.

    Parameters
    ----------
    body : bytes
        JSON: {"instances": [picture or {"images": picture}, ...]}, or {"inputs": [picture, ...]}, or
        {"inputs": {"images": [picture, ...]}}.

    Returns
    -------
    images : ndarray, uint8, shape (n, 28, 28)
    columnar : bool
        Whether "inputs" was asked, which is answered by columns.

    Raises
    ------
    Refused
        Naming the first thing that is wrong.
    """
    try:
        content = json.loads(body, parse_constant=no_number)
    except Refused:
        raise
    except (ValueError, RecursionError):  # not UTF-8, not JSON, numbers of thousands of digits, thousands of levels
        raise Refused(f"The body is not JSON. {HOW}") from None
    if not isinstance(content, dict):
        raise Refused(f"The body is not a JSON object. {HOW}")
    signature = content.get("signature_name", "serving_default")
    if signature not in ("serving_default", ""):
        raise Refused(f'There is no signature {short(signature)}. Leave it out, or send "serving_default".')
    if ("instances" in content) == ("inputs" in content):
        raise Refused(f'The body needs either "instances" or "inputs". {HOW}')
    columnar = "inputs" in content
    pictures = content["inputs"] if columnar else content["instances"]
    if columnar and isinstance(pictures, dict):
        pictures = only_images(pictures)
    if not isinstance(pictures, list) or not pictures:
        raise Refused(f"There is no list of pictures. {HOW}")
    if len(pictures) > MOST:
        raise Refused(f"These are {len(pictures):,} pictures. Send at most {MOST:,} at once.", 413)
    if not columnar and isinstance(pictures[0], dict):
        pictures = [only_images(picture) if isinstance(picture, dict) else picture for picture in pictures]
    return np.frombuffer(b"".join(map(pixels, range(len(pictures)), pictures)), np.uint8).reshape(
        -1, SIDE, SIDE
    ), columnar


def no_number(name):
    """Called for NaN and Infinity, which Python would take although JSON has no such words."""
    raise Refused(f"{name} is no pixel. Pixels are whole numbers from 0 to 255.")


def only_images(named):
    """The value of the only input that there is."""
    if set(named) != {"images"}:
        raise Refused(f'The only input is "images"; these are named {short(sorted(named))}.')
    return named["images"]


def pixels(number, picture):
    """One picture's 784 bytes; checked in plain Python, because NumPy guesses what ragged or mixed lists might mean."""
    if not isinstance(picture, list) or len(picture) != SIDE:
        raise Refused(f"Picture {number} is not a list of 28 rows, but {told(picture)}. {HOW}")
    for place, row in enumerate(picture):
        if not isinstance(row, list) or len(row) != SIDE:
            raise Refused(f"Row {place} of picture {number} is not a list of 28 numbers, but {told(row)}. {HOW}")
    flat = list(chain.from_iterable(picture))
    kinds = set(map(type, flat))
    if kinds != {int}:
        odd = next(pixel for pixel in flat if type(pixel) is not int)
        hint = "Multiply pixels from 0 to 1 by 255 and round them. " if type(odd) is float else ""
        raise Refused(f"A pixel of picture {number} is {short(odd)}, not a whole number from 0 to 255. {hint}{HOW}")
    try:
        return bytes(flat)
    except (ValueError, OverflowError):
        odd = next(pixel for pixel in flat if not 0 <= pixel <= 255)
        raise Refused(f"A pixel of picture {number} is {short(odd)}; pixels go from 0 to 255.") from None


def told(thing):
    """What something is, in words."""
    return f"a list of {len(thing)}" if isinstance(thing, list) else short(thing)


def short(thing):
    """Something that a request held, as JSON, at most 40 characters of it."""
    if isinstance(thing, (dict, list)):
        return "an object" if isinstance(thing, dict) else f"{short(str(thing[0]))} and so on" if thing else "nothing"
    if isinstance(thing, int) and abs(thing) > 10**30:
        return "a number of more than thirty digits"
    text = json.dumps(thing)
    return text if len(text) <= 40 else text[:36] + "..." + text[-1]


def rows(probabilities, names):
    """The answer to "instances": one object per picture.

    Parameters
    ----------
    probabilities : ndarray, float32, shape (n, classes)
    names : list of str

    Returns
    -------
    list of dict
        "classes", "names" and "probabilities" of each picture.
    """
    classes = probabilities.argmax(axis=1).tolist()
    return [
        {"classes": number, "names": names[number], "probabilities": shares}
        for number, shares in zip(classes, rounded(probabilities), strict=True)
    ]


def columns(probabilities, names):
    """The answer to "inputs": one list per output."""
    classes = probabilities.argmax(axis=1).tolist()
    return {
        "classes": classes,
        "names": [names[number] for number in classes],
        "probabilities": rounded(probabilities),
    }


def rounded(probabilities):
    """Lists of plain numbers with seven decimals: all that a float32 near 1 has."""
    return np.round(probabilities.astype(np.float64), 7).tolist()


def dumped(content):
    """JSON, as bytes; characters beyond ASCII are escaped, so that nothing a request held can break the answer."""
    return json.dumps(content, allow_nan=False, separators=(",", ":")).encode()
