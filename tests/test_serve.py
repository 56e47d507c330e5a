"""The server: what it answers, what it refuses, and that it goes on.

`python tests/test_serve.py 50000` sends that many odd requests and watches the server's memory.
"""

import asyncio
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import zlib
from collections import Counter
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from handwriting import serve
from handwriting.own import sample_page
from handwriting.problem import Problem
from handwriting.server import intake, photos, protocol, scanner, versions
from handwriting.server.batching import Batcher
from handwriting.server.network import Network, network_of
from handwriting.server.refused import Refused
from handwriting.serving import ServingError

PREDICT = "/v1/models/digits:predict"


class Strips:
    """A network that reads how much ink lies in each of ten strips, from top to bottom."""

    input_shape = (None, 784)

    def predict(self, pictures, verbose="auto"):
        strips = np.array_split(pictures.reshape(-1, 28, 28), 10, axis=1)
        ink = np.stack([strip.sum(axis=(1, 2)) for strip in strips], axis=1) + 1e-6
        return (ink / ink.sum(axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def server():
    # Not with `start`, which would stop it when another test starts one.
    running = serve.Running(
        serve.make_server(serve.open_shelf(Strips(), None, print), "digits"), serve.listen("127.0.0.1", 0), []
    )
    yield running
    running.stop()


def ask(server, method, path, body=None, headers=(), timeout=20):
    """One request on a connection of its own: status, content, headers."""
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=timeout)
    try:
        line.request(method, path, body, dict(headers))
        answer = line.getresponse()
        text = answer.read()
        kind = answer.headers.get("content-type", "")
        return answer.status, json.loads(text) if kind == "application/json" else text.decode(), answer.headers
    finally:
        line.close()


def picture(strip=0):
    """A picture with ink in one strip, as lists."""
    image = np.zeros((28, 28), int)
    image[3 * strip : 3 * strip + 2] = 255
    return image.tolist()


def wait_until(true, seconds=10):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.01)


# What it answers


@pytest.mark.parametrize("path", [PREDICT, "/v1/models/digits/versions/1:predict"])
def test_it_predicts_as_tensorflow_serving_does_in_rows(server, path):
    status, content, _ = ask(server, "POST", path, json.dumps({"instances": [picture(2), picture(7)]}))
    assert status == 200
    assert [row["classes"] for row in content["predictions"]] == [2, 7]
    assert [row["names"] for row in content["predictions"]] == ["2", "7"]
    assert content["predictions"][1]["probabilities"][7] == pytest.approx(1, abs=1e-3)
    named = {"instances": [{"images": picture(2)}, {"images": picture(7)}], "signature_name": "serving_default"}
    assert ask(server, "POST", path, json.dumps(named))[1] == content


def test_it_predicts_in_columns(server):
    status, content, _ = ask(server, "POST", PREDICT, json.dumps({"inputs": [picture(4), picture(1)]}))
    assert status == 200
    assert content["outputs"]["classes"] == [4, 1]
    assert np.shape(content["outputs"]["probabilities"]) == (2, 10)
    named = {"inputs": {"images": [picture(4), picture(1)]}}
    assert ask(server, "POST", PREDICT, json.dumps(named))[1] == content


