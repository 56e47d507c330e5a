"""Feedback on an answer: a box with a coloured edge in notebooks, a sentence everywhere else."""

from dataclasses import dataclass
from html import escape

#: The title of each state, and the colour of its box's edge (never the only sign).
STATES = {
    "open": ("Not tried yet.", "#767676"),
    "wrong": ("Not right yet.", "#D55E00"),
    "right": ("Right!", "#009E73"),
    "complete": ("Complete.", "#009E73"),
    "unknown": ("This cannot be checked yet.", "#767676"),
    "compare": ("See for yourself.", "#767676"),
    "hint": ("Hint", "#0072B2"),
    "solution": ("One solution:", "#0072B2"),
}
BOX = (
    "border-left: 6px solid {}; background-color: #ffffff; color: #222222; "
    "padding: 6px 12px; margin: 4px 0; max-width: 50em"
)
CODE = "background-color: #f3f3f3; color: #222222; padding: 6px; overflow: auto"


@dataclass(frozen=True)
class Feedback:
    """The feedback on an answer: a key of `STATES`, a sentence or two with code in backquotes, and lines of Python."""

    state: str
    text: str
    code: str = ""

    @property
    def right(self):
        """Whether the student's answer was right, or has all that a program can check."""
        return self.state in ("right", "complete")

    def __repr__(self):
        code = f"\n{self.code}\n" if self.code else ""
        return " ".join(filter(None, (STATES[self.state][0], code, self.text)))

    def _repr_html_(self):
        title, colour = STATES[self.state]
        code = f'<pre style="{CODE}" tabindex="0">{escape(self.code)}</pre>' if self.code else ""
        parts = escape(self.text, quote=False).split("`")
        text = "".join(f"<code>{part}</code>" if place % 2 else part for place, part in enumerate(parts))
        return f'<div style="{BOX.format(colour)}"><b>{title}</b> {code}{text}</div>'
