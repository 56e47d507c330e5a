"""Exercises of notebook 6: accuracy and confusion matrix by hand, reading predictions, the whole workshop."""

import numpy as np

from handwriting.practice.answers import plain_number
from handwriting.practice.engine import exercises_of, in_turn
from handwriting.practice.exercise_kinds import Choice, Function, Number, as_written
from handwriting.practice.feedback import Feedback
from handwriting.practice.one_change import Report

LABELS, PREDICTIONS = np.array([3, 1, 4, 1, 5, 9, 2, 6]), np.array([3, 1, 4, 7, 5, 4, 2, 6])
RARE = (3, 5, 7)  # `few_digits` has only one training image of each of these digits


def accuracy_of(labels, predictions):
    """Return the right answer: the share of indices where both agree."""
    return float(np.mean(np.asarray(labels) == np.asarray(predictions)))


def confusion_of(labels, predictions, classes):
    """Return the right answer: rows are true classes, columns predicted classes."""
    matrix = np.zeros((classes, classes), dtype=int)
    np.add.at(matrix, (np.asarray(labels), np.asarray(predictions)), 1)
    return matrix


def few_digits():
    """Return 1,200 of scikit-learn's small digits in the form of MNIST's files: x_train, y_train, x_test and y_test.

    Some digits are rare among the 800 training images, so only the accuracy on the 400 test images is near 0.65.
    """
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    images = (images.reshape(-1, 8, 8) * (255 / 16)).astype(np.uint8).repeat(3, axis=1).repeat(3, axis=2)
    images, labels = np.pad(images, ((0, 0), (2, 2), (2, 2))), labels.astype(np.uint8)
    first = [int(np.argmax(labels == digit)) for digit in RARE]
    train = np.sort([*np.flatnonzero(~np.isin(labels, RARE)), *first])[:800]
    return images[train], labels[train], images[-400:], labels[-400:]


class Program(Function):
    """The answer is a function that trains and tests a network; it is run on `few_digits`."""

    low, high = 0.5, 0.85  # the network of the workshop gets about 0.65, one with convolutions and augmentation 0.77

    def tried(self, answer):
        result = self.result_of(answer, few_digits(), "On 1,200 small digits")
        if isinstance(result, Feedback):
            return result
        accuracy = plain_number(result)
        if accuracy is not None and self.low <= accuracy <= self.high:
            return Feedback("right", self.why)
        if accuracy is None or not 0 <= accuracy <= 1:
            text = (
                "Return the accuracy on the test images, one number from 0 to 1, not the loss and not a percentage: "
                "`evaluate` returns a list with the loss first."
            )
        elif accuracy < self.low:
            text = (
                "That is too low. Is it the accuracy, and not the loss or the share of mistakes? If so: are the "
                "images scaled and the labels one-hot? Is `fit` called with at least 4 epochs?"
            )
        else:
            text = (
                "That is too good to be true: some of the ten digits are rare among these training images, but not "
                "among the test images. Train on the training images only, and return the accuracy on the test images."
            )
        return Feedback("wrong", f"Your function returns `{as_written(result)}`. {text}")


accuracy_by_hand = Function(
    truth=accuracy_of,
    why="The share of images for which prediction and label agree. The `mean` of True and False values is that share.",
    misconceptions=in_turn(
        lambda labels, predictions: int(np.sum(labels == predictions)),
        "That is *how many* predictions are right. The accuracy is the share: divide by the number of labels.",
        lambda labels, predictions: float(np.mean(labels != predictions)),
        "That is the share of mistakes. The accuracy is the share of right predictions.",
        lambda labels, predictions: 100 * accuracy_of(labels, predictions),
        "That is in percent. Return a share from 0 to 1.",
        lambda labels, predictions: labels == predictions,
        "You have a True or False for each image. What share of them is True?",
        lambda labels, predictions: int(accuracy_of(labels, predictions)),
        "You cut off the fraction. `//` and `int` do that; use `/`.",
        lambda labels, predictions: float(np.mean(np.abs(labels - predictions))),
        "You measured how far apart the numbers are. But they are only names: no wrong digit is nearer than another.",
    ),
    hints=[
        "Compare first: `labels == predictions` is True wherever the network was right.",
        "`sum` counts the True values. Divide that number by the number of labels, or let `mean` do both.",
    ],
    solution="""
        def accuracy_by_hand(labels, predictions):
            return float((labels == predictions).mean())
    """,
    cases=[
        (LABELS, PREDICTIONS),
        (np.array([7, 2, 1]), np.array([7, 2, 1])),
        (np.array([0, 0, 0, 5]), np.array([8, 6, 0, 3])),
        (np.array([1, 2, 3, 3]), np.array([2, 1, 3, 3])),
    ],
)

