"""Load a Keras file that somebody else may have made: it runs no code, and its size is known before memory is taken."""

import json
import math
import threading
import zipfile
from io import BytesIO

from handwriting.errors import NetworkError
from handwriting.models.check import input_shape_of
from handwriting.paths import given_path, open_zip

__all__ = ["load_keras_file"]

CONFIG, WEIGHTS = "config.json", "model.weights.h5"  # as Keras calls them in the file
LARGEST = 1_000_000_000  # bytes of the file, unpacked
LARGEST_CONFIG = 2**20  # bytes; a thousand layers
LARGEST_NETWORK = 200_000_000  # numbers: all that is computed for one image, and each parameter about three times
HDF5 = b"\x89HDF\r\n\x1a\n"


def load_keras_file(path):
    """Load the network in a `.keras` file, not compiled.

    Parameters
    ----------
    path : str or path

    Returns
    -------
    keras.Model

    Raises
    ------
    NetworkError
        If it is not such a file, or the network in it does not read images or is too large. Keras raises other kinds
        for a damaged file.
    """
    import h5py
    import keras

    path = given_path(path, NetworkError)
    if not zipfile.is_zipfile(path):
        with path.open("rb") as file:
            older = file.read(len(HDF5)) == HDF5
        kind = "a file in Keras's older format (.h5)" if older else "not a .keras file, or only a part of one"
        raise NetworkError(f'It is {kind}. In Python, save the network again: model.save("network.keras").')
    with open_zip(path, LARGEST, NetworkError) as archive:
        if archive.getinfo(CONFIG).file_size > LARGEST_CONFIG:
            raise NetworkError("The description of its layers is too long. Save a smaller network.")
        config = json.loads(archive.read(CONFIG))
        weights = BytesIO(archive.read(WEIGHTS))
    sizes = []
    with h5py.File(weights) as file:  # which may claim gigabytes of zeros in a few bytes
        file.visititems(lambda name, item: sizes.append(getattr(item, "size", 0)))
    if sum(sizes) > LARGEST_NETWORK or numbers_in(config) > LARGEST_NETWORK:
        raise NetworkError("The network in it is too large for images of 28 × 28 pixels. Save a smaller network.")
    return keras.models.load_model(path, compile=False, safe_mode=True)


def numbers_in(config):
    """Return how many numbers a network holds and computes for one image, from its description alone.

    Keras takes no memory for the weights within a StatelessScope, only where it ends. So this one never does: it
    belongs to a thread that is over.
    """
    import keras
    import tensorflow as tf

    found = []

    def trace():
        keras.StatelessScope().__enter__()
        try:
            model = keras.saving.deserialize_keras_object({**config, "compile_config": None}, safe_mode=True)
            image = tf.TensorSpec((1, *input_shape_of(model)), tf.float32)
            graph = tf.function(lambda images: model(images, training=False)).get_concrete_function(image).graph
            shapes = [output.shape for operation in graph.get_operations() for output in operation.outputs]
            found.append(sum(math.prod(shape) for shape in shapes if shape.is_fully_defined()))
        except Exception as error:  # Keras raises many kinds
            found.append(error)

    thread = threading.Thread(target=trace)
    thread.start()
    thread.join()
    if isinstance(found[0], Exception):
        raise found[0]
    return found[0]
