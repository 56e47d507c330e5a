"""The record of how a network was trained: what the network itself shows comes before what somebody says of it."""

import hashlib
import math
from weakref import WeakKeyDictionary

import numpy as np

from handwriting.errors import NetworkError
from handwriting.models.check import class_names_for, is_keras_model, layers_of
from handwriting.results import as_json

__all__ = [
    "check_prepared",
    "checked",
    "curves_of",
    "is_of",
    "note_data",
    "note_earlier_training",
    "record_of",
    "watch_training",
]

#: The steps that each optimizer has made with a network: Keras itself forgets an optimizer when the next one comes.
STEPS = WeakKeyDictionary()
PARTS = {"data": str, "parameters": dict, "history": dict, "parameter_count": int, "seconds_to_fit": (int, float)}


def record_of(model, data, parameters, history, seconds):
    """Return the record of a network; `handwriting.models.saved.save_network` has the parameters and what is in it.

    Where the network shows that `parameters` are wrong, the record is right, and a printed line says so.
    """
    parameters = as_json(parameters)
    check_kinds(model, data, parameters, history, seconds)
    check_history(model, history)
    check_data(model, data)
    seen = seen_in(model, data, parameters, history)
    used = {name: value for name, value in (parameters | seen).items() if value is not None}
    changed = [name for name in parameters if name in used and used[name] != parameters[name]]
    if changed:
        found = ", ".join(f"{name} {used[name]}, not {parameters[name]}" for name in changed)
        print(f"This network was trained with {found}. To change that, train it again.")
    unknown = [name for name in parameters if name not in used]
    if unknown:
        print(f"Left out of the record, because they do not describe this network: {', '.join(unknown)}.")
    return {
        "data": data.name,
        "fingerprint": data.fingerprint,
        "class_names": [str(name) for name in data.class_names],
        "parameters": used,
        "parameter_count": int(model.count_params()),
        "weights": fingerprint_of(model),
        "history": curves_of(history),
        "seconds_to_fit": round(float(seconds), 3),
    }


def curves_of(history):
    """Return the curves of a Keras history that have one number for each epoch, as lists."""
    curves = history.history.items()
    return {key: [float(value) for value in values] for key, values in curves if not any(map(np.ndim, values))}


def fingerprint_of(model):
    """Return the first 16 hex digits of the SHA-256 hash of a network's weights."""
    digest = hashlib.sha256()
    for weights in model.get_weights():
        digest.update(np.ascontiguousarray(weights))
    return digest.hexdigest()[:16]


def is_of(record, model):
    """Return whether a record is of this network as it is now, by its weights: in older records, by their number."""
    if record.get("weights") is not None:
        return record["weights"] == fingerprint_of(model)
    history = getattr(model, "history", None)
    same = history is None or str(curves_of(history)) == str(record["history"])  # NaN is not equal to itself
    return same and model.count_params() == record["parameter_count"]


def watch_training(history):
    """Let Keras's class of histories note whose steps trained a network, each time that `fit` begins."""
    begin = history.on_train_begin

    def on_train_begin(self, logs=None):
        steps = self.model.optimizer.iterations
        STEPS.setdefault(self.model, {})[id(steps)] = steps
        begin(self, logs)

    history.on_train_begin = on_train_begin


def note_earlier_training(model):
    """Note that a network was trained before it was loaded, so that no record tells of what comes now alone."""
    STEPS.setdefault(model, {})["before"] = 1


def check_kinds(model, data, parameters, history, seconds):
    """Raise NetworkError where `checked` would refuse the record that is made of these."""
    if not is_keras_model(model):
        raise NetworkError(f"Only a Keras model can be saved here, not {type(model).__name__}.")
    check_prepared(data)
    if not all(hasattr(history, part) for part in ("epoch", "params", "history")):
        raise NetworkError(
            f"The history must be what `fit` returned, not {type(history).__name__}. Write history = model.fit(...)."
        )
    if not isinstance(parameters, dict):
        raise NetworkError(
            f"The hyperparameters must be a dictionary of names and values, not {type(parameters).__name__}."
        )
    for name, value in parameters.items():
        if not isinstance(value, (str, int, float, type(None))):
            kind = type(value).__name__
            raise NetworkError(f'A hyperparameter must be text or a number; "{name}" is a {kind}. Leave it out.')
    if not isinstance(seconds, (int, float, np.number)) or not 0 < seconds < math.inf:
        raise NetworkError(
            "It is not known how long training took: it failed or was interrupted. Train this network, then save it."
        )


