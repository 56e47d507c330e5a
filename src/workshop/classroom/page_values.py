"""What the page about a class shows. The template escapes every text: those from notebooks and files could be HTML."""

import re
from base64 import b64encode
from collections import Counter
from io import BytesIO
from math import ceil, floor, log10

from markupsafe import Markup
from PIL import Image

from handwriting.practice.overview import NOTEBOOKS
from handwriting.practice.prediction_texts import PREDICTIONS
from handwriting.text import counted
from workshop.classroom.answers import Asked
from workshop.classroom.one_submission import DATA, stage_of
from workshop.html import render
from workshop.questions import Question, all_questions

IN_GALLERY = 24  # images
FEWEST_NETWORKS = 3  # of which "most got it wrong" says anything
SKIPPED_SHOWN = 200
LEFT, WIDTH = 18, 284  # of the dot plot's axis
COLUMN = 6.4  # width of a stack of dots


def page(submissions, skipped, tests, exercises, names, run=False, note=""):
    """Return the page as HTML.

    `tests` has the `TestSet` of each data set for which the page has a gallery, None for those that are not on this
    machine; `exercises` are those that count; `note` is an element for the page's head.
    """
    runs = [one for one in submissions if not one.copy_of]
    tested = [one for one in runs if one.accuracy is not None]
    asked = [one.asked for one in submissions if one.asked]
    labels = dict.fromkeys(one.data_label for data in DATA for one in submissions_on(tested, data))
    others = submissions_on(tested, "")
    stages = dict.fromkeys(map(stage_of, exercises))
    groups = [group([one for one in tested if one.data_label == label], label) for label in labels]
    return render(
        "workshop.classroom",
        "class.html",
        submissions=submissions,
        copies=[one for one in submissions if one.copy_of],
        skipped=skipped,
        # Without what is quoted from a notebook: it may be a name.
        reasons=Counter(re.sub('".*"', "…", one.reason) for one in skipped).most_common(SKIPPED_SHOWN),
        skipped_shown=SKIPPED_SHOWN,
        only_last=all(one.stages == {"evaluate"} or one.is_empty for one in submissions),
        same_data=len(labels) + bool(others) < 2,
        groups=[*groups, group(others, "")],
        known=len(exercises),
        fewest=FEWEST_NETWORKS,
        exercises=exercise_counts(submissions, exercises),
        predictions=prediction_counts(submissions, stages),
        galleries=[gallery(submissions_on(runs, data), data, test) for data, test in tests.items()],
        asked=together(asked),
        titles={name: exercise_words(name) for name in exercises},
        notebooks=[(number, stage) for number, stage in enumerate(NOTEBOOKS, 1) if stage in stages],
        names=names,
        run=run,
        note=Markup(note),  # noqa: S704 (our own)
        counted=counted,
    )


def together(asked):
    """Return a list of `Asked` as one; None if it is empty."""
    if not asked:
        return None
    agree, otherwise, *counters = zip(*asked, strict=True)
    others = [one for part in otherwise for one in part]
    return Asked(sum(agree), others, *(sum(several, Counter()) for several in counters))


def exercise_words(name):
    """Return where an exercise is in the notebooks, and its title there: "6 evaluate, exercise 4: how sure?"."""
    return f"{notebook_words(stage_of(name))}, exercise {title_of(name)}"


def title_of(name):
    """Return the number and the title of an exercise as `progress()` has them, such as "4: how sure?"."""
    titles = {exercise.name: exercise.title for exercise in NOTEBOOKS[stage_of(name)]}
    return f"{[*titles].index(name) + 1}: {titles[name]}"


def notebook_words(stage):
    return f"{[*NOTEBOOKS].index(stage) + 1} {stage.replace('_', ' ')}"


def plain(markdown):
    """Return markdown without marks but those of code, which the template knows, and without links."""
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", markdown).replace("**", "")


def submissions_on(submissions, data):
    return [one for one in submissions if one.data == data]


def group(submissions, label):
    """Return the accuracies on one data set: a mean across data sets would say nothing."""
    values = [one.accuracy for one in submissions]
    mean = sum(values) / len(values) if label and len(values) > 1 else None
    plot = dot_plot(submissions, mean) if len(values) > 1 else None
    return {"label": label or "other data", "accuracies": values, "mean": mean, "plot": plot}


def ticks(low, high):
    """Return round numbers from below `low` to above `high`, at most six, within 0 and 1."""
    low, high = max(0, min(low, high - 0.0005)), min(1, max(high, low + 0.0005))
    steps = (factor / 10**digits for digits in (4, 3, 2, 1) for factor in (1, 2, 5))
    step = next(step for step in steps if high - low <= 4 * step)
    first, last = floor(low / step + 1e-6), ceil(high / step - 1e-6)
    return [round(place * step, 6) for place in range(first, last + 1)]


