"""Exercises of notebook 8: what a convolution computes, how large it is, and which changes to pictures help."""

import numpy as np

from handwriting.practice.engine import Notebook
from handwriting.practice.exercise_kinds import Choice, Function, Number, Report, Shape

ROW, EDGE = np.array([0, 0, 0, 9, 9, 9, 0, 0]), np.array([-1, 0, 1])


def slide_over(row, weights):
    """Return the right answer: at each place the weighted sum of as many numbers as there are weights."""
    row, weights = np.asarray(row), np.asarray(weights)
    return np.array([row[k : k + len(weights)] @ weights for k in range(len(row) - len(weights) + 1)])


class StrongerNetwork(Notebook):
    slide = Function(
        truth=slide_over,
        why="The same few weights at every place: that is all a convolution is. In two directions it works alike.",
        misconceptions=[
            (
                lambda row, weights: np.convolve(row, weights, "valid"),
                "Your weights run backwards. `np.convolve` turns them round, as mathematicians do; networks do not.",
            ),
            (
                lambda row, weights: slide_over(row, weights)[:-1],
                "The last place is missing: there are `len(row) - len(weights) + 1` of them.",
            ),
            (
                lambda row, weights: slide_over(row, weights)[:: len(weights)],
                "You jump by the filter's whole length. Move it by one place at a time.",
            ),
            (
                lambda row, weights: slide_over(np.pad(row, len(weights) // 2), weights),
                "You put zeros at both ends first. Here the filter stays within the row, so fewer numbers come out.",
            ),
            (
                lambda row, weights: slide_over(row, np.ones(len(weights))),
                "You add the numbers without their weights. Multiply each with its weight first.",
            ),
        ],
        hints=[
            "At place `k` the filter covers `row[k : k + len(weights)]`.",
            "Multiply these with the weights, one by one, and add: `(part * weights).sum()`.",
            "How often does a filter of 3 fit into a row of 8? At places 0 to 5: that is `8 - 3 + 1` times.",
        ],
        solution="""
            def slide(row, weights):
                places = range(len(row) - len(weights) + 1)
                return np.array([(row[k : k + len(weights)] * weights).sum() for k in places])
        """,
        cases=[
            (ROW, EDGE),
            (np.array([1, 2, 4, 8, 16]), np.array([3, 5])),
            (np.arange(6) ** 2, np.array([1, -2, 1, 4])),
        ],
    )

    map_shape = Shape(
        truth=(14, 14, 32),
        why="A stride of 2 halves both sides, and each of the 32 filters makes a map of its own.",
        misconceptions=[
            ((28, 28, 32), "So it would be with a stride of 1. With a stride of 2 the filter skips every other place."),
            ((14, 14, 1), "Each filter makes a map of its own. How many filters are there?"),
            ((14, 14), "And how many maps of that size are there?"),
            ((14, 14, 5), "5 is how wide a filter is. The third number says how many filters there are."),
            ((12, 12, 32), 'So it would be without zeros around the picture. `padding="same"` adds some.'),
            ((32, 14, 14), "The numbers are right. In Keras the maps come last."),
        ],
        hints=[
            "A stride of 2 means: every second row, every second column.",
            "How many maps come out of 32 filters? Their number stands last.",
        ],
        solution="map_shape = (14, 14, 32)",
    )

    count_weights = Number(
        truth=832,
        why="32 filters with 5 × 5 weights and a bias each: 32 × 26 = 832. The dense layer of notebook 4 has 401,920.",
        misconceptions=[
            (800, "These are the weights. Each filter has a bias as well."),
            (26, "That is one filter, with its bias. There are 32."),
            (25, "That is one filter without its bias. There are 32."),
            (163072, "The weights do not depend on the picture's size: the same filter goes to every place."),
            (627200, "A filter has its 25 weights once, not once for each pixel."),
        ],
        hints=[
            "How many numbers has one filter of 5 × 5 pixels? Add one for its bias.",
            "Multiply by the number of filters.",
        ],
        solution="count_weights = 32 * (5 * 5 + 1)",
    )

    which_change = Choice(
        truth="D",
        why="A mirrored 2 is no 2, and a 6 on its head is a 9. Change only what leaves the label true.",
        misconceptions=[
            ("A", "A moved digit is the same digit: a good change. Which one can make the label wrong?"),
            ("B", "People slant and turn their writing by that much: a good change. Which one makes the label wrong?"),
            ("C", "Some write larger than others: a good change. Which one makes the label wrong?"),
        ],
        hints=[
            "Think of each digit after the change: would you still call it by its name?",
            "What becomes of a 2, a 5, a 7?",
        ],
        solution='which_change = "D"',
    )

    small_at_the_end = Choice(
        truth="B",
        why="Large steps jump around the best place. Small ones at the end settle into it.",
        misconceptions=[
            (
                "A",
                "The pictures stay the same from first to last. What changes is how near the weights are to a good "
                "place.",
            ),
            ("C", "A small step takes as long as a large one: one batch. Think of what it does to the weights."),
            (
                "D",
                "Overfitting depends on how long it trains and on what. Think of the last few steps: "
                "where do they lead?",
            ),
        ],
        hints=[
            "Imagine you look for the lowest place of a valley and can only take steps of ten metres.",
            "How would you get from near the lowest place into it?",
        ],
        solution='small_at_the_end = "B"',
    )

    fair_race = Choice(
        truth="C",
        why="Different seeds alone move the result by a tenth of a percent. "
        "Several runs each show what is more than luck.",
        misconceptions=[
            ("A", "0.001 of 5,000 pictures is five pictures. Another seed can turn that round."),
            ("B", "Then you would choose by the exam. Stay with the validation set."),
            ("D", "Seconds matter too, but first: is there a difference at all?"),
        ],
        hints=["How many pictures is 0.001 of 5,000?", "What happens to both numbers if you change the seed?"],
        solution='fair_race = "C"',
    )

    one_knob = Report(
        why="One knob, two values, and the validation accuracy of both. "
        "That is how every one of these steps was found.",
        hints=[
            "Change `examples`, `epochs_each` or `seed` in the parameters, and run the notebook again from there.",
            "Name one network of the table, and its accuracy before and after.",
        ],
        solution="""one_knob = {
            "knob": "examples",
            "before": 10000,
            "after": 30000,
            "saw": "the convolutional network went from 0.968 to 0.982",
        }""",
        may_change=("examples", "epochs_each", "seed", "data", "batch_size", "peak"),
    )


EXERCISES, __getattr__, __dir__ = StrongerNetwork.exercises(), StrongerNetwork.find, StrongerNetwork.names