def check_prepared(data):
    """Raise NetworkError unless these are data from `handwriting.prepare.prepared`."""
    if not hasattr(data, "x_validation"):
        hint = "Write ready = prepared(...), and pass ready." if hasattr(data, "x_train") else "Pass ready."
        raise NetworkError(f"The data for a network must come from `prepared`; this is {type(data).__name__}. {hint}")


def note_data(model, data):
    """Note on a network that it is being trained on these data, so that it cannot be saved under others."""
    check_prepared(data)
    model.trained_on = (data.fingerprint, len(data.x_train))


def check_data(model, data):
    """Raise NetworkError if a network was trained on other data, or cannot have been trained on these."""
    class_names_for(model, data.class_names)
    here = (data.fingerprint, len(data.x_train))
    if tuple(getattr(model, "trained_on", here)) != here:
        raise NetworkError(
            f"This network was trained on other images or classes than those of {data.name} prepared here. "
            "Train it again on these, then save it."
        )


def check_history(model, history):
    """Raise NetworkError unless `history` tells of all training that a network has had, and it has had some."""
    if getattr(model, "history", None) is None:
        raise NetworkError(
            "This network was not trained in this notebook, so there is nothing to save. Train it first."
        )
    recorded_steps = len(history.epoch) * (history.params.get("steps") or math.inf)
    if (
        not history.epoch
        or history is not model.history
        or sum(map(int, STEPS.get(model, {}).values())) > recorded_steps
    ):
        raise NetworkError(
            "This network was trained more than once, or training was interrupted, so its record would be wrong. "
            "Build it again, train it once without interrupting it, then save it."
        )


def seen_in(model, data, parameters, history):
    """Return the hyperparameters that can be seen in a trained network, None for those that do not describe it."""
    seen = {"epochs": len(history.epoch), **seen_in_layers(model), **seen_in_optimizer(model, parameters)}
    if hasattr(model, "seed"):
        seen["seed"] = model.seed
    images, steps = len(data.x_train), history.params.get("steps")
    if data.train_size is not None:
        seen["train_size"] = data.train_size
    size = parameters.get("batch_size")
    if steps and size is not None and not (isinstance(size, int) and size > 0 and -(-images // size) == steps):
        seen["batch_size"] = None
    return seen


def seen_in_layers(model):
    """Return the hidden layer's hyperparameters: None if it is not the workshop's network, with one such layer."""
    layers = layers_of(model)
    dense = [layer for layer in layers if type(layer).__name__ == "Dense"]
    dropped = [layer for layer in layers if type(layer).__name__ == "Dropout"]
    if len(dense) != 2 or len(dropped) > 1 or len(layers) > len(dense) + len(dropped):
        return dict.fromkeys(("hidden", "activation", "dropout"))
    activation = getattr(dense[0].activation, "__name__", type(dense[0].activation).__name__)
    return {"hidden": dense[0].units, "activation": activation, "dropout": float(dropped[0].rate) if dropped else 0.0}


def seen_in_optimizer(model, parameters):
    """Return the optimizer's name and its learning rate: None for a rate that changes, or an optimizer that is new."""
    if model.optimizer is None or not int(model.optimizer.iterations):
        return dict.fromkeys(("optimizer", "learning_rate"))
    rate, meant = model.optimizer.get_config()["learning_rate"], parameters.get("learning_rate")
    if not isinstance(rate, float):
        rate = None
    else:  # it is kept with 32 bits: 0.001 as 0.0010000000474974513
        rate = meant if meant is not None and np.float32(meant) == np.float32(rate) else float(f"{rate:.6g}")
    return {"optimizer": type(model.optimizer).__name__.lower(), "learning_rate": rate}


def checked(record):
    """Return a record from a file, its curves as numbers; ValueError or a similar error if it is not one of ours."""
    if not all(isinstance(record[key], kind) for key, kind in PARTS.items()):
        raise ValueError
    history = {str(key): [float(value) for value in values] for key, values in record["history"].items()}
    names = record.get("class_names")
    fingerprints = {key: record.get(key) for key in ("fingerprint", "weights")}
    if not all(isinstance(value, (str, int, float)) for value in record["parameters"].values()):
        raise ValueError
    if names is not None and not (isinstance(names, list) and all(isinstance(name, str) for name in names)):
        raise ValueError
    if not all(isinstance(fingerprint, (str, type(None))) for fingerprint in fingerprints.values()):
        raise ValueError
    return {**record, "history": history, "class_names": names, **fingerprints}
