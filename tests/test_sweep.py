"""Sweeps on real Dask workers: what is done, what is done again, what is reported. The notebook is a small one."""

import dataclasses
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path

import nbformat
import psutil
import pytest
from serve_helpers import wait_until
from test_broken_machines import inside, needs_namespaces

from handwriting import load
from handwriting.errors import AddressError, ClusterError, ParameterError, UserError
from handwriting.results import MIME
from workshop import machine
from workshop.runs import cluster as cluster_module
from workshop.runs import output_location
from workshop.runs.cluster import connected, local_workers
from workshop.runs.combinations import Combinations
from workshop.runs.execute import Run
from workshop.runs.one_run import THREADS, Outcome, store
from workshop.runs.output_location import lock
from workshop.runs.record import read_result
from workshop.runs.sweep import carry_out, name_of_auto, plan_sweep
from workshop.runs.warm_kernels import own_address
from workshop.runs.warm_process import ADDRESS, read_early
from workshop.runs.written import seal, stamps_of

SMALL = [
    "epochs = 1\nseed = 0\nhidden = 16",
    "import os, pathlib, time\nif hidden == 13:\n    raise ValueError('thirteen\\nis not lucky')",
    "if hidden == 99:\n    pathlib.Path(os.environ['SWEEP_TEST'], 'begun').open('a').write(f'{os.getpid()}\\n')\n"
    "    while not pathlib.Path(os.environ['SWEEP_TEST'], 'go').exists():\n        time.sleep(0.05)",
    "from handwriting.results import Result\n"
    "Result('evaluate', parameters={'epochs': epochs, 'seed': seed, 'hidden': hidden}, test_accuracy=seed / 10,"
    " threads=int(os.environ['TF_NUM_INTRAOP_THREADS']))",
]

