"""What each call of `fit` did with a network: Keras's class of models notes it, for the network's record."""

import inspect
import math
from functools import wraps
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from handwriting.data.marks import digest_of, marks
from handwriting.models.check import layers_of

#: The last `Training` of each network.
TRAINED = WeakKeyDictionary()


class Training(NamedTuple):
    """What a call of `fit` did with a network; only `counters` are known if it did not end."""

    #: Of all optimizers' steps, by id, because Keras forgets an optimizer when the next one comes; "before" is there if
    #: a training began with weights that others had learned.
    counters: dict
    marks: np.ndarray | None = None  # of the images that it learned from; None if that cannot be told
    batch_size: int | None = None  # None if the batches came from elsewhere
    learning_rate: object = None  # None if it changed
    weights: str | None = None  # their fingerprint at the end
    epochs: int | None = None  # that the weights come from: `restore_best_weights` undoes later ones
    validated: np.ndarray | None = None  # the marks of the images that it was validated on; None if not known, or none
    #: What in it is the person's own, so that what was measured may be anything: "metric" or "callback".
    own: tuple = ()
    frozen: bool = False  # whether some layers did not learn


def watch_training(models):
    """Let Keras's class of models note what each network learns from in `fit`, and what comes of it."""
    fit, signature = models.fit, inspect.signature(models.fit)

    @wraps(fit)
    def watched(self, *arguments, **options):
        __tracebackhide__ = True  # an error is between the person and Keras
        optimizer = getattr(self, "optimizer", None)
        counters = counters_of(self)
        if optimizer is not None:
            counters[id(optimizer.iterations)] = optimizer.iterations
        if not has_first_weights(self):
            counters["before"] = 1
        TRAINED[self] = Training(counters)
        rate, frozen = rate_of(optimizer), not all(layer.trainable for layer in layers_of(self))
        history = fit(self, *arguments, **options)
        given = signature.bind(self, *arguments, **options).arguments
        rates = history.history.get("learning_rate", ())  # noted by what changes it
        TRAINED[self] = Training(
            counters,
            *images_in_fit(given),
            learning_rate=rate if {rate} == {rate_of(optimizer), *map(float, rates)} else None,
            weights=digest_of(self.get_weights()),
            epochs=epochs_kept(history, given.get("callbacks")),
            validated=images_validated(given),
            own=own_parts(self, given.get("callbacks")),
            frozen=frozen,
        )
        return history

    models.fit = watched


def images_in_fit(given):
    """Return the marks of the images that `fit` learns from with these arguments, and its batch size."""
    x, y, size = given.get("x"), given.get("y"), given.get("batch_size") or 32
    try:
        count = math.floor(len(x) * (1 - (given.get("validation_split") or 0)))  # as Keras divides
        weighted = any(given.get(name) is not None for name in ("sample_weight", "class_weight"))
        return marks(x[:count], y[:count]), None if weighted else int(size)
    except Exception:  # batches that a program makes, several inputs, labels that are images: Keras takes many things
        return None, None


def images_validated(given):
    """Return the marks of the images that `fit` is validated on with these arguments; None if not known, or none."""
    data = given.get("validation_data")
    whole = given.get("validation_steps") is None and given.get("validation_freq", 1) == 1
    if not whole or not isinstance(data, (tuple, list)) or len(data) != 2:
        return None
    return images_in_fit({"x": data[0], "y": data[1]})[0]


def epochs_kept(history, callbacks):
    """Return how many epochs the weights come from: fewer than there were if a callback restored earlier weights."""
    best = [
        callback.best_epoch
        for callback in list_of(callbacks)
        if getattr(callback, "restore_best_weights", False) and getattr(callback, "best_weights", None) is not None
    ]
    return history.epoch.index(best[-1]) + 1 if best and best[-1] in history.epoch else len(history.epoch)


def list_of(callbacks):
    """Return the callbacks that `fit` was given, in one of the forms that it takes, as a list."""
    several = getattr(callbacks, "callbacks", callbacks)
    return list(several) if isinstance(several, (list, tuple)) else [several] * (several is not None)


def own_parts(model, callbacks):
    """Return `Training.own`: a metric that is called accuracy and is another, and callbacks that may change weights."""
    known = ("keras.", "handwriting.")
    metrics = [metric for one in model.metrics for metric in getattr(one, "metrics", [one])]
    accuracies = [type(metric) for metric in metrics if metric.name == "accuracy"]
    plain = ("CategoricalAccuracy", "SparseCategoricalAccuracy")
    averages = any(getattr(one, "use_ema", False) for one in learners(model.optimizer))  # of weights come in at the end
    is_own = {
        "metric": any(kind.__name__ not in plain or not kind.__module__.startswith(known) for kind in accuracies)
        or any(metric.name.startswith("val_") for metric in metrics)  # in the history, it seems to be validation's
        or not type(model).__module__.startswith(known),
        "callback": any(
            not kind.__module__.startswith(known) or kind.__name__ == "LambdaCallback"
            for kind in map(type, list_of(callbacks))
        )
        or averages,
    }
    return tuple(name for name, found in is_own.items() if found)


def learners(optimizer):
    """Return the optimizers that change the weights: those within one that is around others, as one for 16 bits is."""
    inner = getattr(optimizer, "optimizers", [getattr(optimizer, "inner_optimizer", None)])
    return [one for part in inner if part is not None for one in learners(part)] or [optimizer]


def rate_of(optimizer):
    """Return an optimizer's learning rate; None if it follows a schedule, or there are several optimizers."""
    one, *others = learners(optimizer)
    rate = one.get_config().get("learning_rate") if one is not None and not others else None
    return rate if isinstance(rate, float) else None


def counters_of(model):
    """Return the steps of all trainings that a network is known to have had, by optimizer."""
    return dict(TRAINED[model].counters) if model in TRAINED else {}


def note_earlier_training(model):
    """Note that a network was trained before it was loaded, so that no record covers only the training that follows."""
    TRAINED[model] = Training({"before": 1})


def has_first_weights(model):
    """Return whether no layer has other weights than those that its initializers gave it.

    Keras's own give the same numbers each time that they are called; of others, that is not known.
    """
    # Some layers hold others. Those that do not learn here count, too: they may have learned before.
    for layer in [inner for outer in layers_of(model) for inner in outer._flatten_layers()]:
        for attribute, first in vars(layer).items():
            if not attribute.endswith("_initializer"):
                continue
            name = attribute.removesuffix("_initializer")
            weights = getattr(layer, name, getattr(layer, f"{name}_kernel", None))  # the second of "depthwise"
            repeats = type(first).__module__.startswith("keras.") and isinstance(getattr(first, "seed", 0), int)
            begins_with_ones = name == "bias" and getattr(layer, "unit_forget_bias", False)
            if weights is None or not repeats or begins_with_ones:
                continue
            if not np.allclose(first(weights.shape, dtype=weights.dtype), weights):
                return False
    return True
