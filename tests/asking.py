"""What the tests of the server ask with: a network without learning, requests, and pictures."""

import http.client
import json
import socket
import time
from io import BytesIO

import numpy as np
from PIL import Image

PREDICT = "/v1/models/digits:predict"


class Strips:
    """A network that reads how much ink lies in each of ten strips, from top to bottom."""

    input_shape = (None, 784)

    def predict(self, pictures, verbose="auto"):
        strips = np.array_split(pictures.reshape(-1, 28, 28), 10, axis=1)
        ink = np.stack([strip.sum(axis=(1, 2)) for strip in strips], axis=1) + 1e-6
        return (ink / ink.sum(axis=1, keepdims=True)).astype(np.float32)


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


def wait_until(true, seconds=60):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.01)


def blank():
    kept = BytesIO()
    Image.new("L", (60, 60), 255).save(kept, "PNG")
    return kept.getvalue()


def raw(server, content, seconds=5):
    """Send bytes as they are; what comes back until the other side closes."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=seconds) as line:
        line.sendall(content)
        found = b""
        while part := line.recv(65_536):
            found += part
        return found
