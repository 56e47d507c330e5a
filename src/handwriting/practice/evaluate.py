"""Exercises of notebook 6: accuracy and the confusion matrix by hand, reading answers, and what a score is worth."""

import numpy as np

from handwriting.practice.engine import Notebook
from handwriting.practice.exercise_kinds import Choice, Function, Number, Report

LABELS, GUESSES = np.array([3, 1, 4, 1, 5, 9, 2, 6]), np.array([3, 1, 4, 7, 5, 4, 2, 6])


def accuracy_of(labels, guesses):
    """Return the right answer: the share of places where both agree."""
    return float(np.mean(np.asarray(labels) == np.asarray(guesses)))


def confusion_of(labels, guesses, classes):
    """Return the right answer: rows are true classes, columns what was read."""
    matrix = np.zeros((classes, classes), dtype=int)
    np.add.at(matrix, (np.asarray(labels), np.asarray(guesses)), 1)
    return matrix


class Evaluate(Notebook):
    accuracy_by_hand = Function(
        truth=accuracy_of,
        why="The share of places where guess and label agree. `mean` of True and False is that share.",
        misconceptions=[
            (
                lambda labels, guesses: int(np.sum(labels == guesses)),
                "That is *how many* are right. The accuracy is the share: divide by how many there are.",
            ),
            (
                lambda labels, guesses: float(np.mean(labels != guesses)),
                "That is the share of mistakes. The accuracy is the share of the right ones.",
            ),
            (
                lambda labels, guesses: 100 * accuracy_of(labels, guesses),
                "That is in percent. Here a share from 0 to 1 is asked for.",
            ),
            (
                lambda labels, guesses: labels == guesses,
                "You have a True or False for each picture. What is the share of the True ones?",
            ),
            (
                lambda labels, guesses: int(accuracy_of(labels, guesses)),
                "You cut off the fraction. `//` and `int` do that; use `/`.",
            ),
            (
                lambda labels, guesses: float(np.mean(np.abs(labels - guesses))),
                "You measured how far apart the numbers are. But they are names: "
                "no wrong digit is nearer than another.",
            ),
        ],
        hints=[
            "Compare first: `labels == guesses` has a True where the network was right.",
            "`sum` counts the True ones. Divide by how many there are; or let `mean` do both.",
        ],
        solution="""
            def accuracy_by_hand(labels, guesses):
                return float((labels == guesses).mean())
        """,
        cases=[
            (LABELS, GUESSES),
            (np.array([7, 2, 1]), np.array([7, 2, 1])),
            (np.array([0, 0, 0, 5]), np.array([8, 6, 0, 3])),
        ],
    )

    confusion_by_hand = Function(
        truth=confusion_of,
        why="One count for each pair: the row is the true class, the column what it was read as.",
        misconceptions=[
            (
                lambda labels, guesses, classes: confusion_of(labels, guesses, classes).T,
                "Rows and columns have changed places. The true class is the row, so it comes first in the brackets.",
            ),
            (
                lambda labels, guesses, classes: confusion_of(labels, labels, classes),
                "You counted the labels only, so everything is on the diagonal. The column is what the network *read*.",
            ),
            (
                lambda labels, guesses, classes: np.minimum(confusion_of(labels, guesses, classes), 1),
                "You set a 1 where a pair occurs. It has to be counted: each time one more, with `+= 1`.",
            ),
            (
                lambda labels, guesses, classes: confusion_of(labels, guesses, classes) / len(labels),
                "Those are shares. The matrix counts pictures.",
            ),
            (
                lambda labels, guesses, classes: np.diag(np.diag(confusion_of(labels, guesses, classes))),
                "You counted the right ones only. The mistakes are the interesting part of it.",
            ),
        ],
        hints=[
            "Start with a square of zeros: `np.zeros((classes, classes), dtype=int)`.",
            "Go through labels and guesses side by side: `for label, guess in zip(labels, guesses):`.",
            "For each pair, add one: `matrix[label, guess] += 1`.",
        ],
        solution="""
            def confusion_by_hand(labels, guesses, classes):
                matrix = np.zeros((classes, classes), dtype=int)
                for label, guess in zip(labels, guesses):
                    matrix[label, guess] += 1
                return matrix
        """,
        cases=[
            (LABELS, GUESSES, 10),
            (np.array([0, 0, 0, 1, 2]), np.array([1, 1, 0, 1, 0]), 3),
            (np.array([2, 2, 1]), np.array([0, 2, 2]), 4),
        ],
    )

    read_answer = Number(
        truth=3,
        why="The largest is 0.62, and it stands at index 3, the fourth place, because counting starts at 0.",
        misconceptions=[
            (4, "You counted from 1. The first place has index 0, so the fourth place is index 3."),
            (0.62, "That is the highest probability itself. *Where* does it stand? That is what `argmax` tells."),
            (8, "There stands the second highest. Look for the highest of all."),
            (9, "That is the last place. `argmax` tells where the highest value stands."),
        ],
        hints=["Which is the largest of the ten numbers?", "Count its place, starting with 0."],
        solution="read_answer = int(np.argmax([0.02, 0.01, 0.05, 0.62, 0.01, 0.03, 0.01, 0.02, 0.21, 0.02]))",
    )

    how_sure = Choice(
        truth="D",
        why="Softmax shares out 100 % among ten classes, whatever the picture shows. A high share is not certainty.",
        misconceptions=[
            ("A", "It would be nice. But softmax only compares the ten classes with each other."),
            ("B", "Nobody measured that. 99 % is what its ten scores give, not how often it is right in such cases."),
            ("C", "It has no slot for that. The ten probabilities sum to 1, even for a cat."),
        ],
        hints=[
            "Could the network say that it has never seen anything like this?",
            "The ten numbers always sum to 1. So who says that the picture shows a digit at all?",
        ],
        solution='how_sure = "D"',
    )

    look_again = Choice(
        truth="B",
        why="Choices belong to the validation set. The test set has had its one look, "
        "and a new verdict needs new pictures.",
        misconceptions=[
            (
                "A",
                "Then you would choose by the test set. Twenty tries, "
                "and the best one is partly luck with these pictures.",
            ),
            ("C", "Then nothing is left that it has never seen, and nobody can tell how well it reads."),
            ("D", "Two or three pictures more or less are chance. And other pictures would be needed to tell."),
        ],
        hints=[
            "Which pictures are there for comparing settings?",
            "What is the test score still worth, when it has helped to choose?",
        ],
        solution='look_again = "B"',
    )

    one_knob = Report(
        why="One knob, two values, and the accuracy of both. You have shown how fragile a good score can be.",
        hints=[
            "Change `right` or `down` where the pictures are moved, and run that box and the next one again.",
            "Write the accuracy of both into your sentence.",
        ],
        solution="""one_knob = {
            "knob": "right",
            "before": 0,
            "after": 2,
            "saw": "accuracy fell from 0.98 to 0.83 when all pictures moved 2 pixels right",
        }""",
        may_change=("right", "down", "true_class", "data"),
    )


EXERCISES, __getattr__, __dir__ = Evaluate.exercises(), Evaluate.find, Evaluate.names
