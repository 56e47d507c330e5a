"""What the server makes of exported networks, and the files that deploy it."""

import json
import urllib.request
from pathlib import Path

import numpy as np
import pytest
import yaml

from handwriting.errors import NetworkError
from handwriting.scan import image_file as picture
from handwriting.scan.drawings import sample_page
from handwriting.share.saved_model import export_serving
from workshop.serve import app, batching, bodies, intake, photos, protocol, scanner, versions
from workshop.serve import running as serve

DOCS = Path(__file__).parents[1] / "docs"
CLOTHES = ("Hemd", "Hose", "Größe", "靴", "آ", "f", "g", "h", "i", "🩰")


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(0, 256, (7, 28, 28), dtype=np.uint8)


@pytest.fixture(scope="module")
def networks():
    from tensorflow import keras

    from handwriting.build import convolutional_network, dense_network

    small = [(4, 3, 2)]
    pooling = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Conv2D(3, 5, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Flatten(),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    return {
        "dense": dense_network(),
        "convolutional": convolutional_network(small, augment=True),
        "pooling": pooling,
    }


@pytest.fixture(scope="module")
def exported(networks, tmp_path_factory):
    """A folder with one version of each network."""
    folder = tmp_path_factory.mktemp("models") / "digits"
    return [export_serving(network, folder, CLOTHES) for network in networks.values()]


# The server


def ask(server, path, body=None):
    with urllib.request.urlopen(server.url + path, body, timeout=30) as answer:
        return answer.read().decode()


def test_the_server_takes_files_and_folders(exported, networks, images, tmp_path):
    networks["dense"].save(tmp_path / "network.keras")
    expected = networks["dense"].predict(images.reshape(-1, 784) / np.float32(255), verbose=0)
    body = json.dumps({"instances": images.tolist()}).encode()
    for path, names in (
        (tmp_path / "network.keras", "0123456789"),
        (tmp_path, "0123456789"),  # the folder that notebook 5 saves to
        (exported[0], CLOTHES),
    ):
        server = serve.start(path)
        rows = json.loads(ask(server, "/v1/models/digits:predict", body))["predictions"]
        np.testing.assert_allclose([row["probabilities"] for row in rows], expected, atol=1e-6)
        assert [row["names"] for row in rows] == [names[k] for k in expected.argmax(axis=1)]
        server.stop()


def test_the_server_reloads_what_is_exported_meanwhile(networks, tmp_path, monkeypatch):
    import time

    monkeypatch.setattr(versions, "EVERY", 0.05)
    export_serving(networks["dense"], tmp_path)
    server = serve.start(tmp_path)
    (tmp_path / "2").mkdir()
    (tmp_path / "2" / "saved_model.pb").write_bytes(b"no graph")
    export_serving(networks["dense"], tmp_path, CLOTHES)
    end = time.monotonic() + 20
    while "Version 3" not in " ".join(server.messages) and time.monotonic() < end:
        time.sleep(0.05)
    states = json.loads(ask(server, "/v1/models/digits"))["model_version_status"]
    assert (states[0]["version"], states[0]["state"]) == ("3", "AVAILABLE")
    assert "Hose" in ask(server, "/")  # the drawing page is the new network's
    server.stop()


def test_the_network_that_comes_with_the_workshop_is_served_by_default():
    server = serve.start()
    assert json.loads(ask(server, "/read", sample_page().read_bytes()))["text"] == "0123456789"
    assert "<canvas" in ask(server, "/")
    server.stop()


def test_other_graphs_and_damaged_files_are_said(networks, tmp_path):
    import tensorflow as tf

    other = tf.Module()
    other.double = tf.function(lambda x: 2 * x, input_signature=[tf.TensorSpec([None], tf.float32, name="x")])
    tf.saved_model.save(other, str(tmp_path / "m" / "1"), signatures={"serving_default": other.double})
    with pytest.raises(NetworkError, match="no uint8 pictures"):
        serve.start(tmp_path / "m")
    (tmp_path / "network.keras").write_bytes(b"PK\x03\x04 cut short")
    with pytest.raises(NetworkError, match="cannot be loaded"):
        serve.start(tmp_path / "network.keras")
    network = networks["dense"]
    weights = network.get_weights()
    network.set_weights([weight * np.nan for weight in weights])
    try:
        with pytest.raises(NetworkError, match="did not learn"):
            serve.start(network)
    finally:
        network.set_weights(weights)


# The files that deploy it


def manifests():
    return list(yaml.safe_load_all((DOCS / "serving.yaml").read_text(encoding="utf-8")))


def test_the_manifest_holds_together():
    parts = {part["kind"]: part for part in manifests()}
    assert set(parts) == {"Deployment", "Service", "HorizontalPodAutoscaler", "PodDisruptionBudget"}
    deployment = parts["Deployment"]
    pod = deployment["spec"]["template"]
    labels = pod["metadata"]["labels"].items()
    for selector in (
        deployment["spec"]["selector"]["matchLabels"],
        parts["Service"]["spec"]["selector"],
        parts["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"],
    ):
        assert selector.items() <= labels
    (container,) = pod["spec"]["containers"]
    ports = {port["name"] for port in container["ports"]}
    assert {port["targetPort"] for port in parts["Service"]["spec"]["ports"]} <= ports
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        check = container[probe]
        port = check["httpGet"]["port"] if "httpGet" in check else check["tcpSocket"]["port"]
        assert port in ports
    volumes = {volume["name"] for volume in pod["spec"]["volumes"]}
    assert {mount["name"] for mount in container["volumeMounts"]} <= volumes
    assert {"cpu", "memory"} == set(container["resources"]["requests"])
    target = parts["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"]
    assert (target["kind"], target["name"]) == ("Deployment", deployment["metadata"]["name"])
    assert target["apiVersion"] == deployment["apiVersion"]
    name = next(word for word in container["args"] if word.startswith("--model_name=")).partition("=")[2]
    base = next(word for word in container["args"] if word.startswith("--model_base_path=")).partition("=")[2]
    assert f"/v1/models/{name}" == container["readinessProbe"]["httpGet"]["path"]
    assert any(base.startswith(mount["mountPath"]) for mount in container["volumeMounts"])


def test_the_manifest_fits_the_schemas_where_they_are_installed():
    """They are too large (108 MB) for everybody's set-up: pip install kubernetes-validate"""
    schemas = pytest.importorskip("kubernetes_validate")
    for part in manifests():
        schemas.validate(part, schemas.latest_version(), strict=True)


def test_the_page_tells_what_the_code_does():
    text = (DOCS / "serving.md").read_text(encoding="utf-8")
    for word in ("/v1/models/digits:predict", "/read", "/healthz", "serving_default", "Retry-After", "serving.yaml"):
        assert word in text, word
    told = dict(
        line.strip("| ").split(" | ") for line in text.split("| what | at most |")[1].split("\n\n")[0].splitlines()[2:]
    )
    assert told == {
        "pictures in a request; its size": f"{bodies.MOST:,}; {app.LARGEST_REQUEST >> 20} MB",
        "a photo": f"{app.LARGEST_PHOTO >> 20} MB, {picture.LARGEST / 1e6:.0f} megapixels",
        "connections": str(protocol.CONNECTIONS),
        "pictures that wait; photos that wait": f"{batching.WAITING:,}; {photos.WAITING}",
        "all bodies being received or worked on": f"{intake.TOTAL >> 20} MB",
        "time for a request's head; for its body; for its answer": f"{protocol.SECONDS} s; {intake.SECONDS} s; "
        f"{batching.SECONDS} s",
        "time for one photo, which is read in a process of its own": f"{scanner.SECONDS} s",
        "time until the other side takes a part of an answer": f"{protocol.SECONDS} s",
    }