def dot_plot(submissions, mean):
    """Return where the marks of the dot plot are, in the units of its `viewBox`."""
    values = [one.accuracy for one in submissions]
    marks = ticks(min(values), max(values))
    digits = max(2, -floor(log10(marks[1] - marks[0]) + 1e-6))

    def x_of(value):
        return LEFT + WIDTH * (value - marks[0]) / (marks[-1] - marks[0])

    stacks = {}
    for one in sorted(submissions, key=lambda one: one.accuracy):
        stacks.setdefault(round((x_of(one.accuracy) - LEFT) / COLUMN), []).append(one)
    tallest = max(map(len, stacks.values()))
    apart = min(COLUMN, 150 / tallest)  # dots of a tall stack overlap
    ground = 28 + apart * tallest
    return {
        "left": LEFT - 6,
        "right": LEFT + WIDTH + 6,
        "ground": ground,
        "ticks": [(x_of(mark), f"{mark:.{digits}f}") for mark in marks],
        "mean_x": None if mean is None else x_of(mean),
        "dots": [
            (LEFT + column * COLUMN, ground - 5 - place * apart, one)
            for column, stack in stacks.items()
            for place, one in enumerate(stack)
        ],
    }


def exercise_counts(submissions, exercises):
    """Return how many "students" show exercises, and "rows" of name, done, not right yet, open for those tried."""
    lists = [one.exercises for one in submissions if one.exercises is not None]
    if not lists:
        return None
    rows, untried = [], {}
    for name in exercises:
        counts = Counter(states.get(name, "open") for states in lists)
        done, wrong = counts["done"], counts["not right yet"]
        if done + wrong:
            rows.append((exercise_words(name), done, wrong, counts["open"]))
        else:
            untried.setdefault(stage_of(name), []).append(title_of(name).replace(": ", " ", 1))
    hardest = sorted((row for row in rows if row[2]), key=lambda row: (-row[2], row[1]))[:5]
    return {"students": len(lists), "rows": rows, "hardest": hardest, "untried": untried}


def prediction_counts(submissions, stages):
    """Return "rows" of each prediction that anybody made, and "unmade", by notebook.

    A row is the question, more words on it, how many students chose, and the choices: the letter, what it says, whether
    it is right, the feedback to the most frequent wrong one, how many chose it first, and last.
    """
    rows, unmade, texts = [], {}, all_questions()
    for name, (right, misses) in PREDICTIONS.items():
        asked = texts.get(name) or Question(name.partition(".")[2].replace("_", " "), "", {})
        chosen = [one.predictions[name] for one in submissions if name in one.predictions]
        if not chosen:
            if stage_of(name) in stages:
                unmade.setdefault(stage_of(name), []).append(plain(asked.headline))
            continue
        first, last = (Counter(letters[place] for letters in chosen) for place in (0, -1))
        most = max(first[letter] for letter in misses) or -1
        leading = {letter: text for letter, text in misses.items() if first[letter] == most}
        letters = sorted([right, *misses])
        says = {letter: plain(text) for letter, text in asked.choices.items()}
        choices = [(one, says.get(one, ""), one == right, leading.get(one), first[one], last[one]) for one in letters]
        question = f"{notebook_words(stage_of(name))}: {plain(asked.headline)}"
        rows.append((question, plain(asked.words), len(chosen), choices))
    return {"rows": rows, "unmade": unmade}


def gallery(submissions, data, test):
    """Return the test images that most networks got wrong; "shown" is None where the data is not on this machine."""
    trusted = [one for one in submissions if one.mistakes and not one.doubts]
    shown = test and [
        {
            "index": index,
            "png": as_png(test.images[index]),
            "label": test.class_names[test.labels[index]],
            "wrong": predictions.total(),
            "predictions": ", ".join(f"{test.class_names[k]} ({n}×)" for k, n in predictions.most_common()),
        }
        for index, predictions in hardest_images(trusted)
        if len(trusted) >= FEWEST_NETWORKS
    ]
    return {"data": data, "label": DATA[data], "networks": len(trusted), "shown": shown}


def hardest_images(submissions):
    """Return (index, Counter of predictions) of the images that two networks or more got wrong, the hardest first."""
    predictions, confidence = {}, Counter()
    for one in submissions:
        for index, prediction, probability in one.mistakes:
            predictions.setdefault(index, Counter())[prediction] += 1
            confidence[index] += probability
    order = sorted(predictions, key=lambda index: (-predictions[index].total(), -confidence[index], index))
    return [(index, predictions[index]) for index in order if predictions[index].total() >= 2][:IN_GALLERY]


def as_png(image):
    png = BytesIO()
    Image.fromarray(image).save(png, "PNG")
    return b64encode(png.getvalue()).decode()
