"""Downloads against a server on this machine that behaves, and misbehaves in every way it can."""

import errno
import gzip
import hashlib
import os
import struct
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pooch
import pytest
from conftest import make_arrays

from handwriting import load
from handwriting.data import download
from handwriting.data.cache import cache_folder, status
from handwriting.data.registry import FILES, MIRRORS, File

NAMES = list(FILES["mnist"])


def idx(array):
    """An array as one of MNIST's files."""
    head = struct.pack(">HBB", 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    return gzip.compress(head + array.tobytes(), mtime=0)


CONTENTS = dict(zip(NAMES, map(idx, make_arrays(20, 10)), strict=True))


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        server = self.server
        server.asked.append(self.path)
        content = CONTENTS[self.path.rsplit("/")[-1]]
        if server.manner in ("403", "500"):
            self.send_error(int(server.manner))
            return
        if server.manner == "silent":
            server.released.wait(30)
            return
        self.send_response(200)
        if server.manner not in ("endless", "slow"):
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if server.manner == "wrong":
            content = bytes(len(content))
        if server.manner in ("endless", "slow"):
            self.wfile.write(content[:100])
            with suppress(OSError):  # the other end has had enough
                while not server.released.wait(0 if server.manner == "endless" else 0.2):
                    self.wfile.write(bytes(65536) if server.manner == "endless" else b"x")
            return
        self.wfile.write(content[: len(content) // 2] if server.manner == "half" else content)

    def log_message(self, *words):
        pass


@pytest.fixture
def server(no_data, monkeypatch):
    """A mirror; `manner` says how it behaves."""
    mirror = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    mirror.daemon_threads = True
    mirror.asked, mirror.manner, mirror.released = [], "right", threading.Event()
    threading.Thread(target=mirror.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{mirror.server_port}/"
    known = {name: [hashlib.sha256(one).hexdigest() for one in (content, gzip.decompress(content))]
             for name, content in CONTENTS.items()}  # fmt: skip
    monkeypatch.setitem(FILES, "mnist", {name: File(len(CONTENTS[name]), *known[name]) for name in NAMES})
    monkeypatch.setitem(MIRRORS, "mnist", (address,))
    monkeypatch.setattr(download, "ANSWER_WITHIN", 1.0)
    monkeypatch.setattr(download, "SILENCE", 1.0)
    for proxy in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(proxy, raising=False)
    yield mirror
    mirror.released.set()
    mirror.shutdown()
    mirror.server_close()


def test_right_bytes_arrive_and_stay(server, no_data):
    data = load.load_digits("mnist")
    assert data.x_train.shape == (20, 28, 28)
    assert sorted(path.name for path in (no_data / "mnist").iterdir()) == sorted(NAMES)
    (no_data / "other").touch()
    modes = {path.stat().st_mode for path in [*(no_data / "mnist").iterdir(), no_data / "other"]}
    assert len(modes) == 1, "a cache may be for many people: nobody else could read it"
    asked = len(server.asked)
    again = load.load_digits("mnist")
    assert len(server.asked) == asked, "the cache was not used"
    assert np.array_equal(again.x_train, data.x_train)


@pytest.mark.parametrize(
    ("manner", "message"),
    [
        ("wrong", "wrong or incomplete data"),
        ("half", "wrong or incomplete data"),
        ("403", "responded with 403"),
        ("500", "responded with 500"),
        ("silent", "did not respond"),
        ("endless", "wrong or incomplete data"),
        ("slow", "is too slow"),
    ],
)
def test_a_bad_mirror_is_named_and_leaves_nothing(server, no_data, manner, message):
    server.manner = manner
    start = time.monotonic()
    with pytest.raises(load.DataError, match=message):
        load.load_digits("mnist")
    assert time.monotonic() - start < 8
    assert [path for path in no_data.rglob("*.gz") if path.is_file()] == []
    assert download.failed_recently("mnist") == (manner in ("403", "500", "silent")), (
        "if none answers, that is remembered"
    )


def test_the_mirror_from_the_environment_comes_first(server, monkeypatch):
    monkeypatch.setenv("HANDWRITING_MIRROR", MIRRORS["mnist"][0].rstrip("/"))
    monkeypatch.setitem(MIRRORS, "mnist", ("http://127.0.0.1:9/",))  # nobody listens there: the other one serves
    assert len(load.load_digits("mnist").x_test) == 10
    assert all(path.startswith("/mnist/") for path in server.asked)


@pytest.mark.parametrize("address", ["server/mirror", "ftp://server/mirror", "http://", "https:///path"])
def test_a_mirror_that_is_not_an_address_is_reported(server, monkeypatch, capsys, address):
    monkeypatch.setenv("HANDWRITING_MIRROR", address)
    with pytest.raises(load.DataError, match=f'HANDWRITING_MIRROR is "{address}". An address must begin with http://'):
        load.load_digits("mnist")
    assert server.asked == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
@pytest.mark.parametrize("make", [getattr(os, "mkfifo", None), lambda path: path.symlink_to(path), os.mkdir])
def test_what_is_not_a_file_in_the_cache_stops_nothing(server, no_data, make):
    (no_data / "mnist").mkdir(parents=True)
    make(no_data / "mnist" / NAMES[0])
    assert len(load.load_digits("mnist").x_train) == 20
    assert len(load.load_digits("mnist").x_train) == 20
    assert {row["name"] for row in status()} == set(FILES)


def test_a_cut_file_is_noticed_and_replaced(server, no_data, capsys):
    assert {row["state"] for row in status()} == {"missing"}
    load.load_digits("mnist")
    broken = no_data / "mnist" / NAMES[0]
    broken.write_bytes(CONTENTS[NAMES[0]][:100])
    states = {row["file"]: row["state"] for row in status() if row["name"] == "mnist"}
    assert states == {name: "broken" if name == NAMES[0] else "whole" for name in NAMES}
    load.load_digits("mnist")
    assert "damaged" in capsys.readouterr().out
    assert broken.read_bytes() == CONTENTS[NAMES[0]]


@pytest.mark.parametrize("full", [True, False])
def test_a_full_disk_or_no_folder_means_memory(server, monkeypatch, capsys, no_data, full):
    real = pooch.retrieve

    def retrieve(*words, path, **options):
        if str(path).startswith(str(no_data)):
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(*words, path=path, **options)

    monkeypatch.setattr(pooch, "retrieve", retrieve)
    if not full:
        monkeypatch.setattr(download, "cache_folder", lambda: None)
    assert len(load.load_digits("mnist").x_train) == 20
    assert ("No space left" if full else "Nothing can be saved") in capsys.readouterr().out


def test_a_cache_that_can_only_be_read_is_read(server, monkeypatch, no_data):
    assert len(load.load_digits("mnist").x_train) == 20
    asked = len(server.asked)

    def refuse(**words):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("handwriting.data.cache.tempfile.TemporaryFile", refuse)
    assert cache_folder() is None and len(load.load_digits("mnist").x_train) == 20
    assert len(server.asked) == asked and {row["state"] for row in status() if row["name"] == "mnist"} == {"whole"}


def test_fetch_says_when_nothing_could_be_saved(server, monkeypatch, invoke):
    monkeypatch.setattr(download, "cache_folder", lambda: None)
    code, _, errors = invoke("data", "fetch", "mnist")
    assert code == 1 and errors.startswith("mnist cannot be saved. Free some space")


def test_two_at_once_share_the_cache(server, no_data):
    with ThreadPoolExecutor(2) as pool:
        loaded = list(pool.map(load.load_digits, ["mnist", "mnist"]))
    assert all(len(data.x_train) == 20 for data in loaded)
    assert sorted(path.name for path in (no_data / "mnist").iterdir()) == sorted(NAMES)
    assert {row["state"] for row in status() if row["name"] == "mnist"} == {"whole"}
