"""Tables of a report. Texts from notebooks are escaped here, and nowhere else."""

import csv
from html import escape
from pathlib import Path

from handwriting.paths import whole_file
from handwriting.results import peak_memory
from workshop.reports.rows import MEASURES, short
from workshop.reports.runs import DATA, is_there, number, shown

__all__ = ["MIME", "Part", "described", "exact", "show_best", "show_runs", "show_skipped", "words", "write_table"]

#: More rows than this help nobody on a page; the CSV file has them all.
MOST_ROWS = 1000
#: Spreadsheets take a cell that begins so for a formula, and compute it.
FORMULA = tuple("=+-@＝＋－＠")
#: What a report's notebook says to programs: how much it found.
MIME = "application/vnd.handwriting.report+json"


class Part:
    """A part of a report: a figure or a table, and a sentence that says in numbers what it shows.

    Parameters
    ----------
    sentence : str
    html : str
        The figure or table, every text in it escaped.
    figure : matplotlib.figure.Figure, optional
        The figure, to go on with.
    facts : dict, optional
        What to store for programs.
    """

    def __init__(self, sentence, html="", figure=None, facts=None):
        self.sentence, self.html, self.figure, self.facts = sentence, html, figure, facts

    def __repr__(self):
        return self.sentence

    def _repr_mimebundle_(self, include=None, exclude=None):
        bundle = {"text/plain": self.sentence, "text/html": f"{self.html}<p>{escape(self.sentence)}</p>"}
        return bundle | ({MIME: self.facts} if self.facts else {})


def words(name):
    """A measure's or parameter's name as people read it."""
    return short(name.replace("_", " "))


def described(values, names, most=4):
    """Settings in words: 'hidden 512, epochs 4'."""
    told = [f"{words(name)} {short(shown(values.get(name)))}" for name in names[:most]]
    return ", ".join(told) + (", …" if len(names) > most else "")


def exact(value, spread=None):
    """A measure with four digits, and its spread if that is known."""
    if value is None:
        return "–"
    return f"{value:.4f}" + (f" ± {spread:.4f}" if spread is not None else "")


