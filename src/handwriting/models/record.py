"""The record of how a network was trained: what the network itself shows comes before what somebody says of it."""

import math

import numpy as np

from handwriting.arguments import is_number
from handwriting.data.marks import are_first_of, digest_of, marks
from handwriting.errors import NetworkError, ParameterError
from handwriting.models.check import class_names_for, is_keras_model, layers_of, white_of
from handwriting.models.training import TRAINED, Training, counters_of, learners, rate_of
from handwriting.parameters import PARAMETERS, check
from handwriting.results import as_json
from handwriting.text import clean

PARTS = {"data": str, "parameters": dict, "history": dict, "parameter_count": int, "seconds_to_fit": (int, float)}


def record_of(model, data, parameters, history, seconds):
    """Return the record of a network; `handwriting.models.saved.save_network` has the parameters and what is in it.

    Where the network shows that `parameters` are wrong, the record is right, and a printed line says so.
    """
    parameters = as_json(parameters)
    check_kinds(model, data, parameters, history, seconds)
    parameters = {name: converted(name, value) for name, value in parameters.items()}
    check_history(model, history)
    check_data(model, data)
    seen = seen_in(model, data, parameters, history)
    used = {name: value for name, value in (parameters | seen).items() if value is not None}
    changed = [name for name in parameters if name in used and used[name] != parameters[name]]
    if used["epochs"] < len(history.epoch):
        print(f"`restore_best_weights` undid the last epochs: the record ends with epoch {used['epochs']}.")
    if changed:
        found = ", ".join(f"{name} {used[name]}, not {parameters[name]}" for name in changed)
        print(f"This network was trained with {found}. To change that, train it again.")
    unknown = [name for name in parameters if name not in used]
    if unknown:
        print(f"Left out of the record, because they do not describe this network: {', '.join(unknown)}.")
    curves = curves_of(history)
    if any(key.startswith("val_") for key in curves) and not is_validated(model, data):
        print("Left out of the record: what was measured on other images than all of the validation images.")
        curves = {key: values for key, values in curves.items() if not key.startswith("val_")}
    check_accuracy(model, data, curves, used["epochs"])
    return {
        "data": data.name,
        "fingerprint": data.fingerprint,
        "test_labels": digest_of([np.asarray(data.labels_test, np.int64)]),
        "class_names": [str(name) for name in data.class_names],
        "parameters": used,
        "parameter_count": int(model.count_params()),
        "weights": digest_of(model.get_weights()),
        "history": {key: values[: used["epochs"]] for key, values in curves.items()},
        "seconds_to_fit": round(float(seconds), 3),
    }


def converted(name, value):
    """Return a hyperparameter as networks take it, 16 for "16"; as it is if none takes it."""
    try:
        return check(name, value) if name in PARAMETERS else value
    except ParameterError:
        return value


def is_validated(model, data):
    """Return whether a network was validated on all of the validation images, and on nothing else."""
    validated = TRAINED.get(model, Training({})).validated
    return validated is not None and len(validated) == len(data.x_validation)  # the same: see `check_data`


def check_accuracy(model, data, curves, epochs):
    """Raise NetworkError if the last accuracy in the curves is not the network's; only where that may be so.

    Leave an accuracy out, and say so, that cannot be measured again.
    """
    own = TRAINED.get(model, Training({})).own
    if own and "val_accuracy" in curves:
        images = np.asarray(data.x_validation).reshape(-1, *model.input_shape[1:])
        right = model.predict(images, verbose=0).argmax(axis=1) == np.argmax(data.y_validation, axis=1)
        said, measured = curves["val_accuracy"][epochs - 1], float(right.mean())
        if abs(said - measured) > 0.002:  # two classes may be equally probable
            raise NetworkError(
                f"The validation accuracy in the history is {said:.4f}, but this network's is {measured:.4f}: a metric "
                'of your own is called "accuracy", or a callback or the optimizer changed the weights at the end. Give '
                "the metric another name, or leave that out. Build and train again, then save."
            )
    elif "metric" in own and curves.pop("accuracy", None):
        print("Left out of the record: the accuracy, because a metric of your own has that name.")