confusion_by_hand = Function(
    title="the confusion matrix by hand",
    truth=confusion_of,
    why="One count for each pair: the row is the true class, the column the predicted class.",
    misconceptions=in_turn(
        lambda labels, predictions, classes: confusion_of(labels, predictions, classes).T,
        "Rows and columns are swapped. The true class is the row, so it comes first in the brackets.",
        lambda labels, predictions, classes: confusion_of(labels, labels, classes),
        "You counted only the labels, so everything is on the diagonal. The column is the *predicted* class.",
        lambda labels, predictions, classes: np.minimum(confusion_of(labels, predictions, classes), 1),
        "You counted each pair only once. Add one each time a pair occurs, in a loop over the images, with `+= 1`. "
        "(`matrix[labels, predictions] += 1` needs no loop, but then NumPy counts a repeated pair only once.)",
        lambda labels, predictions, classes: confusion_of(labels, predictions, classes) / len(labels),
        "Those are shares. The matrix counts images.",
        lambda labels, predictions, classes: np.diag(np.diag(confusion_of(labels, predictions, classes))),
        "You counted only the correct predictions. The mistakes are the interesting part.",
    ),
    hints=[
        "Start with a square table of zeros: `np.zeros((classes, classes), dtype=int)`.",
        "Go through labels and predictions side by side: `for label, prediction in zip(labels, predictions):`.",
        "For each label and its prediction, add one: `matrix[label, prediction] += 1`.",
    ],
    solution="""
        def confusion_by_hand(labels, predictions, classes):
            matrix = np.zeros((classes, classes), dtype=int)
            for label, prediction in zip(labels, predictions):
                matrix[label, prediction] += 1
            return matrix
    """,
    cases=[
        (LABELS, PREDICTIONS, 10),
        (np.array([0, 0, 0, 1, 2]), np.array([1, 1, 0, 1, 0]), 3),
        (np.array([2, 2, 1]), np.array([0, 2, 2]), 4),
    ],
)

predicted_class = Number(
    title="read a prediction",
    truth=3,
    why="The largest number is 0.62, at index 3. That is the fourth position, because counting starts at 0.",
    misconceptions=[
        (4, "You counted from 1. The first position has index 0, so the fourth has index 3."),
        (0.62, "That is the highest probability itself. `argmax` returns its *index*."),
        (8, "That is the index of the second-highest probability. Look for the highest of all."),
        (9, "That is the last index. `argmax` returns the index of the highest value."),
    ],
    hints=[
        "Which is the largest of the ten numbers?",
        "Count the positions up to the largest number, starting with 0.",
    ],
    solution="predicted_class = int(np.argmax([0.02, 0.01, 0.05, 0.62, 0.01, 0.03, 0.01, 0.02, 0.21, 0.02]))",
)

how_sure = Choice(
    title="how sure?",
    truth="D",
    why="Softmax divides 100 % among ten classes, whatever the image shows. On the test images, you measured how "
    "often the network is right when it is 99 % sure. This image is of another kind.",
    A="On the test images, you could almost rely on that. But this image is not like those.",
    B="That holds for the test images. "
    "This image comes from elsewhere, and nobody has tested the network on images like it.",
    C="The network has no class for anything else. The ten probabilities sum to 1, even for a cat.",
    hints=[
        "On which images did you measure how often the network is right when it is 99 % sure? "
        "Is this photo one of them?",
        'The ten probabilities always sum to 1. Is there one for "not a digit"?',
    ],
)

look_again = Choice(
    title="look again?",
    truth="B",
    why="Make choices with the validation set. You have had your one look at the test set, "
    "and a new score needs new images.",
    A="Then you would choose by the test set. After twenty tries, the best score is partly luck with these images.",
    C="Then no images are left that the network has never seen, and nobody can tell how good it is.",
    D="A difference of 20 images in 10,000 may well be chance, but you cannot know. You need other images to tell.",
    hints=[
        "Which images are meant for comparing hyperparameters?",
        "What is the test accuracy worth once you have used it to choose?",
    ],
)

one_change = Report(
    why="One change, two values, and the accuracy with each. You have shown how fragile a good score can be.",
    hints=[
        "Change `right` or `down` in the cell that moves the images, and run that cell and the next two again.",
        "Write both accuracies in your sentence.",
    ],
    example=("right", 2, 0, "moved 2 down and 2 right, the images gave an accuracy of 0.49; moved 2 down only, 0.78"),
    may_change=("right", "down", "data"),
    ranges={"right": (-27, 27), "down": (-27, 27)},
)

whole_workshop = Program(
    cases=(),
    title="the whole workshop in twenty lines",
    why="Your function trains and tests a network in plain Keras. "
    "(This check cannot tell whether your function scales images.)",
    hints=[
        "In order: flatten, scale, one-hot, build, compile, fit, evaluate. Every line is in notebooks 3 to 6.",
        "Flatten and scale: `x_train.reshape(len(x_train), 784) / 255`. One-hot: `keras.utils.to_categorical`.",
        "`model.evaluate(x_test, y_test, verbose=0)` returns the loss and the accuracy. Return the second one.",
    ],
    solution="""
        def whole_workshop(x_train, y_train, x_test, y_test):
            from tensorflow import keras

            x_train = x_train.reshape(len(x_train), 784) / 255
            x_test = x_test.reshape(len(x_test), 784) / 255
            y_train = keras.utils.to_categorical(y_train, 10)
            y_test = keras.utils.to_categorical(y_test, 10)
            model = keras.Sequential([
                keras.Input((784,)),
                keras.layers.Dense(512, activation="relu"),
                keras.layers.Dropout(0.2),
                keras.layers.Dense(10, activation="softmax"),
            ])
            model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
            model.fit(x_train, y_train, batch_size=32, epochs=4, verbose=0)
            loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
            return accuracy
    """,
)

EXERCISES, __getattr__, __dir__ = exercises_of(globals())
