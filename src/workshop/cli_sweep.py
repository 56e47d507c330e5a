"""The commands about many runs: `handwriting sweep`, `report`, `compare`, `params`."""

from pathlib import Path
from typing import Annotated

import typer

from handwriting.errors import UserError
from workshop.terminal import SweepDisplay, out, say, time_in_words

__all__ = ["compare", "pairs_of", "params", "report", "sweep"]

#: So many runs begin without a question.
UNASKED = 1000
#: Beyond so many, the finished ones are not even counted before the question.
COUNTED = 100_000
#: Failed runs that are told at the end, in full.
TOLD = 10

Notebooks = Annotated[
    list[str] | None, typer.Argument(metavar="NOTEBOOK", help="Such as 05 or a path; none: 05 and 06.")
]


def pairs_of(parameters):
    """What was given as `-p NAME VALUE`, which comes here as "NAME=VALUE"."""
    settings = {}
    for pair in parameters or []:
        name, equals, value = pair.partition("=")
        if not equals:
            raise UserError(f'"{pair}" has no value. Write: -p NAME VALUE')
        settings[name] = value
    return settings


def sweep(
    notebooks: Notebooks = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option("--parameter", "-p", metavar="NAME VALUES", help="Values with commas, as in: -p epochs 1,2,4"),
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--file", "-f", metavar="GRID.yaml", help="Lines such as: epochs: [1, 2, 4]")
    ] = None,
    pairs: Annotated[bool, typer.Option("--zip", help="First values together, second ones, and so on.")] = False,
    sample: Annotated[
        int | None, typer.Option(metavar="N", help="Only N of the combinations, chosen at random.")
    ] = None,
    seed: Annotated[int, typer.Option(metavar="S", help="Of that choice.")] = 0,
    output: Annotated[
        str, typer.Option(metavar="DIR", help="A folder, or an address such as s3://bucket/dir")
    ] = "runs",
    workers: Annotated[int, typer.Option(min=0, metavar="N", help="Runs at once; 0: as this machine allows.")] = 0,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Of a Dask cluster that computes them.")
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Keep each trained network, too (5 MB each).")] = False,
    yes: Annotated[bool, typer.Option("--yes", help=f"Begin more than {UNASKED:,} runs without a question.")] = False,
):
    """Run notebooks with every combination of parameters. Run again: only what is missing is done."""
    from workshop.runs import notebooks as series
    from workshop.runs import sweep as room
    from workshop.runs.combinations import Grid, read_grid, values_of

    values = read_grid(file) if file else {}
    values |= {name: values_of(name, text) for name, text in pairs_of(parameter).items()}
    if not values:
        raise UserError("A sweep needs values to try. Write, for example: handwriting sweep -p epochs 1,2,4")
    if workers and scheduler:
        raise UserError("--workers is for this machine; the cluster at --scheduler has its own. Leave one of them out.")
    grid = Grid(values, pairs, sample, seed)
    slots = workers or min(series.usual_workers(), len(grid))
    if len(grid) > COUNTED and not yes:
        ask(len(grid), len(grid) * room.SECONDS, len(grid) * room.BYTES, False, 1 if scheduler else slots)
    planned = room.plan(notebooks, grid, output)
    with room.alone(planned.output):
        missing = planned.missing()
        if len(missing) > UNASKED and not yes:
            ask(len(missing), *room.estimate(planned, missing), 1 if scheduler else slots)
        finished = len(planned.runs) - len(missing)
        told = f", {finished} of them finished before" if finished else ""
        say(f"{len(planned.runs)} runs{told}. They land in {planned.output}.")
        status = carry_out(planned, missing, scheduler, min(slots, len(missing)), keep) if missing else 0
    if not status:
        say(f"Compare them: handwriting report {output}")
    raise typer.Exit(status)


def ask(count, seconds, size, measured, slots):
    """Stop before many runs, and say what they would take."""
    whence = "as the finished ones took" if measured else "roughly, nothing is measured yet"
    at_once = f"with {slots} at once" if slots > 1 else "of one worker's time"
    raise UserError(
        f"That is {count:,} runs: about {time_in_words(seconds / slots)} {at_once} and {size / 1e6:,.0f} MB "
        f"({whence}). To begin, add --yes; for a random part, --sample 100."
    )


def carry_out(planned, missing, scheduler, slots, keep):
    """Do the missing runs, show how far they are, and tell what failed; the exit status."""
    from handwriting import load
    from workshop.runs import notebooks as series
    from workshop.runs import sweep as room
    from workshop.runs import workers as cluster

    if not scheduler and any("data" in series.parameters_of(path) for path in planned.paths):
        # Once and here, before several kernels would try at the same time.
        sources = {str(parameters.get("data", "auto")) for parameters in planned.runs.values()}
        for source in sorted(sources):
            load.load_digits(load.check_source(source))
    try:
        with (
            cluster.connected(scheduler) if scheduler else cluster.started(slots) as client,
            SweepDisplay() as display,
        ):
            outcome = room.sweep(planned, missing, client, display.report, keep)
    except KeyboardInterrupt:
        say("Stopped. What was finished stays; run the same command again to go on.")
        return 130
    say(f"{outcome.before + outcome.done} of {outcome.total} runs are finished.")
    for name, why in list(outcome.failed.items())[:TOLD]:
        out.print(f"\n{name} failed. {why}", style="bold", markup=False)
        say(f"  To run it alone: {planned.command(name)}")
    if len(outcome.failed) > TOLD:
        say(f"\n... and {len(outcome.failed) - TOLD} more failed. Run the same command again: it tries only those.")
    return 1 if outcome.failed else 0


def report(
    folder: Annotated[str, typer.Argument(metavar="DIR", help="Where the runs are: a folder or an address.")],
    classroom: Annotated[bool, typer.Option("--class", help="Notebooks 06 that students handed in: one page.")] = False,
    names: Annotated[bool, typer.Option(help="Show the files' names on the page of the class.")] = True,
):
    """Compare the runs in a folder: results.csv, report.ipynb, report.html."""
    if classroom:
        from workshop.classroom.report import write_class_page

        write_class_page(folder, names=names, say=say)
        return
    from workshop.reports.report import write_report

    write_report(folder, say=say)


def compare(
    one: Annotated[str, typer.Argument(metavar="A", help="A run or a folder of runs.")],
    other: Annotated[str, typer.Argument(metavar="B", help="Another one.")],
):
    """Put two runs, or two folders of runs, side by side."""
    from workshop.reports import compare as room

    say(str(room.compare(one, other)))


def params(
    notebooks: Annotated[list[str] | None, typer.Argument(metavar="NOTEBOOK", help="None: all of them.")] = None,
):
    """Show the parameters: type, range, default, and which notebooks have them."""
    from handwriting.parameters import PARAMETERS
    from workshop.runs import notebooks as series

    paths = series.choose(notebooks) if notebooks else sorted(series.notebooks_folder().glob("[0-9]*.ipynb"))
    has = {path.stem.partition("_")[0]: series.parameters_of(path) for path in paths}
    found = {name for names in has.values() for name in names}
    for name in [*(name for name in PARAMETERS if name in found), *sorted(found - set(PARAMETERS))]:
        where = [number for number, names in has.items() if name in names]
        if name in PARAMETERS:
            takes, usual, sets = PARAMETERS[name].summary, PARAMETERS[name].default, PARAMETERS[name].help
        else:  # of a notebook from elsewhere
            takes, usual, sets = "anything", has[where[0]][name]["default"], has[where[0]][name]["help"]
        say(f"{name:14} {takes}; usually {usual}; in {' '.join(where)}")
        say(f"{'':14} {sets}")
