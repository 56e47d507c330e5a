"""The charts of a report: what each parameter does, what an accuracy costs, how the training went.

Each function takes the `Runs` that `read_runs` returns, and returns a `Finding` with a Matplotlib figure.
"""

import math

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from handwriting.errors import ParameterError
from handwriting.figures.style import BLUE, GREEN, GREY, ORANGE, SKY, STYLE, VERMILION, describe
from handwriting.parameters import nearest
from handwriting.text import clean, counted
from workshop.reports.read_runs import shown
from workshop.reports.tables import MOST_VARYING, Finding, described, exact, words

#: Colour, marker and line of each series: never colour alone.
SERIES_STYLES = [
    {"color": BLUE, "marker": "o", "linestyle": "-"},
    {"color": VERMILION, "marker": "s", "linestyle": "--"},
    {"color": GREEN, "marker": "D", "linestyle": "-."},
    {"color": ORANGE, "marker": "^", "linestyle": ":"},
    {"color": SKY, "marker": "v", "linestyle": (0, (5, 1))},
    {"color": GREY, "marker": "P", "linestyle": (0, (1, 1))},
]
MOST_VALUES = 30  # of a numeric parameter with more, the mean of each tenth is shown
MOST_CATEGORIES = 20  # with more, only the best are shown
MOST_CURVES = 30


def new_figure(x, y, title=""):
    """Return a figure that can still be read on a telephone, and its axes with these texts."""
    with matplotlib.rc_context(STYLE | {"axes.formatter.useoffset": False}):
        figure = Figure(figsize=(4.2, 3.6), dpi=160, layout="constrained")
        axes = figure.subplots()
    axes.set(xlabel=label(x), ylabel=label(y), title=label(title))
    return figure, axes


def finished(figure, sentence, alt, columns=1):
    """Return a figure as a finding, with a legend that hides nothing and a description for screen readers."""
    low, high = figure.axes[0].get_ylim()  # of accuracies: there is nothing above 1
    figure.axes[0].set_ylim(max(low, 0), min(high, 1 + (1 - low) / 50))
    if figure.axes[0].get_legend_handles_labels()[0]:
        figure.legend(loc="outside lower center", ncols=columns, fontsize=9, frameon=False)
    return Finding(sentence, describe(figure, f"{alt} {sentence}"))


def label(text, longest=60):
    """Return a text for a figure, in which dollar signs are not a formula and no text is left out of the legend."""
    text = clean(text, longest).replace("$", r"\$")
    return f" {text}" if text.startswith("_") else text


def scale_of(values):
    """Return the scale of an axis for these numbers: logarithmic if they span more than a factor of 20."""
    return "log" if min(values) > 0 and max(values) / min(values) > 20 else "linear"


def each_parameter(runs):
    """Yield what `by_parameter` shows for each parameter in which the runs differ, as far as anyone would read on."""
    for name in runs.varying[:MOST_VARYING]:
        yield by_parameter(runs, name)
    if len(runs.varying) > MOST_VARYING:
        yield Finding(
            f"These are the first {MOST_VARYING} of {len(runs.varying)} parameters in which the runs differ. "
            "charts.by_parameter(runs, NAME) shows any other."
        )


def by_parameter(runs, name):
    """Show the accuracy for each value of a parameter, and the spread over seeds; ParameterError if there is none."""
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
    others = rows.loc[points.index, [other for other in runs.varying[:MOST_VARYING] if other != name]].map(shown)
    tenths = numeric and points["value"].nunique() > MOST_VALUES
    if tenths:
        groups = points.groupby(pd.qcut(points["value"], 10, duplicates="drop"), observed=True)
        points["value"] = groups["value"].transform("median")
    found = line_chart(runs, name, points, others, numeric)
    if tenths:
        found.sentence += f" Each mark is the mean of a tenth of the settings, at its median {words(name)}."
    left_out = len(runs) - points["runs"].sum()
    if left_out:
        found.sentence += f" {counted(left_out, 'run')} without this parameter or an accuracy left out."
    return found


def means_by(points, key):
    """Return, for each value of a column, the mean over settings and the spread over the seeds within them."""
    found = points.groupby(key)[["mean", "squared"]].mean()
    return found.assign(spread=np.sqrt(found["squared"]))


