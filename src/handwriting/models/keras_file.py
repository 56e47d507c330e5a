"""Load a Keras file that somebody else may have made: it runs no code, and its size is known before memory is taken."""

import copy
import json
import math
import queue
import re
import shutil
import tempfile
import threading
import zipfile
from pathlib import Path

from handwriting.errors import NetworkError
from handwriting.models.check import input_shape_of, layers_of
from handwriting.paths import given_path, open_zip
from handwriting.text import clean

CONFIG, WEIGHTS = "config.json", "model.weights.h5"  # as Keras calls them in the file
LARGEST = 1_000_000_000  # bytes of the file, unpacked
LARGEST_CONFIG = 2**20  # bytes; a thousand layers
MOST_OBJECTS = 1000  # layers, initializers and so on, each as often as it is called; five times as many take minutes
RECURRENT = ("GRU", "LSTM", "SimpleRNN")
NUMBERS = re.compile(r"bool|u?int\d\d?|b?float\d\d")  # what arrays hold, and no type of any length
CLASS_NAME = re.compile(r'"class_name": "(\w+)"')
A_SEQUENCE = 100  # times that a layer is made again, which take as long as an object
A_LOOP = 100  # objects that take as long as a recurrent layer to make
LARGEST_NETWORK = 200_000_000  # numbers: all that one image takes, and each parameter about three times
LARGEST_NUMBER = 2**24  # in a layer's description, but for seeds; strides of 2**26 end the process
A_STEP = 150_000  # numbers that take as long as a step of a recurrent layer; its weights are read at each, too
A_NUMBER = 100  # multiplications of matrices that take as long as a number
A_LIST = "TensorListFromTensor"  # TensorFlow's name for what makes one
CONVOLUTIONS = ("Conv2D", "Conv2DBackpropInput", "DepthwiseConv2dNative")  # as TensorFlow calls them
OTHER = 8 * 2**20  # bytes in a file of weights that are not weights: a few thousand for each layer
TOO_LARGE = "The network in it is too large for images of 28 × 28 pixels. Save a smaller network."
HDF5 = b"\x89HDF\r\n\x1a\n"
#: What a network for images may have in it. None of it runs code from the file or opens files, and the time and memory
#: that it takes are known from its shapes. Subtract to Power are what x / 255 becomes.
LAYERS = set(
    """
    Sequential Functional Model InputLayer Activation ActivityRegularization Add AlphaDropout Average
    AveragePooling1D AveragePooling2D BatchNormalization Bidirectional CenterCrop Concatenate Conv1D Conv2D
    Conv2DTranspose Cropping1D Cropping2D Dense DepthwiseConv1D DepthwiseConv2D Dropout ELU EinsumDense Flatten GRU
    GaussianDropout GaussianNoise GlobalAveragePooling1D GlobalAveragePooling2D GlobalMaxPooling1D
    GlobalMaxPooling2D GroupNormalization Identity LSTM LayerNormalization LeakyReLU MaxPooling1D MaxPooling2D
    Maximum Minimum MultiHeadAttention Multiply Normalization PReLU Permute RMSNormalization RandomBrightness
    RandomContrast RandomFlip RandomRotation RandomTranslation RandomZoom ReLU Rescaling Reshape Resizing
    SeparableConv1D SeparableConv2D SimpleRNN Softmax SpatialDropout1D SpatialDropout2D Subtract UnitNormalization
    UpSampling2D ZeroPadding1D ZeroPadding2D SeedGenerator
    Divide TrueDivide Negative Power
    __keras_tensor__ __tensor__ __numpy__ __ellipsis__ __slice__
    """.split()
)


