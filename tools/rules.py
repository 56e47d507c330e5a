"""What every notebook of the series keeps to: one small rule each, with the sentence that says what is wrong."""

import ast
import configparser
import json
import re
import statistics
from copy import deepcopy
from itertools import pairwise, zip_longest

from build_notebooks import KERNEL, read_source
from claims import CHOICES, numbers_without_ground, slide_text, wrong_sums
from publish import BADGES, ROOT, badges, read_repository

from handwriting.parameters import PARAMETERS
from handwriting.practice import exercises
from handwriting.practice.overview import MIME as PROGRESS
from handwriting.practice.prediction_texts import PREDICTIONS
from handwriting.results import MIME as RESULT
from workshop.publish.deck import slides_of

RULES = {}
LONGEST, MEDIAN = 15, 4  # lines in a code cell
WIDEST = 100  # characters of a line of parameters
FEWEST, MOST = 15, 160  # words before a code cell
FEWEST_PREDICTIONS, MOST_PREDICTIONS = 2, 5
FOLD = "<details><summary>Compare with your prediction</summary>\n\n"
IMAGE = re.compile(r"<img[^>]*>|!\[(?P<alt>[^\]]*)\]\(")
LINK = re.compile(r"\]\(([^)#]+)(#[^)]*)?\)")
ELSEWHERE = re.compile(r"(?<![\w.])(/(home|root|tmp|work|Users|var|private|mnt|content)/\w|[A-Z]:\\+\w)")
BELITTLING = re.compile(r"\b(just|simply|obviously|of course|trivial|easy|easily)\b", re.IGNORECASE)
#: Words of our own, and those that people in this field use.
PRIVATE_WORDS = {
    r"(?<!bounding )box(es)?": "cell",
    r"knobs?": "parameter or hyperparameter",
    r"slots?": "element, position or index",
    r"look-alikes?": "stand-in",
    r"turn(s|ing|ed)? the weights": "update the weights",
    r"can(not)? be had": "is available, or not",
    r"in the place of": "instead of",
    r"by heart": "memorized",
    r"such an? (network|image)s?": "a network like this",
    r"(?<!there )is no (number|notebook|array)": "is not a number",
}
LOWEST = 0.97  # accuracy of the default network on MNIST; five seeds got 0.977 to 0.981
RAW = re.compile(r"\d\.\d{3,}|\d\.?\d*e[-+]\d+")  # a number that nobody has rounded
DEFAULTS = {"09_new_problem": {"data": "fashion-mnist"}}  # what is new in it
TAGS = {"lean-skip", "nbval-check-output", "nbval-ignore-output", "others-may-start", "parameters", "setup"}
SLIDES = ("slide", "subslide", "-", "notes", "skip")
SLIDE = {"words in the headline": 12, "words below it": 35, "lines of code and what it printed": 6}  # at most
OF_NOTEBOOKS = r"\b(next|this|above|below) cell\b|\bcell (above|below)\b"  # an audience has no cell before it
PARTS = ("# ", "**You will**", "**Time:**", "## Setup", "## Practice", "## What you now know")
PARTS += ("**The most important new words:**",)


def rule(check):
    """Make a function a rule: it takes a notebook and its path, and yields what is wrong."""
    RULES[check.__name__] = check
    return check


def broken_rules(notebook, path):
    """Return everything that is wrong with a notebook, each with the rule's name."""
    return [f"{path.name}: {name}: {fault}" for name, check in RULES.items() for fault in check(notebook, path)]


def code_cells(notebook):
    """Yield the code cells, with their number among them."""
    return enumerate((cell for cell in notebook.cells if cell.cell_type == "code"), start=1)


def outputs(notebook):
    """Yield each output, with its code cell's number."""
    return ((number, output) for number, cell in code_cells(notebook) for output in cell.outputs)


def tags(cell):
    return cell.metadata.get("tags", [])


def predicts(cell):
    """Return the name of the prediction that a cell asks for, or None."""
    found = re.search(r'^predict\("([\w.]+)"\)$', cell.source, re.MULTILINE)
    return found[1] if found and cell.cell_type == "code" else None


