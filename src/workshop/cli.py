"""The command line `handwriting`: its commands and options."""

import dataclasses
import os
import re
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Annotated

from rich.console import Console
from typer import Argument, Exit, Option, Typer

from handwriting import __version__
from handwriting.data import cache
from handwriting.data.registry import FILES
from handwriting.errors import UserError
from handwriting.parameters import PARAMETERS, nearest
from handwriting.paths import given_path, notebooks_folder
from handwriting.text import counted
from workshop import terminal
from workshop.machine import concurrent_notebooks
from workshop.terminal import echo

#: A sweep of so many runs begins without a question.
UNASKED = 1000
#: Beyond so many, the finished runs are not even counted before the question.
COUNTED = 100_000
#: What a run takes with the default parameters on 2 cores: seconds, bytes.
SECONDS, BYTES = 30, 300_000
SEVERAL = "or for a sweep, separate several values with commas: -p epochs 1,2,4"
#: How many notebooks `handwriting run` runs at once, at most.
MOST_AT_ONCE = 4


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

app = Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
data_app = Typer(no_args_is_help=True, help="Show which data sets are on this machine, or download one.")
app.add_typer(data_app, name="data")


def main():
    """Run the command line; what goes wrong is one sentence and exit status 1."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # a name may have letters that a terminal's encoding lacks
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # who ends it so gets the order of Ctrl-C, too
    try:
        cache.make_folders_absolute()
        app(join_pairs(sys.argv[1:]), prog_name="handwriting")
    except UserError as error:
        stop(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # what reads the output has seen enough, such as `head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        where = f"{error.filename} cannot be used: " if error.filename else ""
        stop(f"{where}{error.strerror or error}.")
    except SystemExit as end:
        sys.exit(1 if end.code == 2 else end.code)  # an unknown command or option is an error like any other


def stop(sentence):
    """Say what went wrong, and end."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(terminal.visible(sentence), style="bold", markup=False)
    sys.exit(1)


def join_pairs(words):
    """Turn `-p NAME VALUE`, as papermill has it, into `-p NAME=VALUE`; that form works, too."""
    joined, words = [], list(words)
    while words:
        word = words.pop(0)
        joined.append(word)
        if word in ("-p", "--parameter") and words:
            name = words.pop(0)
            joined.append(f"{name}={words.pop(0)}" if "=" not in name and words else name)
            if words and re.fullmatch(r"0|[1-9][0-9]*|[0-9.]*\.[0-9.]*", words[0]):
                raise UserError(
                    f"{words[0]} after {joined[-1]}: a parameter has one value, or in a sweep several with commas, "
                    f"such as -p epochs 1,2,4. To run notebook {words[0]}, write {words[0].zfill(2)}."
                )
    return joined


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


@app.callback(invoke_without_command=True)
def top(version: Annotated[bool, Option("--version", help="Show the version and exit.")] = False):
    """Run and manage the notebooks of the workshop Handwriting Recognition."""
    if version:
        echo(f"handwriting {__version__}")
        raise Exit


@app.command()
def run(
    notebooks: Notebooks = None,
    parameter: Parameters = None,
    output: Folder = Path("output"),
    workers: Workers = 0,
):
    """Run notebooks (01 to 06 by default) with papermill; then show a table, and write pages to read them on."""
    from workshop.runs import warm_process

    if not notebooks or len(notebooks) > 1:
        warm_process.start_early()  # it imports while this process does
    from handwriting import load
    from workshop.runs.output_location import lock
    from workshop.runs.plan import choose, plan

    parameters = settings_of(parameter)
    runs = plan(choose(notebooks), parameters, output)
    source = load.check_source(parameters.get("data", "auto"))
    with lock(output):
        data = load.load_digits(source).name  # once, before several kernels would try at the same time
        workers = min(workers or min(concurrent_notebooks(), MOST_AT_ONCE), len(runs))
        echo(f"Running {counted(len(runs), 'notebook')} on {data}, {workers} at a time. Output: {output}")
        raise Exit(run_and_write_pages(runs, workers, output, data))


