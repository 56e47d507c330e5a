"""Execute notebooks with papermill: several at once, measured, and stopped on request."""

import logging
import threading
import time
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePath

import papermill
import psutil
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbclient.util import run_sync
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines

from handwriting.errors import first_line
from handwriting.paths import notebooks_folder
from workshop.machine import peak_memory
from workshop.runs.record import read_result
from workshop.runs.warm_kernels import provisioned
from workshop.runs.warm_process import is_at_hand
from workshop.runs.written import rename_earlier, replace, seal, stamps_of
from workshop.widget_state import without_widgets

#: The tag of the cell after which notebooks that wait for this one may start: it has saved what they need.
READY = "others-may-start"
LEAN_SKIP = "lean-skip"  # the tag of cells that do not contribute to the result: a lean run leaves them out
STARTS = 3  # how often a kernel is started that ends before it answers


class Ended:
    """What notebooks and whole runs have in common when they have ended: `state`, `error` and `result`."""

    @property
    def outcome(self):
        """What became of it, in a few words: its accuracy, its error or its state."""
        if self.state != "done":
            return f"{self.state}: {self.error}" if self.error else self.state
        for name in ("test_accuracy", "validation_accuracy"):
            value = (self.result or {}).get(name)
            if isinstance(value, (int, float)):
                return f"{name.replace('_', ' ')} {value:.4f}"
        return "done"


@dataclass
class Run(Ended):
    """One notebook to run, and what became of it."""

    source: Path | str  # a path, or an address
    output: Path
    parameters: dict
    state: str = "waiting"  # then "running", "done", "failed", "stopped" or "skipped"
    waits_for: Sequence = ()  # names of notebooks that must be done, or ready, before this one starts
    lean: bool = False  # whether cells that do not contribute to the result are left out
    data: str | None = None  # from `workshop.runs.plan.data_of`
    stamps: dict | None = None  # of files that are parameters, from `written.stamps_of`; None: taken at the start
    seconds: float = 0.0
    memory_mb: int | None = None  # peak memory of its kernel
    result: dict | None = None  # what the notebook stored for `workshop.runs.record.read_result`
    error: str = ""  # what went wrong, in a few lines
    kept: list = field(default_factory=list)  # what `written.replacing` said
    notebooks: list | None = None  # the sorted file names of all notebooks of this run
    is_written: bool = False  # whether its output is of this run

    @property
    def name(self):
        return PurePath(self.source).stem


class RestartingClient(NotebookClient):
    """A client that starts the kernel again if it ends before it answers; nothing of the notebook has run then."""

    warm, own = True, False  # see `workshop.runs.warm_kernels.WarmProvisioner`

    def create_kernel_manager(self):
        manager = super().create_kernel_manager()
        provisioned(manager.kernel_spec, self.warm, self.own)
        return manager

    async def async_start_new_kernel_client(self):
        for starts_left in reversed(range(STARTS)):
            try:
                return await super().async_start_new_kernel_client()
            except RuntimeError as error:
                if not starts_left or "Kernel died" not in str(error):
                    raise
            self.km = self.create_kernel_manager()
            await self.async_start_new_kernel()

    start_new_kernel_client = run_sync(async_start_new_kernel_client)


class MonitoredClient(RestartingClient, PapermillNotebookClient):
    """Papermill's client, which also reports to a `KernelMonitor` and leaves out cells in a lean run."""

    def __init__(self, *args, monitor, **kwargs):
        super().__init__(*args, **kwargs)
        self.monitor, self.warm, self.own = monitor, monitor.warm, not is_ours(monitor.run.source)

    def execute_cell(self, cell, cell_index, *args, **kwargs):
        if self.monitor.run.lean and LEAN_SKIP in cell.metadata.get("tags", []):
            return cell
        return super().execute_cell(cell, cell_index, *args, **kwargs)

    def papermill_execute_cells(self):
        self.monitor.kernel_started(self)
        super().papermill_execute_cells()
        without_widgets(self.nb)


