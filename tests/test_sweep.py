"""Many runs on real Dask workers: what is done, what is done again, what is told. The notebook is a small one."""

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import nbformat
import psutil
import pytest
from asking import wait_until

from handwriting.errors import ParameterError, UserError
from handwriting.results import MIME, read_result
from workshop.runs import addresses as storage
from workshop.runs import workers as cluster
from workshop.runs.combinations import Grid
from workshop.runs.sweep import Sweep, alone, estimate, plan, sweep

SMALL = [
    "epochs = 1\nseed = 0\nhidden = 16",
    "import os, pathlib, time\nif hidden == 13:\n    raise ValueError('thirteen\\nis not lucky')",
    "if hidden == 99:\n    pathlib.Path(os.environ['SWEEP_TEST'], 'begun').open('a').write(f'{os.getpid()}\\n')\n"
    "    while not pathlib.Path(os.environ['SWEEP_TEST'], 'go').exists():\n        time.sleep(0.05)",
    "from handwriting.results import Result\n"
    "Result('evaluate', parameters={'epochs': epochs, 'seed': seed, 'hidden': hidden}, test_accuracy=seed / 10,"
    " threads=int(os.environ['TF_NUM_INTRAOP_THREADS']))",
]


def write_notebook(path, cells=SMALL, skipped=()):
    made = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    for place, source in enumerate(cells):
        tags = ["parameters"] if place == 0 else ["lean-skip"] if place in skipped else []
        made.cells.append(nbformat.v4.new_code_cell(source, metadata={"tags": tags}))
    nbformat.write(made, path)
    return path


@pytest.fixture
def notebook(tmp_path, monkeypatch):
    monkeypatch.setenv("SWEEP_TEST", str(tmp_path))
    return write_notebook(tmp_path / "small.ipynb")


@pytest.fixture(scope="module")
def client():
    with cluster.started(2) as connection:
        connection.run(sys.path.insert, 0, str(Path(__file__).parent))
        yield connection


@pytest.fixture
def folder_for_workers(client, tmp_path):
    """Tell workers that are there already which folder the small notebook waits in."""

    client.run(set_environment, {"SWEEP_TEST": str(tmp_path)})


def set_environment(settings):
    os.environ.update(settings)


def planned_for(notebook, output, **values):
    return plan([str(notebook)], Grid(values), output)


def result_of(home):
    return read_result(json.loads((home / "small.ipynb").read_text()))


wait_for = partial(wait_until, seconds=120)


