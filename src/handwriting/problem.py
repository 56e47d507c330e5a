"""What the person at the keyboard can put right."""

__all__ = ["Problem"]


class Problem(Exception):
    """Something went wrong that the person can put right; its text is a sentence or two that say how."""
