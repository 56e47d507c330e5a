"""The doctor: each thing it looks at is broken on purpose, and it must say so and what to do."""

import hashlib
import importlib.metadata
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from filelock import FileLock
from rich.console import Console
from test_broken_machines import SWALLOW, inside, needs_namespaces

from handwriting.data import download
from handwriting.data.registry import FILES, File
from handwriting.load import standin_path
from workshop import doctor, machine

NETWORK = "MNIST", "stand-in", "network", "cache", "settings"  # what may be a warning on a machine where all is well
ONE = "import sys; from workshop import doctor; print(doctor.as_json(doctor.examine(20, sys.argv[1:])))"
needs_signals = pytest.mark.skipif(os.name == "nt", reason="Windows has no signals")


def examine(name, timeout=20):
    """One check, in this process."""
    (check,) = doctor.examine(timeout, [name])
    assert check.name == name
    return check


def test_all_is_well_here_and_json_is_all_that_is_printed(command):
    done = command("doctor", "--json")
    output = json.loads(done.stdout)
    checks = {check["name"]: check for check in output["checks"]}
    assert done.returncode == 0 and output["ok"] is True
    assert {name for name, check in checks.items() if check["state"] != "ok"} <= set(NETWORK)
    assert all(bool(check["remedy"]) == (check["state"] != "ok") for check in checks.values())
    assert "computes on" in checks["TensorFlow"]["found"] and "1 + 1 = 2" in checks["kernel"]["found"]
    assert sys.executable in checks["Python"]["found"]


SOON = "from handwriting.data import download; download.ANSWER_WITHIN = 1; "


@needs_namespaces
@pytest.mark.parametrize(("prepare", "found"), [(SWALLOW, "did not answer within"), ("", "could not be reached")])
def test_a_network_that_swallows_packets_and_none_at_all_cost_seconds_and_are_a_warning(tmp_path, prepare, found):
    assert download.ANSWER_WITHIN <= 6
    (tmp_path / "resolv.conf").write_text("nameserver 10.9.9.2\n")
    start = time.monotonic()
    command = [sys.executable, "-c", SOON + ONE, "network"]
    done = inside(prepare, command, tmp_path, "--net", HANDWRITING_CACHE=tmp_path / "cache")
    assert time.monotonic() - start < 30, "10 where nothing else runs"
    (check,) = json.loads(done.stdout)["checks"]
    assert check["state"] == "warning" and found in check["found"]
    assert "stand-in" in check["remedy"] and "internet" in check["remedy"]


