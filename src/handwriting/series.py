"""Run the notebooks of the series with papermill: find them, check their parameters, run them."""

import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from handwriting.notebookformat import nbformat, without_widgets  # isort: split

import papermill
import psutil
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines

from handwriting.parameters import KNOBS, ParameterError, check, nearest
from handwriting.results import peak_memory, read_result
from handwriting.start import notebooks_folder

__all__ = ["Run", "SERIES", "choose", "parameters_of", "plan", "run_all"]

#: The six stages.
SERIES = ("01_load", "02_visualize", "03_prepare", "04_build", "05_train", "06_evaluate")
#: Who must wait for whom: they use the network that 05 saves.
WAITS = {"06_evaluate": ("05_train",), "07_own_handwriting": ("05_train",)}


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

    @property
    def name(self):
        return self.source.stem


def choose(names):
    """Find the notebooks that the names mean.

    Parameters
    ----------
    names : sequence of str
        Each the beginning of a name ("05", "05_train"), or a path; none means the six stages.

    Returns
    -------
    list of pathlib.Path
        In the series' order, each once; notebooks from elsewhere last.

    Raises
    ------
    ParameterError
        For a name that fits no notebook.
    """
    folder = notebooks_folder()
    known = sorted(folder.glob("[0-9]*.ipynb"))
    chosen = []
    for name in names or SERIES:
        given = Path(name.zfill(2) if name.isdigit() else name)  # 5 means 05
        fitting = [path for path in known if path.stem.startswith(given.name.removesuffix(".ipynb"))]
        if given.suffix == ".ipynb" and given.is_file():
            chosen.append(given.resolve())
        elif name and len(fitting) == 1 and given.name == str(given):
            chosen.append(fitting[0])
        else:
            valid = [path.stem for path in known]
            reason = "fits several notebooks" if len(fitting) > 1 else "is no notebook"
            raise ParameterError(f'"{name}" {reason}.{nearest(name, valid)} Valid: {", ".join(valid)}, or a path.')
    chosen = list(dict.fromkeys(chosen))
    return sorted(chosen, key=lambda path: (path not in known, path.name if path in known else ""))


def parameters_of(path):
    """The parameters of a notebook, as papermill reads them.

    Parameters
    ----------
    path : pathlib.Path

    Returns
    -------
    dict
        Name to papermill's description: "default" (as text), "help".
    """
    try:
        return papermill.inspect_notebook(literal(path))
    except Exception as error:  # whatever it is, it is no notebook
        raise ParameterError(f"{path} cannot be read as a notebook ({type(error).__name__}).") from None


def plan(paths, settings, output):
    """Decide what to run with which parameters, before anything runs.

    Parameters
    ----------
    paths : sequence of pathlib.Path
    settings : dict of str to str
        Parameters as given on the command line. Each notebook gets those that it has.
    output : pathlib.Path
        Folder for the executed notebooks.

    Returns
    -------
    list of Run

    Raises
    ------
    ParameterError
        For a parameter that none of the notebooks has, or a value that it does not take.
    """
    has = {path: parameters_of(path) for path in paths}
    valid = {name for names in has.values() for name in names}
    values = {}
    for name, value in settings.items():
        if name not in valid:
            everywhere = ", ".join(sorted(valid)) or "none"
            raise ParameterError(f'There is no parameter "{name}" here.{nearest(name, valid)} Valid: {everywhere}.')
        values[name] = check(name, value) if name in KNOBS else value
    for name in {"data", "photo"} & set(values):
        if Path(values[name]).exists():
            values[name] = str(Path(values[name]).resolve())  # kernels run in another folder
    runs = []
    for path in paths:
        mine = {name: value for name, value in values.items() if name in has[path]}
        runs.append(Run(path, output / path.name, mine, waits_for=WAITS.get(path.stem, ())))
    outputs = [run.output for run in runs]
    if len(set(outputs)) < len(outputs) or any(run.output == run.source for run in runs):
        raise ParameterError("Two notebooks would be written to the same file. Choose another --output.")
    return runs


class MeasuringClient(PapermillNotebookClient):
    """Papermill's client, which also reports each cell and the kernel's memory, and can be stopped."""

    def __init__(self, *args, watcher, **kwargs):
        super().__init__(*args, **kwargs)
        self.watcher = watcher

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
            finished = {run.name for run in runs if run.state == "done"}
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
        run.error = (
            f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else 'no message'}"
        )
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
