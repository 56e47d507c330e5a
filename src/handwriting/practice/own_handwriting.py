"""Exercises of notebook 7: the centre of mass, moving it, and what a network is worth on pictures from outside."""

import numpy as np

from handwriting.practice.engine import Notebook
from handwriting.practice.exercise_kinds import Array, Choice, Function, Report

CORNER = np.zeros((28, 28))

CORNER[2, 5] = 100.0

PAIR = np.zeros((28, 28))

PAIR[10, 4], PAIR[20, 8] = 50, 150

ANGLE = np.zeros((28, 28))

ANGLE[4:24, 10:12], ANGLE[22:24, 12:20] = 255, 100


def centre_of(image):
    """Return the right answer: places weighted with their ink."""
    image = np.asarray(image, float)
    places, ink = np.arange(28), image.sum()
    return np.array([image.sum(axis=1) @ places / ink, image.sum(axis=0) @ places / ink])


def middle_of_box(image):
    """The middle of the box around the ink: every inked pixel counts, however bright."""
    rows, columns = np.nonzero(image)
    return np.array([rows.min() + rows.max(), columns.min() + columns.max()]) / 2


class OwnHandwriting(Notebook):
    centre_of_mass = Function(
        truth=centre_of,
        why="Each place counts as much as there is ink. On this point the digit would balance.",
        misconceptions=[
            (
                lambda image: centre_of(image)[::-1],
                "Row and column have changed places. The row comes first, as in `image[row, column]`.",
            ),
            (
                middle_of_box,
                "That is the middle of the box around the ink. A brighter pixel has to count more than a faint one.",
            ),
            (
                lambda image: np.array([np.mean(place) for place in np.nonzero(image)]),
                "You count every pixel that has ink as one. Weigh each with its value.",
            ),
            (
                lambda image: centre_of(image) * np.sum(image),
                "You have the sum of place times ink. Divide it by all the ink, `image.sum()`.",
            ),
            (lambda image: centre_of(image) + 1, "Both are one too high: rows and columns are counted from 0."),
        ],
        hints=[
            "`image.sum(axis=1)` is the ink in each row, `image.sum(axis=0)` that in each column.",
            "Multiply the ink of each row with the row's number, `np.arange(28)`, and add it up.",
            "Divide that sum by `image.sum()`, and do the same for the columns.",
        ],
        solution="""
            def centre_of_mass(image):
                places = np.arange(28)
                row = (image.sum(axis=1) * places).sum() / image.sum()
                column = (image.sum(axis=0) * places).sum() / image.sum()
                return row, column
        """,
        cases=[(CORNER,), (PAIR,), (ANGLE,)],
    )

    into_the_middle = Array(
        truth=(4, -3),
        why="From row 10 to 14 is 4 down. From column 17 to 14 is 3 to the left, so -3.",
        misconceptions=[
            ((4, 3), "The rows are right. Column 17 lies right of the middle: which way must the digit go?"),
            ((-4, 3), "Both signs are the wrong way round: that moves the digit even farther from the middle."),
            ((-3, 4), "The numbers are right, but the step down comes first."),
            ((14, 14), "That is where it should arrive. How far is the way there from row 10 and column 17?"),
        ],
        hints=[
            "How many rows lie between row 10 and row 14? Rows count downwards.",
            "Column 17 must become column 14. Is that to the right or to the left?",
        ],
        solution="into_the_middle = (4, -3)",
    )

    look_first = Choice(
        truth="C",
        why="Look at the data first, here too: most often the drawing is too large, off the middle, "
        "too thin or dark on light.",
        misconceptions=[
            ("A", "It reads MNIST well, so it has layers enough. What is different about the drawings?"),
            ("B", "More training on the same pictures makes it better at those. Her drawings are not like them."),
            ("D", "The score is right, for pictures like MNIST's. It says nothing about others."),
        ],
        hints=[
            "What differs between the test set and her drawings?",
            "In this notebook the same network went from most wrong to most right. What was changed?",
        ],
        solution='look_first = "C"',
    )

    star = Choice(
        truth="A",
        why="Softmax shares out 100 % among ten digits, whatever is on the picture. Whether it is a digit, "
        "nobody asked.",
        misconceptions=[
            ("B", "They sum to 1, whatever the picture shows. That is how softmax works."),
            ("C", "A star is 28 × 28 numbers, like everything else. Nothing fails, and that is the danger."),
            ("D", "It would be honest. But some strokes of a star look like those of some digit, and that one wins."),
        ],
        hints=["What did this notebook's network say of the letter A?", "What do the ten outputs of softmax sum to?"],
        solution='star = "A"',
    )

    one_change = Report(
        why="One change, and the probabilities before and after. That is how one finds out what a network minds.",
        hints=[
            "Draw a digit on the pad and note the percentage. Change one thing only, and draw it again.",
            "Write both percentages into your sentence.",
        ],
        solution="""one_change = {
            "knob": "style",
            "before": "7 without a bar",
            "after": "7 with a bar",
            "saw": "the 7 without a bar got 99 %, the crossed one 64 %",
        }""",
        may_change=("pen", "size", "place", "paper", "style", "slant"),
    )


EXERCISES, __getattr__, __dir__ = OwnHandwriting.exercises(), OwnHandwriting.find, OwnHandwriting.names
