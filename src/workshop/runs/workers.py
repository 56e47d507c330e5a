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
from workshop.machine import cores
from workshop.runs import addresses, execute, notebooks

__all__ = ["Job", "Outcome", "perform"]

#: The notebook that failed, in the run's folder.
FAILED = "failed.ipynb"
#: What TensorFlow and NumPy read to know how many threads to use.
THREADS = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")


@dataclass(frozen=True)
class Job:
    """What all runs of a sweep share.

    Attributes
    ----------
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
    """

    sweep: str
    texts: dict
    output: str
    slots: dict
    keep: bool = False


@dataclass
class Outcome:
    """What became of a run: "done", "failed" or "stopped", and its result without details."""

    name: str
    state: str = "failed"
    error: str = ""
    disk_full: bool = False
    seconds: float = 0.0
    result: dict | None = None


def perform(name, parameters, job):
    """Do one run: its notebooks one after the other, in a temporary folder; then store them where they belong.

    Runs on a worker. The notebook with the result is written last and whole, so a run is either finished or not,
    however often it is begun.

    Parameters
    ----------
    name : str
        The run's folder in the output.
    parameters : dict
    job : Job

    Returns
    -------
    Outcome
    """
    start = time.monotonic()
    outcome = Outcome(name)
    share_cores(job.slots)
    try:
        with tempfile.TemporaryDirectory(prefix="handwriting-", ignore_cleanup_errors=True) as folder:
            perform_in(Path(folder), outcome, parameters, job)
    except OSError as error:
        outcome.error = f"nothing can be written: {error.strerror or error}"
    except UserError as error:
        outcome.error = str(error)
    outcome.disk_full = os.strerror(errno.ENOSPC) in outcome.error  # from this process, or from a notebook's kernel
    outcome.seconds = round(time.monotonic() - start, 3)
    return outcome


def perform_in(folder, outcome, parameters, job):
    """Do one run in a folder that is there, and fill in its outcome."""
    kernels = get_worker().plugins.get(job.sweep)
    if kernels is None:
        outcome.state = "stopped"
        return
    home = addresses.child(job.output, outcome.name)
    sources = [folder / "in" / file for file in job.texts]
    for source in sources:
        addresses.write(str(source), job.texts[source.name])
    (folder / "out").mkdir()
    runs = notebooks.plan(sources, parameters, folder / "out")
    for run in runs:
        run.lean = True
        monitor = execute.KernelMonitor(run)
        with kernels.follow(monitor):
            execute.run_one(run, monitor)
        if run.state != "done":
            if run.state == "failed" and run.output.is_file():
                addresses.write(addresses.child(home, FAILED), run.output.read_text(encoding="utf-8"))
            outcome.state, outcome.error = run.state, f"{run.name}: {run.error}" if run.error else ""
            return
    results = [run.result for run in runs if run.result]
    if not results:
        outcome.error = f"{runs[-1].name}: no cell shows a handwriting.results.Result, so there is nothing to compare"
        return
    if job.keep:
        keep_networks(folder / "out", home)
    for run in runs:
        addresses.write(addresses.child(home, run.output.name), run.output.read_text(encoding="utf-8"))
    if not addresses.is_remote(home):
        Path(home, FAILED).unlink(missing_ok=True)
    outcome.state, outcome.result = "done", {key: value for key, value in results[-1].items() if key != "details"}


def keep_networks(folder, home):
    """Copy the networks that a run saved beside its notebooks."""
    if addresses.is_remote(home):
        raise UserError("Networks are kept in a folder only, not at an address. Leave --keep out, or name a folder.")
    for path in folder.rglob("*.keras"):
        Path(home).mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, Path(home) / path.name)


def share_cores(slots):
    """Give each run its part of the machine's cores: TensorFlow takes all of them otherwise, and runs would compete."""
    worker = get_worker()
    host = worker.address.partition("://")[2].rpartition(":")[0]
    at_once = max(slots.get(host, 0), worker.state.nthreads)
    for name in THREADS:
        os.environ[name] = str(max(1, cores() // at_once))
