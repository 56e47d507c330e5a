"""Clients that are slow, and clients that stand still."""

import contextlib
import http.client
import socket
import threading
import time

import pytest
from conftest import other_machines
from odd_requests import PREDICT
from serve_helpers import Strips, ask, instances, wait_until

from workshop.serve import connections, model_repository, start
from workshop.serve.network import Network

TIMEOUT = 0.4
PAGE = "x" * 1_500_000


class Slow(Strips):
    """A network that waits until it may go."""

    def __init__(self):
        self.go = threading.Event()
        self.go.set()

    def predict(self, images, verbose="auto"):
        self.go.wait(20)
        return super().predict(images)


@pytest.fixture
def server(monkeypatch):
    """A server with a large page, which gives up after a moment in which less than 10,000 bytes moved."""
    network = Slow()
    monkeypatch.setattr(connections, "TIMEOUT", TIMEOUT)
    monkeypatch.setattr(
        model_repository,
        "network_of",
        lambda model, names: Network(lambda images: network.predict(images.reshape(-1, 784)), list("0123456789"), PAGE),
    )
    running = start()
    running.network = network
    yield running
    running.stop()


def connected(server, content):
    """Return a connection with little room for what is received, over which something was sent."""
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**14)
    line.connect(("127.0.0.1", server.port))
    line.settimeout(20)
    line.sendall(content)
    return line


GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
POST = b"POST %b HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900000\r\n\r\n" % PREDICT.encode()


def test_a_slow_phone_that_reads_steadily_gets_the_whole_page(server):
    with connected(server, GET + b"Connection: close\r\n\r\n") as line:
        begin, found = time.monotonic(), b""
        while part := line.recv(20_000):
            found += part
            time.sleep(len(part) / 1_000_000)
    assert time.monotonic() - begin > 2 * TIMEOUT and found.endswith(PAGE[-1000:].encode())
    assert len(found) > len(PAGE)


def test_a_slow_phone_that_sends_steadily_gets_its_answer(server):
    body = instances(3).encode() + b" " * 800_000
    head = b"POST %b HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % (PREDICT.encode(), len(body))
    with connected(server, head) as line:
        for place in range(0, len(body), 20_000):
            line.sendall(body[place : place + 20_000])
            time.sleep(0.03)
        assert line.recv(100).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    ("content", "more"),
    [
        (b"", b""),  # nothing at all
        (GET, b""),  # half a head
        (GET, b"a"),  # a head that never ends, byte by byte
        (POST, b""),
        (POST, b" "),
        (3 * (GET + b"\r\n"), b""),  # pages that nobody takes
    ],
)
def test_a_client_that_stands_still_is_cut_off(server, content, more):
    with connected(server, content) as line:
        wait_until(lambda: server.server.server_state.connections)

        def is_cut_off():
            with contextlib.suppress(ConnectionError):
                line.sendall(more)
            time.sleep(0.02)
            return not server.server.server_state.connections

        wait_until(is_cut_off, 10)
    assert ask(server, "GET", "/healthz")[0] == 200


def test_who_waits_for_the_network_or_is_idle_is_not_cut_off(server):
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    server.network.go.clear()
    threading.Timer(3 * TIMEOUT, server.network.go.set).start()
    for _ in range(2):
        line.request("POST", PREDICT, instances(5))
        assert line.getresponse().read().startswith(b'{"predictions":[{"classes":5')
        time.sleep(3 * TIMEOUT)
    line.close()


HEALTH = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture
def machine(monkeypatch):
    """Return a function that sends requests from another machine and gives the status of each; they stay connected."""
    monkeypatch.setattr(connections, "CROWDED", 4)
    monkeypatch.setattr(connections, "PER_CLIENT", 2)
    with contextlib.ExitStack() as lines:

        def send(server, number, *requests):
            statuses = []
            for request in requests:
                source = (f"127.0.0.{number}", 0)
                line = socket.create_connection(("127.0.0.1", server.port), 20, source_address=source)
                lines.enter_context(line).sendall(request)
                statuses.append(int(line.recv(12)[-3:]) if request == HEALTH else None)
            return statuses

        yield send


@other_machines
def test_a_class_behind_one_router_is_served_whole(machine):
    server = start(Strips())
    assert machine(server, 2, *12 * [HEALTH]) == 12 * [200]  # those that are idle make room
    wait_until(lambda: len(server.server.server_state.connections) == 4)
    server.stop()


@other_machines
@pytest.mark.parametrize(("proxy", "status"), [((), 503), (("digits.example",), 200)])
def test_one_machine_cannot_take_all_connections(machine, proxy, status):
    server = start(Strips(), allow_hosts=proxy)
    half = HEALTH[:20]  # of a request that never ends
    assert machine(server, 2, half, half, half, half, HEALTH)[-1] == status  # through a proxy, others come, too
    assert machine(server, 3, half, half) and machine(server, 4, HEALTH) == [200]
    assert ask(server, "GET", "/healthz")[0] == 200  # from this machine itself
    server.stop()


def test_a_body_in_chunks_is_read_unless_they_are_tiny(server):
    body, head = instances(4).encode(), POST.replace(b"Content-Length: 900000", b"Transfer-Encoding: chunked")
    lines = body.replace(b",", b",\r\n")
    sent = [(body, 5_000, b"", b"200"), (body, 100, b"", b"200"), (lines, 5_000, b"", b"200")]
    sent += [(body, 1, b"", b"400"), (body, 1, b";x=" + 90 * b"y", b"400")]
    for text, size, extension, status in sent:
        parts = [text[place : place + size] for place in range(0, len(text), size)]
        content = b"".join(b"%x%b\r\n%b\r\n" % (len(part), extension, part) for part in parts)
        for first in (head, head.replace(b"\r\n", b"\n")):
            with contextlib.closing(connected(server, first + content + b"0\r\n\r\n")) as line:
                assert line.recv(100).split()[1] == status, (size, extension, first)


def test_tiny_chunks_to_a_page_that_reads_none_leave_no_traceback(server, caplog):
    head = b"POST /nix HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    with contextlib.closing(connected(server, head + b"1\r\na\r\n" * 20_000)) as line:
        assert line.recv(100).split()[1] in (b"400", b"404")
    assert ask(server, "GET", "/healthz")[0] == 200 and "Traceback" not in caplog.text
