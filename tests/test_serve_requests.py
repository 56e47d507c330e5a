"""What the server answers, and what it refuses."""

import codecs
import contextlib
import http.client
import json
import multiprocessing
import re
import socket
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from types import SimpleNamespace

import numpy as np
import pytest
import serve_helpers
from conftest import other_machines
from odd_files import png
from odd_requests import PREDICT, OddRequests, blank, image
from PIL import Image
from serve_helpers import Strips, ask, instances, raw, wait_until

from handwriting.scan.drawings import sample_page
from workshop.serve import addresses as addresses_module
from workshop.serve import batching, photos, request_bodies
from workshop.serve.addresses import own_address, qr_code, qr_text, url_for_others
from workshop.serve.app import with_links
from workshop.serve.model_repository import ModelRepository

# What it answers


@pytest.mark.parametrize("path", [PREDICT, "/v1/models/digits/versions/1:predict"])
def test_it_predicts_as_tensorflow_serving_does_in_rows(server, path):
    status, content, _ = ask(server, "POST", path, instances(2, 7))
    assert status == 200
    assert [row["classes"] for row in content["predictions"]] == [2, 7]
    assert [row["names"] for row in content["predictions"]] == ["2", "7"]
    assert content["predictions"][1]["probabilities"][7] == pytest.approx(1, abs=1e-3)
    named = {"instances": [{"images": image(2)}, {"images": image(7)}], "signature_name": "serving_default"}
    assert ask(server, "POST", path, json.dumps(named))[1] == content


def test_it_predicts_in_columns(server):
    status, content, _ = ask(server, "POST", PREDICT, json.dumps({"inputs": [image(4), image(1)]}))
    assert status == 200
    assert content["outputs"]["classes"] == [4, 1] and content["outputs"]["names"] == ["4", "1"]
    assert np.shape(content["outputs"]["probabilities"]) == (2, 10)
    named = {"inputs": {"images": [image(4), image(1)]}}
    assert ask(server, "POST", PREDICT, json.dumps(named))[1] == content