def choices(cell):
    """Return the choices below a question: a dict of letter to text."""
    return dict(re.findall(r"^- \*\*\(?(\w)\)?\*\* (.+)$", cell.source, re.MULTILINE))


def prose(notebook):
    """Return the text of all markdown cells and slides."""
    said = (("" if cell.cell_type == "code" else cell.source) + slide_text(cell) for cell in notebook.cells)
    return "\n\n".join(filter(None, said))


@rule
def is_built_from_its_source(notebook, path):
    source = path.parent / "source" / f"{path.stem}.py"
    if not source.is_file():
        yield f"there is no source/{source.name}"
        return
    for key in ("cell_type", "source", "metadata", "id"):
        if [cell[key] for cell in notebook.cells] != [cell[key] for cell in read_source(source).cells]:
            yield f"its cells' {key} differs from source/{source.name}: run `make notebooks`"


@rule
def ran_in_order_on_a_fresh_kernel(notebook, path):
    counts = [cell.execution_count for _, cell in code_cells(notebook)]
    if counts != list(range(1, len(counts) + 1)):
        yield f"the cells were run in the order {counts}"


@rule
def shows_no_error_and_no_log_noise(notebook, path):
    for number, output in outputs(notebook):
        if output.output_type == "error" or output.get("name") == "stderr":
            yield f"code cell {number} stores {output.get('ename', 'stderr')}"


@rule
def keeps_no_widget_state(notebook, path):
    if "widgets" in notebook.metadata:
        yield "the metadata hold widget state, which GitHub refuses"
    for number, output in outputs(notebook):
        if "application/vnd.jupyter.widget-view+json" in output.get("data", {}):
            yield f"code cell {number} stores a widget's view"


@rule
def has_the_series_metadata_and_no_timing(notebook, path):
    expected = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    if notebook.metadata != expected:
        yield f"the metadata are {dict(notebook.metadata)}"
    for number, cell in enumerate(notebook.cells):
        if set(cell.metadata) - {"slideshow", "tags"}:
            yield f"cell {number} has metadata beside tags and slideshow: {sorted(cell.metadata)}"
        if set(tags(cell)) - TAGS:
            yield f"nothing knows the tags {set(tags(cell)) - TAGS} of cell {number}"
        if cell.metadata.get("slideshow", {}).get("slide_type") not in SLIDES:
            yield f"cell {number} does not say what it is in the slides"


@rule
def has_slides_that_can_be_projected(notebook, path):
    sections = [
        cell for cell in notebook.cells if cell.cell_type == "markdown" and cell.source.startswith(("# ", "## "))
    ]
    for cell in sections:
        if not {"words", "headline"} & cell.metadata.get("slideshow", {}).keys() and "## Setup" not in cell.source:
            yield f"no slide has words for the section {cell.source.splitlines()[0]}"
    for slide in slides_of(deepcopy(notebook)):
        counts = (len(slide.headline.split()), len(slide.words), len(slide.lines))
        for (what, most), count in zip(SLIDE.items(), counts, strict=True):
            if not 0 < count <= most and (count or what == "words in the headline"):
                yield f'the slide "{slide.headline}" has {count} {what}; at most {most}'
        if sum(cell.cell_type == "code" and not cell.source and len(cell.outputs) for cell in slide.cells) > 1:
            yield f'the slide "{slide.headline}" has more than one figure'
        if not re.search(r"\? \S", slide.asked):
            yield f'the slide "{slide.headline}" has no question that will come, with an answer'
        for found in re.finditer(OF_NOTEBOOKS, slide.text, re.IGNORECASE):
            yield f'the slide "{slide.headline}" says "{found[0]}"'


@rule
def names_no_place_of_one_machine(notebook, path):
    for number, cell in enumerate(notebook.cells):
        stored = json.dumps(cell.get("outputs", []))
        # An encoded image may have any letters.
        stored = re.sub(r'"image/\w+": "[^"]*"|base64,[^"]*', "", stored)
        found = ELSEWHERE.search(cell.source) or ELSEWHERE.search(stored)
        if found:
            yield f"cell {number} names {found[0]}"