def test_every_run_is_done_and_only_missing_ones_are_done_again(client, notebook, tmp_path):
    planned = planned_for(notebook, tmp_path / "out", seed=[1, 2, 3])
    assert planned.missing() == ["seed=1", "seed=2", "seed=3"]
    told = []
    outcome = sweep(planned, planned.missing(), client, lambda outcome, one: told.append(one))
    assert (outcome.done, outcome.failed, outcome.left, planned.missing()) == (3, {}, 0, [])
    assert sorted(one["result"]["test_accuracy"] for one in told if one) == [0.1, 0.2, 0.3]
    assert [result_of(tmp_path / "out" / f"seed={seed}")["parameters"]["seed"] for seed in (1, 2, 3)] == [1, 2, 3]
    # Two runs share this machine, so each has half of its cores.
    assert result_of(tmp_path / "out" / "seed=1")["threads"] == max(1, os.cpu_count() // 2)

    half = tmp_path / "out" / "seed=2" / "small.ipynb"
    half.write_text(half.read_text()[:-200])
    empty = json.loads((tmp_path / "out" / "seed=3" / "small.ipynb").read_text())
    empty["cells"][-1]["outputs"] = []
    (tmp_path / "out" / "seed=3" / "small.ipynb").write_text(json.dumps(empty))
    before = (tmp_path / "out" / "seed=1" / "small.ipynb").read_bytes()
    assert planned.missing() == ["seed=2", "seed=3"]
    outcome = sweep(planned, planned.missing(), client)
    assert (outcome.before, outcome.done, planned.missing()) == (1, 2, [])
    assert (tmp_path / "out" / "seed=1" / "small.ipynb").read_bytes() == before


def test_a_run_that_fails_stops_no_other_and_is_told(client, notebook, tmp_path):
    planned = planned_for(notebook, tmp_path / "out", hidden=[13, 14], seed=[1])
    outcome = sweep(planned, planned.missing(), client)
    assert outcome.done == 1 and list(outcome.failed) == ["hidden=13,seed=1"]
    assert outcome.failed["hidden=13,seed=1"].startswith("small: cell 3: ValueError: thirteen")
    left = json.loads((tmp_path / "out" / "hidden=13,seed=1" / "failed.ipynb").read_text())
    assert "thirteen" in json.dumps(left["cells"])
    assert planned.missing() == ["hidden=13,seed=1"]


def test_the_command_for_a_run_alone_does_that_run(notebook, tmp_path):
    planned = planned_for(notebook, tmp_path / "o u t", seed=[4])
    words = shlex.split(planned.command("seed=4"))
    assert words[0] == "handwriting"
    environment = os.environ | {"CI": "1", "TF_NUM_INTRAOP_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "workshop", *words[1:]], capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert result_of(tmp_path / "o u t" / "seed=4")["parameters"]["seed"] == 4
    assert planned.missing() == []


def test_cells_that_add_nothing_are_left_out_in_place(client, tmp_path):
    cells = [*SMALL[:2], "raise RuntimeError('left out')", SMALL[3]]
    path = write_notebook(tmp_path / "small.ipynb", cells, skipped={2})
    planned = planned_for(path, tmp_path / "out", seed=[1])
    assert sweep(planned, planned.missing(), client).done == 1
    executed = json.loads((tmp_path / "out" / "seed=1" / "small.ipynb").read_text())
    (skipped,) = [cell for cell in executed["cells"] if "left out" in "".join(cell["source"])]
    assert skipped["outputs"] == [] and skipped["execution_count"] is None


def test_a_notebook_without_a_result_is_no_finished_run(client, tmp_path):
    path = write_notebook(tmp_path / "small.ipynb", ["seed = 0", "1 + 1"])
    planned = planned_for(path, tmp_path / "out", seed=[1])
    outcome = sweep(planned, planned.missing(), client)
    assert "no cell shows a handwriting.results.Result" in outcome.failed["seed=1"]


def kernels_of(process):
    """The kernels that a process's workers have running."""
    found = []
    for child in psutil.Process(process).children(recursive=True):
        try:
            if any("ipykernel" in word for word in child.cmdline()):
                found.append(child)
        except psutil.Error:
            pass
    return found


def test_a_worker_that_is_killed_loses_nothing_and_counts_nothing_twice(client, notebook, folder_for_workers, tmp_path):
    planned = planned_for(notebook, tmp_path / "out", hidden=[99, 14, 15], seed=[5])
    told, ended = [], []

    def go():
        ended.append(sweep(planned, planned.missing(), client, lambda outcome, one: told.append(one)))

    thread = threading.Thread(target=go)
    thread.start()
    wait_for((tmp_path / "begun").exists)
    wait_for(lambda: "\n" in (tmp_path / "begun").read_text())
    kernel = psutil.Process(int((tmp_path / "begun").read_text().split()[0]))
    kernel.parent().kill()
    wait_for(lambda: (tmp_path / "begun").read_text().count("\n") == 2)  # begun again, by another worker
    wait_for(lambda: not kernel.is_running())  # the orphan ended by itself
    (tmp_path / "go").touch()
    thread.join(60)
    (outcome,) = ended
    assert (outcome.done, outcome.failed) == (3, {})
    names = [one["name"] for one in told if one]
    assert sorted(names) == sorted(planned.runs) and len(names) == 3
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(planned.runs)


@contextmanager
def command(*words, **more):
    """The command line in a process group of its own, as a terminal gives it."""
    environment = os.environ | {"CI": "1"} | more
    process = subprocess.Popen(
        [sys.executable, "-c", START, *words],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            for child in [*psutil.Process(process.pid).children(recursive=True), process]:
                child.kill()
        process.wait()


# A job in the background ignores Ctrl-C, and what it starts does, too: undo that first.
START = """import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
if __name__ == "__main__":
    from workshop.__main__ import main
    sys.argv[0] = "handwriting"
    main()
"""


def test_ctrl_c_stops_cleanly_and_the_same_command_goes_on(notebook, tmp_path):
    words = ["sweep", str(notebook), "-p", "hidden", "14,99", "--output", str(tmp_path / "out"), "--workers", "2"]
    with command(*words) as process:
        wait_for((tmp_path / "begun").exists)
        wait_for((tmp_path / "out" / "hidden=14" / "small.ipynb").exists)
        family = psutil.Process(process.pid).children(recursive=True)
        assert kernels_of(process.pid)
        os.killpg(process.pid, signal.SIGINT)
        said, _ = process.communicate(timeout=30)
    assert process.returncode == 130, said
    assert "Stopped. What was finished stays" in said and "Traceback" not in said
    wait_for(lambda: not any(one.is_running() and one.status() != "zombie" for one in family))
    assert not (tmp_path / "out" / "hidden=99").exists()
    (tmp_path / "go").touch()
    with command(*words) as process:
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 0 and "2 runs, 1 of them finished before" in said, said
    assert "2 of 2 runs are finished." in said


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_cluster_of_other_processes_computes_the_runs(notebook, tmp_path):
    port = free_port()
    address = f"tcp://127.0.0.1:{port}"
    dask = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(port)]
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-dashboard"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": tmp_path}
    processes = [subprocess.Popen([*dask, "--no-dashboard"], **quiet)]
    processes += [subprocess.Popen(worker, **quiet) for _ in range(2)]
    try:
        wait_for(lambda: answers(port))
        words = ["sweep", str(notebook), "-p", "seed", "1,2,3,4", "-p", "hidden", "13,14", "--output"]
        with command(*words, str(tmp_path / "out"), "--scheduler", address) as process:
            said, _ = process.communicate(timeout=120)
    finally:
        for one in processes:
            one.terminate()
        for one in processes:
            one.wait(20)
    assert process.returncode == 1, said
    assert "4 of 8 runs are finished." in said and "hidden=13,seed=1 failed. small: cell 3: ValueError" in said
    assert re.search(r"To run it alone: handwriting run \S+small.ipynb -p seed 1 -p hidden 13 --output", said)
    assert len(list((tmp_path / "out").glob("*/small.ipynb"))) == 4


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:{port}", "nonsense://x", "no.such.host.invalid:8786"])
def test_no_scheduler_is_said_within_ten_seconds(address, notebook, tmp_path):
    begun = time.monotonic()
    with (
        pytest.raises(cluster.ClusterError, match="No Dask scheduler answers"),
        cluster.connected(address.format(port=free_port())),
    ):
        pass
    assert time.monotonic() - begun < 10


def test_a_second_sweep_in_the_same_folder_says_so(tmp_path):
    with (
        alone(str(tmp_path / "out")),
        pytest.raises(UserError, match=r"Another sweep is at work in .*out"),
        alone(str(tmp_path / "out")),
    ):
        pass
    with alone(str(tmp_path / "out")):  # and after the first has ended it may
        pass


def test_a_folder_that_takes_nothing_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="Nothing can be written"), alone(str(tmp_path / "file" / "out")):
        pass


