"""Draw the workshop's diagrams as SVG into notebooks/images: python tools/draw_diagrams.py."""

from pathlib import Path
from xml.sax.saxutils import escape

IMAGES = Path(__file__).parents[1] / "notebooks" / "images"
BLUE, ORANGE, GREEN, INK, PALE = "#0072B2", "#E69F00", "#009E73", "#222222", "#eef4f8"
STAGES = [
    ("load", "get the pictures"),
    ("visualize", "look at them"),
    ("prepare", "turn them into\nnumbers to learn from"),
    ("build", "stack the layers"),
    ("train", "learn from examples"),
    ("evaluate", "test on new ones"),
]

# A 5 on a grid of 12 by 12: what stands for a picture in the diagrams.
FIVE = """
............
............
...######...
...#........
...#........
...#####....
........#...
........#...
........#...
...#####....
............
............
""".split()


def text(x, y, words, size=15, colour=INK, anchor="middle", weight="normal"):
    """Centred text; a line break starts a new line."""
    lines = "".join(
        f'<tspan x="{x}" dy="{0 if k == 0 else size * 1.2:.1f}">{escape(line)}</tspan>'
        for k, line in enumerate(words.split("\n"))
    )
    style = f'font-size="{size}" fill="{colour}" text-anchor="{anchor}" font-weight="{weight}"'
    return f'<text x="{x}" y="{y}" {style}>{lines}</text>'


def arrow(x1, y1, x2, y2):
    """A line with a head at its end."""
    return f'<path d="M{x1} {y1}L{x2} {y2}" stroke="{INK}" stroke-width="2" fill="none" marker-end="url(#head)"/>'


def picture(left, top, cell):
    """The little 5, pixel by pixel, with a frame."""
    side = 12 * cell
    parts = [f'<rect x="{left}" y="{top}" width="{side}" height="{side}" fill="black"/>']
    for row, line in enumerate(FIVE):
        for column, mark in enumerate(line):
            if mark == "#":
                place = f'x="{left + column * cell}" y="{top + row * cell}"'
                parts.append(f'<rect {place} width="{cell}" height="{cell}" fill="white"/>')
    return "".join(parts)


def save(name, height, title, description, parts):
    """Write one drawing, 800 wide, on white."""
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 {height}" width="800" height="{height}" '
        f'role="img" style="max-width:100%;height:auto" font-family="Helvetica, Arial, sans-serif">'
        f"<title>{escape(title)}</title><desc>{escape(description)}</desc>"
        '<defs><marker id="head" markerWidth="8" markerHeight="8" refX="6" refY="3" orient="auto">'
        f'<path d="M0 0L6 3L0 6z" fill="{INK}"/></marker></defs>'
        f'<rect width="800" height="{height}" fill="white"/>'
    )
    (IMAGES / f"{name}.svg").write_text(head + "\n".join(parts) + "</svg>\n", encoding="utf-8")


def stages():
    """Six boxes in a row."""
    parts = []
    for k, (name, what) in enumerate(STAGES):
        x = 70 + 132 * k
        parts.append(f'<circle cx="{x}" cy="48" r="26" fill="{BLUE}"/>')
        parts.append(text(x, 55, str(k + 1), 20, "white", weight="bold"))
        parts.append(text(x, 98, name, 17, weight="bold"))
        parts.append(text(x, 120, what, 12))
        if k < 5:
            parts.append(arrow(x + 32, 48, x + 98, 48))
    told = "; ".join(f"{k + 1} {name}: {what}".replace("\n", " ") for k, (name, what) in enumerate(STAGES))
    save("stages", 150, "The six stages", f"The six stages of the workshop in a row: {told}.", parts)


def flatten():
    """A square picture becomes one long row."""
    parts = [picture(30, 40, 15), text(120, 28, "one picture: 28 rows of 28 pixels", 14)]
    colours = [BLUE, ORANGE, GREEN]
    for k, row in enumerate((2, 5, 9)):
        top = 40 + 15 * row
        parts.append(
            f'<rect x="30" y="{top}" width="180" height="15" fill="none" stroke="{colours[k]}" stroke-width="3"/>'
        )
        left = 300 + 160 * k
        for column, mark in enumerate(FIVE[row]):
            fill = "white" if mark == "#" else "black"
            place = f'x="{left + 12 * column}" y="120"'
            parts.append(f'<rect {place} width="12" height="12" fill="{fill}"/>')
        frame = f'x="{left}" y="120" width="144" height="12"'
        parts.append(f'<rect {frame} fill="none" stroke="{colours[k]}" stroke-width="3"/>')
        parts.append(text(left + 72, 152, ["one row", "then a later row", "and so on"][k], 12))
    parts += [text(452, 131, "…", 16), text(612, 131, "…", 16), text(772, 131, "…", 16), arrow(226, 126, 286, 126)]
    parts.append(text(540, 100, "the same picture as one row of 28 × 28 = 784 numbers", 14))
    told = "A square picture of a 5. Its rows of pixels are laid end to end into one long row of 784 numbers."
    save("flatten", 240, "From 28 × 28 to 784", told, parts)


def network():
    """Three columns of circles and the lines between them."""
    columns = [
        (230, 7, "784 inputs\none per pixel"),
        (460, 8, "512 hidden units\nDense, ReLU, Dropout"),
        (650, 10, "10 outputs\nDense, softmax"),
    ]
    parts, places = [picture(30, 110, 10), arrow(156, 170, 206, 170)], []
    for x, count, _ in columns:
        step = 260 / (count - 1)
        places.append([(x, 40 + step * k) for k in range(count)])
    for left, right in zip(places, places[1:], strict=False):
        lines = "".join(f"M{a} {b:.0f}L{c} {d:.0f}" for a, b in left for c, d in right)
        parts.append(f'<path d="{lines}" stroke="#9db8c9" stroke-width="0.7" fill="none"/>')
    for (x, count, label), column, colour in zip(columns, places, (BLUE, GREEN, ORANGE), strict=True):
        for k, (_, y) in enumerate(column):
            if x < 600 and k == count // 2:
                parts.append(f'<rect x="{x - 12}" y="{y - 12:.0f}" width="24" height="24" fill="white"/>')
                parts.append(text(x, round(y + 4), "⋮", 20))
                continue
            parts.append(f'<circle cx="{x}" cy="{y:.0f}" r="9" fill="{colour}"/>')
            if x > 600:
                parts.append(text(x + 22, round(y + 5), str(k), 14))
        parts.append(text(x, 332, label, 14))
    parts.append(text(735, 160, "one\nprobability\nper digit", 13))
    told = (
        "A picture of a 5 goes into 784 inputs, one per pixel. Each is connected to each of 512 hidden units, "
        "and each of those to 10 outputs, which give one probability per digit from 0 to 9."
    )
    save("network", 370, "The network: 784, 512, 10", told, parts)


if __name__ == "__main__":
    IMAGES.mkdir(parents=True, exist_ok=True)
    stages()
    flatten()
    network()