def load_keras_file(path):
    """Load the network in a `.keras` file, not compiled.

    NetworkError if it is not a .keras file, or the network in it does not read images or is too large; Keras raises
    other kinds for a damaged file.
    """
    import keras

    path = given_path(path, NetworkError)
    if path.is_dir():
        raise NetworkError("It is a folder. Give the folder another name.")
    if not zipfile.is_zipfile(path):
        with path.open("rb") as file:
            older = file.read(len(HDF5)) == HDF5
        kind = "a file in Keras's older format (.h5)" if older else "not a .keras file, or only a part of one"
        raise NetworkError(f'It is {kind}. In Python, save the network again: model.save("network.keras").')
    with open_zip(path, LARGEST, NetworkError) as archive:
        if not {CONFIG, WEIGHTS} <= set(archive.namelist()):
            raise NetworkError("It is a zip archive without a network in it. Choose a .keras file.")
        if archive.getinfo(CONFIG).file_size > LARGEST_CONFIG:
            raise NetworkError("The description of its layers is too long. Save a smaller network.")
        config = json.loads(archive.read(CONFIG))
        if count_objects(config) > MOST_OBJECTS:
            raise NetworkError("It has too many layers, which may take minutes to load. Save a smaller network.")
        numbers, parameters = numbers_in(copy.deepcopy(config))  # Keras changes it
        if numbers > LARGEST_NETWORK:
            raise NetworkError(TOO_LARGE)
        # The optimizer's arrays are no larger than the weights.
        fits = archive.getinfo(WEIGHTS).file_size <= 32 * parameters + OTHER
        with tempfile.TemporaryDirectory() as folder:
            weights = Path(folder, "model.weights.h5")  # Keras would unpack the archive again for each step back in it
            if fits:
                with archive.open(WEIGHTS) as packed, weights.open("wb") as file:
                    shutil.copyfileobj(packed, file)
            misfit = NetworkError("Its weights do not fit its layers. Save the network again.")
            if not fits or largest_array(weights) > 8 * parameters:  # bytes
                raise misfit
            model = keras.saving.deserialize_keras_object(config, safe_mode=True)
            try:
                model.load_weights(weights)
            except Exception:  # many kinds: some are missing, or lie in another file; Keras takes many lines to say so
                raise misfit from None
    # Together, they take no more memory than one may; numbers_in has each parameter three times.
    model.images_at_once = int(max(1, LARGEST_NETWORK // max(1, numbers - 3 * parameters)))
    return model


def count_objects(item):
    """Return how many objects a description makes, counting a layer as often as it is called; leave out what is unsafe.

    What is in a model within a model is multiplied by the calls of each, so that a short description can take years.
    What is left out can take memory for layers that no image reaches, or time, and is not needed to predict.

    Raises NetworkError, with its name, for an object that is not in LAYERS, nor an initializer or the like; and for a
    number with which TensorFlow's own, of 32 bits, become too large: it takes only the last 32, or ends the process.
    """
    import keras

    if isinstance(item, list):
        return sum(map(count_objects, item))
    if isinstance(item, (int, float)) and abs(item) > LARGEST_NUMBER and item % 1 == 0:  # not infinity
        raise NetworkError(f"A number in one of its layers is too large ({item:.0e}). Save a smaller network.")
    if not isinstance(item, dict):
        return 0
    unsafe = ("build_config",) if item.get("class_name") in LAYERS else ()
    for key in ("compile_config", "shared_object_id", "stateful", "unroll", *unsafe):
        item.pop(key, None)
    # A seed may have any number of bits; but what is made for one is an object like others.
    parts = [part for key, part in item.items() if key != "seed" or not isinstance(part, int)]
    if "class_name" not in item:
        return sum(map(count_objects, parts))
    name = item["class_name"]
    modules = (keras.initializers, keras.regularizers, keras.constraints, keras.dtype_policies)
    registered = item.get("registered_name") in keras.saving.get_custom_objects()  # a class of the person who loads it
    if name not in LAYERS and not registered and not any(isinstance(vars(m).get(name), type) for m in modules):
        detail = f'It contains "{clean(str(name), 40)}", which is not loaded from files, because it may run code or '
        raise NetworkError(detail + "take a very long time. Build the network without it, and save it again.")
    if name in ("__numpy__", "__tensor__") and not NUMBERS.fullmatch(str(item.get("config", {}).get("dtype"))):
        raise NetworkError(
            "An array in it does not hold plain numbers. Build the network without it, and save it again."
        )
    own = 1
    if name == "Sequential":  # Keras makes one layer after the other, and each time all before it again
        own += len(item["config"]["layers"]) ** 2 // A_SEQUENCE
    if name in RECURRENT:
        own = A_LOOP
        inside = set(CLASS_NAME.findall(json.dumps(item.get("config"))))
        if LAYERS & inside - {"Identity"}:  # as its activation; Identity is an initializer, too
            raise NetworkError(
                "A recurrent layer in it runs a whole network in each step, which may take a very long time. "
                "Build the network without it, and save it again."
            )
    return max(1, len(item.get("inbound_nodes", ()))) * (own + sum(map(count_objects, parts)))


def largest_array(weights):
    """Return how many bytes the largest array in an HDF5 file takes; the file may claim gigabytes in a few bytes.

    Infinitely many if it has elements that are not numbers: they can be of any length, and many can be the same one. Or
    if it is stored in chunks, as Keras never does: one can be packed, and unpack to more than the array.
    """
    import h5py

    sizes = [0]

    def visit(name, item):
        for attribute in map(item.attrs.get_id, item.attrs):
            sizes.append(math.inf if attribute.shape and attribute.dtype.kind not in "fiub" else 0)
        if isinstance(item, h5py.Dataset) and item.shape is not None:
            is_plain = (item.dtype.kind in "fiub" or item.dtype == "V2") and item.chunks is None  # V2 is bfloat16
            sizes.append(item.dtype.itemsize * item.size if is_plain else math.inf)

    with h5py.File(weights) as file:
        visit("", file)
        file.visititems(visit)
    return max(sizes)


def numbers_in(config):
    """Return how many numbers a network holds and computes for one image, and how many it holds, from its description.

    Keras takes no memory for the weights within a StatelessScope, only where it ends. So this one never does: it
    belongs to a thread that is over.
    """
    import keras
    import tensorflow as tf

    def trace():
        keras.StatelessScope().__enter__()
        model = keras.saving.deserialize_keras_object(config, safe_mode=True)
        parameters = sum(math.prod(variable.shape) for variable in model.variables)
        grouped = (layer for layer in layers_of(model) if getattr(layer, "groups", 1) > 1)
        groups = [spread(layer) for layer in grouped if hasattr(layer, "kernel")]
        group = max(groups, default=0)
        # TensorFlow takes only the last 32 bits of some numbers, so that a huge layer looks small to it. Not to Keras.
        nodes = (node for layer in layers_of(model) for node in layer._inbound_nodes)
        shapes = [tensor.shape[1:] for node in nodes for tensor in node.output_tensors]
        if any(None not in shape and math.prod(shape) > LARGEST_NETWORK for shape in shapes):
            raise NetworkError(TOO_LARGE)

        def numbers_for(images):
            image = tf.TensorSpec((images, *input_shape_of(model)), tf.float32)
            graph = tf.function(lambda images: model(images, training=False)).get_concrete_function(image).graph
            operations = graph.get_operations()
            numbers = sum(size(output.shape) for operation in operations for output in operation.outputs)
            # A recurrent layer makes a list of its input; then it takes one element of that at each step.
            steps = sum(size(operation.inputs[0].shape[:1]) for operation in operations if operation.type == A_LIST)
            work = sum(work_of(operation, group) for operation in operations)
            return numbers + work + steps * (A_STEP + parameters)

        # Where images are combined with each other, a hundred take far more than a hundred times what one takes.
        # TensorFlow may lay out a single one differently.
        one, two, three, four = map(numbers_for, (1, 2, 3, 4))
        if four - three > 1.001 * (three - two) + 100:
            raise ValueError("it combines images with each other, and each must be classified by itself")
        return one, parameters

    found = queue.SimpleQueue()

    def call():
        try:
            found.put((trace(), None))
        except Exception as error:  # Keras raises many kinds
            found.put((None, error))

    threading.Thread(target=call, daemon=True).start()  # Ctrl-C need not wait for it
    numbers, error = found.get()
    if error:
        raise error
    return numbers


def size(shape):
    """Return how many numbers a tensor has; infinitely many if that depends on the image."""
    return math.prod(shape) if shape.is_fully_defined() else math.inf


def spread(layer):
    """Return how many inputs lie under the kernel of a convolution, those that its dilation leaves out included."""
    *sides, inputs, _ = layer.kernel.shape
    return inputs * math.prod((side - 1) * rate + 1 for side, rate in zip(sides, layer.dilation_rate, strict=True))


def is_of_each_image(operation):
    """Return whether a product of matrices is one for each image: all that is in it begins with the images."""
    if operation.type == "Einsum":
        return len({term[:1] for term in re.split(b",|->", operation.get_attr("equation"))}) == 1
    return all((tensor.shape.rank or 0) > 2 for tensor in operation.inputs)


def work_of(operation, group):
    """Return how many numbers an operation takes in memory or time beside its outputs.

    A convolution may lay out, for each output, all inputs under its kernel; `group` is how many those are at most where
    a convolution has groups.
    """
    kind, shapes = operation.type, [tensor.shape for tensor in (*operation.inputs, *operation.outputs)]
    if kind.endswith("Pool"):
        return size(shapes[-1]) * math.prod(operation.get_attr("ksize"))
    if kind == "Einsum" or "MatMul" in kind:  # (n, k) times (k, m) are nkm multiplications, here for each of `images`
        images = shapes[0][0] or 1 if is_of_each_image(operation) else 1
        return images * math.sqrt(math.prod(size(shape) / images for shape in shapes)) / A_NUMBER
    if kind.endswith("PartitionedCall"):  # a convolution in groups
        return size(shapes[-1]) * group
    if kind not in CONVOLUTIONS:
        return 0
    *kernel, last = shapes[1]
    if kind == "DepthwiseConv2dNative":
        return size(shapes[-1]) * math.prod(kernel[:2])
    under = size(shapes[-1] if kind == "Conv2D" else shapes[2]) * math.prod(kernel)
    return under / last + under / A_NUMBER
