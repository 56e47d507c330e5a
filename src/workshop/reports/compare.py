"""Two runs, or two folders of runs, side by side: what differs, and whether it is more than luck."""

import math
import statistics
from dataclasses import dataclass

from workshop.reports.rows import MEASURES, short
from workshop.reports.runs import DATA, Setting, key_of, kind_of, number, read_runs, shown

__all__ = ["Comparison", "Difference", "Pair", "compare"]

#: How sure the interval of a difference is.
SURE = 0.95
#: What is said of a difference, and what it means.
RULE = [
    "± is the spread: the standard deviation over the n seeds of a side.",
    "Beyond the spread: the 95 % interval of the difference of the two means does not contain 0",
    "(Welch's t, from the spread over the seeds of both sides).",
]
#: More pairs than this are counted, not written out.
MOST_PAIRS = 20


@dataclass
class Difference:
    """One measure on both sides.

    Attributes
    ----------
    measure : str
    a, b : list of float
        What the runs of each side measured, one per seed.
    """

    measure: str
    a: list
    b: list

    @property
    def difference(self):
        """B's mean less A's; None if a side did not measure it."""
        return statistics.fmean(self.b) - statistics.fmean(self.a) if self.a and self.b else None

    @property
    def interval(self):
        """The 95 % interval of the difference, by Welch's t: (low, high); None with less than two seeds on a side."""
        if min(len(self.a), len(self.b)) < 2:
            return None
        from scipy.special import stdtrit

        parts = [statistics.variance(side) / len(side) for side in (self.a, self.b)]
        total = sum(parts)
        if total == 0:
            return self.difference, self.difference
        freedom = total**2 / sum(one**2 / (len(side) - 1) for one, side in zip(parts, (self.a, self.b), strict=True))
        half = float(stdtrit(freedom, (1 + SURE) / 2)) * math.sqrt(total)
        return self.difference - half, self.difference + half

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
            same = math.isclose(statistics.fmean(self.a), statistics.fmean(self.b), rel_tol=1e-9)
            return "the same in every seed" if same else "differs, and no seed changes it"
        return "beyond the spread" if low > 0 or high < 0 else "within the spread"


@dataclass
class Pair:
    """A setting on both sides.

    Attributes
    ----------
    name : str
        What both have in common of what varies.
    differences : list of Difference
    """

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
        Each parameter that has one value in A and another one in B: (value in A, value in B).
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
        """The comparison as lines of text."""
        lines = [f"A: {self.a}", f"B: {self.b}", ""]
        if self.differing:
            lines.append("Parameters that differ:")
            width = max(len(short(name)) for name in self.differing)
            lines += [
                f"  {short(name):{width}}  A {short(shown(one))}  B {short(shown(other))}"
                for name, (one, other) in self.differing.items()
            ]
        else:
            lines.append("No parameter has one value in A and another in B.")
        lines += summary(self.pairs)
        for pair in self.pairs[:MOST_PAIRS]:
            lines += ["", pair.name, *table(pair.differences)]
        if len(self.pairs) > MOST_PAIRS:
            lines += ["", f"… and {number(len(self.pairs) - MOST_PAIRS, 'more setting')} that both sides have"]
        if not self.pairs:
            lines += ["", "No setting is on both sides, so there is nothing to compare."]
        lines += listed("Only A has", self.only_a) + listed("Only B has", self.only_b)
        return [*lines, "", *(RULE if self.pairs else []), *self.notes]

    def __str__(self):
        return "\n".join(self.lines())


def summary(pairs):
    """How the accuracies of several pairs compare, in a line for each."""
    lines = []
    for measure in ("validation_accuracy", "test_accuracy"):
        both = [one for pair in pairs for one in pair.differences if one.measure == measure and one.interval]
        if len(pairs) > 1 and both:
            higher, lower = sum(one.interval[0] > 0 for one in both), sum(one.interval[1] < 0 for one in both)
            name = measure.replace("_", " ")
            lines.append(f"{name}: of {number(len(both), 'setting')} with several seeds on both sides, B is higher")
            lines.append(
                f"  beyond the spread in {higher:,}, A in {lower:,}; the mean difference is {average(both):+.4f}."
            )
    return ["", *lines] if lines else []


