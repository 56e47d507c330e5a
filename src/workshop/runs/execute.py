"""Run notebooks with papermill: several at once, measured, and stopped when asked."""

import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from handwriting.errors import first_line
from workshop.notebook_file import nbformat, without_widgets  # isort: split

import papermill
import psutil
from nbclient import NotebookClient
from nbclient.util import run_sync
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines

from handwriting.results import peak_memory, read_result

__all__ = ["Run", "SureStart", "Watcher", "literal", "run_all", "run_one"]

#: The tag of the cell after which those that wait for this notebook may start: it has saved what they need.
READY = "others-may-start"
#: How often a kernel is started that ends before it answers.
STARTS = 3


@dataclass
class Run:
    """One notebook to run, and what became of it.

    Attributes
    ----------
    source, output : pathlib.Path
    parameters : dict
    state : str
        "waiting", "running", "done", "failed", "stopped" or "skipped".
    seconds : float
    memory_mb : int or None
        Peak memory of its kernel.
    result : dict or None
        What the notebook stored for `handwriting.results.read_result`.
    error : str
        What went wrong, in a few lines.
    lean : bool
        Whether cells that have no part in the result are left out.
    ready : bool
        Whether what others wait for is there, though the notebook may still run.
    """

    source: Path
    output: Path
    parameters: dict
    state: str = "waiting"
    seconds: float = 0.0
    memory_mb: int | None = None
    result: dict | None = None
    error: str = ""
    waits_for: tuple = ()
    lean: bool = False
    ready: bool = False

    @property
    def name(self):
        return self.source.stem


class SureStart(NotebookClient):
    """A client that starts the kernel again if it ended before it answered; nothing of the notebook has run then.

    A kernel's ports are chosen before it starts, and where many programs start, another takes one of them now and
    then (https://github.com/jupyter/jupyter_client/issues/487).
    """

    async def async_start_new_kernel_client(self):
        for left in reversed(range(STARTS)):
            try:
                return await super().async_start_new_kernel_client()
            except RuntimeError as error:
                if not left or "Kernel died" not in str(error):
                    raise
            self.km = self.create_kernel_manager()
            await self.async_start_new_kernel()

    start_new_kernel_client = run_sync(async_start_new_kernel_client)


class MeasuringClient(SureStart, PapermillNotebookClient):
    """Papermill's client, which also reports each cell and the kernel's memory, and can be stopped.

    In a lean run, cells tagged `lean-skip` are left out: what they show has no part in the result.
    """

    def __init__(self, *args, watcher, **kwargs):
        super().__init__(*args, **kwargs)
        self.watcher = watcher

    def execute_cell(self, cell, cell_index, *args, **kwargs):
        if self.watcher.run.lean and "lean-skip" in cell.metadata.get("tags", []):
            return cell
        return super().execute_cell(cell, cell_index, *args, **kwargs)

    def papermill_execute_cells(self):
        self.watcher.started(self)
        super().papermill_execute_cells()
        without_widgets(self.nb)


class MeasuringEngine(NBClientEngine):
    """Papermill's engine with the client above."""

    @classmethod
    def execute_managed_notebook(cls, nb_man, kernel_name, watcher, start_timeout=60, execution_timeout=None, **kwargs):
        client = MeasuringClient(
            nb_man,
            watcher=watcher,
            kernel_name=kernel_name,
            startup_timeout=start_timeout,
            timeout=execution_timeout,
            shutdown_kernel="immediate",  # nothing is left to do in it
            store_widget_state=False,
            extra_arguments=["--log-level=50"],
            on_cell_executed=watcher.cell_executed,
            **{key: value for key, value in kwargs.items() if key == "resources"},
        )
        return client.execute()


papermill_engines.register("handwriting", MeasuringEngine)


