"""Exercises of notebook 1: counting, shapes, slices, and why there is a test set."""

from handwriting.practice.engine import exercises_of, in_turn
from handwriting.practice.exercise_kinds import Choice, Number, Shape
from handwriting.practice.one_change import Report

count_sevens = Number(
    title="count the sevens",
    truth=lambda data: int((data.y_train == 7).sum()),
    why="`y_train == 7` has a True for each 7, and `sum` counts the True values.",
    misconceptions=in_turn(
        lambda data: int((data.y_test == 7).sum()),
        "You counted the test set. The training labels are `y_train`.",
        lambda data: int((data.y_train == 7).sum() + (data.y_test == 7).sum()),
        "You counted both sets. The question is about the training set only: `y_train`.",
        lambda data: int((data.y_train != 7).sum()),
        'You counted all the labels that are not 7: `!=` means "not equal".',
        lambda data: 7 * int((data.y_train == 7).sum()),
        "You added up the labels, so each 7 counted as seven. Sum `y_train == 7` instead: each True counts as 1.",
        lambda data: len(data.y_train),
        "That counts all the labels. `len` does not look at what they are; `sum` counts the True values.",
        lambda data: int(data.y_train[7]),
        "That is the label of the image at index 7. Count all the labels that are 7.",
    ),
    hints=[
        "Compare all training labels with 7 at once, with two equals signs. You get a True or a False for each.",
        "True counts as 1 and False as 0, so `.sum()` of the comparison is the number of True values.",
        "Write `(y_train == ...).sum()`, with the digit instead of the dots.",
    ],
    solution="count_sevens = int((y_train == 7).sum())",
    needs_data=True,
)

slice_shape = Shape(
    title="the shape of a slice",
    truth=(10, 28, 28),
    why="The slice starts at 20 and stops before 30, so it has ten images, and each is still 28 by 28.",
    misconceptions=[
        ((11, 28, 28), "A slice stops before the second number. Its indices are 20, 21 ... 29: count them again."),
        ((30, 28, 28), "30 is where the slice ends, not how many images it has. It starts at 20."),
        (
            (28, 28),
            "That is the shape of one image. The slice still holds several images, so their number comes first.",
        ),
        (10, "That is the number of images. The shape also says how large each of them is."),
        ((10, 784), "The number of pixels is right, but each image still has its 28 rows and 28 columns."),
    ],
    hints=[
        "This slice picks images, along the first direction. The other two directions do not change.",
        "How many whole numbers are there from 20 to 29? The other two numbers of the shape are both 28.",
    ],
    solution="slice_shape = (10, 28, 28)",
)

numbers_per_image = Number(
    title="how many numbers?",
    truth=784,
    why="28 rows with 28 pixels each: 28 × 28 = 784. You will meet this number in every notebook.",
    misconceptions=[
        (56, "You added. Each of the 28 rows has 28 pixels, so multiply."),
        (28, "That is one row of the image. There are 28 rows."),
        (47_040_000, "That is the number of pixels in all 60,000 training images. The question is about one image."),
        (255, "255 is the largest value that a pixel can have. How many pixels are there?"),
    ],
    hints=["An image has 28 rows. How many pixels are there in one row?", "Multiply rows by columns: 28 × 28."],
    solution="numbers_per_image = 28 * 28",
)

why_test_set = Choice(
    title="why a test set?",
    truth="B",
    why="Only images that the computer has never seen show whether it learned to recognize digits or memorized images.",
    A="More images to learn from would help, but the computer never learns from the test images. What are they for?",
    C="Both sets are meant to be equally hard. What matters is that the computer has never seen the test images.",
    D="Then the test set has helped you choose, and its score is no longer a fair estimate. "
    "Notebook 3 sets other images aside for choosing.",
    hints=[
        "Think of an exam. What would it prove if the questions were known beforehand?",
        "The test set is used once, at the very end, on a program that has learned from other images.",
    ],
)

one_change = Report(
    why="You changed one thing and said what you saw with both values, so others can try the same.",
    hints=[
        "This notebook has one parameter, `data`. Run the notebook as it is, then with another value.",
        "Compare something that the notebook shows: the count of one class, the first label, a shape.",
    ],
    example=("data", "auto", "fashion-mnist", "class 1 has 6,742 training images in MNIST and 6,000 in Fashion-MNIST"),
    may_change=("data",),
)

EXERCISES, __getattr__, __dir__ = exercises_of(globals())
