"""The tables of a report: the best settings, all runs, what was left out, and a file for spreadsheets.

Each function takes the `Runs` that `workshop.reports.read_runs.read_runs` returns, and returns a `Finding`.
"""

import math
from pathlib import Path

import pandas as pd

from handwriting.paths import whole_file
from handwriting.results import peak_memory
from handwriting.text import clean, counted
from workshop.html import render
from workshop.reports.read_runs import MEASURES, shown
from workshop.runs.written import cell

MOST_ROWS = 1000  # more rows than this are of no use on a page; the CSV file has them all
MOST_VARYING = 20  # nor more parameters than this, as columns or charts
#: What the notebook of a report stores for programs: how many runs it found, and so on.
MIME = "application/vnd.handwriting.report+json"
#: How each measure is written in the table of all runs.
FORMATS = {
    "validation_accuracy": ".4f",
    "test_accuracy": ".4f",
    "parameter_count": ",.0f",
    "seconds_to_fit": ",.1f",
    "seconds": ",.1f",
    "peak_memory_mb": ",.0f",
}


class Finding:
    """A sentence that says in numbers what the runs show, a chart or `Table` above it, and facts for programs."""

    def __init__(self, sentence, content=None, facts=None):
        self.sentence, self.content, self.facts = sentence, content, facts

    def __repr__(self):
        return self.sentence

    def _ipython_display_(self):
        from IPython.display import display

        if self.content is not None:
            display(self.content)
        display({"text/plain": self.sentence} | ({MIME: self.facts} if self.facts else {}), raw=True)


class Table:
    """A table for people who see it and for those who hear it.

    Each column is (head, texts), or (head, texts, addresses that these lead to); the first one names the rows.
    """

    def __init__(self, caption, columns, kind="numbers"):
        self.caption, self.kind = caption, kind
        self.heads = [column[0] for column in columns]
        self.rows = list(zip(*(zip(*column[1:], strict=True) for column in columns), strict=True))

    def __repr__(self):
        return self.caption

    def _repr_html_(self):
        return render("workshop.reports", "table.html", table=self)


def words(name):
    """Return the name of a measure or parameter as people read it."""
    return clean(name.replace("_", " "), 40)


def described(values, names, most=4):
    """Return parameters in words: 'hidden 512, epochs 4'."""
    parts = [f"{words(name)} {clean(shown(values[name]), 40)}" for name in names[:most]]
    return ", ".join(parts) + (", …" if len(names) > most else "")


def exact(value, spread=math.nan):
    """Return a measure with four digits, and its spread if that is known."""
    if pd.isna(value):
        return "–"
    return f"{value:.4f}" if pd.isna(spread) else f"{value:.4f} ± {spread:.4f}"


def column(frame, name):
    """Return a column for a `Table`: the values of a parameter, or a measure in its format."""
    if name in FORMATS:
        return words(name), ["–" if pd.isna(value) else format(value, FORMATS[name]) for value in frame[name]]
    return words(name), [clean(shown(value), 40) for value in frame[name]]


def links(runs, head, places):
    """Return a column for a `Table`: what tells the names of runs apart, as links to their notebooks."""
    parts = runs.table["run"].str.split("[,/]", regex=True)
    shared = set.intersection(*map(set, parts)) if len(parts) > 1 else set()
    names = parts.map(lambda one: ", ".join(part for part in one if part not in shared))
    names = names if names.is_unique else runs.table["run"]
    return head, [clean(name, 80) for name in names[places]], runs.links[places]


def best(runs, count=10):
    """Show the best settings, ranked by validation accuracy, with the test accuracy beside it."""
    first = runs.settings.head(count)
    columns = [("rank", range(1, len(first) + 1)), *(column(first, name) for name in runs.varying[:MOST_VARYING])]
    for measure in dict.fromkeys([runs.measure, "test_accuracy"]):
        columns.append((words(measure), map(exact, first[measure], first[f"{measure} spread"])))
    examples = runs.setting.drop_duplicates().sort_values().index[:count]
    columns += [("seeds", first["runs"]), column(first, "seconds_to_fit"), links(runs, "notebook", examples)]
    ranked = f"The best {len(first)} of {len(runs.settings):,} settings"
    caption = f"{ranked if len(runs.settings) > 1 else 'The one setting'}, by {words(runs.measure)}"
    return Finding(best_in_words(runs), Table(caption, columns))


