"""Save a trained network with a record of how it was trained, in one file, and load it again."""

import json
import zipfile
from pathlib import Path

from tensorflow import keras

from handwriting.paths import whole_file

__all__ = ["load_network", "save_network"]

FILE = "network.keras"
RECORD = "handwriting.json"  # inside that file, beside what Keras keeps there


def save_network(model, work_dir, data, parameters, history, seconds):
    """Save a trained network with a record of how it was trained, in one file.

    Parameters
    ----------
    model : keras.Model
    work_dir : str or path
        The folder; created if it is missing. If it cannot be written to, a printed line says so.
    data : str
        Name of the data it was trained on.
    parameters : dict
        The hyperparameters it was trained with.
    history : keras.callbacks.History
    seconds : float
        How long `fit` took.

    Returns
    -------
    dict
        The record: the above, "parameter_count", and each curve as a list.
    """
    record = {
        "data": data,
        "parameters": dict(parameters),
        "parameter_count": int(model.count_params()),
        "history": {key: [float(value) for value in values] for key, values in history.history.items()},
        "seconds_to_fit": round(float(seconds), 3),
    }
    try:
        with whole_file(Path(work_dir) / FILE) as part:
            model.save(part)
            with zipfile.ZipFile(part, "a") as archive:
                archive.writestr(RECORD, json.dumps(record))
    except OSError as error:
        why = error.strerror or error
        print(f"The network cannot be saved in {work_dir} ({why}). It lives on in this notebook only.")
    else:
        print(f"Saved in {work_dir}/{FILE}.")
    return record


def load_network(work_dir):
    """Load the network that was saved in a folder.

    Parameters
    ----------
    work_dir : str or path

    Returns
    -------
    (keras.Model, dict) or None
        The network and its record; None if there is none, or if the file is damaged, which a printed line says.
    """
    path = Path(work_dir) / FILE
    if not path.is_file():
        return None
    try:
        with zipfile.ZipFile(path) as archive:
            record = json.loads(archive.read(RECORD))
        return keras.models.load_model(path, safe_mode=True), record
    except Exception:  # Keras raises many kinds for a damaged file
        print(f"{path} is damaged, or another program's: leaving it aside.")
        return None