def test_a_proxy_that_refuses_is_named(no_data, monkeypatch):
    for name in ("http_proxy", "https_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nothing listens there
    check = examine("network")
    assert check.state == "warning"
    assert "proxy refused" in check.found and "https_proxy" in check.remedy


@pytest.mark.parametrize(
    ("found", "state"), [((3, 9), "problem"), ((3, 10), "ok"), ((3, 13), "ok"), ((3, 14), "problem")]
)
def test_pythons_that_are_not_tested(found, state):
    check = doctor.Check("Python", *doctor.check_python((*found, 1)))
    assert check.state == state
    assert f"{found[0]}.{found[1]}.1" in check.found
    assert ("PYTHON=python3.12" in check.remedy) == (state == "problem")


def metadata(folder, name, version, *needs):
    """Put a package's metadata into a folder, as pip leaves it."""
    place = folder / f"{name}-{version}.dist-info"
    place.mkdir(parents=True)
    lines = ["Metadata-Version: 2.4", f"Name: {name}", f"Version: {version}"]
    (place / "METADATA").write_text("\n".join(lines + [f"Requires-Dist: {need}" for need in needs]) + "\n")


@pytest.mark.parametrize(
    ("package", "name", "state", "found", "remedy"),
    [
        (("numpy", "1.0"), "packages", "problem", "numpy", "numpy"),
        (("papermill", "1.0"), "packages", "problem", "papermill", "papermill"),
        (("jupyterlab", "1.0"), "JupyterLab", "warning", "jupyterlab", "jupyterlab"),
        (("jupyterlab_widgets", "1.0"), "widgets", "warning", "jupyterlab_widgets", "jupyterlab_widgets"),
        (("handwriting", "0.1", "ghost>=2"), "packages", "problem", "ghost>=2", 'ghost>=2"'),
        (("handwriting", "0.1", 'ghost>=2; extra == "run"'), "packages", "problem", "ghost>=2", 'ghost>=2"'),
        (("handwriting", "0.1", 'ghost>=2; extra == "lab"'), "JupyterLab", "warning", "ghost>=2", 'ghost>=2"'),
        (("handwriting", "0.1", 'ghost>=2; extra == "serve"'), "server", "warning", "ghost>=2", 'ghost>=2"'),
        (("handwriting", "0.1", 'ghost>=2; extra == "test"'), "packages", "ok", "", ""),
        (("handwriting", "0.1", 'ghost>=2; python_version < "3"'), "packages", "ok", "", ""),
    ],
)
def test_a_package_that_is_too_old_or_missing(tmp_path, monkeypatch, package, name, state, found, remedy):
    metadata(tmp_path, *package)
    monkeypatch.syspath_prepend(tmp_path)
    check = examine(name)
    assert check.state == state
    if state != "ok":
        assert check.found.startswith(found)
        assert f"is needed, {'none' if 'ghost' in found else '1.0'} is installed" in check.found
        assert f'pip install --upgrade "{remedy}' in check.remedy


def test_a_package_whose_metadata_an_interruption_left_empty(tmp_path, monkeypatch):
    (tmp_path / "numpy-2.0.dist-info").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    check = examine("packages")
    assert check.state == "problem" and "numpy" in check.found and "numpy" in check.remedy


def test_a_workshop_that_was_never_installed(monkeypatch):
    """With a Python that sees the sources and the libraries, but not what pip wrote about the workshop."""
    real = importlib.metadata.distribution

    def hidden(name):
        if name == "handwriting":
            raise importlib.metadata.PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr(importlib.metadata, "distribution", hidden)
    check = examine("packages")
    assert check.state == "problem"
    assert '".[run,serve,lab]"' in check.remedy and "folder" in check.remedy


@pytest.mark.parametrize(
    ("code", "first", "reason"),
    [
        ("raise ImportError('libgcc.so: not found')", "pillow", "ImportError libgcc.so: not found"),
        ("exit(3)", "matplotlib", "exit status 3"),  # which imports Pillow
    ],
)
def test_packages_that_are_there_and_cannot_be_loaded(tmp_path, monkeypatch, code, first, reason):
    for module in ("PIL", "jupyterlab"):
        (tmp_path / f"{module}.py").write_text(code)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    packages, lab, server = doctor.examine(60, ["packages", "JupyterLab", "server"])
    assert packages.state == "problem" and f"{first} cannot be loaded ({reason}" in packages.found
    assert "--force-reinstall" in packages.remedy and first in packages.remedy.split()
    assert lab.state == "warning" and lab.remedy == f"Run: {doctor.PIP} --force-reinstall jupyterlab"
    assert server.state == "ok"


@pytest.mark.parametrize(("module", "name"), [("psutil", "memory"), ("jupyter_client", "kernel")])
def test_it_works_without_what_a_check_needs(monkeypatch, module, name):
    monkeypatch.setitem(sys.modules, module, None)  # as if it were missing
    check = examine(name)
    assert check.state == "problem" and module in check.found
    assert check.remedy == f"Run: {doctor.PIP} --force-reinstall {module}"


def test_a_broken_package_is_one_short_line(tmp_path, monkeypatch):
    (tmp_path / "jupyter_client.py").write_text("raise ImportError('\\n\\nREAD THIS:\\n\\n' + 'much advice\\n' * 99)")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "jupyter_client", raising=False)
    check = examine("kernel")
    assert check.state == "problem" and check.found.startswith("ImportError: READ THIS: much")
    assert len(check.found) <= 200 and "\n" not in check.found
    assert check.remedy == "Delete .venv and set up again: make run"


