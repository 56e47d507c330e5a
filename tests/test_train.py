"""Watching a network learn, keeping it, and finding it again."""

import errno
import zipfile
from pathlib import Path

import numpy as np
import pytest

from handwriting import train
from handwriting.build import dense_network
from handwriting.errors import ParameterError
from handwriting.models.saved import FILE, RECORD
from handwriting.prepare import prepared


@pytest.fixture(scope="module")
def ready(small):
    return prepared(small)


@pytest.fixture(scope="module")
def trained(ready):
    """A small network, its history, and the chart that watched it; it learns the small data well."""
    model = dense_network(hidden=16, dropout=0, learning_rate=0.01)
    chart = train.LiveChart(3)
    validation = ready.x_validation, ready.y_validation
    history = model.fit(
        ready.x_train, ready.y_train, validation_data=validation, epochs=3, batch_size=16, verbose=0, callbacks=[chart]
    )
    return model, history, chart


PARAMETERS = {"hidden": 16, "epochs": 3}


@pytest.fixture
def saved(trained, tmp_path):
    model, history, chart = trained
    return train.save_network(model, tmp_path / "work", "small", PARAMETERS, history, chart.seconds)


def test_chart_s_points_average_to_what_keras_reports(trained):
    _, history, chart = trained
    points = [value for place, value in chart.curves["loss"] if place <= 1]
    widths = np.diff([0, *(place for place, _ in chart.curves["loss"] if place <= 1)])
    assert np.average(points, weights=widths) == pytest.approx(history.history["loss"][0], rel=0.02)
    assert [place for place, _ in chart.curves["val_loss"]] == [1, 2, 3]
    assert chart.seconds > 0


def test_chart_updates_one_output_in_a_notebook_and_prints_a_line_for_each_epoch(ready, monkeypatch, capsys):
    updates = []

    class Handle:
        def update(self, figure):
            updates.append(figure.description)

    monkeypatch.setattr("handwriting.figures.live.notebook", lambda: True)
    monkeypatch.setattr("IPython.display.display", lambda figure, display_id: Handle())
    model = dense_network(hidden=4)
    model.fit(ready.x_train, ready.y_train, epochs=2, verbose=0, callbacks=[train.LiveChart(2)])
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["Epoch 1 of 2", "Epoch 2 of 2"]
    assert all("loss" in line and "validation" not in line for line in lines)
    assert len(updates) >= 2
    assert "training accuracy goes from" in updates[-1]


def test_chart_refuses_impossible_epochs():
    with pytest.raises(ParameterError, match='"epochs" takes'):
        train.LiveChart(0)


def test_history_is_drawn_epoch_by_epoch(trained):
    _, history, _ = trained
    figure = train.show_history(history)
    assert "validation accuracy goes from" in figure.description
    loss, accuracy = figure.get_axes()
    assert loss.lines[0].get_xdata().tolist() == [1, 2, 3]
    assert accuracy.lines[1].get_ydata().tolist() == history.history["val_accuracy"]
    assert train.show_history(history, alt="my words").description == "my words"


def test_a_saved_network_comes_back_the_same(trained, saved, ready, tmp_path):
    model, record = train.load_network(tmp_path / "work")
    assert record == saved
    assert record["parameters"] == PARAMETERS and record["parameter_count"] == 784 * 16 + 16 + 16 * 10 + 10
    again = model.predict(ready.x_test, verbose=0)
    assert np.array_equal(again, trained[0].predict(ready.x_test, verbose=0))
    assert [path.name for path in (tmp_path / "work").iterdir()] == [FILE], "half-written files stay behind"


def test_no_network_is_none(tmp_path):
    assert train.load_network(tmp_path) is None


def test_a_damaged_network_is_reported(saved, tmp_path, capsys):
    path = tmp_path / "work" / FILE
    path.write_bytes(path.read_bytes()[:2000])
    assert train.load_network(tmp_path / "work") is None
    assert "damaged" in capsys.readouterr().out


def test_a_network_with_code_in_it_is_not_loaded(saved, tmp_path):
    path = tmp_path / "work" / FILE
    trap = tmp_path / "trapped"
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    code = f"lambda x: __import__('pathlib').Path({str(trap)!r}).touch() or x"
    from tensorflow import keras

    keras.Sequential([keras.Input((784,)), keras.layers.Lambda(eval(code))]).save(path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(RECORD, parts[RECORD])
    trap.unlink(missing_ok=True)
    assert train.load_network(tmp_path / "work") is None
    assert not trap.exists()


def test_a_full_disk_is_reported_and_the_old_network_stays(trained, saved, tmp_path, monkeypatch, capsys):
    model, history, chart = trained

    def full(path):
        Path(path).write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(type(model), "save", lambda self, path: full(path))
    train.save_network(model, tmp_path / "work", "small", PARAMETERS, history, chart.seconds)
    assert "No space left" in capsys.readouterr().out
    assert train.load_network(tmp_path / "work")[1] == saved
    assert [path.name for path in (tmp_path / "work").iterdir()] == [FILE]


def test_stage_six_uses_the_network_of_stage_five(saved, ready, tmp_path, capsys):
    _, record = train.trained_model(ready, tmp_path / "work")
    assert record == saved
    assert "Using the network you trained in stage 5 (hidden 16, epochs 3)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("data", "reason"), [(None, "is not there yet"), ("fashion-mnist", "was trained on fashion-mnist, not small")]
)
def test_without_one_for_these_data_it_trains_and_keeps_one(trained, ready, tmp_path, capsys, data, reason):
    if data:
        model, history, chart = trained
        train.save_network(model, tmp_path, data, PARAMETERS, history, chart.seconds)
    model, record = train.trained_model(ready, tmp_path)
    assert f"The network of stage 5 {reason}" in capsys.readouterr().out
    assert record["data"] == "small" and record["parameters"]["hidden"] == model.get_layer("hidden").units == 512
    assert train.load_network(tmp_path)[1] == record


def test_result_tells_the_last_epoch(saved):
    values = train.training_result(saved).values
    assert values["validation_accuracy"] == saved["history"]["val_accuracy"][-1]
    assert values["parameters"] == PARAMETERS and values["stage"] == "train"


def test_one_cycle_climbs_falls_and_ends_near_nothing():
    rate = train.one_cycle(1000, epochs=2, batch_size=10, peak=0.01)
    values = [float(rate(step)) for step in range(201)]
    assert values[0] < 0.001 and max(values) == pytest.approx(0.01) and values[-1] < 0.0003
    assert values.index(max(values)) == 50
    assert values[:51] == sorted(values[:51]) and values[50:] == sorted(values[50:], reverse=True)


@pytest.mark.parametrize("wrong", [{"epochs": 0}, {"batch_size": 0}, {"peak": "fast"}])
def test_one_cycle_names_a_wrong_parameter(wrong):
    with pytest.raises(ParameterError):
        train.one_cycle(100, **({"epochs": 1, "batch_size": 10} | wrong))
