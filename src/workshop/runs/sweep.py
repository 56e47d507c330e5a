"""Run the same notebooks with many parameters: what there is to do, in which order, and what became of it.

The executed notebooks are the only record. A run whose notebooks are there, whole and with a result, is finished, if
they are these notebooks, with these parameters and data; so the same command again does what is missing, and no more.
"""

import json
import shlex
import time
from asyncio import CancelledError
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePath

from distributed import KilledWorker, as_completed
from papermill.translators import translate_parameters

from handwriting.errors import ClusterError, ParameterError, RecordError, UserError, first_line
from handwriting.parameters import check_names
from handwriting.text import clean, counted
from workshop.runs import output_location, plan
from workshop.runs.cluster import slots_on_hosts
from workshop.runs.combinations import run_name
from workshop.runs.one_run import FAILED, Outcome, SweepOnWorker, perform
from workshop.runs.record import read_result, run_of
from workshop.runs.untrusted_files import parse
from workshop.runs.written import joined, noted, stamps_of
from workshop.widget_state import without_outputs

STAGES = ("05", "06")  # the stages that a sweep runs by default: train, then test


@dataclass(frozen=True)
class Sweep:
    notebooks: list  # from `workshop.runs.plan.choose`
    runs: dict  # name of each run -> its parameters
    output: str  # from `workshop.runs.output_location.place`
    auto: str | None = None  # which data "auto" is today, from `name_of_auto`; None if unknown
    seen: dict = field(default_factory=dict, repr=False)  # the stamp of each value of a parameter

    def whole(self, name):
        """Return a run's notebooks, the last first, if they have a result; the last one is written at the end."""
        places = [f"{name}/{PurePath(notebook).name}" for notebook in reversed(self.notebooks)]
        texts = (output_location.read(output_location.child(self.output, place)) for place in places)
        try:
            last, *others = [text and parse(text) for text in texts]
        except RecordError:  # half of a notebook
            return None
        has_result = last and any(one and read_result(one) is not None for one in (last, *others))
        return [last, *others] if has_result else None

    def finished(self, name):
        """Return whether a run is there, whole and with a result, and is what this sweep would do."""
        pairs = zip(self.whole(name) or (), reversed(self.notebooks), strict=False)
        try:
            agree = [bool(one) and self.agrees(one, source, name) for one, source in pairs]
        except RecursionError:  # lists in lists in lists
            return False
        return agree != [] and all(agree)

    def agrees(self, executed, source, name):
        """Return whether a notebook was run from this source, with this run's parameters, on the data of today."""
        code, shown_before, own = self.sources[source]
        given = {name: value for name, value in self.runs[name].items() if name in own}
        files = {name: stamp for name, stamp in self.stamps(name).items() if name in own}
        passed, before = run_of(executed).get("parameters") or {}, noted(executed).get("files") or {}
        data = (read_result(executed) or {}).get("data") if plan.data_of(own, given) == "auto" else None
        same_data = None in (data, self.auto) or str(data).lower() == self.auto
        cell = translate_parameters("python3", "python", given, "Parameters") if given else "\n".join(shown_before)
        # In a file, the parameters have another order. Somebody may have changed them in their cell, and run it again.
        shown = "\n".join(map(str, code_of(executed, injected=True)))
        as_passed = sorted(shown.splitlines()) == sorted(cell.splitlines())
        together = noted(executed).get("notebooks")  # without one of them, another result may come out
        same_notebooks = together in (None, sorted(PurePath(notebook).name for notebook in self.notebooks))
        same_run = same_notebooks and (passed, before, code_of(executed)) == (given, files, code)
        return same_data and as_passed and same_run

    @cached_property
    def sources(self):
        """For each notebook, its code, the parameters of an earlier run in it, and its parameters."""
        found = {one: parse(output_location.read(str(one))) for one in self.notebooks}
        return {
            one: (code_of(notebook), code_of(notebook, injected=True), plan.parameters_of(one))
            for one, notebook in found.items()
        }

    def stamps(self, name):
        """Return the `stamps_of` a run's parameters; each file is looked at once."""
        for value in self.runs[name].values():
            if value not in self.seen:
                self.seen[value] = stamps_of({"": value}).get("")
        found = {parameter: self.seen[value] for parameter, value in self.runs[name].items()}
        return {parameter: stamp for parameter, stamp in found.items() if stamp}

    def sources_of_data(self):
        """Return the `data_of` all runs of the notebooks that have this parameter."""
        reading = [own for *_, own in self.sources.values() if "data" in own]
        return {plan.data_of(own, given) for own in reading for given in self.runs.values()} - {None}

    def missing(self):
        there = set(output_location.listed(self.output))
        return [name for name in self.runs if name not in there or not self.finished(name)]

    def without_networks(self, missing):
        """Return how many runs, beside those that are missing, have no network in their folder."""
        return sum(not any(Path(self.output, name).glob("*.keras")) for name in self.runs.keys() - set(missing))

    def command(self, name):
        """Return how to do one run alone, as people type it."""
        words = ["handwriting", "run"]
        words += [one.stem if plan.is_ours(one) else str(one) for one in self.notebooks]
        for parameter, value in self.runs[name].items():
            words += ["-p", parameter, str(value)]
        output = name if output_location.is_remote(self.output) else output_location.child(self.output, name)
        return shlex.join([*words, "--output", output])