def line_chart(runs, name, points, others, numeric):
    """Show the mean at each value of a parameter as a line, or as one for each value of a second parameter."""
    second = second_parameter(points, others)
    values = means_by(points, "value")
    if not numeric:
        values = values.sort_values("mean", ascending=False).head(MOST_CATEGORIES)
    place = pd.Series(values.index if numeric else range(len(values)), values.index)

    figure, axes = new_figure(words(name), words(runs.measure), words(name))
    single = runs.table[name].astype(float) if numeric else runs.table[name].map(shown).map(place)
    draw_points(axes, single, runs.table[runs.measure])
    numbers = pd.to_numeric(others[second], errors="coerce") if second else None  # in order, where they are numbers
    lines = points.groupby(numbers.where(numbers.notna(), others[second]) if second else lambda row: "")
    for (text, group), style in zip(lines, SERIES_STYLES, strict=False):
        means = means_by(group, "value").reindex(values.index).dropna(subset="mean")
        style = style if numeric else style | {"linestyle": "none"}
        bars = means["spread"].fillna(0) if means["spread"].any() else None
        text = label(f"{words(second)} {shown(text)}") if second else None
        axes.errorbar(place[means.index], means["mean"], bars, capsize=3, label=text, **style)
    if numeric:
        axes.set_xscale(scale_of(values.index))
    if not numeric or len(values) <= 8:
        ticks = [label(shown(value), 14) for value in values.index]
        axes.set_xticks(place, ticks, rotation=60 if sum(map(len, ticks)) > 30 else 0)
        axes.minorticks_off()

    sentence = line_in_words(runs, name, points, others, second)
    if len(values) < points["value"].nunique():
        sentence += f" The figure shows the best {len(values)} of {points['value'].nunique():,} values."
    alt = f"{'Line chart' if numeric else 'Chart'} of {words(runs.measure)} by {words(name)}."
    if second:
        alt += f" One {'line' if numeric else 'mark'} for each value of {words(second)}: "
        alt += f"{', '.join(shown(text) for text in lines.groups)}."
    return finished(figure, sentence, alt, columns=2)


def second_parameter(points, others):
    """Return the other parameter with few values that makes the largest difference, or None."""
    differences = {}
    for other in others:
        means = points["mean"].groupby(others[other]).mean()
        if 2 <= len(means) <= len(SERIES_STYLES):
            differences[other] = means.max() - means.min()
    return max(differences, key=differences.get, default=None)


def line_in_words(runs, name, points, others, second):
    means = points.groupby("value")["mean"].mean()
    best, worst = means.idxmax(), means.idxmin()
    high, low = (clean(shown(value), 40) for value in (best, worst))
    text = f"The mean {words(runs.measure)} is highest, {means[best]:.4f}, at {words(name)} {high}"
    text += f" and lowest, {means[worst]:.4f}, at {low}." if best != worst else ", the value of all runs."
    if points["squared"].notna().any():
        spread = math.sqrt(points["squared"].mean())
        text += f" The bars are the spread over seeds (one standard deviation), {spread:.4f} on average."
    elif name != "seed" and others.empty:
        text += " There is only one seed each, so nobody can tell how much of that is luck."
    over = [words(other) for other in others if other != second]
    if over:
        text += f" Each mark is a mean over runs that also differ in {', '.join(over)}."
    if name != "seed" and not others.empty and math.prod([len(means), *others.nunique()]) != len(points):
        text += " Not all combinations were run, so part of the difference may come from other parameters."
        # Where nothing else differs:
        wide = points["mean"].groupby([*(others[other] for other in others), points["value"]]).first().unstack("value")
        differences = (wide[best] - wide[worst]).dropna()
        if best != worst and len(differences):
            mean = differences.mean()
            text += f" In the {counted(len(differences), 'combination')} run with both, {high} is"
            text += f" {abs(mean):.4f} {'higher' if mean >= 0 else 'lower'} than {low}."
    return text


def draw_points(axes, x, y):
    """Draw grey points, the fainter the more there are, behind everything else."""
    axes.plot(x, y, ".", color=GREY, alpha=min(0.4, max(0.05, 200 / len(x))), zorder=1)


