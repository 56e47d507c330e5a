"""`handwriting run` and `handwriting sweep`: what they take, what they show, and how they end."""

import dataclasses
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated

from typer import Argument, Exit, Option

from handwriting.errors import DataError, UserError, first_line
from handwriting.parameters import typed
from handwriting.paths import given_path
from handwriting.text import counted
from workshop import terminal
from workshop.machine import concurrent_notebooks
from workshop.terminal import echo

UNASKED = 1000  # a sweep of so many runs begins without a question
COUNTED = 100_000  # beyond so many, the finished runs are not even counted before the question
SECONDS, BYTES = 30, 300_000  # what a run takes with the default parameters on 2 cores: seconds, bytes
SEVERAL = "or for a sweep, separate several values with commas: -p epochs 1,2,4"
MOST_AT_ONCE = 4  # how many notebooks `handwriting run` runs at once, at most


def local_folder(text):
    """Return the path of a folder on this machine; UserError for an address, or if there can be no such folder."""
    if "://" in str(text):
        raise UserError(f"{text} is an address, but this command writes to a folder on this machine. Choose a folder.")
    return given_path(text).resolve()


Notebooks = Annotated[list[str] | None, Argument(metavar="NOTEBOOK", help="Notebook, such as 05, 05_train or a path.")]
Parameters = Annotated[
    list[str] | None,
    Option(
        "--parameter",
        "-p",
        metavar="NAME VALUE",
        help="Parameter; repeatable. In a sweep with several values: -p epochs 1,2,4",
    ),
]
Folder = Annotated[Path, Option(metavar="DIR", help="Folder for the output.", parser=local_folder)]
Workers = Annotated[
    int, Option(min=0, metavar="N", help="Number of runs at once; 0 for as many as this machine can handle.")
]


def settings_of(pairs):
    """Return what was given as `-p NAME VALUE`, name to value."""
    settings = {}
    for pair in pairs or []:
        name, equals, value = pair.partition("=")
        if not equals:
            raise UserError(f'"{pair}" has no value. Write: -p NAME VALUE')
        if settings.setdefault(name, value) != value:
            raise UserError(f'"{name}" is given twice: {settings[name]} and {value}. Leave one out, {SEVERAL}.')
    return settings


def run(
    notebooks: Notebooks = None,
    parameter: Parameters = None,
    output: Folder = Path("output"),
    workers: Workers = 0,
):
    """Run notebooks (01 to 06 by default) with papermill; then show a table, and write them as pages to read."""
    from workshop.runs import warm_process

    if not notebooks or len(notebooks) > 1:
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # NumPy's threads wait busily, and other kernels need cores
        warm_process.start_early()  # it imports while this process does
    from handwriting import load
    from workshop.runs.output_location import lock
    from workshop.runs.plan import choose, plan

    settings = {name: typed(name, text) for name, text in settings_of(parameter).items()}
    runs = plan(choose(notebooks), settings, output)
    sources, given = {one.data for one in runs}, {one.parameters.get("data") for one in runs} - {None}
    for source in given:
        load.check_source(source)
    with lock(output):
        names = dict.fromkeys(load_once(sources - {None}, given))
        others = ["other data"] if any(names) and None in names else []  # whose names are not known
        data = " and ".join([*filter(None, names), *others])
        workers = min(workers or min(concurrent_notebooks(), MOST_AT_ONCE), len(runs))
        on = f" on {data}" if data else ""
        echo(f"Running {counted(len(runs), 'notebook')}{on}, {workers} at a time. Output: {output}")
        raise Exit(run_and_write_pages(runs, workers, output, data))


def load_once(sources, given):
    """Load data before several kernels would try at the same time; return their names.

    None for data that is not available and was chosen by a notebook, not `given`: it may use other data then.
    """
    from handwriting import load

    names = []
    for source in sorted(sources):
        try:
            names.append(load.load_digits(source).name)
        except DataError:
            if source in given:
                raise
            names.append(None)
    return names


def run_and_write_pages(runs, workers, output, data):
    """Run notebooks, write each one's page while others still run, and show a table; return the exit status."""
    from handwriting.paths import say_kept
    from workshop.publish import pages
    from workshop.runs.execute import run_all
    from workshop.runs.written import unchanged

    start, status, written, kept = time.monotonic(), 0, {}, []
    names = [None, *(one.name for one in runs), None]
    writer = ThreadPoolExecutor(1)
    try:
        with terminal.RunDisplay(runs) as display:

            def report(one, done, cells):
                display.report(one, done, cells)
                if one.state in ("done", "failed") and one.output.is_file():
                    place = runs.index(one)
                    page = (one.output, names[place], names[place + 2], kept.append)
                    written[f"The page of {one.name}"] = writer.submit(pages.write_page, *page)

            run_all(runs, workers, report)
    except KeyboardInterrupt:
        echo("Stopped. Finished notebooks are kept.")
        status = 130
    for page in (one.output.with_suffix(".html") for one in runs if not one.output.exists()):
        if unchanged(page):
            page.unlink()  # of an earlier run, whose notebook has another name now
    written["The page with the links"] = index = writer.submit(pages.write_index, runs, output, data, kept.append)
    writer.shutdown()
    for name, page in written.items():
        if error := page.exception():
            place = error.filename if isinstance(error, IsADirectoryError) else output  # others name temporary files
            hint = " Choose another --output." if isinstance(error, OSError) else ""
            reason = getattr(error, "strerror", None) or first_line(error)
            echo(f"{name} could not be written to {place} ({reason}).{hint}")
            status = status or 1
    terminal.show_runs(runs, time.monotonic() - start)
    say_kept([*(line for one in runs for line in one.kept), *kept], echo)
    if any(one.state == "failed" for one in runs):
        status = status or 1
    echo(f"\nExecuted notebooks: {output / '*.ipynb'}")
    if not any(page.exception() for page in written.values()):
        echo(f"Read them here:     {index.result()}")
    return status


