"""Exercises of notebook 4: counting weights, ReLU, softmax by hand, the loss, and blind guessing."""

import numpy as np

from handwriting.practice.engine import exercises_of, in_turn
from handwriting.practice.exercise_kinds import Array, Choice, Function, Number
from handwriting.practice.one_change import Report

SUMS = np.array([-3.0, 0.5, 2.0, -0.1])


def softmax_of(scores):
    """Return the right answer; subtracting the largest score changes nothing, but avoids an overflow."""
    powers = np.exp(np.asarray(scores, dtype=float) - np.max(scores))
    return powers / powers.sum()


count_weights = Number(
    title="count the weights",
    truth=50_890,
    why="784 × 64 + 64 = 50,240 in the hidden layer and 64 × 10 + 10 = 650 in the output layer make 50,890.",
    misconceptions=[
        (50_816, "You have all the weights, but no biases: there is one for each hidden unit and each output."),
        (50_176, "That is 784 × 64. Each unit also has a bias, and the output layer has weights, too."),
        (50_240, "That is the hidden layer. Add the output layer."),
        (50_826, "Of the biases, you counted only those of the output layer. Each hidden unit has one, too."),
        (50_880, "Of the biases, you counted only those of the hidden layer. Each of the ten outputs has one, too."),
        (407_050, "That is for 512 hidden units. This network has 64."),
        (401_920, "That is the hidden layer with 512 units. This one has 64, and there is an output layer as well."),
    ],
    hints=[
        "Each unit has one weight for each of its inputs, and one bias.",
        "The hidden layer has 64 units with 784 inputs; the output layer has 10 units with 64 inputs.",
        "(784 × 64 + 64) + (64 × 10 + ...): what is missing?",
    ],
    solution="count_weights = (784 * 64 + 64) + (64 * 10 + 10)",
)

after_relu = Array(
    title="ReLU by hand",
    truth=np.maximum(SUMS, 0),
    why="Numbers below zero become 0, and the others stay as they are, each at its own position.",
    misconceptions=[
        (np.abs(SUMS), "You changed the sign of the negative numbers. ReLU makes them 0."),
        (
            np.minimum(SUMS, 0),
            "You kept the negative numbers and made the others 0. It should be the other way round: use `np.maximum`.",
        ),
        (SUMS[SUMS > 0], "You removed the negative numbers. ReLU makes them 0, so there are still four numbers."),
        (SUMS, "Nothing has changed: there are still negative numbers."),
        (np.array([0, 1, 1, 0]), "You wrote down *which* numbers are positive. Positive numbers keep their value."),
        (2.0, "That is the largest of the four numbers. ReLU looks at each number separately."),
    ],
    hints=[
        "Look at each number: is it below zero?",
        "`np.maximum(..., 0)` takes the larger of each number and 0.",
    ],
    solution="after_relu = np.maximum([-3.0, 0.5, 2.0, -0.1], 0)",
)

softmax_by_hand = Function(
    title="softmax by hand",
    truth=softmax_of,
    why="`np.exp` makes all the scores positive. Dividing them by their sum makes them add up to 1.",
    misconceptions=in_turn(
        lambda scores: np.asarray(scores) / np.sum(scores),
        "You divided the scores by their sum. A negative score gives a negative result: use `np.exp` first.",
        lambda scores: np.exp(scores),
        "All the results are positive, but they do not add up to 1 yet. Divide by their sum.",
        lambda scores: (np.asarray(scores) == np.max(scores)).astype(float),
        "You gave everything to the largest score. The others get a share, too: it is a *soft* max.",
        lambda scores: np.exp(scores) / np.max(np.exp(scores)),
        "You divided by the largest power. Then the largest result is 1, and all the results add up to more than 1.",
        lambda scores: np.exp(scores) / len(scores),
        "You divided by the number of scores. Divide by the sum of the powers instead.",
        lambda scores: np.abs(scores) / np.sum(np.abs(scores)),
        "You removed the signs, so a score of -4 counts as much as one of 4. `np.exp` keeps the order.",
    ),
    hints=[
        "There are two steps: make all scores positive, then divide.",
        "`powers = np.exp(scores)` is the first step. What do you divide by, so that the sum becomes 1?",
    ],
    solution="""
        def softmax_by_hand(scores):
            powers = np.exp(scores)
            return powers / powers.sum()
    """,
    cases=[(np.array([2.0, 1.0, -1.0]),), (np.array([0.5, 0.5, 0.5, 1.5]),), (np.array([3.0, -4.0, 1.0, 0.0, 2.5]),)],
)

loss_of_half = Number(
    title="the loss of 50 %",
    truth=float(-np.log(0.5)),
    why="`-np.log(0.5)` is 0.69. Blind guessing (10 % for each class) has a loss of 2.30, more than three times that.",
    misconceptions=[
        (
            float(np.log(0.5)),
            "The logarithm of a number below 1 is negative. The loss changes the sign, so it is never below 0.",
        ),
        (float(-np.log10(0.5)), "That is the logarithm to base 10. The loss uses the natural one: `np.log`."),
        (1.0, "That is the logarithm to base 2. The loss uses the natural one: `np.log`."),
        (0.5, "That is the probability. The loss is its logarithm, with the sign changed."),
    ],
    hints=[
        "Only the probability of the right class counts: 0.5.",
        "Take `np.log` of the right class's probability, and change the sign.",
    ],
    solution="loss_of_half = -np.log(0.5)",
    tolerance=0.006,
)

ten_percent = Choice(
    title="ten percent right",
    truth="C",
    why="Blind guessing among ten classes is right about 10 % of the time, so this network has learned nothing.",
    A="Blind guessing also gets 10 in 100 right. Nothing has been learned yet.",
    B="The network is right as often as a blind guess, not less often.",
    D="Perhaps, but first compare the result with chance: what does 10 % say about what the network has learned?",
    hints=[
        "How often would you be right if you drew one of ten digits out of a hat?",
        "Compare the result with chance, not with 0.",
    ],
)

one_change = Report(
    why="One change, two values, two results. Notebook 5 shows what choices like these do after training.",
    hints=[
        "Set `hidden` in the parameters to another number and run the notebook again from there.",
        "Compare the number of weights that `model.summary()` shows for each value.",
    ],
    example=("hidden", 512, 64, "with 512 units, the network has 407,050 weights and biases; with 64, only 50,890"),
    may_change=("data", "hidden", "activation", "dropout", "optimizer", "learning_rate", "seed"),
)

EXERCISES, __getattr__, __dir__ = exercises_of(globals())