def test_it_tells_its_state(server):
    state = {"version": "1", "state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}
    assert ask(server, "GET", "/v1/models/digits")[:2] == (200, {"model_version_status": [state]})
    assert ask(server, "GET", "/healthz")[:2] == (200, {"status": "ok", "model": "digits", "version": "1"})


def test_it_reads_a_photo_as_a_form_and_as_it_is(server):
    photo = sample_page().read_bytes()
    status, content, _ = ask(server, "POST", "/read", photo, {"content-type": "image/jpeg"})
    assert status == 200 and len(content["digits"]) == len(content["text"]) == 10
    left, top, right, bottom = content["digits"][3]["box"]
    assert 0 <= left < right <= 1000 and 0 <= top < bottom <= 260
    first = content["digits"][0]
    assert first["name"] == str(first["class"]) and first["probability"] == max(first["probabilities"])
    form = b'--x\r\nContent-Disposition: form-data; name="file"; filename="page.jpg"\r\n\r\n' + photo + b"\r\n--x--\r\n"
    assert ask(server, "POST", "/read", form, {"content-type": "multipart/form-data; boundary=x"})[1] == content


def test_pages_need_no_network(server):
    for path in ("/", "/docs"):
        status, text, _ = ask(server, "GET", path)
        assert status == 200 and text.startswith("<!DOCTYPE html>")
        assert "src=" not in text and 'href="http' not in text
    paths = json.loads(json.dumps(ask(server, "GET", "/openapi.json")[1]))["paths"]
    assert {"/v1/models/{model}:predict", "/v1/models/{model}", "/read", "/healthz"} <= set(paths)


# What it refuses


def row(pixel):
    return json.dumps({"instances": [[[pixel] * 28] * 28]})


BAD = {
    "nothing": ("", "not JSON"),
    "no JSON": ("pictures", "not JSON"),
    "no UTF-8": (b'{"instances": "\xff"}', "not JSON"),
    "deep": ("[" * 100_000, "not JSON"),
    "a long number": ('{"instances": [' + "9" * 5000 + "]}", "not JSON"),
    "a list": ("[1]", "not a JSON object"),
    "neither": ("{}", "either"),
    "both": ('{"instances": [], "inputs": []}', "either"),
    "no pictures": ('{"instances": []}', "no list of pictures"),
    "a number": ('{"instances": 5}', "no list of pictures"),
    "NaN": (row(float("nan")), "NaN is no pixel"),
    "infinite": (row(-float("inf")), "Infinity is no pixel"),
    "fractions": (row(0.5), "0.5, not a whole number.*Multiply"),
    "text": (row("5"), '"5", not a whole number'),
    "truth": (row(True), "true, not a whole number"),
    "null": (row(None), "null, not a whole number"),
    "negative": (row(-1), "is -1; pixels go from 0"),
    "large": (row(256), "is 256; pixels"),
    "very large": (row(10**400), "more than thirty digits; pixels"),
    "flat": (json.dumps({"instances": [[0] * 784]}), "a list of 784"),
    "ragged": (
        json.dumps({"instances": [picture(), [*picture()[:27], [0] * 27]]}),
        "Row 27 of picture 1.* a list of 27",
    ),
    "too deep": (json.dumps({"instances": [[[[0]] * 28] * 28]}), "not a whole number"),
    "other names": (json.dumps({"instances": [{"pixels": picture()}]}), 'only input is "images"'),
    "other signature": (json.dumps({"signature_name": "\ud800", "instances": [picture()]}), "no signature"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_bodies_get_a_sentence(server, name):
    import re

    body, expected = BAD[name]
    status, content, _ = ask(server, "POST", PREDICT, body)
    assert status == 400 and set(content) == {"error"}
    assert re.search(expected, content["error"]), content["error"]
    assert content["error"].endswith((".", "]"))


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/etc/passwd", 404),
        ("GET", "/../../etc/passwd", 404),
        ("GET", "/v1/models/..%2f..%2fetc%2fpasswd", 404),
        ("GET", "/v1/models/%00", 404),
        ("GET", "/v1/models/letters", 404),
        ("POST", "/v1/models/letters:predict", 404),
        ("GET", "/v1/models/digits/versions/9", 404),
        ("POST", "/v1/models/digits/versions/x:predict", 404),
        ("POST", "/v1/models/digits:classify", 404),
        ("GET", PREDICT, 405),
        ("DELETE", "/v1/models/digits", 405),
        ("PUT", "/read", 405),
        ("NONSENSE", "/", 405),
    ],
)
def test_wrong_addresses_and_methods(server, method, path, status):
    found, content, headers = ask(server, method, path)
    assert found in ((404, 405) if path.endswith("classify") else (status,)) and content["error"].endswith(".")
    assert found != 405 or headers["allow"]


def bomb(side=30_000):
    """A PNG of a few kilobytes that says it has 900 million pixels."""

    def chunk(kind, content):
        return len(content).to_bytes(4, "big") + kind + content + zlib.crc32(kind + content).to_bytes(4, "big")

    head = side.to_bytes(4, "big") * 2 + bytes([8, 0, 0, 0, 0])
    data = chunk(b"IDAT", zlib.compress(bytes(10_000_000)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + data + chunk(b"IEND", b"")


def blank():
    kept = BytesIO()
    Image.new("L", (60, 60), 255).save(kept, "PNG")
    return kept.getvalue()


@pytest.mark.parametrize("body", [b"", b"no picture", bomb(), blank(), sample_page().read_bytes()[:3000]])
def test_bad_pictures_get_a_sentence(server, body):
    status, content, _ = ask(server, "POST", "/read", body)
    assert status == 400 and content["error"].endswith(".")


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"--x--"),
        ("multipart/form-data; boundary=x", b"nothing of the kind"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n'),
        (
            "multipart/form-data; boundary=x; charset=none",
            b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--\r\n",
        ),
    ],
)
def test_bad_forms_get_a_sentence(server, kind, body):
    status, content, _ = ask(server, "POST", "/read", body, {"content-type": kind})
    assert status == 400 and content["error"]


def test_large_bodies_are_refused_and_the_connection_goes_on(server):
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    for body in (b" " * 100_000_000, iter([b" " * 1_000_000] * 20)):
        line.request("POST", PREDICT, body)
        answer = line.getresponse()
        assert answer.status == 413 and "at most 5 MB" in json.loads(answer.read())["error"]
    many = json.dumps({"instances": [[]] * 2000})
    assert ask(server, "POST", PREDICT, many)[0] == 413
    assert ask(server, "POST", PREDICT, "{}", {"content-encoding": "gzip"})[0] == 415
    line.close()


def raw(server, content, seconds=5):
    """Send bytes as they are; what comes back until the other side closes."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=seconds) as line:
        line.sendall(content)
        found = b""
        while part := line.recv(65_536):
            found += part
        return found


@pytest.mark.parametrize("content", [b"\x16\x03\x01\x02\x00\x01\x00\n\r\n", b"GET / HTTP/9\r\n\r\n", b"A" * 100_000])
def test_what_is_not_http_gets_a_sentence(server, content):
    found = raw(server, content)
    assert found.startswith(b"HTTP/1.1 400") and b'{"error":' in found


def test_slow_heads_and_bodies_are_cut_off(monkeypatch):
    monkeypatch.setattr(protocol, "SECONDS", 0.3)
    monkeypatch.setattr(intake.Intake.__init__, "__defaults__", (0.3, intake.TOTAL))
    server = serve.start(Strips())
    begun = time.monotonic()
    assert raw(server, b"GET / HTT").startswith(b"HTTP/1.1 408")
    assert raw(server, b"").startswith(b"HTTP/1.1 408")
    head = b"POST /v1/models/digits:predict HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n\r\n{"
    assert raw(server, head).startswith(b"HTTP/1.1 408")
    assert time.monotonic() - begun < 5
    server.stop()


def test_too_many_connections_get_503(monkeypatch):
    monkeypatch.setattr(protocol, "CONNECTIONS", 3)
    server = serve.start(Strips())
    lines = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(3)]
    wait_until(lambda: len(server.server.server_state.connections) == 3)
    found = raw(server, b"")
    assert found.startswith(b"HTTP/1.1 503") and b"retry-after: 1" in found.lower()
    for line in lines:
        line.close()
    wait_until(lambda: not server.server.server_state.connections)
    assert ask(server, "GET", "/healthz")[0] == 200
    server.stop()


def test_bodies_share_a_limit_and_give_it_back():
    class Request:
        def __init__(self, *parts):
            self.parts, self.headers = parts, {}

        async def stream(self):
            for part in self.parts:
                yield part

    async def check():
        room = intake.Intake(total=10)
        assert await room.take(Request(b"1234", b"5678"), 100) == b"12345678"
        with pytest.raises(Refused) as refused:
            await room.take(Request(b"1", b"234"), 100)
        assert refused.value.status == 503 and refused.value.headers["retry-after"] == "1"
        assert room.held == 8
        room.release([b"12345678"])
        assert room.held == 0

    asyncio.run(check())


def test_too_many_photos_get_503(server, monkeypatch):
    monkeypatch.setattr(photos, "WAITING", 0)
    status, content, headers = ask(server, "POST", "/read", blank())
    assert status == 503 and headers["retry-after"] == "1" and content["error"]


def test_a_photo_that_takes_too_long_is_given_up_and_the_next_is_read(server, monkeypatch):
    noise = np.random.default_rng(0).integers(0, 256, (1000, 1000), dtype=np.uint8)
    kept = BytesIO()
    Image.fromarray(noise).save(kept, "PNG")
    monkeypatch.setattr(scanner, "SECONDS", 0.05)
    status, content, _ = ask(server, "POST", "/read", kept.getvalue())
    assert status == 413 and "too long" in content["error"]
    monkeypatch.undo()
    assert ask(server, "POST", "/read", sample_page().read_bytes())[1]["text"]


# Batches


class Shelf:
    def __init__(self, read):
        self.network = Network(read, list("0123456789"))


async def with_batcher(read, use, **limits):
    batcher = Batcher(Shelf(read), **limits)
    task = asyncio.create_task(batcher.work())
    try:
        return await use(batcher)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def images_of(*values):
    return np.array(values, np.uint8)[:, None, None] * np.ones((28, 28), np.uint8)


def mean(images):
    return np.repeat(images.mean(axis=(1, 2), keepdims=True)[:, :, 0], 10, axis=1).astype(np.float32)


def test_requests_that_come_together_are_read_together_and_get_their_own():
    async def use(batcher):
        found = await asyncio.gather(*(batcher.read(images_of(k, k + 100)) for k in range(100)))
        assert [part[:, 0].tolist() for part, _ in found] == [[k, k + 100] for k in range(100)]
        assert batcher.pictures == 200 and batcher.batches <= 3 and batcher.waiting == 0

    asyncio.run(with_batcher(mean, use))


def test_a_network_that_fails_does_not_stop_the_others():
    def read(images):
        if images.max() == 13:
            raise RuntimeError("unlucky")
        return np.full((len(images), 10), np.nan) if images.max() == 14 else mean(images)

    async def use(batcher):
        for value in (13, 14):
            with pytest.raises(Refused, match="failed") as refused:
                await batcher.read(images_of(value))
            assert refused.value.status == 503
        assert (await batcher.read(images_of(7)))[0][0, 0] == 7

    asyncio.run(with_batcher(read, use))


def test_overload_is_refused_and_passes():
    go = threading.Event()

    def read(images):
        go.wait(10)
        return mean(images)

    async def use(batcher):
        first = [asyncio.create_task(batcher.read(images_of(k))) for k in range(5)]
        await asyncio.sleep(0.05)
        with pytest.raises(Refused) as refused:
            await batcher.read(images_of(9))
        assert refused.value.status == 503
        first[0].cancel()
        go.set()
        assert [(await one)[0][0, 0] for one in first[1:]] == [1, 2, 3, 4]
        assert (await batcher.read(images_of(9)))[0][0, 0] == 9

    asyncio.run(with_batcher(read, use, waiting=5))


# Versions


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder whose versions are texts: what a network in it reads is one digit, and "broken" is none."""

    def open_network(path, class_names):
        text = (path / "saved_model.pb").read_text()
        if text == "broken":
            raise ServingError("It is broken.")
        return network_of(Always(int(text)), class_names)

    monkeypatch.setattr(versions, "open_network", open_network)
    monkeypatch.setattr(versions, "EVERY", 0.05)
    put(tmp_path, 1, 1)
    return tmp_path


class Always:
    input_shape = (None, 28, 28)

    def __init__(self, digit):
        self.digit = digit

    def predict(self, pictures, verbose=0):
        return np.tile(np.eye(10, dtype=np.float32)[self.digit], (len(pictures), 1))


def put(folder, number, text):
    part = folder / f".{number}"
    part.mkdir()
    (part / "saved_model.pb").write_text(str(text))
    part.rename(folder / str(number))


def test_a_new_version_takes_over_without_a_failed_request(folder):
    server = serve.start(folder)
    body, found, stop = json.dumps({"instances": [picture()]}), [], threading.Event()

    def press():
        line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        while not stop.is_set():
            line.request("POST", PREDICT, body)
            answer = line.getresponse()
            content = json.loads(answer.read())
            found.append((answer.status, content["predictions"][0]["classes"]))

    presses = [threading.Thread(target=press) for _ in range(3)]
    for one in presses:
        one.start()
    wait_until(lambda: (200, 1) in found)
    put(folder, 2, 2)
    wait_until(lambda: (200, 2) in found)
    put(folder, 3, "broken")
    wait_until(lambda: any("broken" in message for message in server.messages))
    put(folder, 10, 7)
    wait_until(lambda: (200, 7) in found)
    stop.set()
    for one in presses:
        one.join()
    assert set(found) == {(200, 1), (200, 2), (200, 7)}
    states = ask(server, "GET", "/v1/models/digits")[1]["model_version_status"]
    assert [(state["version"], state["state"]) for state in states] == [("10", "AVAILABLE"), ("3", "END")]
    assert states[1]["status"]["error_message"] == "It is broken."
    server.stop()
    assert sum("broken" in message for message in server.messages) == 1, "a broken version is told once"


def test_a_version_that_is_mended_is_loaded(folder):
    put(folder, 2, "broken")
    shelf = versions.Shelf.open(versions.Source(folder), lambda sentence: None)
    assert shelf.network.version == 1 and 2 in shelf.errors
    (folder / "2" / "saved_model.pb").write_text("22"[:1])
    shelf.renew()
    assert shelf.network.version == 1, "its files may still be on their way"
    shelf.renew()
    assert shelf.network.version == 2 and not shelf.errors


def test_a_version_that_is_taken_away_gives_way_to_the_one_before(folder):
    put(folder, 2, 2)
    shelf = versions.Shelf.open(versions.Source(folder), lambda sentence: None)
    (folder / "2").rename(folder / "kept")
    shelf.renew()
    shelf.renew()
    assert shelf.network.version == 1
    (folder / "1").rename(folder / "kept too")
    shelf.renew()
    shelf.renew()
    assert shelf.network.version == 1, "with nothing left, it goes on"


def test_nothing_to_serve_is_said(tmp_path, folder):
    with pytest.raises(ServingError, match="is not there"):
        versions.Source(tmp_path / "none")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ServingError, match="holds no network"):
        versions.Source(tmp_path / "empty")
    (folder / "1" / "saved_model.pb").write_text("broken")
    with pytest.raises(ServingError, match="It is broken"):
        versions.Shelf.open(versions.Source(folder))


