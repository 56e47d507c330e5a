"""All runs below a folder: one row each, those with the same settings together."""

import os
import statistics
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from handwriting.errors import UserError
from handwriting.parameters import PARAMETERS
from workshop.reports.rows import Unusable, curves, plain, read_notebook, short, slim
from workshop.runs import addresses as storage

__all__ = ["FILES", "UserError", "Run", "Runs", "Setting", "local_copy", "number", "read_runs", "shown"]

#: What a report consists of; these are no runs.
FILES = ("results.csv", "report.ipynb", "report.html")
#: How results say which data they come from: a setting like the parameters, since it decides the accuracy as much.
DATA = "data"


@dataclass
class Run:
    """One training of a network, and its test.

    Attributes
    ----------
    name : str
        Its folder, seen from the folder of all runs.
    notebook, link : str
        Its notebook (06 if there is one) as people read it, and as an address relative to the folder of all runs.
    settings : dict
        Its parameters, and "data".
    measures : dict
        Those of `MEASURES` that it has.
    """

    name: str
    notebook: str
    link: str
    settings: dict
    measures: dict = field(default_factory=dict)
    with_curves: str | None = None

    @property
    def seed(self):
        return self.settings.get("seed")


class Setting:
    """Runs that differ in nothing but the seed.

    Parameters
    ----------
    values : dict
        What they have in common.
    runs : list of Run
    """

    def __init__(self, values, runs):
        self.values, self.runs = values, runs

    def all(self, measure):
        """What the runs measured, a list of numbers."""
        return [one.measures[measure] for one in self.runs if is_there(one, measure)]

    def mean(self, measure):
        """The mean over the seeds; None if no run measured it."""
        found = self.all(measure)
        return statistics.fmean(found) if found else None

    def spread(self, measure):
        """The standard deviation over the seeds; None for less than two."""
        found = self.all(measure)
        return statistics.stdev(found) if len(found) > 1 else None


class Runs:
    """All runs below a folder. As the last line of a cell it says what was found.

    Attributes
    ----------
    folder : str
    runs : list of Run
    settings : list of Setting
        The best first, by `measure`.
    measure : str
        What the runs are ranked by: the validation accuracy, or the test accuracy where there is no other.
    varying : list of str
        The parameters in which the runs differ, without the seed.
    skipped, duplicates : list of (str, str)
        A notebook or run, and the reason; a run, and the one that is counted.
    """

    def __init__(self, folder, runs, skipped=(), duplicates=()):
        self.folder, self.runs = str(folder), list(runs)
        self.skipped, self.duplicates = list(skipped), list(duplicates)
        names = {name for one in self.runs for name in one.settings}
        usual = [*PARAMETERS, *sorted(names)]
        self.names = sorted(names, key=usual.index)
        self.varying = [name for name in self.names if name != "seed" and len(values_of(self.runs, name)) > 1]
        validated = any(is_there(one, "validation_accuracy") for one in self.runs)
        self.measure = "validation_accuracy" if validated else "test_accuracy"
        self.settings = sorted(by_setting(self.runs), key=self.rank)

    def rank(self, setting):
        """Where a setting belongs in the order: those that were not measured come last, by their test accuracy."""
        first, second = setting.mean(self.measure), setting.mean("test_accuracy")
        return (first is None, -(first or 0), -(second or 0), setting.runs[0].name)

    def __len__(self):
        return len(self.runs)

    def __iter__(self):
        return iter(self.runs)

    def best_first(self):
        """All runs: the best setting's first, and in a setting the best run first."""

        def rank(run):
            return -run.measures[self.measure] if is_there(run, self.measure) else 1

        return [one for setting in self.settings for one in sorted(setting.runs, key=rank)]

    def curves(self, run):
        """The learning curves of a run, read from its notebook: see `workshop.reports.rows.curves`."""
        return curves(Path(self.folder) / run.with_curves) if run.with_curves else {}

    def address(self, run):
        """Where a page in the current folder finds the run's notebook."""
        folder = Path(self.folder)
        if folder.is_absolute():
            return f"{folder.as_uri()}/{run.link}"
        return run.link if folder == Path() else f"{quote(folder.as_posix())}/{run.link}"

    def counts(self):
        """How many of what there are."""
        return {
            "runs": len(self.runs),
            "settings": len(self.settings),
            "skipped": len(self.skipped),
            "duplicates": len(self.duplicates),
        }

    def __repr__(self):
        seeds = max((len(setting.runs) for setting in self.settings), default=0)
        differ = f" They differ in: {', '.join(map(short, self.varying))}." if self.varying else ""
        several = f", with up to {seeds} seeds each" if seeds > 1 else ""
        text = f"{number(len(self.runs), 'run')} of {number(len(self.settings), 'setting')}{several}.{differ}"
        if DATA in self.varying:
            text += " They do not all use the same data: compare only those that do."
        if self.skipped:
            text += f" Skipped: {len(self.skipped):,}."
        if self.duplicates:
            text += f" Left out because another run has the same settings and seed: {len(self.duplicates):,}."
        return text


