"""The record of how a network was trained: what the network itself shows comes before what somebody says of it."""

import math

import numpy as np

from handwriting.errors import NetworkError
from handwriting.models.check import layers_of

__all__ = ["checked", "record_of"]

PARTS = {"data": str, "parameters": dict, "history": dict, "parameter_count": int, "seconds_to_fit": (int, float)}


def record_of(model, data, parameters, history, seconds):
    """Return the record of a network; `handwriting.models.saved.save_network` has the parameters and what is in it.

    Where the network shows that `parameters` are wrong, the record is right, and a printed line says so.
    """
    check_history(model, history)
    seen = seen_in(model, data, parameters, history)
    used = {name: value for name, value in (parameters | seen).items() if value is not None}
    changed = [name for name in parameters if name in used and used[name] != parameters[name]]
    if changed:
        found = ", ".join(f"{name} {used[name]}, not {parameters[name]}" for name in changed)
        print(f"This network was trained with {found}. To change that, train it again.")
    unknown = [name for name in parameters if name not in used]
    if unknown:
        print(f"Not in the record, because they do not describe this network: {', '.join(unknown)}.")
    class_names = getattr(data, "class_names", None)
    return {
        "data": getattr(data, "name", data),
        "fingerprint": getattr(data, "fingerprint", None),
        "class_names": None if class_names is None else [str(name) for name in class_names],
        "parameters": used,
        "parameter_count": int(model.count_params()),
        "history": {key: [float(value) for value in values] for key, values in history.history.items()},
        "seconds_to_fit": round(float(seconds), 3),
    }


def check_history(model, history):
    """Raise NetworkError unless `history` tells of all training that a network has had."""
    told = len(history.epoch) * (history.params.get("steps") or math.inf)
    if not history.epoch or history is not getattr(model, "history", history) or steps_of(model) > told:
        raise NetworkError(
            "This network was trained more than once, or training was interrupted, so its record would be wrong. "
            "Build and train it anew, in one go and to the end, then save it."
        )


def steps_of(model):
    """Return how many steps of training a network's optimizer has made; 0 if it has none, or has a new one."""
    return 0 if model.optimizer is None else int(model.optimizer.iterations)


def seen_in(model, data, parameters, history):
    """Return the hyperparameters that can be seen in a trained network, None for those that do not describe it."""
    seen = {"epochs": len(history.epoch), **seen_in_layers(model), **seen_in_optimizer(model, parameters)}
    if hasattr(model, "seed"):
        seen["seed"] = model.seed
    images, steps = len(getattr(data, "x_train", ())), history.params.get("steps")
    if getattr(data, "train_size", None) is not None:
        seen["train_size"] = data.train_size
    batch_size = parameters.get("batch_size")
    if images and steps and batch_size and -(-images // batch_size) != steps:
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
    if not steps_of(model):
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
    names, fingerprint = record.get("class_names"), record.get("fingerprint")
    if not all(isinstance(value, (str, int, float)) for value in record["parameters"].values()):
        raise ValueError
    if names is not None and not (isinstance(names, list) and all(isinstance(name, str) for name in names)):
        raise ValueError
    if fingerprint is not None and not isinstance(fingerprint, str):
        raise ValueError
    return {**record, "history": history, "class_names": names, "fingerprint": fingerprint}
