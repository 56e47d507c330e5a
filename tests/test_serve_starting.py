"""Starting and stopping."""

import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from serve_helpers import PREDICT, Strips, ask, instances, raw, wait_until

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


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"port": -1}, "-1 .* not available"),
        ({"port": "8000"}, "'8000' .* not available"),
        ({"host": "no such host"}, "'no such host' is not available"),
        ({"host": None}, "None is not available"),
        ({"class_names": "abc"}, "3 class names"),
        ({"class_names": 5}, "must be a list of names"),
        ({"model": object()}, "784 numbers"),
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
            with pytest.raises(UserError, match=f"Port {port} at '127.0.0.1' is not available"):
                begin()
    assert ask(first, "GET", "/healthz")[0] == 200


@pytest.mark.parametrize(
    ("predict", "expected"),
    [
        (lambda images: np.tile(np.float32([-3, 1, 3]), (len(images), 1)), "no.? probabilities"),
        (lambda images: np.full((len(images), 3), 0.5), "add up to 1.5"),
        (lambda images: np.ones((len(images), 1)), "at least two"),
        (lambda images: np.eye(1, 10), r"for 2 images the network's outputs have shape \(1, 10\)"),
    ],
)
def test_a_network_without_probabilities_is_refused(predict, expected):
    with pytest.raises(UserError, match=expected):
        start(SimpleNamespace(input_shape=(None, 784), predict=lambda images, verbose: predict(images)))


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
    assert 'needs the package "fastapi". Install it: pip install "handwriting[serve]"' in done.stderr


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
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent)}
    process = subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, text=True, cwd=tmp_path, env=environment
    )
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


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to catch")
def test_it_stops_with_a_network_that_never_comes_to_its_end(tmp_path):
    script = tmp_path / "server.py"
    script.write_text(STUCK)
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent)}
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True, env=environment) as process:
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


def test_importing_brings_neither_tensorflow_nor_fastapi():
    script = "import workshop.serve, handwriting.share, sys; print({'tensorflow', 'fastapi'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True).stdout.strip() == "set()"