def number(count, noun):
    """'1 run', '2 runs'."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def is_there(run, measure):
    """Whether a run measured this, as a number: NaN is none."""
    value = run.measures.get(measure)
    return value is not None and value == value


def kind_of(value):
    """A value that equals another one only if a person would say so: true is not 1."""
    return (str(value), "true or false") if isinstance(value, bool) else value


def values_of(runs, name):
    """The different values of a parameter; None stands for runs that do not have it."""
    return {kind_of(one.settings.get(name)) for one in runs}


def key_of(values, without=("seed",)):
    """Settings as something to look up: equal for equal settings."""
    return frozenset((name, kind_of(value)) for name, value in values.items() if name not in without)


def by_setting(runs):
    """Runs grouped by all of their settings but the seed."""
    groups = {}
    for one in runs:
        groups.setdefault(key_of(one.settings), []).append(one)
    return [
        Setting({name: value for name, value in group[0].settings.items() if name != "seed"}, group)
        for group in groups.values()
    ]


def shown(value):
    """A parameter's value as people read it."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def read_runs(folder="."):
    """Read all results below a folder.

    Parameters
    ----------
    folder : str or path
        It holds executed notebooks, or folders of them; or an address such as s3://bucket/folder.

    Returns
    -------
    Runs

    Raises
    ------
    UserError
        If there is no result below it.
    """
    if storage.is_remote(folder):
        with local_copy(folder) as copied:
            return read_runs(copied)
    if not Path(folder).is_dir():
        raise UserError(f"{plain(folder)} is no folder. Name the folder that `handwriting sweep` or `run` wrote to.")
    found, skipped = [], []
    for where, notebooks in notebooks_below(folder, skipped):
        runs, reasons = runs_in(Path(folder), where, notebooks)
        found += runs
        skipped += reasons
    runs, duplicates = counted_once(found)
    if not runs:
        text = f"There is no result in the notebooks below {plain(folder) if folder != '.' else 'this folder'}."
        if skipped:
            text += (
                f" The first of {number(len(skipped), 'thing')} that cannot be used: {skipped[0][0]}: {skipped[0][1]}."
            )
        raise UserError(f"{text} `handwriting sweep` or `handwriting run` makes results.")
    return Runs(folder, runs, skipped, duplicates)


def notebooks_below(folder, skipped):
    """Each folder that holds notebooks, seen from the given one, and their names; hidden ones are passed over."""

    def closed(error):
        skipped.append((plain(error.filename), f"it cannot be opened ({error.strerror})"))

    for where, folders, names in os.walk(folder, onerror=closed):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        # A folder that is named as a notebook is one that cannot be read, and is said to be.
        notebooks = sorted(name for name in [*names, *folders] if name.endswith(".ipynb") and not name.startswith("."))
        relative = Path(where).relative_to(folder)
        if relative == Path():
            notebooks = [name for name in notebooks if name not in FILES]
        if notebooks:
            yield relative, notebooks


