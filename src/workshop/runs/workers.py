"""Where many runs are computed: workers on this machine, or a Dask cluster; and what a worker does."""

import logging
import os
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path

from handwriting.errors import ClusterError, UserError
from workshop.runs import addresses as storage
from workshop.runs import execute
from workshop.runs import notebooks as series

__all__ = ["ClusterError", "connected", "perform", "slots_on_hosts", "started", "stop_kernels"]

#: Seconds until a scheduler must have answered, and until it must have a worker.
PATIENCE, WORKERS_PATIENCE = 8, 30
THREADS = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")

following = {}  # sweep -> the watchers of its runs in this worker
stopped = set()  # sweeps of which nothing may begin any more
guard = threading.Lock()


@contextmanager
def started(workers):
    """Workers on this machine, each a process that does one run at a time; they end with the block.

    Parameters
    ----------
    workers : int

    Yields
    ------
    distributed.Client
    """
    import dask
    from distributed import Client, LocalCluster

    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    # A worker's own memory says nothing here: kernels are other processes.
    options = {"memory_limit": None, "dashboard_address": "127.0.0.1:0", "silence_logs": logging.CRITICAL}
    # Ctrl-C on a terminal reaches all its processes; the workers are for us to stop.
    quiet = {"distributed.worker.preload": ["workshop.runs.dask_preload"], "distributed.nanny.preload": []}
    with (
        dask.config.set(quiet),
        LocalCluster(n_workers=workers, threads_per_worker=1, host="127.0.0.1", **options) as cluster,
        Client(cluster) as client,
    ):
        yield client


@contextmanager
def connected(address):
    """A cluster that is there already.

    Parameters
    ----------
    address : str
        Of its scheduler, such as "tcp://10.0.0.7:8786".

    Yields
    ------
    distributed.Client

    Raises
    ------
    ClusterError
        If no scheduler answers there, if it has no workers, or if these have no workshop.
    """
    from distributed import Client

    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        client = Client(address, timeout=PATIENCE)
    except Exception as error:  # many kinds: no such host, no such kind of address, time is up
        raise ClusterError(
            f"No Dask scheduler answers at {address} ({type(error).__name__}). "
            "Is it running, and is the address right? It looks like tcp://10.0.0.7:8786."
        ) from None
    with client:
        try:
            client.wait_for_workers(1, timeout=WORKERS_PATIENCE)
        except Exception:
            raise ClusterError(
                f"The scheduler at {address} has no workers. Start some: dask worker {address}"
            ) from None
        try:
            client.run(stop_kernels, "")
        except Exception as error:
            text = (str(error).strip().splitlines() or [""])[-1]
            raise ClusterError(
                f"The workers at {address} cannot run the workshop ({text}). "
                "Install this version of handwriting there, with the extra [run]."
            ) from None
        yield client


def slots_on_hosts(client):
    """How many runs each machine of a cluster does at once.

    Parameters
    ----------
    client : distributed.Client

    Returns
    -------
    dict of str to int
        The machine's address: threads of all Dask workers on it.
    """
    slots = {}
    for worker in client.scheduler_info(n_workers=-1)["workers"].values():
        slots[worker["host"]] = slots.get(worker["host"], 0) + worker["nthreads"]
    return slots


def perform(name, parameters, common):
    """Do one run: its notebooks one after the other, in a folder that vanishes; then put them where they belong.

    Runs on a worker. The notebook with the result is written last and whole, so a run is either finished or not,
    however often it is begun.

    Parameters
    ----------
    name : str
        The run's folder in the output.
    parameters : dict
    common : dict
        What all runs share: "sweep" (a name), "notebooks" (name to text), "output" (see
        `workshop.runs.addresses.place`), "slots" (from `slots_on_hosts`), "keep" (whether trained networks are kept).

    Returns
    -------
    dict
        "name", "state" ("done", "failed" or "stopped"), "error", "full" (whether a disk is), "seconds",
        "result" (without details).
    """
    share_cores(common["slots"])
    begun = time.monotonic()
    told = {"name": name, "state": "failed", "error": "", "full": False, "result": None}
    try:
        with tempfile.TemporaryDirectory(prefix="handwriting-", ignore_cleanup_errors=True) as folder:
            told |= perform_in(Path(folder), name, parameters, common)
    except OSError as error:
        told |= {"error": f"nothing can be written: {error.strerror or error}"}
        told["full"] = error.errno == 28
    except UserError as problem:
        told["error"] = str(problem)
    told["full"] = told["full"] or "No space left on device" in told["error"]
    return told | {"seconds": round(time.monotonic() - begun, 3)}


def perform_in(folder, name, parameters, common):
    """The same, in a folder that is there; returns what is to be told."""
    home = storage.child(common["output"], name)
    sources = []
    for stem, text in common["notebooks"].items():
        sources.append(folder / "in" / f"{stem}.ipynb")
        storage.write(str(sources[-1]), text)
    (folder / "out").mkdir()
    runs = series.plan(sources, parameters, folder / "out")
    result = None
    for run in runs:
        run.lean = True
        with followed(common["sweep"], run) as watcher:
            execute.run_one(run, watcher)
        if run.state != "done":
            if run.state == "failed" and run.output.is_file():
                storage.write(storage.child(home, f"{FAILED}.ipynb"), run.output.read_text(encoding="utf-8"))
            return {"state": run.state, "error": f"{run.name}: {run.error}" if run.error else ""}
        result = run.result or result
    if result is None:
        return {"error": f"{runs[-1].name}: no cell shows a handwriting.results.Result, so there is nothing to compare"}
    if common["keep"]:
        keep_network(folder / "out", home)
    for run in runs:
        storage.write(storage.child(home, run.output.name), run.output.read_text(encoding="utf-8"))
    if not storage.is_remote(home):
        Path(storage.child(home, f"{FAILED}.ipynb")).unlink(missing_ok=True)
    return {"state": "done", "result": {key: value for key, value in result.items() if key != "details"}}


#: The notebook that failed, in the run's folder.
FAILED = "failed"


def keep_network(folder, home):
    """Copy what a run saved in its work folder beside its notebooks."""
    import shutil

    if storage.is_remote(home):
        raise UserError("Networks are kept in a folder only, not at an address. Leave --keep out, or name a folder.")
    for path in folder.rglob("*.keras"):
        Path(home).mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, Path(home) / path.name)


@contextmanager
def followed(sweep, run):
    """Know a run while it lasts, so that `stop_kernels` finds its kernel."""
    watcher = execute.Watcher(run, lambda *_: None)
    with guard:
        following.setdefault(sweep, set()).add(watcher)
        watcher.stopped = sweep in stopped
    try:
        yield watcher
    finally:
        with guard:
            following[sweep].discard(watcher)


def stop_kernels(sweep):
    """End this worker's kernels that belong to a sweep; those of other sweeps go on."""
    with guard:
        stopped.add(sweep)
        watchers = list(following.get(sweep, ()))
    for watcher in watchers:
        watcher.stop()
    return len(watchers)


def share_cores(slots):
    """Give each run its part of the machine's cores: TensorFlow takes all of them otherwise, and runs would fight."""
    try:
        from distributed import get_worker

        worker = get_worker()
        at_once = max(slots.get(worker.address.partition("://")[2].rpartition(":")[0], 0), worker.state.nthreads)
    except (ImportError, ValueError):  # not on a worker
        at_once = 1
    share = max(1, (os.cpu_count() or 1) // at_once)
    for name in THREADS:
        os.environ[name] = str(share)
