"""What a Dask worker does for a sweep: one run at a time, with its share of the machine."""

import errno
import os
import shutil
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from distributed import WorkerPlugin, get_worker

from handwriting.errors import UserError
from handwriting.paths import write_text
from workshop.machine import cores, temporary_folder
from workshop.runs import FAILED, execute, output_location, plan
from workshop.runs.written import replacing, unchanged

#: What TensorFlow and NumPy read to know how many threads to use.
THREADS = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")


@dataclass
class Outcome(execute.Ended):
    """What became of a run: "done", "failed" or "stopped", and its result without details."""

    name: str
    state: str = "failed"
    error: str = ""
    disk_full: bool = False
    seconds: float = 0.0
    result: dict | None = None
    kept: list = field(default_factory=list)  # what `written.replacing` said


class SweepOnWorker(WorkerPlugin):
    """What each worker has of one sweep: its notebooks and the kernels it runs, which end when this is removed.

    `texts` has the text of each notebook, by file name, `slots` the runs at once on each machine, `stamps` those of the
    files that each run reads; `keep` says whether trained networks are kept.
    """

    def __init__(self, texts, output, slots, keep, stamps):
        self.name = f"handwriting-{uuid.uuid4().hex}"  # several sweeps may share a cluster
        self.texts, self.output, self.slots, self.keep, self.stamps = texts, output, slots, keep, stamps

    def setup(self, worker):
        self.monitors, self.stopped = set(), False
        # TensorFlow takes all cores otherwise, and runs side by side would compete.
        host = worker.address.partition("://")[2].rpartition(":")[0]
        at_once = max(self.slots.get(host, 0), worker.state.nthreads)
        os.environ.update(dict.fromkeys(THREADS, str(max(1, cores() // at_once))))

    def teardown(self, worker):
        self.stopped = True
        for monitor in list(self.monitors):
            monitor.stop()

    def run_one(self, run):
        """Run one notebook, whose kernel stops, too, if the sweep stops meanwhile."""
        monitor = execute.KernelMonitor(run)
        self.monitors.add(monitor)
        monitor.stopped = self.stopped  # last: `teardown` may have looked just before
        try:
            execute.run_one(run, monitor)
        finally:
            self.monitors.discard(monitor)


def perform(name, parameters, sweep):
    """Do one run on this worker: its notebooks in order, in a temporary folder; then store them where they belong.

    The notebook with the result is written last and whole, so a run is either finished or not, however often it is
    begun. `name` is its folder in the output, `sweep` the name of the sweep's `SweepOnWorker`. Return an `Outcome`.
    """
    start = time.monotonic()
    sweep = get_worker().plugins.get(sweep)
    if sweep is None:
        return Outcome(name, "stopped")
    home, kept = output_location.child(sweep.output, name), []
    try:
        with temporary_folder() as folder:
            sources = [write_text(folder / "in" / file, text) for file, text in sweep.texts.items()]
            (folder / "out").mkdir()
            runs = plan.plan(sources, parameters, folder / "out", lean=True)
            for run in runs:
                run.stamps = {key: stamp for key, stamp in sweep.stamps.get(name, {}).items() if key in run.parameters}
            state, error, result = run_in_order(runs, sweep, home, kept.append)
            if state == "done":
                store(runs, home, sweep.keep, kept.append)
        outcome = Outcome(name, state, error, result=result, kept=kept)
    except OSError as error:
        outcome = Outcome(name, error=f"nothing can be written: {error.strerror or error}")
    except UserError as error:
        outcome = Outcome(name, error=str(error))
    outcome.disk_full = os.strerror(errno.ENOSPC) in outcome.error  # from this process, or from a notebook's kernel
    outcome.seconds = round(time.monotonic() - start, 3)
    return outcome


def run_in_order(runs, sweep, home, say):
    """Run notebooks one after the other; return the state, what went wrong, and the last result without details."""
    for run in runs:
        sweep.run_one(run)
        if run.state != "done":
            if run.state == "failed" and run.output.is_file():
                output_location.write(output_location.child(home, FAILED), run.output.read_text(encoding="utf-8"), say)
            return run.state, f"{run.name}: {run.error}" if run.error else "", None
    results = [run.result for run in runs if run.result]
    if not results:
        error = f"{runs[-1].name}: no cell shows a handwriting.results.Result, so there is nothing to compare"
        return "failed", error, None
    return "done", "", {key: value for key, value in results[-1].items() if key != "details"}


def store(runs, home, keep, say):
    """Put executed notebooks where they belong, and the networks that they saved, if these are kept."""
    for path in runs[0].output.parent.rglob("*.keras") if keep else []:
        with replacing(Path(home, path.name), say) as part:
            shutil.copyfile(path, part)
    for run in runs:
        output_location.write(output_location.child(home, run.output.name), run.output.read_text("utf-8"), say)
    if not output_location.is_remote(home) and unchanged(Path(home, FAILED)):
        Path(home, FAILED).unlink()
