"""Run the same notebooks with many parameters: what is to do, in which order, and what became of it.

The executed notebooks are the only record. A run whose notebooks are there, whole and with a result, is finished; so
the same command again does what is missing, and nothing else.
"""

import json
import shlex
import time
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout

from handwriting.errors import UserError, first_line
from handwriting.parameters import check_names
from handwriting.results import read_result
from workshop.runs import addresses as storage
from workshop.runs import notebooks as series
from workshop.runs import workers as cluster
from workshop.runs.combinations import run_name

__all__ = ["Outcome", "Sweep", "alone", "estimate", "plan", "sweep"]

#: The stages that a sweep runs if nothing else is said: train, then the test.
STAGES = ("05", "06")
#: What a run takes where none has been measured yet, here, with the usual settings: seconds, bytes.
SECONDS, BYTES = 30, 300_000


@dataclass(frozen=True)
class Sweep:
    """What is to be run.

    Attributes
    ----------
    paths : list of pathlib.Path
        The notebooks, in order.
    runs : dict of str to dict
        Name of each run to its parameters.
    output : str
        See `workshop.runs.addresses.place`.
    """

    paths: list
    runs: dict
    output: str

    def finished(self, name):
        """Whether a run has its notebooks, whole and with a result."""
        home = storage.child(self.output, name)
        texts = (storage.read(storage.child(home, path.name)) for path in reversed(self.paths))
        last = next(texts)
        if last is None:
            return False
        try:
            return read_result(json.loads(last)) is not None or any(
                text is not None and read_result(json.loads(text)) for text in texts
            )
        except (ValueError, RecursionError):  # half of one
            return False

    def missing(self):
        """Names of the runs that are not finished, in order."""
        there = set(storage.listed(self.output))
        return [name for name in self.runs if name not in there or not self.finished(name)]

    def command(self, name):
        """How to do one run alone, as people type it."""
        words = ["handwriting", "run", *(series.as_typed(path) for path in self.paths)]
        for parameter, value in self.runs[name].items():
            words += ["-p", parameter, str(value)]
        home = name if storage.is_remote(self.output) else storage.child(self.output, name)
        return shlex.join([*words, "--output", home])


@dataclass
class Outcome:
    """How far a sweep is.

    Attributes
    ----------
    total, before : int
        Runs in all, and those that were finished when it began.
    slots : int
        Runs at once.
    done, running : int
    failed : dict of str to str
        Name of a run to what went wrong.
    """

    total: int
    before: int
    slots: int = 0
    done: int = 0
    running: int = 0
    failed: dict = field(default_factory=dict)
    begun: float = field(default_factory=time.monotonic)

    @property
    def left(self):
        """Runs that have not ended."""
        return self.total - self.before - self.done - len(self.failed)

    @property
    def seconds_left(self):
        """An estimate, from what has ended; None before anything has."""
        ended = self.done + len(self.failed)
        return self.left * (time.monotonic() - self.begun) / ended if ended else None


def plan(notebooks, grid, output):
    """Decide what to run, before anything runs.

    Parameters
    ----------
    notebooks : sequence of str
        As `workshop.runs.notebooks.choose` takes them; none means 05 and 06.
    grid : workshop.runs.combinations.Grid
    output : str or path

    Returns
    -------
    Sweep

    Raises
    ------
    ParameterError
        For a notebook or a parameter that is not there.
    """
    paths = series.choose(notebooks or STAGES)
    valid = {name for path in paths for name in series.parameters_of(path)}
    check_names(grid.values, valid)
    output = storage.place(output)
    runs = {}
    for parameters in grid:
        parameters = {name: series.from_anywhere(name, value) for name, value in parameters.items()}
        runs[run_name(parameters)] = parameters
    return Sweep(paths, runs, output)


def estimate(planned, names):
    """What runs will take, from some that are finished, or else a usual one.

    Parameters
    ----------
    planned : Sweep
    names : list of str
        The runs to do.

    Returns
    -------
    (float, float, bool)
        Seconds of work, bytes, and whether it was measured.
    """
    finished = [name for name in list(planned.runs)[:50] if name not in set(names)][:10]
    seconds, size = [], []
    for name in finished:
        texts = [storage.read(storage.child(storage.child(planned.output, name), path.name)) for path in planned.paths]
        size.append(sum(len(text or "") for text in texts))
        parts = [json.loads(text)["metadata"].get("papermill", {}).get("duration") for text in texts if text]
        seconds.append(sum(part for part in parts if isinstance(part, (int, float))))
    if not finished:
        return len(names) * SECONDS, len(names) * BYTES, False
    return len(names) * sum(seconds) / len(finished), len(names) * sum(size) / len(finished), True


