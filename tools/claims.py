"""What the series says is right, written down a second time: numbers, sums, and the answers to its questions."""

import math
import re

import numpy as np

#: Numbers in the text that the notebook itself does not print, by their source.
FACTS = {
    "60,000 + 10,000 images, of 28 × 28 pixels from 0 to 255; 5,000 held out": "70,000 55,000 5,000 784 255",
    "sklearn.datasets.load_digits": "1,797",
    "784 × 512 + 512 + 512 × 10 + 10, also rounded": "407,050 400,000",
    "-log(1 / 10)": "2.30",
    "14 × 14 positions of the first filters": "196",
    "QMNIST's labels: test images by students": "5,001",
    "4 epochs of 430 steps": "1,720",
    "QMNIST's labels, counted: writers of the last 5,000 training images": "282 251 31",
    "twelve networks, on MNIST's training images and on the stand-in, split by person and at random": "97.2 97.5 93 96",
    "a sample of the first test images, which is not to be taken": "2,000",
    "notebook 8's race, with seeds 0 to 2": "0.004 0.006 0.02 0.003 0.007",
    "benchmarks/networks.py": "0.978 0.80 0.06 0.980 0.86 0.10 0.989 0.93 0.14 0.994 0.97 0.996 0.3 0.5 0.8",
    "benchmarks/networks.py: a shift of 0.12 of 28 pixels": "3.4",
    "benchmarks/networks.py, on Fashion-MNIST": "91.5",
    "30 images in 40 epochs, 55,000 in 4": "1,200 220,000",
    "notebook 5's second network": "300",
    "notebook 5's network without the bend, with all other values as they are, and seeds 0 and 1": "0.94",
    "said for the sake of argument": "60 99 0.95",
}
NOT_CLAIMED = re.compile(
    r"(?s:```.*?```)|`[^`]*`|\]\([^)]*\)|<!--.*?-->"  # code, addresses
    r"|^- \*\*\(?\w\)?\*\* .*$|^\*\*Exercise \d.*$"  # choices, of which most are wrong; what an exercise supposes
    r"|\b(?:19|20)\d\d\b",  # years
    re.MULTILINE,
)
NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
SHOWN = re.compile(rf"(?<![\w.])(?:{NUMBER})")
CLAIM = re.compile(r"(?<![\w.,§–])(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+\.\d+|\d{3,}|\d+(?= ?%| percent))(?!\w)")
TERM = rf"(?:\(−(?:{NUMBER})\)|{NUMBER})"
TERMS = rf"{TERM}(?: [×/+−] {TERM})+"
SUM = re.compile(rf"(?<![\w.,])({TERMS})(?: = | is )(?:({TERMS}) = )?({NUMBER})")


def value(number):
    """Return a number that is written in a text."""
    return float(number.replace(",", ""))


def shown_numbers(notebook):
    """Return the numbers that a notebook's code cells and their outputs show, as they are written."""
    texts = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            continue
        texts.append(cell.source.replace("_", ""))
        for output in cell.outputs:
            shown = {kind: str(data) for kind, data in output.get("data", {}).items() if kind != "text/html"}
            images = [kind for kind in shown if kind.startswith("image/")]
            shown |= {kind: output.metadata.get(kind, {}).get("alt", "") for kind in images}
            texts += [output.get("text", ""), *shown.values()]
    return set(SHOWN.findall("\n".join(texts)))


def is_shown(claim, percent, shown):
    """Return whether one of the numbers shown is the claimed one: rounded, as a percentage, or in round numbers."""
    decimals, zeros, wanted = len(claim.partition(".")[2]), len(claim) - len(claim.rstrip("0")), value(claim)
    for number in shown:
        precision, found = len(number.partition(".")[2]), value(number)
        if precision >= decimals and round(found, decimals) == wanted and (decimals or not precision):
            return True
        if percent and precision and round(100 * found, decimals) == wanted:
            return True
        if zeros >= 3 and not decimals and round(found, -zeros) == wanted:
            return True
    return False


def numbers_without_ground(notebook):
    """Yield each number of the text that nothing shows, with the words before it."""
    shown, known = shown_numbers(notebook), " ".join(FACTS.values()).split()
    for cell in notebook.cells:
        text = ("" if cell.cell_type == "code" else cell.source) + slide_text(cell)
        text = NOT_CLAIMED.sub(" ", text)
        for found in CLAIM.finditer(text):
            percent = re.match(" ?%| percent", text[found.end() :]) is not None
            if found[0] not in known and not is_shown(found[0], percent, shown):
                yield text[max(0, found.start() - 40) : found.end()].replace("\n", " ")


def slide_text(cell):
    """Return what the slide that begins with a cell says beside the cell's own text, and what is likely to be asked."""
    marks = cell.metadata.get("slideshow", {})
    return "".join(f"\n\n{marks[key]}" for key in ("headline", "words", "asked") if key in marks)


def wrong_sums(text):
    """Yield each sum in a text, such as "28 × 28 = 784", that does not come to what it says."""
    for found in SUM.finditer(text):
        decimals = len(found[3].partition(".")[2])
        for terms in filter(None, found.groups()[:2]):
            result = eval(terms.translate({ord("×"): "*", ord("−"): "-", ord(","): None}))  # noqa: S307
            if round(result, decimals) != value(found[3]):
                yield found[0]


