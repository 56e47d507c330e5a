"""Read and write files that hold images and labels as arrays: MNIST's format, and NumPy's `.npz`."""

import math
import zlib
from io import BytesIO

import numpy as np

from handwriting.errors import DataError
from handwriting.paths import open_zip, whole_file
from handwriting.text import clean

ARRAYS = ("x_train", "y_train", "x_test", "y_test")
LARGEST = 10**9  # bytes: what a data set may have, unpacked; 1.3 million images


def parse_idx(file, content, most=LARGEST):
    """Turn one of MNIST's files, gzipped or not, bytes or an open file, into an array of uint8; `file` is its name.

    MNIST's page describes the format: two zero bytes, the type (8: unsigned byte), the number of axes, each axis'
    length, then the numbers. DataError if it is another file, incomplete, or says that it has over `most` numbers.
    """
    stream = BytesIO(content) if isinstance(content, bytes) else content
    try:
        packed = stream.read(2) == b"\x1f\x8b"
        stream.seek(0)
        if packed:
            stream = Unpacked(stream)
        *kind, axes = stream.read(4)
        if kind != [0, 0, 8] or not 1 <= axes <= 3:
            raise ValueError
        shape = np.frombuffer(stream.read(4 * axes), ">u4", axes).tolist()
        if math.prod(shape) > most:
            limit = f"the limit is {most / 1e6:,.0f} million"
            raise DataError(f"{file} has {math.prod(shape) / 1e6:,.0f} million numbers; {limit}. Use fewer images.")
        array = np.empty(shape, np.uint8)
        left = memoryview(array.reshape(-1))
        while left:
            part = stream.read(min(len(left), 2**20))
            if not part:
                raise EOFError
            left[: len(part)] = part
            left = left[len(part) :]
        if stream.read(1):
            raise ValueError
        return array
    except (ValueError, EOFError, OSError, zlib.error):
        raise DataError(f"{file} is not one of MNIST's files, or it is incomplete.") from None


class Unpacked:
    """Read what a gzipped file holds; what follows its end is not looked at.

    Python's `gzip` looks for more, byte by byte: for minutes, if a file ends in many zeros.
    """

    def __init__(self, file):
        self.file = file
        self.unpacker = zlib.decompressobj(wbits=31)  # gzip

    def read(self, most):
        """Return up to `most` bytes, none at the end; EOFError or `zlib.error` if the file is damaged or cut short."""
        part = b""
        while not part and not self.unpacker.eof:
            packed = self.unpacker.unconsumed_tail or self.file.read(2**16)
            if not packed:
                raise EOFError
            part = self.unpacker.decompress(packed, most)
        return part


def read_npz(path, names=ARRAYS):
    """Read the four arrays of an `.npz`, or those named, into a dict; nothing in it is ever executed.

    DataError if it is not an `.npz`, lacks an array, holds Python objects, or is damaged or huge.
    """
    keys = ", ".join(names)
    try:
        with open_zip(path, LARGEST, DataError) as archive:
            found = [name.removesuffix(".npy") for name in archive.namelist()]
            missing = [key for key in names if key not in found]
            if missing:
                found = clean(", ".join(found)) or "nothing"
                raise DataError(f"{path} has no {', '.join(missing)}. It needs {keys}; it has {found}.")
            return {key: read_array(path, archive, key) for key in names}
    except DataError:
        raise
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.") from None
    except Exception:  # damaged bytes lead to errors of many kinds in zipfile, zlib, Python's parser and NumPy
        raise DataError(f"{path} is not an .npz file, or is damaged. Save one: np.savez(path, {keys}).") from None


def read_array(path, archive, key):
    """Return one array of an open `.npz`; DataError if it holds Python objects or is damaged."""
    try:
        with archive.open(f"{key}.npy") as file:
            return np.lib.format.read_array(file, allow_pickle=False)
    except Exception as error:  # of as many kinds
        if "Object arrays" in str(error):  # NumPy's words
            raise DataError(f"{path}: {key} contains Python objects, which can run code. Save plain numbers.") from None
        raise DataError(f"{path}: {key} is damaged.") from None


def save_npz(path, arrays):
    """Save an `.npz`, whole or not at all; if the disk is full, a printed line says so."""
    try:
        with whole_file(path) as part:
            np.savez(part, **arrays)
    except OSError as error:
        print(f"The data cannot be saved in {path.parent} ({error.strerror}): it is kept in memory only.")