@contextmanager
def alone(output):
    """Keep a second sweep out of the same folder. At an address that is not needed: both would end complete.

    Raises
    ------
    UserError
        If another sweep is at work there, or nothing can be written.
    """
    if storage.is_remote(output):
        yield
        return
    try:
        Path(output).mkdir(parents=True, exist_ok=True)
        lock = FileLock(Path(output) / ".sweep.lock")
        lock.acquire(timeout=0)
    except Timeout:
        raise UserError(
            f"Another sweep is at work in {output}. Wait until it has ended, or name another --output."
        ) from None
    except OSError as error:
        raise UserError(f"Nothing can be written to {output} ({error.strerror}). Choose another --output.") from None
    try:
        yield
    finally:
        lock.release()


def sweep(planned, names, client, report=lambda outcome, told: None, keep=False, perform=cluster.perform):
    """Do runs on a cluster. A run that fails does not stop the others.

    Parameters
    ----------
    planned : Sweep
    names : list of str
        The runs to do, from `Sweep.missing`.
    client : distributed.Client
    report : callable
        Called with the outcome so far, and with what a run that ended has told (or None).
    keep : bool
        Whether each trained network is kept beside its notebooks.
    perform : callable
        Does one run on a worker; see `workshop.runs.workers.perform`.

    Returns
    -------
    Outcome

    Raises
    ------
    UserError
        If a disk is full, or the cluster is lost. What was finished stays.
    KeyboardInterrupt
        After Ctrl-C, when all kernels of the sweep have ended.
    """
    from distributed import as_completed

    slots = cluster.slots_on_hosts(client)
    common = {
        "sweep": uuid.uuid4().hex,
        "notebooks": {path.stem: without_outputs(path) for path in planned.paths},
        "output": planned.output,
        "slots": slots,
        "keep": keep,
    }
    outcome = Outcome(len(planned.runs), len(planned.runs) - len(names), slots=sum(slots.values()))
    ended = as_completed()
    waiting = iter(names)
    open_runs = {}

    def submit():
        name = next(waiting, None)
        if name is not None:
            key = f"run-{common['sweep']}-{name}"
            future = client.submit(perform, name, planned.runs[name], common, key=key, pure=False)
            open_runs[future.key] = (name, future)
            ended.add(future)

    try:
        # A few more than can run at once: workers never wait, and a hundred thousand runs fill no memory.
        for _ in range(2 * outcome.slots + 2):
            submit()
        outcome.running = min(outcome.slots, len(open_runs))
        report(outcome, None)
        for future in ended:
            name, _ = open_runs.pop(future.key)
            told = told_by(future, name)
            if told["full"]:
                raise UserError(
                    f"The disk is full, so the sweep stopped; {outcome.before + outcome.done} finished runs are kept. "
                    "Make room and run the same command again: it goes on."
                )
            if told["state"] == "done":
                if not outcome.done:
                    check_shared(planned, name)
                outcome.done += 1
            else:
                outcome.failed[name] = told["error"] or told["state"]
            submit()
            outcome.running = min(outcome.slots, len(open_runs))
            report(outcome, told)
    except BaseException:
        stop(client, common["sweep"], [future for _, future in open_runs.values()])
        raise
    return outcome


def told_by(future, name):
    """What a run told, also if it had no chance to say anything itself."""
    if future.status == "finished":
        return future.result()
    if future.status in ("cancelled", "lost"):
        raise cluster.ClusterError(
            "The scheduler was lost, so the sweep stopped; finished runs are kept. Run the same command again."
        )
    error = future.exception()
    if type(error).__name__ == "KilledWorker":
        why = "its worker died several times; is there enough memory?"
    else:
        why = f"{type(error).__name__}: {first_line(error)}"
    return {"name": name, "state": "failed", "error": why, "full": False, "result": None, "seconds": 0.0}


def check_shared(planned, name):
    """The first finished run must be where this machine looks for it."""
    if not planned.finished(name):
        raise cluster.ClusterError(
            f"A run was finished, but {storage.child(planned.output, name)} has no result here: the workers see "
            "another disk. Give an --output that all machines share, or an address such as s3://bucket/folder."
        )


def stop(client, name, futures):
    """End a sweep at once: nothing of it runs on, or begins."""
    try:
        client.cancel(futures, force=True)
        client.run(cluster.stop_kernels, name, on_error="ignore")
    except Exception:  # the cluster may be what was lost
        pass


def without_outputs(path):
    """A notebook's text as workers get it: small, and with nothing of an earlier run."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    return json.dumps(notebook)
