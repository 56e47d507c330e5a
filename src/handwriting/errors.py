"""What the person at the keyboard can put right."""

__all__ = ["Problem", "first_line"]


class Problem(Exception):
    """Something went wrong that the person can put right; its text is a sentence or two that say how."""


def first_line(error, otherwise="no message"):
    """The first line of what an exception says, or `otherwise` if it says nothing."""
    return (str(error).strip().splitlines() or [otherwise])[0]
