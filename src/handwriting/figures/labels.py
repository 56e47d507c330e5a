"""Text in figures: class names in any script, long or short, beside bars and along axes."""

import unicodedata

import numpy as np

from handwriting.text import clean

#: Fonts that have letters which Matplotlib's own lacks, as Linux, Windows and macOS bring them. Fonts in colour are
#: not among them: Matplotlib cannot draw those.
FALLBACKS = (
    *("Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans SC", "Noto Sans JP", "Noto Sans KR", "Noto Sans Devanagari"),
    *("Noto Sans Bengali", "Noto Sans Tamil", "Noto Sans Thai", "Noto Sans Hebrew", "Noto Sans Arabic", "Noto Emoji"),
    *("Droid Sans Fallback", "WenQuanYi Micro Hei", "Lohit Devanagari", "FreeSans", "Symbola"),
    *("Microsoft YaHei", "Yu Gothic", "Malgun Gothic", "Nirmala UI", "Leelawadee UI", "Segoe UI", "Segoe UI Emoji"),
    *("Arial Unicode MS", "Hiragino Sans GB", "Apple SD Gothic Neo", "Kohinoor Devanagari", "Thonburi"),
)
#: What Matplotlib warns of where no font has a letter. It then draws a box; the description has the letter.
MISSING = r"Glyph \d+ .*missing from|Matplotlib currently does not support \w+ natively"
EM = 100 / 72  # pixels of a letter's height for each point of its size, in the figures here
WIDTHS = dict.fromkeys(" !'(),./:;I[]fijlrt|", 0.35) | dict.fromkeys("%@MWmw…", 0.95)  # ems; other letters: about 0.63
LONGEST_NAME = 11  # ems: a class name at an axis; longer ones are cut


def with_fallbacks(families):
    """Return the font families, followed by those of `FALLBACKS` that are installed."""
    from matplotlib.font_manager import fontManager

    installed = {font.name for font in fontManager.ttflist}
    return [*(font for font in families if font not in FALLBACKS), *(font for font in FALLBACKS if font in installed)]


def text_width(text):
    """Return about how wide a line of text is drawn, in ems (the size of the letters)."""
    usual = {letter: 1.0 if unicodedata.east_asian_width(letter) in "WF" else 0.63 for letter in text}
    return sum((usual | WIDTHS)[letter] for letter in text if not is_mark(letter))


def is_mark(letter):
    """Return whether a character is drawn above, below or around the letter before it."""
    return unicodedata.category(letter) in ("Mn", "Mc", "Me", "Cf")


def fitted(text, width, lines=1):
    """Break each line of a text into at most `lines` lines of `width` ems; what does not fit is cut and ends in "…".

    What cannot be drawn, or turns the letters after it around, becomes a visible mark.
    """
    done = []
    for line in text.replace("\ufe0f", "").split("\n"):  # the mark for "in colour" is a box in most fonts
        rest = clean(line, None)
        for _ in range(lines - 1):
            if text_width(rest) <= width:
                break
            end = fitting(rest, width)
            end = max(rest.rfind(" ", 0, end + 1), 0) or end
            done.append(rest[:end].rstrip())
            rest = rest[end:].lstrip()
        done.append(rest if text_width(rest) <= width else rest[: fitting(rest, width - WIDTHS["…"])].rstrip() + "…")
    return "\n".join(done)


def fitting(text, width):
    """Return how many letters fit, at least one; a letter keeps its marks."""
    end = next((k for k in range(1, len(text)) if text_width(text[: k + 1]) > width), len(text))
    while end > 1 and end < len(text) and is_mark(text[end]):
        end -= 1
    return end


def name_ticks(axes, which, names, pixels, turn=45):
    """Write class names along the axis `which`, "x" or "y", of about `pixels` pixels.

    They are turned by `turn` degrees if they are too long, and only some are written if there are too many.
    """
    labels = [fitted(name, LONGEST_NAME) for name in names]
    longest = max(map(text_width, labels))
    height = 20 if which == "x" and turn < 90 and longest > 2 else 14  # pixels of a line; more if it is turned
    every = max(1, int(np.ceil(height * len(names) / pixels)))
    style = {"parse_math": False}  # in a name, "$" is a letter like any other
    if which == "x" and 10 * EM * longest > every * pixels / len(names) - 4:
        style |= {"rotation": turn} | ({"ha": "right", "rotation_mode": "anchor"} if turn < 90 else {})
    getattr(axes, f"set_{which}ticks")(range(0, len(names), every), labels[::every], **style)


def height_for(names):
    """Return the height of a bar chart in inches, with space for names below the bars."""
    return 2.8 + 0.1 * max(0, min(max(map(text_width, names)), LONGEST_NAME) - 4)


def label_bars(axes, bars, labels, pixels):
    """Write a label above each bar: upright if there is little space, and none if there is too little."""
    space = pixels / len(labels)
    if space >= 12:
        rotation = 90 if max(map(text_width, labels)) * 8 * EM > space + 6 else 0
        axes.bar_label(bars, labels, fontsize=8, rotation=rotation, padding=2 if rotation else 0)
