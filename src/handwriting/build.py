"""Stage 4, build: the network, before it has learned anything."""

from tensorflow import keras

from handwriting.parameters import check

__all__ = ["check_fit", "dense_network"]

#: Training steps for each trip from Python to TensorFlow: the weights come out the same, in about half the time.
STEPS_AT_ONCE = 10


def dense_network(hidden=512, dropout=0.2, learning_rate=0.001, seed=0, inputs=784, classes=10):
    """Build and compile the workshop's network: inputs -> hidden units -> classes.

    Parameters
    ----------
    hidden : int
        Units in the hidden layer.
    dropout : float
        Share of them that is ignored at each training step.
    learning_rate : float
        Size of Adam's steps.
    seed : int
        The same seed gives the same starting weights.
    inputs, classes : int
        Numbers per picture, and classes to tell apart.

    Returns
    -------
    keras.Sequential
        Named "digits", ready for `fit`.

    Raises
    ------
    handwriting.parameters.ParameterError
        Naming the parameter and what it takes.
    """
    keras.utils.set_random_seed(check("seed", seed))
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((inputs,)),
            layers.Dense(check("hidden", hidden), activation="relu", name="hidden"),
            layers.Dropout(check("dropout", dropout), name="dropout"),
            layers.Dense(classes, activation="softmax", name="output"),
        ],
        name="digits",
    )
    model.compile(
        optimizer=keras.optimizers.Adam(check("learning_rate", learning_rate)),
        loss="categorical_crossentropy",
        metrics=["accuracy"],
        steps_per_execution=STEPS_AT_ONCE,
    )
    return model


def check_fit(model, images):
    """Make sure that a network can read these pictures.

    Parameters
    ----------
    model : keras.Model
    images : ndarray

    Raises
    ------
    ValueError
        Saying what the network reads, what the pictures are, and what to run.
    """
    reads, has = tuple(model.input_shape[1:]), tuple(images.shape[1:])
    if reads != has:
        numbers = f"{reads[0]} numbers" if len(reads) == 1 else " × ".join(map(str, reads)) + " pixels"
        shape = " × ".join(map(str, has)) or "single numbers"
        raise ValueError(
            f"This network reads {numbers} per picture, but these pictures are {shape}. "
            "Did you run the cell that flattens them?"
        )
