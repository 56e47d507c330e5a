"""Two runs, or two folders of runs, side by side: what differs, and whether it is more than luck."""

import math
import warnings
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean, stdev
from typing import NamedTuple

import pandas as pd
from scipy.stats import ttest_ind

from handwriting.text import clean
from workshop.reports.summary import words
from workshop.reports.table import MEASURES, number, read_runs, shown

__all__ = ["Comparison", "Difference", "Pair", "compare"]

#: Confidence level of the interval of a difference.
LEVEL = 0.95
#: What is said of a difference, and what it means.
RULE = [
    "± is the spread: the standard deviation over the n seeds of a side.",
    "Beyond the spread: the 95 % interval of the difference of the two means does not contain 0",
    "(Welch's t, from the spread over the seeds of both sides).",
]
#: More pairs than this are counted, not written out; likewise settings of one side.
MOST_PAIRS, MOST_LISTED = 20, 10


@dataclass
class Difference:
    """One measure on both sides.

    Attributes
    ----------
    measure : str
    a, b : list of float
        What the runs of each side measured, one value per seed.
    """

    measure: str
    a: list
    b: list

    @property
    def difference(self):
        """The mean of B minus the mean of A; None if a side did not measure it."""
        return fmean(self.b) - fmean(self.a) if self.a and self.b else None

    @cached_property
    def interval(self):
        """The 95 % interval of the difference, by Welch's t: (low, high); None with less than two seeds on a side."""
        if min(len(self.a), len(self.b)) < 2:
            return None
        if stdev(self.a) == stdev(self.b) == 0:
            return self.difference, self.difference
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # SciPy doubts sides in which no seed changes anything
            found = ttest_ind(self.b, self.a, equal_var=False).confidence_interval(LEVEL)
        return float(found.low), float(found.high)

    @property
    def verdict(self):
        """What can be said of the difference, in words."""
        if self.difference is None:
            return f"only {'A' if self.a else 'B'} measured it"
        if self.interval is None:
            if self.measure == "parameter_count":  # no seed changes it
                return "the same" if self.difference == 0 else "differs"
            sides = " and ".join(name for name, side in (("A", self.a), ("B", self.b)) if len(side) < 2)
            return f"spread unknown: one seed in {sides}"
        low, high = self.interval
        if low == high:
            same = math.isclose(fmean(self.a), fmean(self.b), rel_tol=1e-9)
            return "the same in every seed" if same else "differs, and no seed changes it"
        return "beyond the spread" if low > 0 or high < 0 else "within the spread"


class Pair(NamedTuple):
    """A setting on both sides: its values of the parameters that vary, in words, and a `Difference` per measure."""

    name: str
    differences: list


@dataclass
class Comparison:
    """Two sides, and what differs.

    Attributes
    ----------
    a, b : str
        The folders.
    differing : dict
        Each parameter that has one value in A and another one in B: (value in A, value in B), as texts.
    pairs : list of Pair
    only_a, only_b : list of str
        Settings that only one side has.
    notes : list of str
        What else to know.
    """

    a: str
    b: str
    differing: dict
    pairs: list
    only_a: list
    only_b: list
    notes: list

    def lines(self):
        """Return the comparison as lines of text."""
        lines = [f"A: {self.a}", f"B: {self.b}", ""]
        if self.differing:
            lines.append("Parameters that differ:")
            width = max(len(clean(name, 40)) for name in self.differing)
            for name, sides in self.differing.items():
                one, other = (clean(text, 40) for text in sides)
                lines.append(f"  {clean(name, 40):{width}}  A {one}  B {other}")
        else:
            lines.append("No parameter has one value in A and another in B.")
        lines += overview(self.pairs)
        for pair in self.pairs[:MOST_PAIRS]:
            lines += ["", pair.name, *table(pair.differences)]
        if len(self.pairs) > MOST_PAIRS:
            lines += ["", f"… and {number(len(self.pairs) - MOST_PAIRS, 'more setting')} that both sides have"]
        if not self.pairs:
            lines += ["", "No setting is on both sides, so there is nothing to compare."]
        for side, names in (("A", self.only_a), ("B", self.only_b)):
            if names:
                lines += ["", f"Only {side} has {number(len(names), 'setting')}:"]
                lines += [f"  {name}" for name in names[:MOST_LISTED]]
            if len(names) > MOST_LISTED:
                lines.append(f"  … and {len(names) - MOST_LISTED:,} more")
        return [*lines, "", *(RULE if self.pairs else []), *self.notes]

    def __str__(self):
        return "\n".join(self.lines())


