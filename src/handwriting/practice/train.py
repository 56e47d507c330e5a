"""Exercises of notebook 5: steps, gradient descent, when to stop, the whole pipeline, and one change at a time."""

import numpy as np

from handwriting.parameters import HYPERPARAMETERS
from handwriting.practice.engine import exercises_of, in_turn
from handwriting.practice.exercise_kinds import Choice, Function, Number, Order
from handwriting.practice.one_change import Report


def descended(weight, rate, steps):
    """Return the weight after adding `rate` times the slope of (weight - 3)², `steps` times over."""
    for _ in range(steps):
        weight += rate * 2 * (weight - 3)
    return weight


count_steps = Number(
    title="count the steps",
    truth=782,
    why="50,000 / 64 = 781.25. The images that are left over make one more, smaller batch: 782 steps.",
    misconceptions=[
        (781, "The last images do not fill a batch, but they are used, too, in one more step."),
        (781.25, "You cannot take a quarter of a step. The images left over make one more, smaller batch."),
        (50_000, "That would be one step for each image. One step uses a whole batch."),
        (64, "That is how many images one step uses. How many steps are needed for all 50,000?"),
        (3_128, "That is for four epochs. The question is about one."),
    ],
    hints=[
        "One step uses 64 images. How many times does 64 go into 50,000?",
        "50,000 / 64 is not a whole number. What happens to the images that are left over?",
    ],
    solution="count_steps = math.ceil(50000 / 64)",
)

up_or_down = Choice(
    title="up or down?",
    truth="B",
    why="A positive slope means that the loss grows with the weight. Downhill is the other way.",
    A="That would be climbing the hill: a larger weight makes the loss grow. Learning goes downhill.",
    C="There is no need to try: the slope tells you which way is downhill.",
    D="A weight with a negative slope moves, too: up. Only a slope of 0 keeps a weight where it is.",
    hints=[
        "The slope is positive. If the weight becomes a little larger, what does the loss do?",
        "The loss should become smaller. So go against the slope.",
    ],
)

one_step = Number(
    title="one step by hand",
    truth=0.7,
    why="0.5 − 0.1 × (−2) = 0.5 + 0.2 = 0.7. The slope is negative, so the weight goes up.",
    misconceptions=[
        (0.3, "That is a step uphill. Subtract the learning rate times the slope: a minus times a minus is a plus."),
        (2.5, "You used the whole slope. The learning rate scales it: subtract 0.1 times the slope."),
        (-1.5, "You used the whole slope, and went uphill. Subtract 0.1 times the slope."),
        (0.2, "That is how far the weight moves. Where is it after that?"),
        (-0.2, "That is the learning rate times the slope. Subtract it from the weight."),
        (0.4, "That subtracts the learning rate alone. Subtract the learning rate times the slope."),
        (0.6, "That adds the learning rate alone. Subtract the learning rate times the slope."),
    ],
    hints=["New weight = weight − learning rate × slope.", "0.5 − 0.1 × (−2). A minus times a minus is a plus."],
    solution="one_step = 0.5 - 0.1 * -2",
)

descend = Function(
    title="gradient descent in five lines",
    truth=lambda weight, rate, steps: descended(weight, -rate, steps),
    why="Find the slope, take a step against it, and repeat: a large network does the same with all its weights.",
    misconceptions=in_turn(
        lambda weight, rate, steps: descended(weight, rate, steps),
        "Your weight climbs the hill. Subtract the learning rate times the slope.",
        lambda weight, rate, steps: descended(weight, -rate, 1),
        "You take one step, whatever `steps` says. Is the `return` inside the loop?",
        lambda weight, rate, steps: weight - rate * steps * 2 * (weight - 3),
        "You find the slope once and use it for all steps. Find it again after each step, because it changes.",
        lambda weight, rate, steps: descended(weight, -1, steps),
        "Your steps are as large as the slope. Multiply the slope by `rate`.",
        lambda weight, rate, steps: 3.0,
        "3 is where the loss is lowest. Let the steps find this value, from any starting weight.",
        lambda weight, rate, steps: (descended(weight, -rate, steps) - 3) ** 2,
        "That is the loss at the end. Return the weight.",
    ),
    hints=[
        "A loop `for _ in range(steps):` takes the steps. In it, find the slope and change the weight.",
        "In the loop: `weight = weight - rate * 2 * (weight - 3)`. After the loop: `return weight`.",
    ],
    solution="""
        def descend(weight, rate, steps):
            for _ in range(steps):
                slope = 2 * (weight - 3)
                weight = weight - rate * slope
            return weight
    """,
    cases=[(0.0, 0.1, 1), (0.0, 0.1, 50), (5.0, 0.25, 2), (4.0, 1.1, 3)],
)

