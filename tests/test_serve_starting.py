"""Starting and stopping."""

import errno
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from conftest import ROOT
from odd_requests import PREDICT
from serve_helpers import Strips, ask, instances, raw, wait_until

from handwriting.errors import UserError
from handwriting.scan.drawings import sample_page
from workshop.serve import lifecycle, serve, start


@pytest.fixture
def first():
    """A server that was started before."""
    server = start(Strips())
    yield server
    server.stop()


def test_a_second_start_stops_the_first_and_keeps_the_address(first):
    second = start(Strips(), class_names="abcdefghij")
    assert first.url == second.url and not first.is_alive()
    assert ask(second, "POST", PREDICT, instances(3))[1]["predictions"][0]["names"] == "d"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    third = start(Strips(), port=port)
    assert third.port == port and not second.is_alive()
    third.stop()
    third.stop()


@pytest.mark.parametrize(("host", "said"), [("127.0.0.1", "--host 0.0.0.0"), ("0.0.0.0", "is not connected to a")])
def test_why_there_is_no_qr_code_is_said(monkeypatch, host, said):
    monkeypatch.setattr("workshop.serve.addresses.own_address", lambda: "127.0.0.1")
    server = start(Strips(), host=host)
    assert said in ask(server, "GET", "/qr")[1] and ("--host" in said) == ("--host" in ask(server, "GET", "/qr")[1])
    server.stop()


class NotProbabilities(Strips):
    def predict(self, images, verbose="auto"):
        return np.full((len(images), 10), 0.5)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        *(({"port": port}, f'"port" must be a whole number .*, not {port!r}') for port in (-1, 70000, "8000", True)),
        *(({"host": host}, f"'{host}' is not an address of this") for host in ("no such host", "fe80::1", "1.2.3", "")),
        ({"host": "192.0.2.7"}, "Use 127.0.0.1, which only this machine can reach, or 0.0.0.0"),
        ({"host": None}, '"host" must be text, not None'),
        *(({"allow_hosts": [name]}, "is not the name of a machine") for name in ("http://x.example", "", 5)),
        ({"class_names": "abc"}, "3 class names"),
        ({"class_names": 5}, "must be a list of names"),
        ({"model": object()}, "784 numbers"),
        ({"model": NotProbabilities()}, "add up to 5"),
        ({"model": "~nobody-here/x"}, "home folder of a user"),
        ({"model": "x" * 300}, "too long"),
        ({"model": "a\0b"}, "a\ufffdb cannot be read"),
        ({"model": Path(__file__)}, r"cannot be loaded. It is not a .keras file"),
        ({"model": Path(__file__).parent}, "has no network in it"),
    ],
)
def test_what_cannot_be_started_leaves_the_one_before_alone(first, options, expected):
    with pytest.raises(UserError, match=expected):
        start(**{"model": Strips()} | options)
    assert ask(first, "GET", "/healthz")[0] == 200


def test_a_taken_port_is_reported(first):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for begin in (lambda: start(Strips(), port=port), lambda: serve("my_work", port=port)):
            with pytest.raises(UserError, match=f"Port {port} at 127.0.0.1 is in use. Choose another"):
                begin()
    assert ask(first, "GET", "/healthz")[0] == 200


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("no \u202esuch\nfile", "no \ufffdsuch file does not exist. Choose a .keras file"),
        ("x" * 300, "File name too long"),
    ],
)
def test_the_command_ends_with_a_sentence(invoke, tmp_path, monkeypatch, model, expected):
    monkeypatch.chdir(tmp_path)
    status, _, errors = invoke("serve", model, "--port", 0)
    assert status == 1 and expected in errors and "Traceback" not in errors


def test_a_missing_package_is_reported():
    script = "import sys; sys.modules['fastapi'] = None; from workshop.serve import start; start()"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert 'The package "fastapi" is missing. Run in the workshop\'s folder: ' in done.stderr


NAMES = ("localhost", "127.0.0.1", "LOCALHOST.:8000", socket.gethostname(), "Proxy.example:80")
OTHERS = (
    "evil.example",
    "localhost:80@evil.example",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "192.0.2.7",
    "",
)


def test_it_answers_under_its_own_names_only():
    server = start(Strips(), allow_hosts="PROXY.example:443")
    for host in NAMES + OTHERS:
        status, content, _ = ask(server, "GET", "/healthz", headers={"Host": host})
        assert status == (200 if host in NAMES else 400), host
        assert status == 200 or "--allow-host" in content["error"]
    server.stop()


@pytest.mark.skipif(not socket.has_ipv6, reason="there is no IPv6 here")
@pytest.mark.parametrize("host", ["::1", "::", "0.0.0.0", "localhost"])
def test_it_listens_at_every_kind_of_address(host):
    server = start(Strips(), host=host)
    names = {"::1": ["[::1]"], "::": ["[::1]", "127.0.0.1"]}.get(host, ["127.0.0.1"])
    for name in [*names, server.url.removeprefix("http://").rpartition(":")[0]]:
        with urllib.request.urlopen(f"http://{name}:{server.port}/healthz") as answer:
            assert answer.status == 200, name
    server.stop()