@pytest.mark.parametrize("path", ["/v1/models/digits", "/v1/models/digits/versions/1"])
def test_it_states_its_version(server, path):
    state = {"version": "1", "state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}
    assert ask(server, "GET", path)[:2] == (200, {"model_version_status": [state]})
    assert ask(server, "GET", "/healthz")[:2] == (200, {"status": "ok", "model": "digits", "version": "1"})


def form(content):
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="page.jpg"\r\n\r\n'
    return head + content + b"\r\n--x--\r\n", {"content-type": "multipart/form-data; boundary=x"}


def test_it_reads_a_photo_as_a_form_and_as_it_is(server):
    photo = sample_page().read_bytes()
    status, content, _ = ask(server, "POST", "/read", photo, {"content-type": "image/jpeg"})
    assert status == 200 and len(content["digits"]) == len(content["text"]) == 10
    left, top, right, bottom = content["digits"][3]["box"]
    assert 0 <= left < right <= 1000 and 0 <= top < bottom <= 260
    first = content["digits"][0]
    assert first["name"] == str(first["class"]) and first["probability"] == max(first["probabilities"])
    assert [digit["looks_like_digit"] for digit in content["digits"]] == [True] * 10
    assert ask(server, "POST", "/read", *form(photo))[1] == content


def test_pages_need_no_network_and_are_asked_for_each_time(server):
    for path in ("/", "/photo", "/qr", "/docs"):
        status, text, _ = ask(server, "GET", path)
        assert status == 200 and text.startswith("<!DOCTYPE html>")
        assert "src=" not in text and 'href="http' not in text
    assert f"curl -F file=@page.jpg http://127.0.0.1:{server.port}/read" in text
    paths = set(ask(server, "GET", "/openapi.json")[1]["paths"])
    assert {PREDICT, "/v1/models/digits", "/read", "/healthz"} <= paths and all(path in text for path in paths)
    assert ask(server, "GET", "/")[2]["cache-control"] == "no-cache"


def test_no_client_chooses_how_a_form_is_decoded(server):
    asked, (body, headers) = [], form(sample_page().read_bytes())
    codecs.register(search := asked.append)
    headers["content-type"] += "; charset=clients-own"
    body = b'--x\r\nContent-Disposition: form-data; name="note"\r\n\r\nmine\r\n' + body
    assert ask(server, "POST", "/read", body, headers)[0] == 200 and "clients_own" not in asked
    codecs.unregister(search)


def test_a_person_with_a_photo_gets_a_page(server):
    body, headers = form(sample_page().read_bytes())
    text = ask(server, "POST", "/read", body, headers | {"accept": "text/html,*/*;q=0.8"})[1]
    expected = ask(server, "POST", "/read", body, headers)[1]["text"]
    assert f"It reads: <strong><bdi>{expected}</bdi></strong>" in text and text.count("<li>") == len(expected)


def test_the_drawing_page_leads_to_photos_and_to_the_api():
    text = with_links("<main>pad</main><script>'</main>'</script>")
    assert 'href="photo"' in text.partition("</main>")[0] and text.count('href="docs"') == 1


@pytest.mark.parametrize(
    ("base", "host", "expected"),
    [
        ("http://localhost:8000/", "127.0.0.1", ""),
        ("http://[::1]:8000/", "::1", ""),
        ("http://localhost:8000/", "192.0.2.7", "http://192.0.2.7:8000"),
        ("http://127.0.0.1:8000/", "0.0.0.0", f"http://{own_address()}:8000"),
        ("https://hub.example/digits/", "127.0.0.1", "https://hub.example/digits"),
    ],
)
def test_a_qr_code_leads_other_devices_here(base, host, expected):
    assert url_for_others(base, host, 8000) == expected


@pytest.mark.parametrize(
    ("addresses", "found"), [(["127.0.0.1"], ""), (["127.0.0.1", "169.254.3.4", "192.0.2.9"], "http://192.0.2.9:8000")]
)
def test_without_a_way_out_the_address_is_an_interfaces_or_none(monkeypatch, addresses, found):
    def no_route(*arguments):
        raise OSError

    interface = [SimpleNamespace(family=socket.AF_INET, address=address) for address in addresses]
    monkeypatch.setattr(addresses_module.socket, "socket", no_route)
    monkeypatch.setattr(addresses_module.psutil, "net_if_addrs", lambda: {"lo": interface})
    monkeypatch.setattr(addresses_module.psutil, "net_if_stats", lambda: {"lo": SimpleNamespace(isup=True)})
    assert url_for_others("http://localhost:8000/", "0.0.0.0", 8000) == found


def test_the_address_behind_a_proxy_is_the_proxys(server):
    name = socket.gethostname()
    assert f"https://{name}" in ask(server, "GET", "/qr", headers={"Host": name, "X-Forwarded-Proto": "https"})[1]


def test_a_terminal_shows_the_qr_code():
    pytest.importorskip("segno")
    rows = [list(row) for row in qr_code("http://192.0.2.7:8000").matrix_iter(border=2)]
    lines = qr_text("http://192.0.2.7:8000").split("\n")
    halves = {"█": (0, 0), "▀": (0, 1), "▄": (1, 0), " ": (1, 1)}
    shown = [[halves[letter][half] for letter in line] for line in lines for half in (0, 1)]
    assert shown[: len(rows)] == rows


# What it refuses


def pixel(value):
    return json.dumps({"instances": [[[value] * 28] * 28]})


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("", "Invalid JSON"),
        (b'{"instances": "\xff"}', "Invalid JSON"),
        (zlib.compress(b"{}"), "Invalid JSON"),
        ("[" * 1000, "Invalid JSON"),
        ('{"x": [' + "[]," * 1_600_000 + "0]}", "too many lists"),
        ('{"instances": [' + "9" * 5000 + "]}", "Invalid JSON"),
        ("[1]", "an object"),
        ('{"instances": null}', "Either"),
        (json.dumps({"instances": [image()], "inputs": [image()]}), "Either"),
        ('{"instances": []}', "at least 1 item"),
        (json.dumps({"instances": [image()] * 1025}), "at most 1024 items"),
        ('{"instances": 5}', "^instances: .* valid array"),
        (pixel(float("nan")), "valid integer"),
        (pixel(0.5), "valid integer.*not scaled"),
        (pixel("5"), "valid integer"),
        (pixel(True), "valid integer"),
        (pixel([0]), "valid integer"),
        (pixel(-1), "greater than or equal to 0"),
        (pixel(256), "less than or equal to 255"),
        (pixel(10**400), "less than or equal to 255"),
        (json.dumps({"instances": [[0] * 784]}), r"instances\[0\]"),
        (json.dumps({"instances": [image(), [*image()[:27], [0] * 27]]}), r"instances\[1\]\[27\]: .* 28 items"),
        (json.dumps({"instances": [image(), {"image": image()}]}), r"instances\[1\]: .*\"images\""),
        (json.dumps({"inputs": {"image": [image()]}}), r"inputs: .*\"images\""),
        (json.dumps({"signature_name": "x", "instances": [image()]}), "signature_name: .*'serving_def"),
    ],
)
def test_bad_bodies_get_a_sentence(server, body, expected):
    status, content, _ = ask(server, "POST", PREDICT, body)
    assert status == 400 and set(content) == {"error"}
    assert re.search(expected, content["error"]), content["error"]
    assert content["error"].endswith(".") and len(content["error"]) < 300


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/models/..%2f..%2fetc%2fpasswd", 404),
        ("GET", "/v1/models/letters", 404),
        ("GET", "/v1/models/digits/versions/9", 404),
        ("GET", "/v1/models/digits/versions/" + "9" * 5000, 404),
        ("GET", "/v1/models/digits/versions/x", 404),
        ("POST", "/v1/models/digits:classify", 404),
        ("GET", PREDICT, 405),
        ("DELETE", "/v1/models/digits", 405),
        ("NONSENSE", "/", 405),
    ],
)
def test_wrong_addresses_and_methods(server, method, path, status):
    found, content, headers = ask(server, method, path)
    assert found == status and content["error"].endswith(".") and (found != 405 or headers["allow"])


