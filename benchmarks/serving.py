"""Measure what the server can carry: python benchmarks/serving.py [--seconds 8] [--rounds 2]

It needs wrk (Debian: apt install wrk), which runs on the same machine and takes a part of it.

1. Requests a second and waiting times with 1, 10 and 100 connections, one image each: `workshop.serve`
   against an application that calls `model.predict` for each request. In turn, so that both meet the same machine.
2. Many images in one request, 10 connections.

`python tools/odd_requests.py 50000` sends odd requests, and watches the memory as well.
"""

import json
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import psutil
import typer

from handwriting.scan import to_mnist
from handwriting.scan.drawings import sample_drawings

PLAIN = """
import sys
import keras
import numpy as np
import uvicorn
from fastapi import FastAPI

model = keras.models.load_model(sys.argv[1])
app = FastAPI()

@app.post("/v1/models/digits:predict")
def predict(content: dict):
    images = np.array(content["instances"], np.float32) / 255
    return {"predictions": model.predict(images.reshape(-1, *model.input_shape[1:]), verbose=0).tolist()}

model.predict(np.zeros((1, *model.input_shape[1:])), verbose=0)
config = uvicorn.Config(app, port=int(sys.argv[2]), log_level="error", http="h11", loop="asyncio")
print(f"http://127.0.0.1:{sys.argv[2]} ", flush=True)
uvicorn.Server(config).run()
"""
BUILD = """
import sys
from handwriting.build import dense_network, pretrained
for name, model in (("dense", dense_network()), ("convolutional", pretrained())):
    model.save(f"{sys.argv[1]}/{name}.keras")
"""


class Server:
    """A server in a separate process, until the end of a `with` block."""

    def __init__(self, *words):
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
        self.process = subprocess.Popen([sys.executable, *map(str, words)], **pipes)
        self.url = re.search(r"http://[\w.:]+", self.process.stdout.readline())[0]
        for _ in range(100):
            try:
                urllib.request.urlopen(self.url + "/none", timeout=5)
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.1)

    def memory(self):
        """Return the memory in megabytes, with that of the process that reads photos, if there is one."""
        process = psutil.Process(self.process.pid)
        return sum(one.memory_info().rss for one in (process, *process.children(recursive=True))) / 1e6

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.process.terminate()
        self.process.wait(30)
        self.process.stdout.close()


def load(server, folder, connections, seconds, images=1):
    """Load a server; return requests per second, median and 99th percentile in milliseconds, failed requests."""
    drawings = [to_mnist(drawing).tolist() for drawing in sample_drawings()[0][:10]]
    body = json.dumps({"instances": (drawings * (1 + images // 10))[:images]})
    script = Path(folder, "post.lua")
    script.write_text(
        f'wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\nwrk.body = [==[{body}]==]\n'
    )
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "--latency", "-s", str(script)]
    command.append(server.url + "/v1/models/digits:predict")
    report = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    waits = []
    for share in ("50%", "99%"):
        number, unit = re.search(rf"{share} +([\d.]+)(us|ms|s)", report).groups()
        waits.append(float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit])
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", report)
    socket_errors = sum(map(int, re.findall(r"(?:connect|read|write|timeout) (\d+)", report)))
    rate = float(re.search(r"Requests/sec: +([\d.]+)", report)[1])
    return rate, *waits, (int(failed[1]) if failed else 0) + socket_errors


def compare(folder, name, seconds, rounds):
    """Measure both servers in turn, with several numbers of connections."""
    path = Path(folder, f"{name}.keras")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with Server("-m", "workshop", "serve", path, "--port", 0) as ours, Server("-c", PLAIN, path, port) as plain:
        servers, found = {"ours": ours, "plain": plain}, {}
        for _ in range(rounds):
            for connections in (1, 10, 100):
                for kind, server in servers.items():
                    found.setdefault((connections, kind), []).append(load(server, folder, connections, seconds))
        rates = {}
        for (connections, kind), measured in found.items():
            rate, half, most, failed = (statistics.median(column) for column in zip(*measured, strict=True))
            rates[connections, kind] = rate
            print(
                f"{name:14} {connections:4} connections, {kind:5}: {rate:7.1f} requests/s, "
                f"median {half:7.1f} ms, 99 % {most:7.1f} ms, failed {failed:g}, {servers[kind].memory():.0f} MB"
            )
        for connections in (1, 10, 100):
            times = rates[connections, "ours"] / max(rates[connections, "plain"], 1 / seconds)
            print(f"{name:14} {connections:4} connections: {times:.1f} times as many")
        rate, half, _, failed = load(ours, folder, 10, seconds, images=64)
        print(f"{name:14} 64 images in a request: {64 * rate:.0f} images/s, median {half:.0f} ms, failed {failed}")


def main(seconds: int = 8, rounds: int = 2):
    """Measure what the server can carry; every measurement takes some seconds."""
    if not shutil.which("wrk"):
        sys.exit("This needs wrk (Debian: apt install wrk).")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-c", BUILD, folder], check=True, capture_output=True)
        for name in ("dense", "convolutional"):
            compare(folder, name, seconds, rounds)


if __name__ == "__main__":
    typer.run(main)
