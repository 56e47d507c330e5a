"""Stage 5, train: watch a network learn, save it, and load it again."""

import time

from tensorflow import keras

from handwriting.build import dense_network
from handwriting.figures.live import LiveFigure, draw_curves
from handwriting.figures.style import describe
from handwriting.models.check import check_images
from handwriting.models.saved import load_network, save_network
from handwriting.parameters import HYPERPARAMETERS, PARAMETERS, check
from handwriting.results import Result

__all__ = ["LiveChart", "load_network", "one_cycle", "save_network", "show_history", "trained_model", "training_result"]


class LiveChart(keras.callbacks.Callback):
    """Show loss and accuracy while a network trains: one chart that updates, one line per epoch.

    Parameters
    ----------
    epochs : int
        How many epochs `fit` was asked for.

    Attributes
    ----------
    seconds : float
        How long `fit` took.
    """

    def __init__(self, epochs):
        super().__init__()
        self.epochs = check("epochs", epochs)
        self.seconds = 0.0

    def on_train_begin(self, logs=None):
        self.curves = {}
        self.epoch = 0
        self.last_point = (0, {})
        self.start = time.monotonic()
        self.figure = LiveFigure(draw_curves({}, self.epochs))

    def on_epoch_begin(self, epoch, logs=None):
        self.last_point = (0, {})

    def on_train_batch_end(self, batch, logs=None):
        steps = self.params["steps"]
        done = min(batch + 1, steps)
        before, sums = self.last_point
        if done - before < steps / 10 and done != steps:
            return
        # Keras gives averages since the epoch began; the curve shows what came since the last point.
        totals = {key: done * logs[key] for key in ("loss", "accuracy")}
        since = {key: (totals[key] - sums.get(key, 0)) / (done - before) for key in totals}
        self.add_point(self.epoch + done / steps, since)
        self.last_point = (done, totals)
        if self.figure.is_due():
            self.redraw()

    def on_epoch_end(self, epoch, logs=None):
        self.epoch = epoch + 1
        self.add_point(self.epoch, {key: logs[key] for key in logs if key.startswith("val_")})
        parts = [f"loss {logs['loss']:.2f}, accuracy {logs['accuracy']:.2f}"]
        if "val_loss" in logs:
            parts.append(f"validation loss {logs['val_loss']:.2f}, accuracy {logs['val_accuracy']:.2f}")
        print(f"Epoch {self.epoch} of {self.epochs}: {'; '.join(parts)}", flush=True)
        self.redraw()

    def on_train_end(self, logs=None):
        self.seconds = time.monotonic() - self.start

    def add_point(self, place, values):
        """Add the values at a place, counted in epochs, to the curves."""
        for key, value in values.items():
            self.curves.setdefault(key, []).append((place, float(value)))

    def redraw(self):
        """Update the chart."""
        self.figure.update(draw_curves, self.curves, self.epochs)


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


def show_history(history, alt=None):
    """Show the curves that `fit` recorded.

    Parameters
    ----------
    history : keras.callbacks.History
    alt : str, optional

    Returns
    -------
    matplotlib.figure.Figure
    """
    curves = {key: list(enumerate(values, start=1)) for key, values in history.history.items()}
    figure = draw_curves(curves, len(history.history["loss"]))
    return describe(figure, alt) if alt else figure


def trained_model(digits, work_dir=PARAMETERS["work_dir"].default):
    """Return the network from stage 5 if it is there, else one that is trained now.

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
    saved = load_network(work_dir)
    if saved and saved[1]["data"] == digits.name:
        check_images(saved[0], digits.x_train)
        print(f"Using the network you trained in stage 5 ({describe_parameters(saved[1]['parameters'])}).")
        return saved
    why = f"was trained on {saved[1]['data']}, not {digits.name}" if saved else "is not there yet"
    print(f"The network of stage 5 {why}: training one now (4 epochs, about 10 seconds) ...")
    defaults = {name: PARAMETERS[name].default for name in HYPERPARAMETERS}
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
    return model, save_network(model, work_dir, digits.name, defaults, history, time.monotonic() - start)


def describe_parameters(parameters):
    """Return the parameters that differ from the defaults, in words."""
    changed = [f"{name} {value}" for name, value in parameters.items() if value != PARAMETERS[name].default]
    return ", ".join(changed) or "with the usual settings"


def training_result(record):
    """Return the result of stage 5.

    Parameters
    ----------
    record : dict
        From `save_network`.

    Returns
    -------
    handwriting.results.Result
    """
    history = record["history"]
    return Result(
        "train",
        data=record["data"],
        parameters=record["parameters"],
        validation_accuracy=history["val_accuracy"][-1],
        validation_loss=history["val_loss"][-1],
        training_accuracy=history["accuracy"][-1],
        training_loss=history["loss"][-1],
        parameter_count=record["parameter_count"],
        seconds_to_fit=record["seconds_to_fit"],
        details={"history": history},
    )