ADVICE = r"Failed to load the native TensorFlow runtime.\nIf you need help, create an issue."


@pytest.mark.parametrize(
    ("code", "found", "remedy"),
    [
        ("raise ImportError('libfoo.so: cannot open')", "ImportError: libfoo.so: cannot open", "--force-reinstall"),
        (f"raise ImportError('DLL load failed: x\\n{ADVICE}')", "DLL load failed", "Visual C++"),
        ("raise MemoryError", "MemoryError", "Close other programs"),
        ("raise ModuleNotFoundError(\"No module named 'tensorflow'\")", "No module", "pip install tensorflow"),
        ("import os; os.kill(os.getpid(), 4)", "Illegal instruction", "AVX"),
        ("import os; os.kill(os.getpid(), 11)", "Segmentation fault", "--force-reinstall"),
        ("import os; os.kill(os.getpid(), 9)", "Killed", "Memory ran out"),
        ("import os, sys; print('compiled to use AVX', file=sys.stderr); os.abort()", "compiled to use AVX", "Colab"),
        ("__version__ = '0'", "AttributeError", "--force-reinstall"),
    ],
)
@needs_signals
def test_a_tensorflow_that_does_not_start(tmp_path, monkeypatch, code, found, remedy):
    (tmp_path / "tensorflow.py").write_text(code)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    check = examine("TensorFlow")
    assert check.state == "problem"
    assert found in check.found and "create an issue" not in check.found
    assert remedy in check.remedy


def test_a_tensorflow_that_hangs(tmp_path, monkeypatch):
    (tmp_path / "tensorflow.py").write_text("import time; time.sleep(60)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    start = time.monotonic()
    check = examine("TensorFlow", timeout=1)
    assert time.monotonic() - start < 5
    assert check.state == "problem" and "within 1 s" in check.found
    assert "Close other programs" in check.remedy


@pytest.fixture
def kernel(tmp_path, monkeypatch):
    """Put a kernel python3 before this Python's own."""

    def put(*argv, **environment):
        folder = tmp_path / "jupyter" / "kernels" / "python3"
        folder.mkdir(parents=True)
        spec = {"argv": list(argv), "display_name": "other", "language": "python", "env": environment}
        (folder / "kernel.json").write_text(json.dumps(spec))
        monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
        return folder

    return put


@pytest.mark.parametrize(
    ("argv", "found"),
    [
        ([sys.executable, "-c", "raise ImportError('broken on purpose')"], "ImportError: broken on purpose"),
        (
            [sys.executable, "-c", "import sys; sys.exit('[IPKernelApp] WARNING | not encrypted')"],
            "It does not start: Kernel died",
        ),
        (["/no/such/python", "-m", "ipykernel_launcher"], "No such file" if os.name != "nt" else "find"),
    ],
    ids=["ends", "warns", "missing"],
)
def test_a_kernel_that_does_not_start(kernel, argv, found):
    folder = kernel(*argv)
    check = examine("kernel")
    assert check.state == "problem"
    assert found in check.found
    assert f"Remove {folder}" in check.remedy


def test_a_kernel_that_hangs_does_not_stay_behind(kernel, tmp_path):
    code = f"import os, time; open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    kernel(sys.executable, "-c", code)
    check = examine("kernel", timeout=2)
    assert check.state == "problem" and "Remove" in check.remedy
    if os.name != "nt":
        with pytest.raises(ProcessLookupError):
            os.kill(int((tmp_path / "pid").read_text()), 0)


def test_a_kernel_of_another_python(kernel, tmp_path):
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "other"], check=True)
    other = tmp_path / "other" / ("Scripts" if os.name == "nt" else "bin") / "python"
    libraries = os.pathsep.join(path for path in sys.path if "site-packages" in path)
    folder = kernel(str(other), "-m", "ipykernel_launcher", "-f", "{connection_file}", PYTHONPATH=libraries)
    check = examine("kernel")
    assert check.state == "warning", check.found
    assert str(tmp_path / "other") in check.found
    assert f"Remove {folder}" in check.remedy