def full_at_the_ninth(name, parameters, common):
    """Like `perform`, on a disk that becomes full with the ninth run."""
    if parameters["seed"] == 9:
        return {"name": name, "state": "failed", "error": "", "full": True, "result": None, "seconds": 0.0}
    return cluster.perform(name, parameters, common)


def test_a_full_disk_stops_the_sweep_and_keeps_what_is_finished(client, notebook, tmp_path):
    planned = planned_for(notebook, tmp_path / "out", seed=list(range(1, 40)))
    with pytest.raises(UserError, match="The disk is full, so the sweep stopped"):
        sweep(planned, planned.missing(), client, perform=full_at_the_ninth)
    assert len(planned.missing()) > 30
    for home in (tmp_path / "out").iterdir():
        assert result_of(home)


def test_a_run_notices_that_the_disk_is_full(notebook, tmp_path, monkeypatch):
    def full(where, text):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storage, "write", full)
    common = {"sweep": "one", "notebooks": {"small": notebook.read_text()}, "output": str(tmp_path / "out")}
    told = cluster.perform("seed=1", {"seed": 1}, common | {"slots": {}, "keep": False})
    assert told["full"] and told["state"] == "failed" and "No space left on device" in told["error"]


def test_workers_that_see_another_disk_are_noticed(client, notebook, tmp_path):
    planned = planned_for(notebook, tmp_path / "out", seed=[1])
    elsewhere = Sweep(planned.paths, planned.runs, str(tmp_path / "not there"))
    with pytest.raises(cluster.ClusterError, match="another disk"):
        sweep(elsewhere, ["seed=1"], client, perform=nothing_written)


def nothing_written(name, parameters, common):
    """As if the run's folder were on a disk of the worker's own."""
    return {"name": name, "state": "done", "error": "", "full": False, "result": {}, "seconds": 1.0}