@pytest.mark.parametrize("path", ["/", "/docs", "/healthz", "/v1/models/digits", "/openapi.json", "/none", PREDICT])
def test_head_is_answered_as_get_without_the_body(server, path):
    (status, _, headers), (found, content, others) = (ask(server, method, path) for method in ("GET", "HEAD"))
    assert (status, headers["content-length"]) == (found, others["content-length"]) and content == ""


@pytest.mark.parametrize("path", ["/", "/docs", "/none"])
def test_no_other_page_shows_this_one_in_a_frame(server, path):
    headers = ask(server, "GET", path)[2]
    assert headers["x-frame-options"] == "DENY" and "frame-ancestors 'none'" in headers["content-security-policy"]


def test_another_version_is_refused(server):
    status, content, _ = ask(server, "POST", "/v1/models/digits/versions/2:predict", instances(1))
    assert status == 404 and content["error"] == "This version is not served; version 1 is."


@pytest.mark.parametrize("body", [b"", b"no photo", png(30_000, 30_000), blank(), sample_page().read_bytes()[:3000]])
def test_bad_photos_get_a_sentence(server, body):
    status, content, _ = ask(server, "POST", "/read", body)
    assert status == 400 and content["error"].endswith(".")


def test_capital_letters_in_the_kind_of_a_form_mean_nothing(server):
    body, headers = form(sample_page().read_bytes())
    headers["content-type"] = headers["content-type"].replace("multipart/form-data", "Multipart/Form-Data")
    assert ask(server, "POST", "/read", body, headers)[0] == 200


