"""Exercises of notebook 2: picking images, the average, grids, and what brightness means."""

import numpy as np

from handwriting.practice.engine import exercises_of, in_turn
from handwriting.practice.exercise_kinds import Array, Choice, Function, Number
from handwriting.practice.one_change import Report

pick_threes = Array(
    title="pick the threes",
    truth=lambda data: data.x_train[data.y_train == 3],
    why="`y_train == 3` is True where the label is 3, and square brackets pick the images at those positions.",
    misconceptions=in_turn(
        lambda data: data.x_train[3],
        "That is one image, the one at index 3. Pick all the images with the *label* 3.",
        lambda data: data.y_train == 3,
        "Those are the True and False values. Use them in square brackets after `x_train` to get the images.",
        lambda data: data.y_train[data.y_train == 3],
        "You picked the labels, so you have many 3s. The images are in `x_train`.",
        lambda data: data.x_train[:3],
        "Those are the first three images, whatever they show.",
        lambda data: data.x_train[data.y_train != 3],
        'You picked all the images that are not a 3: `!=` means "is not equal to".',
        lambda data: data.x_train[data.y_train == 7],
        "Those are the 7s from above. Change the digit.",
        lambda data: data.x_test[data.y_test == 3],
        "Those are from the test set. Use `x_train` and `y_train`.",
    ),
    hints=[
        "Look at the line that picked the sevens. Only one thing in it has to change.",
        "The images are in `x_train`, and the comparison goes in the brackets: `y_train == 3`.",
    ],
    solution="pick_threes = x_train[y_train == 3]",
    needs_data=True,
)

average_image = Function(
    title="a function for the average",
    truth=lambda images: np.asarray(images).mean(axis=0),
    why="`mean(axis=0)` averages along the first direction, from image to image, and keeps the rows and columns.",
    misconceptions=in_turn(
        lambda images: np.asarray(images).mean(),
        "You get one number: the average of *all* pixels. Use `axis=` to say which direction to average along.",
        lambda images: np.asarray(images).sum(axis=0),
        "You added the images, but did not divide by how many there are.",
        lambda images: np.asarray(images).mean(axis=1),
        "You averaged over the rows of each image: that is `axis=1`. The images are along axis 0.",
        lambda images: np.asarray(images)[0],
        "That is the first image. The average needs all the images.",
        lambda images: np.asarray(images).mean(axis=0).astype(int),
        "You cut off the fractions. An average does not have to be a whole number.",
        lambda images: sum(np.asarray(images)) / len(images),
        "Python's `sum` keeps the type of the pixels. In `uint8`, a sum above 255 starts again at 0. Use `mean`.",
    ),
    hints=[
        "Counting starts at 0, so the first direction, from image to image, is axis 0.",
        "Add up all the images and divide by how many there are; or let `mean` do both, with `axis=0`.",
    ],
    solution="""
        def average_image(images):
            return images.mean(axis=0)
    """,
    cases=[
        (np.arange(24.0).reshape(2, 3, 4) ** 2,),
        (np.array([[[0, 255], [10, 20]], [[255, 255], [12, 22]], [[3, 0], [0, 1]]]),),
        (np.array([[[200, 255]], [[250, 3]], [[90, 60]]], np.uint8),),  # as images are: Python's sum starts again at 0
        (np.full((1, 3, 3), 7.0),),
    ],
)

subplot_position = Number(
    title="which position?",
    truth=8,
    why="The positions in the first row are 1 to 5. The second row starts with 6, so its third position is 8.",
    misconceptions=[
        (7, "Nearly everything in Python starts at 0, but the positions of `plt.subplot` start at 1."),
        (6, "You multiplied 2 × 3. Count along the first row, then go on in the second."),
        (10, "You counted down the columns. The positions are counted row by row, in the order in which you read."),
        (5, "That is the last position in the first row. Go on from there to the third one in the second row."),
    ],
    hints=[
        "The positions are counted in the order in which you read a page, and the first one is 1.",
        "The first row ends at 5. Go on from there.",
    ],
    solution="subplot_position = 5 + 3",
)

pixel_200 = Choice(
    title="what does 200 mean?",
    truth="C",
    why="0 is black and 255 is white, so 200 is a light grey: there is ink, perhaps at the edge of a stroke.",
    A="Dark pixels have values near 0: black is 0, like a screen that is off.",
    B="The value says how bright *one* pixel is, not how many there are.",
    D="The class is in the labels, `y`. A single pixel does not know which digit it belongs to.",
    hints=["Which number is black in these images, and which is white?", "Is 200 closer to 0 or to 255?"],
)

one_change = Report(
    why="You changed one thing and gave both values and both results, so others can try the same.",
    hints=[
        "Change the digit in the cell with `sevens`, or `top` or `left` of `show_pixels`.",
        "Compare numbers that you can read off: the value of `len(sevens)`, or the largest pixel in the frame.",
    ],
    example=("digit", 7, 1, "there are 6,265 sevens but 6,742 ones, and the ones lean more"),
    may_change=("digit", "top", "left", "data"),
    ranges={"digit": (0, 255), "top": (0, 27), "left": (0, 27)},
)

EXERCISES, __getattr__, __dir__ = exercises_of(globals())