# Starting and stopping


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
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(Problem, match="cannot be had"):
        serve.start(Strips(), port=taken.getsockname()[1])
    for wrong in ({"port": -1}, {"port": "8000"}, {"port": True}, {"host": "no such host"}, {"name": "a/b"}):
        with pytest.raises(Problem, match=r"[.]$"):
            serve.start(Strips(), **wrong)
    with pytest.raises(Problem, match="3 class names"):
        serve.start(Strips(), class_names="abc")
    with pytest.raises(Problem, match="784 numbers"):
        serve.start(object())


def test_serve_in_a_notebook_says_what_to_use():
    async def cell():
        serve.serve("my_work")

    with pytest.raises(Problem, match="use start"):
        asyncio.run(cell())


def test_a_missing_package_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(Problem, match="pip install fastapi python-multipart uvicorn"):
        serve.start(Strips())


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to catch")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_on_a_signal_with_the_requests_answered(number):
    script = """
import time
from test_serve import Strips
from handwriting import serve
from handwriting.server.network import network_of
from handwriting.server.versions import Shelf

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
    script = "import handwriting.serve, handwriting.serving, sys; print({'tensorflow', 'fastapi'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True).stdout.strip() == "set()"


# Odd requests


def odd_body(generator):
    """A request's body, broken in one way or another, or whole."""
    good = json.dumps({"instances": [picture(int(generator.integers(9)))]}).encode()
    act = generator.integers(8)
    if act == 0:
        return good
    if act == 1:
        return good[: generator.integers(len(good))]
    if act == 2:
        return bytes(generator.integers(0, 256, generator.integers(0, 3000), np.uint8))
    if act == 3:
        odd = [None, True, -1, 256, 0.5, "x", [], {}, 10**40, float("nan"), [[0] * 28], "\ud800"]
        content = json.loads(good)
        content["instances"][0][generator.integers(28)][generator.integers(28)] = odd[generator.integers(len(odd))]
        return json.dumps(content).encode()
    if act == 4:
        shape = generator.integers(0, 30, generator.integers(0, 4))
        return json.dumps({"instances": np.zeros(shape, int).tolist()}).encode()
    if act == 5:
        words = ["instances", "inputs", "images", "signature_name", ""]
        content = {words[generator.integers(5)]: json.loads(good)["instances"] for _ in range(generator.integers(3))}
        return json.dumps(content).encode()
    content = bytearray(good)
    for _ in range(generator.integers(1, 6)):
        place = int(generator.integers(len(content)))
        content[place] = b'[]{}",:e-.0\x00\xff'[generator.integers(13)]
    return bytes(content)


