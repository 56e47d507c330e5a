"""Warm kernels: as cold ones in everything but the time they need."""

import ast
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
import psutil
import pytest
from nbclient.util import run_sync
from test_sweep import wait_for

from handwriting.session import device
from workshop.runs import warm_process
from workshop.runs.execute import RestartingClient
from workshop.runs.warm_kernels import ForkedKernel

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or device() != "CPU", reason="kernels are forked on Linux without a GPU only"
)

#: What a kernel is, and what a small network learns in it.
FACTS = """
import handwriting
handwriting.setup()
import json, os, signal, sys
import numpy as np
from handwriting.build import dense_network
x = np.random.default_rng(0).random((256, 784), dtype="float32")
y = np.eye(10, dtype="float32")[np.arange(256) % 10]
model = dense_network(16)
losses = model.fit(x, y, epochs=2, verbose=0).history["loss"]
facts = {"losses": losses, "weights": [float(weights.astype("float64").sum()) for weights in model.get_weights()]}
facts |= {"path": sys.path, "folder": os.getcwd(), "flags": str(sys.flags), "main": __name__}
facts |= {"signals": [str(signal.getsignal(number)) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)]}
facts |= {"group": os.getpgid(0) == os.getpid() == os.getsid(0), "mark": os.environ.get("MARK")}
json.dumps(facts, sort_keys=True)
"""
PLANTED = (
    *("ipykernel_launcher", "ipykernel", "IPython", "matplotlib_inline", "sitecustomize", "usercustomize"),
    *("handwriting", "numpy", "random", "multiprocessing", "pyarrow", "ipython_config"),
)
#: What a folder of anyone's may change, and what a person's own notebook may import from it.
USES = """
import handwriting, importlib.util, matplotlib, numpy, random, IPython, os, sys
from matplotlib import pyplot
files = [module.__file__ for module in (handwriting, numpy, random, IPython)]
found = {name: importlib.util.find_spec(name) is not None for name in ("pyarrow_of_mine", "numpy")}
found | {"here": [name for name in files if name.startswith(os.getcwd())], "dpi": pyplot.rcParams["savefig.dpi"]}
"""
RANDOM = "import os, random, numpy\n(random.random(), float(numpy.random.random()), os.urandom(4).hex())"
FIGURE = "from matplotlib import pyplot\npyplot.plot([1, 2])\nNone"


