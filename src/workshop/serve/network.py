"""A network that can be served: from memory, from a `.keras` file, or from a version's folder."""

import json
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from handwriting.data.registry import CLASS_NAMES
from handwriting.errors import NetworkError, first_line
from handwriting.models import check
from handwriting.models.keras_file import load_keras_file
from handwriting.models.not_a_digit import is_shipped
from handwriting.models.pretrained import PretrainedNetwork
from handwriting.models.saved import read_record
from handwriting.paths import read_file
from handwriting.share import saved_model
from handwriting.text import clean

AT_ONCE = 2**12  # images that are classified together, of a network for which no other number is known
LONGEST_NAMES = 2**20  # bytes of the file with the class names: 256, of 255 characters of up to 12 bytes


@dataclass
class Network:
    predict: Callable  # takes uint8, shape (n, 28, 28); returns float32, shape (n, classes)
    class_names: list
    page: str | None = None  # the drawing page with this network in it, where it can be made
    version: int = 1
    shipped: bool = False  # whether it is the network that comes with the workshop

    def __post_init__(self):
        """Classify some images, so that the first request is as fast as others, and check the result."""
        check.try_out(self.predict, len(self.class_names))


def network_of(model=None, class_names=None, data=None):
    """Return a model in memory, trained on `data`, as a network; NetworkError if it does not classify images."""
    if model is None or isinstance(model, PretrainedNetwork):
        from handwriting.build import pretrained

        model, data = pretrained(), "mnist"
    class_names = check.class_names_for(model, class_names)
    if not check.is_keras_model(model):
        return Network(lambda images: check.predict_images(model, images), class_names)
    graph = saved_model.image_classifier(model, class_names)  # for a few images many times faster than `predict`
    page = drawing_page(model, class_names, data)

    is_grouped = any(getattr(layer, "groups", 1) > 1 for layer in check.layers_of(model))

    def predict(images):
        step = getattr(model, "images_at_once", AT_ONCE)
        parts = [images[start : start + step] for start in range(0, len(images), step)]
        return np.concatenate([graph(filled(part, step))["probabilities"].numpy()[: len(part)] for part in parts])

    def filled(part, step):
        # Convolutions in groups are compiled anew for each number of images, and kept: so there are only a few numbers.
        missing = min(step, 1 << (len(part) - 1).bit_length()) - len(part) if is_grouped else 0
        return np.concatenate([part, np.zeros((missing, *part.shape[1:]), part.dtype)]) if missing else part

    return Network(predict, class_names, page, shipped=is_shipped(model))


def drawing_page(model, class_names, data=None):
    """Return the drawing page of a Keras model as text, or None if it has a layer that a page cannot compute."""
    from handwriting.share.page import LONGEST, export_page

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "index.html")
        with suppress(Exception):  # an unusual network is served all the same
            export_page(model, path, class_names=class_names, data=data and data[: LONGEST["data"]])
            return path.read_text(encoding="utf-8")


def open_network(path, class_names=None, trust_graph=False):
    """Load a network from a `.keras` file or a version's folder; raise NetworkError with what is wrong with it."""
    try:
        return open_version(path, class_names, trust_graph) if path.is_dir() else open_file(path, class_names)
    except NetworkError as error:
        reason = str(error)
    except Exception as error:  # Keras and TensorFlow raise many kinds for a damaged file
        reason = clean(f"{type(error).__name__}: {first_line(error)}".replace(str(path), path.name), 200)
        reason = f"Something is wrong with it ({reason}). Save or export the network again."
    raise NetworkError(reason.replace(str(path), path.name))  # all clients can read it, and folders have people's names


def open_file(path, class_names=None):
    """Load a file that Keras saved, with the class names and the name of the data that notebook 5 wrote into it."""
    model, record = load_keras_file(path), read_record(path) or {}
    data = str(record["data"]) if record.get("data") else None
    if class_names is None:
        class_names = record.get("class_names")
    if class_names is None and len(CLASS_NAMES.get(data, ())) == model.output_shape[-1]:  # an older record
        class_names = CLASS_NAMES[data]
    return network_of(model, class_names, data)


def open_version(path, class_names, trust_graph):
    """Load what `handwriting.share.export_serving` wrote: the Keras file, and the graph only if it is trusted."""
    extra = path / saved_model.EXTRA
    if class_names is None and (extra / saved_model.NAMES).exists():
        class_names = json.loads(read_file(extra / saved_model.NAMES, LONGEST_NAMES, NetworkError))
    try:
        return open_file(extra / saved_model.SOURCE, class_names)
    except Exception:
        if trust_graph:
            return open_graph(path, class_names)
        if (extra / saved_model.SOURCE).exists() or not (path / "saved_model.pb").exists():
            raise
    detail = "It has only a TensorFlow graph, which can read and write files on this computer. "
    raise NetworkError(detail + "If you trust the person who made it, add --trust-graph (in Python: trust_graph=True).")


def open_graph(path, class_names):
    """Load the graph of a SavedModel with the signature that `handwriting.share.export_serving` writes."""
    import tensorflow as tf

    loaded = tf.saved_model.load(str(path))
    signature = loaded.signatures["serving_default"]

    def predict(images, loaded=loaded):  # kept, because the signature does not keep its variables
        return signature(images=tf.constant(images))["probabilities"].numpy()

    count = signature.structured_outputs["probabilities"].shape[-1]
    return Network(predict, check.fitting_names(class_names, count))