@rule
def describes_every_image(notebook, path):
    for number, output in outputs(notebook):
        data, about = output.get("data", {}), output.get("metadata", {})
        for kind in data:
            if kind.startswith("image/") and not about.get(kind, {}).get("alt"):
                yield f"code cell {number} stores {kind} without a description"
        yield from (f"code cell {number}: {fault}" for fault in images_without_alt(data.get("text/html", "")))
    yield from images_without_alt(prose(notebook))


def images_without_alt(text):
    """Yield a sentence for each image in HTML or markdown without a description."""
    for found in IMAGE.finditer(text):
        if not (found["alt"] or re.search(r'alt="[^"]+"', found[0])):
            yield f"no description: {found[0][:60]}"


@rule
def has_short_cells(notebook, path):
    lengths = [len(cell.source.splitlines()) for _, cell in code_cells(notebook)]
    for number, length in enumerate(lengths, start=1):
        if length > LONGEST:
            yield f"code cell {number} has {length} lines; {LONGEST} at most"
    body = [
        sum(bool(line.strip()) for line in cell.source.splitlines())
        for _, cell in code_cells(notebook)
        if not {"setup", "parameters"} & set(tags(cell))
    ]
    if body and statistics.median(body) > MEDIAN:
        yield f"the median code cell has {statistics.median(body)} lines; {MEDIAN} at most"


@rule
def makes_no_name_from_itself(notebook, path):
    for number, cell in code_cells(notebook):
        made = set()
        for one in statements(ast.parse(cell.source).body):
            if isinstance(one, (ast.Assign, ast.AugAssign)):
                targets = one.targets if isinstance(one, ast.Assign) else [one.target]
                changed = {name for target in targets for name in names_in(target)}
                for name in sorted((changed & names_in(one.value if isinstance(one, ast.Assign) else one)) - made):
                    yield f"code cell {number} makes {name} from itself: a second run gives another result"
                made |= changed
            elif isinstance(one, (ast.For, ast.With)):
                made |= names_in(getattr(one, "target", None) or one.items[0])


def names_in(node):
    """Return the names in a part of a program."""
    return {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}


def statements(body):
    """Yield the statements of a cell, with those inside loops and conditions, without those of functions."""
    for one in body:
        if not isinstance(one, (ast.FunctionDef, ast.ClassDef)):
            yield one
            yield from statements([*getattr(one, "body", []), *getattr(one, "orelse", [])])


@rule
def says_something_before_each_cell(notebook, path):
    words = 0
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            words += len(cell.source.split())
            continue
        if predicts(cell):  # its question is above, and the cell that answers it below
            continue
        if "parameters" not in tags(cell) and "setup" not in tags(cell) and not FEWEST <= words <= MOST:
            first = cell.source.splitlines()[0]
            yield f"{words} words before the cell `{first}`; between {FEWEST} and {MOST}, please"
        words = 0


@rule
def has_all_parts_in_order(notebook, path):
    text = "\n" + prose(notebook)
    places = [text.find(f"\n{part}") for part in PARTS]
    for part, place in zip(PARTS, places, strict=True):
        if place < 0:
            yield f'there is no "{part}"'
    if -1 not in places and places != sorted(places):
        yield f"the parts do not stand in the order {', '.join(PARTS)}"


@rule
def answers_each_prediction(notebook, path):
    asked = []
    for place, cell in enumerate(notebook.cells):
        name = predicts(cell)
        if not name:
            if "**Predict" in cell.source and not predicts(notebook.cells[place + 1]):
                yield f"a prediction has no cell to choose in: {cell.source.partition('**Predict')[2][:60]}"
            continue
        asked.append(name)
        right, others = PREDICTIONS.get(name, ("", {}))
        if list(choices(notebook.cells[place - 1])) != sorted([right, *others]):
            yield f"{name} has the choices {list(choices(notebook.cells[place - 1]))}"
        after = next((later.source for later in notebook.cells[place + 1 :] if later.cell_type == "markdown"), "")
        if not after.startswith(f"{FOLD}**It is ({right})"):
            yield f"what follows {name} does not begin with its answer, folded: {after[:60]}"
    expected = [name for name in PREDICTIONS if name.partition(".")[0] == path.stem[3:]]
    if asked != expected:
        yield f"it asks for {asked}; there are {expected}"
    if not FEWEST_PREDICTIONS <= len(asked) <= MOST_PREDICTIONS:
        yield f"it asks for {len(asked)} predictions; between {FEWEST_PREDICTIONS} and {MOST_PREDICTIONS}, please"


