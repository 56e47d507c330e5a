"""Odd requests for the server: `python tools/odd_requests.py 50000` sends that many, and reports its memory."""

import http.client
import json
import random
import socket
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import numpy as np
import psutil
from PIL import Image

from handwriting.scan.drawings import sample_page

PREDICT = "/v1/models/digits:predict"
POSTS, GETS = (PREDICT, PREDICT, PREDICT, "/read"), ("/v1/models/digits", "/", "/docs", "/openapi.json", "/healthz")
METHODS = ("POST", "GET", "PUT", "HEAD", "OPTIONS", "DELETE")
PIXELS = [None, True, -1, 256, 0.5, "x", [], {}, 10**40, float("nan"), [[0] * 28], "\ud800"]
KEYS = ["instances", "inputs", "images", "signature_name", ""]
INSERTS = ("%00", "..", "//", "%ff", "?a=%", "#", "{}", "%2e%2e/")
HEADERS = ("content-type", "content-encoding", "expect", "accept", "range", "upgrade", "connection", "x" * 300)
VALUES = ("multipart/form-data", "gzip", "100-continue", "websocket", "\xff", "upgrade", "bytes=0-", "close", "")
FORM = b'--x\r\nContent-Disposition: form-data; name="f"; filename="p"\r\n\r\n%b\r\n--x--\r\n'
HEAD = b"POST /read HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: x\r\n\r\nabc"


def image(strip=0):
    """Return an image with ink in one strip, as lists."""
    pixels = np.zeros((28, 28), int)
    pixels[3 * strip : 3 * strip + 2] = 255
    return pixels.tolist()


def blank():
    """Return the file of a photo without a digit."""
    file = BytesIO()
    Image.new("L", (60, 60), 255).save(file, "PNG")
    return file.getvalue()


class OddRequests:
    """Requests that may be wrong anywhere; the same ones for the same seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def damaged(self, content, times, end=None, choices=range(256)):
        """Replace up to `times - 1` bytes before `end`."""
        content = bytearray(content)
        for _ in range(self.random.randrange(times)):
            content[self.random.randrange(end or len(content))] = self.random.choice(choices)
        return bytes(content)

    def body(self):
        """Return the body of a prediction request, whole or broken in one way or another."""
        below, choice = self.random.randrange, self.random.choice
        content = {"instances": [image(below(9))]}
        good = json.dumps(content).encode()
        act = below(8)
        if act == 1:
            return good[: below(len(good))]
        if act == 2:
            return self.random.randbytes(below(3000))
        if act == 3:
            content["instances"][0][below(28)][below(28)] = choice(PIXELS)
        if act == 4:
            content = {"instances": [[[0] * below(30)] * below(30)] * below(3)}
        if act == 5:
            content = {choice(KEYS): content["instances"] for _ in range(below(3))}
        if act > 5:
            return self.damaged(good, 6, choices=b'[]{}",:e-.0\x00\xff')
        return json.dumps(content).encode()

    def photo(self):
        """Return a photo, damaged, perhaps in a form that may be damaged as well, and its headers."""
        content = self.damaged(sample_page().read_bytes() if self.random.random() < 0.02 else blank(), 4)
        if self.random.random() < 0.5:
            return content, {"content-type": "image/png"}
        kind = self.random.choice(("multipart/form-data; boundary=x", "multipart/x"))
        return self.damaged(FORM % content, 3, end=100), {"content-type": kind}

    def request(self):
        """Return method, address, body and headers."""
        path = self.random.choice(POSTS + POSTS + GETS)
        method = "POST" if path in POSTS else "GET"
        body, headers = self.photo() if path == "/read" else (self.body(), {})
        if self.random.random() < 0.1:
            method = self.random.choice(METHODS)
        if self.random.random() < 0.15:
            place = self.random.randrange(len(path))
            path = f"/{path[:place]}{self.random.choice(INSERTS)}{path[place:]}"
        if self.random.random() < 0.1:
            headers[self.random.choice(HEADERS)] = self.random.choice(VALUES)
        return method, path, body if method in ("POST", "PUT") else None, headers

    def send_damaged_head(self, port):
        """Send a request with a damaged head; return the status that comes back."""
        with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
            line.sendall(self.damaged(HEAD, 6))
            line.shutdown(socket.SHUT_WR)
            try:
                response = line.recv(65_536)
            except ConnectionError:
                response = b""
        return int(response[9:12]) if response else "no answer"

    def send(self, port, count):
        """Send requests on one connection; count the statuses, and keep what must not be."""
        found = Counter()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        for _ in range(count):
            if self.random.random() < 0.05:
                found[self.send_damaged_head(port)] += 1
                continue
            request = self.request()
            try:
                connection.request(*request)
                response = connection.getresponse()
                content = response.read()
            except (http.client.BadStatusLine, ConnectionError):
                connection.close()  # a damaged request may close its connection, but only this one
                found["closed"] += 1
                continue
            found[response.status] += 1
            sentence = request[0] == "HEAD" or response.status < 400 or "error" in json.loads(content)
            if response.status == 500 or not sentence:
                found[f"{request[:2]}: {content[:200]}"] += 1
        return found


def main(count):
    """Send odd requests on four connections at once to a server in a separate process; print its memory."""
    script = "from workshop.serve import start; s = start(); print(s.port, flush=True); s.join()"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as process:
        port, found = int(process.stdout.readline()), Counter()
        server = psutil.Process(process.pid)
        for part in range(10):
            with ThreadPoolExecutor(4) as clients:
                seeds = range(4 * part, 4 * part + 4)
                for counted in clients.map(lambda seed: OddRequests(seed).send(port, count // 40), seeds):
                    found += counted
            memory = sum(one.memory_info().rss for one in (server, *server.children(recursive=True))) / 1e6
            print(f"{(part + 1) * count // 10:,} requests, {memory:.0f} MB: {dict(found)}", flush=True)
        process.kill()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
