"""What the command line shows: progress while notebooks run, tables at the end."""

import os

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

__all__ = ["Display", "SweepDisplay", "out", "say", "show_table", "time_in_words"]

out = Console(highlight=False, soft_wrap=True)


def say(text):
    """One line for the person."""
    out.print(escape(text))


def show_table(runs, seconds):
    """Stage, seconds, peak memory, result."""
    from workshop.publish.pages import outcome

    table = Table(box=None)
    table.add_column("notebook")
    table.add_column("seconds", justify="right")
    table.add_column("peak memory", justify="right")
    table.add_column("result", overflow="fold")
    for one in runs:
        memory = f"{one.memory_mb:,} MB" if one.memory_mb else "–"
        table.add_row(one.name, f"{one.seconds:.1f}" if one.seconds else "–", memory, escape(outcome(one)))
    table.add_row("together", f"{seconds:.1f}", "", "")
    out.print()
    out.print(table)


class Display:
    """Shows how far each notebook is: bars on a terminal, plain lines in a pipe."""

    def __init__(self, runs):
        self.progress = None
        if out.is_terminal and not os.environ.get("CI"):
            columns = (TextColumn("{task.description:14}"), BarColumn(), TextColumn("{task.fields[at]}"))
            self.progress = Progress(*columns, TimeElapsedColumn(), console=out)
            self.tasks = {
                one.name: self.progress.add_task(one.name, start=False, total=1, at="waiting") for one in runs
            }
        self.told = {}

    def __enter__(self):
        if self.progress:
            self.progress.start()
        return self

    def __exit__(self, *exception):
        if self.progress:
            self.progress.stop()

    def report(self, run, done, cells):
        """Take what `workshop.runs.execute.run_all` reports."""
        at = f"cell {done} of {cells}" if run.state == "running" and cells else run.state
        if self.progress:
            task = self.tasks[run.name]
            if run.state == "running" and not cells:
                self.progress.start_task(task)
            elif run.state == "running":
                self.progress.update(task, completed=done, total=cells, at=at)
            else:
                self.progress.update(task, completed=1, total=1, at=at)
                self.progress.stop_task(task)
            return
        # In a pipe a line at the start, at each quarter and at the end is enough.
        quarter = 4 * done // cells if run.state == "running" and cells else at
        if self.told.get(run.name) != quarter and at:
            self.told[run.name] = quarter
            took = f", {run.seconds:.1f} s" if run.state in ("done", "failed") else ""
            out.print(escape(f"{run.name}: {'started' if at == 'running' else at}{took}"))


class SweepDisplay:
    """Shows how far a sweep is: one bar on a terminal, a line for each run that ended in a pipe."""

    def __init__(self):
        self.progress = None
        if out.is_terminal and not os.environ.get("CI"):
            self.progress = Progress(BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=out)

    def __enter__(self):
        if self.progress:
            self.progress.start()
            self.task = self.progress.add_task("starting the workers")
        return self

    def __exit__(self, *exception):
        if self.progress:
            self.progress.stop()

    def report(self, outcome, told):
        """Take what `workshop.runs.sweep.sweep` reports."""
        done = outcome.before + outcome.done
        counts = [f"{done} of {outcome.total} done", f"{outcome.running} running"]
        counts += [f"{len(outcome.failed)} failed"] if outcome.failed else []
        counts += [f"about {time_in_words(outcome.seconds_left)} left"] if outcome.left and outcome.seconds_left else []
        text = ", ".join(counts)
        if self.progress:
            self.progress.update(self.task, description=text, completed=done, total=outcome.total)
        elif told:
            say(f"{text}: {told['name']}: {result_in_words(told)}, {told['seconds']:.1f} s")


def result_in_words(told):
    """What a run told, in a few words."""
    if told["state"] != "done":
        return f"{told['state']}, {told['error'].splitlines()[0]}" if told["error"] else told["state"]
    for name in ("test_accuracy", "validation_accuracy"):
        value = (told["result"] or {}).get(name)
        if isinstance(value, (int, float)):
            return f"{name.replace('_', ' ')} {value:.4f}"
    return "done"


def time_in_words(seconds):
    """Roughly how long: "40 s", "12 min", "3.5 h"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