@pytest.mark.parametrize(("gigabytes", "state"), [(1.5, "ok"), (1.4, "warning"), (0.8, "warning"), (0.7, "problem")])
def test_little_memory(gigabytes, state):
    check = doctor.Check("memory", *doctor.check_memory(int(gigabytes * 1e9)))
    assert check.state == state
    assert f"{gigabytes:.1f} GB" in check.found
    assert ("Close other programs" in check.remedy) == (state != "ok")


@pytest.mark.parametrize(
    ("membership", "folder", "limit", "used", "cached", "unlimited"),
    [
        (f"0::{path}", folder, "memory.max", "memory.current", "inactive_file", "max")
        for path, folder in (("/a/b", "a"), ("/seen/from/outside", ""))
    ]
    + [
        (f"5:memory:{path}", folder, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file", 2**63 - 1)
        for path, folder in (("/a/b", "memory/a"), ("/docker/x", "memory"))
    ],
)
def test_the_limit_of_a_container_counts(tmp_path, membership, folder, limit, used, cached, unlimited):
    group = tmp_path / "groups" / folder
    group.mkdir(parents=True)
    (group / limit).write_text("2000000000\n")
    (group / used).write_text("1900000000\n")
    (group / "memory.stat").write_text(f"anon 1\n{cached} 500000000\n")
    (tmp_path / "own").write_text(f"3:cpu:/a/b\n{membership}\n")
    where = tmp_path / "groups", tmp_path / "own"
    memory = machine.available_memory(int(64e9), *where)
    assert memory == (int(6e8), True)
    state, found, remedy = doctor.check_memory(*memory)
    assert state == "problem" and found.startswith("0.6 GB available, within the limit of a container")
    assert "--workers 1" in remedy
    (group / limit).write_text(f"{unlimited}\n")
    assert machine.available_memory(int(64e9), *where) == (int(64e9), False)


@pytest.mark.parametrize(
    ("membership", "files", "cores"),
    [
        ("0::/a/b", {"a/cpu.max": "200000 100000"}, 2),
        ("0::/seen/from/outside", {"cpu.max": "150000 100000"}, 2),
        ("0::/a/b", {"a/b/cpu.max": "300000 100000", "a/cpu.max": "50000 100000"}, 1),
        ("0::/a", {"a/cpu.max": "max 100000"}, 16),
        ("0::/a", {"unified/a/cpu.max": "400000 100000"}, 4),
        ("4:cpu,cpuacct:/a/b", {"cpu/a/cpu.cfs_quota_us": "300000", "cpu/a/cpu.cfs_period_us": "100000"}, 3),
        ("4:cpu,cpuacct:/docker/x", {"cpu/cpu.cfs_quota_us": "10000", "cpu/cpu.cfs_period_us": "100000"}, 1),
        ("4:cpu:/a", {"cpu/a/cpu.cfs_quota_us": "-1", "cpu/a/cpu.cfs_period_us": "100000"}, 16),
        ("4:memory:/a", {"cpu/a/cpu.cfs_quota_us": "100000", "cpu/a/cpu.cfs_period_us": "100000"}, 16),
        ("", {}, 16),
    ],
)
def test_the_cores_of_a_container_count(tmp_path, monkeypatch, membership, files, cores):
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(16)), raising=False)
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"{text}\n")
    (tmp_path / "membership").write_text(membership)
    assert machine.cores(tmp_path, tmp_path / "membership") == cores


def test_cores_that_this_process_may_not_use_do_not_count(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {3, 5}, raising=False)
    assert machine.cores(tmp_path, tmp_path / "none") == 2


