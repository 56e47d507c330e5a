"""Stage 5, train: watch a network learn, keep it, find it again."""

import json
import time
import zipfile
from pathlib import Path

from matplotlib.figure import Figure
from tensorflow import keras

from handwriting.build import dense_network
from handwriting.models.check import check_images
from handwriting.parameters import HYPERPARAMETERS, PARAMETERS, check
from handwriting.paths import whole_file
from handwriting.results import Result
from handwriting.visualize import BLUE, ORANGE, describe

__all__ = ["LiveChart", "load_network", "one_cycle", "save_network", "show_history", "trained_model", "training_result"]

FILE = "network.keras"
RECORD = "handwriting.json"  # inside that file, beside what Keras keeps there


class LiveChart(keras.callbacks.Callback):
    """Shows loss and accuracy while a network trains: one chart that updates, one line per epoch.

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
        self.epoch, self.noted = 0, (0, {})
        self.begun = self.drawn = time.monotonic()
        self.cost = 0.0
        self.handle = None
        if in_notebook():
            from IPython.display import display

            self.handle = display(draw_curves({}, self.epochs), display_id=True)

    def on_epoch_begin(self, epoch, logs=None):
        self.noted = (0, {})

    def on_train_batch_end(self, batch, logs=None):
        steps = self.params["steps"]
        done = min(batch + 1, steps)
        before, sums = self.noted
        if done - before < steps / 10 and done != steps:
            return
        # Keras gives averages since the epoch began; the curve shows what came since the last point.
        totals = {key: done * logs[key] for key in ("loss", "accuracy")}
        self.note(self.epoch + done / steps, {k: (totals[k] - sums.get(k, 0)) / (done - before) for k in totals})
        self.noted = (done, totals)
        if time.monotonic() - self.drawn > 20 * self.cost:  # drawing may take a twentieth of the time
            self.redraw()

    def on_epoch_end(self, epoch, logs=None):
        self.epoch = epoch + 1
        self.note(self.epoch, {key: logs[key] for key in logs if key.startswith("val_")})
        said = [f"loss {logs['loss']:.2f}, accuracy {logs['accuracy']:.2f}"]
        if "val_loss" in logs:
            said.append(f"validation loss {logs['val_loss']:.2f}, accuracy {logs['val_accuracy']:.2f}")
        print(f"Epoch {self.epoch} of {self.epochs}: {'; '.join(said)}", flush=True)
        self.redraw()

    def on_train_end(self, logs=None):
        self.seconds = time.monotonic() - self.begun

    def note(self, place, values):
        """Remember the values at a place counted in epochs."""
        for key, value in values.items():
            self.curves.setdefault(key, []).append((place, float(value)))

    def redraw(self):
        """Update the one chart, and take the time that takes."""
        if self.handle:
            start = time.monotonic()
            self.handle.update(draw_curves(self.curves, self.epochs))
            self.drawn = time.monotonic()
            self.cost = self.drawn - start


def one_cycle(pictures, epochs, batch_size, peak=0.006):
    """A learning rate that climbs for a quarter of the training, then falls along a cosine to nearly nothing.

    Large steps in the middle learn fast, small ones at the end settle (L. Smith and N. Topin, "Super-convergence:
    very fast training of neural networks using large learning rates", 2018, https://arxiv.org/abs/1708.07120).

    Parameters
    ----------
    pictures : int
        How many there are to learn from.
    epochs, batch_size : int
        As for `fit`.
    peak : float
        The largest learning rate.

    Returns
    -------
    keras.optimizers.schedules.CosineDecay
        For an optimizer's `learning_rate`.
    """
    steps = -(-pictures // check("batch_size", batch_size)) * check("epochs", epochs)
    climb, peak = max(1, steps // 4), check("learning_rate", peak)
    return keras.optimizers.schedules.CosineDecay(
        peak / 50, max(1, steps - climb), alpha=0.01, warmup_target=peak, warmup_steps=climb
    )


def in_notebook():
    """Whether a notebook is there to show a chart."""
    try:
        from IPython import get_ipython
    except ModuleNotFoundError:
        return False
    return get_ipython() is not None


def draw_curves(curves, epochs):
    """Two panels, loss and accuracy; training as a solid line, validation dashed with markers."""
    figure = Figure(figsize=(8, 3.2), layout="constrained")
    told = []
    for axes, key in zip(figure.subplots(1, 2), ("loss", "accuracy"), strict=True):
        for name, colour, style in ((key, BLUE, "-"), (f"val_{key}", ORANGE, "--o")):
            if name in curves:
                label = "validation" if name.startswith("val_") else "training"
                axes.plot(*zip(*curves[name], strict=True), style, color=colour, label=label)
                told.append(f"{label} {key} goes from {curves[name][0][1]:.2f} to {curves[name][-1][1]:.2f}")
        axes.set(title=key, xlabel="epoch", xlim=(0, 1.02 * epochs))  # room for the last marker
        axes.xaxis.get_major_locator().set_params(integer=True)
        if axes.lines:
            axes.legend()
    return describe(figure, f"Two charts over {epochs} epochs. {'; '.join(told) or 'Nothing learned yet'}")


def show_history(history, alt=None):
    """Show the curves that `fit` left behind.

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


def save_network(model, work_dir, data, parameters, history, seconds):
    """Save a trained network with a record of how it was trained, in one file.

    Parameters
    ----------
    model : keras.Model
    work_dir : str or path
        The folder; made if it is missing. If nothing can be written there, that is said, not raised.
    data : str
        Name of the data it was trained on.
    parameters : dict
        The knobs it was trained with.
    history : keras.callbacks.History
    seconds : float
        What `fit` took.

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
    path = Path(work_dir) / FILE
    try:
        with whole_file(path) as part:
            model.save(part)
            with zipfile.ZipFile(part, "a") as archive:
                archive.writestr(RECORD, json.dumps(record))
    except OSError as error:
        print(
            f"The network cannot be saved in {work_dir} ({error.strerror or error}). It lives on in this notebook only."
        )
    else:
        print(f"Saved in {work_dir}/{FILE}.")
    return record


def load_network(work_dir):
    """Find the network that was saved in a folder.

    Parameters
    ----------
    work_dir : str or path

    Returns
    -------
    (keras.Model, dict) or None
        The network and its record; None if there is none. A damaged file is said, and counts as none.
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


def trained_model(digits, work_dir=PARAMETERS["work_dir"].default):
    """The network from stage 5 if it is there, else one that is trained now.

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
    found = load_network(work_dir)
    if found and found[1]["data"] == digits.name:
        check_images(found[0], digits.x_train)
        print(f"Using the network you trained in stage 5 ({unusual(found[1]['parameters'])}).")
        return found
    why = f"learned from {found[1]['data']}, not {digits.name}" if found else "is not there yet"
    print(f"The network of stage 5 {why}: training one now (4 epochs, about 10 seconds) ...")
    knobs = {name: PARAMETERS[name].default for name in HYPERPARAMETERS}
    model = dense_network(seed=knobs["seed"], classes=len(digits.class_names))
    start = time.monotonic()
    history = model.fit(
        digits.x_train,
        digits.y_train,
        validation_data=(digits.x_validation, digits.y_validation),
        epochs=knobs["epochs"],
        batch_size=knobs["batch_size"],
        verbose=0,
    )
    return model, save_network(model, work_dir, digits.name, knobs, history, time.monotonic() - start)


def unusual(parameters):
    """The parameters that are not the usual ones, in words."""
    told = [f"{name} {value}" for name, value in parameters.items() if value != PARAMETERS[name].default]
    return ", ".join(told) or "with the usual settings"


def training_result(record):
    """The result of stage 5.

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
