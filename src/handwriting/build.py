"""Stage 4, build: the network, before it has learned anything."""

from tensorflow import keras

from handwriting.arguments import CLASSES, MODEL, TEXT, YES_OR_NO, Kind, number, takes, whole
from handwriting.models.pretrained import read_weights
from handwriting.models.training import watch_training
from handwriting.parameters import check

__all__ = ["augmentation", "compile_classifier", "convolutional_network", "dense_network", "pretrained"]

#: Training steps for each call from Python to TensorFlow: the weights come out the same, in about half the time.
STEPS_AT_ONCE = 10
OPTIMIZERS = {"adam": keras.optimizers.Adam, "rmsprop": keras.optimizers.RMSprop, "sgd": keras.optimizers.SGD}
watch_training(keras.Model)
#: Filters, their height and width, and the stride of each convolution; benchmarks/networks.py compares others.
CONVOLUTIONS = ((32, 5, 2), (64, 3, 2), (64, 3, 1), (128, 3, 2))
#: What `convolutional_network` takes as such a list.
LAYERS = Kind(
    "a list of (filters, size in pixels, stride), whole numbers above 0",
    lambda layers: all(len(layer) == 3 and all(map(whole(1, 4096).fits, layer)) for layer in layers),
)
RATE = Kind(
    "a number or a schedule, such as `one_cycle` returns",
    lambda rate: isinstance(rate, (int, float, str, keras.optimizers.schedules.LearningRateSchedule)),
)


@takes(inputs=whole(1, 100_000), classes=CLASSES)
def dense_network(
    hidden=512, dropout=0.2, learning_rate=0.001, seed=0, inputs=784, classes=10, activation="relu", optimizer="adam"
):
    """Build and compile the workshop's network: inputs -> hidden units -> classes.

    Parameters
    ----------
    hidden : int
        Units in the hidden layer.
    dropout : float
        Share of them that is ignored at each training step.
    learning_rate : float
        Size of the optimizer's steps.
    seed : int
        The same seed gives the same starting weights.
    inputs, classes : int
        Numbers per image, and classes to tell apart.
    activation : str
        Activation of the hidden layer: "relu", "tanh", "sigmoid", "gelu" or "linear".
    optimizer : str
        "adam", "rmsprop" or "sgd".

    Returns
    -------
    keras.Sequential
        Named "digits", ready for `fit`. Its attribute `seed` is the seed.

    Raises
    ------
    handwriting.errors.ParameterError
        Naming the parameter and what it takes.
    """
    keras.utils.set_random_seed(check("seed", seed))
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((inputs,)),
            layers.Dense(check("hidden", hidden), activation=check("activation", activation), name="hidden"),
            layers.Dropout(check("dropout", dropout), name="dropout"),
            layers.Dense(classes, activation="softmax", name="output"),
        ],
        name="digits",
    )
    model.seed = check("seed", seed)  # its weights do not tell
    return compile_classifier(model, OPTIMIZERS[check("optimizer", optimizer)](check("learning_rate", learning_rate)))


@takes(model=MODEL)
def compile_classifier(model, optimizer="adam"):
    """Compile a network that gives one probability per class, and return it."""
    model.compile(
        optimizer=optimizer, loss="categorical_crossentropy", metrics=["accuracy"], steps_per_execution=STEPS_AT_ONCE
    )
    return model


@takes(layers=LAYERS, norm=YES_OR_NO, learning_rate=RATE, classes=CLASSES, name=TEXT)
def convolutional_network(
    layers=CONVOLUTIONS, norm=True, augment=False, learning_rate=0.001, seed=0, classes=10, name="strokes"
):
    """Build and compile a convolutional network: it looks for the same strokes everywhere in an image.

    Parameters
    ----------
    layers : sequence of (int, int, int)
        For each convolution: filters, their height and width in pixels, and the stride.
    norm : bool
        Whether batch normalization follows each convolution but the first. (After the first, where the feature
        maps are largest, it costs a fifth of the time and gains nothing that was measured.)
    augment : bool or sequence of keras.layers.Layer
        Whether images are moved, turned and resized at random during training; or the layers that do so, such as
        those of `augmentation`.
    learning_rate : float or keras.optimizers.schedules.LearningRateSchedule
        Size of Adam's steps; see `handwriting.train.one_cycle`.
    seed : int
        The same seed gives the same starting weights.
    classes : int
    name : str

    Returns
    -------
    keras.Sequential
        Ready for `fit` with images of shape (n, 28, 28, 1), from 0 to 1.

    Raises
    ------
    handwriting.errors.ParameterError
        Naming the parameter and what it takes.
    """
    keras.utils.set_random_seed(check("seed", seed))
    made = [keras.Input((28, 28, 1)), *(augmentation(seed) if augment is True else augment or ())]
    for place, (filters, size, stride) in enumerate(layers, start=1):
        normed = norm and place > 1
        made.append(
            keras.layers.Conv2D(filters, size, stride, padding="same", use_bias=not normed, name=f"conv{place}")
        )
        if normed:
            made.append(keras.layers.BatchNormalization(momentum=0.9, name=f"norm{place}"))
        made.append(keras.layers.ReLU(name=f"relu{place}"))
    made += [keras.layers.Flatten(name="flatten"), keras.layers.Dense(classes, activation="softmax", name="output")]
    rate = check("learning_rate", learning_rate) if isinstance(learning_rate, (int, float, str)) else learning_rate
    return compile_classifier(keras.Sequential(made, name=name), keras.optimizers.Adam(rate))


@takes(shift=number(0, 1), turn=number(0, 1), zoom=number(0, 1))
def augmentation(seed=0, shift=0.14, turn=0.025, zoom=0.1):
    """Return layers that change each image a little at random while a network trains, and nothing afterwards.

    Parameters
    ----------
    seed : int
    shift : float
        How far an image is moved at most, as a share of its side.
    turn : float
        How far it is turned at most, in full turns.
    zoom : float
        By how much its height and its width change at most, independently.

    Returns
    -------
    list of keras.layers.Layer
        Without those whose amount is 0.
    """
    seed = check("seed", seed)
    around = {"fill_mode": "constant", "fill_value": 0.0}  # black, as around every digit
    made = [
        (shift, keras.layers.RandomTranslation(shift, shift, seed=seed, name="moved", **around)),
        (turn, keras.layers.RandomRotation(turn, seed=seed + 1, name="turned", **around)),
        (zoom, keras.layers.RandomZoom(zoom, zoom, seed=seed + 2, name="resized", **around)),
    ]
    return [layer for amount, layer in made if amount]


def pretrained():
    """Return the trained network that ships with the package, as a Keras model.

    Its weights are plain numbers in a file of the package; nothing in that file can run. It was chosen because it
    reads handwriting best, not for its score on MNIST; docs/model-card.md says how well it reads what.
    `handwriting.models.pretrained.pretrained_network` computes the same in NumPy.

    Returns
    -------
    keras.Sequential
        It reads images of shape (n, 28, 28, 1), from 0 to 1.
    """
    weights = read_weights()
    names = sorted({key.partition(".")[0] for key in weights if key.startswith("conv")})
    layers = [
        (weights[f"{name}.kernel"].shape[3], weights[f"{name}.kernel"].shape[0], int(weights[f"{name}.stride"]))
        for name in names
    ]
    model = convolutional_network(layers, name="pretrained")
    for layer in model.layers:
        layer.set_weights([weights[f"{layer.name}.{weight.path.rpartition('/')[2]}"] for weight in layer.weights])
    return model
