"""Draw the workshop's diagrams as SVG into notebooks/images: python tools/draw_diagrams.py."""

from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

IMAGES = Path(__file__).parents[1] / "notebooks" / "images"
BLUE, ORANGE, GREEN, INK, PALE = "#0072B2", "#E69F00", "#009E73", "#222222", "#eef4f8"
STAGES = [
    ("load", "get the images"),
    ("visualize", "look at them"),
    ("prepare", "turn them into\nnumbers to learn from"),
    ("build", "stack the layers"),
    ("train", "learn from examples"),
    ("evaluate", "test on new ones"),
]

# A 5 on a grid of 12 by 12: the image in the diagrams.
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


def add(parent, tag, text=None, **attributes):
    """Add an element to another and return it; underscores in the names of attributes become hyphens."""
    element = ElementTree.SubElement(parent, tag, {key.replace("_", "-"): str(attributes[key]) for key in attributes})
    element.text = text
    return element


def write(svg, x, y, words, size=15, colour=INK, weight="normal"):
    """Write centred text; a line break starts a new line."""
    text = add(svg, "text", x=x, y=y, font_size=size, fill=colour, text_anchor="middle", font_weight=weight)
    for k, line in enumerate(words.split("\n")):
        add(text, "tspan", line, x=x, dy=f"{0 if k == 0 else size * 1.2:.1f}")


def draw_arrow(svg, x1, y1, x2, y2):
    """Draw a line with a head at its end."""
    add(svg, "path", d=f"M{x1} {y1}L{x2} {y2}", stroke=INK, stroke_width=2, fill="none", marker_end="url(#head)")


def draw_image(svg, left, top, cell):
    """Draw the little 5, pixel by pixel."""
    add(svg, "rect", x=left, y=top, width=12 * cell, height=12 * cell, fill="black")
    for row, line in enumerate(FIVE):
        for column, mark in enumerate(line):
            if mark == "#":
                add(svg, "rect", x=left + column * cell, y=top + row * cell, width=cell, height=cell, fill="white")


def drawing(height, title, description):
    """Return an empty drawing, 800 wide, on white."""
    style, font = "max-width:100%;height:auto", "Helvetica, Arial, sans-serif"
    size = {"viewBox": f"0 0 800 {height}", "width": "800", "height": str(height)}
    svg = ElementTree.Element(
        "svg", xmlns="http://www.w3.org/2000/svg", **size, role="img", style=style, **{"font-family": font}
    )
    add(svg, "title", title)
    add(svg, "desc", description)
    marker = add(add(svg, "defs"), "marker", id="head", markerWidth=8, markerHeight=8, refX=6, refY=3, orient="auto")
    add(marker, "path", d="M0 0L6 3L0 6z", fill=INK)
    add(svg, "rect", width=800, height=height, fill="white")
    return svg


def stages():
    """Draw six circles in a row."""
    rows = "; ".join(f"{k + 1} {name}: {what}".replace("\n", " ") for k, (name, what) in enumerate(STAGES))
    svg = drawing(150, "The six stages", f"The six stages of the workshop in a row: {rows}.")
    for k, (name, what) in enumerate(STAGES):
        x = 70 + 132 * k
        add(svg, "circle", cx=x, cy=48, r=26, fill=BLUE)
        write(svg, x, 55, str(k + 1), 20, "white", "bold")
        write(svg, x, 98, name, 17, weight="bold")
        write(svg, x, 120, what, 12)
        if k < 5:
            draw_arrow(svg, x + 32, 48, x + 98, 48)
    return svg


def flatten():
    """Draw a square image that becomes one long row."""
    svg = drawing(
        240,
        "From 28 × 28 to 784",
        "A square image of a 5. Its rows of pixels are laid end to end into one long row of 784 numbers.",
    )
    draw_image(svg, 30, 40, 15)
    write(svg, 120, 28, "one image: 28 rows of 28 pixels", 14)
    rows = [(2, BLUE, "one row"), (5, ORANGE, "then a later row"), (9, GREEN, "and so on")]
    for k, (row, colour, words) in enumerate(rows):
        add(svg, "rect", x=30, y=40 + 15 * row, width=180, height=15, fill="none", stroke=colour, stroke_width=3)
        left = 300 + 160 * k
        for column, mark in enumerate(FIVE[row]):
            fill = "white" if mark == "#" else "black"
            add(svg, "rect", x=left + 12 * column, y=120, width=12, height=12, fill=fill)
        add(svg, "rect", x=left, y=120, width=144, height=12, fill="none", stroke=colour, stroke_width=3)
        write(svg, left + 72, 152, words, 12)
    for x in (452, 612, 772):
        write(svg, x, 131, "…", 16)
    draw_arrow(svg, 226, 126, 286, 126)
    write(svg, 540, 100, "the same image as one row of 28 × 28 = 784 numbers", 14)
    return svg


def network():
    """Draw three columns of circles and the lines between them."""
    svg = drawing(
        370,
        "The network: 784, 512, 10",
        "An image of a 5 goes into 784 inputs, one per pixel. Each is connected to each of 512 hidden units, "
        "and each of those to 10 outputs, which give one probability per digit from 0 to 9.",
    )
    columns = [
        (230, 7, BLUE, "784 inputs\none per pixel"),
        (460, 8, GREEN, "512 hidden units\nDense, ReLU, Dropout"),
        (650, 10, ORANGE, "10 outputs\nDense, softmax"),
    ]
    draw_image(svg, 30, 110, 10)
    draw_arrow(svg, 156, 170, 206, 170)
    places = [[(x, 40 + 260 / (count - 1) * k) for k in range(count)] for x, count, _, _ in columns]
    for left, right in pairwise(places):
        lines = "".join(f"M{a} {b:.0f}L{c} {d:.0f}" for a, b in left for c, d in right)
        add(svg, "path", d=lines, stroke="#9db8c9", stroke_width=0.7, fill="none")
    for (x, count, colour, label), column in zip(columns, places, strict=True):
        for k, (_, y) in enumerate(column):
            if x < 600 and k == count // 2:  # most are left out
                add(svg, "rect", x=x - 12, y=f"{y - 12:.0f}", width=24, height=24, fill="white")
                write(svg, x, round(y + 4), "⋮", 20)
                continue
            add(svg, "circle", cx=x, cy=f"{y:.0f}", r=9, fill=colour)
            if x > 600:
                write(svg, x + 22, round(y + 5), str(k), 14)
        write(svg, x, 332, label, 14)
    write(svg, 735, 160, "one\nprobability\nper digit", 13)
    return svg


if __name__ == "__main__":
    IMAGES.mkdir(parents=True, exist_ok=True)
    for draw in (stages, flatten, network):
        text = ElementTree.tostring(draw(), encoding="unicode")
        (IMAGES / f"{draw.__name__}.svg").write_text(text + "\n", encoding="utf-8")
