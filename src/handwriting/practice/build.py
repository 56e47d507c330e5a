"""Exercises of notebook 4: counting weights, ReLU, softmax by hand, the loss, and blind guessing."""

import numpy as np

from handwriting.practice.engine import Notebook
from handwriting.practice.exercise_kinds import Array, Choice, Function, Number, Report

NEGATIVE = np.array([-3.0, 0.5, 2.0, -0.1])


def softmax_of(scores):
    """Return the right answer; the largest score is taken off first, which changes nothing but avoids an overflow."""
    powers = np.exp(np.asarray(scores, dtype=float) - np.max(scores))
    return powers / powers.sum()


class Build(Notebook):
    count_weights = Number(
        truth=50_890,
        why="784 × 64 + 64 = 50,240 in the hidden layer, 64 × 10 + 10 = 650 in the output layer, together 50,890.",
        misconceptions=[
            (50_816, "You have all weights, but forgot the biases: one for each hidden unit, and one for each output."),
            (50_176, "That is 784 × 64. Each unit also has a bias, and the output layer has weights too."),
            (50_240, "That is the hidden layer. The output layer comes on top."),
            (50_826, "You counted the biases of the output layer only. The hidden units have one each, too."),
            (50_880, "You counted the biases of the hidden layer only. The ten outputs have one each, too."),
            (407_050, "That is for 512 hidden units. These are 64."),
            (401_920, "That is the hidden layer for 512 units. These are 64, and there is an output layer."),
        ],
        hints=[
            "Each unit has one weight for each number that it gets, and one bias.",
            "The hidden layer has 64 units that get 784 numbers; the output layer has 10 that get 64.",
            "(784 × 64 + 64) + (64 × 10 + ...): what is missing?",
        ],
        solution="count_weights = (784 * 64 + 64) + (64 * 10 + 10)",
    )

    after_relu = Array(
        truth=np.maximum(NEGATIVE, 0),
        why="What is below zero becomes 0, the rest stays. The places stay the same, too.",
        misconceptions=[
            (np.abs(NEGATIVE), "You turned the sign of the negative ones. ReLU makes them 0."),
            (
                np.minimum(NEGATIVE, 0),
                "You kept the negative ones and cut the others. It is the other way round: `maximum`.",
            ),
            (
                NEGATIVE[NEGATIVE > 0],
                "You threw the negative ones away. They become 0, so that there are still four numbers.",
            ),
            (NEGATIVE, "Nothing happened: there are still negative numbers."),
            (np.array([0, 1, 1, 0]), "You wrote down *which* are positive. Positive numbers keep their value."),
            (2.0, "That is the largest of them. ReLU looks at each number by itself."),
        ],
        hints=[
            "Look at each number: is it below zero?",
            "`np.maximum(..., 0)` takes the larger of the two, place by place.",
        ],
        solution="after_relu = np.maximum([-3.0, 0.5, 2.0, -0.1], 0)",
    )

    softmax_by_hand = Function(
        truth=softmax_of,
        why="`np.exp` makes all of them positive, and dividing by their sum makes them sum to 1.",
        misconceptions=[
            (
                lambda scores: np.asarray(scores) / np.sum(scores),
                "You divided the scores by their sum. Negative ones would give negative shares: `np.exp` comes first.",
            ),
            (lambda scores: np.exp(scores), "All are positive, but they do not sum to 1 yet. Divide by their sum."),
            (
                lambda scores: (np.asarray(scores) == np.max(scores)).astype(float),
                "You gave everything to the highest score. The others keep a share: it is a *soft* max.",
            ),
            (
                lambda scores: np.exp(scores) / np.max(np.exp(scores)),
                "You divided by the largest. Then the largest is 1, and they sum to more than 1.",
            ),
            (
                lambda scores: np.exp(scores) / len(scores),
                "You divided by how many there are. Divide by their sum instead.",
            ),
            (
                lambda scores: np.abs(scores) / np.sum(np.abs(scores)),
                "With the sign gone, a score of -4 counts as much as one of 4. `np.exp` keeps the order.",
            ),
        ],
        hints=[
            "Two steps: make all scores positive, then divide.",
            "`powers = np.exp(scores)` is the first step. What do you divide by, so that the sum becomes 1?",
        ],
        solution="""
            def softmax_by_hand(scores):
                powers = np.exp(scores)
                return powers / powers.sum()
        """,
        cases=[
            (np.array([2.0, 1.0, -1.0]),),
            (np.array([0.5, 0.5, 0.5, 1.5]),),
            (np.array([3.0, -4.0, 1.0, 0.0, 2.5]),),
        ],
    )

    loss_of_half = Number(
        truth=float(-np.log(0.5)),
        why="`-np.log(0.5)` is 0.69. Half for the right class costs about a third of blind guessing among ten, 2.30.",
        misconceptions=[
            (
                float(np.log(0.5)),
                "The logarithm of a number below 1 is negative. The loss turns the sign: it is never below 0.",
            ),
            (float(-np.log10(0.5)), "That is the logarithm to base 10. The loss uses the natural one: `np.log`."),
            (1.0, "That is the logarithm to base 2. The loss uses the natural one: `np.log`."),
            (0.5, "That is the probability. The loss is the logarithm of it, with the sign turned."),
        ],
        hints=["Only the probability of the right class counts: 0.5.", "Take `np.log` of it, and turn the sign."],
        solution="loss_of_half = -np.log(0.5)",
        tolerance=0.006,
    )

    ten_percent = Choice(
        truth="C",
        why="Whoever guesses blindly among ten classes is right one time in ten. That is the mark for zero knowledge.",
        misconceptions=[
            ("A", "Ten in a hundred is what blind guessing gives. There is nothing learned in it yet."),
            ("B", "It is right as often as a blind guess. To be worse than chance, it would have to know something."),
            ("D", "The pictures are fine. The weights are random, so the answers are as well."),
        ],
        hints=[
            "How often is someone right who draws the answer from a hat with ten slips?",
            "Compare with chance, not with 0.",
        ],
        solution='ten_percent = "C"',
    )

    one_knob = Report(
        why="One knob, two values, two results. Whether more weights pay off shows in the next notebook.",
        hints=[
            "Set `hidden` in the parameters to another number and run the notebook again from there.",
            "Compare what `model.summary()` counts for both.",
        ],
        solution="""one_knob = {
            "knob": "hidden",
            "before": 512,
            "after": 64,
            "saw": "with 512 units it has 407,050 weights and biases, with 64 only 50,890",
        }""",
        may_change=("hidden", "activation", "dropout", "optimizer", "learning_rate", "seed", "data"),
    )


EXERCISES, __getattr__, __dir__ = Build.exercises(), Build.find, Build.names