PART = b'--x\r\nContent-Disposition: form-data; name="a"'


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"--x--"),
        ("multipart/form-data; boundary=x", b"nothing of the kind"),
        (r'multipart/form-data; boundary="x\"; charset=\"punycode"', b"--x--"),
        ("multipart/form-data; boundary=x", PART + b"\r\n\r\n1\r\n--x--\r\n"),
        ("multipart/form-data; boundary=x", 2 * (PART + b'; filename="p"\r\n\r\n1\r\n') + b"--x--\r\n"),
        ("multipart/form-data; boundary=x; charset=none", PART + b"\r\n\r\n1\r\n--x--\r\n"),
        ("multipart/form-data; boundary=x", PART + b"\r\n\r\n" + 70_000 * b"1" + b"\r\n" + form(b"")[0]),
    ],
)
def test_bad_forms_get_a_sentence(server, kind, body):
    status, content, _ = ask(server, "POST", "/read", body, {"content-type": kind})
    assert status == 400 and "file" in content["error"]


def test_others_are_answered_while_a_form_is_taken_apart(server, monkeypatch):
    begun, go, read = threading.Event(), threading.Event(), request_bodies.Request.form

    def form_of(self, **options):
        begun.set()
        go.wait(20)
        return read(self, **options)

    monkeypatch.setattr(request_bodies.Request, "form", form_of)
    with ThreadPoolExecutor() as clients:
        found = clients.submit(ask, server, "POST", "/read", *form(sample_page().read_bytes()))
        assert begun.wait(20) and ask(server, "GET", "/healthz", timeout=10)[0] == 200
        go.set()
        assert found.result()[0] == 200


def test_others_are_answered_while_images_are_read_one_body_of_a_machine_after_the_other(server, monkeypatch):
    begun, go, read = threading.Semaphore(0), threading.Event(), request_bodies.images_in

    def images_in(body):
        begun.release()
        go.wait(20)
        return read(body)

    monkeypatch.setattr(request_bodies, "images_in", images_in)
    with ThreadPoolExecutor() as clients:
        found = [clients.submit(ask, server, "POST", PREDICT, instances(*[1] * 40)) for _ in range(3)]
        assert begun.acquire(timeout=20) and ask(server, "GET", "/healthz", timeout=10)[0] == 200
        assert not begun.acquire(timeout=0.2)
        go.set()
        assert [one.result()[0] for one in found] == [200] * 3


@pytest.mark.parametrize(("path", "most"), [(PREDICT, 5), ("/read", 16)])
def test_large_bodies_are_refused_and_the_connection_goes_on(server, path, most):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    for body in (b" " * 50_000_000, iter([b" " * 1_000_000] * 20)):  # with its length, and in chunks
        connection.request("POST", path, body)
        response = connection.getresponse()
        assert response.status == 413 and f"at most {most} MB" in json.loads(response.read())["error"]
    connection.request("POST", PREDICT, instances(3))
    assert connection.getresponse().status == 200
    connection.close()


HALF = b"POST /v1/models/digits:predict HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 192.0.2.7\r\n"
HALF += b"Content-Length: 12000\r\n\r\n{"  # from the machine itself, whatever it says


@other_machines
def test_many_bodies_at_once_get_503_and_pass_and_no_machine_takes_all_room(server, monkeypatch):
    monkeypatch.setattr(request_bodies, "ALL_BODIES", 40_000)
    machines = ["127.0.0.1", "127.0.0.2", "127.0.0.3"]

    def status(machine, images=4):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, source_address=(machine, 0))
        with contextlib.closing(connection):
            connection.request("POST", PREDICT, instances(*range(images)))  # 9 KB, or 2 for one
            return connection.getresponse().status

    with contextlib.ExitStack() as lines:
        for one, other in zip(machines, machines[1:], strict=False):
            line = socket.create_connection(("127.0.0.1", server.port), source_address=(one, 0))
            lines.enter_context(line).sendall(HALF + b" " * 11_000)
            wait_until(lambda one=one: status(one) == 503)
            assert status(other, images=1) == 200
    wait_until(lambda: status(machines[0]) == 200)


@pytest.mark.parametrize("content", [b"\x16\x03\x01\x02\x00\x01\x00\n\r\n", b"GET / HTTP/9\r\n\r\n", b"A" * 100_000])
def test_what_is_not_http_is_refused(server, content):
    assert raw(server, content).startswith(b"HTTP/1.1 400")