def test_a_port_of_the_system_is_named(monkeypatch):
    def refused(*_, **__):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(socket, "create_server", refused)
    with pytest.raises(UserError, match="is reserved for the system"):
        start(Strips(), port=80)


def test_too_many_connections_get_503(monkeypatch):
    monkeypatch.setattr(lifecycle, "CONNECTIONS", 3)
    server = start(Strips())
    lines = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(3)]
    wait_until(lambda: len(server.server.server_state.connections) == 3)
    assert raw(server, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").startswith(b"HTTP/1.1 503")
    for line in lines:
        line.close()
    wait_until(lambda: not server.server.server_state.connections)
    assert ask(server, "GET", "/healthz")[0] == 200
    server.stop()


def test_there_may_be_a_file_for_each_connection():
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))  # as macOS has it
    try:
        start(Strips()).stop()
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] > lifecycle.CONNECTIONS
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


#: The environment of a process that imports what tests do.
AS_HERE = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT / "tests"), str(ROOT / "tools")])}
SCRIPT = """
import time
from serve_helpers import Strips
from workshop.serve import serve

class Slow(Strips):
    def predict(self, images, verbose=0):
        time.sleep(0.3)
        return super().predict(images)

if __name__ == "__main__":
    serve(Slow(), port=0, log=lambda sentence: print(sentence, flush=True))
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to catch")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_on_a_signal_with_the_requests_answered(number, tmp_path):
    (tmp_path / "random.py").write_text("raise RuntimeError('a student wrote this')")
    (tmp_path / "bin").mkdir()
    script = tmp_path / "bin" / "server.py"
    script.write_text(SCRIPT)
    process = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True, cwd=tmp_path, env=AS_HERE)
    try:
        line = process.stdout.readline()
        server = SimpleNamespace(port=int(line.split("http://127.0.0.1:")[1].split()[0]))
        assert len(ask(server, "POST", "/read", sample_page().read_bytes())[1]["text"]) == 10
        with ThreadPoolExecutor(8) as clients:
            found = [clients.submit(ask, server, "POST", PREDICT, instances(5)) for _ in range(8)]
            time.sleep(0.25)
            process.send_signal(number)
        results = [one.result()[:2] for one in found]
        assert [(status, content["predictions"][0]["classes"]) for status, content in results] == [(200, 5)] * 8
        assert process.wait(20) == 0
        assert process.stdout.read().strip() == "Stopped."
    finally:
        process.kill()
        process.stdout.close()


STUCK = """
import threading
from serve_helpers import Strips
from workshop.serve import lifecycle, serve
from workshop.serve.model_repository import ModelRepository

def update(self):
    print("stuck", flush=True)
    threading.Event().wait()

if __name__ == "__main__":
    lifecycle.ENDING, ModelRepository.update, ModelRepository.path = 0.5, update, "a file"
    ModelRepository.__setattr__ = lambda self, name, value: name == "path" or object.__setattr__(self, name, value)
    serve(Strips(), port=0, log=print)
"""


LOADING = """
import os, signal, time
from serve_helpers import Strips
from workshop.serve import serve

class Loading(Strips):
    @property
    def input_shape(self):
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(30)
        except BaseException:  # as code that is not Python does
            return (None, 784)

serve(Loading(), port=0)
"""


@pytest.mark.parametrize("error", [BrokenPipeError, SystemExit, ValueError])
def test_it_goes_on_when_nobody_reads_what_it_prints(monkeypatch, error):
    def log(sentence):
        raise error

    def make_server(model, names, log, *options):
        log("Now serving version 2.")
        return SimpleNamespace(handle_exit=None, run=lambda sockets: served.append(sockets)), None

    served = []
    monkeypatch.setattr(lifecycle, "make_server", make_server)
    monkeypatch.setattr(signal, "signal", lambda number, handler: None)
    serve("my_work", port=0, log=log)
    assert len(served) == 1


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to catch")
def test_it_stops_while_it_loads():
    done = subprocess.run([sys.executable, "-c", LOADING], capture_output=True, text=True, env=AS_HERE)
    said = "Stopped, while a network was still being loaded or used.\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, said, "")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to catch")
def test_it_stops_with_a_network_that_never_comes_to_its_end(tmp_path):
    script = tmp_path / "server.py"
    script.write_text(STUCK)
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True, env=AS_HERE) as process:
        try:
            while process.stdout.readline() != "stuck\n":
                assert process.poll() is None
            process.send_signal(signal.SIGTERM)
            assert process.wait(15) == 0 and "still being loaded" in process.stdout.read()
        finally:
            process.kill()


def test_it_stops_with_a_client_that_never_reads(monkeypatch):
    monkeypatch.setattr(lifecycle, "GRACE", 0.5)
    server = start(Strips())
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.connect(("127.0.0.1", server.port))
        line.settimeout(0.2)
        with pytest.raises(TimeoutError):
            while True:
                line.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n" * 20)
        server.stop()
        assert not server.is_alive()