best_epoch = Function(
    title="when to stop",
    truth=lambda losses: int(np.argmin(losses)) + 1,
    why="The validation loss is lowest in that epoch. "
    "If it rises afterwards, the network only gets better at its training images.",
    misconceptions=in_turn(
        lambda losses: int(np.argmin(losses)),
        "`argmin` counts from 0, but people count epochs from 1: add 1.",
        lambda losses: len(losses),
        "That is the last epoch. More epochs are not always better: look for the lowest loss.",
        lambda losses: int(np.argmax(losses)) + 1,
        "That is the epoch with the *highest* loss. A loss says how wrong the predictions are: low is good.",
        lambda losses: float(np.min(losses)),
        "That is the lowest loss itself. In which epoch was it reached?",
        lambda losses: 1,
        "Your function always returns 1. Look for the index of the lowest loss.",
    ),
    hints=[
        "A loss says how wrong the predictions are. Are you looking for the lowest or the highest value?",
        "`np.argmin(losses)` returns the index of the lowest loss, counted from 0. Epochs are counted from 1.",
    ],
    solution="""
        def best_epoch(losses):
            return int(np.argmin(losses)) + 1
    """,
    cases=[
        ([0.31, 0.22, 0.19, 0.20, 0.24],),
        ([0.9, 0.5, 0.4, 0.3],),
        ([0.2, 0.3, 0.5],),
        ([1.5, 0.8, 0.9, 1.0, 1.1, 1.2],),
        ([0.5, 0.4, 0.45, 0.3, 0.35, 0.32, 0.33],),
    ],
)

pipeline = Order(
    title="the right order",
    truth="DAFBEC",
    why="Load, prepare, build, compile and fit. The test set comes last, once.",
    DA="there is nothing to flatten and scale before the images are loaded.",
    FB="`compile` belongs to a network, so the network must exist first.",
    AE="the network expects vectors of numbers from 0 to 1, so prepare the images before it learns.",
    BE="`fit` needs a loss and an optimizer, and `compile` sets them.",
    EC="before the network has learned anything, the test set would only show blind guessing. "
    "And you use that set only once.",
    hints=[
        "Two steps do not depend on any other, and either may come first. You take the last step only once.",
        "One right order begins with D, A, F.",
    ],
)

more_epochs = Choice(
    title="more epochs?",
    truth="C",
    why="The training loss keeps falling while the validation loss rises: the network memorizes its training images.",
    A="More epochs lower the *training* loss. On other images, the network is already getting worse.",
    B="Learning works: the training loss falls. Which of the two curves rises?",
    D="The test set plays no part here. It is set aside until the end.",
    hints=[
        "Which of the two curves is measured on images that the network does not learn from?",
        "One curve falls, the other rises: the gap widens. What is the name for that?",
    ],
)

one_change = Report(
    why="One change, two values, and a result for each. The comparison is fair if both results "
    "are validation accuracies: the test set plays no part.",
    hints=[
        "Change one parameter, such as `epochs`, run the notebook again from there, and note the validation accuracy.",
        "Write both accuracies in your sentence. Then change the parameter back and run the notebook again: "
        "notebook 6 uses the last network.",
    ],
    example=("epochs", 4, 1, "the validation accuracy was 0.98 after 4 epochs and 0.97 after 1"),
    accuracies=True,
    may_change=(*HYPERPARAMETERS, "data"),
)

EXERCISES, __getattr__, __dir__ = exercises_of(globals())
