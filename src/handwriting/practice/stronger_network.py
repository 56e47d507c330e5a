"""Exercises of notebook 8: what a convolution computes, how large it is, and which changes to images help."""

import numpy as np

from handwriting.practice.engine import exercises_of, in_turn
from handwriting.practice.exercise_kinds import Choice, Function, Number, Shape
from handwriting.practice.one_change import Report

ROW, EDGE = np.array([0, 0, 0, 9, 9, 9, 0, 0]), np.array([-1, 0, 1])


def slide_over(row, weights):
    """Return the right answer: at each position, the weighted sum of the numbers under the filter."""
    row, weights = np.asarray(row), np.asarray(weights)
    return np.array([row[k : k + len(weights)] @ weights for k in range(len(row) - len(weights) + 1)])


slide = Function(
    title="slide a filter",
    truth=slide_over,
    why="The same few weights at every position: that is all a convolution is. In two dimensions, it works the "
    "same way.",
    misconceptions=in_turn(
        lambda row, weights: np.convolve(row, weights, "valid"),
        "Your weights run backwards. `np.convolve` reverses them, as mathematicians do; networks do not.",
        lambda row, weights: slide_over(row, weights)[:-1],
        "The last position is missing: there are `len(row) - len(weights) + 1` positions.",
        lambda row, weights: slide_over(row, weights)[:: len(weights)],
        "You jump by the filter's whole length. Move it one position at a time.",
        lambda row, weights: slide_over(np.pad(row, len(weights) // 2), weights),
        "You put zeros at both ends first. Here, the filter stays within the row, so the result is shorter.",
        lambda row, weights: slide_over(row, np.ones(len(weights))),
        "You add up the numbers without their weights. Multiply each by its weight first.",
    ),
    hints=[
        "At position `k`, the filter covers `row[k : k + len(weights)]`.",
        "Multiply each number under the filter by its weight, and add up the products: `(part * weights).sum()`.",
        "In how many places does a filter of 3 weights fit into a row of 8? In `8 - 3 + 1` places: positions 0 to 5.",
    ],
    solution="""
        def slide(row, weights):
            positions = range(len(row) - len(weights) + 1)
            return np.array([(row[k : k + len(weights)] * weights).sum() for k in positions])
    """,
    cases=[(ROW, EDGE), (np.array([1, 2, 4, 8, 16]), np.array([3, 5])), (np.arange(6) ** 2, np.array([1, -2, 1, 4]))],
)

feature_map_shape = Shape(
    title="the shape of a feature map",
    truth=(14, 14, 32),
    why="A stride of 2 halves both sides, and each of the 32 filters makes its own feature map.",
    misconceptions=[
        (
            (28, 28, 32),
            "That would be right with a stride of 1. With a stride of 2, the filter skips every other position.",
        ),
        ((14, 14, 1), "Each filter makes its own feature map. How many filters are there?"),
        ((14, 14), "The size is right. How many feature maps of that size are there?"),
        ((14, 14, 5), "5 is the width of a filter. The third number is the number of filters."),
        ((12, 12, 32), 'That would be right without zeros around the image. `padding="same"` adds some.'),
        ((32, 14, 14), "The numbers are right, but in Keras, the number of maps comes last."),
    ],
    hints=[
        "With a stride of 2, the filter stops only at every second row and every second column.",
        "How many feature maps do 32 filters make? That number comes last.",
    ],
    solution="feature_map_shape = (14, 14, 32)",
)

count_weights = Number(
    title="count the weights",
    truth=832,
    why="32 filters, each with 5 × 5 weights and a bias: 32 × 26 = 832. Notebook 4's hidden layer has 401,920.",
    misconceptions=[
        (800, "Those are the weights without the biases. Each filter has one bias."),
        (26, "That is for one filter, with its bias. There are 32 filters."),
        (25, "That is for one filter, without its bias. There are 32 filters."),
        (
            163072,
            "How many weights there are does not depend on the image's size: a filter is the same everywhere.",
        ),
        (627200, "A filter has 25 weights in all, not 25 for each pixel."),
    ],
    hints=[
        "How many weights does one filter of 5 × 5 pixels have? Add one for its bias.",
        "Multiply the number for one filter by the number of filters.",
    ],
    solution="count_weights = 32 * (5 * 5 + 1)",
)

which_change = Choice(
    title="which change?",
    truth="D",
    why="A mirrored 2 is not a 2. Make only changes that leave the label true.",
    A="A moved digit is still the same digit: a good change. Which one can make the label wrong?",
    B="People slant their writing by that much: a good change. Which one can make the label wrong?",
    C="Some people write larger than others: a good change. Which one can make the label wrong?",
    hints=[
        "Imagine each digit after the change. Would you still call it the same digit?",
        "What happens to a 2, a 5, a 7?",
    ],
)

small_at_the_end = Choice(
    title="why small at the end?",
    truth="B",
    why="Large steps keep jumping over the best place. Small ones at the end settle into it.",
    A="The images are the same throughout. What changes is how close the weights are to a good place.",
    C="A small step takes as long as a large one. Think of what it does to the weights.",
    D="A small learning rate does not stop a network from memorizing. Think of the last few steps: where do they lead?",
    hints=[
        "Imagine you are looking for the lowest place in a valley, and every step is ten metres long.",
        "You are close to the lowest place. How do you get to it?",
    ],
)

fair_race = Choice(
    title="a fair race",
    truth="C",
    why="A different seed alone can change the result by more than 0.001. "
    "Several runs of each network show what is more than luck.",
    A="0.001 of 5,000 images is five images. Another seed can reverse the order.",
    B="Then the winner's test accuracy would no longer be a fair estimate. Choose by the validation set.",
    D="A smaller number is no more careful than a larger one. Is there a difference at all?",
    hints=["How many images is 0.001 of 5,000?", "What happens to both accuracies if you change the seed?"],
)

one_change = Report(
    why="One change, two values, and a result for each. Networks like these are improved in steps like this one.",
    hints=[
        "Change `examples`, `epochs_each` or `seed` in the parameters cell, and run the notebook again from there.",
        "Name one network in the table, and its accuracy before and after.",
    ],
    example=("examples", 10000, 30000, "the convolutional network went from 0.968 to 0.984"),
    accuracies=True,
    may_change=("examples", "epochs_each", "seed", "data", "batch_size", "peak"),
    ranges={"peak": (0.0001, 10)},
)

EXERCISES, __getattr__, __dir__ = exercises_of(globals())