def test_the_peak_memory_of_another_process_is_known_while_it_lives():
    code = "held = b'1' * 300_000_000; del held; print(flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        assert machine.peak_memory(process.pid) > (300 if sys.platform != "darwin" else 1)
    assert machine.peak_memory(process.pid) is None


@needs_namespaces
@pytest.mark.parametrize(
    ("options", "filled", "states", "found"),
    [
        ("ro", 0, ("problem", "warning"), "cannot be written to"),
        ("size=1m", 1, ("problem", "warning"), "No space left on device"),
        ("size=20m", 0, ("problem", "warning"), "0.02 GB free"),
        ("size=200m", 0, ("warning", "warning"), "0.21 GB free"),
    ],
)
def test_a_folder_that_is_read_only_or_full(tmp_path, options, filled, states, found):
    small = tmp_path / "small"
    small.mkdir()
    prepare = f"mount -t tmpfs -o {options} none {small}\ncd {small}\n"
    prepare += f"dd if=/dev/zero of=fill bs=1M count={filled} status=none\n" if filled else ""
    done = inside(prepare, [sys.executable, "-c", ONE, "this folder", "cache"], tmp_path, HANDWRITING_CACHE=small)
    checks = json.loads(done.stdout)["checks"]
    assert tuple(check["state"] for check in checks) == states
    assert all(str(small) in check["found"] for check in checks)
    assert found in checks[0]["found"]
    assert "Free some space" in checks[0]["remedy"] and "HANDWRITING_CACHE" in checks[1]["remedy"]


def test_no_data_yet_and_broken_data(no_data):
    folder = no_data / "mnist"
    check = examine("MNIST")
    assert check.state == "warning" and str(folder) in check.found
    assert "handwriting data fetch mnist" in check.remedy and "stand-in" in check.remedy
    folder.mkdir(parents=True)
    broken = folder / next(iter(FILES["mnist"]))
    broken.write_bytes(b"cut")
    check = examine("MNIST")
    assert check.state == "warning", "load_digits goes on"
    assert f"{broken} is damaged (incomplete or changed)." in check.found
    assert "handwriting data fetch mnist" in check.remedy


def test_a_mirror_that_is_not_an_address(monkeypatch):
    monkeypatch.setenv("HANDWRITING_MIRROR", "server/path")
    check = examine("network")
    assert check.state == "warning" and 'HANDWRITING_MIRROR is "server/path"' in check.found
    assert "http://server/path" in check.remedy


def test_whole_data_and_a_broken_copy_of_it(no_data, monkeypatch, tmp_path):
    monkeypatch.setitem(FILES, "mnist", {"a.gz": File(5, hashlib.sha256(b"whole").hexdigest(), "")})
    for folder, content in ((no_data, b"whole"), (tmp_path / "given", b"cut")):
        (folder / "mnist").mkdir(parents=True)
        (folder / "mnist" / "a.gz").write_bytes(content)
    assert examine("MNIST").state == "ok"
    monkeypatch.setenv("HANDWRITING_DATA_DIR", str(tmp_path / "given"))
    check = examine("MNIST")
    assert check.state == "warning" and str(tmp_path / "given") in check.found
    assert "Delete" in check.remedy


def test_a_broken_stand_in(no_data):
    assert examine("stand-in").state == "ok", "it is drawn when needed"
    path = standin_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"cut")
    check = examine("stand-in")
    assert check.state == "warning" and str(path) in check.found
    assert "handwriting data fetch stand-in" in check.remedy


def none_answers(*words):
    return [], ["one: it could not be reached"]


def test_no_network_is_needed_where_mnist_is(no_data, monkeypatch):
    monkeypatch.setattr(doctor.download, "find_mirrors", none_answers)
    assert examine("network").state == "warning"
    monkeypatch.setattr(doctor.cache, "read_local", lambda name, report: {"whole": b""} if name == "mnist" else None)
    check = examine("network")
    assert (check.state, check.remedy) == (
        "ok",
        "",
    ) and "No connection is needed: MNIST is on this machine" in check.found


