"""Save a trained network with a record of how it was trained, in one file, and load it again.

TensorFlow is imported when a network is loaded; `read_record` does without.
"""

import json
import os
import zipfile

from handwriting.errors import AddressError, NetworkError, first_line
from handwriting.models.keras_file import LARGEST, load_keras_file
from handwriting.models.record import checked, record_of
from handwriting.models.training import note_earlier_training
from handwriting.parameters import check
from handwriting.paths import given_path, move_aside, open_zip, whole_file
from handwriting.results import as_json
from handwriting.text import clean

FILE = "network.keras"
RECORD = "handwriting.json"  # inside that file, beside what Keras keeps there
MOST = 2_000_000  # bytes of a record; that of 1000 epochs has 100,000


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
        If the network has had no training, or more than `history` tells of, or on other data; if the accuracy there is
        not the network's; or if something else than what is described above is passed.
    """
    record = record_of(model, data, parameters, history, seconds)
    write_network(model, record, work_dir, replace=True)
    return record


def write_network(model, record, work_dir, replace=False):
    """Write a network and its record into a folder, and print where; `replace` says whether an older one may go."""
    try:
        path = given_path(check("work_dir", work_dir)) / FILE
        if os.path.lexists(path) and not replace:
            print(f"{path} is unchanged: this network exists only in this notebook.")
            return
        with whole_file(path) as part:
            model.save(part)
            with zipfile.ZipFile(part, "a") as archive:
                archive.writestr(RECORD, json.dumps(as_json(record), allow_nan=False))
            if os.path.lexists(path) and read_record(path) is None:
                other = move_aside(path).name
                print(f"{path} was not a network of this workshop, so it is now called {other}.")
    except (OSError, AddressError) as error:
        why = getattr(error, "strerror", None) or str(error).rstrip(".")
        print(f"The network cannot be saved in {work_dir} ({why}). It exists only in this notebook.")
    else:
        print(f"Saved in {path}.")


def read_record(path):
    """Return the record of a network that `save_network` saved; None if there is none, or it is not what it should be.

    Networks saved by older versions have None as "fingerprint", "class_names" and "weights".
    """
    try:
        with open_zip(path, LARGEST) as archive:
            return checked(json.loads(archive.read(RECORD))) if archive.getinfo(RECORD).file_size <= MOST else None
    except Exception:  # zipfile and json raise many kinds for a damaged file
        return None


def load_file(path):
    """Load a network from a `.keras` file, ready to predict but not to train, with its record.

    The record is None if another program saved the network. NetworkError, saying why, if it cannot be loaded: it is
    damaged, has code in it, or needs too much memory.
    """
    path = given_path(path, NetworkError)
    try:
        model = load_keras_file(path)
    except NetworkError as error:
        raise NetworkError(f"{path} cannot be used. {error}") from None
    except Exception as error:  # Keras raises many kinds for a damaged file
        reason = clean(f"{type(error).__name__}: {first_line(error)}", 200)
        raise NetworkError(f"{path} cannot be loaded ({reason}).") from None
    note_earlier_training(model)
    return model, read_record(path)