def curves_of(history):
    """Return the curves of a Keras history that have one number for each epoch, as lists."""
    curves = history.history.items()
    return {key: [float(value) for value in values] for key, values in curves if not any(map(np.ndim, values))}


def is_of(record, model):
    """Return whether a record is of this network as it is now, by its weights: in older records, by their number."""
    if record.get("weights") is not None:
        return record["weights"] == digest_of(model.get_weights())
    history = getattr(model, "history", None)
    same = history is None or str(curves_of(history)) == str(record["history"])  # NaN is not equal to itself
    return same and model.count_params() == record["parameter_count"]


def check_kinds(model, data, parameters, history, seconds):
    """Raise NetworkError where `checked` would refuse the record that is made of these."""
    if not is_keras_model(model):
        raise NetworkError(f"Only a Keras model can be saved here, not {type(model).__name__}.")
    check_prepared(data)
    if not is_number(seconds, (int, float, np.number)) or not 0 < seconds < math.inf:
        raise NetworkError(
            "It is not known how long training took: it failed or was interrupted. Train this network, then save it."
        )
    if not all(hasattr(history, part) for part in ("epoch", "params", "history")):
        raise NetworkError(
            f"The history must be what `fit` returned, not {type(history).__name__}. Write history = model.fit(...)."
        )
    if not isinstance(parameters, dict):
        raise NetworkError(
            f"The hyperparameters must be a dictionary of names and values, not {type(parameters).__name__}."
        )
    for name, value in parameters.items():
        if not isinstance(value, (str, int, float, type(None))) or (isinstance(value, bool) and name in PARAMETERS):
            kind = type(value).__name__
            raise NetworkError(f'A hyperparameter must be text or a number; "{name}" is a {kind}. Leave it out.')


def check_prepared(data):
    """Raise NetworkError unless this is data from `handwriting.prepare.prepared`."""
    if not hasattr(data, "x_validation"):
        hint = "Write ready = prepared(...), and pass ready." if hasattr(data, "x_train") else "Pass ready."
        raise NetworkError(f"The data for a network must come from `prepared`; this is {type(data).__name__}. {hint}")


def check_data(model, data):
    """Raise NetworkError if a network was trained on other data, or cannot have been trained on this data.

    Say so if it scales the images a second time: it is served images that are scaled once.
    """
    class_names_for(model, data.class_names)
    learned = TRAINED[model].marks if model in TRAINED else None
    validated = TRAINED[model].validated if model in TRAINED else None
    expected = data.validation_marks
    expected = marks(data.x_validation, data.y_validation) if expected is None else expected
    if validated is not None and not are_first_of(validated, expected):
        raise NetworkError(
            "This network was validated on other images than the validation images prepared here, so its accuracy "
            "cannot be compared with that of others. Train again with "
            "validation_data=(ready.x_validation, ready.y_validation), then save."
        )
    if learned is None:
        return
    prepared = marks(data.x_train, data.y_train) if data.marks is None else data.marks
    if not are_first_of(learned, prepared):
        raise NetworkError(
            f"This network was trained on other images or labels than those of {clean(data.name)} prepared here. "
            'Prepare and train again, then save. To keep this network without a record, write model.save("mine.keras").'
        )
    if white_of(model) != 1:
        print(
            "This network scales images itself, and these are scaled already, so other notebooks will not use it. "
            "Leave out the layer that scales, such as Rescaling(1/255), and train again."
        )


def check_history(model, history):
    """Raise NetworkError unless `history` tells of all training that a network has had, and it has had some."""
    if getattr(model, "history", None) is None:
        raise NetworkError(
            "This network was not trained in this notebook, so there is nothing to save. Train it first."
        )
    steps_of_epoch, counters = (history.params or {}).get("steps"), counters_of(model)
    recorded_steps = len(history.epoch) * (steps_of_epoch or math.inf)
    taken = sum(map(int, counters.values()))
    # Fewer, where something stopped an epoch; Keras counts several as one where gradients are accumulated, and an
    # optimizer around another, as for 16 bits, leaves out steps that overflow.
    names = ("gradient_accumulation_steps", "inner_optimizer")
    leaves_out = any(getattr(model.optimizer, name, None) for name in names)
    fewer = steps_of_epoch and not leaves_out and model in TRAINED and taken < recorded_steps
    more = "before" in counters or taken > recorded_steps
    if not history.epoch or history is not model.history or more or fewer:
        raise NetworkError(
            "This network was trained more than once or began with weights from elsewhere, or training was "
            "interrupted, so its record would be wrong. Build it again, train it once without interrupting it, "
            "then save it."
        )
    noted = TRAINED[model].weights if model in TRAINED else None
    if noted is not None and noted != digest_of(model.get_weights()):
        raise NetworkError(
            "The weights of this network are not those that training left, so its record would be wrong. "
            "Build and train it again, then save it."
        )