@rule
def has_the_right_choice_at_its_letter(notebook, path):
    keys = {name: right for name, (right, _) in PREDICTIONS.items()}
    keys |= {name: exercise.truth for name, exercise in exercises().items() if hasattr(exercise, "letters")}
    for before, cell in pairwise(notebook.cells):
        checked = re.search(r"^practice\.(\w+)\.check\(", cell.source, re.MULTILINE)
        name = predicts(cell) or (checked and f"{path.stem[3:]}.{checked[1]}")
        if name not in keys:
            continue
        right = CHOICES[name].split(" | ")
        found = [{letter for letter, text in choices(before).items() if words in text} for words in right]
        if found != [{letter} for letter in keys[name]]:
            yield f'the answer to {name} is {keys[name]}, but "{CHOICES[name]}" is at {found}'


@rule
def says_no_number_without_ground(notebook, path):
    for words in numbers_without_ground(notebook):
        yield f"no output shows the last number of: {words} (a fact from elsewhere belongs into claims.py)"


@rule
def adds_up(notebook, path):
    for words in wrong_sums(prose(notebook)):
        yield f"a sum is wrong: {words}"


@rule
def numbers_its_exercises(notebook, path):
    numbers = [int(number) for number in re.findall(r"\*\*Exercise (\d+):", prose(notebook))]
    asked = [name for name in exercises() if name.partition(".")[0] == path.stem[3:]]
    if numbers != list(range(1, len(asked) + 1)):
        yield f"its exercises are numbered {numbers}, and there are {len(asked)}"


@rule
def stores_the_number_of_all_exercises(notebook, path):
    for _, output in outputs(notebook):
        stored = output.get("data", {}).get(PROGRESS)
        counted = f"0 of {len(exercises())} exercises done."
        if stored and (set(stored["states"]) != set(exercises()) or counted not in output.data["text/plain"]):
            yield "the exercises that it lists are not those of today: build it anew"


@rule
def stores_a_network_that_learned(notebook, path):
    stored = [output.data[RESULT] for _, output in outputs(notebook) if RESULT in output.get("data", {})]
    for stage, name in (("train", "validation_accuracy"), ("evaluate", "test_accuracy")):
        reached = [result.get(name, 0) for result in stored if result.get("stage") == stage]
        if len(reached) != path.stem.endswith(f"_{stage}") or any(score < LOWEST for score in reached):
            yield f"its {name} is {reached}; one is expected, on MNIST at least {LOWEST}"


@rule
def says_no_word_twice(notebook, path):
    for found in re.finditer(r"\b([a-z]{2,}) \1\b", prose(notebook)):
        yield f'"{found[0]}"'


@rule
def speaks_the_fields_words(notebook, path):
    for private, word in PRIVATE_WORDS.items():
        for found in re.finditer(rf"\b{private}\b", prose(notebook), re.IGNORECASE):
            yield f'"{found[0]}" is our own; people in this field say: {word}'


@rule
def steps_down_headings_one_at_a_time(notebook, path):
    without_code = re.sub(r"```.*?```", "", prose(notebook), flags=re.DOTALL)
    levels = [len(marks) for marks in re.findall(r"^(#+) ", without_code, re.MULTILINE)]
    if levels[:1] != [1] or levels.count(1) > 1:
        yield "it needs one heading of the first level, at the top"
    for before, after in pairwise(levels):
        if after > before + 1:
            yield f"a heading of level {after} follows one of level {before}"


@rule
def opens_with_the_series_setup_cell(notebook, path):
    setups = [cell for _, cell in code_cells(notebook) if "setup" in tags(cell)]
    first = read_source(ROOT / "notebooks" / "source" / "01_load.py")
    expected = next(cell.source for cell in first.cells if "setup" in tags(cell))
    if [cell.source for cell in setups] != [expected]:
        yield "the setup cell differs from 01_load's"
    elif notebook.cells[[cell.cell_type for cell in notebook.cells].index("code")] is not setups[0]:
        yield "the setup cell is not the first code cell"


