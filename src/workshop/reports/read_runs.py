"""All runs below a folder as a table: a row for each run, and one for each setting with the means over its seeds."""

import json
import os
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd

from handwriting.errors import RecordError, UserError
from handwriting.parameters import PARAMETERS
from handwriting.paths import given_path, write_text
from handwriting.results import MIME
from handwriting.text import clean, counted
from workshop.machine import temporary_folder
from workshop.reports.rows import COLUMNS, HIDDEN, LONGEST, MEASURES, home_of_trials, runs_in, tell_apart
from workshop.runs.record import stored_in
from workshop.runs.untrusted_files import find_notebooks, parse

FILES = ("results.csv", "report.ipynb", "report.html")  # what a report consists of; these are not runs
MOST_NAMES = 60  # of parameters that the workshop does not have: each is a column


class Runs:
    """All runs below a folder, made from a row for each run and a list of what was skipped.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per run: "run" (its folder), "notebook", "data", "data_fingerprint", parameters, and measures.
    settings : pandas.DataFrame
        One row per setting (all parameters but the seed), the best first: its parameters, the mean of each measure over
        the seeds, the standard deviation as "test_accuracy spread" and so on, and how many "runs" it has.
    setting : pandas.Series
        For each run, its row in `settings`.
    links, curves : pandas.Series
        For each run, the address of its notebook relative to the folder, and the accuracy after each epoch, on the
        validation images if it was measured on these.
    names : list of str
        The parameters, and "data".
    varying : list of str
        Those in which the runs differ, without the seed.
    measure : str
        What settings are ranked by: the validation accuracy, or the test accuracy if there is no other.
    skipped, duplicates : list of (str, str)
        A notebook or run, and the reason; a run, and the one that is counted.
    """

    def __init__(self, rows, skipped):
        found = {name for row in rows for name in row} - {*COLUMNS, *HIDDEN}
        parameters = [*(name for name in PARAMETERS if name in found), *sorted(found - set(PARAMETERS))]
        header = ["run", "notebook", "data", "data_fingerprint", *parameters, *MEASURES]
        table = pd.DataFrame(rows, columns=[*header, "link", "curve"], dtype=object)
        table = table.astype(dict.fromkeys(MEASURES, float))
        table, self.duplicates = without_duplicates(table, parameters)
        self.table, self.links, self.curves = table[header], table["link"], table["curve"]
        self.skipped = skipped
        self.names = [name for name in ("data", *parameters) if table[name].notna().any()]
        self.varying = [name for name in self.names if name != "seed" and table[name].nunique(dropna=False) > 1]
        self.measure = "validation_accuracy" if table["validation_accuracy"].notna().any() else "test_accuracy"
        without_seed = [name for name in self.names if name != "seed"]
        self.settings, self.setting = by_setting(self.table, without_seed, self.measure)

    def __len__(self):
        return len(self.table)

    def best_first(self):
        """Return the table in another order: the best setting's runs first, and in a setting the best run first."""
        return self.table.iloc[np.lexsort([-self.table[self.measure], self.setting])]

    def __repr__(self):
        text = f"{counted(len(self), 'run')} of {counted(len(self.settings), 'setting')}."
        if self.varying:
            text += f" They differ in: {', '.join(clean(name, 40) for name in self.varying)}."
        if "data" in self.varying:
            text += " They do not all use the same data: compare only those that do."
        if self.skipped:
            text += f" Skipped: {len(self.skipped):,}."
        if self.duplicates:
            text += f" Left out because another run has the same settings and seed: {len(self.duplicates):,}."
        return text


def without_duplicates(table, parameters):
    """Return the table with one run for each data and parameters, that with most measures, and the names left out."""
    if not parameters:  # nothing says that they are the same
        return table, []
    keys = [table[name] for name in ("data", *parameters)]
    kept = table[list(MEASURES)].notna().sum(axis=1).groupby(keys, dropna=False).transform("idxmax")
    kept = kept.where(table[parameters].notna().any(axis=1), table.index)
    dropped = table.index[kept != table.index]
    return table.drop(dropped), list(zip(table["run"][dropped], table["run"][kept[dropped]], strict=True))


