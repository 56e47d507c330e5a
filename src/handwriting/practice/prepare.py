"""Exercises of notebook 3: flat lengths, one-hot rows by hand, and what is kept for what."""

import numpy as np

from handwriting.practice.engine import Notebook
from handwriting.practice.exercise_kinds import Choice, Function, Number, Order, Report, Shape


def one_hot_of(labels, classes):
    """Return the right answer: a 1 in the label's slot."""
    return np.eye(classes)[np.asarray(labels)]


class Prepare(Notebook):
    flat_length = Number(
        truth=1024,
        why="32 rows of 32 pixels: 32 × 32 = 1,024. Flattening neither adds nor loses a number.",
        misconceptions=[
            (784, "That is for 28 × 28. These pictures have 32 rows of 32 pixels."),
            (64, "You added. Every one of the 32 rows has 32 pixels: multiply."),
            (32, "That is one row. All rows are laid end to end."),
        ],
        hints=["Flattening keeps every number. How many are in the square?", "Multiply the rows by the columns."],
        solution="flat_length = 32 * 32",
    )

    flat_shape = Shape(
        truth=(5, 784),
        why="Five pictures stay five rows, and each row has 28 × 28 = 784 numbers.",
        misconceptions=[
            ((3920,), "You flattened the five pictures into *one* row. Each picture keeps a row of its own."),
            ((784, 5), "The order is: first how many pictures, then how many numbers each has."),
            ((5, 28, 28), "That is the shape before. Flattening makes one row of each square."),
            ((784,), "That would be one picture. Even one picture keeps the direction of the pictures: (1, 784)."),
            ((5, 56), "28 rows of 28 pixels are multiplied, not added."),
        ],
        hints=[
            "How many pictures are there before, and how many after?",
            "The first number stays. The other two are multiplied.",
        ],
        solution="flat_shape = (5, 28 * 28)",
    )

    one_hot_by_hand = Function(
        truth=one_hot_of,
        why="One row per label, as many slots as classes, and the label itself says which slot gets the 1.",
        misconceptions=[
            (
                lambda labels, classes: one_hot_of(labels, classes) * np.asarray(labels)[:, None],
                "You wrote the label itself into its slot. The slot already says which class it is: write a 1.",
            ),
            (
                lambda labels, classes: np.roll(one_hot_of(labels, classes), -1, axis=1),
                "The 1 stands one slot too far left. Counting starts at 0: label 3 has slot 3, which is the fourth.",
            ),
            (
                lambda labels, classes: np.roll(one_hot_of(labels, classes), 1, axis=1),
                "The 1 stands one slot too far right. Label 0 has slot 0, the very first one.",
            ),
            (
                lambda labels, classes: one_hot_of(labels, classes).T,
                "Rows and columns have changed places. One row per *label*, one column per class.",
            ),
            (
                lambda labels, classes: 1 - one_hot_of(labels, classes),
                "You have ones everywhere but in the right slot. Start from zeros.",
            ),
            (
                lambda labels, classes: np.eye(classes),
                "You made one row for each *class*, as in the table above. Wanted is one row for each *label*.",
            ),
        ],
        hints=[
            "Start with zeros: one row for each label, one column for each class.",
            "Go through the labels and count the rows: in row 0 set the slot of the first label to 1, and so on.",
            "`for row, label in enumerate(labels):` gives you both numbers; then `table[row, label] = 1`.",
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
        truth="CEADB",
        why="Values first, since they say how many slots a row needs; then row by row: zeros, find the slot, set it, "
        "keep it.",
        misconceptions=[
            (("C", "E"), "you must know all different values before you can say how many zeros a row needs."),
            (("E", "D"), "there must be a row of zeros before you can set one of its slots."),
            (("A", "D"), "you must know *which* slot before you set it."),
            (("D", "B"), "a row that is put away too early has only zeros in it."),
        ],
        hints=["What do you have to know before you can write the first zero?", "It begins with C and ends with B."],
        solution='recipe = "CEADB"',
    )

    names_not_numbers = Choice(
        truth="A",
        why="The digits are names here. One slot each treats all classes alike, and no class lies between two others.",
        misconceptions=[
            ("B", "One-hot needs *more* room: ten numbers instead of one. That is the price, not the reason."),
            ("C", "An 8 is not twice a 4, and that is the trouble with numbers: they suggest it is."),
            ("D", "A computer has no trouble with large numbers. These go up to 9 only."),
        ],
        hints=[
            "What would be a small mistake and what a large one, if the label were a number?",
            "Between 3 and 9 lies 6. Is a picture that is half a 3 and half a 9 a 6?",
        ],
        solution='names_not_numbers = "A"',
    )

    which_part = Choice(
        truth="B",
        why="Choosing among settings is what the validation set is for. The test set stays in the drawer.",
        misconceptions=[
            ("A", "Then you would pick the network that knows its own pictures best by heart."),
            ("C", "Then the test set has helped to choose, and its verdict is no longer one on unseen pictures."),
            ("D", "They differ in what they may be used for: one for choosing, as often as you like, one for the end."),
        ],
        hints=[
            "On which pictures may you look as often as you want?",
            "Not on those that it learns from, and not on the exam.",
        ],
        solution='which_part = "B"',
    )

    one_knob = Report(
        why="One knob, two values, and what came out with each. With that anyone can repeat your experiment.",
        hints=[
            "Try another divisor than 255 in the box that scales, and look at the largest value that it prints.",
            "Put it back to 255 afterwards and run the box again: the later boxes need the pictures between 0 and 1.",
        ],
        solution="""one_knob = {
            "knob": "divisor",
            "before": 255,
            "after": 100,
            "saw": "divided by 255 the largest value is 1.0, divided by 100 it is 2.55",
        }""",
        may_change=("divisor", "held_out", "data"),
    )


EXERCISES, __getattr__, __dir__ = Prepare.exercises(), Prepare.find, Prepare.names