def overview(pairs):
    """Return lines that say how the accuracies of several pairs compare."""
    lines = []
    for measure in ("validation_accuracy", "test_accuracy"):
        both = [one for pair in pairs for one in pair.differences if one.measure == measure and one.interval]
        if len(pairs) > 1 and both:
            higher, lower = sum(one.interval[0] > 0 for one in both), sum(one.interval[1] < 0 for one in both)
            mean = fmean(one.difference for one in both)
            lines.append(
                f"{words(measure)}: of {number(len(both), 'setting')} with several seeds on both sides, B is higher"
            )
            lines.append(f"  beyond the spread in {higher:,}, A in {lower:,}; the mean difference is {mean:+.4f}.")
    return ["", *lines] if lines else []


def table(differences):
    """Return differences as lines, one per measure."""
    rows = [("", "A", "B", "B - A", "")]
    for one in differences:
        digits = 4 if one.measure.endswith(("accuracy", "loss")) else 0 if one.measure.endswith(("count", "mb")) else 1
        # Rounded first, so that no difference is "-0.0000".
        change = "–" if one.difference is None else f"{round(one.difference, digits) + 0.0:+,.{digits}f}"
        rows.append((words(one.measure), side(one.a, digits), side(one.b, digits), change, one.verdict))
    name, *numbers = (max(map(len, column)) for column in list(zip(*rows, strict=True))[:4])
    lines = []
    for measure, *values, verdict in rows:
        columns = [f"{value:>{width}}" for value, width in zip(values, numbers, strict=True)]
        lines.append("  ".join(["", f"{measure:{name}}", *columns, verdict]).rstrip())
    return lines


def side(values, digits):
    """Return the mean of a side, its spread and its number of seeds."""
    if not values:
        return "–"
    spread = f" ± {stdev(values):,.{digits}f}" if len(values) > 1 else ""
    return f"{fmean(values):,.{digits}f}{spread} (n={len(values)})"


def compare(a, b):
    """Compare two runs, or two folders of runs.

    Runs are paired by setting: by all parameters but the seed. A parameter that has one value in all of A and another
    one in all of B is what is compared, so it does not keep settings apart.

    Parameters
    ----------
    a, b : str or path
        Folders, or addresses such as s3://bucket/folder.

    Returns
    -------
    Comparison

    Raises
    ------
    UserError
        If there is no result in one of them.
    """
    sides = [read_runs(a), read_runs(b)]
    names = dict.fromkeys(name for runs in sides for name in runs.names if name != "seed")
    varying = [name for name in names if any(name in runs.varying for runs in sides)]
    values = {
        name: tuple(runs.table[name].iloc[0] if name in runs.names else None for runs in sides)
        for name in names
        if name not in varying
    }
    differing = {name: (shown(one), shown(other)) for name, (one, other) in values.items() if one != other}
    first, second = (by_setting(runs, varying) for runs in sides)
    pairs = [Pair(named(key, varying), differences(first[key], second[key])) for key in first if key in second]
    only_a = [named(key, varying) for key in first if key not in second]
    only_b = [named(key, varying) for key in second if key not in first]
    return Comparison(str(a), str(b), differing, pairs, only_a, only_b, notes(sides, differing, pairs))


def by_setting(runs, varying):
    """Return the runs of each setting, the best first, by its values of the parameters that vary."""
    found = {}
    for _, group in runs.table.groupby(runs.setting):
        values = group.iloc[0].reindex(varying)
        found[tuple(None if pd.isna(value) else value for value in values)] = group
    return found


def named(key, varying):
    """Return a setting in words."""
    parts = (f"{clean(name, 40)} {clean(shown(value), 40)}" for name, value in zip(varying, key, strict=True))
    return ", ".join(parts) or "The runs"


def differences(one, other):
    """Return every measure that at least one of two groups of runs has."""
    both = [Difference(name, one[name].dropna().tolist(), other[name].dropna().tolist()) for name in MEASURES]
    return [found for found in both if found.a or found.b]


def notes(sides, differing, pairs):
    """Return what else to know: what was left out, and what makes differences look larger than they are."""
    found = []
    compared = [one for pair in pairs for one in pair.differences if one.difference is not None]
    tests = sum(one.interval is not None and one.interval[0] < one.interval[1] for one in compared)
    if tests > 1:
        found.append(
            f"Of {tests} such comparisons, about {tests * (1 - LEVEL):.1f} are beyond the spread by luck alone."
        )
    if any(one.interval is None for one in compared):
        found.append("With one seed on a side, nobody knows how much is luck: run each setting with several seeds.")
    if "data" in differing:
        found.append("A and B use different data: their accuracies do not say which settings are better.")
    for name, runs in zip("AB", sides, strict=True):
        if runs.skipped:
            where, why = runs.skipped[0]
            found.append(f"{name}: {len(runs.skipped):,} skipped, the first: {where}: {why}.")
        if runs.duplicates:
            count = len(runs.duplicates)
            found.append(f"{name}: {count:,} left out that have the same settings and seed as another run.")
    return found