@pytest.mark.parametrize(
    ("file", "content", "named"),
    [
        (None, "", False),
        (".keras/keras.json", '{"image_data_format": "channels_first"}', True),
        (".keras/keras.json", '{"backend": "torch"}', True),
        (".keras/keras.json", '{"image_data_format": "channels_last", "backend": "tensorflow"}', False),
        (".keras/keras.json", "[1, {", False),
        (".ipython/profile_default/startup/00-first.py", "1", True),
        (".ipython/profile_default/ipython_config.py", "1", True),
        ("mpl/matplotlibrc", "figure.dpi: 13", True),
        ("here/matplotlibrc", "figure.dpi: 13", True),
    ],
)
def test_settings_that_are_not_the_usual_ones_are_named(tmp_path, monkeypatch, file, content, named):
    variables = {"KERAS_HOME": ".keras", "IPYTHONDIR": ".ipython", "MPLCONFIGDIR": "mpl", "HOME": "."}
    for name, folder in variables.items():
        monkeypatch.setenv(name, str(tmp_path / folder))
    for name in ("KERAS_BACKEND", "MATPLOTLIBRC"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    if file:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(content)
    check = examine("settings")
    assert check.state == ("warning" if named else "ok")
    assert not named or Path(file).name in check.found


def test_another_backend_of_keras_is_named(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    assert "KERAS_BACKEND=torch" in examine("settings").found


def test_a_folder_that_a_killed_process_left_is_removed_and_others_are_not(tmp_path, monkeypatch):
    monkeypatch.setattr(machine.tempfile, "tempdir", str(tmp_path))
    kept = [tmp_path / f"handwriting-{name}" for name in ("busy6789", "new45678", "run45678", "sweeps")]
    for folder in [left := tmp_path / "handwriting-left5678", *kept]:
        folder.mkdir()
        (folder / (".lock" if "-run" in folder.name else machine.LOCK)).touch()  # `run` was told to write there
        if "-new" not in folder.name:
            os.utime(next(folder.iterdir()), (0, 0))
    with FileLock(kept[0] / machine.LOCK):
        os.utime(kept[0] / machine.LOCK, (0, 0))
        with machine.temporary_folder() as folder:
            assert folder.is_dir() and not left.exists()
    assert sorted(tmp_path.iterdir()) == sorted(kept)


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps a folder that is in use")
def test_a_check_that_fails_is_a_problem_and_stops_nothing(tmp_path, monkeypatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    folder, python = doctor.examine(20, ["this folder", "Python"])[::-1]
    assert folder.state == "problem" and "FileNotFoundError" in folder.found and "Report" in folder.remedy
    assert python.state == "ok"


def test_the_table_says_states_as_words_in_80_columns_and_in_a_pipe(monkeypatch, capsys):
    checks = [
        doctor.Check("fine", "ok", "all [bold]well[/bold]"),
        doctor.Check("data", "warning", "/a/very/long/path" * 9, "Do this."),
        doctor.Check("kernel", "problem", "It does not start.", 'Run: pip install ".[run,serve,lab]"'),
    ]
    monkeypatch.setattr(doctor, "examine", lambda: checks)
    console = Console(width=80, highlight=False, soft_wrap=True)
    assert doctor.report(console) == 1
    output = capsys.readouterr().out
    lines = output.splitlines()
    assert max(map(len, lines)) <= 80
    assert "[bold]well[/bold]" in output and '".[run,serve,lab]"' in output and "\x1b" not in output
    rows = [line.split()[:2] for line in lines]
    assert all([check.name, check.state] in rows for check in checks)
    assert "/a/very/long/path" * 9 in "".join(output.split()), "a path is cut"
    assert "ok: 1, warning: 1, problem: 1. Fix these problems first." in output
    assert doctor.report(console, as_data=True) == 1
    assert json.loads(capsys.readouterr().out)["ok"] is False