def test_too_long_a_head_is_refused_also_if_it_comes_at_once(server):
    answer = raw(server, b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX: " + b"a" * 20_000 + b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 431") and b"at most 16 KB" in answer


@pytest.mark.parametrize("close", [b"Connection: close\r\n", b""])
def test_a_client_that_says_it_sends_no_more_gets_its_answer(server, close):
    with socket.create_connection(("127.0.0.1", server.port), 10) as line:
        line.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n" + close + b"\r\n")
        line.shutdown(socket.SHUT_WR)
        assert line.recv(20).startswith(b"HTTP/1.1 200")
        while line.recv(1000):  # until the server closes, at once
            pass


def test_a_client_that_leaves_is_no_failure(server):
    before = len(server.messages)
    with socket.create_connection(("127.0.0.1", server.port)) as line:
        line.sendall(HALF)
    wait_until(lambda: not server.server.server_state.tasks)
    assert ask(server, "POST", PREDICT, instances(1))[0] == 200 and len(server.messages) == before


@pytest.mark.parametrize(
    ("module", "path", "body", "normal"), [(batching, PREDICT, instances(1), 200), (photos, "/read", blank(), 400)]
)
def test_too_much_at_once_gets_503_and_passes(server, monkeypatch, module, path, body, normal):
    with monkeypatch.context() as patch:
        patch.setattr(module, "WAITING", 0)
        status, content, headers = ask(server, "POST", path, body)
        assert status == 503 and headers["retry-after"] == "1" and content["error"].endswith("Try again in a second.")
    assert ask(server, "POST", path, body)[0] == normal


# What goes wrong with a photo, or in the server itself


def read_page(server):
    return ask(server, "POST", "/read", sample_page().read_bytes())


def test_a_photo_that_takes_too_long_is_given_up_and_the_next_is_read(server, monkeypatch):
    noise = np.random.default_rng(0).integers(0, 256, (1000, 1000), dtype=np.uint8)
    file = BytesIO()
    Image.fromarray(noise).save(file, "PNG")
    assert read_page(server)[0] == 200
    with monkeypatch.context() as patch:
        patch.setattr(photos, "TIMEOUT", 0.05)
        status, content, _ = ask(server, "POST", "/read", file.getvalue())
        assert status == 413 and "too long" in content["error"]
    assert read_page(server)[1]["text"]


def test_a_photo_process_that_dies_is_started_again(server, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(photos, "find_digits", serve_helpers.die)
        status, content, _ = read_page(server)
        assert status == 503 and "stopped" in content["error"]
    assert read_page(server)[1]["text"]
    for process in multiprocessing.active_children():  # it can die between two photos, too
        process.kill()
        process.join()
    wait_until(lambda: read_page(server)[0] == 200)


def test_it_is_not_healthy_with_a_network_that_fails(server, monkeypatch):
    monkeypatch.setattr(Strips, "predict", lambda self, images, verbose: 1 / 0)
    status, content, _ = ask(server, "GET", "/healthz")
    assert status == 503 and "failed" in content["error"]
    assert server.messages[-1] == "The network failed (ZeroDivisionError: division by zero)."


def test_a_failure_is_logged_with_its_place(server, monkeypatch):
    monkeypatch.setattr(ModelRepository, "status", lambda self: 1 / 0)
    status, content, _ = ask(server, "GET", "/v1/models/digits")
    assert status == 500 and content["error"] == "The server failed. Its log has the reason."
    assert "GET /v1/models/digits" in server.messages[-1] and "ZeroDivisionError" in server.messages[-1]


def test_odd_requests_are_all_answered(server):
    found = OddRequests(1).send(server.port, 250)
    assert {kind for kind in found if isinstance(kind, str)} <= {"closed", "no answer"}
    assert found[500] == found["closed"] == 0 and found[200] > 10 and found[400] > 25
    assert ask(server, "GET", "/healthz")[0] == 200