def best_in_words(runs):
    first = runs.settings.iloc[0]
    mean, spread = first[runs.measure], first[f"{runs.measure} spread"]
    if pd.isna(mean):
        return "No run has an accuracy to rank by."
    seeds = ", from one seed" if pd.isna(spread) else f" over {first['runs']} seeds"
    text = f"The best {words(runs.measure)} is {exact(mean, spread)}{seeds}"
    text += f", with {described(first, runs.varying)}." if runs.varying else "."
    if runs.measure == "test_accuracy":
        text += (
            " No run has a validation accuracy, so the test set chose this one, and its accuracy is a little too high."
        )
    elif pd.notna(first["test_accuracy"]):
        text += f" Its test accuracy is {exact(first['test_accuracy'])}."
    lead = mean - runs.settings[runs.measure].get(1, math.nan)
    if pd.isna(lead):
        return text
    if pd.isna(spread):
        return f"{text} It leads the second by {lead:.4f}; with one seed, that may be luck."
    luck = "more" if lead > spread else "not more"
    return f"{text} It leads the second by {lead:.4f}, {luck} than the spread over its seeds."


def all_runs(runs, most=MOST_ROWS):
    """Show all runs, or the best of them, with a link to the notebook of each."""
    first = runs.best_first().head(most)
    parameters = [*runs.varying[:MOST_VARYING], *(["seed"] if "seed" in runs.names else [])]
    measures = [name for name in FORMATS if first[name].notna().any()]
    columns = [links(runs, "run", first.index), *(column(first, name) for name in [*parameters, *measures])]
    sentence = f"All {len(runs):,} runs, the best setting first." if len(runs) > 1 else "There is one run."
    if len(first) < len(runs):
        sentence = f"The best {len(first):,} of {len(runs):,} runs. The file results.csv has them all."
    if len(runs.varying) > MOST_VARYING:
        sentence += f" The table shows {MOST_VARYING} of {len(runs.varying)} parameters; results.csv has them all."
    return Finding(sentence, Table("Runs and their results", columns))


def left_out(runs, most=MOST_ROWS):
    """Show what was not used, and why."""
    reasons = [(name, f"counted once: {kept} has the same data and parameters") for name, kept in runs.duplicates]
    rows = [*runs.skipped, *reasons]
    if not rows:
        return Finding("Nothing was skipped.")
    what, why = zip(*((clean(name, 200), clean(reason, 300)) for name, reason in rows[:most]), strict=True)
    sentence = f"Skipped: {len(runs.skipped):,}. Left out as duplicates: {len(runs.duplicates):,}."
    if len(rows) > most:
        sentence += f" The table shows the first {most:,} of them."
    return Finding(sentence, Table("Notebooks and runs left out", [("what", what), ("why", why)], "words"))


def write_csv(runs, path):
    """Write all runs as a table for spreadsheets and programs: a row per run, a column per parameter and measure."""
    table = runs.table.astype(object)
    for name in table:
        if name in ("parameter_count", "peak_memory_mb"):
            table[name] = table[name].map("{:.0f}".format, na_action="ignore")
        elif name not in MEASURES:
            table[name] = table[name].map(cell)
    with whole_file(path) as part:
        table.rename(columns=cell).to_csv(part, index=False, lineterminator="\r\n", encoding="utf-8")
    sentence = f"{Path(path).name}: {counted(len(table), 'row')} and {len(table.columns)} columns."
    counts = {"runs": len(runs), "settings": len(runs.settings), "skipped": len(runs.skipped)}
    return Finding(sentence, facts=counts | {"duplicates": len(runs.duplicates), "memory_mb": peak_memory()})