def average(differences):
    """The mean of differences."""
    return statistics.fmean(one.difference for one in differences)


def table(differences):
    """Differences as lines, one per measure."""
    rows = [("", "A", "B", "B - A", "")]
    for one in differences:
        form = digits(one.measure)
        # Rounded first, so that no difference is "-0.0000".
        change = (
            "–"
            if one.difference is None
            else format(round(one.difference, int(form[2])) + 0.0, form.replace(",", "+,"))
        )
        rows.append((one.measure.replace("_", " "), side(one.a, form), side(one.b, form), change, one.verdict))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = []
    for name, *numbers, verdict in rows:
        columns = [f"{text:>{width}}" for text, width in zip(numbers, widths[1:], strict=True)]
        lines.append("  ".join(["", f"{name:{widths[0]}}", *columns, verdict]).rstrip())
    return lines


def digits(measure):
    """How a measure is written."""
    if measure.endswith(("accuracy", "loss")):
        return ",.4f"
    return ",.0f" if measure in ("parameter_count", "peak_memory_mb") else ",.1f"


def side(values, form):
    """One side's mean, spread and number of seeds."""
    if not values:
        return "–"
    spread = f" ± {statistics.stdev(values):{form}}" if len(values) > 1 else ""
    return f"{statistics.fmean(values):{form}}{spread} (n={len(values)})"


def listed(text, names, most=10):
    """Settings of one side in lines, the first of them."""
    if not names:
        return []
    more = [f"  … and {len(names) - most:,} more"] if len(names) > most else []
    return ["", f"{text} {number(len(names), 'setting')}:", *(f"  {name}" for name in names[:most]), *more]


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
    handwriting.errors.UserError
        If one of them holds no result.
    """
    sides = [read_runs(a), read_runs(b)]
    names = list(dict.fromkeys([*sides[0].names, *sides[1].names]))
    differing = differing_parameters(*sides, names)
    without = ("seed", *differing)
    first, second = ({key_of(one.values, without): one for one in runs.settings} for runs in sides)
    varying = [name for name in names if name in sides[0].varying or name in sides[1].varying]
    pairs = [Pair(named(first[key], varying), differences(first[key], second[key])) for key in first if key in second]
    return Comparison(
        str(a),
        str(b),
        differing,
        pairs,
        [named(one, varying) for key, one in first.items() if key not in second],
        [named(one, varying) for key, one in second.items() if key not in first],
        notes(sides, differing, pairs),
    )


def differing_parameters(first, second, names):
    """Each parameter that has one value in all of A and another one in all of B; None where it is not there."""
    found = {}
    for name in names:
        if name != "seed" and name not in first.varying and name not in second.varying:
            one, other = first.runs[0].settings.get(name), second.runs[0].settings.get(name)
            if kind_of(one) != kind_of(other):
                found[name] = (one, other)
    return found


def named(setting, varying):
    """A setting by what varies."""
    return ", ".join(f"{short(name)} {short(shown(setting.values.get(name)))}" for name in varying) or "The runs"


def differences(one: Setting, other: Setting):
    """Every measure that at least one side has."""
    both = [Difference(measure, one.all(measure), other.all(measure)) for measure in MEASURES]
    return [found for found in both if found.a or found.b]


def notes(sides, differing, pairs):
    """What else to know: what was left out, and what makes differences look larger than they are."""
    found = []
    intervals = [one.interval for pair in pairs for one in pair.differences]
    tests = sum(interval is not None and interval[0] < interval[1] for interval in intervals)
    if tests > 1:
        found.append(
            f"Of {tests} such comparisons, about {tests * (1 - SURE):.1f} are beyond the spread by luck alone."
        )
    if any(one.interval is None for pair in pairs for one in pair.differences if one.difference is not None):
        found.append("With one seed on a side, nobody knows how much is luck: run each setting with several seeds.")
    if DATA in differing:
        found.append("A and B use different data: their accuracies do not say which settings are better.")
    for name, runs in zip("AB", sides, strict=True):
        if runs.skipped:
            where, why = runs.skipped[0]
            found.append(f"{name}: {len(runs.skipped):,} skipped, the first: {where}: {why}.")
        if runs.duplicates:
            found.append(
                f"{name}: {len(runs.duplicates):,} left out that have the same settings and seed as another run."
            )
    return found