class Watcher:
    """Follows one run: which cell it is at, and how to stop it."""

    def __init__(self, run, report):
        self.run, self.report = run, report
        self.process = None
        self.stopped = False

    def started(self, client):
        self.process = client.km.provisioner.pid
        self.cells = sum(cell.cell_type == "code" for cell in client.nb.cells)
        self.done = 0
        if self.stopped:
            self.stop()

    def cell_executed(self, cell, cell_index, execute_reply):
        self.done += 1
        if READY in cell.metadata.get("tags", []) and execute_reply["content"]["status"] == "ok":
            self.run.ready = True
        self.run.memory_mb = peak_memory(self.process)
        self.report(self.run, self.done, self.cells)

    def stop(self):
        """End the kernel at once."""
        self.stopped = True
        if self.process is not None:
            try:
                kernel = psutil.Process(self.process)
                for process in [*kernel.children(recursive=True), kernel]:
                    process.kill()
            except psutil.Error:
                pass  # it is gone already


def run_all(runs, workers=2, report=lambda run, done, cells: None):
    """Run notebooks, in parallel where they do not wait for each other.

    Parameters
    ----------
    runs : list of Run
        Filled in as they end.
    workers : int
        How many at once.
    report : callable
        Called with (run, cells done, cells) when a run starts, after each cell, and when it ends.

    Raises
    ------
    KeyboardInterrupt
        After Ctrl-C, when all kernels have ended; what was finished stays.
    """
    names = {run.name for run in runs}
    needed = {name for run in runs for name in run.waits_for}
    # What others wait for goes first, so that they need not wait long.
    waiting = sorted(runs, key=lambda run: run.name not in needed)
    watchers = {id(run): Watcher(run, report) for run in runs}
    pool = ThreadPoolExecutor(workers)
    running = {}
    try:
        while waiting or running:
            finished = {run.name for run in runs if run.state == "done" or run.ready}
            broken = {run.name for run in runs if run.state in ("failed", "skipped")}
            for run in list(waiting):
                blockers = set(run.waits_for) & names
                if blockers & broken:
                    run.state, run.error = "skipped", f"{', '.join(sorted(blockers & broken))} failed"
                    waiting.remove(run)
                    report(run, 0, 0)
                elif blockers <= finished and len(running) < workers:
                    run.state = "running"
                    waiting.remove(run)
                    running[pool.submit(run_one, run, watchers[id(run)])] = run
            done, _ = wait(running, timeout=0.2, return_when=FIRST_COMPLETED)
            for future in done:
                run = running.pop(future)
                future.result()
                report(run, 1, 1)
    except BaseException:
        for run in waiting:
            run.state = "stopped"
        for run in running.values():
            watchers[id(run)].stop()
        wait(running, timeout=20)
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def run_one(run, watcher):
    """Run one notebook; what goes wrong is written into `run`, not raised."""
    watcher.report(run, 0, 0)
    start = time.monotonic()
    try:
        notebook = papermill.execute_notebook(
            literal(run.source),
            literal(run.output),
            parameters=run.parameters,
            language="python",
            engine_name="handwriting",
            kernel_name="python3",
            progress_bar=False,
            request_save_on_cell_execute=False,  # every half minute and at the end is enough
            watcher=watcher,
            # Not `cwd=`: papermill would change the folder of this whole process, for all threads.
            resources={"metadata": {"path": str(run.output.parent)}},
        )
        run.result = read_result(notebook)
        run.state = "done"
    except papermill.PapermillExecutionError as error:
        lines = [line for line in str(error.evalue).splitlines() if line.strip()][:4]
        text = "\n".join(lines)
        run.state, run.error = "failed", f"cell {error.exec_count}: {error.ename}: {text}"
    except Exception as error:
        run.state = "failed"
        run.error = f"{type(error).__name__}: {first_line(error)}"
        drop_if_broken(run.output)
    if watcher.stopped:
        run.state, run.error = "stopped", ""
    run.seconds = time.monotonic() - start


def literal(path):
    """A path for papermill, to which braces are fields to fill in."""
    return str(path).replace("{", "{{").replace("}", "}}")


def drop_if_broken(path):
    """Remove a notebook that was only half written (a full disk): a broken file helps nobody."""
    try:
        nbformat.read(path, as_version=4)
    except Exception:
        path.unlink(missing_ok=True)
