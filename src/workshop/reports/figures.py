"""Figures of a report: what a parameter does, what an accuracy costs, how the learning went."""

import io
import math
from base64 import b64encode
from html import escape

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from handwriting.errors import ParameterError
from handwriting.figures.style import BLUE, GREEN, GREY, ORANGE, SKY, STYLE, VERMILION, describe
from handwriting.parameters import nearest
from workshop.reports.rows import short
from workshop.reports.runs import Setting, is_there, key_of, kind_of, number, shown
from workshop.reports.tables import Part, described, exact, words

__all__ = ["show_curves", "show_parameter", "show_parameters", "show_time"]

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
#: A numeric axis is logarithmic if its values span more than this.
SPAN = 20
MOST_CURVES = 30


def new_figure(height=3.1):
    """A figure that can still be read on a telephone, and its axes."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(4.2, height), dpi=160, layout="constrained")
        return figure, figure.subplots()


def part(figure, alt, sentence):
    """A figure with its description and its sentence, as a part of a report."""
    describe(figure, alt)
    for axes in figure.get_axes()[:1]:
        axes.ticklabel_format(axis="y", useOffset=False)
        low, high = axes.get_ylim()
        axes.set_ylim(max(low, -0.01), min(high, 1.005))  # no accuracy is above 1
    kept = io.BytesIO()
    with matplotlib.rc_context(STYLE):
        figure.savefig(kept, format="png")
    picture = b64encode(kept.getvalue()).decode()
    html = f'<img alt="{escape(alt)}" style="max-width: 100%; width: 580px" src="data:image/png;base64,{picture}">'
    return Part(sentence, html, figure)


def label(text):
    """A text in a figure: dollar signs are no formula, and what a font cannot draw is a question mark."""
    text = short(text, 60).replace("$", r"\$")
    drawable = "".join(one if ord(one) < 0x250 or one in "–…±" else "?" for one in text)
    return f" {drawable}" if drawable.startswith("_") else drawable


def below(figure, columns=1, size=9):
    """Put the legend where it hides nothing."""
    figure.legend(loc="outside lower center", ncols=columns, fontsize=size, frameon=False)


def is_numeric(values):
    """Whether all of these are numbers."""
    return all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values)


def scale(axes, values):
    """Give the horizontal axis of numbers its scale, and ticks where the values are if they are few."""
    values = sorted(set(values))
    if values[0] > 0 and values[-1] / values[0] > SPAN:
        axes.set_xscale("log")
    if len(values) <= 8:
        axes.set_xticks(values, [label(shown(value)) for value in values])
        axes.minorticks_off()
        crowded = sum(len(shown(value)) for value in values) > 30
        axes.tick_params(axis="x", labelrotation=45 if crowded else 0)


def show_parameters(runs):
    """Show what each parameter does in which the runs differ.

    Parameters
    ----------
    runs : workshop.reports.runs.Runs

    Returns
    -------
    list of Part
    """
    if not runs.varying:
        return [Part("The runs do not differ in any parameter but the seed.")]
    return [show_parameter(runs, name) for name in runs.varying]


def show_parameter(runs, name):
    """Show the accuracy against a parameter, with the spread over the seeds.

    Parameters
    ----------
    runs : workshop.reports.runs.Runs
    name : str

    Returns
    -------
    Part

    Raises
    ------
    handwriting.parameters.ParameterError
        If the runs have no such parameter.
    """
    if name not in runs.names:
        valid = ", ".join(runs.names) or "none"
        raise ParameterError(f'The runs have no parameter "{name}".{nearest(name, runs.names)} Valid: {valid}.')
    points = [
        (setting.values.get(name), setting)
        for setting in (seeds_as_settings(runs) if name == "seed" else runs.settings)
        if setting.values.get(name) is not None and setting.mean(runs.measure) is not None
    ]
    if not points:
        return Part(f"No run has both {words(name)} and an accuracy.")
    without = sum(len(one.runs) for one in runs.settings) - sum(len(setting.runs) for _, setting in points)
    numeric = is_numeric([value for value, _ in points])
    values = {kind_of(value) for value, _ in points}
    show = show_cloud if numeric and len(values) > MOST_VALUES else show_lines
    shown_part = show(runs, name, points, numeric)
    shown_part.html = f"<h3>{escape(words(name))}</h3>{shown_part.html}"
    if without:
        shown_part.sentence += f" {number(without, 'run')} without this parameter or an accuracy left out."
    return shown_part


def seeds_as_settings(runs):
    """Each run as a setting of its own, its seed among the values."""
    return [Setting(one.settings, [one]) for one in runs]


def show_lines(runs, name, points, numeric):
    """The mean at each value of a parameter, as a line, or as one per value of a second parameter."""
    others = [other for other in runs.varying if other != name]
    second = second_parameter(points, others, runs.measure)
    figure, axes = new_figure(3.1 if second is None else 3.7)
    overall = {}
    for value, setting in points:
        overall.setdefault(value if numeric else shown(value), []).append(setting)
    overall = {value: together(settings, runs.measure) for value, settings in overall.items()}
    order = sorted(overall) if numeric else sorted(overall, key=lambda value: -overall[value][0])[:MOST_CATEGORIES]
    place = {value: value if numeric else at for at, value in enumerate(order)}
    groups = {}
    for value, setting in points:
        groups.setdefault(shown(setting.values.get(second)) if second else "", []).append((value, setting))
    ordered = sorted(groups, key=lambda text: (not is_float(text), float(text) if is_float(text) else 0, text))
    if len(runs) <= MOST_POINTS:
        dots = [
            (place[key], y)
            for value, setting in points
            if (key := value if numeric else shown(value)) in place
            for y in setting.all(runs.measure)
        ]
        axes.plot(*zip(*dots, strict=True), ".", color=GREY, alpha=0.4, markersize=4, zorder=1)
    for text, (colour, marker, line) in zip(ordered, LOOKS, strict=False):
        found = {}
        for value, setting in groups[text]:
            found.setdefault(value if numeric else shown(value), []).append(setting)
        xs = [value for value in order if value in found]
        means, spreads = zip(*(together(found[value], runs.measure) for value in xs), strict=True)
        axes.errorbar(
            [place[value] for value in xs],
            means,
            [spread or 0 for spread in spreads] if any(spreads) else None,
            color=colour,
            marker=marker,
            linestyle=line if numeric else "none",
            capsize=3,
            label=label(f"{words(second)} {text}") if second else None,
        )
    axes.set(xlabel=label(words(name)), ylabel=words(runs.measure))
    if numeric:
        scale(axes, order)
    else:
        axes.set_xticks(range(len(order)), [label(short(text, 14)) for text in order])
        axes.tick_params(axis="x", labelrotation=0 if sum(len(text[:14]) for text in order) < 40 else 60)
        axes.set_xlim(-0.5, len(order) - 0.5)
    if second:
        below(figure, columns=2)
    told = "; ".join(f"{shown(value)}: {overall[value][0]:.4f}" for value in order[:12])
    alt = f"{'Line chart' if numeric else 'Chart'} of {words(runs.measure)} by {words(name)}. Means: {told}."
    if second:
        alt += f" One {'line' if numeric else 'mark'} for each {words(second)}: {', '.join(ordered)}."
    return part(figure, alt, lines_in_words(runs, name, points, overall, others, second, len(order)))


def lines_in_words(runs, name, points, overall, others, second, count):
    """What the lines show: the best and the worst value, the spread, and what else varies."""
    measure = words(runs.measure)
    best, worst = max(overall, key=lambda key: overall[key][0]), min(overall, key=lambda key: overall[key][0])
    high, low = overall[best][0], overall[worst][0]
    if best == worst:
        text = f"All runs have {words(name)} {short(shown(best))}, with a mean {measure} of {high:.4f}."
    else:
        text = (
            f"The mean {measure} is highest, {high:.4f}, at {words(name)} {short(shown(best))} "
            f"and lowest, {low:.4f}, at {short(shown(worst))}: {high - low:.4f} apart."
        )
    spread = together([setting for _, setting in points], runs.measure)[1]
    if spread is not None:
        text += f" The bars are the spread over seeds (one standard deviation), {spread:.4f} on the whole."
    elif name != "seed":
        text += " There is one seed each, so nobody knows how much of that is luck." if not others else ""
    over = [words(other) for other in others if other != second]
    if over:
        text += f" Each mark is a mean over runs that also differ in {', '.join(over)}."
    sizes = [len({kind_of(setting.values.get(other)) for _, setting in points}) for other in [name, *others]]
    if others and name != "seed" and math.prod(sizes) != len(points):
        text += " Not all combinations were run, so a part of the difference may come from what else differs."
        text += matched(runs, name, points, best, worst)
    if count < len(overall):
        text += f" The figure shows the best {count} of {len(overall):,} values."
    return text


def matched(runs, name, points, best, worst):
    """The difference between two values of a parameter where nothing else differs, as a sentence."""
    groups = {}
    for value, setting in points:
        key = key_of(setting.values, without=("seed", name))
        groups.setdefault(key, {})[shown(value)] = setting.mean(runs.measure)
    one, other = shown(best), shown(worst)
    both = [group[one] - group[other] for group in groups.values() if one in group and other in group]
    if one == other or not both:
        return ""
    where = "one combination that was" if len(both) == 1 else f"{len(both):,} combinations that were"
    mean = math.fsum(both) / len(both)
    than = f"{abs(mean):.4f} {'higher' if mean >= 0 else 'lower'} than {short(other)}"
    return f" In the {where} run with both, {short(one)} is {than}."


def second_parameter(points, others, measure):
    """The other parameter with few values that makes the largest difference, or None."""
    best, largest = None, -1.0
    for other in others:
        groups = {}
        for _, setting in points:
            groups.setdefault(kind_of(setting.values.get(other)), []).append(setting)
        if 2 <= len(groups) <= len(LOOKS):
            means = [together(settings, measure)[0] for settings in groups.values()]
            known = [mean for mean in means if mean is not None]
            difference = max(known) - min(known) if known else 0
            if difference > largest:
                best, largest = other, difference
    return best


def together(settings, measure):
    """The mean over settings, and the spread over seeds within them: (mean, spread or None)."""
    means = [mean for setting in settings if (mean := setting.mean(measure)) is not None]
    spreads = [spread for setting in settings if (spread := setting.spread(measure)) is not None]
    mean = math.fsum(means) / len(means) if means else None
    return mean, math.sqrt(math.fsum(one**2 for one in spreads) / len(spreads)) if spreads else None


def is_float(text):
    """Whether a text is a number that can be put in order."""
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def show_cloud(runs, name, points, numeric):
    """All runs as points, or as a map of how many there are, and the mean of each tenth of them."""
    pairs = [(value, y) for value, setting in points for y in setting.all(runs.measure)]
    xs, ys = (np.array(column, dtype=float) for column in zip(*pairs, strict=True))
    figure, axes = new_figure(3.4)
    cloud(figure, axes, xs, ys)
    # Runs with the same value stay together, so tenths are not all of the same size.
    cuts = np.unique(np.quantile(xs, np.linspace(0.1, 0.9, 9)))
    which = np.searchsorted(cuts, xs)
    tenths = [which == one for one in np.unique(which)]
    middles = [float(np.median(xs[tenth])) for tenth in tenths]
    means = [float(ys[tenth].mean()) for tenth in tenths]
    axes.plot(middles, means, color=VERMILION, marker="s", label="mean of a tenth of the runs")
    below(figure)
    axes.set(xlabel=label(words(name)), ylabel=words(runs.measure))
    best, worst = int(np.argmax(means)), int(np.argmin(means))

    def range_of(tenth):
        chosen = xs[tenths[tenth]]
        return f"{words(name)} {shown(float(chosen.min()))} to {shown(float(chosen.max()))}"

    sentence = (
        f"In tenths of the {len(xs):,} runs, the mean {words(runs.measure)} is highest, {means[best]:.4f}, for "
        f"{range_of(best)}, and lowest, {means[worst]:.4f}, for {range_of(worst)}."
    )
    if means[best] - means[worst] < 0.0001:
        sentence = f"The mean {words(runs.measure)} is about {means[best]:.4f} in every tenth of the {len(xs):,} runs."
    others = [words(other) for other in runs.varying if other != name]
    if others:
        sentence += f" The runs also differ in {', '.join(others)}."
    alt = f"Cloud of {len(xs):,} runs: {words(runs.measure)} by {words(name)}, with the mean of each tenth."
    return part(figure, alt, sentence)


def cloud(figure, axes, xs, ys, what="runs"):
    """Points; where there are thousands, a map of how many there are."""
    log = xs.min() > 0 and xs.max() / xs.min() > SPAN
    if len(xs) <= MOST_POINTS:
        axes.set_xscale("log" if log else "linear")
        axes.plot(xs, ys, "o", color=GREY, alpha=0.4, markersize=4, zorder=1)
        return
    many = axes.hexbin(
        xs, ys, gridsize=35, bins="log", mincnt=1, cmap="cividis_r", xscale="log" if log else "linear", zorder=1
    )
    figure.colorbar(many, label=what)


def show_time(runs):
    """Show what an accuracy costs: time against accuracy, and the settings that nothing beats in both.

    Parameters
    ----------
    runs : workshop.reports.runs.Runs

    Returns
    -------
    Part
    """
    time = "seconds_to_fit" if any(is_there(one, "seconds_to_fit") for one in runs) else "seconds"
    points = []
    for setting in runs.settings:
        x, y = setting.mean(time), setting.mean(runs.measure)
        if x is not None and y is not None:
            points.append((x, y, setting))
    if not points:
        return Part("No run says how long it took.")
    points.sort(key=lambda point: (point[0], -point[1]))
    front = []
    for point in points:
        if not front or point[1] > front[-1][1]:
            front.append(point)
    xs, ys = (np.array(column, dtype=float) for column in list(zip(*points, strict=True))[:2])
    figure, axes = new_figure(3.4)
    cloud(figure, axes, xs, ys, "settings")
    steps = dict(color=BLUE, marker="D", drawstyle="steps-post", label="not beaten in both")
    axes.plot([point[0] for point in front], [point[1] for point in front], **steps)
    axes.set(xlabel="seconds to fit" if time == "seconds_to_fit" else "seconds, whole run", ylabel=words(runs.measure))
    below(figure)
    told = [f"{x:.3g} s for {exact(y)}{with_settings(runs, setting)}" for x, y, setting in front]
    listed = told if len(told) <= 4 else [*told[:2], "…", *told[-2:]]
    beaten = len(points) - len(front)
    sentence = f"Nothing beats {number(len(front), 'setting')} in both time and accuracy: {'; '.join(listed)}."
    if len(points) == 1:
        sentence = f"There is one setting: {told[0]}."
    if beaten:
        rest = "the other one" if beaten == 1 else f"each of the other {beaten:,}"
        sentence += f" For {rest} there is one that is at least as good and as quick."
    alt = f"Chart of {words(runs.measure)} by seconds for {number(len(points), 'setting')}, with a stepped line along "
    return part(figure, alt + f"the {len(front)} that are not beaten, from {told[0]} to {told[-1]}.", sentence)


def with_settings(runs, setting):
    """' (hidden 512)', or nothing if all are the same."""
    return f" ({described(setting.values, runs.varying)})" if runs.varying else ""


def show_curves(runs, most=MOST_CURVES):
    """Show the learning curves of runs over each other.

    Parameters
    ----------
    runs : workshop.reports.runs.Runs
    most : int
        How many at most: the best, the worst, and some evenly between them.

    Returns
    -------
    Part
    """
    ranked = [one for one in runs.best_first() if one.with_curves]
    places = np.unique(np.linspace(0, len(ranked) - 1, min(len(ranked), most)).round().astype(int)) if ranked else []
    drawn = []
    for place in places:
        found = runs.curves(ranked[place])
        values = found.get("val_accuracy") or found.get("accuracy")
        if values:
            drawn.append((ranked[place], np.array(values)))
    if not drawn:
        return Part("No run has stored its learning curves.")
    figure, axes = new_figure(3.6)
    names = [*runs.varying, "seed"] if "seed" in runs.names else runs.varying
    few = len(drawn) <= len(LOOKS)
    looks = LOOKS if few else [LOOKS[0], *[(GREY, "", "-")] * (len(drawn) - 2), LOOKS[1]]
    for at, ((one, values), (colour, marker, line)) in enumerate(zip(drawn, looks, strict=False)):
        named = few or at in (0, len(drawn) - 1)
        told = described(one.settings, names) or one.name
        rank = "" if few else ("best: " if at == 0 else "worst: ")
        axes.plot(
            np.arange(1, len(values) + 1),
            values,
            color=colour,
            linestyle=line,
            # A run of one epoch is no line, but a point.
            marker=(marker or ".") if len(values) <= 20 else "",
            alpha=1 if named else 0.5,
            linewidth=2 if named else 1,
            markersize=5,
            zorder=3 if named else 2,
            label=label(short(rank + told, 60)) if named else None,
        )
    axes.set(xlabel="epoch", ylabel="validation accuracy")
    axes.xaxis.get_major_locator().set_params(integer=True)
    below(figure, size=8)
    sentence = curves_in_words([values for _, values in drawn], len(ranked))
    alt = f"Line chart of accuracy by epoch for {number(len(drawn), 'run')}. {sentence}"
    return part(figure, alt, sentence)


def curves_in_words(drawn, stored):
    """What the learning curves show."""
    start, end = drawn[0], drawn[-1]
    if len(drawn) == 1:
        return f"The curve of one run: it ends at {start[-1]:.4f} after {number(len(start), 'epoch')}."
    if len(drawn) < stored:
        text = f"{len(drawn)} of {stored:,} runs, evenly from the best to the worst."
    else:
        text = f"{len(drawn)} runs, which is all that stored their curves."
    text += f" The best ends at {start[-1]:.4f} after {number(len(start), 'epoch')}"
    text += f", the worst at {end[-1]:.4f} after {number(len(end), 'epoch')}."
    over = sum(np.nanargmax(values) < len(values) - 1 for values in drawn)
    return f"{text} In {over or 'none'} of the {len(drawn)}, the highest point came before the last epoch."
