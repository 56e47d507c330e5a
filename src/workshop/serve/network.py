"""A network that is being served: what it reads, under which names, and where it came from."""

import json
import sys
import zipfile
from dataclasses import dataclass, field, replace

import numpy as np

from handwriting.errors import NetworkError, first_line
from handwriting.models.pretrained import PretrainedNetwork
from handwriting.share.saved_model import (
    EXTRA,
    NAMES,
    SOURCE,
    check_probabilities,
    class_names_of,
    fitting_names,
    picture_reader,
)

__all__ = ["Network", "network_of", "open_network"]


@dataclass
class Network:
    """A network, ready to read.

    Attributes
    ----------
    read : callable
        Takes uint8 (n, 28, 28), gives float32 (n, classes).
    names : list of str
        One per class.
    version : int
    origin : tuple, or None
        Which file it came from, in which state: `workshop.serve.versions.Candidate`.
    model : keras.Model or None
        What the drawing page is made from.
    data : str or None
        What it learned from, for the page's card.
    """

    read: callable
    names: list
    version: int = 1
    origin: tuple | None = None
    model: object = field(default=None, repr=False)
    data: str | None = None


def network_of(model, class_names=None):
    """A network in memory as one that can be served.

    Parameters
    ----------
    model : keras.Model, or any object with `input_shape` and `predict`
    class_names : sequence of str, optional

    Returns
    -------
    Network

    Raises
    ------
    NetworkError
        If it does not read pictures, or has not learned.
    """
    names = class_names_of(model, class_names)
    keras = sys.modules.get("keras")
    if keras is not None and isinstance(model, keras.Model):
        graph = picture_reader(model, names)  # many times faster than `predict`, which sets up a loop for each call

        def read(images):
            return graph(images)["probabilities"].numpy()

    else:

        def read(images):
            pictures = (images / np.float32(255)).reshape(len(images), *model.input_shape[1:])
            return np.asarray(model.predict(pictures, verbose=0), np.float32)

    return tried(Network(read, names, model=model, data="mnist" if isinstance(model, PretrainedNetwork) else None))


def open_network(path, class_names=None):
    """Load a network from a `.keras` file, or from one version's folder.

    Parameters
    ----------
    path : pathlib.Path
    class_names : sequence of str, optional
        By default those that were kept with the network.

    Returns
    -------
    Network

    Raises
    ------
    NetworkError
        Whatever is wrong with the file, in one sentence.
    """
    try:
        return open_version(path, class_names) if path.is_dir() else open_file(path, class_names)
    except NetworkError:
        raise
    except Exception as error:  # Keras and TensorFlow raise many kinds for a damaged file
        text = first_line(error, "")[:200]
        raise NetworkError(
            f"{path} cannot be loaded ({type(error).__name__}: {text}). Save or export the network again."
        ) from None


def open_file(path, class_names):
    """A network that Keras saved; code hidden in the file is refused by Keras's safe mode."""
    import keras

    from handwriting.load import CLASS_NAMES

    model = keras.models.load_model(path, compile=False, safe_mode=True)
    data = data_by_record(path)
    if class_names is None:
        names = CLASS_NAMES.get(data)
        class_names = names if names and model.output_shape[1] == len(names) else None
    return replace(network_of(model, class_names), data=data)


def data_by_record(path):
    """What the network learned from, by the record that notebook 5 keeps in its file; None where nobody knows."""
    try:
        with zipfile.ZipFile(path) as archive:
            data = json.loads(archive.read("handwriting.json"))["data"]
    except (KeyError, ValueError, TypeError):
        return None
    return data if isinstance(data, str) else None


def open_version(path, class_names):
    """A SavedModel, as `handwriting.share.export_serving` writes it."""
    import tensorflow as tf

    if not (path / "saved_model.pb").is_file():
        raise NetworkError(f"{path} holds no saved_model.pb. Write versions with handwriting.share.export_serving.")
    loaded = tf.saved_model.load(str(path))
    signature = getattr(loaded, "signatures", {}).get("serving_default")
    takes = signature.structured_input_signature[1] if signature else {}
    if set(takes) != {"images"} or takes["images"].dtype != tf.uint8:
        raise NetworkError(f"{path} takes no uint8 pictures. Write versions with handwriting.share.export_serving.")

    def read(images):
        return signature(images=tf.constant(images))["probabilities"].numpy()

    read.kept = loaded  # a signature alone does not keep its variables
    names = path / EXTRA / NAMES
    if class_names is None and names.is_file():
        class_names = json.loads(names.read_text(encoding="utf-8"))
    count = signature.structured_outputs["probabilities"].shape[-1]
    return tried(Network(read, fitting_names(class_names, count), model=source_of(path)))


def source_of(path):
    """The Keras network that was kept beside an exported graph; None if it is not there or damaged."""
    import keras

    try:
        return keras.models.load_model(path / EXTRA / SOURCE, compile=False, safe_mode=True)
    except Exception:  # the graph is what is served; this is for the drawing page
        return None


def tried(network):
    """Read empty pictures, so that the first request is as quick as others, and see whether probabilities come."""
    for count in (1, 2):
        found = network.read(np.zeros((count, 28, 28), np.uint8))
        if found.shape != (count, len(network.names)):
            raise NetworkError(
                f"The network gives numbers of shape {found.shape} for {count} pictures and {len(network.names)} names."
            )
    check_probabilities(found)
    return network
