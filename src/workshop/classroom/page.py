"""The page about a class as HTML. Everything that came from a notebook or a file's name is escaped in here."""

from base64 import b64encode
from collections import Counter
from html import escape
from io import BytesIO
from math import ceil, floor

from PIL import Image

from workshop.classroom.submissions import DATA
from workshop.publish.pages import STYLE

__all__ = ["counted", "hardest", "page", "students_of"]

IN_GALLERY = 24  # pictures
SKIPPED_SHOWN = 200
LONG = ' class="long"'
#: Nothing may be loaded or run, whatever a notebook had smuggled in: only pictures and styles within the page.
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
OWN_STYLE = """
:root { --mark: #0072b2; --mean: #b34700; }
@media (prefers-color-scheme: dark) { :root { --mark: #56b4e9; --mean: #e69f00; } }
body { max-width: 60em; overflow-wrap: anywhere; }
caption { text-align: left; padding: .4em 0; }
thead th { vertical-align: bottom; }
thead th { overflow-wrap: break-word; }
td { font-variant-numeric: tabular-nums; min-width: 3.5em; }
tbody th, .long { min-width: 7em; }
summary { padding: .4em 0; }
figure { margin: 1em 0; }
svg { width: 100%; max-width: 40em; height: auto; display: block; }
svg text { fill: var(--ink); font: 11px sans-serif; }
svg line { stroke: var(--ink); }
svg circle { fill: var(--mark); stroke: var(--paper); stroke-width: .5; }
svg circle.doubt { fill: var(--paper); stroke: var(--mark); stroke-width: 1.5; }
svg .mean { stroke: var(--mean); stroke-width: 2; stroke-dasharray: 4 2; }
.pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(8.2em, 1fr)); gap: 1em; padding: 0; }
.pictures li { list-style: none; }
.pictures img { width: 112px; height: 112px; image-rendering: pixelated; border: 1px solid #8888; }
"""


def students_of(students, data):
    """Those whose network was tested on this data set."""
    return [one for one in students if one.data == data]


def hardest(students):
    """Count which test pictures most students' networks read wrong.

    Parameters
    ----------
    students : list of HandedIn

    Returns
    -------
    list of tuple (int, collections.Counter)
        Picture, and how many networks read it as what; the hardest first. With several students, only pictures
        that at least two of them had.
    """
    read_as, sure = {}, Counter()
    for one in students:
        for index, guess, probability in one.mistakes:
            read_as.setdefault(index, Counter())[guess] += 1
            sure[index] += probability
    least = min(2, len(students))
    order = sorted(read_as, key=lambda index: (-read_as[index].total(), -sure[index], index))
    return [(index, read_as[index]) for index in order if read_as[index].total() >= least][:IN_GALLERY]


