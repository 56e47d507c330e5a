"""Where a sweep is computed: Dask workers on this machine, or a cluster that runs already."""

import logging
import os
import signal
import sys
from contextlib import contextmanager
from pathlib import Path

from distributed import Client, LocalCluster, WorkerPlugin

from handwriting.errors import ClusterError
from workshop import skip_iri_grammar

#: Seconds until a scheduler must have answered, and until it must have a worker.
SCHEDULER_TIMEOUT, WORKERS_TIMEOUT = 8, 30


class LocalWorker(WorkerPlugin):
    def setup(self, worker):
        # Ctrl-C on a terminal reaches all its processes, and so does SIGTERM from a scheduler of jobs; the one that
        # started the workers stops them in order. Kernels do not inherit the second one's handler.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda number, frame: None)
        # A worker that is stopped in the middle of a run leaves event loops open; Python would report that here.
        sys.unraisablehook = lambda unraisable: None
        skip_iri_grammar()


@contextmanager
def local_workers(count):
    """Start workers on this machine, each a process that does one run at a time; yield a client while they last."""
    silence_logs()
    with (
        away(),
        LocalCluster(
            n_workers=count,
            threads_per_worker=1,
            host="127.0.0.1",
            memory_limit=None,  # a worker's own memory says nothing: kernels are other processes
            dashboard_address="127.0.0.1:0",
            silence_logs=logging.CRITICAL,
            plugins=[LocalWorker()],
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


@contextmanager
def away():
    """Work in Python's folder meanwhile: a worker that starts looks for modules where it is, among anyone's files."""
    before = Path.cwd()
    os.chdir(sys.prefix)
    try:
        yield
    finally:
        os.chdir(before)


@contextmanager
def connected(address):
    """Connect to the cluster of a scheduler, such as "tcp://10.0.0.7:8786"; yield a client while the block lasts."""
    silence_logs()
    try:
        client = Client(address, timeout=SCHEDULER_TIMEOUT)
    except Exception as error:  # many kinds: no such host, no such kind of address, a timeout
        raise ClusterError(
            f"No Dask scheduler responds at {address} ({type(error).__name__}). "
            "Is it running, and is the address correct? Addresses look like tcp://10.0.0.7:8786."
        ) from None
    with client:
        try:
            client.wait_for_workers(1, timeout=WORKERS_TIMEOUT)
        except Exception:
            raise ClusterError(
                f"The scheduler at {address} has no workers. Start some: dask worker {address}"
            ) from None
        try:
            client.run(import_what_runs_need)
        except Exception as error:
            reason = (str(error).strip().splitlines() or [""])[-1]
            raise ClusterError(
                f"The workers at {address} cannot run the workshop ({reason}). "
                "Install this version of handwriting there, with the extra [run]."
            ) from None
        yield client


def silence_logs():
    """Keep Dask from logging errors, which reach people as one sentence; its client's logger has a level of its own."""
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def import_what_runs_need():
    """Raise an error on a worker that lacks what runs need."""
    skip_iri_grammar()
    import workshop.runs.one_run  # noqa: F401


def slots_on_hosts(client):
    """Return how many runs each machine of a cluster does at once: its address to the threads of its workers."""
    slots = {}
    for worker in client.scheduler_info(n_workers=-1)["workers"].values():
        slots[worker["host"]] = slots.get(worker["host"], 0) + worker["nthreads"]
    return slots
