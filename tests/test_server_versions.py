"""Newer versions, while requests go on."""

import asyncio
import http.client
import json
import threading

import numpy as np
import pytest
from asking import PREDICT, ask, picture, wait_until

from handwriting.errors import NetworkError
from workshop.serve import about, versions
from workshop.serve import running as serve
from workshop.serve.network import network_of


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder whose versions are texts: what a network in it reads is one digit, and "broken" is none."""

    def open_network(path, class_names):
        text = (path / "saved_model.pb").read_text()
        if text == "broken":
            raise NetworkError("It is broken.")
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


@pytest.mark.parametrize(("names", "said"), [(5, "is a list of names"), (b"abcdefghij", "is a list of names")])
def test_class_names_that_are_none_are_refused_with_a_path_too(folder, names, said):
    with pytest.raises(NetworkError, match=said):
        versions.Shelf.open(versions.Source(folder, names), print)


def test_nothing_to_serve_is_said(tmp_path, folder):
    with pytest.raises(NetworkError, match="is not there"):
        versions.Source(tmp_path / "none")
    (tmp_path / "empty").mkdir()
    with pytest.raises(NetworkError, match="holds no network"):
        versions.Source(tmp_path / "empty")
    (folder / "1" / "saved_model.pb").write_text("broken")
    with pytest.raises(NetworkError, match="It is broken"):
        versions.Shelf.open(versions.Source(folder))


def test_a_version_that_is_broken_and_gone_is_not_told_any_more(folder):
    shelf = versions.Shelf.open(versions.Source(folder), lambda sentence: None)
    put(folder, 2, "broken")
    shelf.renew()
    shelf.renew()
    assert list(shelf.errors) == [2]
    (folder / "2").rename(folder / "kept")
    shelf.renew()
    assert not shelf.errors


def test_a_file_that_was_saved_anew_and_is_broken_is_the_next_version(tmp_path, monkeypatch):
    def open_network(path, class_names):
        if path.read_text() == "broken":
            raise NetworkError("It is broken.")
        return network_of(Always(len(path.read_text())), class_names)

    monkeypatch.setattr(versions, "open_network", open_network)
    path = tmp_path / "network.keras"
    path.write_text("1")
    said = []
    shelf = versions.Shelf.open(versions.Source(path, (name for name in "abcdefghij")), said.append)
    for text, states in (
        ("broken", [("2", "END"), ("1", "AVAILABLE")]),
        ("333", [("2", "AVAILABLE")]),
        ("4444", [("3", "AVAILABLE")]),
    ):
        path.write_text(text)
        shelf.renew()
        shelf.renew()
        assert [(state["version"], state["state"]) for state in about.states(shelf)] == states
    assert said[0] == "Version 2 is broken, version 1 goes on: It is broken."
    assert shelf.network.names == list("abcdefghij"), "names from a generator serve every version"


def test_one_versions_folder_has_its_number(folder):
    put(folder, 7, 7)
    assert versions.Shelf.open(versions.Source(folder / "7"), print).network.version == 7


def test_the_look_out_goes_on_when_nobody_listens(folder):
    def say(sentence):
        raise BrokenPipeError

    async def use():
        shelf = versions.Shelf.open(versions.Source(folder), say)
        task = asyncio.create_task(shelf.watch())
        put(folder, 2, 2)
        while shelf.network.version != 2:
            await asyncio.sleep(0.02)
        put(folder, 3, 3)
        while shelf.network.version != 3:
            await asyncio.sleep(0.02)
        task.cancel()

    asyncio.run(asyncio.wait_for(use(), 60))