def odd_photo(generator):
    """A picture's bytes, damaged, perhaps in a form that may be damaged as well."""
    content = bytearray(sample_page().read_bytes() if generator.random() < 0.02 else blank())
    for _ in range(generator.integers(0, 4)):
        content[generator.integers(len(content))] = generator.integers(256)
    if generator.random() < 0.5:
        return bytes(content), {"content-type": "image/png"}
    form = bytearray(
        b'--x\r\nContent-Disposition: form-data; name="f"; filename="p"\r\n\r\n' + content + b"\r\n--x--\r\n"
    )
    for _ in range(generator.integers(0, 3)):
        form[generator.integers(min(len(form), 100))] = generator.integers(256)
    return bytes(form), {"content-type": ("multipart/form-data; boundary=x", "multipart/x")[generator.integers(2)]}


def odd_request(generator):
    """Method, address, body and headers of a request that may be wrong anywhere."""
    posts, gets = (PREDICT, PREDICT, PREDICT, "/read"), ("/v1/models/digits", "/", "/docs", "/openapi.json", "/healthz")
    paths = (*posts, *posts, *gets)
    path = paths[generator.integers(len(paths))]
    method = "POST" if path in posts else "GET"
    if generator.random() < 0.1:
        method = ("POST", "GET", "PUT", "HEAD", "OPTIONS", "DELETE")[generator.integers(6)]
    if path == "/read":
        body, headers = odd_photo(generator)
    else:
        body, headers = odd_body(generator), {}
    if generator.random() < 0.15:
        place = generator.integers(len(path))
        path = (
            "/"
            + path[:place]
            + ("%00", "..", "//", "%ff", "?a=%", "#", "{}", "%2e%2e/")[generator.integers(8)]
            + path[place:]
        )
    if generator.random() < 0.1:
        names = ("content-type", "content-encoding", "expect", "accept", "range", "upgrade", "connection", "x" * 300)
        values = (
            "multipart/form-data",
            "gzip",
            "100-continue",
            "websocket",
            "\xff",
            "upgrade",
            "bytes=0-",
            "close",
            "",
        )
        headers[names[generator.integers(len(names))]] = values[generator.integers(len(values))]
    return method, path, body if method in ("POST", "PUT") else None, headers