class MonitoredEngine(NBClientEngine):
    @classmethod
    def execute_managed_notebook(cls, nb_man, kernel_name, monitor, start_timeout=60, execution_timeout=None, **kwargs):
        client = MonitoredClient(
            nb_man,
            monitor=monitor,
            kernel_name=kernel_name,
            startup_timeout=start_timeout,
            timeout=execution_timeout,
            shutdown_kernel="immediate",  # nothing is left to do in it
            store_widget_state=False,
            extra_arguments=["--log-level=50"],
            on_cell_executed=monitor.cell_executed,
            resources=kwargs["resources"],
        )
        return client.execute()


papermill_engines.register("handwriting", MonitoredEngine)
# It warns of parameters that it cannot find in a notebook; `workshop.runs.plan` has looked for them in a better way.
logging.getLogger("papermill").setLevel(logging.ERROR)
# A notebook from elsewhere may lack them, which is nobody's concern here.
warnings.filterwarnings("ignore", "Cell is missing an id field")


class KernelMonitor:
    """Follows one run: which cell it is at, how much memory its kernel takes, and how to stop it."""

    def __init__(self, run, report=lambda run, done, cells: None, warm=True):
        self.run, self.report, self.warm = run, report, warm
        self.pid = self.notebook = None
        self.blockers = []  # the monitors of the runs that this one waits for
        self.ready = threading.Event()  # what others wait for is there, though the notebook may still run
        self.stopped = False

    def kernel_started(self, client):
        self.pid, self.notebook = client.km.provisioner.pid, client.nb
        self.cells = sum(cell.cell_type == "code" for cell in client.nb.cells)
        self.done = 0
        if self.stopped:
            self.stop()

    def cell_executed(self, cell, cell_index, execute_reply):
        self.done += 1
        if READY in cell.metadata.get("tags", []) and execute_reply["content"]["status"] == "ok":
            self.ready.set()
        self.run.memory_mb = peak_memory(self.pid)
        self.report(self.run, self.done, self.cells)

    def stop(self):
        """End the kernel at once, or as soon as it starts; and let those that wait for it go on, to stop, too."""
        self.stopped = True
        self.ready.set()
        if self.pid is not None:
            with suppress(psutil.Error):  # it has ended already
                kernel = psutil.Process(self.pid)
                for process in [*kernel.children(recursive=True), kernel]:
                    process.kill()


def run_all(runs, workers=2, report=lambda run, done, cells: None):
    """Run notebooks, so many at once where they do not wait for each other; each `Run` is filled in as it ends.

    `report` is called with (run, cells done, cells) when a run starts, after each cell, and when it ends; from any
    thread. Raise KeyboardInterrupt after Ctrl-C, when all kernels have ended; what was finished stays.
    """
    # For one kernel alone, a process to fork it from saves nothing, unless there is one already.
    warm = len(runs) > 1 or is_at_hand()
    monitors = [KernelMonitor(run, report, warm) for run in runs]
    for monitor in monitors:
        monitor.blockers = [other for other in monitors if other.run.name in monitor.run.waits_for]
    needed = {blocker.run.name for monitor in monitors for blocker in monitor.blockers}
    # What others wait for goes first, and those that wait last: they take a worker that nothing else needs.
    order = sorted(monitors, key=lambda monitor: (bool(monitor.blockers), monitor.run.name not in needed))
    pool = ThreadPoolExecutor(workers)
    futures = [pool.submit(run_when_ready, monitor) for monitor in order]
    try:
        while wait(futures, timeout=1).not_done:  # a wait without an end would not notice Ctrl-C on Windows
            pass
    except BaseException:
        for monitor in monitors:
            monitor.stop()
        wait(futures, timeout=20)
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    for future in futures:
        future.result()


