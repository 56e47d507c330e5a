"""Two runs, or two folders of runs, side by side: what differs, and whether it is more than luck."""

import math
import warnings

import pandas as pd
from scipy.stats import ttest_ind

from handwriting.text import clean, counted
from workshop.reports.read_runs import LONGEST, MEASURES, read_together, shown
from workshop.reports.tables import described, words

LEVEL = 0.95  # confidence level of the interval of a difference
#: What is said of a difference, and what it means.
RULE = [
    "± is the spread: the standard deviation over the n seeds of a side.",
    "Beyond the spread: the 95 % interval of the difference of the two means does not contain 0",
    "(Welch's t, from the spread over the seeds of both sides).",
]
#: More settings than this are counted, not written out: those that both sides have, and those of one side.
MOST_PAIRS, MOST_LISTED = 20, 10


def compare(a, b):
    """Compare two runs, or two folders of runs; return lines of text.

    Runs are paired by setting: by all parameters but the seed. A parameter that has one value in all of A and another
    one in all of B is what is compared, so it does not keep settings apart.
    """
    sides = read_together(a, b)
    names = dict.fromkeys(name for runs in sides for name in runs.names if name != "seed")
    varying = [name for name in names if any(name in runs.varying for runs in sides)]
    differing = {}
    for name in names.keys() - set(varying):
        one, other = (runs.table[name].iloc[0] if name in runs.names else None for runs in sides)
        if one != other:
            differing[name] = f"A {clean(shown(one), 40)}  B {clean(shown(other), 40)}"
    first, second = (by_setting(runs, varying) for runs in sides)
    pairs = {key: differences(first[key], second[key]) for key in first if key in second}
    every = pd.concat(pairs.values()) if pairs else None

    found = "Parameters that differ:" if differing else "No parameter has one value in A and another in B."
    lines = [f"A: {clean(str(a), LONGEST)}", f"B: {clean(str(b), LONGEST)}", "", found]
    width = max((len(clean(name, 40)) for name in differing), default=0)
    lines += [f"  {clean(name, 40):{width}}  {differing[name]}" for name in names if name in differing]
    if len(pairs) > 1:
        lines += overview(every)
    for key in list(pairs)[:MOST_PAIRS]:
        lines += ["", named(key, varying), *table(pairs[key])]
    if len(pairs) > MOST_PAIRS:
        lines += ["", f"… and {counted(len(pairs) - MOST_PAIRS, 'more setting')} that both sides have"]
    if not pairs:
        lines += ["", "A and B have no setting in common, so there is nothing to compare."]
    for side, here, there in (("A", first, second), ("B", second, first)):
        only = [named(key, varying) for key in here if key not in there]
        if only:
            lines += ["", f"Only {side} has {counted(len(only), 'setting')}:"]
            lines += [f"  {name}" for name in only[:MOST_LISTED]]
        if len(only) > MOST_LISTED:
            lines.append(f"  … and {len(only) - MOST_LISTED:,} more")
    lines += ["", *RULE, *cautions(every)] if pairs else [""]
    if "data" in differing:
        lines.append("A and B use different data: their accuracies do not say which settings are better.")
    return "\n".join([*lines, *left_out("A", sides[0]), *left_out("B", sides[1])])


def by_setting(runs, varying):
    """Return the runs of each setting, the best first, by its values of the parameters that vary."""
    found = {}
    for _, group in runs.table.groupby(runs.setting):
        values = group.iloc[0].reindex(varying)
        found[tuple(None if pd.isna(value) else value for value in values)] = group
    return found


def named(key, varying):
    return described(dict(zip(varying, key, strict=True)), varying, most=len(varying)) or "The runs"