def run_and_write_pages(runs, workers, output, data):
    """Run notebooks, write each one's page while others still run, and show a table; return the exit status."""
    from workshop.publish import pages
    from workshop.runs.execute import run_all
    from workshop.runs.written import say_kept

    start, status, written, kept = time.monotonic(), 0, [], []
    names = [None, *(one.name for one in runs), None]
    writer = ThreadPoolExecutor(1)
    try:
        with terminal.RunDisplay(runs) as display:

            def report(one, done, cells):
                display.report(one, done, cells)
                if one.state in ("done", "failed") and one.output.is_file():
                    place = runs.index(one)
                    page = (one.output, names[place], names[place + 2], kept.append)
                    written.append(writer.submit(pages.write_page, *page))

            run_all(runs, workers, report)
    except KeyboardInterrupt:
        echo("Stopped. Finished notebooks are kept.")
        status = 130
    written.append(writer.submit(pages.write_index, runs, output, data, kept.append))
    writer.shutdown()
    for page in written:
        if page.exception():
            echo(f"A page could not be written: {page.exception()}")
            status = status or 1
    terminal.show_runs(runs, time.monotonic() - start)
    say_kept([*(line for one in runs for line in one.kept), *kept], echo)
    if any(one.state == "failed" for one in runs):
        status = status or 1
    echo(f"\nExecuted notebooks: {output / '*.ipynb'}")
    if written[-1].exception() is None:
        echo(f"Read them here:     {written[-1].result()}")
    return status


@app.command()
def sweep(
    notebooks: Notebooks = None,
    parameter: Parameters = None,
    file: Annotated[
        Path | None, Option("--file", "-f", metavar="GRID.yaml", help="File with lines such as: epochs: [1, 2, 4]")
    ] = None,
    pairs: Annotated[
        bool, Option("--zip", help="Pair the first values with each other, then the second ones, and so on.")
    ] = False,
    sample: Annotated[int | None, Option(metavar="N", help="Run only N of the combinations, chosen at random.")] = None,
    seed: Annotated[int, Option(metavar="S", help="Seed for the random sample.")] = 0,
    output: Annotated[
        str, Option(metavar="DIR", help="Folder for the runs, or an address such as s3://bucket/dir")
    ] = "runs",
    workers: Workers = 0,
    scheduler: Annotated[
        str | None, Option(metavar="ADDRESS", help="Address of a Dask scheduler, such as tcp://10.0.0.7:8786.")
    ] = None,
    keep: Annotated[bool, Option("--keep", help="Also keep each trained network (5 MB each).")] = False,
    yes: Annotated[bool, Option("--yes", help=f"Start more than {UNASKED:,} runs without asking.")] = False,
):
    """Run notebooks (05 and 06 by default) with every combination of values; when repeated, only what is missing."""
    from workshop.runs import sweep as sweeps
    from workshop.runs.combinations import Combinations, read_values, values_of
    from workshop.runs.output_location import lock

    values = read_values(file) if file else {}
    values |= {name: values_of(name, text) for name, text in settings_of(parameter).items()}
    if not values:
        raise UserError("A sweep needs values to try. Write, for example: handwriting sweep -p epochs 1,2,4")
    if workers and scheduler:
        raise UserError(
            "--workers is for this machine; the cluster at --scheduler has its own workers. Leave out one of them."
        )
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
            echo(f"{counted(other, 'run')} there used other data, parameters or notebooks, and will be run again.")
        finished = len(planned.runs) - len(missing)
        before = f", {finished} of them already finished" if finished else ""
        echo(f"{counted(len(planned.runs), 'run')}{before}. Output: {planned.output}")
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
    from workshop.runs.cluster import connected, local_workers
    from workshop.runs.sweep import carry_out, load_data
    from workshop.runs.written import say_kept

    if not scheduler:
        load_data(planned)
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


@app.command()
def report(
    folder: Annotated[str, Argument(metavar="DIR", help="Folder or address with the runs.")],
    classroom: Annotated[bool, Option("--class", help="Make one page from the students' notebooks 06.")] = False,
    names: Annotated[bool, Option(help="Show file names on the class page.")] = True,
):
    """Compare the runs in a folder: results.csv, report.ipynb, report.html."""
    if classroom:
        from workshop.classroom.class_page import write_class_page

        write_class_page(folder, names=names, say=echo)
        return
    if not names:
        raise UserError("--no-names is for the class page. Add --class, or leave out --no-names.")
    from workshop.reports.report import write_report

    write_report(folder, say=echo)


@app.command()
def compare(
    one: Annotated[str, Argument(metavar="A", help="A run or a folder of runs.")],
    other: Annotated[str, Argument(metavar="B", help="Another run or folder of runs.")],
):
    """Put two runs, or two folders of runs, side by side."""
    from workshop.reports.compare import compare

    echo(compare(one, other))


