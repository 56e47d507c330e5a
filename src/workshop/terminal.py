"""What the command line shows: progress while notebooks run, and at the end what became of them."""

import os
import unicodedata
from contextlib import ExitStack

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column, Table

from handwriting.text import HIDDEN, JOINERS, counted

FAILURES_SHOWN = 10  # runs that are shown in full at the end

out = Console(highlight=False, soft_wrap=True)


def echo(text, style=None):
    """Print a line as it is, without Rich's markup."""
    out.print(visible(text), style=style, markup=False)


def visible(text):
    """Return a text without what would steer the terminal or hide: names of files and errors may hold anything."""
    kept = "\n" + JOINERS
    return "".join(
        "\ufffd" if unicodedata.category(letter) in HIDDEN and letter not in kept else letter
        for letter in text.expandtabs()
    )


def duration(seconds):
    """Return roughly how long: "40 s", "12 min", "3.5 h"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def show_runs(runs, seconds):
    """Show what became of each notebook, its seconds and its peak memory; then what failed."""
    right = [Column(head, justify="right") for head in ("seconds", "peak memory")]
    table = Table("notebook", *right, Column("result", overflow="fold"), box=None)
    for run in runs:
        memory = f"{run.memory_mb:,} MB" if run.memory_mb else "–"
        table.add_row(cell(run.name), f"{run.seconds:.1f}" if run.seconds else "–", memory, cell(run.outcome))
    table.add_row("total", f"{seconds:.1f}", "", "")
    out.print()
    out.print(table)
    for run in runs:
        if run.state == "failed":
            echo(f"\n{run.name} failed, {run.error}", style="bold")
            if run.output.is_file():
                echo(f"  The notebook up to the error: {run.output}")


def cell(text):
    """Return a text for a cell of Rich's tables and bars."""
    return escape(visible(text))


def show_sweep(status, command):
    """Show how much of a sweep is finished, and what failed; `command` returns how to do a run alone."""
    echo(f"{status.finished} of {counted(status.total, 'run')} {'is' if status.total == 1 else 'are'} finished.")
    for name, error in list(status.failed.items())[:FAILURES_SHOWN]:
        echo(f"\n{name} failed. {error}", style="bold")
        echo(f"  To run it alone: {command(name)}")
    if len(status.failed) > FAILURES_SHOWN:
        more = len(status.failed) - FAILURES_SHOWN
        echo(f"\n... and {more} more failed. Run the same command again: it runs only those.")


class Display(ExitStack):
    """Bars on a terminal while the block lasts. In a pipe `bars` is None, and plain lines are printed instead."""

    def __init__(self, *columns):
        super().__init__()
        on_terminal = out.is_terminal and not os.environ.get("CI")
        self.bars = self.enter_context(Progress(*columns, TimeElapsedColumn(), console=out)) if on_terminal else None


class RunDisplay(Display):
    def __init__(self, runs):
        super().__init__(TextColumn("{task.description:14}"), BarColumn(), TextColumn("{task.fields[at]}"))
        if self.bars:
            self.tasks = {
                run.name: self.bars.add_task(cell(run.name), start=False, total=1, at="waiting") for run in runs
            }
        self.shown = {}

    def report(self, run, done, cells):
        """Take what `workshop.runs.execute.run_all` reports."""
        at = f"cell {done} of {cells}" if run.state == "running" and cells else run.state
        if self.bars:
            task = self.tasks[run.name]
            if run.state == "running" and not cells:
                self.bars.start_task(task)
            elif run.state == "running":
                self.bars.update(task, completed=done, total=cells, at=at)
            else:
                self.bars.update(task, completed=1, total=1, at=at)
                self.bars.stop_task(task)
            return
        # In a pipe, a line at the start, at each quarter and at the end is enough.
        step = 4 * done // cells if run.state == "running" and cells else at
        if self.shown.get(run.name) != step:
            self.shown[run.name] = step
            seconds = f", {run.seconds:.1f} s" if run.state in ("done", "failed") else ""
            echo(f"{run.name}: {'started' if at == 'running' else at}{seconds}")


class SweepDisplay(Display):
    """Shows how far a sweep is: one bar on a terminal, a line for each run that ended in a pipe."""

    def __init__(self):
        super().__init__(BarColumn(), TextColumn("{task.description}"))
        if self.bars:
            self.task = self.bars.add_task("starting the workers")

    def report(self, status, outcome):
        """Take what `workshop.runs.sweep.carry_out` reports."""
        counts = [f"{status.finished} of {status.total} done", f"{status.running} running"]
        counts += [f"{len(status.failed)} failed"] if status.failed else []
        counts += [f"about {duration(status.seconds_left)} left"] if status.left and status.seconds_left else []
        text = ", ".join(counts)
        if self.bars:
            self.bars.update(self.task, description=text, completed=status.finished, total=status.total)
        elif outcome:
            echo(f"{text}: {outcome.name}: {outcome.outcome.splitlines()[0]}, {outcome.seconds:.1f} s")
