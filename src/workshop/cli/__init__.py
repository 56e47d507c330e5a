"""The command line `handwriting`: its commands and options."""

import os
import re
import signal
import sys
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Annotated

from rich.console import Console
from typer import Argument, Exit, Option, Typer
from typer.main import get_command

from handwriting import __version__
from handwriting.data import cache
from handwriting.data.registry import FILES
from handwriting.errors import UserError
from handwriting.parameters import PARAMETERS, nearest
from handwriting.paths import notebooks_folder
from handwriting.text import counted
from workshop import terminal
from workshop.cli.runs import Folder, Notebooks, run, sweep
from workshop.terminal import echo

#: The commands, by what people do first.
COMMANDS = "doctor run data slides kit serve class-report sweep report compare params".split()

app = Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)
data_app = Typer(no_args_is_help=True, help="Show which data sets are on this machine, or download one.")
app.add_typer(data_app, name="data")
app.command()(run)
app.command()(sweep)


def main():
    """Run the command line; what goes wrong is one sentence and exit status 1."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # a name may have letters that a terminal's encoding lacks
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that SIGTERM ends it as cleanly as Ctrl-C
    try:
        cache.make_folders_absolute()
        command = get_command(app)
        names = [*COMMANDS, *(name for name in command.commands if name not in COMMANDS)]
        command.commands = {name: command.commands[name] for name in names}
        command(join_pairs(current_words(sys.argv[1:])), prog_name="handwriting")
    except UserError as error:
        stop(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
    except ValueError as error:  # zipfile's, which closes an archive while Ctrl-C ends what writes into it
        if not isinstance(error.__context__, KeyboardInterrupt):
            raise
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
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(terminal.visible(sentence), style="bold", markup=False)
    sys.exit(1)


def current_words(words):
    """Turn `report --class`, as earlier versions had it, into `class-report`."""
    is_old = words[:1] == ["report"] and "--class" in words
    return ["class-report", *(word for word in words[1:] if word != "--class")] if is_old else words


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


@app.callback(invoke_without_command=True)
def top(version: Annotated[bool, Option("--version", help="Show the version and exit.")] = False):
    """Run and manage the notebooks of the Handwriting Recognition workshop."""
    if version:
        echo(f"handwriting {__version__}")
        raise Exit


@app.command()
def report(folder: Annotated[str, Argument(metavar="DIR", help="Folder or address with the runs.")]):
    """Compare the runs in a folder: results.csv, report.ipynb, report.html."""
    from workshop.reports.report import write_report

    write_report(folder, say=echo)


@app.command()
def class_report(
    folder: Annotated[str, Argument(metavar="DIR", help="Folder or zip archive with the students' work.")],
    notebooks: Annotated[
        str | None, Option(metavar="1-6", help="Notebooks to count; by default, all that were handed in or worked on.")
    ] = None,
    names: Annotated[bool, Option(help="Show the names on the page.")] = True,
    csv: Annotated[
        str | None, Option(metavar="FILE.csv", help="Also write a table for spreadsheets, with names.")
    ] = None,
    check: Annotated[bool, Option("--check", help="Check the answers in the notebooks again; runs no code.")] = False,
    run_code: Annotated[
        bool, Option("--run-code", help="Check the answers, and run students' functions in a sandbox (Linux).")
    ] = False,
):
    """Make one page of what students handed in: class.html, or class-without-names.html."""
    from workshop.classroom.class_page import write_class_page

    write_class_page(folder, echo, names, notebooks, csv, check, run_code)


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
    from workshop.runs import SERIES
    from workshop.runs.plan import choose, parameters_of

    there = [name for name in SERIES if (notebooks_folder() / f"{name}.ipynb").is_file()]
    has = {Path(one).stem.partition("_")[0]: parameters_of(one) for one in choose(notebooks or there)}
    found = {name for names in has.values() for name in names}
    for name in [*(name for name in PARAMETERS if name in found), *sorted(found - set(PARAMETERS))]:
        where = [number for number, names in has.items() if name in names]
        takes, sets = "anything", has[where[0]][name]["help"]  # of a notebook from elsewhere
        if name in PARAMETERS:
            takes, sets = PARAMETERS[name].summary, PARAMETERS[name].help
        defaults = {}
        for number in where:
            default = has[number][name]["default"]
            defaults.setdefault(default.strip("\"'") if name in PARAMETERS else default, []).append(number)
        link = " in" if len(defaults) > 1 else "; in"
        listed = ", ".join(f"{default}{link} {' '.join(numbers)}" for default, numbers in defaults.items())
        echo(f"{name:14} {takes}; default {listed}")
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
    from workshop.runs.plan import STAGES, choose

    paths = choose(notebooks) if notebooks else [notebooks_folder() / f"{name}.ipynb" for name in STAGES]
    written = write_slides(paths, output, echo)
    echo(f"Slides of {counted(len(written) - 1, 'notebook')}. Open: {written[-1]}")


@app.command()
def kit(
    output: Folder = Path(),
    wheels: Annotated[bool, Option("--wheels", help="Include all packages, for this system and Python.")] = False,
    colab: Annotated[
        bool, Option("--colab", help="Instead, write notebooks for Colab that contain the workshop's own package.")
    ] = False,
):
    """Put the workshop on a USB stick: a folder and a zip (with --wheels, they work offline)."""
    if colab and wheels:
        raise UserError("Use either --colab or --wheels: Colab has its own packages.")
    if colab:
        from workshop.publish.colab import make_colab_kit

        folder, _ = make_colab_kit(output, echo)
        size = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
        echo(f"Notebooks in {folder} ({size:.1f} MB). Hand them out; in Colab: File > Upload notebook.")
        return
    from workshop.publish.kit import make_kit

    folder, archive = make_kit(output, wheels, echo)
    echo(f"{folder} and {archive.name} ({archive.stat().st_size / 1e6:.0f} MB). On the other machine: START.html")


@app.command()
def serve(
    model: Annotated[str, Argument(metavar="MODEL", help="A .keras file, or a folder with a network.")],
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
    """Show which data files are on this machine, and whether they are complete."""
    from handwriting import load

    rows = [*cache.status(), load.standin_status()]
    for name, group in groupby(rows, itemgetter("name")):
        files = list(group)
        states = {row["state"] for row in files}
        state = states.pop() if len(states) == 1 else "incomplete"
        places = ", ".join(sorted({str(row["path"].parent) for row in files if row["path"]}))
        echo(f"{name:14} {state:10} {sum(row['bytes'] for row in files) / 1e6:5.1f} MB  {places}".rstrip())
        for row in files if state == "incomplete" else ():
            echo(f"  {row['state']:10} {row['file']}")
    echo("letters        drawn when needed")
    echo(f"Cache: {cache.cache_folder() or 'none, because nothing can be saved on this machine'}")


@data_app.command("fetch")
def data_fetch(
    name: Annotated[
        str, Argument(metavar="NAME", help="One of mnist, fashion-mnist, qmnist, letters or stand-in.")
    ] = "mnist",
):
    """Download a data set, or the list of MNIST's writers (qmnist), into the cache; or draw the stand-in."""
    from handwriting import load

    valid = [*FILES, "letters", "stand-in"]
    if name not in valid:
        raise UserError(f'There is no data set called "{name}".{nearest(name, valid)} Valid: {", ".join(valid)}.')
    load.read_files(name) if name == "qmnist" else load.load_digits(name)
    if any(row["state"] != "whole" for row in [*cache.status(), load.standin_status()] if row["name"] == name):
        raise UserError(f"{name} cannot be saved. Free some space, or set HANDWRITING_CACHE to a folder of your own.")
    echo(f"{name} is on this machine.")
