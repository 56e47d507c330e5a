"""Machines that work against us: a network that swallows packets, a full disk, a home nobody may write to.

Each is built in namespaces of its own (Linux), so nothing outside sees it.
"""

import os
import shutil
import subprocess
import sys

import nbformat
import pytest

from workshop.runs.warm_process import ADDRESS

NAMESPACES = ["unshare", "--map-root-user", "--mount"]
DRAW = """
import numpy
from handwriting.data import standin
from handwriting.load import load_digits
x, y = numpy.random.default_rng(0).integers(0, 256, (600, 28, 28), "uint8"), numpy.arange(600, dtype="uint8") % 10
standin.make_standin = lambda: (x, y, x[:100], y[:100])  # drawing takes seconds
print(load_digits("stand-in"))
"""
#: Notebooks of 40 and 130 kB.
WRITES = ("print('x' * 40_000)", "print('x' * 130_000)")


def can(*words):
    """Whether a command works here."""
    return bool(shutil.which(words[0])) and subprocess.run(words, capture_output=True).returncode == 0


needs_namespaces = pytest.mark.skipif(
    not (can(*NAMESPACES, "--net", "true") and can("ip", "-V")), reason="needs Linux with unshare, and ip from iproute2"
)
pytestmark = needs_namespaces

# Everything goes to a neighbour that does not exist, name look-ups too.
SWALLOW = """
ip link set lo up
ip link add here type veth peer name there
ip link set here up
ip link set there up
ip addr add 10.9.9.1/24 dev here
ip neigh add 10.9.9.2 lladdr 02:00:00:00:00:02 dev here
ip route add default via 10.9.9.2
mount --bind resolv.conf /etc/resolv.conf
"""


def inside(preparation, command, folder, *more, **environment):
    """Run a command in namespaces of its own, after a preparation."""
    return subprocess.run(
        [*NAMESPACES, *more, "sh", "-ec", f'{preparation}\nexec "$@"', "sh", *map(str, command)],
        capture_output=True,
        encoding="utf-8",
        cwd=folder,
        env={key: value for key, value in os.environ.items() if not key.startswith("HANDWRITING_")}
        | {"CI": "1"}
        | {key: str(value) for key, value in environment.items()},
    )


def test_a_network_that_swallows_packets_is_given_up_within_ten_seconds(tmp_path):
    (tmp_path / "resolv.conf").write_text("nameserver 10.9.9.2\n")
    code = (
        "import time; from handwriting.data.download import DataError, download; start = time.monotonic()\n"
        "try: download('mnist')\n"
        "except DataError as error: print(round(time.monotonic() - start, 2), error)"
    )
    done = inside(SWALLOW, [sys.executable, "-c", code], tmp_path, "--net", HANDWRITING_CACHE=tmp_path / "cache")
    seconds, _, message = done.stdout.partition(" ")
    assert float(seconds) < 10 and message.count("did not answer within 6 s") == 2, done.stderr
    assert done.stderr == ""


def test_a_full_disk_leaves_the_data_in_memory(tmp_path):
    (tmp_path / "small").mkdir()
    mount = f"mount -t tmpfs -o size=256k none {tmp_path}/small\n"
    look = f'"$@"; ls -A {tmp_path}/small; exit\n'
    done = inside(mount + look, [sys.executable, "-c", DRAW], tmp_path, HANDWRITING_CACHE=tmp_path / "small")
    lines = done.stdout.splitlines()
    assert "No space left on device" in done.stdout and "memory only" in done.stdout
    assert lines[-1].startswith("<Dataset stand-in: 600"), "something half-written stays on the disk"


def test_a_disk_that_fills_up_during_a_run_is_said(tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    command = [sys.executable, "-m", "workshop", "run", tmp_path / "01_load.ipynb", tmp_path / "more.ipynb"]
    for path, cell in zip(command[-2:], WRITES, strict=True):
        nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell)]), path)
    mount = f"mount -t tmpfs -o size=120k none {out}\n"
    look = f'"$@" || status=$?; ls -A {out}; exit $status\n'
    cold = {ADDRESS: ""}  # quicker without TensorFlow
    done = inside(mount + look, [*command, "--output", out, "--workers", "1"], tmp_path, **cold)
    assert done.returncode == 1
    assert "No space left on device" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert "01_load       " in done.stdout, "the table is missing"
    left = done.stdout.splitlines()[-5:]
    assert "01_load.ipynb" in left and not any(name.startswith(".") for name in left if name != ".lock"), (
        "half-written files stay"
    )


def test_a_read_only_home_means_memory(tmp_path):
    (tmp_path / "home").mkdir()
    mount = f"mount -t tmpfs -o ro none {tmp_path}/home\n"
    done = inside(mount, [sys.executable, "-c", DRAW], tmp_path, HOME=tmp_path / "home", XDG_CACHE_HOME="")
    assert done.returncode == 0, done.stderr
    assert "Nothing can be saved on this machine" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("<Dataset stand-in: 600")
