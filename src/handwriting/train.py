"""Stage 5, train: watch a network learn, save it, and load it again."""

import os
import time

import numpy as np
from tensorflow import keras

from handwriting.arguments import HISTORY, RECORD, takes, whole
from handwriting.build import compile_classifier, dense_network
from handwriting.errors import NetworkError
from handwriting.figures.live import LiveFigure, draw_curves
from handwriting.models.check import check_images, check_probabilities, predict_images, white_of
from handwriting.models.record import check_prepared, record_of
from handwriting.models.saved import FILE, load_file, save_network, write_network
from handwriting.parameters import BUILT_IN, HYPERPARAMETERS, PARAMETERS, check, require
from handwriting.paths import given_path
from handwriting.results import Result
from handwriting.text import clean

__all__ = ["LiveChart", "last_epoch", "one_cycle", "save_network", "show_history", "trained_model", "training_result"]


class LiveChart(keras.callbacks.Callback):
    """Show loss and accuracy while a network trains: one chart that updates, one line per epoch.

    Parameters
    ----------
    epochs, batch_size : int
        As for `fit`. Values that it would not take are refused here, before anything is trained.

    Attributes
    ----------
    seconds : float
        How long `fit` took.
    """

    def __init__(self, epochs, batch_size=PARAMETERS["batch_size"].default):
        super().__init__()
        require(epochs=epochs, batch_size=batch_size)
        self.epochs = epochs
        self.seconds = 0.0

    def on_train_begin(self, logs=None):
        self.curves = {}
        self.epoch = 0
        self.last_point = (0, {})
        self.start = time.monotonic()
        self.figure = LiveFigure()

    def on_epoch_begin(self, epoch, logs=None):
        self.last_point = (0, {})

    def on_train_batch_end(self, batch, logs=None):
        steps = self.params["steps"]
        done = min(batch + 1, steps)
        before, sums = self.last_point
        if done - before < steps / 10 and done != steps:
            return
        # Keras gives averages since the epoch began; the curve shows what came since the last point.
        totals = {key: done * logs[key] for key in ("loss", "accuracy") if key in logs}
        since = {key: (totals[key] - sums.get(key, 0)) / (done - before) for key in totals}
        self.add_point(self.epoch + done / steps, since)
        self.last_point = (done, totals)
        if self.figure.is_due():
            self.redraw()

    def on_epoch_end(self, epoch, logs=None):
        self.epoch = epoch + 1
        self.add_point(self.epoch, {key: logs[key] for key in logs if key.startswith("val_")})
        parts = []
        for part, kind in (("", ""), ("val_", "validation ")):  # metrics with other names are not shown
            values = [f"{key} {logs[part + key]:.2f}" for key in ("loss", "accuracy") if part + key in logs]
            parts += [kind + ", ".join(values)] if values else []
        self.redraw()  # before the line below: the chart stays above all of them
        print(f"Epoch {self.epoch} of {self.epochs}: {'; '.join(parts)}", flush=True)

    def on_train_end(self, logs=None):
        self.seconds = time.monotonic() - self.start

    def add_point(self, place, values):
        """Add the values at a place, counted in epochs, to the curves."""
        for key, value in values.items():
            self.curves.setdefault(key, []).append((place, float(value)))

    def redraw(self):
        """Update the chart."""
        self.figure.update(draw_curves, self.curves, self.epochs)