def runs_in(folder, where, notebooks):
    """The runs that the notebooks of one folder belong to, and what cannot be used with the reason."""
    groups, skipped, without, seconds = [], [], [], []
    for name in notebooks:
        try:
            read = read_notebook(folder / where / name)
        except Unusable as reason:
            skipped.append((plain((where / name).as_posix()), str(reason)))
            continue
        seconds.append(read["seconds"])
        if read["result"] is None:
            without.append(name + (" (a cell failed)" if read["failed"] else ""))
            continue
        result = read["result"] | {"notebook": name, "seconds": read["seconds"]}
        # The results of 05 and 06 belong together unless they contradict each other.
        for group in groups:
            if agree(group, result):
                group.append(result)
                break
        else:
            groups.append([result])
    if without and not groups and not skipped:
        reason = f"unfinished: no result in {short(plain(', '.join(without)), 100)}"
        skipped.append((name_of(folder, where), reason))
    if len(groups) == 1:
        return [run_of(folder, where, groups[0], seconds, whole=True)], skipped
    return [run_of(folder, where, group, [one["seconds"] for one in group]) for group in groups], skipped


def agree(group, result):
    """Whether a result can come from the same run as the others."""
    for other in group:
        mine, its = result["parameters"], other["parameters"]
        if result["stage"] == other["stage"] or any(mine[name] != its[name] for name in mine.keys() & its.keys()):
            return False
        if None not in (result["data"], other["data"]) and result["data"] != other["data"]:
            return False
    return True


def run_of(folder, where, results, seconds, whole=False):
    """One run, made of the results of its notebooks."""
    settings, measures = {}, {}
    for result in results:
        settings |= result["parameters"]
        if result["data"] is not None:
            settings[DATA] = result["data"]
        memory = measures.get("peak_memory_mb", 0)
        measures |= {name: value for name, value in result["measures"].items() if name != "seconds"}
        if memory > measures.get("peak_memory_mb", 0):  # each notebook has a kernel of its own
            measures["peak_memory_mb"] = memory
    known = [value for value in seconds if value is not None]
    if known:
        measures["seconds"] = round(sum(known), 3)
    main = next((one for one in results if one["stage"] == "evaluate"), results[0])
    with_curves = next(((where / one["notebook"]).as_posix() for one in results if one["has_curves"]), None)
    path = where / main["notebook"]
    name = name_of(folder, where) if whole else plain(path.with_suffix("").as_posix())
    address = quote(os.fsencode(path.as_posix()))
    return Run(name, plain(path.as_posix()), address, settings, measures, with_curves)


def name_of(folder, where):
    """A run's name: its folder, seen from the folder of all runs."""
    return plain(where.as_posix() if where != Path() else folder.resolve().name or "this folder")


def counted_once(found):
    """Runs of which no two have the same data and parameters; and those left out, with the one that stays."""
    kept, duplicates = {}, []
    for place, one in enumerate(found):
        parameters = one.settings.keys() - {DATA}
        key = key_of(one.settings, without=()) if parameters else place  # without any, nothing says they are the same
        other = kept.setdefault(key, one)
        if other is one:
            continue
        if len(one.measures) > len(other.measures):  # the one that went further
            kept[key], one, other = one, other, one
        duplicates.append((one.name, key))
    return list(kept.values()), [(name, kept[key].name) for name, key in duplicates]


@contextmanager
def local_copy(address):
    """What a report needs of the notebooks at an address, in a temporary folder that looks the same.

    Parameters
    ----------
    address : str
        As `workshop.runs.addresses.place` gives it.

    Yields
    ------
    pathlib.Path

    Raises
    ------
    workshop.runs.addresses.AddressError
        If the address cannot be reached.
    """
    with tempfile.TemporaryDirectory(prefix="handwriting-") as temporary:
        # The last part of the address names the run if it is one.
        folder = Path(temporary, address.rpartition("/")[2] or "runs")
        folder.mkdir()
        for name in storage.listed(address):
            if name in (*FILES, ".", "..") or Path(name).name != name:
                continue
            inside = (
                [name]
                if name.endswith(".ipynb")
                else [f"{name}/{stage}.ipynb" for stage in ("05_train", "06_evaluate")]
            )
            for notebook in inside:
                text = storage.read(storage.child(address, notebook))
                if text is not None:
                    path = folder / notebook
                    path.parent.mkdir(exist_ok=True)
                    path.write_text(slim(text), encoding="utf-8", errors="replace")
        yield folder
