"""The data sets that can be named: their files with hashes, where to download them, and their classes."""

import os
import re
import unicodedata
from typing import NamedTuple

from handwriting.errors import DataError
from handwriting.parameters import PARAMETERS
from handwriting.text import LONGEST_DATA, clean

__all__ = ["CLASS_NAMES", "DIGITS", "FILES", "FINGERPRINTS", "MIRRORS", "TITLES", "File", "mirrors", "name_of_own"]


class File(NamedTuple):
    """What is known of an original file: its bytes, and the sha256 of it, packed and unpacked."""

    size: int
    sha256: str
    unpacked_sha256: str


FILES = {
    "mnist": {
        "train-images-idx3-ubyte.gz": File(
            9_912_422,
            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        ),
        "train-labels-idx1-ubyte.gz": File(
            28_881,
            "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        ),
        "t10k-images-idx3-ubyte.gz": File(
            1_648_877,
            "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        ),
        "t10k-labels-idx1-ubyte.gz": File(
            4_542,
            "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
    },
    "fashion-mnist": {
        "train-images-idx3-ubyte.gz": File(
            26_421_880,
            "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        ),
        "train-labels-idx1-ubyte.gz": File(
            29_515,
            "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        ),
        "t10k-images-idx3-ubyte.gz": File(
            4_422_102,
            "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        ),
        "t10k-labels-idx1-ubyte.gz": File(
            5_148,
            "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
        ),
    },
    "qmnist": {  # no data set of its own: who wrote MNIST's images
        "qmnist-train-labels-idx2-int.gz": File(
            463_024,
            "2c05dc77f6b916b38e455e97ab129a42a444f3dbef09b278a366f82904e0dd9f",
            "bb1b6e1ec7b04fd5696f1ed50b5f58f8ef195118edd5c93c81783df9740b8ac5",
        ),
        "qmnist-test-labels-idx2-int.gz": File(
            526_800,
            "9fbcbe594c3766fdf4f0b15c5165dc0d1e57ac604e01422608bb72c906030d06",
            "92d0ccb8c25f9c6534270fb4be7e1d24a1c6d315edfc8a638bfbd31c70f362dd",
        ),
    },
}

#: Public mirrors of the same bytes.
MIRRORS = {
    "mnist": (
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
    ),
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
