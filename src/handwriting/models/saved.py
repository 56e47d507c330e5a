"""Save a trained network with a record of how it was trained, in one file, and load it again.

TensorFlow is imported when a network is loaded; `read_record` does without.
"""

import json
import math
import os
import threading
import zipfile
from contextlib import contextmanager
from pathlib import Path

from handwriting.errors import NetworkError, first_line
from handwriting.models.check import layers_of
from handwriting.models.record import checked, record_of
from handwriting.parameters import check
from handwriting.paths import whole_file
from handwriting.results import as_json
from handwriting.text import clean

__all__ = ["FILE", "load_file", "read_record", "save_network", "write_network"]

FILE = "network.keras"
RECORD = "handwriting.json"  # inside that file, beside what Keras keeps there
#: The most that a file may unpack to, and each text in it, in bytes; the most weights and numbers per image and layer.
#: The network of notebook 5 has 5 million bytes and 407,050 weights.
MOST_BYTES, MOST_TEXT = 1_000_000_000, 5_000_000
MOST_WEIGHTS, MOST_VALUES = 100_000_000, 2_000_000
LOADING = threading.Lock()


def save_network(model, work_dir, data, parameters, history, seconds):
    """Save a trained network with a record of how it was trained, in one file.

    A network that was saved before is replaced. A file of that name that is not such a network gets another name.

    Parameters
    ----------
    model : keras.Model
    work_dir : str or path
        The folder; created if it is missing. If it cannot be written to, a printed line says so.
    data : handwriting.prepare.Prepared
        What it was trained on.
    parameters : dict
        The hyperparameters it was trained with. Those that the network shows are taken from there; a printed line says
        what is different.
    history : keras.callbacks.History
        What `fit` returned.
    seconds : float
        How long `fit` took.

    Returns
    -------
    dict
        The record: "data" (a name), "fingerprint" and "class_names" of the data, "parameters", "parameter_count",
        "history" (each curve as a list) and "seconds_to_fit".

    Raises
    ------
    NetworkError
        If the network has had more training than `history` tells of.
    """
    record = record_of(model, data, parameters, history, seconds)
    write_network(model, record, work_dir, replace=True)
    return record


def write_network(model, record, work_dir, replace=False):
    """Write a network and its record into a folder, and print where; `replace` says whether an older one may go."""
    path = Path(check("work_dir", work_dir)) / FILE
    try:
        if os.path.lexists(path) and not replace:
            print(f"{path} stays as it is: this network lives in this notebook only.")
            return
        with whole_file(path) as part:
            model.save(part)
            with zipfile.ZipFile(part, "a") as archive:
                archive.writestr(RECORD, json.dumps(as_json(record), allow_nan=False))
            if os.path.lexists(path) and read_record(path) is None:
                print(f"What was called {path} before is not a network of this workshop. It is {moved(path).name} now.")
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        print(f"The network cannot be saved in {work_dir} ({why}). It lives on in this notebook only.")
    else:
        print(f"Saved in {path}.")


def moved(path):
    """Rename a file, such as "network.keras" to "network-1.keras", and return its new path."""
    number = 1
    while os.path.lexists(new := path.with_stem(f"{path.stem}-{number}")):
        number += 1
    return path.rename(new)


def read_record(path):
    """Return the record of a network that `save_network` saved; None if there is none, or it is not what it should be.

    Parameters
    ----------
    path : str or path
        A `.keras` file.

    Returns
    -------
    dict or None
        As `save_network` returns it. Networks saved by older versions have None as "fingerprint" and "class_names".
    """
    try:
        check_sizes(path)
        with zipfile.ZipFile(path) as archive:
            return checked(json.loads(archive.read(RECORD)))
    except Exception:  # zipfile and json raise many kinds for a damaged file
        return None


def load_file(path):
    """Load a network from a `.keras` file, ready to predict but not to train, with its record.

    Parameters
    ----------
    path : str or path

    Returns
    -------
    (keras.Model, dict or None)
        The record is None if another program saved the network.

    Raises
    ------
    NetworkError
        Saying why it cannot be loaded: it is damaged, has code in it, or needs too much memory.
    """
    try:
        check_sizes(path)
        from tensorflow import keras

        with bounded_weights(keras):
            model = keras.models.load_model(path, compile=False, safe_mode=True)
        check_values(model, keras)
    except NetworkError:
        raise
    except Exception as error:  # Keras raises many kinds for a damaged file
        reason = clean(f"{type(error).__name__}: {first_line(error)}", 200)
        raise NetworkError(f"{path} cannot be loaded ({reason}). Save the network again.") from None
    return model, read_record(path)


def check_sizes(path):
    """Raise NetworkError unless a path leads to a file that Keras saved, and what is in it is not too large."""
    if not Path(path).is_file() or not zipfile.is_zipfile(path):
        raise NetworkError(f"{path} is not a network that Keras saved as a .keras file, or it is damaged.")
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
    texts = [entry.file_size for entry in entries if entry.filename.endswith(".json")]
    if max(texts, default=0) > MOST_TEXT or sum(entry.file_size for entry in entries) > MOST_BYTES:
        raise NetworkError(f"{path} unpacks to more than a network needs. It is not loaded.")


@contextmanager
def bounded_weights(keras):
    """Raise NetworkError before a layer makes more than `MOST_WEIGHTS` weights in all, in this thread.

    A file of a few lines can describe a layer of any size. Keras takes its memory before it reads the weights.
    """
    made, thread, add_weight = 0, threading.get_ident(), keras.layers.Layer.add_weight

    def counted(layer, *args, **options):
        nonlocal made
        shape = options.get("shape", next((part for part in args if isinstance(part, (tuple, list))), ()))
        if threading.get_ident() == thread:
            made += math.prod(shape if isinstance(shape, (tuple, list)) else [shape or 1])
            if made > MOST_WEIGHTS:
                raise NetworkError(f"This network has more than {MOST_WEIGHTS:,} weights. It is not loaded.")
        return add_weight(layer, *args, **options)

    with LOADING:
        keras.layers.Layer.add_weight = counted
        try:
            yield
        finally:
            keras.layers.Layer.add_weight = add_weight


def check_values(model, keras):
    """Raise NetworkError if a layer makes more numbers of one image than fit in memory for many."""
    for layer in layers_of(model):
        try:
            outputs = keras.tree.flatten(layer.output)
        except (AttributeError, ValueError):  # it is not connected
            continue
        if any(math.prod(side or 1 for side in output.shape[1:]) > MOST_VALUES for output in outputs):
            raise NetworkError(f'The layer "{layer.name}" makes more than {MOST_VALUES:,} numbers of an image.')