def page(students, skipped, pictures, known, names):
    """The page as HTML. Everything that came from a notebook or a file's name is escaped in here."""
    heading = f"Our class: {counted(len(students), 'student')}"
    copies = sum(len(one.copies) for one in students)
    told = [
        f"{counted(len(students) + copies, 'notebook')} 6 handed in"
        + (f", {counted(copies, 'copy', 'copies')} of another among them" if copies else "")
        + ".",
        f'{counted(len(skipped), "file")} skipped: <a href="#skipped">why</a>.' if skipped else "",
        "All numbers are as the notebooks say; nobody checked them.",
    ]
    parts = [
        f"<h1>{heading}</h1><p>{' '.join(filter(None, told))}</p>",
        accuracy_part(students),
        students_part(students, len(known)),
        exercises_part(students, known),
        *(gallery_part(students_of(students, data), data, shown) for data, shown in pictures.items()),
        copies_part(students, names),
        skipped_part(skipped, names),
    ]
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{heading}</title><style>{STYLE}{OWN_STYLE}</style></head>
<body><main>{"".join(parts)}</main></body></html>
"""


def counted(count, one, many=None):
    """'1 student', '1,200 students'."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def table(caption, head, rows, label):
    """A table that scrolls by itself on a narrow screen.

    Parameters
    ----------
    caption : str
        HTML.
    head : list of str
        HTML of the column headers.
    rows : list of list of str
        HTML; the first cell of each is the row's header.
    label : str
        What to call the part that scrolls.
    """
    top = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    body = "".join(
        f'<tr><th scope="row">{cells[0]}</th>'
        + "".join(f"<td{LONG if len(cell) > 30 else ''}>{cell}</td>" for cell in cells[1:])
        + "</tr>"
        for cells in rows
    )
    return (
        f'<div class="wide" role="region" tabindex="0" aria-label="{label}"><table><caption>{caption}</caption>'
        f"<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def safe(text):
    """A text from outside as HTML: no markup, and its direction keeps to itself."""
    return f"<bdi>{escape(text, quote=True)}</bdi>"


def accuracy_part(students):
    """Mean, range and a dot plot for each data set; a mean across data sets would say nothing."""
    parts = ["<h2>Accuracy on the test pictures</h2>"]
    for data in [*DATA, ""]:
        group = students_of(students, data)
        if not group:
            continue
        heading = DATA.get(data, "other data")
        values = [one.accuracy for one in group]
        mean = sum(values) / len(values) if data else None
        span = f"from {min(values):.4f} to {max(values):.4f}" if len(group) > 1 else f"{values[0]:.4f}"
        told = f"Mean {mean:.4f}, {span}." if data and len(group) > 1 else f"{span.capitalize()}."
        rest = " No mean: not all of them had the same test." if not data and len(group) > 1 else ""
        parts.append(
            f"<h3>{heading[:1].upper()}{heading[1:]}: {counted(len(group), 'student')}</h3><p>{told}{rest}</p>"
            + (f"<figure>{dot_plot(group, mean, heading)}</figure>" if len(group) > 1 else "")
        )
    if any("<svg" in part for part in parts):
        parts.append("<p>Each dot is a student. Nearly equal ones stand on each other.</p>")
    return "".join(parts)


def ticks(low, high):
    """Round numbers from below `low` to above `high`, at most seven."""
    steps = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
    step = next(step for step in steps if (high - low) / step <= 4.5 or step == steps[-1])
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    if first == last:
        first, last = max(0, first - 1), min(round(1 / step), last + 1)
    return [round(place * step, 4) for place in range(first, last + 1)]


def dot_plot(students, mean, label):
    """An SVG with one dot per student, which says in words what it shows."""
    values = [one.accuracy for one in students]
    marks = ticks(min(values), max(values))
    left, wide, column = 18, 284, 6.4
    place = lambda value: left + wide * (value - marks[0]) / (marks[-1] - marks[0])  # noqa: E731
    stacks = {}
    for one in sorted(students, key=lambda one: one.accuracy):
        stacks.setdefault(round((place(one.accuracy) - left) / column), []).append(one)
    tallest = max(map(len, stacks.values()))
    apart = min(column, 150 / tallest)  # a tall stack is pressed together
    ground = 22 + apart * tallest + 6
    drawn = []
    for where, stack in stacks.items():
        for up, one in enumerate(stack):
            x, y = left + where * column, ground - 5 - up * apart
            told = f"{escape(one.name)}: {one.accuracy:.4f}"
            mark = ' class="doubt"' if one.doubts else ""
            drawn.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3"{mark}><title>{told}</title></circle>')
    axis = [f'<line x1="{left - 6}" x2="{left + wide + 6}" y1="{ground}" y2="{ground}"/>']
    for mark in marks:
        x = place(mark)
        axis.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{ground}" y2="{ground + 4}"/>')
        digits = 4 if marks[1] - marks[0] < 0.0009 else 3 if marks[1] - marks[0] < 0.009 else 2
        axis.append(f'<text x="{x:.1f}" y="{ground + 16}" text-anchor="middle">{mark:.{digits}f}</text>')
    if mean is not None and len(students) > 1:
        x = place(mean)
        anchor = "start" if x < 100 else "end" if x > 220 else "middle"
        axis.append(f'<line class="mean" x1="{x:.1f}" x2="{x:.1f}" y1="16" y2="{ground}"/>')
        axis.append(f'<text x="{x:.1f}" y="11" text-anchor="{anchor}">mean {mean:.4f}</text>')
    said = f"Dot plot of {counted(len(students), 'accuracy', 'accuracies')} on {label}"
    said += f", from {min(values):.4f} to {max(values):.4f}" + (f", mean {mean:.4f}" if mean is not None else "")
    return (
        f'<svg viewBox="0 0 320 {ground + 22:.0f}" role="img" aria-label="{said}. The numbers are in the next table.">'
        f"{''.join(axis)}{''.join(drawn)}</svg>"
    )


def students_part(students, exercise_count):
    """The table of students, and where the numbers of one do not agree."""
    head = ["student", "test accuracy", "tested on", "changed settings", "exercises done"]
    rows, doubted = [], []
    for one in students:
        settings = [f"{escape(name.replace('_', ' '))} {safe(value)}" for name, value in (one.changed or {}).items()]
        done = list((one.states or {}).values()).count("done")
        asked = ' <a href="#doubts">edited by hand?</a>' if one.doubts else ""
        rows.append(
            [
                safe(one.name),
                f"{one.accuracy:.4f}{asked}",
                safe(one.data_label),
                "not told" if one.changed is None else ", ".join(settings) or "none",
                "not shown" if one.states is None else f"{done} of {exercise_count}",
            ]
        )
        doubted += [f"<li>{safe(one.name)}: {escape('; '.join(one.doubts))}</li>"] if one.doubts else []
    if len({one.data_label for one in students}) == 1 and students[0].data:  # the heading above says it
        head, rows = head[:2] + head[3:], [row[:2] + row[3:] for row in rows]
    caption = "What each notebook says. Usual settings are left out."
    ask = (
        "<h3 id='doubts'>Edited by hand?</h3>"
        "<p>Something in these notebooks does not fit together: their dots are hollow. "
        "There may be a good reason, such as a cell that was changed and run again: ask before you judge. "
        f"Their mistakes do not count for the pictures below.</p><ul>{''.join(doubted)}</ul>"
    )
    return f"<h2>All students</h2>{table(caption, head, rows, 'All students')}{ask if doubted else ''}"


def exercises_part(students, known):
    """Which exercises were hard for the class, and how many did each."""
    lists = [one.states for one in students if one.states is not None]
    if not lists:
        return "<h2>Exercises</h2><p>No notebook shows which exercises are done.</p>"
    counts = {name: Counter(states.get(name, "open") for states in lists) for name in known}
    tried = [name for name in known if counts[name]["done"] + counts[name]["not right yet"]]

    def stuck(name):
        return counts[name]["not right yet"], -counts[name]["done"]

    hard = sorted((name for name in tried if counts[name]["not right yet"]), key=stuck, reverse=True)[:5]
    told = "".join(
        f"<li>{spelled(name)}: {counts[name]['not right yet']} of "
        f"{counts[name]['not right yet'] + counts[name]['done']} who tried it do not have it right yet</li>"
        for name in hard
    )
    rows = [
        [spelled(name), *(str(counts[name][state]) for state in ("done", "not right yet", "open"))] for name in tried
    ]
    caption = f"How many of {counted(len(lists), 'student')} did each exercise, in the order of the notebooks."
    every = table(caption, ["exercise", "done", "not right yet", "open"], rows, "Exercises")
    untried = {}
    for name in known:
        if name not in tried:
            stage, _, exercise = spelled(name).partition(": ")
            untried.setdefault(stage, []).append(exercise)
    left = "; ".join(f"{stage} ({', '.join(those)})" for stage, those in untried.items())
    if not tried:
        return "<h2>Exercises</h2><p>Nobody tried any yet.</p>"
    return (
        "<h2>Exercises</h2>"
        + (f"<p>The hardest for the class:</p><ol>{told}</ol>" if hard else "<p>Whoever tried one got it right.</p>")
        + f"<details><summary>All exercises that someone tried</summary>{every}</details>"
        + (f"<p>Nobody tried these: {left}.</p>" if left else "")
    )


def spelled(name):
    """'load.count_sevens' as people read it."""
    stage, _, exercise = name.partition(".")
    return escape(f"{stage}: {exercise}".replace("_", " "))


def gallery_part(students, data, pictures):
    """The test pictures that most networks read wrong, drawn from the data on this machine."""
    heading = f"<h2>The hardest pictures of {DATA[data]}</h2>"
    fitting = [one for one in students if one.mistakes and not one.doubts]
    if pictures is None:
        fetching = f"<code>handwriting data fetch {data}</code> gets it"
        return f"{heading}<p>They cannot be shown: this data is not on this machine. {fetching}.</p>"
    found = hardest(fitting)
    if not found:
        return f"{heading}<p>No picture was read wrong by two students' networks.</p>"
    items = []
    for index, read_as in found:
        truth = pictures.class_names[pictures.labels[index]]
        guesses = ", ".join(f"{pictures.class_names[guess]} ({count}×)" for guess, count in read_as.most_common())
        items.append(
            f'<li><img alt="Test picture {index}, a 28 by 28 picture of: {escape(truth)}" '
            f'src="{as_address(pictures.images[index])}">'
            f"<br><b>{escape(truth)}</b>: {read_as.total()} of {len(fitting)} wrong<br>read as {escape(guesses)}</li>"
        )
    return (
        f"{heading}<p>What each shows, how many of {counted(len(fitting), 'network')} read it wrong, and as what. "
        f"A notebook lists its 300 most confident mistakes at most.</p><ul class='pictures'>{''.join(items)}</ul>"
    )


def as_address(image):
    """A picture as PNG within the page."""
    png = BytesIO()
    Image.fromarray(image).save(png, "PNG")
    return f"data:image/png;base64,{b64encode(png.getvalue()).decode()}"


def copies_part(students, names):
    """Who handed in the same run twice."""
    having = [one for one in students if one.copies]
    if not having:
        return ""
    items = []
    for one in having:
        listed = ", ".join(map(safe, one.copies[:20])) + (" and more" if len(one.copies) > 20 else "")
        items.append(f"<li>{safe(one.name)}: {listed if names else counted(len(one.copies), 'copy', 'copies')}</li>")
    told = "These notebooks hold the same run as that of the student before the colon, and are counted once."
    return f"<h2>Copies</h2><p>{told}</p><ul>{''.join(items)}</ul>"


def skipped_part(skipped, names):
    """Which files were not counted, and why."""
    hidden = "<p>Files and folders whose names begin with a dot are passed over.</p>"
    if not skipped:
        return hidden
    if not names:
        reasons = Counter(one.reason for one in skipped).most_common(SKIPPED_SHOWN)
        items = [f"{counted(count, 'file')}: {escape(reason)}" for reason, count in reasons]
    else:
        items = [f"{safe(one.path)}: {escape(one.reason)}" for one in skipped[:SKIPPED_SHOWN]]
        items += [f"and {len(skipped) - SKIPPED_SHOWN:,} more"] if len(skipped) > SKIPPED_SHOWN else []
    return f'<h2 id="skipped">Skipped</h2><ul>{"".join(f"<li>{item}</li>" for item in items)}</ul>{hidden}'
