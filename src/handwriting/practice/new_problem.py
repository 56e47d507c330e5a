"""Exercises of notebook 9: names instead of numbers, leakage, and which mistakes matter."""

import numpy as np

from handwriting.practice.engine import exercises_of, in_turn
from handwriting.practice.exercise_kinds import Choice, Function, Number, Shape
from handwriting.practice.one_change import Report

CLOTHES = ["Trouser", "Bag", "Coat", "Sandal"]
LETTERS = ["C", "B", "A"]

name_of = Function(
    title="the name of a class",
    truth=lambda probabilities, names: names[int(np.argmax(probabilities))],
    why="`argmax` returns the position of the highest probability, and the list has the name at that position.",
    misconceptions=in_turn(
        lambda probabilities, names: int(np.argmax(probabilities)),
        "That is the position. Which name is at that position in `names`?",
        lambda probabilities, names: float(np.max(probabilities)),
        "That is the probability itself. First find out its position.",
        lambda probabilities, names: names[int(np.argmin(probabilities))],
        "That is the least probable class. `argmax` finds the position of the highest value.",
        lambda probabilities, names: sorted(names)[int(np.argmax(probabilities))],
        "The names must stay in order: each belongs to the probability at the same position.",
        lambda probabilities, names: names[int(np.argmax(probabilities)) - 1],
        "That is one position too early. `argmax` and lists both count from 0, so there is nothing to subtract.",
    ),
    hints=[
        "What is the position of the highest probability in the row? `argmax` tells you.",
        "`names[2]` is the name at position 2.",
        "`return names[probabilities.argmax()]`",
    ],
    solution="""
        def name_of(probabilities, names):
            return names[probabilities.argmax()]
    """,
    cases=[
        (np.array([0.1, 0.2, 0.6, 0.1]), CLOTHES),
        (np.array([0.5, 0.3, 0.2]), LETTERS),
        (np.array([0.02, 0.95, 0.01, 0.02]), CLOTHES),
        (np.array([0.3, 0.2, 0.35, 0.15]), CLOTHES),
    ],
)

count_weights = Number(
    title="all the letters",
    truth=784 * 512 + 512 + 512 * 26 + 26,
    why="401,920 in the hidden layer, as before, and 512 × 26 + 26 = 13,338 in the last layer.",
    misconceptions=[
        (407_050, "That is the number for ten classes. How many outputs does this network have?"),
        (784 * 512 + 512 * 26, "Each unit has a bias, too: add 512 and 26."),
        (784 * 512 + 512 + 512 * 26, "Almost. Each of the 26 outputs has a bias, too."),
        (512 * 26 + 26, "That is for the last layer only. The hidden layer has weights, too."),
    ],
    hints=[
        "Only the last layer changes: 26 outputs instead of 10.",
        "The hidden layer has 784 × 512 weights and 512 biases.",
        "The last layer has 512 × 26 weights and 26 biases. Add those of the hidden layer.",
    ],
    solution="count_weights = 784 * 512 + 512 + 512 * 26 + 26",
)

labels_shape = Shape(
    title="the shape of the labels",
    truth=(30, 3),
    why="Ten drawings of each of the three letters make 30 rows, and each row has one element for each letter.",
    misconceptions=[
        ((45, 3), "That counts all the drawings. How many of them are for training?"),
        ((3, 30), "It is the other way round: one row for each drawing, one element for each letter."),
        ((30, 10), "Ten elements are right for ten digits. How many classes are there now?"),
        ((30,), "That is the shape of the labels as numbers. With one-hot labels, each number becomes a row."),
        ((10, 3), "There are ten training drawings of each letter. How many in all?"),
    ],
    hints=[
        "There is one row for each training image. How many training images are there?",
        "Each row has one element for each class. How many classes are there?",
    ],
    solution="labels_shape = (30, 3)",
)

turned_copies = Choice(
    truth="B",
    why="The network was tested on images that were almost the same as those it had seen. Split first, "
    "and then make copies of the training images only.",
    A="A perfect result is a reason to look for a mistake. Where did the copies of one drawing end up?",
    C="A turned letter is no easier to classify. Where did the copies of one drawing end up?",
    D="A large test part makes a result more reliable. But what is in it?",
    hints=[
        "Take one drawing and its five copies. Where do they end up in a random split?",
        "Was the network trained on images that are very much like its test images?",
    ],
)

mushrooms = Choice(
    truth="B",
    why="One number hides two kinds of mistakes, and one of them is far worse. The confusion matrix shows both.",
    A="An accuracy of 0.96 does not tell you which mistakes remain.",
    C="The size of the photos may change how often the network is wrong. First ask what happens when it is wrong.",
    D="People who do not know a mushroom leave it alone. The network always makes a prediction.",
    hints=[
        "There are two ways to be wrong here. How bad is each of them?",
        "Which table in notebook 6 shows both kinds of mistakes?",
    ],
)

one_change = Report(
    why="One change, and both results. With so few test images, the difference may still be chance.",
    hints=[
        "Run the notebook once as it is, and note the result. Then change one thing, and run it again from there.",
        "Put both results into your sentence.",
    ],
    example=("drawings", 15, 6, "with 15 of each, 15 of the 15 test drawings were right, and with 6 of each, 4 of 6"),
    may_change=("epochs", "data", "seed", "drawings", "letters"),
    ranges={"drawings": (1, 1000)},
)

EXERCISES, __getattr__, __dir__ = exercises_of(globals())
