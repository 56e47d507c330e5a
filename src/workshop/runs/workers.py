"""What a Dask worker does for a sweep: one run, with its share of the machine."""

import errno
import os
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from distributed import get_worker

from handwriting.errors import UserError
from handwriting.paths import write_text
from workshop.machine import cores
from workshop.runs import addresses, execute, notebooks

__all__ = ["Outcome", "perform"]

#: The notebook that failed, in the run's folder.
FAILED = "failed.ipynb"
#: What TensorFlow and NumPy read to know how many threads to use.
THREADS = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")


@dataclass
class Outcome:
    """What became of a run: "done", "failed" or "stopped", and its result without details."""

    name: str
    state: str = "failed"
    error: str = ""
    disk_full: bool = False
    seconds: float = 0.0
    result: dict | None = None


def perform(name, parameters, *, sweep, texts, output, slots, keep=False):
    """Do one run: its notebooks one after the other, in a temporary folder; then store them where they belong.

    Runs on a worker. The notebook with the result is written last and whole, so a run is either finished or not,
    however often it is begun.

    Parameters
    ----------
    name : str
        The run's folder in the output.
    parameters : dict
    sweep : str
        Name of the plugin that knows the sweep's kernels, see `workshop.runs.cluster.SweepKernels`.
    texts : dict of str to str
        File name of each notebook to its text.
    output : str
        See `workshop.runs.addresses.place`.
    slots : dict of str to int
        Runs at once on each machine, see `workshop.runs.cluster.slots_on_hosts`.
    keep : bool
        Whether trained networks are kept.

    Returns
    -------
    Outcome
    """
    start = time.monotonic()
    kernels = get_worker().plugins.get(sweep)
    if kernels is None:
        return Outcome(name, "stopped")
    share_cores(slots)
    home = addresses.child(output, name)
    try:
        with tempfile.TemporaryDirectory(prefix="handwriting-", ignore_cleanup_errors=True) as folder:
            runs = plan_in(Path(folder), texts, parameters)
            state, error, result = run_in_order(runs, kernels, home)
            if state == "done":
                store(runs, home, keep)
        outcome = Outcome(name, state, error, result=result)
    except OSError as error:
        outcome = Outcome(name, error=f"nothing can be written: {error.strerror or error}")
    except UserError as error:
        outcome = Outcome(name, error=str(error))
    outcome.disk_full = os.strerror(errno.ENOSPC) in outcome.error  # from this process, or from a notebook's kernel
    outcome.seconds = round(time.monotonic() - start, 3)
    return outcome


def plan_in(folder, texts, parameters):
    """Write the notebooks into a folder, and return the runs of them."""
    sources = [write_text(folder / "in" / file, text) for file, text in texts.items()]
    (folder / "out").mkdir()
    runs = notebooks.plan(sources, parameters, folder / "out")
    for run in runs:
        run.lean = True
    return runs


def run_in_order(runs, kernels, home):
    """Run notebooks one after the other; return the state, what went wrong, and the last result without details."""
    for run in runs:
        monitor = execute.KernelMonitor(run)
        with kernels.follow(monitor):
            execute.run_one(run, monitor)
        if run.state != "done":
            if run.state == "failed" and run.output.is_file():
                addresses.write(addresses.child(home, FAILED), run.output.read_text(encoding="utf-8"))
            return run.state, f"{run.name}: {run.error}" if run.error else "", None
    results = [run.result for run in runs if run.result]
    if not results:
        error = f"{runs[-1].name}: no cell shows a handwriting.results.Result, so there is nothing to compare"
        return "failed", error, None
    return "done", "", {key: value for key, value in results[-1].items() if key != "details"}


def store(runs, home, keep):
    """Put executed notebooks where they belong, and the networks that they saved, if these are kept."""
    for path in runs[0].output.parent.rglob("*.keras") if keep else []:
        Path(home).mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, home)
    for run in runs:
        addresses.write(addresses.child(home, run.output.name), run.output.read_text(encoding="utf-8"))
    if not addresses.is_remote(home):
        Path(home, FAILED).unlink(missing_ok=True)


def share_cores(slots):
    """Give each run its part of the machine's cores: TensorFlow takes all of them otherwise, and runs would compete."""
    worker = get_worker()
    host = worker.address.partition("://")[2].rpartition(":")[0]
    at_once = max(slots.get(host, 0), worker.state.nthreads)
    for name in THREADS:
        os.environ[name] = str(max(1, cores() // at_once))
