"""A network that can be served: from memory, from a `.keras` file, or from a version's folder."""

import json
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from handwriting.errors import NetworkError, first_line
from handwriting.models import check
from handwriting.models.pretrained import PretrainedNetwork
from handwriting.share import saved_model

__all__ = ["Network", "network_of", "open_network"]


@dataclass
class Network:
    """A network, ready to classify."""

    predict: Callable  # takes uint8, shape (n, 28, 28); returns float32, shape (n, classes)
    class_names: list
    page: str | None = None  # the drawing page with this network in it, where it can be made
    version: int = 1

    def __post_init__(self):
        """Classify two empty images, so that the first request is as fast as others, and check the result."""
        found = self.predict(np.zeros((2, 28, 28), np.uint8))
        check.check_outputs(found, 2, len(self.class_names))
        check.check_probabilities(found)


def network_of(model=None, class_names=None, data=None):
    """Return a model in memory as a network, by default the one that comes with the workshop.

    `data` is the name of the data it was trained on, for the drawing page. If the model does not classify images,
    NetworkError is raised.
    """
    if model is None or isinstance(model, PretrainedNetwork):
        from handwriting.build import pretrained

        model, data = pretrained(), "mnist"
    class_names = check.class_names_for(model, class_names)
    if not check.is_keras_model(model):
        return Network(lambda images: check.predict_images(model, images), class_names)
    graph = saved_model.image_classifier(model, class_names)  # for a few images many times faster than `predict`
    page = drawing_page(model, class_names, data)
    return Network(lambda images: graph(images)["probabilities"].numpy(), class_names, page)


def drawing_page(model, class_names, data=None):
    """Return the drawing page of a Keras model as text, or None if it has a layer that a page cannot compute."""
    from handwriting.share.page import LONGEST, export_page

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "index.html")
        try:
            export_page(model, path, class_names=class_names, data=data and data[: LONGEST["data"]])
        except Exception:  # an unusual network is served all the same
            return None
        return path.read_text(encoding="utf-8")


def open_network(path, class_names=None):
    """Load a network from a `.keras` file or a version's folder; raise NetworkError with what is wrong with it."""
    try:
        return open_version(path, class_names) if path.is_dir() else open_file(path, class_names)
    except NetworkError:
        raise
    except Exception as error:  # Keras and TensorFlow raise many kinds for a damaged file
        reason = f"{type(error).__name__}: {first_line(error)[:200]}"
        raise NetworkError(f"{path} cannot be loaded ({reason}). Save or export the network again.") from None


def open_file(path, class_names):
    """Load a file that Keras saved; Keras's safe mode refuses code hidden in it."""
    import keras

    from handwriting.data.registry import CLASS_NAMES
    from handwriting.models.saved import RECORD

    model = keras.models.load_model(path, compile=False, safe_mode=True)
    try:  # what notebook 5 wrote beside the network
        data = str(json.loads(zipfile.ZipFile(path).read(RECORD))["data"])
    except KeyError:  # another program saved it
        data = None
    known = CLASS_NAMES.get(data)
    if class_names is None and known and model.output_shape[-1] == len(known):
        class_names = known
    return network_of(model, class_names, data)


def open_version(path, class_names):
    """Load a SavedModel, as `handwriting.share.export_serving` writes it."""
    import keras
    import tensorflow as tf

    loaded = tf.saved_model.load(str(path))
    signature = loaded.signatures["serving_default"]

    def predict(images, loaded=loaded):  # kept, because the signature does not keep its variables
        return signature(images=tf.constant(images))["probabilities"].numpy()

    extra = path / saved_model.EXTRA
    if class_names is None:
        class_names = json.loads((extra / saved_model.NAMES).read_text(encoding="utf-8"))
    class_names = check.fitting_names(class_names, signature.structured_outputs["probabilities"].shape[-1])
    try:
        model = keras.models.load_model(extra / saved_model.SOURCE, compile=False, safe_mode=True)
    except Exception:  # the graph is what is served; the model beside it is for the drawing page
        return Network(predict, class_names)
    return Network(predict, class_names, drawing_page(model, class_names))