def seen_in(model, data, parameters, history):
    """Return the hyperparameters that can be seen in a trained network, None for those that do not describe it."""
    training = TRAINED.get(model, Training({}))
    seen = {"epochs": training.epochs or len(history.epoch)}
    seen |= seen_in_layers(model) | seen_in_optimizer(model, parameters)
    if hasattr(model, "seed"):
        seen["seed"] = model.seed
    images = len(data.x_train) if training.marks is None else len(training.marks)
    size = training.batch_size if training.epochs else parameters.get("batch_size")
    if not (is_number(size, int) and size > 0 and -(-images // size) == history.params.get("steps")):
        return seen | {"batch_size": None, "train_size": None}  # nobody can tell which images were seen how often
    asked = parameters.get("train_size") if data.train_size is None else data.train_size
    if images < len(data.x_train) or (asked is not None and not (is_number(asked, int) and asked >= images)):
        asked = images
    return seen | {"batch_size": size} | ({} if asked is None else {"train_size": asked})


def seen_in_layers(model):
    """Return the hidden layer's hyperparameters: None if it is not the workshop's network, with one such layer."""
    layers = layers_of(model)
    dense = [layer for layer in layers if type(layer).__name__ == "Dense"]
    dropped = [layer for layer in layers if type(layer).__name__ == "Dropout"]
    frozen = TRAINED.get(model, Training({})).frozen
    if frozen or len(dense) != 2 or len(dropped) > 1 or len(layers) > len(dense) + len(dropped):
        return dict.fromkeys(("hidden", "activation", "dropout"))
    activation = getattr(dense[0].activation, "__name__", type(dense[0].activation).__name__)
    return {"hidden": dense[0].units, "activation": activation, "dropout": float(dropped[0].rate) if dropped else 0.0}


def seen_in_optimizer(model, parameters):
    """Return the optimizer's name and its learning rate: None for a rate that changes, or an optimizer that is new."""
    if model.optimizer is None or not int(model.optimizer.iterations):
        return dict.fromkeys(("optimizer", "learning_rate"))
    training, meant = TRAINED.get(model, Training({})), parameters.get("learning_rate")
    rate = training.learning_rate if training.epochs else rate_of(model.optimizer)
    if rate is not None:  # it is kept with 32 bits: 0.001 as 0.0010000000474974513
        same = is_number(meant, (int, float)) and np.float32(meant) == np.float32(rate)
        rate = meant if same else float(f"{rate:.6g}")
    names = dict.fromkeys(type(one).__name__.lower() for one in learners(model.optimizer))
    return {"optimizer": " and ".join(names), "learning_rate": rate}


def checked(record):
    """Return a record from a file, its curves as numbers; ValueError or a similar error if it is not one of ours."""
    if not all(isinstance(record[key], kind) for key, kind in PARTS.items()):
        raise ValueError
    history = {str(key): [float(value) for value in values] for key, values in record["history"].items()}
    names = record.get("class_names")
    fingerprints = {key: record.get(key) for key in ("fingerprint", "weights", "test_labels")}
    if not all(isinstance(value, (str, int, float)) for value in record["parameters"].values()):
        raise ValueError
    if names is not None and not (isinstance(names, list) and all(isinstance(name, str) for name in names)):
        raise ValueError
    if not all(isinstance(fingerprint, (str, type(None))) for fingerprint in fingerprints.values()):
        raise ValueError
    return {**record, "history": history, "class_names": names, **fingerprints}
