"""Exercises that answer back: one file per stage, and what is done so far.

In a notebook: `from handwriting.practice import load as practice`, then `practice.count_sevens.check(answer)`,
`practice.count_sevens.hint()` or `practice.count_sevens.solution()`.
"""

from handwriting.practice.overview import exercises, progress, reset

__all__ = ["exercises", "progress", "reset"]
