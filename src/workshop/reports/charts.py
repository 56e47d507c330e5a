"""The charts of a report: what each parameter does, what an accuracy costs, how the training went.

Each function takes the `Runs` that `workshop.reports.table.read_runs` returns, and returns a
`workshop.reports.summary.Finding` with a Matplotlib figure.
"""

import math

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from handwriting.errors import ParameterError
from handwriting.figures.style import BLUE, GREEN, GREY, ORANGE, SKY, STYLE, VERMILION, describe
from handwriting.parameters import nearest
from handwriting.text import clean
from workshop.reports.summary import Finding, described, exact, words
from workshop.reports.table import number, shown

__all__ = ["by_parameter", "by_time", "learning_curves"]

#: Colour, marker and line of each series: never colour alone.
LOOKS = [
    (BLUE, "o", "-"),
    (VERMILION, "s", "--"),
    (GREEN, "D", "-."),
    (ORANGE, "^", ":"),
    (SKY, "v", (0, (5, 1))),
    (GREY, "P", (0, (1, 1))),
]
#: A parameter with more values than this is shown as a cloud of points.
MOST_VALUES = 30
#: With more categories than this, only the best are shown.
MOST_CATEGORIES = 20
#: With more points than this, a cloud is shown as a map of how many there are.
MOST_POINTS = 2000
#: A numeric axis is logarithmic if the ratio of its values is larger than this.
SPAN = 20
MOST_CURVES = 30