def by_time(runs):
    """Show what an accuracy costs: the time to fit, and the settings that nothing beats in both."""
    time = "seconds_to_fit" if runs.table["seconds_to_fit"].notna().any() else "seconds"
    points = runs.settings.dropna(subset=[time, runs.measure])
    if points.empty:
        return Finding("No run recorded how long it took.")
    points = points.sort_values([time, runs.measure], ascending=[True, False])
    front = points[points[runs.measure] > points[runs.measure].cummax().shift(fill_value=-1)]
    figure, axes = new_figure(words(time) if time == "seconds_to_fit" else "seconds, whole run", words(runs.measure))
    draw_points(axes, points[time], points[runs.measure])
    axes.plot(front[time], front[runs.measure], **SERIES_STYLES[0], drawstyle="steps-post", label="best trade-offs")
    axes.set_xscale(scale_of(points[time]))

    each = []
    for _, one in front.iterrows():
        setting = f" ({described(one, runs.varying)})" if runs.varying else ""
        each.append(f"{one[time]:.3g} s for {exact(one[runs.measure])}{setting}")
    listed = each if len(each) <= 4 else [*each[:2], "…", *each[-2:]]
    sentence = f"The best trade-offs of time and accuracy ({counted(len(front), 'setting')}): {'; '.join(listed)}."
    if len(points) == 1:
        sentence = f"There is one setting: {each[0]}."
    elif len(front) < len(points):
        sentence += " For every other setting, one of these is at least as accurate and as fast."
    return finished(figure, sentence, f"Chart of {words(runs.measure)} by seconds, with a stepped line along the best.")


def learning_curves(runs):
    """Show learning curves over each other: of all runs, or of the best, the worst, and some evenly between them."""
    ranked = runs.best_first()
    ranked = ranked[runs.curves[ranked.index].notna()]
    epochs = runs.curves[ranked.index].map(len)
    short = (epochs == 1).sum()
    ranked = ranked[epochs > 1]
    if ranked.empty:
        return Finding("All runs trained for one epoch." if short else "No run stored its learning curves.")
    drawn = ranked.iloc[np.linspace(0, len(ranked) - 1, min(len(ranked), MOST_CURVES)).round().astype(int)]
    curves = [np.array(curve) for curve in runs.curves[drawn.index]]
    names = [*runs.varying, "seed"] if "seed" in runs.names else runs.varying
    texts = [described(run, names) or run["run"] for _, run in drawn.iterrows()]
    styles = SERIES_STYLES
    if len(drawn) > len(SERIES_STYLES):
        between, faint = len(drawn) - 2, {"color": GREY, "alpha": 0.5, "linewidth": 1, "marker": "."}
        styles = [SERIES_STYLES[0], *[faint] * between, SERIES_STYLES[1]]
        texts = [f"best: {texts[0]}", *[""] * between, f"worst: {texts[-1]}"]

    figure, axes = new_figure("epoch", "validation accuracy")
    for curve, style, text in zip(curves, styles, texts, strict=False):
        marker = {"marker": style["marker"] if len(curve) <= 20 else ""}
        axes.plot(np.arange(1, len(curve) + 1), curve, **(style | marker), label=label(text) if text else None)
    axes.set_xlim(0.5, max(map(len, curves)) + 0.5)
    axes.xaxis.get_major_locator().set_params(integer=True)
    sentence = curves_in_words(curves, len(ranked))
    sentence += f" {counted(short, 'run')} of one epoch left out." if short else ""
    return finished(figure, sentence, "Line chart of accuracy by epoch.")


def curves_in_words(drawn, stored):
    best, worst = (f"{curve[-1]:.4f} after {counted(len(curve), 'epoch')}" for curve in (drawn[0], drawn[-1]))
    if len(drawn) == 1:
        return f"The curve of one run: it ends at {best}."
    text = f"The {len(drawn)} runs that stored learning curves."
    if len(drawn) < stored:
        text = f"{len(drawn)} of {stored:,} runs, evenly spaced from the best to the worst."
    early = sum(np.nanargmax(curve) < len(curve) - 1 for curve in drawn)
    text += f" The best ends at {best}, the worst at {worst}."
    return f"{text} {early or 'None'} of the {len(drawn)} reached the highest point before the last epoch."