def press_raw(port, generator):
    """Send a request with a damaged head; returns what came back as far as the status."""
    content = bytearray(b"POST /read HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: x\r\n\r\nabc")
    for _ in range(generator.integers(1, 6)):
        content[generator.integers(len(content))] = generator.integers(256)
    with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
        line.sendall(content)
        line.shutdown(socket.SHUT_WR)
        try:
            answer = line.recv(65_536)
        except ConnectionError:
            answer = b""
    return int(answer[9:12]) if answer else "no answer"


def press_odd(port, seed, count, found):
    """Send odd requests on one connection; count the statuses, and keep what must not be."""
    generator = np.random.default_rng(seed)
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    for _ in range(count):
        if generator.random() < 0.05:
            found[press_raw(port, generator)] += 1
            continue
        request = odd_request(generator)
        try:
            line.request(*request)
            answer = line.getresponse()
            content = answer.read()
        except (http.client.BadStatusLine, ConnectionError):
            line.close()  # a damaged request may close its connection, but only this one
            found["closed"] += 1
            continue
        found[answer.status] += 1
        told = request[0] == "HEAD" or answer.status < 400 or "error" in json.loads(content)
        if answer.status == 500 or not told:
            found[f"{request[:2]}: {content[:200]}"] += 1


def test_odd_requests_are_all_answered(server):
    found = Counter()
    press_odd(server.port, 1, 500, found)
    assert {kind for kind in found if isinstance(kind, str)} <= {"closed", "no answer"}
    assert found[500] == found["closed"] == 0 and found[200] > 20 and found[400] > 50
    assert ask(server, "GET", "/healthz")[0] == 200


def main(count):
    """Odd requests from four connections at once, with the memory of the server, which is a process of its own."""
    import psutil

    script = "from test_serve import *; s = serve.start(); print(s.port, flush=True); s.thread.join()"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd="tests") as process:
        port, found = int(process.stdout.readline()), Counter()
        for part in range(10):
            presses = [
                threading.Thread(target=press_odd, args=(port, 4 * part + k, count // 40, found)) for k in range(4)
            ]
            for one in presses:
                one.start()
            for one in presses:
                one.join()
            memory = psutil.Process(process.pid).memory_info().rss / 1e6
            print(f"{(part + 1) * count // 10:,} requests, {memory:.0f} MB: {dict(found)}", flush=True)
        process.kill()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
