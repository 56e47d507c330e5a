"""Real networks from files and folders, the files that deploy them, and what docs/serving.md promises."""

import json
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
import yaml
from odd_requests import PREDICT
from serve_helpers import ask, wait_until

from handwriting.errors import NetworkError
from handwriting.models import keras_file
from handwriting.models.pretrained import pretrained_network
from handwriting.scan import image_file
from handwriting.scan.drawings import sample_page
from handwriting.share import export_serving
from workshop.serve import batching, connections, lifecycle, model_repository, photos, request_bodies, start
from workshop.serve.network import network_of, open_network

DOCS = Path(__file__).parents[1] / "docs"
CLOTHES = ("Hemd", "Hose", "Größe", "靴", "آ", "f", "g", "h", "i", "🩰")


@pytest.fixture(scope="module")
def network():
    from handwriting.build import dense_network

    return dense_network(hidden=16)


@pytest.fixture(scope="module")
def version(network, tmp_path_factory):
    return export_serving(network, tmp_path_factory.mktemp("models") / "digits", CLOTHES)


def test_it_takes_files_and_folders(version, network, tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (7, 28, 28), dtype=np.uint8)
    network.save(tmp_path / "network.keras")
    expected = network.predict(images.reshape(-1, 784) / np.float32(255), verbose=0)
    for path, names in (
        (tmp_path / "network.keras", "0123456789"),
        (str(tmp_path), "0123456789"),  # the folder that notebook 5 saves to
        (version, CLOTHES),
        (version.parent, CLOTHES),
    ):
        server = start(path)
        rows = ask(server, "POST", PREDICT, json.dumps({"instances": images.tolist()}))[1]["predictions"]
        np.testing.assert_allclose([row["probabilities"] for row in rows], expected, atol=1e-6)
        assert [row["names"] for row in rows] == [names[k] for k in expected.argmax(axis=1)]
        server.stop()