@rule
def has_plain_parameters(notebook, path):
    cells = [cell for _, cell in code_cells(notebook) if "parameters" in tags(cell)]
    if len(cells) != 1:
        yield f"it has {len(cells)} cells tagged parameters"
        return
    names = re.findall(r"^(\w+) =", cells[0].source, re.MULTILINE)
    wanted = "\n".join(parameter_line(name, path.stem) for name in names if name in PARAMETERS)
    for line, right in zip_longest(cells[0].source.splitlines(), wanted.splitlines(), fillvalue=""):
        if line != right or len(line) > WIDEST:
            yield f"the line `{line}` must be `{right}`, of at most {WIDEST} characters"


def parameter_line(name, stem):
    """Return the line of a parameter: a form in Colab, and in papermill's help what it is for."""
    parameter = PARAMETERS[name]
    default = DEFAULTS.get(stem, {}).get(name, parameter.default)
    start = f"{name} = {json.dumps(default)}  # @param "
    if parameter.open:  # too many choices for one line with words, and "auto" is for the usual data
        choices = [choice for choice in parameter.choices if choice != "auto" or default == "auto"]
        return f"# {parameter.help}\n{start}{json.dumps(choices, separators=(',', ':'))} {{allow-input: true}}"
    if parameter.choices:
        return f"{start}{json.dumps(parameter.choices)} # {parameter.help}"
    form = {int: "integer", float: "number", str: "string"}[type(parameter.default)]
    span = f"{parameter.range}: " if parameter.range else ""
    return f'{start}{{type:"{form}"}} # {span}{parameter.help}'


@rule
def links_lead_somewhere(notebook, path):
    for target, _ in LINK.findall(prose(notebook)):
        if not target.startswith("https://") and not (path.parent / target).is_file():
            yield f"there is no {target}"


@rule
def opens_where_its_buttons_say(notebook, path):
    expected = badges(read_repository(), path.stem)
    found = [line for line in prose(notebook).splitlines() if BADGES in line]
    if found != [expected]:
        yield "the line with the buttons is not the one for this notebook: run `python tools/publish.py`"


@rule
def belittles_nobody(notebook, path):
    for found in BELITTLING.finditer(prose(notebook)):
        yield f'"{found[0]}" tells a reader who does not find it so to feel stupid'


@rule
def stores_what_it_shows(notebook, path):
    for number, cell in code_cells(notebook):
        shows = re.search(r"\b(print|show_\w+)\(", cell.source) or "nbval-check-output" in tags(cell)
        if shows and not cell.outputs:
            yield f"code cell {number} stores no output, so nothing can be compared"


@rule
def compares_enough_without_mnist(notebook, path):
    checked = sum("nbval-check-output" in tags(cell) for _, cell in code_cells(notebook))
    if checked == 0:
        yield "no cell is tagged nbval-check-output: without MNIST nothing would be compared"


@rule
def compares_no_number_that_depends_on_the_processor(notebook, path):
    sanitize = configparser.RawConfigParser()
    sanitize.read(ROOT / "tests" / "sanitize.cfg", encoding="utf-8")
    for number, cell in code_cells(notebook):
        if {"nbval-ignore-output", "nbval-check-output"} & set(tags(cell)):
            continue  # not compared, or the same for any data, so that nothing trained is in it
        for output in cell.outputs:
            shown = output.get("text") or "\n".join(
                text for kind, text in output.get("data", {}).items() if kind.startswith("text/")
            )
            for name in sanitize.sections():
                shown = re.sub(sanitize[name]["regex"], "", shown)
            for found in RAW.finditer(shown):
                yield f"code cell {number} stores {found[0]}: print two digits, so that any processor shows the same"


@rule
def was_built_on_mnist(notebook, path):
    text = "".join("".join(output.get("text", "")) for _, output in outputs(notebook))
    wanted = "Fashion-MNIST" if path.stem == "09_new_problem" else "MNIST"
    if f"Data: {wanted}," not in text:
        yield f"its outputs are not from {wanted}"
