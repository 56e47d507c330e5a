"""Newer versions, while requests go on."""

import http.client
import json
import os
import threading
from pathlib import Path

import numpy as np
import pytest
from odd_requests import PREDICT
from serve_helpers import Always, ask, instances, wait_until

from handwriting.errors import NetworkError
from workshop.serve import model_repository, start
from workshop.serve.model_repository import ModelRepository
from workshop.serve.network import network_of


@pytest.fixture(autouse=True)
def texts_are_networks(monkeypatch):
    """A file or version is a text: the digit that its network predicts, or else it is broken."""

    def open_network(path, class_names, trust_graph):
        text = (path if path.is_file() else path / "saved_model.pb").read_text()
        if not text.isdigit():
            raise NetworkError("It is broken.")
        return network_of(Always(int(text)), class_names)

    monkeypatch.setattr(model_repository, "open_network", open_network)
    monkeypatch.setattr(model_repository, "INTERVAL", 0.05)


@pytest.fixture
def folder(tmp_path):
    put(tmp_path, 1, 1)
    return tmp_path


def put(folder, number, text):
    part = folder / f".{number}"
    part.mkdir()
    (part / "saved_model.pb").write_text(str(text))
    part.rename(folder / str(number))


def check_twice(models):
    models.update()
    models.update()
    return models.network.version


def states(models):
    return [(state["version"], state["state"]) for state in models.status()]


def test_a_new_version_takes_over_without_a_failed_request(folder):
    server = start(folder)
    found, stop = [], threading.Event()

    def press():
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        while not stop.is_set():
            connection.request("POST", PREDICT, instances(0))
            response = connection.getresponse()
            found.append((response.status, json.loads(response.read())["predictions"][0]["classes"]))

    clients = [threading.Thread(target=press) for _ in range(3)]
    for client in clients:
        client.start()
    wait_until(lambda: (200, 1) in found)
    put(folder, 2, 2)
    wait_until(lambda: (200, 2) in found)
    put(folder, 3, "broken")
    wait_until(lambda: any("version 2 is still served. It is broken" in message for message in server.messages))
    put(folder, 10, 7)
    wait_until(lambda: (200, 7) in found)
    stop.set()
    for client in clients:
        client.join()
    assert set(found) == {(200, 1), (200, 2), (200, 7)}
    versions = ask(server, "GET", "/v1/models/digits")[1]["model_version_status"]
    assert [(state["version"], state["state"]) for state in versions] == [("10", "AVAILABLE"), ("3", "END")]
    assert versions[1]["status"]["error_message"] == "It is broken."
    for version, status in ((10, 200), (2, 404)):
        assert ask(server, "POST", f"/v1/models/digits/versions/{version}:predict", instances(0))[0] == status
    server.stop()
    assert sum("broken" in message for message in server.messages) == 1, "a broken version is reported once"


def test_a_version_that_is_repaired_is_loaded(folder):
    put(folder, 2, "broken")
    models = ModelRepository(folder)
    assert states(models) == [("2", "END"), ("1", "AVAILABLE")]
    (folder / "2" / "saved_model.pb").write_text("2")
    models.update()
    assert models.network.version == 1, "its files may still be on their way"
    models.update()
    assert states(models) == [("2", "AVAILABLE")]


def test_a_version_that_is_deleted_gives_way_to_the_one_before(folder):
    put(folder, 2, 2)
    models = ModelRepository(folder)
    put(folder, 3, "broken")
    assert check_twice(models) == 2 and states(models) == [("3", "END"), ("2", "AVAILABLE")]
    (folder / "3").rename(folder / "kept")
    (folder / "2").rename(folder / "kept too")
    assert check_twice(models) == 1 and states(models) == [("1", "AVAILABLE")], "the broken one is forgotten"
    (folder / "1").rename(folder / "kept as well")
    assert check_twice(models) == 1, "with nothing left, it goes on"


def test_a_version_that_cannot_be_read_at_this_moment_stays(folder, monkeypatch):
    put(folder, 2, 2)
    models, state_of = ModelRepository(folder), model_repository.state_of
    monkeypatch.setattr(model_repository, "state_of", lambda path: None if path.name == "2" else state_of(path))
    assert check_twice(models) == 2
    monkeypatch.setattr(model_repository, "versions_in", lambda path: os.listdir("/no such folder"))
    assert check_twice(models) == 2


def test_a_version_that_is_exported_again_is_loaded_unless_it_is_broken(folder):
    put(folder, 2, 2)
    models = ModelRepository(folder)
    for text, digit in (("0005", 5), ("broken", 5), ("06", 6)):
        (folder / "2" / "saved_model.pb").write_text(text)
        assert check_twice(models) == 2, "version 1 never takes its place"
        assert models.network.predict(np.zeros((1, 28, 28), np.uint8)).argmax() == digit


def test_my_work_is_found_from_the_projects_folder(tmp_path, monkeypatch):
    (tmp_path / "my_work" / "runs").mkdir(parents=True)  # something of that name is here, too
    saved = tmp_path / "notebooks" / "my_work" / "network.keras"
    saved.parent.mkdir(parents=True)
    saved.write_text("4")
    monkeypatch.chdir(tmp_path)
    for model in ("my_work", "my_work/network.keras"):
        assert ModelRepository(model).path.resolve() == saved
    monkeypatch.chdir(saved.parent.parent)
    assert ModelRepository(Path("my_work")).path.resolve() == saved


def test_nothing_to_serve_is_reported(tmp_path, folder):
    (tmp_path / "empty").mkdir()
    (folder / "1" / "saved_model.pb").write_text("broken")
    for path, expected in (("none", "does not exist"), ("empty", "has no network"), ("", "It is broken")):
        with pytest.raises(NetworkError, match=expected):
            ModelRepository(tmp_path / path)


def test_a_file_that_was_saved_again_is_the_next_version(tmp_path):
    path = tmp_path / "network.keras"
    path.write_text("1")
    log = []
    models = ModelRepository(path, "abcdefghij", log.append)
    for text, expected in (
        ("broken", [("2", "END"), ("1", "AVAILABLE")]),
        ("03", [("2", "AVAILABLE")]),
        ("004", [("3", "AVAILABLE")]),
    ):
        path.write_text(text)
        check_twice(models)
        assert states(models) == expected
    assert log[0] == f"Version 2 ({path}) cannot be loaded, so version 1 is still served. It is broken."
    assert models.network.class_names == list("abcdefghij")


def test_a_file_that_is_gone_for_a_moment_stays(tmp_path, monkeypatch):
    path = tmp_path / "network.keras"
    path.write_text("3")
    models = ModelRepository(path, "abcdefghij")
    with monkeypatch.context() as gone:
        gone.setattr(model_repository, "versions_in", lambda path: [])
        models.update()
    assert models.network.version == 1
    assert [version.number for version in models.versions()] == [1]


def test_one_versions_folder_has_its_number(folder):
    put(folder, 7, 7)
    assert ModelRepository(folder / "7").network.version == 7