RECORD = {"data": "fashion-mnist", "parameters": {}, "history": {}, "parameter_count": 1, "seconds_to_fit": 1}


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (RECORD, "Trouser"),  # an older record has no class names
        ({**RECORD, "data": "my_folder"}, "1"),
        ({**RECORD, "data": "my_folder", "class_names": list(CLOTHES)}, "Hose"),
        ({**RECORD, "class_names": list(CLOTHES)}, "Hose"),
        ({**RECORD, "class_names": ["A", "B"]}, "2 class names, but the network has 10"),
    ],
)
def test_it_knows_the_classes_of_the_network_that_notebook_5_saved(network, tmp_path, record, expected):
    path = tmp_path / "network.keras"
    network.save(path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("handwriting.json", json.dumps(record))
    if expected.startswith("2"):
        with pytest.raises(NetworkError, match=expected):
            open_network(path)
    else:
        found = open_network(path)
        assert found.class_names[1] == expected and expected in found.page


def test_a_network_that_scales_its_images_is_not_given_scaled_ones(tmp_path):
    import keras

    layers = [keras.layers.Flatten(), keras.layers.Rescaling(1 / 255), keras.layers.Dense(10, "softmax")]
    inside = keras.Sequential([keras.Input((28, 28)), *layers])
    outside = keras.Sequential([keras.Input((784,)), inside.layers[-1]])
    inside.save(tmp_path / "network.keras")
    images = np.random.default_rng(0).integers(0, 256, (20, 28, 28), dtype=np.uint8)
    expected = network_of(outside).predict(images)
    for found in (
        network_of(inside),
        open_network(tmp_path / "network.keras"),
        open_network(export_serving(inside, tmp_path / "m")),
    ):
        np.testing.assert_allclose(found.predict(images), expected, atol=1e-6)


def test_it_loads_what_is_exported_meanwhile(network, version, tmp_path, monkeypatch):
    monkeypatch.setattr(model_repository, "INTERVAL", 0.05)
    shutil.copytree(version, tmp_path / "1")
    server = start(tmp_path)
    (tmp_path / "2").mkdir()
    (tmp_path / "2" / "saved_model.pb").write_bytes(b"no graph")
    wait_until(lambda: "Version 2 " in " ".join(server.messages))
    export_serving(network, tmp_path, ("Trouser", *"bcdefghij"))
    wait_until(lambda: "version 3" in " ".join(server.messages))
    states = ask(server, "GET", "/v1/models/digits")[1]["model_version_status"]
    assert (states[0]["version"], states[0]["state"]) == ("3", "AVAILABLE")
    assert "graph" in states[1]["status"]["error_message"] and str(tmp_path) not in str(states)
    assert "Trouser" in ask(server, "GET", "/")[1]  # the drawing page is the new network's
    server.stop()


def test_the_network_that_comes_with_the_workshop_reads_a_page(tmp_path):
    for model in (None, pretrained_network(), export_serving(pretrained_network(), tmp_path)):
        server = start(model)
        page = ask(server, "POST", "/read", sample_page().read_bytes())[1]
        assert page["text"] == "0123456789"
        assert 'id="pad"' in ask(server, "GET", "/")[1]
        server.stop()


def test_the_longest_class_names_are_read_back(tmp_path):
    import keras

    names = [f"{number:03}" + "\N{GRINNING FACE}" * 252 for number in range(256)]
    model = keras.Sequential([keras.Input((784,)), keras.layers.Dense(256, "softmax")])
    assert open_network(export_serving(model, tmp_path, names)).class_names == names


def test_a_graph_is_loaded_only_if_it_is_trusted(version, tmp_path):
    cut, version = (Path(shutil.copytree(version, tmp_path / name)) for name in "12")
    images = np.random.default_rng(0).integers(0, 256, (5, 28, 28), dtype=np.uint8)
    expected = open_network(version).predict(images)
    with (cut / "saved_model.pb").open("r+b") as graph:
        graph.truncate(100)
    np.testing.assert_allclose(open_network(cut).predict(images), expected)  # the Keras file beside it is served
    (version / "assets.extra" / "network.keras").unlink()
    with pytest.raises(NetworkError, match=r"can read and write files .* --trust-graph"):
        start(version)
    trusted = open_network(version, trust_graph=True)
    np.testing.assert_allclose(trusted.predict(images), expected, atol=1e-6)
    assert trusted.class_names == list(CLOTHES) and trusted.page is None


def test_other_graphs_and_damaged_files_are_reported(network, tmp_path):
    import tensorflow as tf

    other = tf.Module()
    other.double = tf.function(lambda x: 2 * x, input_signature=[tf.TensorSpec([None], tf.float32, name="x")])
    tf.saved_model.save(other, str(tmp_path / "m" / "1"), signatures={"serving_default": other.double})
    with pytest.raises(NetworkError, match="Something is wrong"):
        start(tmp_path / "m", trust_graph=True)
    (tmp_path / "network.keras").write_bytes(b"PK\x03\x04 cut short")
    with pytest.raises(NetworkError, match="cannot be loaded"):
        start(tmp_path / "network.keras")
    weights = network.get_weights()
    signs = [np.resize([1, -1], weight.shape) for weight in weights]  # too large, where there is ink
    for wrong in ([weight * np.nan for weight in weights], [3e38 * sign * (sign.ndim > 1) for sign in signs]):
        network.set_weights(wrong)
        try:
            with pytest.raises(NetworkError, match="did not learn"):
                start(network)
        finally:
            network.set_weights(weights)


# The files that deploy it


def manifests():
    return list(yaml.safe_load_all((DOCS / "kubernetes.yaml").read_text(encoding="utf-8")))


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


def test_the_document_states_the_limits_of_the_code():
    text = (DOCS / "serving.md").read_text(encoding="utf-8")
    for word in (PREDICT, "/read", "/healthz", "serving_default", "Retry-After", "kubernetes.yaml"):
        assert word in text, word
    timeout = connections.TIMEOUT
    assert connections.PROGRESS == 10_000
    largest = f"about {keras_file.LARGEST_NETWORK // 3e7 * 10:.0f} million parameters"
    table = text.split("| what | at most |")[1].split("\n\n")[0].splitlines()[2:]
    assert dict(line.strip("| ").split(" | ") for line in table) == {
        "images in a request; size of the request": (
            f"{request_bodies.MOST:,}; {request_bodies.LARGEST_REQUEST >> 20} MB"
        ),
        "a photo": f"{request_bodies.LARGEST_PHOTO >> 20} MB, {image_file.LARGEST / 1e6:.0f} megapixels",
        "a request's first line and headers": f"{connections.HEAD >> 10} KB",
        "connections; connections before new ones replace idle ones; from then on, connections of one other machine": (
            f"{lifecycle.CONNECTIONS}; {connections.CROWDED}; {connections.PER_CLIENT}"
        ),
        "waiting images; waiting photos; those of one machine, or of all behind one router or proxy": (
            f"{batching.WAITING:,}; {photos.WAITING}; as many as are left for others: "
            f"{batching.WAITING // 2:,} and {photos.WAITING // 2} if there are no others"
        ),
        "time for one photo, which is read in a separate process": f"{photos.TIMEOUT} s",
        "time between two requests on a connection": f"{lifecycle.IDLE} s",
        "time for a client to send the next 10 KB; to receive the next 10 KB": (
            f"{timeout} s; {connections.TAKING * timeout} s"
        ),
        "all requests being sent at one time; those of one machine, or of all behind one router or proxy": (
            f"{request_bodies.ALL_BODIES >> 20} MB; as much as is left for others: "
            f"{request_bodies.ALL_BODIES >> 21} MB if there are no others"
        ),
        "a network; its unpacked file": f"{largest}; {keras_file.LARGEST // 10**9} GB",
    }
    assert f"up to {lifecycle.GRACE} seconds" in text and f"within {lifecycle.ENDING} seconds" in text
