"""Starting and stopping."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from asking import PREDICT, Strips, ask, picture

from handwriting.errors import UserError
from workshop.serve import running as serve


def test_a_second_start_stops_the_first_and_keeps_the_address():
    first = serve.start(Strips())
    second = serve.start(Strips(), class_names="abcdefghij")
    assert first.url == second.url and not first.thread.is_alive()
    content = ask(second, "POST", PREDICT, json.dumps({"instances": [picture(3)]}))[1]
    assert content["predictions"][0]["names"] == "d"
    assert repr(second) == "<A server that reads handwriting, at the address in .url; .stop() stops it>"
    assert repr(first) == "<A server that reads handwriting, stopped>"
    second.stop()
    second.stop()


def test_what_cannot_be_started_is_said():
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(UserError, match="cannot be had"):
        serve.start(Strips(), port=taken.getsockname()[1])
    for wrong in (
        {"port": -1},
        {"port": "8000"},
        {"port": True},
        {"host": "no such host"},
        {"host": None},
        {"name": "a/b"},
    ):
        with pytest.raises(UserError, match=r"[.]$"):
            serve.start(Strips(), **wrong)
    with pytest.raises(UserError, match="3 class names"):
        serve.start(Strips(), class_names="abc")
    with pytest.raises(UserError, match="784 numbers"):
        serve.start(object())


def test_what_cannot_be_started_leaves_the_one_before_alone():
    first = serve.start(Strips())
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(UserError, match="cannot be had"):
        serve.start(Strips(), port=taken.getsockname()[1])
    with pytest.raises(UserError, match="3 class names"):
        serve.start(Strips(), class_names="abc")
    assert ask(first, "GET", "/healthz")[0] == 200
    first.stop()


def test_a_server_that_ends_at_once_is_said(monkeypatch):
    server = serve.make_server(serve.open_shelf(Strips(), None, print), "digits")
    monkeypatch.setattr(server, "run", lambda sockets: None)
    with pytest.raises(UserError, match="ended before it answered"):
        serve.Running(server, serve.listen("127.0.0.1", 0), [])


@pytest.mark.parametrize(
    ("numbers", "said"),
    [([-3.0, 1.0, 3.0], "not probabilities"), ([0.5, 0.5, 0.5], "add up to 1.5"), ([1.0], "at least two")],
)
def test_a_network_without_probabilities_is_refused(numbers, said):
    class Odd(Strips):
        def predict(self, pictures, verbose=0):
            return np.tile(np.float32(numbers), (len(pictures), 1))

    with pytest.raises(UserError, match=said):
        serve.start(Odd())


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (5, "is a list of names"),
        (b"abcdefghij", "is a list of names"),
        ([b"a", *"bcdefghij"], "is a text"),
        (["", *"bcdefghij"], "is empty"),
        (["b", *"bcdefghij"[1:], "b"], "called “b”"),
        (["x" * 41, *"bcdefghij"], "at most 40"),
    ],
)
def test_class_names_that_are_none_are_refused(names, said):
    with pytest.raises(UserError, match=said):
        serve.start(Strips(), class_names=names)


def test_serve_in_a_notebook_says_what_to_use():
    async def cell():
        serve.serve("my_work")

    with pytest.raises(UserError, match="use start"):
        asyncio.run(cell())


def test_a_missing_package_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(UserError, match="pip install fastapi python-multipart uvicorn"):
        serve.start(Strips())


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to catch")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_on_a_signal_with_the_requests_answered(number):
    script = """
import time
from asking import Strips
from workshop.serve import running as serve
from workshop.serve.network import network_of
from workshop.serve.versions import Shelf

class Slow(Strips):
    def predict(self, pictures, verbose=0):
        time.sleep(0.3)
        return super().predict(pictures)

serve.open_shelf = lambda *arguments: Shelf(network_of(Slow()))
serve.serve("anything", port=0, say=lambda sentence: print(sentence, flush=True))
"""
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd="tests")
    try:
        line = process.stdout.readline()
        port = int(line.split("http://127.0.0.1:")[1].split()[0])
        found = []
        body = json.dumps({"instances": [picture(5)]})

        def press():
            found.append(ask(type("Server", (), {"port": port}), "POST", PREDICT, body)[:2])

        presses = [threading.Thread(target=press) for _ in range(8)]
        for one in presses:
            one.start()
        time.sleep(0.25)
        process.send_signal(number)
        for one in presses:
            one.join()
        assert [(status, content["predictions"][0]["classes"]) for status, content in found] == [(200, 5)] * 8
        assert process.wait(10) == 0
        assert process.stdout.read().strip() == "Stopped."
    finally:
        process.kill()
        process.stdout.close()


def test_the_module_brings_neither_tensorflow_nor_fastapi():
    script = (
        "import workshop.serve.running, handwriting.share, sys; print({'tensorflow', 'fastapi'} & set(sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True).stdout.strip() == "set()"