HALF = str(max(1, machine.cores() // 2))  # of the cores: two runs share this machine

wait_for = partial(wait_until, seconds=120)


def write_notebook(path, cells=SMALL, tagged=()):
    """Write a notebook with these code cells; one that begins with "epochs =" has the parameters."""
    made = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    for place, source in enumerate(cells):
        tags = ["parameters"] if source.startswith("epochs =") else dict(tagged).get(place, [])
        made.cells.append(nbformat.v4.new_code_cell(source, metadata={"tags": tags}))
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(made, path)
    return path


@pytest.fixture
def notebook(tmp_path, monkeypatch):
    monkeypatch.setenv("SWEEP_TEST", str(tmp_path))
    monkeypatch.setenv(ADDRESS, "")  # a cold kernel is quicker where a command runs few notebooks without TensorFlow
    return write_notebook(tmp_path / "small.ipynb")


@pytest.fixture(scope="module")
def client(no_tensorflow):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", no_tensorflow)
        with local_workers(2) as connection:
            # One process forks the kernels of both workers.
            environment, _ = connection.run(set_environment, {}).values()
            early = read_early(environment | dict.fromkeys(THREADS, HALF))
            connection.run(set_environment, {ADDRESS: own_address(early)})
            yield connection


def set_environment(settings):
    os.environ.update(settings)
    return dict(os.environ)


def plan(notebook, output, **values):
    return plan_sweep([str(notebook)], Combinations(values), output)


def result_of(folder):
    return read_result(json.loads((folder / "small.ipynb").read_text()))


@pytest.mark.parametrize("names", [("failed",), ("a/small", "b/small")])
def test_notebooks_whose_files_would_be_lost_are_refused(tmp_path, names):
    paths = [str(write_notebook(tmp_path / f"{name}.ipynb")) for name in names]
    with pytest.raises(ParameterError, match="Rename"):
        plan_sweep(paths, Combinations({"epochs": [1]}), tmp_path / "out")


def test_notebooks_that_measure_nothing_are_refused_before_they_run(tmp_path):
    with pytest.raises(ParameterError, match="01_load, 02_visualize measures none"):
        plan_sweep(["01", "02"], Combinations({"data": ["letters", "mnist"]}), tmp_path / "out")
    assert plan_sweep(["04", "06"], Combinations({"hidden": [8]}), tmp_path / "out").runs


@pytest.mark.parametrize("folder", ["/shared", "~/shared", "../shared"])
def test_a_work_folder_that_runs_would_share_is_refused(folder, tmp_path):
    with pytest.raises(ParameterError, match="use each other's networks"):
        plan_sweep(["05", "06"], Combinations({"work_dir": [folder], "hidden": [8, 16]}), tmp_path / "out")


def test_workers_run_nothing_that_lies_where_the_command_is_given(tmp_path, monkeypatch):
    for name in ("multiprocessing", "random", "numpy", "distributed"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('this is anyone's')")
    monkeypatch.chdir(tmp_path)
    with local_workers(1) as client:
        assert client.submit(round, 1.6).result() == 2
    assert Path.cwd() == tmp_path


def test_every_run_is_done_and_only_missing_ones_are_done_again(client, notebook, tmp_path):
    out = tmp_path / "out"
    sweep = plan(notebook, out, seed=[1, 2, 3])
    assert sweep.missing() == ["seed=1", "seed=2", "seed=3"]
    outcomes = []
    status = carry_out(sweep, sweep.missing(), client, lambda status, outcome: outcomes.append(outcome))
    assert (status.done, status.failed, status.left, sweep.missing()) == (3, {}, 0, [])
    assert sorted(outcome.result["test_accuracy"] for outcome in outcomes if outcome) == [0.1, 0.2, 0.3]
    assert [result_of(out / f"seed={seed}")["parameters"]["seed"] for seed in (1, 2, 3)] == [1, 2, 3]
    assert result_of(out / "seed=1")["threads"] == int(HALF)

    half, empty, whole = (out / f"seed={seed}" / "small.ipynb" for seed in (2, 3, 1))
    half.write_text(half.read_text()[:-200])
    without_result = json.loads(empty.read_text())
    without_result["cells"][-1]["outputs"] = []
    empty.write_text(json.dumps(without_result))
    before = whole.read_bytes()
    assert sweep.missing() == ["seed=2", "seed=3"]
    status = carry_out(sweep, sweep.missing(), client)
    assert (status.finished_before, status.done, sweep.missing()) == (1, 2, [])
    assert whole.read_bytes() == before


def test_a_run_that_fails_stops_no_other_and_is_reported(client, notebook, tmp_path):
    sweep = plan(notebook, tmp_path / "out", hidden=[13, 14], seed=[1])
    status = carry_out(sweep, sweep.missing(), client)
    assert status.done == 1 and list(status.failed) == ["hidden=13,seed=1"]
    assert status.failed["hidden=13,seed=1"].startswith("small: cell 3: ValueError: thirteen")
    left = json.loads((tmp_path / "out" / "hidden=13,seed=1" / "failed.ipynb").read_text())
    assert "thirteen" in json.dumps(left["cells"])
    assert sweep.missing() == ["hidden=13,seed=1"]


def test_cells_that_add_nothing_are_left_out_in_place(client, tmp_path):
    cells = [*SMALL[:2], "raise RuntimeError('left out')", SMALL[3]]
    path = write_notebook(tmp_path / "small.ipynb", cells, tagged={2: ["lean-skip"]})
    sweep = plan(path, tmp_path / "out", seed=[1])
    assert carry_out(sweep, sweep.missing(), client).done == 1
    executed = json.loads((tmp_path / "out" / "seed=1" / "small.ipynb").read_text())
    (skipped,) = [cell for cell in executed["cells"] if "left out" in "".join(cell["source"])]
    assert skipped["outputs"] == [] and skipped["execution_count"] is None


def test_a_notebook_without_a_result_is_not_a_finished_run(client, tmp_path):
    sweep = plan(write_notebook(tmp_path / "small.ipynb", ["epochs = 1", "1 + 1"]), tmp_path / "out", epochs=[2])
    status = carry_out(sweep, sweep.missing(), client)
    assert "no cell shows a handwriting.results.Result" in status.failed["epochs=2"]


def test_a_worker_that_is_killed_loses_nothing_and_counts_nothing_twice(client, notebook, tmp_path):
    client.run(set_environment, {"SWEEP_TEST": str(tmp_path)})
    sweep = plan(notebook, tmp_path / "out", hidden=[99, 14, 15], seed=[5])
    begun, outcomes, ended = tmp_path / "begun", [], []

    def go():
        ended.append(carry_out(sweep, sweep.missing(), client, lambda status, outcome: outcomes.append(outcome)))

    thread = threading.Thread(target=go)
    thread.start()
    wait_for(lambda: begun.exists() and "\n" in begun.read_text())
    kernel = psutil.Process(int(begun.read_text().split()[0]))
    (worker,) = (worker for worker, keys in client.processing().items() if "hidden=99" in str(keys))
    os.kill(client.run(os.getpid)[worker], signal.SIGKILL)
    wait_for(lambda: begun.read_text().count("\n") == 2)  # begun again, by another worker
    wait_for(lambda: not kernel.is_running())  # the orphan ended by itself
    (tmp_path / "go").touch()
    thread.join(60)
    (status,) = ended
    assert (status.done, status.failed) == (3, {})
    assert sorted(outcome.name for outcome in outcomes if outcome) == sorted(sweep.runs)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(sweep.runs)


def heed_ctrl_c():
    """In a new process: take SIGINT, which shells let programs in the background ignore."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@contextmanager
def started(*words, command=(sys.executable, "-m", "workshop"), **options):
    """A command in a process group of its own, as a terminal starts it."""
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "env": os.environ | {"CI": "1"}} | options
    options["preexec_fn"] = heed_ctrl_c if os.name == "posix" else None
    with subprocess.Popen([*command, *map(str, words)], text=True, start_new_session=True, **options) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                for child in [*psutil.Process(process.pid).children(recursive=True), process]:
                    child.kill()


def command_line(process):
    """The command line of a process."""
    return " ".join(process.cmdline())


def interrupt(process, number=signal.SIGINT):
    """Press Ctrl-C, or send another signal; return the rest of the output when the command and its processes end."""
    family = psutil.Process(process.pid).children(recursive=True)
    assert any("ipykernel" in command_line(one) or "warm_process" in command_line(one.parent()) for one in family), (
        "no kernel"
    )
    os.killpg(process.pid, number)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 130 and "Traceback" not in output, output
    wait_for(lambda: not any(one.is_running() and one.status() != "zombie" for one in family))
    return output


def test_ctrl_c_stops_cleanly_and_the_same_command_goes_on(invoke, client, notebook, tmp_path, monkeypatch):
    words = ["sweep", notebook, "-p", "hidden", "14,99", "--output", tmp_path / "out", "--workers", "1"]
    with started(*words) as process:
        wait_for((tmp_path / "begun").exists)
        wait_for((tmp_path / "out" / "hidden=14" / "small.ipynb").exists)
        assert "Stopped. Finished" in interrupt(process)
    assert not (tmp_path / "out" / "hidden=99").exists()
    (tmp_path / "go").touch()
    client.run(set_environment, {"SWEEP_TEST": str(tmp_path)})
    monkeypatch.setattr(cluster_module, "local_workers", lambda count: nullcontext(client))
    status, printed, errors = invoke(*words)
    assert status == 0 and "2 runs, 1 of them already finished" in printed, printed + errors
    assert "2 of 2 runs are finished." in printed


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to catch")
def test_sigterm_to_all_processes_stops_as_cleanly(notebook, tmp_path, monkeypatch):
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    words = ["sweep", notebook, "-p", "hidden", "99", "--output", tmp_path / "out", "--workers", "1"]
    with started(*words) as process:
        wait_for((tmp_path / "begun").exists)
        assert "Stopped. Finished" in interrupt(process, signal.SIGTERM)
    assert [path.name for path in (tmp_path / "temporary").iterdir()] in ([], ["dask-scratch-space"])  # its locks


#: A scheduler and its worker in one process.
CLUSTER = """import sys
from workshop import skip_iri_grammar
skip_iri_grammar()
from distributed import LocalCluster
settings = {"n_workers": 1, "threads_per_worker": 1, "processes": False, "protocol": "tcp://"}
with LocalCluster(host="127.0.0.1", dashboard_address=None, **settings) as cluster:
    print(cluster.scheduler_address, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def cluster(notebook):
    """A cluster that other people started: its address and its process."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", CLUSTER], **pipes) as process:
        address = process.stdout.readline().strip()
        assert address.startswith("tcp://")
        yield address, process
        process.kill()


def test_a_cluster_computes_the_runs_until_its_scheduler_is_lost(invoke, cluster, notebook, tmp_path):
    address, scheduler = cluster
    words = [notebook, "-p", "seed", "1", "-p", "hidden", "13,14", "--output", tmp_path / "out"]
    status, output, errors = invoke("sweep", *words, "--scheduler", address)
    assert status == 1 and "Traceback" not in output + errors, output + errors
    assert "1 of 2 runs are finished." in output and "hidden=13,seed=1 failed. small: cell 3: ValueError" in output
    assert re.search(r"To run it alone: handwriting run \S+small.ipynb -p seed 1 -p hidden 13 --output", output)
    assert [path.parent.name for path in (tmp_path / "out").glob("*/small.ipynb")] == ["hidden=14,seed=1"]

    words = ["sweep", notebook, "-p", "hidden", "14,99", "--output", tmp_path / "lost", "--scheduler", address]
    with started(*words) as process:
        wait_for((tmp_path / "begun").exists)
        wait_for((tmp_path / "lost" / "hidden=14" / "small.ipynb").exists)
        scheduler.kill()
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 1 and "The scheduler does not respond, so the sweep stopped" in output, output
    assert "Traceback" not in output


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense://x", "no.such.host.invalid:8786"])
def test_a_scheduler_that_does_not_answer_is_reported_in_time(address, monkeypatch):
    assert cluster_module.SCHEDULER_TIMEOUT <= 8
    monkeypatch.setattr(cluster_module, "SCHEDULER_TIMEOUT", 1)
    begun = time.monotonic()
    with (
        pytest.raises(ClusterError, match="No Dask scheduler responds"),
        connected(address),
    ):
        pass
    assert time.monotonic() - begun < 3


def test_a_second_sweep_in_the_same_folder_stops(tmp_path):
    out = str(tmp_path / "out")
    with lock(out), pytest.raises(UserError, match=r"Another run or sweep is using .*out"), lock(out):
        pass
    with lock(out):  # and after the first has ended it may
        pass


#: The command, with its worker in the same process.
ONE_PROCESS = """import functools
from workshop import skip_iri_grammar
skip_iri_grammar()
from workshop.runs import cluster
cluster.LocalCluster = functools.partial(cluster.LocalCluster, processes=False, protocol="tcp://")
cluster.LocalWorker = cluster.WorkerPlugin
from workshop.__main__ import main
main()
"""


@needs_namespaces
def test_a_full_disk_stops_the_sweep_and_keeps_what_is_finished(notebook, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    small_disk = f'mount -t tmpfs -o size=12k none {out}\n"$@" || status=$?; ls {out}; exit $status\n'
    words = ["-c", ONE_PROCESS, "sweep", notebook, "-p", "seed", "0,1,2,3", "--output", out]
    settings = {"SWEEP_TEST": tmp_path, ADDRESS: ""}
    done = inside(small_disk, [sys.executable, *words, "--workers", "1"], tmp_path, **settings)
    # A kernel that is stopped while it starts may tell of its own thread.
    said = re.sub(r"Exception in thread Heartbeat:\nTraceback", "", done.stdout + done.stderr)
    assert done.returncode == 1 and "Traceback" not in said
    kept = int(re.search(r"The disk is full, so the sweep stopped; (\d+) finished run", done.stderr)[1])
    assert 1 <= kept <= len([line for line in done.stdout.splitlines() if line.startswith("seed=")]) < 4


def nothing_written(name, parameters, sweep):
    """As if the run's folder were on a disk that only the worker sees."""
    return Outcome(name, "done", result={})


def test_workers_that_see_another_disk_are_noticed(client, notebook, tmp_path):
    sweep = plan(notebook, tmp_path / "out", seed=[1])
    with pytest.raises(ClusterError, match="another disk"):
        carry_out(sweep, ["seed=1"], client, perform=nothing_written)


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


def test_runs_are_written_to_a_bucket_and_found_there(bucket, client, notebook):
    address, settings = bucket
    client.run(set_environment, settings)
    sweep = plan(notebook, address + "/", seed=[1, 2])
    with lock(sweep.output):
        assert sweep.missing() == ["seed=1", "seed=2"]
        assert carry_out(sweep, ["seed=1"], client).done == 1
    assert sweep.missing() == ["seed=2"]
    assert output_location.listed(sweep.output) == ["seed=1"]
    assert MIME in output_location.read(f"{address}/seed=1/small.ipynb")
    assert output_location.read(f"{address}/seed=9/small.ipynb") is None


def test_a_notebook_comes_from_a_bucket_and_the_command_for_a_run_alone_does_that_run(
    bucket, client, notebook, tmp_path, invoke, monkeypatch
):
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "1")
    address = f"{bucket[0]}/in/small.ipynb"
    output_location.write(address, notebook.read_text())
    sweep = plan(address, tmp_path / "o u t", seed=[1, 4])
    assert carry_out(sweep, ["seed=1"], client).done == 1
    name, *words = shlex.split(sweep.command("seed=4"))
    assert (name, *words[:5]) == ("handwriting", "run", address, "-p", "seed", "4")
    status, *printed = invoke(*words)
    assert status == 0 and result_of(tmp_path / "o u t" / "seed=4")["parameters"]["seed"] == 4, printed
    assert sweep.missing() == []
    with pytest.raises(ParameterError, match="There is no notebook at s3://workshop/gone"):
        plan("s3://workshop/gone.ipynb", tmp_path / "out", seed=[1])


def test_storage_that_cannot_be_reached_is_reported(bucket):
    with pytest.raises(AddressError, match=r"s3://gone.* cannot be reached: .*bucket"):
        output_location.listed("s3://gone/runs")
    with pytest.raises(AddressError, match="not a supported address"):
        output_location.place("ftp://host/folder")


def test_many_runs_ask_first_with_an_estimate(invoke, notebook, tmp_path):
    seeds = ",".join(map(str, range(1001)))
    words = ["sweep", notebook, "-p", "seed", seeds, "--output", tmp_path / "out", "--workers", "2"]
    status, _, errors = invoke(*words)
    assert status == 1 and "Traceback" not in errors and "--yes" in errors
    assert re.search(r"1,001 runs: about 4\.2 h with 2 at once and \d+ MB", errors), errors
    assert [path.name for path in (tmp_path / "out").iterdir()] == [".lock"]


def executed(notebook, parameters, notebooks=None, **files):
    """A notebook as if it had been run."""
    made = json.loads(notebook.read_text())
    made["cells"][-1]["outputs"] = [{"data": {MIME: {}}}]
    made["metadata"]["papermill"] = {"parameters": parameters}
    lines = [f"{name} = {json.dumps(value)}\n" for name, value in sorted(parameters.items())]
    tags = {"tags": ["injected-parameters"]}
    made["cells"].insert(
        1, {"cell_type": "code", "id": "given", "metadata": tags, "source": ["# Parameters\n", *lines]}
    )
    seal(made, files=files, notebooks=notebooks)
    return made


@pytest.mark.parametrize(
    "change", ["nothing", "data", "linked data", "moved image", "code", "parameters", "their cell", "words"]
)
def test_a_run_of_other_data_or_of_another_notebook_is_not_finished(tmp_path, change):
    source = write_notebook(tmp_path / "small.ipynb", ["epochs = 1\ndata = 'x'", "1"])
    (tmp_path / "set" / "A").mkdir(parents=True)
    (tmp_path / "set" / "A" / "1.png").write_text("one")
    given = {"data": str(tmp_path / "set")}
    if change == "linked data":  # and a circle, which nobody enters twice
        (tmp_path / "set").rename(tmp_path / "elsewhere")
        (tmp_path / "set").mkdir()
        (tmp_path / "set" / "A").symlink_to(tmp_path / "elsewhere" / "A")
        (tmp_path / "elsewhere" / "A" / "up").symlink_to(tmp_path / "set")
    sweep = plan(source, tmp_path / "out", data=[given["data"]])
    (name,) = sweep.runs
    done = executed(source, given | ({"epochs": 2} if change == "parameters" else {}), **stamps_of(given))
    if change == "their cell":  # somebody tried another value in the notebook
        done["cells"][1]["source"][1] = 'data = "letters"'
    if change == "words":
        done["cells"].append({"cell_type": "markdown", "source": "my notes"})
    output_location.write(str(tmp_path / "out" / name / "small.ipynb"), json.dumps(done))
    if change in ("data", "linked data"):
        (tmp_path / "set" / "A" / "1.png").write_text("another")
    elif change == "moved image":
        (tmp_path / "set" / "A").rename(tmp_path / "set" / "B")
    elif change == "code":
        write_notebook(source, ["epochs = 1\ndata = 'x'", "2"])
    again = plan(source, tmp_path / "out", data=[given["data"]])
    assert again.missing() == ([] if change in ("nothing", "words") else [name])
    assert again.whole(name) is not None
    more = write_notebook(tmp_path / "first.ipynb", ["epochs = 1", "1"])
    sweep = plan_sweep([str(more), str(source)], Combinations({"data": [given["data"]]}), str(tmp_path / "out"))
    assert sweep.missing() == [name], "a notebook that has not been run here"


def test_a_run_of_more_notebooks_is_not_finished_for_fewer(tmp_path, client, notebook):
    one, two = notebook, write_notebook(tmp_path / "two.ipynb", SMALL)
    both = plan_sweep([str(one), str(two)], Combinations({"seed": [1]}), tmp_path / "out")
    assert carry_out(both, both.missing(), client).done == 1 and both.missing() == []
    alone = plan(one, tmp_path / "out", seed=[1])
    assert alone.missing() == ["seed=1"]
    assert carry_out(alone, alone.missing(), client).done == 1 and alone.missing() == []
    assert both.missing() == ["seed=1"], "one of its notebooks is of another run"
    before = executed(one, {"seed": 1})  # as earlier versions wrote it
    output_location.write(str(tmp_path / "out" / "seed=1" / "small.ipynb"), json.dumps(before))
    assert alone.missing() == []


def test_a_notebook_with_the_parameters_of_an_earlier_run_is_swept(tmp_path, notebook):
    before = executed(write_notebook(tmp_path / "other.ipynb", ["epochs = 1", "1"]), {"epochs": 2})
    (tmp_path / "other.ipynb").write_text(json.dumps(before))
    both = plan_sweep([str(notebook), str(tmp_path / "other.ipynb")], Combinations({"seed": [1]}), tmp_path / "out")
    for name, made in (("small", executed(notebook, {"seed": 1})), ("other", before)):
        made["metadata"]["papermill"] = {"parameters": {"seed": 1} if name == "small" else {}}
        output_location.write(str(tmp_path / "out" / "seed=1" / f"{name}.ipynb"), json.dumps(made))
    assert both.missing() == []
    before["cells"][1]["source"][1] = "epochs = 3\n"
    output_location.write(str(tmp_path / "out" / "seed=1" / "other.ipynb"), json.dumps(before))
    assert both.missing() == ["seed=1"], "it was changed and run again"


def test_networks_that_were_not_kept_of_finished_runs_are_named(tmp_path, invoke, notebook):
    trains = write_notebook(tmp_path / "trains.ipynb", tagged={1: ["others-may-start"]}.items())
    for source in (notebook, trains):
        words = ["sweep", source, "-p", "seed", "1,2", "--output", tmp_path / source.stem]
        for seed in (1, 2):
            made = json.dumps(executed(source, {"seed": seed}))
            output_location.write(str(tmp_path / source.stem / f"seed={seed}" / source.name), made)
        assert "--keep" not in invoke(*words)[1]
        (tmp_path / source.stem / "seed=1" / "network.keras").touch()
        said = "--keep: the networks of 1 finished run were not kept. To get them" in invoke(*words, "--keep")[1]
        assert said == (source == trains), "another notebook saves none"


@pytest.mark.parametrize(
    ("values", "message"),
    [({"epoch": [1]}, 'no parameter "epoch" here. Did you mean "epochs"'), ({"work_dir": ["a"]}, "Valid: epochs")],
)
def test_unknown_parameters_stop_before_anything_runs(values, message, notebook, tmp_path):
    with pytest.raises(ParameterError, match=message):
        plan(notebook, tmp_path / "out", **values)


@pytest.mark.parametrize(("stored", "finished"), [("mnist", True), ("MNIST", True), ("stand-in", False), (None, True)])
@pytest.mark.parametrize("given", [{"epochs": 1}, {"epochs": 1, "data": "auto"}, {"epochs": 1, "data": "stand-in"}])
def test_a_run_of_what_auto_was_on_another_day_is_not_finished(tmp_path, stored, finished, given):
    source = write_notebook(tmp_path / "small.ipynb", ["epochs = 1\ndata = 'auto'", "1"])
    sweep = plan(source, tmp_path / "out", **{name: [value] for name, value in given.items()})
    (name,) = sweep.runs
    done = executed(source, given)
    done["cells"][-1]["outputs"] = [{"data": {MIME: {"data": stored}}}]
    output_location.write(str(tmp_path / "out" / name / "small.ipynb"), json.dumps(done))
    here = dataclasses.replace(sweep, auto="mnist")
    assert here.finished(name) == (finished or given.get("data") == "stand-in")
    assert sweep.finished(name)  # on a cluster, where its workers have other data than this machine


def test_auto_is_looked_up_only_where_runs_have_it(tmp_path, monkeypatch, small):
    monkeypatch.setattr(load, "load_digits", lambda source: small)
    own = write_notebook(tmp_path / "own.ipynb", ["epochs = 1", "1"])
    assert name_of_auto(plan(own, tmp_path / "out", epochs=[1])) is None
    reads = write_notebook(tmp_path / "small.ipynb", ["epochs = 1\ndata = 'auto'", "1"])
    assert name_of_auto(plan(reads, tmp_path / "out", data=["letters"])) is None
    assert name_of_auto(plan(reads, tmp_path / "out", epochs=[1])) == "small"


def test_a_notebook_whose_own_data_are_others_is_not_asked_for_those_of_today(tmp_path):
    source = write_notebook(tmp_path / "small.ipynb", ["epochs = 1\ndata = 'letters'", "1"])
    sweep = dataclasses.replace(plan(source, tmp_path / "out", epochs=[1]), auto="mnist")
    done = executed(source, {"epochs": 1})
    done["cells"][-1]["outputs"] = [{"data": {MIME: {"data": "letters"}}}]
    output_location.write(str(tmp_path / "out" / "epochs=1" / "small.ipynb"), json.dumps(done))
    assert sweep.missing() == [] and sweep.sources_of_data() == {"letters"}


def test_networks_that_are_kept_replace_no_other(tmp_path):
    home, said = tmp_path / "home", []
    runs = [Run("own", write_notebook(tmp_path / "out" / "own.ipynb"), {})]
    for folder in ("a", "b"):
        (tmp_path / "out" / folder).mkdir()
        (tmp_path / "out" / folder / "network.keras").write_bytes(folder.encode())
    store(runs, str(home), True, said.append)
    assert {path.read_bytes() for path in home.glob("network*.keras")} == {b"a", b"b"} and len(said) == 1
    (tmp_path / "out" / "b" / "network.keras").unlink()
    (home / "network.keras").write_bytes(b"a")
    store(runs, str(home), True, said.append)
    assert len(said) == 1
    (home / "network.keras").write_bytes(b"mine")
    store(runs, str(home), True, said.append)
    assert (home / "network-2.keras").read_bytes() == b"mine" and said[-1] == "network.keras is now network-2.keras"


def test_a_planted_notebook_of_lists_in_lists_is_done_again(tmp_path, notebook):
    sweep, source = plan(notebook, tmp_path / "out", seed=[1]), "x"
    for _ in range(700):
        source = [source]
    made = executed(notebook, {"seed": 1})
    made["cells"][0]["source"] = source
    output_location.write(str(tmp_path / "out" / "seed=1" / "small.ipynb"), json.dumps(made))
    assert sweep.missing() == ["seed=1"]
