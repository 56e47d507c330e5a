"""A trained network as TensorFlow Serving reads it: a folder with numbered versions, each a SavedModel.

What a client would have to know (divide by 255, flatten or not) is part of the graph: it takes images as they are.
`workshop.serve` serves such a folder, too; docs/serving.md says how to run it elsewhere.
"""

import json
import tempfile
from pathlib import Path

from handwriting.errors import NetworkError, first_line
from handwriting.models import check
from handwriting.models.pretrained import PretrainedNetwork
from handwriting.paths import given_path

EXTRA = "assets.extra"  # files beside the graph; TensorFlow Serving leaves them alone
NAMES, SOURCE = "class_names.json", "network.keras"  # in there


def export_serving(model, folder, class_names=None):
    """Write a network as the next version in a folder that TensorFlow Serving can serve.

    The signature `serving_default` takes `images` (uint8, shape (n, 28, 28), light ink on 0) and gives `classes`
    (int64, shape (n,)), `names` (string, shape (n,)) and `probabilities` (float32, shape (n, classes)).

    Parameters
    ----------
    model : keras.Model, or the trained network that comes with the workshop
        Reads 784 numbers, 28 × 28 or 28 × 28 × 1 pixels per image, from 0 to 1 (to 255 if it begins with a layer such
        as Rescaling); gives probabilities.
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
        If the network reads something else than images, or does not give probabilities, if the names do not fit, or
        nothing can be written there.
    """
    import tensorflow as tf

    if isinstance(model, PretrainedNetwork):
        from handwriting.build import pretrained

        model = pretrained()
    names = check.class_names_for(model, class_names)
    if not check.is_keras_model(model):
        raise NetworkError(f"Only a Keras network can be exported, not {type(model).__name__}.")
    reader = image_classifier(model, names)
    check.try_out(lambda images: reader(images)["probabilities"].numpy(), len(names))
    folder = given_path(folder, NetworkError)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # TensorFlow Serving only reads folders with a number as their name, so it never sees a half-written version.
        with tempfile.TemporaryDirectory(prefix=".", dir=folder, ignore_cleanup_errors=True) as part:
            version = Path(part, "version")
            write_version(model, names, reader, version)
            return take_number(version, folder)
    except (OSError, tf.errors.OpError) as error:
        # TensorFlow names its operation and a temporary file around the reason.
        told = first_line(getattr(error, "message", error)).rpartition("; ")[2].partition(" [Op:")[0]
        why = getattr(error, "strerror", None) or told
        raise NetworkError(f"Nothing can be saved in {folder} ({why}). Choose another folder.") from None


def write_version(model, names, reader, folder):
    """Write a SavedModel into a new folder, with the class names and the network itself beside the graph."""
    import keras

    archive = keras.export.ExportArchive()
    archive.track(model)
    archive.add_endpoint("serving_default", reader)
    archive.write_out(str(folder), verbose=False)
    (folder / EXTRA).mkdir(exist_ok=True)
    (folder / EXTRA / NAMES).write_text(json.dumps(names), encoding="utf-8")
    model.save(folder / EXTRA / SOURCE)  # the drawing page of `handwriting serve` is made from it


def take_number(version, folder):
    """Rename a finished version to the next free number; of two exports at once, the second gets the one after."""
    number = max([number for number, _ in version_folders(folder)], default=0) + 1
    while True:
        try:
            return version.rename(folder / str(number))  # fails where there is a folder with something in it
        except OSError:
            if not (folder / str(number)).exists():
                raise
            number += 1


def version_folders(folder):
    """Return the versions in a folder as (number, path), the newest first; empty if there is no such folder."""
    try:
        found = [path for path in Path(folder).iterdir() if is_number(path.name)]
    except OSError:
        return []
    return sorted(((int(path.name), path) for path in found if path.is_dir()), reverse=True)


def is_number(name):
    """Return whether a folder's name is a version's number: TensorFlow Serving has 64 bits for it."""
    return name.isascii() and name.isdigit() and len(name) < 19


def image_classifier(model, class_names):
    """Return a Keras model as a tf.function: uint8 (n, 28, 28) in, "classes", "names" and "probabilities" out."""
    import tensorflow as tf

    shape, white = check.input_shape_of(model), check.white_of(model)

    def read(images):
        inputs = tf.reshape(tf.cast(images, tf.float32) / (255.0 / white), (-1, *shape))
        probabilities = tf.cast(model(inputs, training=False), tf.float32)
        classes = tf.argmax(probabilities, axis=-1, output_type=tf.int64)
        names = tf.gather(tf.constant(class_names), classes)
        return {"classes": classes, "names": names, "probabilities": probabilities}

    return tf.function(read, input_signature=[tf.TensorSpec((None, check.SIDE, check.SIDE), tf.uint8, name="images")])