def run_when_ready(monitor):
    """Run one notebook as soon as those that it waits for are ready, or skip it if one of them failed."""
    run = monitor.run
    try:
        for blocker in monitor.blockers:
            blocker.ready.wait()
        broken = sorted(blocker.run.name for blocker in monitor.blockers if blocker.run.state in ("failed", "skipped"))
        if monitor.stopped:
            run.state = "stopped"
        elif broken:
            run.state, run.error = "skipped", f"{', '.join(broken)} failed"
        else:
            run.state = "running"
            run_one(run, monitor)
        # A trial's folder (only trials are lean here) is named after its parameters: one that is stopped leaves there
        # what came of the same trial before. Otherwise, it would count as what came of this run.
        leaves = run.lean and run.state == "stopped"
        if not run.is_written and not leaves and run.output.is_file():
            run.error = "; ".join(filter(None, [run.error, rename_earlier(run.output, run.kept.append)]))
        steps = 0 if monitor.stopped or broken else 1
        monitor.report(run, steps, steps)
    finally:
        monitor.ready.set()


def run_one(run, monitor):
    """Run one notebook, and write it when it has ended; what goes wrong is written into `run`, not raised."""
    monitor.report(run, 0, 0)
    start = time.monotonic()
    try:
        run.stamps = stamps_of(run.parameters) if run.stamps is None else run.stamps
        run.error = execute(run, monitor)
        write(run, monitor.notebook)
        run.result = None if run.error else read_result(monitor.notebook)
        run.state = "failed" if run.error else "done"
    except DeadKernelError:
        run.state, run.error = "failed", killed(monitor)
        with suppress(Exception):
            if not monitor.stopped:
                write(run, monitor.notebook)  # up to this cell
    except Exception as error:
        run.state, run.error = "failed", f"{type(error).__name__}: {first_line(error)}"
    if monitor.stopped:
        run.state, run.error = "stopped", ""
    run.seconds = time.monotonic() - start


def execute(run, monitor):
    """Run the cells of a notebook; return what went wrong in one of them, in a few lines, or ""."""
    try:
        executed(run, monitor)
    except papermill.PapermillExecutionError as error:
        text = "\n".join([line for line in str(error.evalue).splitlines() if line.strip()][:4])
        return f"cell {error.exec_count}: {error.ename}: {text}"
    return ""


def executed(run, monitor):
    """Return a notebook, executed in the folder of its output; PapermillExecutionError if a cell fails."""
    return papermill.execute_notebook(
        str(run.source).replace("{", "{{").replace("}", "}}"),  # braces are fields to fill in
        None,  # `write` does it: papermill would write in place, and half a notebook to a full disk
        parameters=run.parameters,
        language="python",
        engine_name="handwriting",
        kernel_name="python3",
        progress_bar=False,
        monitor=monitor,
        # Not `cwd=`: papermill would change the folder of this whole process, for all threads.
        resources={"metadata": {"path": str(run.output.parent)}},
    )


def write(run, notebook):
    """Write an executed notebook where it belongs, whole or not at all; one that somebody changed stays beside it."""
    import nbformat  # here, so that `run` names papermill as what is missing

    notebook.metadata.papermill["output_path"] = str(run.output)
    seal(notebook, files=run.stamps, notebooks=run.notebooks)
    replace(run.output, nbformat.writes(notebook) + "\n", run.kept.append)
    run.is_written = True


def killed(monitor):
    """Return what to say of a kernel that died: the system gives no reason, and kills what takes too much memory."""
    taken = f": it was using {monitor.run.memory_mb:,} MB before this cell" if monitor.run.memory_mb else ""
    return (
        f"cell {monitor.done + 1}: the kernel died. Perhaps memory ran out{taken}. Close other programs and notebooks, "
        "or run fewer at once, with --workers 1"
    )


def is_ours(source):
    """Return whether a notebook is one of the series; others may import modules that lie in their folder."""
    return isinstance(source, Path) and source.parent == notebooks_folder()