def sweep(
    notebooks: Notebooks = None,
    parameter: Parameters = None,
    file: Annotated[
        Path | None, Option("--file", "-f", metavar="GRID.yaml", help="File with lines such as: epochs: [1, 2, 4]")
    ] = None,
    output: Annotated[
        str, Option(metavar="DIR", help="Folder for the runs, or an address such as s3://bucket/dir")
    ] = "runs",
    workers: Workers = 0,
    scheduler: Annotated[
        str | None, Option(metavar="ADDRESS", help="Address of a Dask scheduler, such as tcp://10.0.0.7:8786.")
    ] = None,
    keep: Annotated[bool, Option("--keep", help="Also keep each run's .keras files (5 MB each).")] = False,
    yes: Annotated[bool, Option("--yes", help=f"Start more than {UNASKED:,} runs without asking.")] = False,
    pairs: Annotated[bool, Option("--zip", help="Pair the first values, then the second ones, and so on.")] = False,
    sample: Annotated[int | None, Option(metavar="N", help="Run only N of the combinations, chosen at random.")] = None,
    seed: Annotated[int, Option(metavar="S", help="Seed for the random sample.")] = 0,
):
    """Run notebooks (05 and 06 by default) with every combination of values; if repeated, run only what is missing."""
    from workshop.runs import sweep as sweeps
    from workshop.runs.combinations import Combinations, read_values, values_of
    from workshop.runs.output_location import lock
    from workshop.runs.plan import prepares

    values = read_values(file) if file else {}
    values |= {name: values_of(name, text) for name, text in settings_of(parameter).items()}
    if not values:
        raise UserError("A sweep needs values to try. Write, for example: handwriting sweep -p epochs 1,2,4")
    if workers and scheduler:
        raise UserError("--workers is for this machine; the cluster at --scheduler has its own. Leave out one of them.")
    combinations = Combinations(values, pairs, sample, seed)
    count = len(combinations)
    workers = workers or min(concurrent_notebooks(), count)
    at_once = 1 if scheduler else workers
    if count > COUNTED and not yes:
        ask(count, at_once)
    planned = sweeps.plan_sweep(notebooks, combinations, output)
    status = 0
    with lock(planned.output):
        if not scheduler:
            planned = dataclasses.replace(planned, auto=sweeps.name_of_auto(planned))
        missing = planned.missing()
        if len(missing) > UNASKED and not yes:
            ask(len(missing), at_once)
        other = sum(planned.whole(name) is not None for name in missing)
        if other:
            why = "there used other data, parameters or notebooks, or changed since, and will be run again."
            echo(f"{counted(other, 'run')} {why}")
        finished = len(planned.runs) - len(missing)
        before = f", {finished} of them already finished" if finished else ""
        echo(f"{counted(len(planned.runs), 'run')}{before}. Output: {planned.output}")
        if keep and any(map(prepares, planned.notebooks)) and (bare := planned.without_networks(missing)):
            hint = "To get them, delete the folders of these runs, and run the same command again."
            echo(f"--keep: the networks of {counted(bare, 'finished run')} were not kept. {hint}")
        if missing:
            status = run_missing(planned, missing, scheduler, min(workers, len(missing)), keep)
    if not status:
        echo(f"Compare them: handwriting report {output}")
    raise Exit(status)


def ask(count, at_once):
    """Stop before many runs, and say what they would take."""
    workers = f"with {at_once} at once" if at_once > 1 else "of one worker's time"
    raise UserError(
        f"That is {count:,} runs: about {terminal.duration(count * SECONDS / at_once)} {workers} and "
        f"{count * BYTES / 1e6:,.0f} MB. To start them, add --yes; for a random sample, add --sample 100."
    )


def run_missing(planned, missing, scheduler, workers, keep):
    """Do the missing runs of a sweep, and show how far they are; return the exit status."""
    from handwriting.paths import say_kept
    from workshop.runs.cluster import connected, local_workers
    from workshop.runs.sweep import carry_out

    if not scheduler:
        load_once(planned.sources_of_data() - {"auto"}, {given.get("data") for given in planned.runs.values()})
    try:
        with (
            connected(scheduler) if scheduler else local_workers(workers) as client,
            terminal.SweepDisplay() as display,
        ):
            status = carry_out(planned, missing, client, display.report, keep=keep)
    except KeyboardInterrupt:
        echo("Stopped. Finished runs are kept; run the same command again to continue.")
        return 130
    terminal.show_sweep(status, planned.command)
    say_kept(status.kept, echo)
    return 1 if status.failed else 0