def differences(one, other):
    """Return every measure that at least one of two groups of runs has: texts to show, the difference, its interval."""
    rows = []
    for measure in MEASURES:
        a, b = one[measure].dropna(), other[measure].dropna()
        if a.empty and b.empty:
            continue
        digits = 4 if measure.endswith(("accuracy", "loss")) else 0 if measure.endswith(("count", "mb")) else 1
        difference, (low, high) = b.mean() - a.mean(), interval(a, b)
        # Rounded first, so that no difference is "-0.0000".
        change = "–" if pd.isna(difference) else f"{round(difference, digits) + 0.0:+,.{digits}f}"
        texts = (words(measure), side(a, digits), side(b, digits), change, verdict(measure, a, b, low, high))
        rows.append((*texts, difference, low, high))
    return pd.DataFrame(rows, columns=["measure", "A", "B", "B - A", "verdict", "difference", "low", "high"])


def interval(a, b):
    """Return the 95 % interval of the mean of B minus that of A, by Welch's t; NaN where the spread is unknown or 0."""
    if min(len(a), len(b)) < 2 or a.nunique() == b.nunique() == 1:
        return math.nan, math.nan
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # SciPy doubts sides in which no seed changes anything
        found = ttest_ind(b, a, equal_var=False).confidence_interval(LEVEL)
    return float(found.low), float(found.high)


def verdict(measure, a, b, low, high):
    if a.empty or b.empty:
        return f"only {'B' if a.empty else 'A'} measured it"
    if a.nunique() == b.nunique() == 1 and (min(len(a), len(b)) > 1 or measure == "parameter_count"):
        return "the same in every seed" if a.iloc[0] == b.iloc[0] else "different in every seed"
    if math.isnan(low):
        single = [name for name, values in (("A", a), ("B", b)) if len(values) < 2]
        return f"spread unknown: one seed in {' and '.join(single)}"
    return "beyond the spread" if low > 0 or high < 0 else "within the spread"


def side(values, digits):
    if values.empty:
        return "–"
    spread = f" ± {values.std():,.{digits}f}" if len(values) > 1 else ""
    return f"{values.mean():,.{digits}f}{spread} (n={len(values)})"


def table(rows):
    texts = rows[["measure", "A", "B", "B - A", "verdict"]].copy()
    for name in ("measure", "verdict"):
        texts[name] = texts[name].str.ljust(texts[name].str.len().max())
    lines = (" " + texts).to_string(index=False, header=["", "A", "B", "B - A", ""]).splitlines()
    return [f" {line}".rstrip() for line in lines]


def overview(every):
    """Return lines that say how the accuracies of several settings compare."""
    lines = []
    known = every.dropna(subset="low")
    for measure in ("validation accuracy", "test accuracy"):
        both = known[known["measure"] == measure]
        if len(both):
            higher, lower, mean = (both["low"] > 0).sum(), (both["high"] < 0).sum(), both["difference"].mean()
            lines += [
                f"{measure}: of {counted(len(both), 'setting')} with several seeds on both sides, B is higher",
                f"  beyond the spread in {higher:,}, A in {lower:,}; the mean difference is {mean:+.4f}.",
            ]
    return ["", *lines] if lines else []


def cautions(every):
    """Return what makes differences look larger than they are, as lines."""
    lines, tests = [], every["low"].count()
    if tests > 1:
        luck = tests * (1 - LEVEL)
        lines.append(f"Of {tests} comparisons like these, about {luck:.1f} are beyond the spread by luck alone.")
    if every["verdict"].str.startswith("spread unknown").any():
        lines.append("With one seed on a side, nobody can tell how much is luck: run each setting with several seeds.")
    return lines


def left_out(name, runs):
    lines = []
    if runs.skipped:
        where, why = runs.skipped[0]
        first = ", the first" if len(runs.skipped) > 1 else ""
        lines.append(f"{name}: {counted(len(runs.skipped), 'file')} skipped{first}: {where}: {why}.")
    if runs.duplicates:
        count = counted(len(runs.duplicates), "run")
        lines.append(f"{name}: {count} left out, because another one has the same settings and seed.")
    return lines
