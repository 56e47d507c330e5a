"""Odd requests: the server answers them, and goes on.

`python tests/test_serve_odd.py 50000` sends that many, and watches the server's memory.
"""

import http.client
import json
import socket
import subprocess
import sys
import threading
from collections import Counter

import numpy as np
from asking import PREDICT, ask, blank, image

from handwriting.scan.drawings import sample_page


def odd_body(generator):
    """A request's body, broken in one way or another, or whole."""
    good = json.dumps({"instances": [image(int(generator.integers(9)))]}).encode()
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
    """A photo's bytes, damaged, perhaps in a form that may be damaged as well."""
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

    script = "from workshop.serve import start; s = start(); print(s.port, flush=True); s.join()"
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
            own = psutil.Process(process.pid)
            memory = sum(one.memory_info().rss for one in (own, *own.children(recursive=True))) / 1e6
            print(f"{(part + 1) * count // 10:,} requests, {memory:.0f} MB: {dict(found)}", flush=True)
        process.kill()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
