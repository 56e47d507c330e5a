"""The data sets that can be named: their files with hashes, where to download them, and their classes."""

import os
import re
import unicodedata
from pathlib import Path
from typing import NamedTuple

from handwriting.errors import DataError
from handwriting.parameters import PARAMETERS
from handwriting.text import LONGEST_DATA, clean


class File(NamedTuple):
    """What is known of an original file: its bytes, and the sha256 of it, packed and unpacked."""

    size: int
    sha256: str
    unpacked_sha256: str


def read_list(path):
    """Return what files.txt says of the files of each data set, by its name and theirs."""
    found = {}
    for line in path.read_text(encoding="ascii").splitlines():
        data, name, size, *hashes = line.split()
        found.setdefault(data, {})[name] = File(int(size), *hashes)
    return found


#: "qmnist" is not a data set of its own: it says who wrote MNIST's images.
FILES = read_list(Path(__file__).with_name("files.txt"))

#: Public mirrors of the same bytes.
MIRRORS = {
    "mnist": ("https://storage.googleapis.com/cvdf-datasets/mnist/", "https://ossci-datasets.s3.amazonaws.com/mnist/"),
    "fashion-mnist": (
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    ),
    "qmnist": (
        "https://github.com/facebookresearch/qmnist/raw/main/",
        "https://raw.githubusercontent.com/facebookresearch/qmnist/main/",
    ),
}

DIGITS = tuple("0123456789")
CLASS_NAMES = {
    "mnist": DIGITS,
    "fashion-mnist": (
        *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
        *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
    ),
    "letters": tuple("ABCDEFGHIJ"),
    "stand-in": DIGITS,
}
#: What people call them; the others are called by their name.
TITLES = {"mnist": "MNIST", "fashion-mnist": "Fashion-MNIST", "stand-in": "the stand-in for MNIST"}

#: Of the original data sets: what has the same content is the same data, wherever it comes from.
FINGERPRINTS = {"mnist": "d414afb72e6a3e70", "fashion-mnist": "1d2a9a9212c6cd2a"}


def mirrors(name):
    """Return the addresses from which `name` can be downloaded: `HANDWRITING_MIRROR` first, then the public ones.

    DataError if that is not an address.
    """
    first = os.environ.get("HANDWRITING_MIRROR")
    if first and not re.match(r"https?://[^/\s]+", first):
        raise DataError(f'HANDWRITING_MIRROR is "{first}". An address must begin with http:// or https://.')
    return [*([f"{first.rstrip('/')}/{name}/"] if first else []), *MIRRORS[name]]


def name_of_own(name, kind):
    """Return a name for somebody's own data, from the name of what it is in: never one that ours have, or resembling.

    `kind` says what it is in, such as "a folder of pictures".
    """
    ours = (*PARAMETERS["data"].choices, *TITLES.values())
    name = clean(name, LONGEST_DATA)
    return f"{name} ({kind})" if letters_of(name) in map(letters_of, ours) else name


def letters_of(name):
    """Return the letters and digits of a name, however they are written: "MNIST" and "m_nist" are alike."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", name).casefold()))
