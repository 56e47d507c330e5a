"""A trained network as TensorFlow Serving takes it: a folder with numbered versions, each a SavedModel.

What a client would have to know (divide by 255, flatten or not) is part of the graph: it takes pictures as they are.
`workshop.serve.running` serves such a folder, too, and docs/serving.md tells how to run it elsewhere.
"""

import json
import shutil
import tempfile
from pathlib import Path

import numpy as np

from handwriting.errors import NetworkError, UserError, first_line
from handwriting.models.pretrained import PretrainedNetwork
from handwriting.text import check_names

__all__ = [
    "NetworkError",
    "check_probabilities",
    "class_names_of",
    "export_serving",
    "fitting_names",
    "is_number",
    "picture_reader",
    "version_folders",
]

SIDE = 28  # pixels
SHAPES = ((784,), (28, 28), (28, 28, 1))  # what a network may take per picture
EXTRA = "assets.extra"  # files beside the graph; TensorFlow Serving leaves them alone
NAMES, SOURCE = "class_names.json", "network.keras"  # in there


def export_serving(model, folder, class_names=None):
    """Write a network as the next version in a folder that TensorFlow Serving can serve.

    The signature `serving_default` takes `images` (uint8, shape (n, 28, 28), light ink on 0) and gives `classes`
    (int64, shape (n,)), `names` (string, shape (n,)) and `probabilities` (float32, shape (n, classes)).

    Parameters
    ----------
    model : keras.Model, or the trained network that comes with the workshop
        Takes 784 numbers, 28 × 28 or 28 × 28 × 1 per picture, from 0 to 1; gives probabilities.
    folder : str or path
        Such as "models/digits"; made if it is missing. Its last part is the model's name.
    class_names : sequence of str, optional
        One per output of the network; by default "0", "1", "2" and so on.

    Returns
    -------
    pathlib.Path
        The new version's folder, such as models/digits/1. It appears under that name when it is complete.

    Raises
    ------
    NetworkError
        If the network takes something else than pictures, or gives no probabilities, if the names do not fit, or
        nothing can be written there.
    """
    import keras
    import tensorflow as tf

    if isinstance(model, PretrainedNetwork):
        from handwriting.build import pretrained

        model = pretrained()
    names = class_names_of(model, class_names)
    if not isinstance(model, keras.Model):
        raise NetworkError(f"Only a Keras network can be exported, not {type(model).__name__}.")
    reader = picture_reader(model, names)
    check_probabilities(reader(np.zeros((2, SIDE, SIDE), np.uint8))["probabilities"].numpy())
    try:
        folder = Path(folder)
    except TypeError:
        raise NetworkError(f"folder is a folder’s name, such as models/digits, not {folder!r}.") from None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=".", dir=folder))  # TensorFlow Serving looks at numbers only
    except OSError as error:
        raise NetworkError(f"{folder} takes no files ({error.strerror or error}). Name another folder.") from None
    try:
        write_version(model, names, reader, part)
        return take_number(part, folder)
    except (OSError, tf.errors.OpError) as error:
        why = getattr(error, "strerror", None) or first_line(getattr(error, "message", error))
        raise NetworkError(f"{folder} takes no files ({why}). Name another folder.") from None
    finally:
        shutil.rmtree(part, ignore_errors=True)


def write_version(model, names, reader, folder):
    """Write a SavedModel into an empty folder, with its names and the network itself beside the graph."""
    import keras

    archive = keras.export.ExportArchive()
    archive.track(model)
    archive.add_endpoint("serving_default", reader)
    # Written one level deeper, because Keras makes the folder that it writes to.
    archive.write_out(str(folder / "version"), verbose=False)
    for file in (folder / "version").iterdir():
        file.rename(folder / file.name)
    (folder / "version").rmdir()
    (folder / EXTRA).mkdir(exist_ok=True)
    (folder / EXTRA / NAMES).write_text(json.dumps(names), encoding="utf-8")
    model.save(folder / EXTRA / SOURCE)  # the drawing page of `handwriting serve` is made from it
    folder.chmod(0o755)  # a temporary folder is its owner's alone; a server often runs as somebody else