def run(folder, *cells, warm=True, own=False, stderr=None, **environment):
    """Run cells in a kernel of its own; return what they show, and the kernel's process."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    client = RestartingClient(
        notebook, kernel_name="python3", timeout=60, resources={"metadata": {"path": str(folder)}}
    )
    client.warm, client.own = warm, own
    with client.setup_kernel(env=os.environ | environment, stderr=stderr):
        process = client.km.provisioner.process
        for number, cell in enumerate(notebook.cells):
            client.execute_cell(cell, number)
    return [cell.outputs for cell in notebook.cells], process


def shown(outputs):
    return outputs[-1]["data"]["text/plain"]


def test_a_warm_kernel_learns_and_is_as_a_cold_one(tmp_path, monkeypatch):
    (warm, *_), process = run(tmp_path, FACTS, MARK="here")
    assert isinstance(process, ForkedKernel)
    monkeypatch.setattr("workshop.runs.warm_kernels.fork", lambda *request: None)
    (cold, *_), process = run(tmp_path, FACTS, MARK="here")
    assert not isinstance(process, ForkedKernel)
    assert json.loads(eval(shown(warm))) == json.loads(eval(shown(cold)))
    assert json.loads(eval(shown(warm)))["mark"] == "here"
    assert [one.output_type for one in warm] == [one.output_type for one in cold], "no messages that a cold one has not"


@pytest.fixture
def planted(tmp_path):
    """A folder with files from anyone: each leaves a mark if it is run."""
    folder = tmp_path / "anyone"
    (folder / ".ipython" / "profile_default" / "startup").mkdir(parents=True)
    mark = f"import os; os.mkdir(os.path.join({str(tmp_path)!r}, 'ran ' + __name__))"
    for name in (*PLANTED, "pyarrow_of_mine", ".ipython/profile_default/startup/00"):
        (folder / f"{name}.py").write_text(mark)
    (folder / "matplotlibrc").write_bytes(b"savefig.dpi: 13\nnot a line \xff\n")
    return folder


@pytest.mark.parametrize("own", [False, True], ids=["the series", "own notebook"])
@pytest.mark.parametrize("warm", [True, False], ids=["warm", "cold"])
def test_nothing_in_the_folder_of_a_kernel_is_run(planted, warm, own):
    environment = {"PYTHONPATH": os.pathsep.join(["", *filter(None, [os.environ.get("PYTHONPATH")])])}
    (outputs,), process = run(
        planted, USES, warm=warm, own=own, MATPLOTLIBRC=str(planted / "matplotlibrc"), **environment if not warm else {}
    )
    assert isinstance(process, ForkedKernel) == warm
    assert eval(shown(outputs)) == {"pyarrow_of_mine": own, "numpy": True, "here": [], "dpi": "figure"}
    assert list(planted.parent.glob("ran *")) == [] and [one.output_type for one in outputs] == ["execute_result"]


def test_figures_show_and_two_kernels_share_no_random_numbers(tmp_path):
    (first, figure), _ = run(tmp_path, RANDOM, FIGURE)
    with (tmp_path / "errors").open("w") as errors:  # as nbval gives its kernels a stream
        (second, _), process = run(tmp_path, RANDOM, "import os\nos.write(2, b'oh')\nNone", stderr=errors)
    assert process.connection.fileno() == -1, "nothing stays open"
    assert isinstance(process, ForkedKernel) and "oh" in (tmp_path / "errors").read_text()
    one, other = eval(shown(first)), eval(shown(second))
    assert all(a != b for a, b in zip(one, other, strict=True))
    assert "image/png" in figure[0]["data"]


@pytest.mark.parametrize(("warm", "deeper", "transport"), [(True, 1, "ipc"), (False, 1, "ipc"), (True, 100, "tcp")])
def test_it_listens_at_files_where_names_may_be_so_long_and_they_go_with_it(monkeypatch, warm, deeper, transport):
    how = "from ipykernel.kernelapp import IPKernelApp\nIPKernelApp.instance().transport"
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        place = Path(folder, deeper * "x")
        place.mkdir()
        monkeypatch.setattr(tempfile, "tempdir", str(place))
        outputs, _ = run(folder, how, warm=warm)
        assert shown(outputs[0]) == repr(transport)
        assert not list(place.iterdir())


def test_what_a_killed_kernel_leaves_lies_where_the_process_that_forked_it_clears_up(tmp_path):
    outputs, _ = run(tmp_path, "import os, tempfile\ntempfile.mkdtemp(), os.environ['HANDWRITING_WARM_KERNELS']")
    left, address = ast.literal_eval(shown(outputs[0]))
    assert Path(left).is_dir()
    assert Path(left).parent == Path(address).parent


def test_variables_that_imports_read_need_a_process_of_their_own(tmp_path, monkeypatch, no_tensorflow):
    monkeypatch.setenv("PYTHONPATH", no_tensorflow)
    asked, parents = "import os; print(os.getppid(), os.environ.get('OMP_NUM_THREADS'))", []
    for environment in ({}, {"ANY": "1", "KERAS_BACKEND": "tensorflow"}, {"OMP_NUM_THREADS": "3"}):
        ((said,),), process = run(tmp_path, asked, **environment)
        assert isinstance(process, ForkedKernel)
        parents.append(said["text"].split()[0])
    assert parents[0] == parents[1] != parents[2]
    assert said["text"].split()[1] == "3"


def test_a_kernel_starts_cold_where_forks_cannot_be_had(tmp_path, monkeypatch):
    monkeypatch.setattr(warm_process, "COMMAND", "raise SystemExit('a device was started')")
    ((said,),), process = run(tmp_path, "print(6 * 7)", OMP_NUM_THREADS="7")
    assert said["text"] == "42\n" and not isinstance(process, ForkedKernel)


def test_it_is_interrupted_killed_and_started_again(tmp_path):
    notebook = nbformat.v4.new_notebook()
    client = RestartingClient(notebook, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}})
    with client.setup_kernel():
        manager, kernel = client.km, client.kc
        waits = kernel.execute("import time; time.sleep(100)")
        time.sleep(0.2)
        run_sync(manager.interrupt_kernel)()
        assert client.wait_for_reply(waits)["content"]["ename"] == "KeyboardInterrupt"
        first = manager.provisioner.pid
        os.kill(first, signal.SIGKILL)
        wait_for(lambda: not run_sync(manager.is_alive)())
        run_sync(manager.restart_kernel)(now=True)
        assert manager.provisioner.pid != first and run_sync(manager.is_alive)()
    wait_for(lambda: not psutil.pid_exists(first))


ASKING = """
import sys
from jupyter_client.manager import KernelManager
from workshop.runs.warm_kernels import provisioned
manager = KernelManager()
provisioned(manager.kernel_spec)
manager.start_kernel()
print(manager.provisioner.pid, manager.provisioner.process.ppid(), flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("ends", ["sys.exit()", "os.kill(os.getpid(), signal.SIGKILL)"])
@pytest.mark.parametrize("asks", ["", "process.address;"])
def test_the_process_leaves_no_folder_however_it_ends(no_tensorflow, monkeypatch, ends, asks):
    lines = "import os, signal, sys, tempfile\nfrom workshop.runs.warm_process import read_early, start\n"
    lines += f"process = start(read_early(os.environ)); {asks} {ends}"
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        environment = os.environ | {"TMPDIR": folder, "PYTHONPATH": no_tensorflow}
        subprocess.run([sys.executable, "-c", lines], env=environment, check=False)
        wait_for(lambda: not list(Path(folder).iterdir()))


def test_kernels_end_with_the_process_that_asked_for_them(no_tensorflow):
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    pipes["env"] = os.environ | {"PYTHONPATH": no_tensorflow}
    with subprocess.Popen([sys.executable, "-c", ASKING], **pipes) as asking:
        kernel, origin = [psutil.Process(int(pid)) for pid in asking.stdout.readline().split()]
        assert kernel.is_running() and origin.is_running()
        asking.kill()
        wait_for(lambda: not kernel.is_running() and not origin.is_running())
