"""Exercises of notebook 9: names instead of numbers, leakage, and which mistakes matter."""

import numpy as np

from handwriting.practice.engine import Notebook
from handwriting.practice.exercise_kinds import Choice, Function, Number, Report, Shape

CLOTHES = ["Trouser", "Bag", "Coat", "Sandal"]

LETTERS = ["C", "B", "A"]


class NewProblem(Notebook):
    name_of = Function(
        truth=lambda probabilities, names: names[int(np.argmax(probabilities))],
        why="`argmax` gives the place of the highest probability, and the list has a name at that place.",
        misconceptions=[
            (
                lambda probabilities, names: int(np.argmax(probabilities)),
                "That is the place. Which name stands at that place in `names`?",
            ),
            (
                lambda probabilities, names: float(np.max(probabilities)),
                "That is the probability itself. First find out *where* it stands.",
            ),
            (
                lambda probabilities, names: names[int(np.argmin(probabilities))],
                "That is the least probable class. `argmax` finds the place of the highest value.",
            ),
            (
                lambda probabilities, names: sorted(names)[int(np.argmax(probabilities))],
                "The names must stay in their order: each belongs to the probability at the same place.",
            ),
            (
                lambda probabilities, names: names[int(np.argmax(probabilities)) - 1],
                "One place too early. `argmax` counts from 0, and so do lists, so nothing has to be subtracted.",
            ),
        ],
        hints=[
            "At which place of the row stands the highest probability? There is a word for that: `argmax`.",
            "`names[2]` is the name at place 2.",
            "`return names[probabilities.argmax()]`",
        ],
        solution="""
            def name_of(probabilities, names):
                return names[probabilities.argmax()]
        """,
        cases=[
            (np.array([0.1, 0.2, 0.6, 0.1]), CLOTHES),
            (np.array([0.5, 0.3, 0.2]), LETTERS),
            (np.array([0.02, 0.95, 0.01, 0.02]), CLOTHES),
        ],
    )

    count_weights = Number(
        truth=784 * 512 + 512 + 512 * 26 + 26,
        why="401,920 in the hidden layer as before, and 512 × 26 + 26 = 13,338 behind it.",
        misconceptions=[
            (407_050, "That is the network for ten classes. How many outputs has this one?"),
            (784 * 512 + 512 * 26, "Each unit has a bias, too: 512 and 26 more."),
            (784 * 512 + 512 + 512 * 26, "Nearly. The 26 outputs have a bias each, as well."),
            (512 * 26 + 26, "That is the last layer alone. The hidden layer has weights, too."),
        ],
        hints=[
            "Only the last layer changes: 26 outputs in the place of 10.",
            "The hidden layer has 784 × 512 weights and 512 biases.",
            "The last one has 512 × 26 weights and 26 biases. Add all four up.",
        ],
        solution="count_weights = 784 * 512 + 512 + 512 * 26 + 26",
    )

    labels_shape = Shape(
        truth=(30, 3),
        why="Ten of each of three letters make 30 rows, and each row has a slot for each letter.",
        misconceptions=[
            ((45, 3), "Those are all drawings. How many of them are for training?"),
            ((3, 30), "The other way round: one row for each drawing, one slot for each letter."),
            ((30, 10), "Ten slots were for ten digits. How many classes are there now?"),
            ((30,), "That is the shape of the labels as numbers. One-hot, each of them becomes a row."),
            ((10, 3), "Ten of *each* letter."),
        ],
        hints=[
            "One row for each training picture. How many are there?",
            "One slot for each class. How many classes are there?",
        ],
        solution="labels_shape = (30, 3)",
    )

    turned_copies = Choice(
        truth="B",
        why="It was tested on pictures that it nearly knows. First split, "
        "and then make copies of the training part only.",
        misconceptions=[
            ("A", "Perfect results are a reason to look for the mistake. Where do the copies of one drawing lie?"),
            ("C", "A turned letter is no easier to read. Think of where the copies of one drawing lie."),
            ("D", "A large test part makes a result more reliable. What is in it, though?"),
        ],
        hints=[
            "Take one drawing and its five copies. Where do they come to lie in a random split?",
            "Has the network seen something very much like its test pictures?",
        ],
        solution='turned_copies = "B"',
    )

    mushrooms = Choice(
        truth="B",
        why="One number hides two kinds of mistakes, and they do not weigh the same. "
        "The confusion matrix tells them apart.",
        misconceptions=[
            ("A", "A hundredth more says nothing about which mistakes remain."),
            ("C", "The size is a question of how well it works. What happens if it is wrong comes first."),
            ("D", "People who do not know a mushroom leave it alone. The network always answers."),
        ],
        hints=[
            "There are two ways to be wrong here. What does each of them cost?",
            "Which table of notebook 6 shows both?",
        ],
        solution='mushrooms = "B"',
    )

    one_change = Report(
        why="One change, and both results. Mind how few pictures the test has before you call the difference real.",
        hints=[
            "Run the notebook once as it is and note the result. Then change one thing, and run it again from there.",
            "Write both results into your sentence.",
        ],
        solution="""one_change = {
            "knob": "drawings",
            "before": 15,
            "after": 6,
            "saw": "with 15 of each, 15 of the 15 test drawings were right, with 6 of each 4 of 6",
        }""",
        may_change=("epochs", "seed", "drawings", "letters"),
    )


EXERCISES, __getattr__, __dir__ = NewProblem.exercises(), NewProblem.find, NewProblem.names