def take_number(part, folder):
    """Give a finished version the next free number; of two exports at once, the second gets the one after."""
    number = max([number for number, _ in version_folders(folder)], default=0) + 1
    while True:
        try:
            return part.rename(folder / str(number))  # fails where there is a folder with something in it
        except OSError:
            if not (folder / str(number)).exists():
                raise
            number += 1


def version_folders(folder):
    """The versions in a folder.

    Parameters
    ----------
    folder : str or path

    Returns
    -------
    list of (int, pathlib.Path)
        The newest first; empty if there is no such folder, or no versions in it.
    """
    try:
        found = [path for path in Path(folder).iterdir() if is_number(path.name)]
    except OSError:
        return []
    return sorted(((int(path.name), path) for path in found if path.is_dir()), reverse=True)


def is_number(name):
    """Whether a folder's name is a version's number."""
    return name.isascii() and name.isdigit()


def picture_reader(model, names):
    """The function that an exported network is: pictures in, answers out, computed in one graph.

    Parameters
    ----------
    model : keras.Model
    names : list of str

    Returns
    -------
    tf.function
        Takes a uint8 tensor (n, 28, 28); gives a dict with "classes", "names" and "probabilities".
    """
    import tensorflow as tf

    shape = tuple(model.input_shape[1:])

    def read(images):
        pictures = tf.reshape(tf.cast(images, tf.float32) / 255.0, (-1, *shape))
        probabilities = tf.cast(model(pictures, training=False), tf.float32)
        classes = tf.argmax(probabilities, axis=-1, output_type=tf.int64)
        return {"classes": classes, "names": tf.gather(tf.constant(names), classes), "probabilities": probabilities}

    return tf.function(read, input_signature=[tf.TensorSpec((None, SIDE, SIDE), tf.uint8, name="images")])


def class_names_of(model, class_names=None):
    """Make sure that a network reads pictures, and that there is one name for each thing it tells apart.

    Parameters
    ----------
    model : keras.Model, or any object with `input_shape`
    class_names : sequence of str, optional

    Returns
    -------
    list of str

    Raises
    ------
    NetworkError
        Saying what does not fit.
    """
    shape = getattr(model, "input_shape", None)
    if not isinstance(shape, (tuple, list)) or tuple(shape[1:]) not in SHAPES:
        raise NetworkError(
            f"Only a network that takes 784 numbers, 28 × 28 or 28 × 28 × 1 per picture can be served; "
            f"this one takes {shape}."
        )
    gives = getattr(model, "output_shape", None)
    if gives is None:  # not Keras's: one picture tells
        gives = np.shape(model.predict(np.zeros((1, *shape[1:]), np.float32), verbose=0))
    if len(gives) != 2:
        raise NetworkError(f"A network must give one row of probabilities per picture; this one gives {gives}.")
    if gives[1] < 2:
        raise NetworkError("A network must give a probability for each class, at least two; this one gives one number.")
    return fitting_names(class_names, gives[1])


def fitting_names(class_names, count):
    """One name for each of `count` classes: those given, checked, or else their numbers; raises NetworkError."""
    if class_names is None:
        return [str(number) for number in range(count)]
    try:
        names = check_names(tuple(class_names) if isinstance(class_names, str) else class_names)
    except UserError as error:
        raise NetworkError(str(error)) from None
    if len(names) != count:
        raise NetworkError(f"There are {len(names)} class names, but the network tells {count} classes apart.")
    return names


def check_probabilities(found):
    """Make sure that what a network gave are probabilities: numbers from 0 to 1 that add up to 1.

    Parameters
    ----------
    found : ndarray, shape (n, classes)

    Raises
    ------
    NetworkError
    """
    if not np.isfinite(found).all():
        raise NetworkError(
            "The network gives no numbers (NaN): it did not learn. Train a new one with a smaller learning rate."
        )
    if (found < 0).any() or not np.allclose(found.sum(axis=1), 1, atol=0.01):
        raise NetworkError(
            f"What the network gives are no probabilities: for an empty picture they add up to {found[0].sum():.3g}. "
            "End it with a softmax: keras.Sequential([model, keras.layers.Softmax()])."
        )