def by_setting(table, names, measure):
    """Group runs that differ in nothing but the seed: see `Runs.settings` and `Runs.setting`."""
    groups = table.groupby(names or (lambda row: 0), dropna=False, sort=False)
    measured = groups[list(MEASURES)]
    parts = [measured.mean(), measured.std().add_suffix(" spread"), groups.size().rename("runs")]
    settings = pd.concat(parts, axis=1).reset_index(drop=not names)
    settings = settings.sort_values([measure, "test_accuracy"], ascending=False, kind="stable")
    ranks = pd.Series(range(len(settings)), settings.index)
    return settings.reset_index(drop=True), groups.ngroup().map(ranks)


def shown(value):
    """Return the value of a parameter as people read it."""
    if isinstance(value, str):
        return value
    if pd.isna(value):
        return "–"
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else f"{value:.6g}"


def read_runs(folder="."):
    """Return the `Runs` below a folder of executed notebooks, or an address; UserError if there is no result."""
    return read_together(folder)[0]


def read_together(*folders):
    """Return the `Runs` below each of some folders, in which the same name of data means the same data."""
    read = [rows_below(folder) for folder in folders]
    tell_apart([row for rows, _ in read for row in rows])
    return [Runs(rows, skipped) for rows, skipped in read]


def rows_below(folder):
    """Return a row for each run below a folder or address, and a list of what was skipped, with the reasons."""
    if "://" in os.fspath(folder):
        with local_copy(folder) as copied:
            return rows_below(copied)
    root, name = Path(os.path.realpath(given_path(folder))), clean(os.fspath(folder), LONGEST)
    if not root.is_dir():
        raise UserError(f"{name} is not a folder. Give the folder that `handwriting sweep` or `run` wrote to.")
    places, skipped = find_notebooks(root)
    folders = {}
    for place in sorted(set(places).difference(FILES), key=lambda place: (place.split("/")[:-1], place)):
        folders.setdefault(place.rpartition("/")[0], []).append(place)
    rows, names, homes, trials = [], set(), set(), Counter()
    for where, inside in folders.items():
        home = home_of_trials(where, homes)
        if home:
            trials[home] += len(inside)
            continue
        for row in runs_in(root, where, inside, skipped, homes):
            new = names | row.keys() - {*COLUMNS, *HIDDEN, *PARAMETERS}
            if len(new) > MOST_NAMES:
                skipped.append((row["run"], f"more than {MOST_NAMES} parameters that the series does not have"))
            else:
                rows.append(row)
                names = new
    for home, count in trials.items():
        reason = f"{counted(count, 'trial')} that a notebook ran itself, as 05 does; to see them, give this folder"
        skipped.append((clean(home, LONGEST), reason))
    if not rows:
        text = f"There are no results in the notebooks in {name if name != '.' else 'this folder'}."
        if skipped:
            path, reason = skipped[0]
            text += f" {counted(len(skipped), 'file')} cannot be used, the first: {path}: {reason}."
        raise UserError(f"{text} Use `handwriting sweep` or `handwriting run` to get results.")
    return rows, skipped


@contextmanager
def local_copy(address):
    """Copy what a report needs of the notebooks at an address to a temporary folder, and yield its path."""
    from workshop.runs import output_location  # with papermill, half a second that others need not wait

    def names_at(address):
        listed = output_location.listed(address)
        return [name for name in listed if name not in (*FILES, ".", "..") and Path(name).name == name]

    address = output_location.place(address)
    with temporary_folder() as temporary:
        # The last part of the address names the run if it is one.
        folder = Path(temporary, address.rpartition("/")[2] or "runs")
        folder.mkdir()
        for name in names_at(address):
            is_notebook = name.endswith(".ipynb")
            within = () if is_notebook else names_at(output_location.child(address, name))
            for place in [name] if is_notebook else [f"{name}/{one}" for one in within if one.endswith(".ipynb")]:
                text = output_location.read(output_location.child(address, place))
                if text is not None:
                    write_text(folder / place, slim(text))
        yield folder


def slim(text):
    """Return a notebook with nothing but its results and what papermill noted; what is not a notebook, as it is."""
    try:
        notebook = parse(text)
    except RecordError:
        return text
    results = [{"data": {MIME: result}} for result in stored_in(notebook, MIME)]
    return json.dumps({"metadata": notebook.get("metadata"), "cells": [{"outputs": results[::-1]}]})