#: Words of the right choice of each question; of the letters to be put in order, all from first to last.
CHOICES = {
    "load.shape": "(60000, 28, 28)",
    "load.counts": "about 6,000",
    "load.why_test_set": "never seen",
    "visualize.pixels": "many different ones",
    "visualize.sharpest": "1",
    "visualize.pixel_200": "is light",
    "prepare.flat": "(60000, 784)",
    "prepare.one_hot": "(60000, 10)",
    "prepare.recipe": "different values | a row with a zero | find out which | set that element | into the table",
    "prepare.why_one_hot": "are names",
    "prepare.which_images": "the validation images",
    "build.softmax": "70 %",
    "build.weights": "400,000",
    "build.half": "four times",
    "build.untrained": "10 %",
    "build.ten_percent": "learned nothing",
    "train.steps": "430",
    "train.slope": "up on one side and down",
    "train.curves": "in the first, by far",
    "train.overfit": "nearly perfect on its 300 images, clearly worse",
    "train.rates": "its steps jump too far",
    "train.up_or_down": "down, because a larger",
    "train.pipeline": "load | flatten | stack | `compile` | `fit` | `evaluate`",
    "train.more_epochs": "overfits",
    "evaluate.test": "about the same",
    "evaluate.sure": "sometimes nearly 100 %",
    "evaluate.writers": "students",
    "evaluate.moved": "half",
    "evaluate.how_sure": "of its ten scores",
    "evaluate.look_again": "compare them on the validation images",
    "own_handwriting.shrunk": "fewer than 15",
    "own_handwriting.letter": "far more than the others",
    "own_handwriting.prepared": "most of them",
    "own_handwriting.look_first": "what her drawings look like",
    "own_handwriting.star": "ten probabilities",
    "stronger_network.schedule": "some of the mistakes",
    "stronger_network.convolutions": "clearly better",
    "stronger_network.augmented": "may fall",
    "stronger_network.which_change": "mirror",
    "stronger_network.small_at_the_end": "jump over",
    "stronger_network.fair_race": "different seeds",
    "new_problem.change": "nothing",
    "new_problem.clothes": "between 85 and 90",
    "new_problem.letters": "nearly all",
    "new_problem.turned_copies": "leakage",
    "new_problem.mushrooms": "poisonous mushrooms the network calls edible",
    "share.page": "about 1 MB",
    "share.rounded": "nearly all stay",
    "share.bad_request": "400 or more",
    "share.saved": "the same names",
    "share.in_order": "the app sends | finds | scales | the server sends | shows",
    "share.status_400": "correct your request",
    "share.private_drawings": "on her own computer",
}

#: The answers of the other exercises, found another way. A function computes it from the data;
#: a pair is the arguments of the student's function, and what it must return for them.
ANSWERS = {
    "load.count_sevens": lambda data: list(data.y_train).count(7),
    "load.slice_shape": np.empty((60, 28, 28))[20:30].shape,
    "load.numbers_per_image": np.empty((28, 28)).size,
    "visualize.pick_threes": lambda data: data.x_train[np.flatnonzero(data.y_train == 3)],
    "visualize.average_image": ([np.array([[[0, 2]], [[4, 4]]])], [[2, 3]]),
    "visualize.subplot_position": (1 * 5) + 3,
    "prepare.flat_length": np.empty((32, 32)).size,
    "prepare.flat_shape": np.empty((5, 28, 28)).reshape(5, -1).shape,
    "prepare.one_hot_by_hand": ([np.array([2, 0]), 3], [[0, 0, 1], [1, 0, 0]]),
    "build.count_weights": sum(np.empty(shape).size for shape in [(784, 64), 64, (64, 10), 10]),
    "build.after_relu": np.maximum([-3, 0.5, 2, -0.1], 0),
    "build.softmax_by_hand": ([np.log([1, 1, 2])], [0.25, 0.25, 0.5]),
    "build.loss_of_half": math.log(2),
    "train.count_steps": len(range(0, 50_000, 64)),
    "train.one_step": 0.7,
    "train.descend": ([0, 0.5, 1], 3),
    "train.best_epoch": ([[3, 1, 2]], 2),
    "evaluate.accuracy_by_hand": ([np.array([1, 2, 3, 4]), np.array([1, 2, 3, 5])], 0.75),
    "evaluate.confusion_by_hand": ([np.array([0, 0, 1]), np.array([0, 1, 1]), 2], [[1, 1], [0, 1]]),
    "evaluate.predicted_class": [0.02, 0.01, 0.05, 0.62, 0.01, 0.03, 0.01, 0.02, 0.21, 0.02].index(0.62),
    "own_handwriting.centre_of_mass": ([np.outer(np.eye(28)[4], np.eye(28)[7])], (4, 7)),
    "own_handwriting.into_the_middle": (14 - 10, 14 - 17),
    "stronger_network.slide": ([np.array([1, 2, 4]), np.array([-1, 1])], [1, 2]),
    "stronger_network.feature_map_shape": (*np.empty((28, 28))[::2, ::2].shape, 32),
    "stronger_network.count_weights": sum(np.empty(shape).size for shape in [(5, 5, 1, 32), 32]),
    "new_problem.name_of": ([np.array([0.1, 0.9]), ["Bag", "Coat"]], "Coat"),
    "new_problem.count_weights": sum(np.empty(shape).size for shape in [(784, 512), 512, (512, 26), 26]),
    "new_problem.labels_shape": (3 * 10, 3),
    "share.page_bytes": np.empty(407_050, np.float16).nbytes,
    "share.read_names": ([{"predictions": [{"names": "4"}, {"names": "2"}]}], "42"),
}
