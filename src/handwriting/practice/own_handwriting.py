"""Exercises of notebook 7: the centre of mass, moving it, and what a network is worth on images from outside."""

import numpy as np

from handwriting.practice.engine import exercises_of, in_turn
from handwriting.practice.exercise_kinds import Array, Choice, Function
from handwriting.practice.one_change import Report

CORNER, PAIR, ANGLE = (np.zeros((28, 28), np.uint8) for _ in range(3))  # as images are
CORNER[2, 5] = 100
PAIR[10, 4], PAIR[20, 8] = 50, 150
ANGLE[4:24, 10:12], ANGLE[22:24, 12:20] = 255, 100


def centre_of(image):
    """Return the right answer: positions, weighted by their ink."""
    image = np.asarray(image, float)
    places, ink = np.arange(28), image.sum()
    return np.array([image.sum(axis=1) @ places / ink, image.sum(axis=0) @ places / ink])


def middle_of_ink(image):
    """Return the middle of the rectangle around the ink, whatever the brightness of the pixels."""
    rows, columns = np.nonzero(image)
    return np.array([rows.min() + rows.max(), columns.min() + columns.max()]) / 2


centre_of_mass = Function(
    title="the centre of mass",
    truth=centre_of,
    why="Each position counts in proportion to its ink. The digit would balance on its centre of mass.",
    misconceptions=in_turn(
        lambda image: centre_of(image)[::-1],
        "Row and column are swapped. The row comes first, as in `image[row, column]`.",
        middle_of_ink,
        "That is the middle of the rectangle around the ink. Bright pixels must count more than faint ones.",
        lambda image: np.array([np.mean(place) for place in np.nonzero(image)]),
        "You count every pixel with ink equally. Multiply each position by the pixel's value.",
        lambda image: centre_of(image) * np.sum(image),
        "You have the sum of position times ink. Divide it by the total ink, `image.sum()`.",
        lambda image: centre_of(image) + 1,
        "Both numbers are too high by 1: rows and columns are counted from 0.",
    ),
    hints=[
        "`image.sum(axis=1)` is the ink in each row, and `image.sum(axis=0)` is the ink in each column.",
        "Multiply the ink of each row by the row's number, `np.arange(28)`, and add up the products.",
        "Divide the sum of the products by `image.sum()`, and do the same for the columns.",
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
        ((4, 3), "The number of rows is right. Column 17 is to the right of the middle: which way must the digit go?"),
        ((-4, 3), "Both signs are the wrong way round: your move takes the digit even further from the middle."),
        ((-3, 4), "The numbers are right, but the one for down comes first."),
        ((14, 14), "That is where the digit should end up. How far is that from row 10 and column 17?"),
    ],
    hints=[
        "How many rows is it from row 10 to row 14? Row numbers increase downwards.",
        "From column 17 to column 14: is that to the right or to the left?",
    ],
    solution="into_the_middle = (4, -3)",
)

look_first = Choice(
    title="what to look at first",
    truth="C",
    why="Here, too, look at the data first. Most often, the digit is too small, not in the middle, "
    "too thin, or dark on light.",
    A="The network does well on MNIST, so it has enough layers. What is different about her drawings?",
    B="More training on the same images makes the network better at images like those. Her drawings are different.",
    D="The accuracy is right, for images like MNIST's. It says nothing about others.",
    hints=[
        "What is the difference between the test set and her drawings?",
        "In this notebook, the same network got most drawings wrong, and then most of them right. What changed?",
    ],
)

star = Choice(
    title="a star",
    truth="A",
    why="Softmax divides 100 % among the ten digits, whatever the image shows. Nothing in the network asks "
    "whether there is a digit at all.",
    B="The probabilities sum to 1, whatever the image shows. That is how softmax works.",
    C="An image of a star is 28 × 28 numbers, like every other image. Nothing fails, and that is the danger.",
    D="That would be honest. But some strokes of a star look like those of a digit, and that digit wins.",
    hints=[
        "What did your network predict for the letter A, and for the house?",
        "What do the ten outputs of softmax sum to?",
    ],
)

one_change = Report(
    why="One change, and the probabilities before and after. That is how you find out what matters to a network.",
    hints=[
        "Draw a digit on the pad and note the percentage. Change only one thing, and draw it again.",
        "Write both percentages in your sentence.",
    ],
    example=("style", "7 without a bar", "7 with a bar", "the 7 without a bar got 99 %, and the one with a bar 64 %"),
    may_change=("pen", "size", "place", "paper", "style", "slant", "photo", "data"),
)

EXERCISES, __getattr__, __dir__ = exercises_of(globals())