@takes(images=whole(1))
def one_cycle(images, epochs, batch_size, peak=0.006):
    """Return a learning rate that climbs for a quarter of the training, then falls to nearly nothing along a cosine.

    Large steps in the middle learn fast, small ones at the end settle (L. Smith and N. Topin, "Super-convergence:
    very fast training of neural networks using large learning rates", 2018, https://arxiv.org/abs/1708.07120).

    Parameters
    ----------
    images : int
        The number of training images.
    epochs, batch_size : int
        As for `fit`.
    peak : float
        The largest learning rate.

    Returns
    -------
    keras.optimizers.schedules.CosineDecay
        For an optimizer's `learning_rate`.
    """
    steps = -(-images // check("batch_size", batch_size)) * check("epochs", epochs)
    climb, peak = max(1, steps // 4), check("learning_rate", peak)
    return keras.optimizers.schedules.CosineDecay(
        peak / 50, max(1, steps - climb), alpha=0.01, warmup_target=peak, warmup_steps=climb
    )


def last_epoch(history):
    """Return what `fit` recorded in its last epoch, such as {"accuracy": 0.98, "val_accuracy": 0.97}.

    Parameters
    ----------
    history : keras.callbacks.History

    Raises
    ------
    handwriting.errors.NetworkError
        If there is none, because training did not end.
    """
    values = {key: values[-1] for key, values in getattr(history, "history", {}).items() if values}
    if not values:
        raise NetworkError("Training was interrupted, or has not begun, so nothing is known of it. Run the Train cell.")
    return values


@takes(history=HISTORY)
def show_history(history):
    """Show the curves that `fit` recorded.

    Parameters
    ----------
    history : keras.callbacks.History

    Returns
    -------
    matplotlib.figure.Figure
    """
    curves = {key: list(enumerate(values, start=1)) for key, values in history.history.items()}
    return draw_curves(curves, len(history.history["loss"]))


def trained_model(digits, work_dir=PARAMETERS["work_dir"].default):
    """Return the network from stage 5 if it was trained on this data, else one that is trained now.

    That one is saved only where there is no network yet.

    Parameters
    ----------
    digits : handwriting.prepare.Prepared
    work_dir : str or path
        Where stage 5 saved its network.

    Returns
    -------
    (keras.Model, dict)
        The network, and the record of how it was trained. One printed line says which it is.
    """
    check_prepared(digits)
    path = given_path(check("work_dir", work_dir)) / FILE
    try:
        model, record = saved_network(digits, path)
    except NetworkError as error:
        why = error
    else:
        print(f"Using the network you trained in notebook 5 ({describe_parameters(record['parameters'])}).")
        if record["fingerprint"] is None and digits.name not in BUILT_IN:
            print("An older version saved it, so it is not known whether the images are still the same.")
        return model, record
    print(f"{why} So this notebook is training one now (4 epochs, ten to thirty seconds) ...")
    defaults = {name: PARAMETERS[name].default for name in HYPERPARAMETERS}
    defaults |= {} if digits.train_size is None else {"train_size": digits.train_size}
    model = dense_network(seed=defaults["seed"], classes=len(digits.class_names))
    start = time.monotonic()
    history = model.fit(
        digits.x_train,
        digits.y_train,
        validation_data=(digits.x_validation, digits.y_validation),
        epochs=defaults["epochs"],
        batch_size=defaults["batch_size"],
        verbose=0,
    )
    record = record_of(model, digits, defaults, history, time.monotonic() - start)
    write_network(model, record, work_dir)
    return model, record


def saved_network(digits, path):
    """Return the network in a file, ready for `evaluate`, and its record; NetworkError unless it fits this data."""
    if not os.path.lexists(path):
        raise NetworkError("There is no network from notebook 5 yet.")
    model, record = load_file(path)
    if record is None:
        raise NetworkError(f"{path} does not say what it was trained on: notebook 5 did not save it.")
    saved = "The network from notebook 5"
    data = clean(record["data"])
    fingerprint = record["fingerprint"]
    if record["data"] != digits.name:
        raise NetworkError(f"{saved} was trained on {data}, not {digits.name}.")
    if fingerprint not in (None, digits.fingerprint):
        raise NetworkError(f"{saved} was trained on other images or classes that are also called {data}.")
    check_images(model, digits.x_train)
    if white_of(model) != 1:
        raise NetworkError(f"{saved} scales images itself, and these are scaled already.")
    outputs = predict_images(model, np.zeros((1, 28, 28), np.uint8))
    if outputs.shape != (1, len(digits.class_names)):
        raise NetworkError(f"{saved} does not have the {len(digits.class_names)} classes of {data}.")
    if np.isfinite(outputs).all():  # a network that did not learn may be looked at
        check_probabilities(outputs)
    return compile_classifier(model), record


def describe_parameters(parameters):
    """Return the parameters that differ from the defaults, in words."""
    if "hidden" not in parameters:
        return "with your own layers"
    defaults = {name: parameter.default for name, parameter in PARAMETERS.items()}
    changed = [clean(f"{name} {value}") for name, value in parameters.items() if value != defaults.get(name)]
    return ", ".join(changed) or "with the default settings"


@takes(record=RECORD)
def training_result(record=None):
    """Return the result of stage 5.

    Parameters
    ----------
    record : dict
        From `save_network`.

    Returns
    -------
    handwriting.results.Result

    Raises
    ------
    handwriting.errors.NetworkError
        If no network is saved yet.
    """
    if record is None:
        raise NetworkError("No network is saved yet, so it has no result. Run the Train cell, then the one that saves.")
    history = record["history"]
    last = {key: values[-1] for key, values in history.items() if values}
    return Result(
        "train",
        data=record["data"],
        data_fingerprint=record["fingerprint"],
        parameters=record["parameters"],
        validation_accuracy=last.get("val_accuracy"),
        validation_loss=last.get("val_loss"),
        training_accuracy=last.get("accuracy"),
        training_loss=last.get("loss"),
        parameter_count=record["parameter_count"],
        seconds_to_fit=record["seconds_to_fit"],
        details={"history": history},
    )