@pytest.fixture(scope="module")
def bucket():
    """A storage server that speaks S3, on this machine. One for all tests: papermill remembers the first."""
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    settings = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        boto3.client("s3").create_bucket(Bucket="workshop")
        yield "s3://workshop/runs", settings
    server.stop()


def test_runs_land_in_a_bucket_and_are_found_there(bucket, client, notebook):
    address, settings = bucket
    client.run(set_environment, settings)
    planned = planned_for(notebook, address + "/", seed=[1, 2])
    with alone(planned.output):
        assert planned.missing() == ["seed=1", "seed=2"]
        assert sweep(planned, ["seed=1"], client).done == 1
    assert planned.missing() == ["seed=2"]
    assert storage.listed(planned.output) == ["seed=1"]
    assert MIME in storage.read(f"{address}/seed=1/small.ipynb")
    assert storage.read(f"{address}/seed=9/small.ipynb") is None


def test_a_notebook_comes_from_a_bucket(bucket, notebook, tmp_path):
    address = f"{bucket[0]}/in/small.ipynb"
    storage.write(address, notebook.read_text())
    planned = plan([address], Grid({"seed": [1]}), tmp_path / "out")
    assert [path.name for path in planned.paths] == ["small.ipynb"]
    assert planned.command("seed=1").startswith(f"handwriting run {address} -p seed 1 --output")
    with pytest.raises(ParameterError, match="There is no notebook at s3://workshop/gone"):
        plan(["s3://workshop/gone.ipynb"], Grid({"seed": [1]}), tmp_path / "out")


def test_storage_that_cannot_be_reached_is_said(bucket):
    with pytest.raises(storage.AddressError, match=r"s3://gone.* cannot be reached: .*bucket"):
        storage.listed("s3://gone/runs")
    with pytest.raises(storage.AddressError, match="no address that works here"):
        storage.place("ftp://host/folder")


def test_many_runs_ask_first_with_an_estimate(notebook, tmp_path):
    seeds = ",".join(map(str, range(1001)))
    words = ["sweep", str(notebook), "-p", "seed", seeds, "--output", str(tmp_path / "out"), "--workers", "2"]
    with command(*words) as process:
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 1 and re.search(r"1,001 runs: about 4\.2 h with 2 at once and \d+ MB", said), said
    assert "--yes" in said and "Traceback" not in said
    assert [path.name for path in (tmp_path / "out").iterdir()] == [".sweep.lock"]


def test_the_estimate_comes_from_what_is_finished(tmp_path, notebook):
    planned = planned_for(notebook, tmp_path / "out", seed=list(range(10)))
    assert estimate(planned, planned.missing())[2] is False
    done = {"cells": [{"outputs": [{"data": {MIME: {}}}]}], "metadata": {"papermill": {"duration": 7.5}}}
    for seed in (0, 1):
        storage.write(str(tmp_path / "out" / f"seed={seed}" / "small.ipynb"), json.dumps(done))
    seconds, size, measured = estimate(planned, planned.missing())
    assert measured and seconds == 8 * 7.5 and size == 8 * len(json.dumps(done))


@pytest.mark.parametrize(
    ("values", "said"),
    [({"epoch": [1]}, 'no parameter "epoch" here. Did you mean "epochs"'), ({"work_dir": ["a"]}, "Valid: epochs")],
)
def test_unknown_parameters_stop_before_anything_runs(values, said, notebook, tmp_path):
    with pytest.raises(ParameterError, match=said):
        plan([str(notebook)], Grid(values), tmp_path / "out")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "needs values to try"),
        (["-p", "epochs", "1,0"], '"epochs" takes a whole number'),
        (["-p", "epochs"], "has no value"),
        (["-p", "epochs", "1", "--workers", "2", "--scheduler", "tcp://x:1"], "Leave one of them out"),
        (["-p", "epochs", "1,2", "-p", "hidden", "1,2,3", "--zip"], "same length"),
        (["-f", "gone.yaml"], "cannot be read"),
        (["-p", "data", "nowhere.npz", "--output", "{tmp}"], "There is no file or folder nowhere.npz"),
    ],
)
def test_bad_commands_end_in_a_sentence(words, said, tmp_path):
    with command("sweep", *(word.format(tmp=tmp_path / "out") for word in words)) as process:
        told, _ = process.communicate(timeout=60)
    assert process.returncode == 1 and said in told and "Traceback" not in told, told
