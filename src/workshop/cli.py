"""The command line: `handwriting run`, `data`, `doctor`, `slides`, `kit`; those about many runs are in `many`."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from handwriting import __version__
from handwriting.data import download as fetch
from handwriting.errors import UserError
from handwriting.parameters import nearest
from handwriting.session import notebooks_folder
from workshop import cli_sweep as many
from workshop.terminal import Display, out, say, show_table

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="The workshop Handwriting Recognition: run its notebooks, look after its data.",
)
data_app = typer.Typer(no_args_is_help=True, help="What data is on this machine; fetch more.")
app.add_typer(data_app, name="data")


def main():
    """Run the command line; a problem is one sentence and exit status 1."""
    fetch.make_folders_absolute()
    try:
        app(join_pairs(sys.argv[1:]), prog_name="handwriting")
    except UserError as problem:
        Console(stderr=True, highlight=False, soft_wrap=True).print(escape(str(problem)), style="bold")
        sys.exit(1)
    except SystemExit as end:
        sys.exit(1 if end.code == 2 else end.code)  # an unknown command or option is a problem like any other


def join_pairs(words):
    """Turn `-p NAME VALUE`, as papermill has it, into `-p NAME=VALUE`; that form is taken too."""
    joined, words = [], list(words)
    while words:
        word = words.pop(0)
        joined.append(word)
        if word in ("-p", "--parameter") and words:
            name = words.pop(0)
            joined.append(f"{name}={words.pop(0)}" if "=" not in name and words else name)
    return joined


@app.callback(invoke_without_command=True)
def top(version: Annotated[bool, typer.Option("--version", help="Say the version and stop.")] = False):
    """The workshop Handwriting Recognition: run its notebooks, look after its data."""
    if version:
        out.print(f"handwriting {__version__}")
        raise typer.Exit


@app.command()
def run(
    notebooks: Annotated[
        list[str] | None,
        typer.Argument(metavar="NOTEBOOK", help="Such as 05, 05_train or a path; none: 01 to 06."),
    ] = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option("--parameter", "-p", metavar="NAME VALUE", help="Set a parameter; may be given again."),
    ] = None,
    output: Annotated[Path, typer.Option(metavar="DIR", help="Folder for executed notebooks and pages.")] = Path(
        "output"
    ),
    workers: Annotated[int, typer.Option(min=0, metavar="N", help="Notebooks at once; 0: as this machine allows.")] = 0,
):
    """Run notebooks with papermill; end with a table and a page to read them on."""
    from handwriting import load
    from workshop.publish import pages
    from workshop.runs import execute
    from workshop.runs import notebooks as series

    settings = many.pairs_of(parameter)
    output = output.expanduser().resolve()
    runs = series.plan(series.choose(notebooks), settings, output)
    source = load.check_source(settings.get("data", "auto"))
    make_folder(output)
    data = load.load_digits(source).name  # once, before several kernels would try at the same time
    workers = min(workers or min(series.usual_workers(), 4), len(runs))
    say(f"Running {len(runs)} notebooks on {data}, {workers} at a time. They land in {output}.")
    start = time.monotonic()
    status = 0
    written = []
    writer = ThreadPoolExecutor(1)  # pages are written while other notebooks still run
    try:
        with Display(runs) as display:

            def report(one, done, cells):
                display.report(one, done, cells)
                if one.state in ("done", "failed") and one.output.is_file():
                    place = runs.index(one)
                    before = runs[place - 1].name if place else None
                    after = runs[place + 1].name if place + 1 < len(runs) else None
                    written.append(writer.submit(pages.write_page, one.output, before, after))

            execute.run_all(runs, workers, report)
    except KeyboardInterrupt:
        say("Stopped. What was finished stays.")
        status = 130
    written.append(writer.submit(pages.write_index, runs, output, data))
    writer.shutdown()
    for page in written:
        if page.exception():
            say(f"A page could not be written: {page.exception()}")
            status = status or 1
    show_table(runs, time.monotonic() - start)
    for one in runs:
        if one.state == "failed":
            out.print(f"\n{one.name} failed, {escape(one.error)}", style="bold")
            if one.output.is_file():
                say(f"  The notebook, up to there: {one.output}")
            status = status or 1
    say(f"\nExecuted notebooks: {output / '*.ipynb'}")
    if written[-1].exception() is None:
        say(f"Read them here:     {written[-1].result()}")
    raise typer.Exit(status)


for command in (many.sweep, many.report, many.compare, many.params):
    app.command()(command)


@app.command()
def doctor(json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False):
    """Check this machine: what works, what does not, and what to do."""
    from workshop.doctor import report

    raise typer.Exit(report(json, out))


@app.command()
def slides(
    notebooks: Annotated[
        list[str] | None, typer.Argument(metavar="NOTEBOOK", help="Such as 05 or a path; none: 01 to 06.")
    ] = None,
    output: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the slides.")] = Path("output/slides"),
):
    """Turn notebooks into slides: files that a browser shows without a network."""
    from workshop.publish.slides import write_slides
    from workshop.runs.notebooks import SERIES, choose

    paths = choose(notebooks) if notebooks else [notebooks_folder() / f"{name}.ipynb" for name in SERIES]
    written = write_slides(paths, output.expanduser().resolve())
    say(f"Slides of {len(written) - 1} notebooks. Open: {written[-1]}")


@app.command()
def kit(
    output: Annotated[Path, typer.Option(metavar="DIR", help="Where the folder and the zip are put.")] = Path(),
    wheels: Annotated[bool, typer.Option("--wheels", help="Add all packages, for this system and Python.")] = False,
):
    """Put the workshop on a USB stick: a folder and a zip that work with a poor network, or with none."""
    from workshop.publish.kit import make_kit

    folder, archive = make_kit(output, wheels, say)
    say(f"{folder} and {archive.name} ({archive.stat().st_size / 1e6:.0f} MB). On the other machine: START.html")


@app.command()
def serve(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="A .keras file, or a folder with a network.")],
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="0.0.0.0: other machines can reach it.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, metavar="N", help="Port; 0: any that is free.")] = 8000,
):
    """Serve a network: a page to draw on, and an API, until Ctrl-C."""
    from workshop.serve import serve as serve_until_stopped

    serve_until_stopped(model, host, port, say)


@data_app.command("status")
def data_status():
    """Show which data files are on this machine, and whether they are whole."""
    from handwriting import load

    rows = [*fetch.status(), load.standin_status()]
    for name in dict.fromkeys(row["name"] for row in rows):
        files = [row for row in rows if row["name"] == name]
        states = {row["state"] for row in files}
        state = states.pop() if len(states) == 1 else "incomplete"
        places = ", ".join(sorted({str(row["path"].parent) for row in files if row["path"]}))
        say(f"{name:14} {state:10} {sum(row['bytes'] for row in files) / 1e6:5.1f} MB  {places}".rstrip())
        if state == "incomplete":
            for row in files:
                say(f"  {row['state']:8} {row['file']}")
    say("letters        drawn when needed")
    cache = fetch.cache_folder()
    say(f"Cache: {cache or 'none, because nothing can be saved on this machine'}")


@data_app.command("fetch")
def data_fetch(
    name: Annotated[str, typer.Argument(metavar="NAME", help="mnist, fashion-mnist, letters or stand-in")] = "mnist",
):
    """Download a data set into the cache (or draw the stand-in)."""
    from handwriting import load

    valid = [*fetch.FILES, "letters", "stand-in"]
    if name not in valid:
        raise UserError(f'There is no data called "{name}".{nearest(name, valid)} Valid: {", ".join(valid)}.')
    load.load_digits(name)
    out.print(f"{name} is on this machine.")


def make_folder(folder):
    """Make the output folder, or say why not, before anything runs."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".probe"
        probe.write_text("")
        probe.unlink()
    except OSError as error:
        raise UserError(f"Nothing can be written to {folder} ({error.strerror}). Choose another --output.") from None