@app.command()
def params(notebooks: Notebooks = None):
    """Show the parameters of notebooks (all by default): type, range, default, and which notebooks have them."""
    from workshop.runs.plan import choose, parameters_of

    every = (path.stem for path in sorted(notebooks_folder().glob("[0-9]*.ipynb")))
    has = {Path(one).stem.partition("_")[0]: parameters_of(one) for one in choose(notebooks or every)}
    found = {name for names in has.values() for name in names}
    for name in [*(name for name in PARAMETERS if name in found), *sorted(found - set(PARAMETERS))]:
        where = [number for number, names in has.items() if name in names]
        if name in PARAMETERS:
            takes, default, sets = PARAMETERS[name].summary, PARAMETERS[name].default, PARAMETERS[name].help
        else:  # of a notebook from elsewhere
            takes, default, sets = "anything", has[where[0]][name]["default"], has[where[0]][name]["help"]
        echo(f"{name:14} {takes}; default {default}; in {' '.join(where)}")
        if sets:
            echo(f"{'':14} {sets}")


@app.command()
def doctor(json: Annotated[bool, Option("--json", help="Print JSON, for programs.")] = False):
    """Check this machine: what works, what does not, and what to do."""
    from workshop.doctor import report

    raise Exit(report(terminal.out, as_data=json))


@app.command()
def slides(notebooks: Notebooks = None, output: Folder = Path("output/slides")):
    """Turn notebooks (01 to 06 by default) into slides: files that a browser shows offline."""
    from workshop.publish.slides import write_slides
    from workshop.runs.plan import SERIES, choose

    paths = choose(notebooks) if notebooks else [notebooks_folder() / f"{name}.ipynb" for name in SERIES]
    written = write_slides(paths, output, echo)
    echo(f"Slides of {counted(len(written) - 1, 'notebook')}. Open: {written[-1]}")


@app.command()
def kit(
    output: Folder = Path(),
    wheels: Annotated[bool, Option("--wheels", help="Include all packages, for this system and Python.")] = False,
):
    """Put the workshop on a USB stick: a folder and a zip that work offline."""
    from workshop.publish.kit import make_kit

    folder, archive = make_kit(output, wheels, echo)
    echo(f"{folder} and {archive.name} ({archive.stat().st_size / 1e6:.0f} MB). On the other machine: START.html")


@app.command()
def serve(
    model: Annotated[Path, Argument(metavar="MODEL", help="A .keras file, or a folder with a network.")],
    host: Annotated[
        str, Option(metavar="ADDRESS", help="Address to listen on; with 0.0.0.0, other machines can reach it, too.")
    ] = "127.0.0.1",
    port: Annotated[int, Option(min=0, max=65535, metavar="N", help="Port; 0 for any free one.")] = 8000,
    allow_host: Annotated[
        list[str] | None, Option(metavar="NAME", help="Name of a proxy that forwards requests to this server.")
    ] = None,
    trust_graph: Annotated[
        bool,
        Option(
            "--trust-graph", help="Load a TensorFlow graph even without a Keras file. Graphs can read and write files."
        ),
    ] = False,
):
    """Serve a network: a page to draw on, and an API, until Ctrl-C."""
    from workshop.serve import serve as serve_until_stopped

    serve_until_stopped(model, host, port, echo, allow_host or (), trust_graph)


@data_app.command("status")
def data_status():
    """Show which data files are on this machine, and whether they are whole."""
    from handwriting import load

    rows = [*cache.status(), load.standin_status()]
    for name, group in groupby(rows, itemgetter("name")):
        files = list(group)
        states = {row["state"] for row in files}
        state = states.pop() if len(states) == 1 else "incomplete"
        places = ", ".join(sorted({str(row["path"].parent) for row in files if row["path"]}))
        echo(f"{name:14} {state:10} {sum(row['bytes'] for row in files) / 1e6:5.1f} MB  {places}".rstrip())
        for row in files if state == "incomplete" else ():
            echo(f"  {row['state']:8} {row['file']}")
    echo("letters        drawn when needed")
    echo(f"Cache: {cache.cache_folder() or 'none, because nothing can be saved on this machine'}")


@data_app.command("fetch")
def data_fetch(
    name: Annotated[
        str, Argument(metavar="NAME", help="One of mnist, fashion-mnist, qmnist, letters and stand-in.")
    ] = "mnist",
):
    """Download a data set, or who wrote MNIST's images (qmnist), into the cache; or draw the stand-in."""
    from handwriting import load

    valid = [*FILES, "letters", "stand-in"]
    if name not in valid:
        raise UserError(f'There is no data set called "{name}".{nearest(name, valid)} Valid: {", ".join(valid)}.')
    load.read_files(name) if name == "qmnist" else load.load_digits(name)
    echo(f"{name} is on this machine.")