def table(caption, heads, rows, kind="numbers"):
    """An HTML table of "numbers" or "words"; the cells of `rows` are HTML already, the first of each names its row."""
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in heads)
    body = "".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{one}</td>" for one in rest)}</tr>' for first, *rest in rows
    )
    # Wide tables are scrolled, also with the keyboard.
    return (
        f'<div class="wide {kind}" style="overflow-x: auto" role="region" tabindex="0" aria-label="{escape(caption)}">'
        f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def linked(runs, run, link):
    """A run's name, as a link to its notebook."""
    name = escape(short(run.name, 80))
    return f'<a href="{escape(runs.address(run))}">{name}</a>' if link else name


def show_best(runs, count=10, link=True):
    """Show the best settings, ranked by validation accuracy, with the test accuracy beside it.

    Parameters
    ----------
    runs : workshop.reports.runs.Runs
    count : int
        How many.
    link : bool
        Whether to link to a notebook of each.

    Returns
    -------
    Part
    """
    best = runs.settings[:count]
    measures = ["validation_accuracy", "test_accuracy"] if runs.measure == "validation_accuracy" else ["test_accuracy"]
    heads = ["rank", *map(words, runs.varying), *map(words, measures), "seeds", "seconds to fit", "a notebook of it"]
    rows = []
    for place, setting in enumerate(best, 1):
        seconds = setting.mean("seconds_to_fit")
        rows.append(
            [
                str(place),
                *(escape(short(shown(setting.values.get(name)))) for name in runs.varying),
                *(exact(setting.mean(name), setting.spread(name)) for name in measures),
                str(len(setting.runs)),
                "–" if seconds is None else f"{seconds:,.1f}",
                linked(runs, setting.runs[0], link),
            ]
        )
    ranked = f"by {words(runs.measure)}"
    caption = f"The best {len(best)} of {number(len(runs.settings), 'setting')}, {ranked}"
    return Part(best_in_words(runs), table(caption, heads, rows))


def best_in_words(runs):
    """What the table of the best says, in a sentence or three."""
    first = runs.settings[0]
    mean, spread = first.mean(runs.measure), first.spread(runs.measure)
    if mean is None:
        return "No run has an accuracy to rank by."
    which = f", with {described(first.values, runs.varying)}" if runs.varying else ""
    seeds = f" over {len(first.all(runs.measure))} seeds" if spread is not None else ", from one seed"
    text = f"The best {words(runs.measure)} is {exact(mean, spread)}{seeds}{which}."
    if runs.measure != "test_accuracy":
        tested = first.mean("test_accuracy")
        text += f" Its test accuracy is {exact(tested)}." if tested is not None else " It was not tested."
    else:
        text += " No run has a validation accuracy, so this is chosen by the test set, and too good by a little."
    second = runs.settings[1].mean(runs.measure) if len(runs.settings) > 1 else None
    if second is not None:
        text += f" It leads the second by {mean - second:.4f}"
        if spread is None:
            text += "; with one seed, nobody knows whether that is luck."
        else:
            text += f", {'more' if mean - second > spread else 'not more'} than the spread over its seeds."
    return text


def show_runs(runs, most=MOST_ROWS, link=True):
    """Show all runs, or the best of them, with a link to each one's notebook.

    Parameters
    ----------
    runs : workshop.reports.runs.Runs
    most : int
        How many rows at most.
    link : bool
        Whether to link to the notebooks.

    Returns
    -------
    Part
    """
    listed = runs.best_first()[:most]
    names = [*runs.varying, *(["seed"] if "seed" in runs.names else [])]
    digits = {
        "validation_accuracy": ".4f",
        "test_accuracy": ".4f",
        "parameter_count": ",.0f",
        "seconds_to_fit": ",.1f",
        "seconds": ",.1f",
        "peak_memory_mb": ",.0f",
    }
    digits = {name: form for name, form in digits.items() if any(is_there(one, name) for one in listed)}
    rows = [
        [
            linked(runs, one, link),
            *(escape(short(shown(one.settings.get(name)))) for name in names),
            *(format(one.measures[name], form) if is_there(one, name) else "–" for name, form in digits.items()),
        ]
        for one in listed
    ]
    sentence = f"All {len(runs):,} runs, the best setting first." if len(runs) > 1 else "There is one run."
    if len(listed) < len(runs):
        sentence = f"The best {len(listed):,} of {len(runs):,} runs. The file results.csv has them all."
    return Part(
        sentence, table("Runs, with what they measured", ["run", *map(words, names), *map(words, digits)], rows)
    )


def show_skipped(runs, most=MOST_ROWS):
    """Show what was not used, and why.

    Parameters
    ----------
    runs : workshop.reports.runs.Runs
    most : int
        How many rows at most.

    Returns
    -------
    Part
    """
    rows = [(name, reason) for name, reason in runs.skipped]
    rows += [(name, f"counted once: {kept} has the same data and parameters") for name, kept in runs.duplicates]
    if not rows:
        return Part("Nothing was skipped.")
    shown_rows = [[escape(short(name, 200)), escape(short(reason, 300))] for name, reason in rows[:most]]
    sentence = f"Skipped: {len(runs.skipped):,}. Left out as duplicates: {len(runs.duplicates):,}."
    if len(rows) > most:
        sentence += f" The table shows the first {most:,} of them."
    return Part(sentence, table("Notebooks and runs left out", ["what", "why"], shown_rows, "words"))


def write_table(runs, path):
    """Write all runs as a table for spreadsheets and programs: one row per run, one column per parameter and measure.

    Parameters
    ----------
    runs : Runs
    path : path
        Of the CSV file. It is there whole or not at all.

    Returns
    -------
    Part
    """
    fixed = ["run", "notebook", DATA]
    names = [name for name in runs.names if name != DATA]
    taken = {*fixed, *MEASURES}
    header = [*fixed, *(f"parameter {name}" if name in taken else name for name in names), *MEASURES]
    with whole_file(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow([cell(text) for text in header])
        for one in runs:
            values = [one.name, one.notebook, one.settings.get(DATA), *(one.settings.get(name) for name in names)]
            measured = [one.measures[name] if is_there(one, name) else None for name in MEASURES]
            table.writerow([cell(value) for value in values + measured])
    sentence = f"{Path(path).name}: {number(len(runs), 'row')} and {len(header)} columns."
    return Part(sentence, facts=runs.counts() | {"memory_mb": peak_memory()})


def cell(value):
    """A value for a spreadsheet: a text stays a text there, whatever it begins with."""
    if isinstance(value, bool):
        return shown(value)
    if isinstance(value, str) and value.lstrip().startswith(FORMULA):
        return "'" + value
    return value
