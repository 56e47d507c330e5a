"""Keras files that somebody else made: what is in them is known before memory is taken, and no code runs."""

import io
import os
import zipfile

import h5py
import pytest

from handwriting.errors import NetworkError
from handwriting.models import keras_file


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A network with two layers, saved by Keras."""
    import keras

    layers = [keras.Input((28, 28, 1)), keras.layers.ZeroPadding2D(3), keras.layers.GlobalAveragePooling2D()]
    path = tmp_path_factory.mktemp("saved") / "network.keras"
    model = keras.Sequential([*layers, keras.layers.Dense(10, activation="softmax")])
    model.compile("adam", "categorical_crossentropy")
    model.save(path)
    return path


def changed(saved, folder, member, content):
    """Return a copy of a file in which one member has another content: bytes, or texts to replace."""
    path = folder / "changed.keras"
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            found = old.read(name)
            if name == member:
                found = content if isinstance(content, bytes) else found.replace(*content)
                assert found != old.read(name)
            new.writestr(name, found)
    return path


def zeros():
    """Return a file of weights that claims 4 GB of zeros in a kilobyte."""
    file = io.BytesIO()
    with h5py.File(file, "w") as weights:
        weights.create_dataset("layers/dense/vars/0", shape=(10**5, 10**4), dtype="f4", chunks=True)
    return file.getvalue()


@pytest.mark.parametrize(
    ("member", "content", "expected"),
    [
        ("config.json", (b'"units": 10,', b'"units": 1000000000,'), "too large"),
        ("config.json", (b"[3, 3]", b"[30000, 30000]"), "too large"),  # no weights, but 14 GB for one image
        ("config.json", (b"28, 28, 1]", b"9999, 9999, 1]"), "must read 784 numbers"),
        ("config.json", b" " * (keras_file.LARGEST_CONFIG + 1), "too long"),
        ("model.weights.h5", zeros(), "too large"),
        ("model.weights.h5", bytes(5_000_000), "unpacks to 5 MB"),
    ],
)
def test_a_bomb_is_refused_before_memory_is_taken(saved, tmp_path, monkeypatch, member, content, expected):
    def load_model(*arguments, **options):
        raise AssertionError("it was loaded")

    monkeypatch.setattr("keras.models.load_model", load_model)
    monkeypatch.setattr(keras_file, "LARGEST", 4_000_000)
    with pytest.raises(NetworkError, match=expected):
        keras_file.load_keras_file(changed(saved, tmp_path, member, content))


@pytest.mark.parametrize(
    ("content", "expected"),
    [(b"\x89HDF\r\n\x1a\n and so on", r"format \(.h5\)"), (b"PK\x03\x04 cut short", "only a part"), (b"", "not a")],
)
def test_another_format_is_named(tmp_path, content, expected):
    path = tmp_path / "network.keras"
    path.write_bytes(content)
    with pytest.raises(NetworkError, match=expected):
        keras_file.load_keras_file(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "network.keras")
    with pytest.raises(NetworkError, match="a pipe"):
        keras_file.load_keras_file(tmp_path / "network.keras")


def test_what_was_saved_is_loaded_without_its_optimizer(saved):
    model = keras_file.load_keras_file(saved)
    assert model.count_params() == 20 and not getattr(model, "compiled", False)
