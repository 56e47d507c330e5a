"""Exercises of notebook 3: the length of a flat image, one-hot rows by hand, and which images are for what."""

import numpy as np

from handwriting.practice.engine import exercises_of, in_turn
from handwriting.practice.exercise_kinds import Choice, Function, Number, Order, Shape
from handwriting.practice.one_change import Report


def one_hot_of(labels, classes):
    """Return the right answer: a 1 at the index of the label."""
    return np.eye(classes)[np.asarray(labels)]


flat_length = Number(
    title="how long is a row?",
    truth=1024,
    why="32 rows of 32 pixels: 32 × 32 = 1,024. Flattening neither adds nor removes a number.",
    misconceptions=[
        (784, "That is for 28 × 28. These images have 32 rows of 32 pixels."),
        (64, "You added. Every one of the 32 rows has 32 pixels, so multiply."),
        (32, "That is one row. Flattening puts all the rows end to end."),
    ],
    hints=["Flattening keeps every number. How many are there in the square?", "Multiply the rows by the columns."],
    solution="flat_length = 32 * 32",
)

flat_shape = Shape(
    title="five flat images",
    truth=(5, 784),
    why="Five images make five rows, and each row has 28 × 28 = 784 numbers.",
    misconceptions=[
        ((3920,), "You flattened the five images into *one* row. Each image gets its own row."),
        ((784, 5), "First comes the number of images, then how many numbers each one has."),
        ((5, 28, 28), "That is the shape before flattening, which turns each square into a row."),
        ((784,), "That is the shape of one flat image. Here, there are five, so their number comes first."),
        ((5, 56), "28 rows of 28 pixels: multiply, do not add."),
    ],
    hints=[
        "How many images are there before flattening, and how many after?",
        "In the shape, the first number stays. The other two are multiplied.",
    ],
    solution="flat_shape = (5, 28 * 28)",
)

one_hot_by_hand = Function(
    title="one-hot by hand",
    truth=one_hot_of,
    why="There is one row per label and one column per class, and the label is the index of the 1.",
    misconceptions=in_turn(
        lambda labels, classes: one_hot_of(labels, classes) * np.asarray(labels)[:, None],
        "You wrote the label itself into the row. The position already says which class it is: write a 1.",
        lambda labels, classes: np.roll(one_hot_of(labels, classes), -1, axis=1),
        "The 1 is one position too far left. Counting starts at 0: label 3 has index 3, the fourth element.",
        lambda labels, classes: np.roll(one_hot_of(labels, classes), 1, axis=1),
        "The 1 is one position too far right. Label 0 has index 0, the very first element.",
        lambda labels, classes: one_hot_of(labels, classes).T,
        "Rows and columns are swapped. There is one row per *label* and one column per class.",
        lambda labels, classes: 1 - one_hot_of(labels, classes),
        "You have ones everywhere except at the index of the label. Start from zeros.",
        lambda labels, classes: np.eye(classes),
        "You made one row for each *class*, as in the table above. Make one row for each *label*.",
    ),
    hints=[
        "Start with zeros: one row for each label, one column for each class.",
        "Go through the labels and count the rows. In row 0, set the element at the index of the first label to 1.",
        "`for row, label in enumerate(labels):` gives you the row and the label; then write `table[row, label] = 1`.",
    ],
    solution="""
        def one_hot_by_hand(labels, classes):
            rows = np.zeros((len(labels), classes))
            for row, label in enumerate(labels):
                rows[row, label] = 1
            return rows
    """,
    cases=[(np.array([2, 0, 1, 2]), 4), (np.array([5, 0, 4, 1, 9]), 10), (np.array([3]), 5)],
)

recipe = Order(
    title="the right order",
    truth="CEADB",
    why="The values come first, because they say how many elements a row needs. Then, for each label: "
    "write zeros, find the element, set it, and put the row into the table.",
    CE="you must know all the different values before you can say how many zeros a row needs.",
    CA="without the different values, you cannot know which element belongs to a label.",
    ED="there must be a row of zeros before you can set one of its elements.",
    AD="you must know *which* element before you set it.",
    DB="if you put the row into the table first, it has only zeros in it.",
    hints=[
        "What do you have to know before you can write the first zero?",
        "Every right order begins with C and ends with B.",
    ],
)

why_one_hot = Choice(
    title="why one-hot?",
    truth="A",
    why="The digits are names here. With one element each, all classes are treated alike, "
    "and none lies between two others.",
    B="One-hot needs *more* memory: ten numbers instead of one. That is the price, not the reason.",
    C="An 8 is not twice a 4. That is the trouble with numbers: they suggest that it is.",
    D="Computers have no trouble with large numbers, and the digits only go up to 9.",
    hints=[
        "If the label were a number, which mistakes would look small and which large?",
        "6 lies between 3 and 9. If an image is half a 3 and half a 9, is it a 6?",
    ],
)

which_images = Choice(
    title="which images?",
    truth="B",
    why="The validation set is there for comparing and choosing. The test set waits until the end.",
    A="Then you would pick the network that has best memorized its training images.",
    C="Then the test set has helped you choose, and its score is no longer a fair estimate.",
    D="The two sets differ: the validation set is for choosing, as often as you like; the test set is for the end.",
    hints=[
        "Which images may you use as often as you want?",
        "Not the ones that the networks learn from, and not the ones for the final exam.",
    ],
)

one_change = Report(
    why="One change, two values, and a result for each. With that, anyone can repeat your experiment.",
    hints=[
        "In the cell that scales the images, divide by a number other than 255, and look at the largest value shown.",
        "Afterwards, change the number back to 255 and run the cell again: the later cells need values from 0 to 1.",
    ],
    example=("divisor", 255, 100, "divided by 255, the largest value is 1.0; divided by 100, it is 2.55"),
    may_change=("divisor", "held_out", "data"),
    ranges={"divisor": (0.001, 1_000_000), "held_out": (1, 60_000)},
)

EXERCISES, __getattr__, __dir__ = exercises_of(globals())
