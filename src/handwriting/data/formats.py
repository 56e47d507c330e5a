"""Read and write files that hold images and labels as arrays: MNIST's format, and NumPy's `.npz`."""

import zipfile
import zlib

import numpy as np

from handwriting.errors import DataError
from handwriting.paths import whole_file

__all__ = ["ARRAYS", "parse_idx", "read_npz", "save_npz"]

ARRAYS = ("x_train", "y_train", "x_test", "y_test")
LARGEST = 4 * 2**30  # bytes: what a file may unpack to


def parse_idx(file, content):
    """Turn the bytes of one of MNIST's files, gzipped or not, into an array of uint8; `file` is its name, for messages.

    MNIST's page describes the format: two zero bytes, the type (8: unsigned byte), the number of axes, each axis'
    length, then the numbers.
    """
    try:
        if content[:2] == b"\x1f\x8b":
            unpacker = zlib.decompressobj(wbits=31)
            content = unpacker.decompress(content, LARGEST)
            if not unpacker.eof:
                raise ValueError
        axes = content[3]
        lengths = np.frombuffer(content, ">u4", axes, offset=4)
        if content[:3] != b"\0\0\x08":
            raise ValueError
        return np.frombuffer(content, np.uint8, offset=4 + 4 * axes).reshape(lengths.astype(int)).copy()
    except (ValueError, IndexError, zlib.error):
        raise DataError(f"{file} is not one of MNIST's files, or it is incomplete.") from None


def read_npz(path):
    """Read the four arrays of an `.npz` into a dict; nothing in it is ever executed.

    DataError if it is not an `.npz`, lacks an array, holds Python objects, or is damaged or huge.
    """
    keys = ", ".join(ARRAYS)
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > LARGEST:
            raise DataError(f"{path} unpacks to {unpacked / 2**30:.0f} GB. Take fewer images (at most 4 GB).")
        with np.load(path, allow_pickle=False) as archive:
            missing = [key for key in ARRAYS if key not in archive.files]
            if missing:
                found = ", ".join(archive.files) or "nothing"
                raise DataError(f"{path} has no {', '.join(missing)}. It takes {keys}; it has {found}.")
            return {key: read_array(path, archive, key) for key in ARRAYS}
    except (zipfile.BadZipFile, zlib.error, EOFError):
        raise DataError(f"{path} is not an .npz file, or it is damaged. Save one: np.savez(path, {keys}).") from None
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.") from None


def read_array(path, archive, key):
    """Return one array of an open `.npz`; DataError if it holds Python objects or is damaged."""
    try:
        array = archive[key]
    except (ValueError, MemoryError) as error:
        if "allow_pickle" in str(error):
            raise DataError(f"{path}: {key} holds Python objects, which can run code. Save plain numbers.") from None
        raise DataError(f"{path}: {key} is damaged.") from None
    if not isinstance(array, np.ndarray):
        raise DataError(f"{path}: {key} is not an array.")
    return array


def save_npz(path, arrays):
    """Save an `.npz`, whole or not at all; if the disk is full, a printed line says so."""
    try:
        with whole_file(path) as part:
            np.savez(part, **arrays)
    except OSError as error:
        print(f"{path.parent} cannot take the data ({error.strerror}): it is kept in memory only.")
