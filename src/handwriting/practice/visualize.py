"""Exercises of notebook 2: picking pictures, the average, grids, and what brightness means."""

import numpy as np

from handwriting.practice.engine import Notebook
from handwriting.practice.exercise_kinds import Array, Choice, Function, Number, Report


class Visualize(Notebook):
    pick_threes = Array(
        truth=lambda data: data.x_train[data.y_train == 3],
        why="`y_train == 3` is True where the label is 3, and square brackets keep the pictures at those places.",
        misconceptions=[
            (
                lambda data: data.x_train[3],
                "That is one picture, the one at index 3. All with the *label* 3 are asked for.",
            ),
            (
                lambda data: data.y_train == 3,
                "That is the row of True and False. Use it in square brackets after `x_train` to get the pictures.",
            ),
            (
                lambda data: data.y_train[data.y_train == 3],
                "You picked the labels, so you have many 3s. The pictures are `x_train`.",
            ),
            (lambda data: data.x_train[:3], "Those are the first three pictures, whatever they show."),
            (lambda data: data.x_train[data.y_train != 3], "You have all that are no 3: `!=` means different."),
            (lambda data: data.x_train[data.y_train == 7], "Those are the 7s from above. Change the digit."),
            (lambda data: data.x_test[data.y_test == 3], "Those are from the test set. Take `x_train` and `y_train`."),
        ],
        hints=[
            "Look at the line that picked the sevens. Only one thing in it has to change.",
            "The pictures stand in `x_train`, the question in the brackets: `y_train == 3`.",
        ],
        solution="pick_threes = x_train[y_train == 3]",
        needs_data=True,
    )

    average_picture = Function(
        truth=lambda images: np.asarray(images).mean(axis=0),
        why="`mean(axis=0)` averages over the first direction, the pictures, and leaves rows and columns.",
        misconceptions=[
            (
                lambda images: np.asarray(images).mean(),
                "You get one number: the average of *all* pixels. Say along which direction to average, with `axis=`.",
            ),
            (lambda images: np.asarray(images).sum(axis=0), "You added the pictures, but did not divide by how many."),
            (
                lambda images: np.asarray(images).mean(axis=1),
                "You averaged over the rows of each picture: that is `axis=1`. The pictures lie along direction 0.",
            ),
            (lambda images: np.asarray(images)[0], "That is the first picture. All of them count the same."),
            (
                lambda images: np.asarray(images).mean(axis=0).astype(int),
                "You cut off the fractions: averages need not be whole numbers.",
            ),
        ],
        hints=[
            "Counting starts at 0, so the first direction, the one along which the pictures lie, is direction 0.",
            "Add up all pictures and divide by how many there are; or let `mean` do both, with `axis=0`.",
        ],
        solution="""
            def average_picture(images):
                return images.mean(axis=0)
        """,
        cases=[
            (np.arange(24.0).reshape(2, 3, 4) ** 2,),
            (np.array([[[0, 255], [10, 20]], [[255, 255], [12, 22]], [[3, 0], [0, 1]]]),),
            (np.full((1, 3, 3), 7.0),),
        ],
    )

    field_number = Number(
        truth=8,
        why="The fields of the first row are 1 to 5, so the second row begins with 6, and its third field is 8.",
        misconceptions=[
            (7, "Nearly everything in Python starts at 0, but the fields of `plt.subplot` start at 1."),
            (6, "You multiplied 2 × 3. Count along the first row, then on in the second."),
            (10, "You counted downwards. The fields are counted row by row, as you read."),
            (5, "That is the last field of the first row. How far is it from there?"),
        ],
        hints=[
            "The fields are counted as you read a page, and the first one is 1.",
            "The first row ends at 5. Go on from there.",
        ],
        solution="field_number = 5 + 3",
    )

    pixel_200 = Choice(
        truth="C",
        why="0 is black and 255 is white, so 200 is a light grey: ink, perhaps the edge of a stroke.",
        misconceptions=[
            ("A", "Dark is near 0 here. 0 is black, as on a screen that is off."),
            ("B", "The value says how bright *one* pixel is, not how many there are."),
            ("D", "The class is in the labels, `y`. A single pixel knows nothing of the digit."),
        ],
        hints=["Which number is black here, and which is white?", "200 of at most 255: nearer to which end is it?"],
        solution='pixel_200 = "C"',
    )

    one_knob = Report(
        why="One thing changed, and both values are named. Whoever reads this can try the same.",
        hints=[
            "Take the number of the digit in the box with `sevens`, or `top` or `left` of `show_pixels`.",
            "Compare numbers that you can read off: what `len(sevens)` gives, or the largest pixel in the frame.",
        ],
        solution="""one_knob = {
            "knob": "digit",
            "before": 7,
            "after": 1,
            "saw": "there are 6,265 sevens but 6,742 ones, and the ones lean more",
        }""",
        may_change=("digit", "top", "left", "data"),
    )


EXERCISES, __getattr__, __dir__ = Visualize.exercises(), Visualize.find, Visualize.names