@dataclass
class Status:
    total: int
    finished_before: int  # when the sweep began
    slots: int  # runs at once
    done: int = 0
    running: int = 0
    failed: dict = field(default_factory=dict)  # name of a run -> what went wrong
    kept: list = field(default_factory=list)  # what `written.replacing` said
    start: float = field(default_factory=time.monotonic)

    @property
    def finished(self):
        """Runs that are finished, those from before included."""
        return self.finished_before + self.done

    @property
    def left(self):
        return self.total - self.finished - len(self.failed)

    @property
    def seconds_left(self):
        """An estimate from the runs that have ended; None before any has."""
        ended = self.done + len(self.failed)
        return self.left * (time.monotonic() - self.start) / ended if ended else None


def plan_sweep(names, combinations, output):
    """Return the `Sweep` of notebooks, by default 05 and 06, with some `Combinations`, before anything runs."""
    chosen = sorted(plan.choose(names or STAGES), key=plan.waits)
    plan.check_file_names(chosen, [PurePath(FAILED).stem])
    check_names(combinations.values, {name for one in chosen for name in plan.parameters_of(one)})
    for folder in combinations.values.get("work_dir", ()):
        if PurePath(folder).is_absolute() or str(folder).startswith("~") or ".." in PurePath(folder).parts:
            raise ParameterError(
                f'"work_dir" must be a folder within each run, such as my_work. In {clean(str(folder))}, '
                "runs side by side would use each other's networks."
            )
    runs = {}
    for parameters in combinations:
        parameters = {name: plan.absolute(name, value) for name, value in parameters.items()}
        runs[run_name(parameters)] = parameters
    if all(plan.is_ours(one) and not one.name.startswith(STAGES) for one in chosen):
        shown = ", ".join(one.stem for one in chosen)
        raise ParameterError(f"A sweep compares accuracies, and {shown} measures none. Sweep 05, 06, or both.")
    return Sweep(chosen, runs, output_location.place(output))


def carry_out(sweep, names, client, report=lambda status, outcome: None, *, keep=False, slots=None, perform=perform):
    """Do runs, those with these names, on a cluster, and return the `Status`. One that fails does not stop the others.

    `report` is called with the status so far, and with the outcome of a run that ended (or None). `keep` puts each
    trained network beside its notebooks. `slots`, the runs at once on each machine, and `perform`, which does one run
    on a worker, are for measurements. What was finished stays if UserError is raised, because a disk is full or the
    cluster is lost, and after Ctrl-C.
    """
    if keep and output_location.is_remote(sweep.output):
        raise UserError(
            "Networks can be kept only in a folder, not at an address. Leave out --keep, or choose a folder."
        )
    slots = slots or slots_on_hosts(client)
    originals = {PurePath(one).name: json.loads(output_location.read(str(one))) for one in sweep.notebooks}
    texts = {name: json.dumps(without_outputs(notebook)) for name, notebook in originals.items()}
    stamps = {name: found for name in names if (found := sweep.stamps(name))}
    plugin = SweepOnWorker(texts, sweep.output, slots, keep, stamps)
    status = Status(len(sweep.runs), len(sweep.runs) - len(names), sum(slots.values()))
    waiting, submitted, ended = iter(names), {}, as_completed()

    def submit():
        name = next(waiting, None)
        if name is not None:
            key = f"{plugin.name}-{name}"
            future = client.submit(perform, name, sweep.runs[name], plugin.name, key=key, pure=False)
            submitted[future.key] = (name, future)
            ended.add(future)
        status.running = min(status.slots, len(submitted))

    client.register_plugin(plugin)
    try:
        # A few more than can run at once: workers never wait, and a hundred thousand runs fill no memory.
        for _ in range(2 * status.slots + 2):
            submit()
        report(status, None)
        for future in ended:
            name, _ = submitted.pop(future.key)
            outcome = outcome_of(future, name)
            status.kept += [f"{name}/{line}" for line in outcome.kept]
            if outcome.disk_full:
                raise UserError(
                    f"The disk is full, so the sweep stopped; {counted(status.finished, 'finished run')} kept. "
                    "Free some space and run the same command again to continue."
                )
            if outcome.state == "done":
                if not status.done:
                    check_shared(sweep, name)
                status.done += 1
            else:
                status.failed[name] = outcome.error or outcome.state
            submit()
            report(status, outcome)
    finally:
        with suppress(Exception):  # the cluster may be what was lost
            client.cancel([future for _, future in submitted.values()], force=True)
            client.unregister_worker_plugin(plugin.name)  # which ends its kernels
    return status


def outcome_of(future, name):
    """Return the outcome of a run, also if its worker could not report one."""
    if future.status == "error":
        error = future.exception()
        if isinstance(error, KilledWorker):
            return Outcome(name, error="its worker died several times; is there enough memory?")
        return Outcome(name, error=f"{type(error).__name__}: {first_line(error)}")
    try:
        return future.result()
    except (Exception, CancelledError):  # one of many kinds, each of which says that nothing can be fetched any more
        raise ClusterError(
            "The scheduler does not respond, so the sweep stopped; finished runs are kept. Run the same command again."
        ) from None


def check_shared(sweep, name):
    """Raise an error unless the first finished run is where this machine looks for it."""
    if not sweep.finished(name):
        raise ClusterError(
            f"A run was finished, but {output_location.child(sweep.output, name)} has no result here: the workers see "
            "another disk. Give an --output that all machines share, or an address such as s3://bucket/folder."
        )


def code_of(notebook, injected=False):
    """Return the code cells of a notebook without those with parameters that papermill put in, or only these."""
    cells = [cell for cell in notebook["cells"] if isinstance(cell, dict) and cell.get("cell_type") == "code"]
    return [
        joined(cell.get("source")) for cell in cells if ("injected-parameters" in str(cell.get("metadata"))) == injected
    ]


def name_of_auto(sweep):
    """Return the name of the data that "auto" is on this machine today; None if no run has it."""
    from handwriting import load

    return load.load_digits("auto").name if "auto" in sweep.sources_of_data() else None