def new_figure(height=3.1):
    """Return a figure that can still be read on a telephone, and its axes."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(4.2, height), dpi=160, layout="constrained")
        return figure, figure.subplots()


def finished(figure, sentence, alt):
    """Return a figure, with its description for people who cannot see it, and its sentence."""
    axes = figure.get_axes()[0]
    axes.ticklabel_format(axis="y", useOffset=False)
    low, high = axes.get_ylim()
    axes.set_ylim(max(low, -0.01), min(high, 1.005))  # no accuracy is above 1
    return Finding(sentence, describe(figure, alt))


def label(text):
    """Return a text for a figure, in which dollar signs are no formula and no text is left out of the legend."""
    text = clean(text, 60).replace("$", r"\$")
    return f" {text}" if text.startswith("_") else text


def legend_below(figure, columns=1, size=9):
    """Put the legend where it hides nothing."""
    figure.legend(loc="outside lower center", ncols=columns, fontsize=size, frameon=False)


def is_wide(values):
    """Return whether numbers need a logarithmic axis."""
    return min(values) > 0 and max(values) / min(values) > SPAN


def by_parameter(runs, name):
    """Show the accuracy for each value of a parameter, with the spread over the seeds.

    Raises ParameterError if the runs have no such parameter.
    """
    if name not in runs.names:
        valid = ", ".join(runs.names) or "none"
        raise ParameterError(f'The runs have no parameter "{name}".{nearest(name, runs.names)} Valid: {valid}.')
    # Each seed is a run; of other parameters, each value is that of a setting.
    rows, spread = runs.settings, runs.settings[f"{runs.measure} spread"]
    if name == "seed":
        rows, spread = runs.table.assign(runs=1), math.nan
    numeric = not rows[name].map(lambda value: isinstance(value, str)).any()
    value = rows[name].astype(float) if numeric else rows[name].dropna().map(shown)
    points = pd.DataFrame({"value": value, "mean": rows[runs.measure], "squared": spread**2, "runs": rows["runs"]})
    points = points.dropna(subset=["value", "mean"])
    if points.empty:
        return Finding(f"No run has both {words(name)} and an accuracy.")
    others = rows.loc[points.index, [other for other in runs.varying if other != name]].map(shown)
    draw = cloud_chart if numeric and points["value"].nunique() > MOST_VALUES else line_chart
    found = draw(runs, name, points, others, numeric)
    left_out = len(runs) - points["runs"].sum()
    if left_out:
        found.sentence += f" {number(left_out, 'run')} without this parameter or an accuracy left out."
    return found


def means_by(points, keys):
    """Return the mean over settings, and the spread over the seeds within them, for each value of some columns."""
    found = points.groupby(keys)[["mean", "squared"]].mean()
    return found.assign(spread=np.sqrt(found["squared"]))


def line_chart(runs, name, points, others, numeric):
    """Show the mean at each value of a parameter as a line, or as one for each value of a second parameter."""
    second = second_parameter(points, others)
    points = points.assign(second=others[second] if second else "")
    overall = means_by(points, "value")
    order = overall if numeric else overall.sort_values("mean", ascending=False).head(MOST_CATEGORIES)
    place = dict(zip(order.index, order.index if numeric else range(len(order)), strict=True))

    figure, axes = new_figure(3.7 if second else 3.1)
    if len(runs) <= MOST_POINTS:
        key = runs.table[name].astype(float) if numeric else runs.table[name].map(shown)
        single = {"color": GREY, "alpha": 0.4, "markersize": 4, "zorder": 1}
        axes.plot(key.map(place), runs.table[runs.measure], ".", **single)
    lines = sorted(points["second"].unique(), key=as_ordered)
    for text, (colour, marker, line) in zip(lines, LOOKS, strict=False):
        found = means_by(points[points["second"] == text], "value")
        found = found.loc[[value for value in order.index if value in found.index]]
        axes.errorbar(
            [place[value] for value in found.index],
            found["mean"],
            found["spread"].fillna(0) if found["spread"].any() else None,
            color=colour,
            marker=marker,
            linestyle=line if numeric else "none",
            capsize=3,
            label=label(f"{words(second)} {text}") if second else None,
        )
    axes.set(xlabel=label(words(name)), ylabel=words(runs.measure), title=label(words(name)))
    name_values(axes, list(order.index), numeric)
    if second:
        legend_below(figure, columns=2)

    means = "; ".join(f"{shown(value)}: {mean:.4f}" for value, mean in order["mean"].head(12).items())
    alt = f"{'Line chart' if numeric else 'Chart'} of {words(runs.measure)} by {words(name)}. Means: {means}."
    if second:
        alt += f" One {'line' if numeric else 'mark'} for each value of {words(second)}: {', '.join(lines)}."
    sentence = line_in_words(runs, name, points, others, second)
    if len(order) < len(overall):
        sentence += f" The figure shows the best {len(order)} of {len(overall):,} values."
    return finished(figure, sentence, alt)


def name_values(axes, values, numeric):
    """Give the horizontal axis its scale, and ticks where the values are if they are few."""
    texts = [shown(value) if numeric else clean(value, 14) for value in values]
    crowded = sum(map(len, texts)) > (30 if numeric else 40)
    if numeric and is_wide(values):
        axes.set_xscale("log")
    if not numeric:
        axes.set_xlim(-0.5, len(values) - 0.5)
    if not numeric or len(values) <= 8:
        axes.set_xticks(values if numeric else range(len(values)), [label(text) for text in texts])
        axes.minorticks_off()
        axes.tick_params(axis="x", labelrotation=60 if crowded else 0)


def as_ordered(text):
    """Return a key that sorts numbers by size, before other texts."""
    try:
        return (False, float(text), text)
    except ValueError:
        return (True, 0, text)


def second_parameter(points, others):
    """Return the other parameter with few values that makes the largest difference, or None."""
    differences = {}
    for other in others:
        means = points["mean"].groupby(others[other]).mean()
        if 2 <= len(means) <= len(LOOKS):
            differences[other] = means.max() - means.min()
    return max(differences, key=differences.get, default=None)


def line_in_words(runs, name, points, others, second):
    """Return what the lines show: the best and the worst value, the spread, and what else varies."""
    means = points.groupby("value")["mean"].mean()
    measure, best, worst = words(runs.measure), means.idxmax(), means.idxmin()
    high, low = means[best], means[worst]
    if best == worst:
        text = f"All runs have {words(name)} {clean(shown(best), 40)}, with a mean {measure} of {high:.4f}."
    else:
        text = f"The mean {measure} is highest, {high:.4f}, at {words(name)} {clean(shown(best), 40)} "
        text += f"and lowest, {low:.4f}, at {clean(shown(worst), 40)}: {high - low:.4f} apart."
    if points["squared"].notna().any():
        spread = math.sqrt(points["squared"].mean())
        text += f" The bars are the spread over seeds (one standard deviation), {spread:.4f} on the whole."
    elif name != "seed" and others.empty:
        text += " There is one seed each, so nobody knows how much of that is luck."
    over = [words(other) for other in others if other != second]
    if over:
        text += f" Each mark is a mean over runs that also differ in {', '.join(over)}."
    if name != "seed" and not others.empty and math.prod([len(means), *others.nunique()]) != len(points):
        text += " Not all combinations were run, so a part of the difference may come from what else differs."
        text += matched(points, others, best, worst)
    return text


def matched(points, others, best, worst):
    """Return the difference between two values of a parameter where nothing else differs, as a sentence."""
    keys = [others[other] for other in others]
    wide = points["mean"].groupby([*keys, points["value"]]).first().unstack("value")
    differences = (wide[best] - wide[worst]).dropna()
    if best == worst or differences.empty:
        return ""
    count, mean = len(differences), differences.mean()
    where = "one combination that was" if count == 1 else f"{count:,} combinations that were"
    than = f"{abs(mean):.4f} {'higher' if mean >= 0 else 'lower'} than {clean(shown(worst), 40)}"
    return f" In the {where} run with both, {clean(shown(best), 40)} is {than}."


def cloud_chart(runs, name, points, others, numeric):
    """Show all runs as points, or as a map of how many there are, and the mean of each tenth of them."""
    single = pd.DataFrame({"x": runs.table[name].astype(float), "y": runs.table[runs.measure]}).dropna()
    figure, axes = new_figure(3.4)
    draw_cloud(figure, axes, single["x"], single["y"])
    # Runs with the same value stay together, so tenths are not all of the same size.
    groups = single.groupby(pd.qcut(single["x"], 10, duplicates="drop"), observed=True)
    tenths = groups.agg(middle=("x", "median"), low=("x", "min"), high=("x", "max"), mean=("y", "mean"))
    axes.plot(tenths["middle"], tenths["mean"], color=VERMILION, marker="s", label="mean of a tenth of the runs")
    legend_below(figure)
    axes.set(xlabel=label(words(name)), ylabel=words(runs.measure), title=label(words(name)))

    best, worst = (tenths.loc[place] for place in (tenths["mean"].idxmax(), tenths["mean"].idxmin()))
    parts = [
        f"{one['mean']:.4f}, for {words(name)} {shown(one['low'])} to {shown(one['high'])}" for one in (best, worst)
    ]
    sentence = f"In tenths of the {len(single):,} runs, the mean {words(runs.measure)} is highest, {parts[0]}, "
    sentence += f"and lowest, {parts[1]}."
    if best["mean"] - worst["mean"] < 0.0001:
        sentence = f"The mean {words(runs.measure)} is about {best['mean']:.4f} "
        sentence += f"in every tenth of the {len(single):,} runs."
    if not others.empty:
        sentence += f" The runs also differ in {', '.join(map(words, others))}."
    alt = f"Cloud of {len(single):,} runs: {words(runs.measure)} by {words(name)}, with the mean of each tenth."
    return finished(figure, sentence, alt)


def draw_cloud(figure, axes, x, y, what="runs"):
    """Draw points; where there are thousands, a map of how many there are."""
    scale = "log" if is_wide(x) else "linear"
    if len(x) <= MOST_POINTS:
        axes.set_xscale(scale)
        axes.plot(x, y, "o", color=GREY, alpha=0.4, markersize=4, zorder=1)
    else:
        counts = axes.hexbin(x, y, gridsize=35, bins="log", mincnt=1, cmap="cividis_r", xscale=scale, zorder=1)
        figure.colorbar(counts, label=what)


def by_time(runs):
    """Show what an accuracy costs: the time to fit, and the settings that nothing beats in both."""
    time = "seconds_to_fit" if runs.table["seconds_to_fit"].notna().any() else "seconds"
    points = runs.settings.dropna(subset=[time, runs.measure])
    if points.empty:
        return Finding("No run says how long it took.")
    points = points.sort_values([time, runs.measure], ascending=[True, False])
    front = points[points[runs.measure] > points[runs.measure].cummax().shift(fill_value=-1)]
    figure, axes = new_figure(3.4)
    draw_cloud(figure, axes, points[time], points[runs.measure], "settings")
    steps = {"color": BLUE, "marker": "D", "drawstyle": "steps-post", "label": "not beaten in both"}
    axes.plot(front[time], front[runs.measure], **steps)
    axes.set(xlabel="seconds to fit" if time == "seconds_to_fit" else "seconds, whole run", ylabel=words(runs.measure))
    legend_below(figure)

    each = [
        f"{one[time]:.3g} s for {exact(one[runs.measure])}{with_settings(runs, one)}" for _, one in front.iterrows()
    ]
    listed = each if len(each) <= 4 else [*each[:2], "…", *each[-2:]]
    sentence = f"Nothing beats {number(len(front), 'setting')} in both time and accuracy: {'; '.join(listed)}."
    if len(points) == 1:
        sentence = f"There is one setting: {each[0]}."
    beaten = len(points) - len(front)
    if beaten:
        rest = "the other one" if beaten == 1 else f"each of the other {beaten:,}"
        sentence += f" For {rest} there is one that is at least as good and as quick."
    alt = f"Chart of {words(runs.measure)} by seconds for {number(len(points), 'setting')}, with a stepped line along "
    return finished(figure, sentence, alt + f"the {len(front)} that are not beaten, from {each[0]} to {each[-1]}.")


def with_settings(runs, setting):
    """Return ' (hidden 512)', or nothing if all are the same."""
    return f" ({described(setting, runs.varying)})" if runs.varying else ""


def learning_curves(runs, most=MOST_CURVES):
    """Show the learning curves of runs over each other.

    With more than `most` runs, these are the best, the worst, and some evenly between them.
    """
    ranked = runs.best_first()
    ranked = ranked[runs.curves[ranked.index].notna()]
    if ranked.empty:
        return Finding("No run has stored its learning curves.")
    drawn = ranked.iloc[np.linspace(0, len(ranked) - 1, min(len(ranked), most)).round().astype(int)]
    curves = [np.array(curve) for curve in runs.curves[drawn.index]]
    names = [*runs.varying, "seed"] if "seed" in runs.names else runs.varying
    few = len(drawn) <= len(LOOKS)
    looks = LOOKS if few else [LOOKS[0], *[(GREY, ".", "-")] * (len(drawn) - 2), LOOKS[1]]
    figure, axes = new_figure(3.6)
    for place, (curve, (colour, marker, line)) in enumerate(zip(curves, looks, strict=False)):
        run = drawn.iloc[place]
        named = few or place in (0, len(drawn) - 1)
        rank = "" if few else "best: " if place == 0 else "worst: "
        axes.plot(
            np.arange(1, len(curve) + 1),
            curve,
            color=colour,
            linestyle=line,
            marker=marker if len(curve) <= 20 else "",  # a run of one epoch is a point, not a line
            alpha=1 if named else 0.5,
            linewidth=2 if named else 1,
            markersize=5,
            zorder=3 if named else 2,
            label=label(rank + (described(run, names) or run["run"])) if named else None,
        )
    axes.set(xlabel="epoch", ylabel="validation accuracy")
    axes.xaxis.get_major_locator().set_params(integer=True)
    legend_below(figure, size=8)
    sentence = curves_in_words(curves, len(ranked))
    return finished(figure, sentence, f"Line chart of accuracy by epoch for {number(len(drawn), 'run')}. {sentence}")


def curves_in_words(drawn, stored):
    """Return what the learning curves show."""
    best, worst = drawn[0], drawn[-1]
    if len(drawn) == 1:
        return f"The curve of one run: it ends at {best[-1]:.4f} after {number(len(best), 'epoch')}."
    text = f"The {len(drawn)} runs that stored learning curves."
    if len(drawn) < stored:
        text = f"{len(drawn)} of {stored:,} runs, evenly from the best to the worst."
    text += f" The best ends at {best[-1]:.4f} after {number(len(best), 'epoch')}"
    text += f", the worst at {worst[-1]:.4f} after {number(len(worst), 'epoch')}."
    early = sum(np.nanargmax(curve) < len(curve) - 1 for curve in drawn)
    return f"{text} In {early or 'none'} of the {len(drawn)}, the highest point came before the last epoch."
