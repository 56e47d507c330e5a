"""Exercises of notebook 1: counting, shapes, slices, and why there is a test set."""

from handwriting.practice.engine import Notebook
from handwriting.practice.exercise_kinds import Choice, Number, Report, Shape


class Load(Notebook):
    count_sevens = Number(
        truth=lambda data: int((data.y_train == 7).sum()),
        why="`y_train == 7` has a True for each 7, and `sum` counts the True ones.",
        misconceptions=[
            (
                lambda data: int((data.y_test == 7).sum()),
                "You counted the test set. The training labels are `y_train`.",
            ),
            (
                lambda data: int((data.y_train == 7).sum() + (data.y_test == 7).sum()),
                "You counted both parts together. Only the training set is asked for: `y_train`.",
            ),
            (lambda data: int((data.y_train != 7).sum()), "You counted all that are no 7: `!=` means different."),
            (
                lambda data: 7 * int((data.y_train == 7).sum()),
                "You added up the labels: each 7 counted seven times. Sum the True ones of `y_train == 7` instead.",
            ),
            (
                lambda data: len(data.y_train),
                "That is how many labels there are. The length does not look at what they say; "
                "`sum` counts the True ones.",
            ),
            (
                lambda data: int(data.y_train[7]),
                "That is the label of the picture at index 7. All of them are asked for.",
            ),
        ],
        hints=[
            "Compare all training labels with 7 at once: two equal signs. You get a True or a False for each.",
            "True counts as 1 and False as 0, so `.sum()` of the comparison tells how many are True.",
            "Write `(y_train == ...).sum()`, with the digit in the place of the dots.",
        ],
        solution="count_sevens = int((y_train == 7).sum())",
        needs_data=True,
    )

    slice_shape = Shape(
        truth=(10, 28, 28),
        why="From 20 up to, but without, 30 are ten pictures, and each is still 28 by 28.",
        misconceptions=[
            ((11, 28, 28), "The end of a slice does not belong to it: 20, 21 ... 29. Count them once more."),
            ((30, 28, 28), "30 is where the slice ends, not how many pictures it has. It begins at 20."),
            (
                (28, 28),
                "That is one picture. A slice keeps the direction of the pictures, even if it holds few of them.",
            ),
            (10, "That is how many pictures. The shape also says how large each of them is."),
            ((10, 784), "The number of pixels is right, but nobody flattened the pictures yet."),
        ],
        hints=[
            "A slice takes a part along the first direction. The other two stay as they are.",
            "How many whole numbers are there from 20 up to 29? Then comes 28, and 28 again.",
        ],
        solution="slice_shape = (10, 28, 28)",
    )

    numbers_in_picture = Number(
        truth=784,
        why="28 rows with 28 pixels each: 28 × 28 = 784. You will meet this number in every notebook.",
        misconceptions=[
            (56, "You added. Each of the 28 rows has 28 pixels, so the two are multiplied."),
            (28, "That is one row of the picture. There are 28 rows."),
            (47_040_000, "Those are the pixels of all 60,000 training pictures. One picture is asked for."),
            (255, "255 is the largest value that one pixel can have. How many pixels are there?"),
        ],
        hints=["A picture has 28 rows. How many pixels are in one row?", "Multiply: rows times columns, 28 × 28."],
        solution="numbers_in_picture = 28 * 28",
    )

    why_test_set = Choice(
        truth="B",
        why="Only pictures that it has never seen can show whether it learned to read, or learned them by heart.",
        misconceptions=[
            ("A", "More pictures to learn from would help, but these are never learned from. What are they kept for?"),
            ("C", "They are no harder: they were collected in the same way. What matters is that it never saw them."),
            (
                "D",
                "Whoever chooses settings by the test set has looked at the exam. That is what validation pictures do.",
            ),
        ],
        hints=[
            "Think of an exam. What would it prove if the questions were known beforehand?",
            "The test set is used once, at the very end, on a program that has learned from other pictures.",
        ],
        solution='why_test_set = "B"',
    )

    one_knob = Report(
        why="You changed one thing and named what you saw with both values. So others can try the same.",
        hints=[
            "The knob of this notebook is `data`. Run the notebook once with it as it is, and once with another value.",
            "Compare something that the notebook shows: a count of one class, the first label, a shape.",
        ],
        solution="""one_knob = {
            "knob": "data",
            "before": "auto",
            "after": "fashion-mnist",
            "saw": "class 1 has 6,742 training pictures with MNIST and 6,000 with Fashion-MNIST",
        }""",
        may_change=("data",),
    )


EXERCISES, __getattr__, __dir__ = Load.exercises(), Load.find, Load.names
