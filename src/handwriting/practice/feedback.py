"""What an exercise says: as a coloured box in notebooks, as a sentence everywhere else."""

from dataclasses import dataclass
from html import escape

__all__ = ["Feedback"]

#: What each state is called, and the colour of its box's edge (never the only sign).
STATES = {
    "open": ("Not tried yet.", "#767676"),
    "wrong": ("Not right yet.", "#D55E00"),
    "right": ("Right!", "#009E73"),
    "unknown": ("This cannot be checked yet.", "#767676"),
    "hint": ("Hint", "#0072B2"),
    "solution": ("One solution:", "#0072B2"),
}


@dataclass(frozen=True)
class Feedback:
    """An exercise's answer to the student.

    Attributes
    ----------
    state : str
        A key of `STATES`.
    text : str
        Why, in a sentence or two.
    code : str
        Lines of Python to show.
    """

    state: str
    text: str
    code: str = ""

    @property
    def right(self):
        """Whether the student's answer was right."""
        return self.state == "right"

    def __repr__(self):
        parts = [STATES[self.state][0], *(["\n" + self.code + "\n"] if self.code else []), self.text]
        return " ".join(part for part in parts if part).strip()

    def _repr_html_(self):
        title, colour = STATES[self.state]
        code = ""
        if self.code:
            look = "background-color: #f3f3f3; color: #222222; padding: 6px; overflow: auto"
            code = f'<pre style="{look}" tabindex="0">{escape(self.code)}</pre>'
        look = (
            f"border-left: 6px solid {colour}; background-color: #ffffff; color: #222222; "
            "padding: 6px 12px; margin: 4px 0; max-width: 50em"
        )
        return f'<div style="{look}"><b>{title}</b> {code}{marked(self.text)}</div>'


def marked(text):
    """A text for HTML, in which what stands in backquotes is code."""
    parts = escape(text, quote=False).split("`")
    return "".join(f"<code>{part}</code>" if place % 2 else part for place, part in enumerate(parts))
