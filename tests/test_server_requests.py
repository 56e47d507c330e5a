"""What the server answers, and what it refuses."""

import asyncio
import http.client
import json
import socket
import subprocess
import sys
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO
from types import SimpleNamespace

import numpy as np
import psutil
import pytest
from asking import PREDICT, Strips, ask, blank, picture, raw, wait_until
from PIL import Image

from handwriting import scan
from handwriting.scan.drawings import sample_page
from workshop.serve import about, intake, photos, protocol, scanner
from workshop.serve import running as serve
from workshop.serve.refused import Refused

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


# What goes wrong in the server itself


def test_a_photo_process_that_dies_is_told_as_that_and_started_again(server):
    page = sample_page().read_bytes()
    assert ask(server, "POST", "/read", page)[0] == 200
    process = next(child for child in psutil.Process().children() if "workshop.serve.scanner" in str(child.cmdline()))
    process.suspend()  # so that it is working on the picture when it dies
    asked = ThreadPoolExecutor(1).submit(ask, server, "POST", "/read", page)
    time.sleep(0.2)
    process.kill()
    status, content, _ = asked.result(20)
    assert status == 503 and "failed" in content["error"] and "too long" not in content["error"]
    assert "The process that reads photos ended (status -9)" in server.messages[-1]
    assert ask(server, "POST", "/read", page)[1]["text"]


def test_photos_are_read_where_a_students_module_has_the_name_of_pythons(tmp_path, monkeypatch):
    (tmp_path / "random.py").write_text("raise RuntimeError('a student wrote this')")
    monkeypatch.chdir(tmp_path)
    finder = scanner.Scanner()
    assert len(finder.find(sample_page().read_bytes())[0]) == 10
    finder.close()


def test_a_picture_that_breaks_its_reader_is_refused_and_told(monkeypatch):
    monkeypatch.setattr(scan, "find_digits", lambda content: 1 / 0)
    assert scanner.answer(b"any") == {"failed": "ZeroDivisionError: division by zero"}
    said = []
    finder = scanner.Scanner(said.append)
    finder.process = subprocess.Popen(
        [sys.executable, "-c", 'print(\'{"failed": "E"}\', flush=True); input()'],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with pytest.raises(Refused, match="PNG or JPEG"):
        finder.find(b"any")
    finder.close()
    assert said == ["A photo could not be read: E"]


def test_a_failure_is_told_in_the_log_with_its_place(monkeypatch):
    said = []
    shelf = serve.open_shelf(Strips(), None, said.append)
    running = serve.Running(serve.make_server(shelf, "digits"), serve.listen("127.0.0.1", 0), said)
    monkeypatch.setattr(about, "states", lambda shelf: 1 / 0)
    status, content, _ = ask(running, "GET", "/v1/models/digits")
    assert status == 500 and content["error"] == "The server failed. Its log says why."
    assert "GET /v1/models/digits" in said[-1] and "ZeroDivisionError" in said[-1]
    running.server.config.app.state.work.get_loop().call_soon_threadsafe(running.server.config.app.state.work.cancel)
    wait_until(lambda: ask(running, "GET", "/healthz")[0] == 503)
    running.stop()


def test_who_takes_no_answers_is_cut_off(server, monkeypatch):
    monkeypatch.setattr(protocol, "SECONDS", 0.3)
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.connect(("127.0.0.1", server.port))
        line.settimeout(20)
        request = b"GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n"
        with pytest.raises(ConnectionError):
            for _ in range(1000):
                line.sendall(request * 20)  # and never read
                time.sleep(0.01)
    wait_until(lambda: not running_connections(server))


def running_connections(server):
    return [one for one in server.server.server_state.connections if not one.idle()]


def test_a_pinned_version_that_was_replaced_meanwhile_does_not_answer():
    shelf = serve.open_shelf(Strips(), None, print)
    running = serve.Running(serve.make_server(shelf, "digits"), serve.listen("127.0.0.1", 0), [])
    batcher = running.server.config.app.state.batcher
    first, batcher.shelf = shelf.network, SimpleNamespace(network=replace(shelf.network, version=2), say=print)
    body = json.dumps({"instances": [picture()]})
    status, content, _ = ask(running, "POST", "/v1/models/digits/versions/1:predict", body)
    assert first.version == 1 and status == 404 and "version 2 does" in content["error"]
    assert ask(running, "POST", f"{PREDICT}?version=7", body)[0] == 200
    running.stop()


def test_a_page_is_asked_for_each_time(server):
    assert ask(server, "GET", "/")[2]["cache-control"] == "no-cache"


@pytest.mark.parametrize(("version", "status"), [("1", 200), ("2", 404), ("x", 404)])
def test_the_state_of_one_version(server, version, status):
    found, content, _ = ask(server, "GET", f"/v1/models/digits/versions/{version}")
    assert found == status
    assert status == 404 or [state["version"] for state in content["model_version_status"]] == ["1"]
