"""Watching a network learn, keeping it, and finding it again."""

import dataclasses
import errno
import json
import os
import re
import zipfile
from contextlib import nullcontext
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from build_notebooks import read_source
from conftest import ROOT, Later
from odd_files import rewrite

from handwriting.data.dataset import LOADED
from handwriting.data.formats import ARRAYS
from handwriting.errors import ArrayError, NetworkError, ParameterError
from handwriting.models.record import record_of
from handwriting.models.saved import FILE, RECORD, load_file, read_record
from handwriting.models.training import TRAINED, has_first_weights
from handwriting.parameters import PARAMETERS as ALL_PARAMETERS
from handwriting.prepare import prepared

evaluate, keras, tensorflow, train = map(Later, ("handwriting.evaluate", "keras", "tensorflow", "handwriting.train"))
NETWORKS = ("compile_classifier", "convolutional_network", "dense_network")
compile_classifier, convolutional_network, dense_network = (Later(f"handwriting.build:{name}") for name in NETWORKS)
pytestmark = pytest.mark.usefixtures("without_graphs")


@pytest.fixture(scope="module")
def ready(small):
    return prepared(small)


@pytest.fixture(scope="module")
def trained(ready):
    """A small network, its history, and the chart that watched it; it learns the small data well, with graphs."""
    model = dense_network(hidden=16, dropout=0, learning_rate=0.01)
    chart = train.LiveChart(3)
    validation = ready.x_validation, ready.y_validation
    history = model.fit(
        ready.x_train, ready.y_train, validation_data=validation, epochs=3, batch_size=16, verbose=0, callbacks=[chart]
    )
    return model, history, chart


PARAMETERS = {"hidden": 16, "activation": "relu", "dropout": 0.0, "optimizer": "adam", "learning_rate": 0.01}
PARAMETERS |= {"epochs": 3, "batch_size": 16, "seed": 0}


def fit(model, ready, epochs=1, batch_size=220):
    return model.fit(ready.x_train, ready.y_train, epochs=epochs, batch_size=batch_size, verbose=0)


@pytest.fixture(scope="module")
def fitted(ready):
    """A network after one training step, and its history, for tests that only save it."""
    model = dense_network(8)
    return model, fit(model, ready)


@pytest.fixture
def saved(trained, ready, tmp_path):
    model, history, chart = trained
    return train.save_network(model, tmp_path / "work", ready, PARAMETERS, history, chart.seconds)


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
    monkeypatch.setattr("IPython.display.display", lambda figure, display_id: print("chart") or Handle())
    model = dense_network(hidden=4)
    model.fit(ready.x_train, ready.y_train, epochs=2, batch_size=110, verbose=0, callbacks=[train.LiveChart(2)])
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["chart", "Epoch 1 of 2", "Epoch 2 of 2"]
    assert all("loss" in line and "validation" not in line for line in lines[1:])
    assert "training accuracy goes from" in updates[-1]


def test_chart_shows_what_is_measured(ready, capsys):
    model = dense_network(4)
    model.compile("sgd", "categorical_crossentropy", metrics=["acc"])
    chart = train.LiveChart(1, 64)
    validation = ready.x_validation, ready.y_validation
    model.fit(ready.x_train, ready.y_train, validation_data=validation, verbose=0, callbacks=[chart])
    assert re.fullmatch(r"Epoch 1 of 1: loss \d\.\d\d; validation loss \d\.\d\d\n", capsys.readouterr().out)
    assert set(chart.curves) == {"loss", "val_loss", "val_acc"}


@pytest.mark.parametrize("wrong", [{"epochs": 0}, {"epochs": "4"}, {"batch_size": 0}, {"batch_size": 100_000}])
def test_chart_refuses_what_fit_would_not_take(wrong):
    with pytest.raises(ParameterError, match=f'"{next(iter(wrong))}" must be'):
        train.LiveChart(**({"epochs": 4} | wrong))


def test_history_is_drawn_epoch_by_epoch(trained):
    _, history, _ = trained
    figure = train.show_history(history)
    assert "validation accuracy goes from" in figure.description
    loss, accuracy = figure.get_axes()
    assert loss.lines[0].get_xdata().tolist() == [1, 2, 3]
    assert accuracy.lines[1].get_ydata().tolist() == history.history["val_accuracy"]


def test_the_legend_is_not_on_the_line_of_a_network_that_knows_its_images():
    values = {"accuracy": [0.7, 1.0, 1.0, 1.0], "val_accuracy": [0.7, 0.8, 0.8, 0.8], "loss": [1, 0.2, 0, 0]}
    axes = train.show_history(SimpleNamespace(history=values, epoch=range(4), params={})).get_axes()[1]
    axes.figure.draw_without_rendering()
    assert axes.get_legend().get_window_extent().y1 < axes.transData.transform((4, 0.8))[1]


def test_the_last_epoch_is_told_or_that_there_is_none(trained):
    _, history, _ = trained
    assert train.last_epoch(history) == {key: values[-1] for key, values in history.history.items()}
    with pytest.raises(NetworkError, match="Training was interrupted, or has not begun"):
        train.last_epoch(None)  # as notebook 5 has it then


def test_a_saved_network_comes_back_the_same(trained, saved, ready, tmp_path):
    model, record = load_file(tmp_path / "work" / FILE)
    assert record == saved == read_record(tmp_path / "work" / FILE)
    assert record["parameters"] == PARAMETERS and record["parameter_count"] == 784 * 16 + 16 + 16 * 10 + 10
    assert record["data"] == "small" and record["fingerprint"] == ready.fingerprint
    assert record["class_names"] == list("0123456789")
    again = model.predict(ready.x_test, verbose=0)
    assert np.array_equal(again, trained[0].predict(ready.x_test, verbose=0))
    assert [path.name for path in (tmp_path / "work").iterdir()] == [FILE], "half-written files stay behind"


# --- The record says what the network is ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "printed"),
    [
        ({"hidden": 512}, "hidden 16, not 512"),
        ({"activation": "tanh", "dropout": 0.5}, "activation relu, not tanh, dropout 0.0, not 0.5"),
        ({"optimizer": "sgd", "learning_rate": 0.02}, "optimizer adam, not sgd, learning_rate 0.01, not 0.02"),
        ({"epochs": 4, "seed": 7}, "epochs 3, not 4, seed 0, not 7"),
    ],
)
def test_parameters_that_were_changed_after_training_are_not_recorded(trained, ready, tmp_path, capsys, said, printed):
    model, history, _ = trained
    record = train.save_network(model, tmp_path, ready, PARAMETERS | said, history, 1)
    assert record["parameters"] == PARAMETERS
    assert f"was trained with {printed}." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("said", "train_size", "recorded"),
    [
        ({"train_size": 55000}, 100, 100),
        ({"train_size": "many"}, 200, 200),
        *(({"batch_size": size}, None, 220) for size in (64, 0, "many")),
    ],
)
def test_sizes_that_were_not_used_are_not_recorded(fitted, small, tmp_path, capsys, said, train_size, recorded):
    ready, (model, history) = prepared(small, train_size), fitted
    if train_size:
        model = dense_network(8)
        history = fit(model, ready)
    used = train.save_network(model, tmp_path, ready, said, history, 1)["parameters"]
    (name,) = said
    assert used[name] == recorded and f"{name} {recorded}, not {said[name]}" in capsys.readouterr().out


def test_parameters_that_are_written_as_text_are_numbers_in_the_record(trained, ready, tmp_path, capsys):
    model, history, _ = trained
    said = {name: str(value) for name, value in PARAMETERS.items()}
    assert train.save_network(model, tmp_path, ready, said, history, 1)["parameters"] == PARAMETERS
    assert "trained with" not in capsys.readouterr().out


def test_layers_of_your_own_are_not_described_as_the_workshop_s(ready, tmp_path, capsys):
    layers = [
        keras.Input((784,)),
        *(keras.layers.Dense(size, "relu") for size in (8, 8)),
        keras.layers.Dense(10, "softmax"),
    ]
    rate = train.one_cycle(220, 1, 220)
    model = compile_classifier(keras.Sequential(layers, name="mine"), keras.optimizers.SGD(rate))
    record = train.save_network(model, tmp_path, ready, PARAMETERS | {"batch_size": 220}, fit(model, ready), 1)
    assert record["parameters"] == {"optimizer": "sgd", "epochs": 1, "batch_size": 220, "seed": 0}
    assert "hidden, activation, dropout, learning_rate" in capsys.readouterr().out
    assert train.trained_model(ready, tmp_path)[0].name == "mine"
    assert "with your own layers" in capsys.readouterr().out


def test_a_network_that_was_compiled_again_is_saved_without_its_optimizer(ready, tmp_path):
    model = dense_network(8)
    history = fit(model, ready)
    compile_classifier(model, "sgd")
    used = train.save_network(model, tmp_path, ready, {"optimizer": "adam"}, history, 1)["parameters"]
    assert used == {"hidden": 8, "activation": "relu", "dropout": 0.2, "epochs": 1, "seed": 0, "batch_size": 220}


def twice(model, ready):
    fit(model, ready)
    return fit(model, ready)


def continued(model, ready):
    history = fit(model, ready)
    fit(model, ready)
    return history


def interrupted(model, ready):
    class Interrupt(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        model.fit(ready.x_train, ready.y_train, batch_size=110, verbose=0, callbacks=[Interrupt()])
    return fit(model, ready)


def compiled_again(model, ready):
    fit(model, ready)
    compile_classifier(model)
    return fit(model, ready)


def another(model, ready):
    fit(model, ready)
    return fit(dense_network(8), ready)


def never(model, ready):
    return fit(dense_network(8), ready)


def refused(model, ready):
    return fit(model, ready, epochs=0)


def test_a_network_that_was_saved_and_trained_further_is_not_saved_as_if_it_were_new(ready, saved, tmp_path):
    model, _ = evaluate.trained_model(ready, tmp_path / "work")
    with pytest.raises(NetworkError, match="more than once"):
        train.save_network(model, tmp_path / "work", ready, {}, fit(model, ready), 1)
    assert read_record(tmp_path / "work" / FILE) == saved


def loaded(model, folder):
    return keras.models.load_model(folder / "work" / FILE, compile=False)


def copied(model, folder):
    new = dense_network(8)
    new.set_weights(model.get_weights())
    return new


def of_its_layers(model, folder):
    return keras.Sequential(list(model.layers))


def of_its_last_layer(model, folder):
    return keras.Sequential([keras.Input((784,)), keras.layers.Dense(8, "relu"), model.layers[-1]])


@pytest.mark.parametrize("again", [loaded, copied, of_its_layers, of_its_last_layer])
def test_a_network_that_begins_with_what_another_learned_is_not_saved_as_if_it_were_new(
    fitted, ready, saved, tmp_path, again
):
    model = keras.models.clone_model(fitted[0])  # others use that network
    model.set_weights(fitted[0].get_weights())
    model = again(model, tmp_path)
    compile_classifier(model)
    with pytest.raises(NetworkError, match="more than once"):
        train.save_network(model, tmp_path / "work", ready, {}, fit(model, ready), 1)
    assert read_record(tmp_path / "work" / FILE) == saved


def test_new_networks_of_many_kinds_are_known_as_new():
    layers, first = keras.layers, keras.initializers
    given = [first.HeNormal(keras.random.SeedGenerator(0)), lambda shape, dtype=None: np.random.normal(size=shape)]
    given += [first.Orthogonal(seed=1), "glorot_normal", np.ones((8, 8))]
    dense = [layers.Dense(8, kernel_initializer=one, bias_initializer=first.Constant(0.1)) for one in given]
    for model in (
        convolutional_network(),
        keras.Sequential([keras.Input((8,)), *dense]),
        keras.Sequential([keras.Input((28, 28)), layers.Bidirectional(layers.LSTM(4)), layers.GaussianDropout(0.1)]),
        keras.Sequential([layers.Dense(8)]),
        keras.Sequential([keras.Input((8,)), layers.SpectralNormalization(layers.Dense(8)), layers.Dense(2)]),
    ):
        assert has_first_weights(model)


@pytest.mark.parametrize(
    "layer",
    [
        lambda: keras.layers.SeparableConv2D(2, 3, use_bias=False),
        lambda: keras.layers.PReLU(),
        lambda: keras.layers.TimeDistributed(keras.layers.SimpleRNN(2)),
        lambda: keras.layers.BatchNormalization(),
    ],
)
def test_weights_of_any_name_that_others_learned_are_noticed(layer):
    model = keras.Sequential([keras.Input((4, 4, 1)), layer()])
    assert has_first_weights(model)
    weights = model.get_weights()
    for place in range(len(weights)):
        model.set_weights([one + (number == place) for number, one in enumerate(weights)])
        assert not has_first_weights(model), place


@pytest.mark.parametrize("around", [lambda base: base, lambda base: keras.layers.SpectralNormalization(base.layers[0])])
def test_a_network_on_layers_that_learned_before_is_not_saved_as_if_it_were_new(fitted, ready, tmp_path, around):
    base = keras.models.clone_model(fitted[0])
    base.set_weights(fitted[0].get_weights())
    base.trainable = False
    model = keras.Sequential([keras.Input((784,)), around(base), keras.layers.Dense(10, "softmax")])
    compile_classifier(model)
    with pytest.raises(NetworkError, match="began with weights from elsewhere"):
        train.save_network(model, tmp_path, ready, {}, fit(model, ready), 1)


def test_a_network_is_saved_only_with_an_accuracy_on_the_validation_images(ready, tmp_path):
    for x, y, is_right in (
        (ready.x_validation, ready.y_validation, True),
        (ready.x_validation[:20], ready.y_validation[:20], True),
        (ready.x_train, ready.y_train, False),
        (ready.x_test, ready.y_test, False),
    ):
        model = dense_network(8)
        history = model.fit(ready.x_train, ready.y_train, validation_data=(x, y), batch_size=220, verbose=0)
        with nullcontext() if is_right else pytest.raises(NetworkError, match="validated on other images"):
            train.save_network(model, tmp_path, ready, {}, history, 1)


def in_batches(x, y):
    return tensorflow.data.Dataset.from_tensor_slices((x, y)).batch(110)


@pytest.mark.parametrize(
    "options",
    [
        lambda ready: {"validation_split": 0.1},
        lambda ready: {"validation_data": (ready.x_validation[:9], ready.y_validation[:9])},
        lambda ready: {"validation_data": (ready.x_validation, ready.y_validation), "validation_steps": 1},
        lambda ready: {"validation_data": in_batches(ready.x_validation, ready.y_validation)},
    ],
    ids=["a share", "a few", "a step", "batches"],
)
def test_what_was_not_measured_on_all_validation_images_is_left_out(ready, capsys, options):
    model = dense_network(8)
    history = model.fit(ready.x_train, ready.y_train, verbose=0, **options(ready))
    record = record_of(model, ready, {}, history, 1)
    assert "val_accuracy" in history.history and [*record["history"]] == ["accuracy", "loss"]
    assert "on other images than all of the validation images" in capsys.readouterr().out


def test_validation_images_that_were_changed_are_others(ready):
    changed = dataclasses.replace(ready, x_validation=ready.x_train[:20].copy(), y_validation=ready.y_train[:20])
    model = dense_network(8)
    data = (changed.x_validation, changed.y_validation)
    history = model.fit(ready.x_train, ready.y_train, validation_data=data, verbose=0)
    with pytest.raises(NetworkError, match="validated on other images"):
        record_of(model, changed, {}, history, 1)


def test_what_a_fit_hides_is_not_recorded(ready):
    rates = keras.callbacks.LearningRateScheduler(lambda epoch: 0.05 if epoch == 1 else 0.001)
    for options, name in (
        ({"callbacks": [rates], "epochs": 3}, "learning_rate"),
        ({"sample_weight": np.ones(len(ready.x_train))}, "train_size"),
        ({"frozen": True}, "hidden"),
    ):
        model = dense_network(8, learning_rate=0.001)
        if options.pop("frozen", False):
            model.layers[0].trainable = False
            compile_classifier(model)
        history = model.fit(ready.x_train, ready.y_train, verbose=0, **options)
        model.trainable = True  # a layer that did not learn may do so afterwards
        assert name not in record_of(model, ready, {"learning_rate": 0.001}, history, 1)["parameters"]


@pytest.mark.parametrize("kind", ["averages", "within another", "within two", "metric"])
def test_an_accuracy_that_keras_leaves_behind_is_not_recorded(ready, kind):
    model, metric = dense_network(8), "accuracy"
    optimizer = keras.optimizers.Adam(0.05, use_ema=kind != "metric", ema_momentum=0.999)
    for _ in range({"within another": 1, "within two": 2}.get(kind, 0)):
        optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
    if kind == "metric":
        metric = keras.metrics.TopKCategoricalAccuracy(9, name="val_accuracy")
    model.compile(optimizer, model.loss, metrics=[metric])
    data = (ready.x_validation, ready.y_validation)
    history = model.fit(ready.x_train, ready.y_train, validation_data=data, epochs=3, verbose=0)
    with pytest.raises(NetworkError, match="or the optimizer changed the weights"):
        record_of(model, ready, {}, history, 1)


def test_an_optimizer_that_leaves_out_steps_that_overflow_has_a_record(ready):
    model = dense_network(8)
    scaled = {"initial_scale": 2.0**126, "dynamic_growth_steps": 1}  # which doubles until it is too large
    model.compile(keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(), **scaled), model.loss)
    history = model.fit(ready.x_train, ready.y_train, epochs=2, verbose=0)
    assert int(model.optimizer.iterations) < 2 * history.params["steps"]
    used = record_of(model, ready, {}, history, 1)["parameters"]
    assert used == {**used, "epochs": 2, "optimizer": "adam", "learning_rate": 0.001}


@pytest.mark.skipif(not hasattr(keras.optimizers, "MultiOptimizer"), reason="this Keras has one optimizer at a time")
def test_several_optimizers_are_all_in_the_record(ready):
    optimizers = keras.optimizers
    several = optimizers.OptimizerMap(optimizers.SGD(0.1), {".*bias": optimizers.Adam(use_ema=True)})
    model = dense_network(8)
    model.compile(optimizers.MultiOptimizer(several), model.loss)
    history = model.fit(ready.x_train, ready.y_train, verbose=0)
    used = record_of(model, ready, {"learning_rate": 0.001}, history, 1)["parameters"]
    assert set(used["optimizer"].split(" and ")) == {"sgd", "adam"} and "learning_rate" not in used
    assert TRAINED[model].own == ("callback",)  # averages of the weights came in at the end


def test_a_recurrent_layer_that_had_learned_before_is_noticed(ready):
    recurrent = keras.layers.LSTM(4)
    for is_new in (True, False):
        layers = [keras.Input((784,)), keras.layers.Reshape((28, 28)), recurrent, keras.layers.Dense(10, "softmax")]
        model = compile_classifier(keras.Sequential(layers))
        history = model.fit(ready.x_train[:40], ready.y_train[:40], verbose=0)
        with nullcontext() if is_new else pytest.raises(NetworkError, match="weights from elsewhere"):
            record_of(model, ready, {}, history, 1)


@pytest.mark.parametrize("teach", [never, refused])
def test_a_network_that_was_not_trained_replaces_none_that_was(ready, saved, tmp_path, teach):
    model = dense_network(8)
    with pytest.raises(NetworkError, match=r"was not trained|more than once"):
        train.save_network(model, tmp_path / "work", ready, {}, teach(model, ready), 1)
    assert read_record(tmp_path / "work" / FILE) == saved


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"parameters": {"hidden": [16]}}, '"hidden" is a list'),
        ({"parameters": {"hidden": {"a": 1}}}, '"hidden" is a dict'),
        ({"parameters": {"seed": True}}, '"seed" is a bool'),
        ({"seconds": True}, "It is not known how long training took"),
        ({"parameters": [16]}, "names and values, not list"),
        ({"data": None}, "come from `prepared`; this is NoneType"),
        ({"data": "mnist"}, "come from `prepared`; this is str"),
        ({"history": None}, "what `fit` returned, not NoneType"),
        ({"history": {"loss": [1.0]}}, "what `fit` returned, not dict"),
        ({"model": "digits"}, "Only a Keras model can be saved here, not str"),
        ({"seconds": None}, "not known how long training took"),
        ({"seconds": np.nan}, "not known how long training took"),
        ({"seconds": 0.0}, "not known how long training took"),  # of a chart whose training was refused
        ({"seconds": 0.0, "history": None}, "or was interrupted. Train this network"),  # as notebook 5 has it then
    ],
)
def test_what_could_not_be_read_again_is_not_saved(trained, ready, saved, tmp_path, wrong, words):
    model, history, chart = trained
    right = {"model": model, "data": ready, "parameters": PARAMETERS, "history": history, "seconds": chart.seconds}
    with pytest.raises(NetworkError, match=words):
        train.save_network(work_dir=tmp_path / "work", **(right | wrong))
    assert read_record(tmp_path / "work" / FILE) == saved


def test_numbers_of_numpy_are_saved_and_curves_that_are_none_left_out(fitted, ready, tmp_path, monkeypatch):
    model, history = fitted
    monkeypatch.setitem(history.history, "f1", [np.zeros(10)])
    said = {"batch_size": np.int64(220), "train_size": np.array(220)}
    record = train.save_network(model, tmp_path, ready, said, history, np.float32(1))
    assert record == read_record(tmp_path / FILE) and set(record["history"]) == {"loss", "accuracy"}
    assert record["parameters"]["batch_size"] == 220


def shuffled(ready):
    ready = dataclasses.replace(ready, x_train=ready.x_train.copy())
    np.random.default_rng(0).shuffle(ready.x_train)  # in place, and the labels stay
    return ready.x_train, ready.y_train, ready


@pytest.mark.parametrize(
    "change",
    [
        lambda ready: (ready.x_test, ready.y_test, ready),
        lambda ready: (ready.x_validation[::-1], ready.y_validation[::-1], ready),
        lambda ready: (ready.x_train / 255, ready.y_train, ready),
        lambda ready: (ready.x_train[:, ::-1], ready.y_train, ready),
        lambda ready: (ready.x_train, ready.y_train[::-1], ready),
        lambda ready: (ready.x_train, ready.y_train * 2, ready),
        lambda ready: (ready.x_train, 0.9 * ready.y_train + 0.01, ready),
        lambda ready: (ready.x_train[50:], ready.y_train[50:], ready),
        lambda ready: (*(np.concatenate([part, part]) for part in (ready.x_train, ready.y_train)), ready),
        shuffled,
    ],
)
def test_a_network_is_not_saved_under_data_that_it_was_not_trained_on(ready, saved, tmp_path, change):
    model = dense_network(8)
    x, y, now = change(ready)
    history = model.fit(x, y, batch_size=len(x), verbose=0)
    with pytest.raises(NetworkError, match="on other images or labels"):
        train.save_network(model, tmp_path / "work", now, {}, history, 1)
    assert read_record(tmp_path / "work" / FILE) == saved


def test_a_network_is_not_saved_under_fewer_classes(fitted, ready, tmp_path):
    model, history = fitted
    with pytest.raises(NetworkError, match="3 class names, but the network has 10"):
        train.save_network(model, tmp_path, dataclasses.replace(ready, class_names=tuple("abc")), {}, history, 1)


SAID = {"train_size": 55000, "batch_size": 110}


@pytest.mark.parametrize(
    ("options", "recorded"),
    [
        ({}, {"batch_size": 32, "train_size": 55000}),  # Keras's own batch size; more was asked for than there is
        ({"part": slice(100), "batch_size": 50}, {"batch_size": 50, "train_size": 100}),
        ({"part": slice(None, None, -1), "batch_size": 110}, {"batch_size": 110, "train_size": 55000}),
        ({"validation_split": 0.5, "batch_size": 55}, {"batch_size": 55, "train_size": 110}),
        ({"batch_size": 115}, {"batch_size": 115, "train_size": 55000}),  # as many steps as with 110
    ],
)
def test_sizes_in_the_record_are_those_of_the_training(ready, tmp_path, options, recorded):
    model, part = dense_network(8), options.pop("part", slice(None))
    history = model.fit(ready.x_train[part], ready.y_train[part], verbose=0, **options)
    used = train.save_network(model, tmp_path, ready, SAID, history, 1)["parameters"]
    assert {name: used[name] for name in SAID if name in used} == recorded


def test_batches_that_a_program_makes_have_no_size(ready, tmp_path, capsys):
    model = dense_network(8)
    batches = in_batches(ready.x_train, ready.y_train)
    used = train.save_network(model, tmp_path, ready, SAID, model.fit(batches, verbose=0), 1)["parameters"]
    assert not SAID.keys() & used.keys() and "Left out of the record" in capsys.readouterr().out


def test_a_network_whose_weights_were_changed_after_training_is_not_saved(fitted, ready, tmp_path):
    model, history = fitted
    learned = model.get_weights()
    model.set_weights([1.01 * part for part in learned])
    try:
        with pytest.raises(NetworkError, match="not those that training left"):
            train.save_network(model, tmp_path, ready, {}, history, 1)
    finally:
        model.set_weights(learned)  # others use this network
    train.save_network(model, tmp_path, ready, {}, history, 1)


def test_the_record_ends_with_the_weights_that_were_kept(ready, tmp_path, capsys):
    model = dense_network(8, dropout=0)
    validation = ready.x_validation, ready.y_validation
    stop = keras.callbacks.EarlyStopping("loss", mode="max", patience=2, restore_best_weights=True)  # the first is best
    options = {"epochs": 9, "batch_size": 220, "validation_data": validation, "verbose": 0, "callbacks": [stop]}
    history = model.fit(ready.x_train, ready.y_train, **options)
    record = train.save_network(model, tmp_path, ready, {"epochs": 9}, history, 1)
    accuracy = model.evaluate(*validation, verbose=0)[1]
    assert record["history"]["val_accuracy"] == pytest.approx([accuracy]) and record["parameters"]["epochs"] == 1
    assert "undid the last epochs" in capsys.readouterr().out and len(history.epoch) == 3


def first_weights():
    """A callback that puts the first weights back when training ends."""

    class Restore(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.first = self.model.get_weights()

        def on_train_end(self, logs=None):
            self.model.set_weights(self.first)

    return Restore()


def compile_with_top_8(model):
    metric = keras.metrics.TopKCategoricalAccuracy(8, name="accuracy")
    model.compile("sgd", "categorical_crossentropy", metrics=[metric])


@pytest.mark.parametrize("own", ["callback", "function", "metric", "nothing", "harmless"])
def test_an_accuracy_that_is_not_the_network_s_is_not_recorded(ready, monkeypatch, capsys, own):
    model = dense_network(16, dropout=0, learning_rate=0.01)
    if own == "metric":
        compile_with_top_8(model)
    first, callbacks = model.get_weights(), []
    if own == "callback":
        callbacks = [first_weights()]
    elif own == "function":
        callbacks = keras.callbacks.LambdaCallback(on_train_end=lambda logs: model.set_weights(first))
    elif own == "harmless":
        callbacks = [type("Own", (keras.callbacks.Callback,), {})()]
    validation = (ready.x_validation, ready.y_validation)
    options = {"epochs": 2, "batch_size": 16, "verbose": 0, "callbacks": callbacks}
    history = model.fit(ready.x_train, ready.y_train, validation_data=validation, **options)
    if own == "nothing":
        monkeypatch.setattr(keras.Model, "predict", None)  # it takes time, and there is no reason to
    if own in ("nothing", "harmless"):
        assert "val_accuracy" in record_of(model, ready, {}, history, 1)["history"]
        return
    with pytest.raises(NetworkError, match=r"The validation accuracy in the history is .*, but this network's is"):
        record_of(model, ready, {}, history, 1)
    if own == "metric":
        model = dense_network(16)
        compile_with_top_8(model)
        assert "accuracy" not in record_of(model, ready, {}, fit(model, ready), 1)["history"]
        assert "because a metric of your own has that name" in capsys.readouterr().out


def test_a_learning_rate_that_changed_is_not_recorded(ready, tmp_path):
    model = dense_network(8, learning_rate=0.01)
    slower = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
    history = model.fit(ready.x_train, ready.y_train, epochs=2, batch_size=220, verbose=0, callbacks=[slower])
    used = train.save_network(model, tmp_path, ready, {"learning_rate": 0.01}, history, 1)["parameters"]
    assert "learning_rate" not in used
    model = dense_network(8, learning_rate=0.01)
    history = fit(model, ready)
    model.optimizer.learning_rate = 5
    assert train.save_network(model, tmp_path, ready, {}, history, 1)["parameters"]["learning_rate"] == 0.01


@pytest.mark.parametrize("teach", [twice, continued, interrupted, compiled_again, another])
def test_training_that_the_history_does_not_tell_of_is_not_saved(ready, saved, tmp_path, teach):
    model = dense_network(8)
    with pytest.raises(NetworkError, match="trained more than once or began with weights from elsewhere, or training"):
        train.save_network(model, tmp_path / "work", ready, {}, teach(model, ready), 1)
    assert read_record(tmp_path / "work" / FILE) == saved


def test_a_network_that_did_not_learn_is_saved_as_json(fitted, ready, tmp_path, monkeypatch):
    model, history = fitted
    monkeypatch.setitem(history.history, "loss", [np.nan])
    train.save_network(model, tmp_path, ready, {}, history, 1)
    with zipfile.ZipFile(tmp_path / FILE) as archive:
        json.loads(archive.read(RECORD), parse_constant=pytest.fail)
    assert np.isnan(read_record(tmp_path / FILE)["history"]["loss"]).all()


# --- Files that are not what they should be ---------------------------------------------------------------------


def record_with(**parts):
    whole = {"data": "small", "parameters": {}, "parameter_count": 1, "history": {}, "seconds_to_fit": 1}
    return json.dumps(whole | parts)


@pytest.mark.parametrize(
    "content",
    [
        *("", "[1]", "null", "3", '"text"', "{}", '{"data": "small"}', "[" * 100_000, "\xff"),
        *(
            record_with(**{key: wrong})
            for key in ("data", "parameters", "parameter_count", "history")
            for wrong in (None, [])
        ),
        *(record_with(history=wrong) for wrong in ({"loss": 3}, {"loss": ["x"]})),
        *(record_with(class_names=wrong) for wrong in ("abc", [1, 2], {})),
        *(record_with(fingerprint=3), record_with(parameters={"hidden": [1]}), record_with(data="x" * 6_000_000)),
    ],
    ids=lambda content: content[:30],
)
def test_a_record_that_is_not_one_is_none(saved, tmp_path, content):
    path = tmp_path / "work" / FILE
    rewrite(path, RECORD, content)
    assert read_record(path) is None


def test_old_records_are_read(saved, ready, tmp_path, capsys):
    path = tmp_path / "work" / FILE
    newer = dict.fromkeys(("fingerprint", "class_names", "weights", "test_labels"))
    old = {key: value for key, value in saved.items() if key not in newer}
    rewrite(path, RECORD, json.dumps(old).encode())
    assert read_record(path) == old | newer
    assert train.trained_model(ready, tmp_path / "work")[1]["fingerprint"] is None
    assert "it is not known whether the images are still the same" in capsys.readouterr().out


@pytest.mark.parametrize("kind", ["missing", "folder", "fifo", "text", "truncated"])
def test_what_is_not_a_network_has_no_record_and_is_not_loaded(saved, tmp_path, kind):
    path = tmp_path / "work" / FILE
    content = path.read_bytes()
    path.unlink()
    if kind == "folder":
        path.mkdir()
    elif kind == "fifo":
        if not hasattr(os, "mkfifo"):
            pytest.skip("there are no pipes with a name here")
        os.mkfifo(path)
    elif kind != "missing":
        path.write_bytes(content[:2000] if kind == "truncated" else b"text")
    assert read_record(path) is None
    words = "It is a folder. Give" if kind == "folder" else "cannot be used|cannot be loaded|is neither a file"
    with pytest.raises(NetworkError, match=words):
        load_file(path)


def test_a_network_with_code_in_it_is_not_loaded(saved, tmp_path):
    path = tmp_path / "work" / FILE
    trap = tmp_path / "trapped"
    code = f"lambda x: __import__('pathlib').Path({str(trap)!r}).touch() or x"
    keras.Sequential([keras.Input((784,)), keras.layers.Lambda(eval(code))]).save(path)
    rewrite(path, RECORD, json.dumps(saved).encode())
    trap.unlink(missing_ok=True)
    with pytest.raises(NetworkError, match='contains "Lambda", which is not loaded'):
        load_file(path)
    assert not trap.exists()


def test_a_full_disk_is_reported_and_the_old_network_stays(trained, ready, saved, tmp_path, monkeypatch, capsys):
    model, history, chart = trained

    def full(path):
        Path(path).write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(type(model), "save", lambda self, path: full(path))
    train.save_network(model, tmp_path / "work", ready, PARAMETERS, history, chart.seconds)
    assert "No space left" in capsys.readouterr().out
    assert read_record(tmp_path / "work" / FILE) == saved
    assert [path.name for path in (tmp_path / "work").iterdir()] == [FILE]


@pytest.mark.parametrize("work_dir", ["x" * 300, "a\0b", "file/work", "~nobody-of-this-name/work", ""])
def test_a_folder_that_cannot_be_made_is_reported(trained, ready, tmp_path, monkeypatch, capsys, work_dir):
    model, history, chart = trained
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    if work_dir:  # what was trained is not lost
        train.save_network(model, work_dir, ready, PARAMETERS, history, chart.seconds)
        assert "cannot be saved in" in capsys.readouterr().out
    else:
        with pytest.raises(ParameterError, match='"work_dir" must be'):
            train.save_network(model, work_dir, ready, PARAMETERS, history, chart.seconds)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_file_that_somebody_else_saved_gets_another_name(trained, ready, tmp_path, capsys):
    model, history, _ = trained
    (tmp_path / FILE).write_bytes(b"mine")
    (tmp_path / "network-1.keras").write_bytes(b"older")
    train.save_network(model, tmp_path, ready, PARAMETERS, history, 1)
    assert (
        tmp_path / "network-2.keras"
    ).read_bytes() == b"mine" and "now called network-2.keras" in capsys.readouterr().out
    assert (tmp_path / "network-1.keras").read_bytes() == b"older" and read_record(tmp_path / FILE) is not None


# --- Stage 6 ----------------------------------------------------------------------------------------------------


def test_stage_six_uses_the_network_of_stage_five(saved, ready, tmp_path, capsys):
    model, record = train.trained_model(ready, tmp_path / "work")
    assert record == saved
    words = "(hidden 16, dropout 0.0, learning_rate 0.01, epochs 3, batch_size 16)"
    assert capsys.readouterr().out == f"Using the network you trained in notebook 5 {words}.\n"
    assert model.evaluate(ready.x_test, ready.y_test, verbose=0)[1] > 0.9


def test_a_network_that_scales_images_itself_has_a_result(ready, tmp_path):
    import keras

    model = keras.Sequential([keras.Input((784,)), keras.layers.Rescaling(1 / 255), keras.layers.Dense(10, "softmax")])
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    options = {"validation_data": (ready.x_validation, ready.y_validation), "epochs": 1, "verbose": 0}
    history = model.fit(ready.x_train, ready.y_train, **options)
    record = train.save_network(model, tmp_path, ready, {}, history, 1.0)
    LOADED["prepared"] = ready
    measured = model.evaluate(ready.x_test, ready.y_test, verbose=0)
    evaluate.test_result(record, *measured, ready.labels_test, model.predict(ready.x_test, verbose=0), model)
    with pytest.raises(ArrayError, match="are not for the test images"):
        moved = model.predict(1 - ready.x_test, verbose=0)
        evaluate.test_result(record, 1, (moved.argmax(1) == ready.labels_test).mean(), ready.labels_test, moved, model)


def test_a_result_of_stage_six_is_of_the_trained_network_alone(trained, saved, ready, tmp_path):
    model, record = train.trained_model(ready, tmp_path / "work")
    labels = ready.labels_test
    values = record, 0.0, 1.0, labels, np.eye(10)[labels]
    for right in (model, trained[0]):
        assert evaluate.test_result(*values, right).values["parameters"] == PARAMETERS
    for loss in (99.0, np.nan):
        with pytest.raises(ArrayError, match="from different runs"):
            evaluate.test_result(record, loss, *values[2:], model)
    LOADED["prepared"] = ready  # other tests have prepared other data
    moved = np.roll(labels, 1)  # what it may be for images that were changed
    with pytest.raises(ArrayError, match="are not for the test images"):
        evaluate.test_result(record, 16.118, 0.0, labels, np.eye(10)[moved], model)
    ready.images_test[0, 0, 0] ^= 1  # in place, before everything is measured on them
    with pytest.raises(ArrayError, match="test images were changed after they were prepared"):
        evaluate.test_result(*values, model)
    ready.images_test[0, 0, 0] ^= 1
    labels = ready.y_train.argmax(axis=1)
    with pytest.raises(ArrayError, match="not those of the test images of small"):
        evaluate.test_result(record, 0.0, 1.0, labels, np.eye(10)[labels], model)
    fit(model, ready)
    for other in (model, dense_network(hidden=16, dropout=0)):  # trained further; not trained at all
        with pytest.raises(NetworkError, match="not to this one"):
            evaluate.test_result(*values, other)


def own_loss(labels, outputs):
    return keras.losses.categorical_crossentropy(labels, outputs)


def test_a_network_with_a_loss_of_your_own_is_used(ready, tmp_path, capsys):
    model = dense_network(8)
    model.compile("adam", own_loss, metrics=["accuracy"])
    train.save_network(model, tmp_path, ready, {}, fit(model, ready), 1)
    assert train.trained_model(ready, tmp_path)[1]["parameters"]["hidden"] == 8
    assert "Using the network" in capsys.readouterr().out


def with_layers(*layers, shape=(784,)):
    return compile_classifier(keras.Sequential([keras.Input(shape), *layers, keras.layers.Dense(10, "softmax")]))


def scaled():
    return with_layers(keras.layers.Rescaling(1 / 255))


def scores():
    return compile_classifier(keras.Sequential([keras.Input((784,)), keras.layers.Dense(10)]))


@pytest.mark.parametrize(
    ("build", "other", "reason"),
    [
        (lambda: dense_network(4), {"name": "other"}, "was trained on other, not small"),
        (lambda: dense_network(4), {"fingerprint": "0" * 16}, "other images or classes that are also called small"),
        (
            lambda: dense_network(4, classes=3),
            {"fingerprint": None, "class_names": tuple("abc")},
            "does not have the 10 classes",
        ),
        (lambda: with_layers(keras.layers.Flatten(), shape=(28, 28)), {}, "takes 28 × 28 pixels per image"),
        (scaled, {}, "scales images itself"),
        (scores, {}, "not probabilities"),
    ],
)
def test_a_network_that_does_not_fit_is_not_used(ready, tmp_path, capsys, build, other, reason):
    model = build()
    x, y = ready.x_train.reshape(-1, *model.input_shape[1:]), ready.y_train[:, : model.output_shape[1]]
    now = dataclasses.replace(ready, y_train=y, marks=None, **other)
    train.save_network(model, tmp_path, now, {}, model.fit(x, y, batch_size=220, verbose=0), 1)
    with pytest.raises(NetworkError, match=reason):
        train.saved_network(ready, tmp_path / FILE)
    assert ("scaled already, so other notebooks will not use it" in capsys.readouterr().out) == (build is scaled)


@pytest.mark.parametrize(
    ("units", "reason"), [(b'"units":  10', "did not save it"), (b'"units": 10, "sparkling": 3', "TypeError")]
)
def test_a_network_that_another_program_saved_is_not_used(ready, tmp_path, units, reason):
    path = tmp_path / FILE
    keras.Sequential([keras.Input((784,)), keras.layers.Dense(10, "softmax")]).save(path)
    rewrite(path, "config.json", (b'"units": 10', units))
    with pytest.raises(NetworkError, match=reason):
        train.saved_network(ready, path)


@pytest.mark.parametrize("before", [None, b"text"])
def test_without_a_network_it_trains_one_and_what_is_there_stays(ready, tmp_path, capsys, before):
    path = tmp_path / FILE
    if before:
        path.write_bytes(before)
    model, record = train.trained_model(dataclasses.replace(ready, train_size=220), tmp_path)
    printed = capsys.readouterr().out
    assert (
        "not a .keras file" if before else "no network from notebook 5 yet."
    ) in printed and "training one now" in printed
    assert record["data"] == "small" and record["parameters"]["hidden"] == model.get_layer("hidden").units == 512
    assert list(tmp_path.iterdir()) == [path] and "trained with" not in printed
    if before:
        assert path.read_bytes() == before and "is unchanged" in printed
    else:
        assert read_record(path) == record


def test_data_that_are_not_prepared_are_named_before_anything_is_trained(small, tmp_path):
    with pytest.raises(NetworkError, match=r"this is Dataset\. Write ready = prepared"):
        train.trained_model(small, tmp_path)
    assert not list(tmp_path.iterdir())


def test_result_tells_the_last_epoch(saved):
    with pytest.raises(NetworkError, match="Run the Train cell, then"):
        train.training_result(None)  # the notebook's record, if training was interrupted
    values = train.training_result(saved).values
    assert values["validation_accuracy"] == saved["history"]["val_accuracy"][-1]
    assert values["parameters"] == PARAMETERS and values["stage"] == "train"
    assert (values["data"], values["data_fingerprint"]) == ("small", saved["fingerprint"])


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


@cache
def source_cells(stage):
    return read_source(ROOT / "notebooks" / "source" / f"{stage}.py").cells


# --- The parameters cell ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stage", "wrong"),
    [
        *(("05_train", {name: value}) for name, value in (("batch_size", 0), ("batch_size", 100_000), ("epochs", "4"))),
        *(("05_train", {name: 0}) for name in ("hidden", "epochs", "train_size", "learning_rate", "activation")),
        *(("05_train", wrong) for wrong in ({"dropout": 1}, {"seed": -1}, {"optimizer": "adm"}, {"hidden": "many"})),
        *(("08_stronger_network", wrong) for wrong in ({"examples": 0}, {"examples": "500"}, {"epochs_each": 0})),
        *(("08_stronger_network", wrong) for wrong in ({"epochs_each": "1"}, {"seed": "0"})),
    ],
)
def test_a_wrong_parameter_is_named_before_a_notebook_trains(arrays, tmp_path, monkeypatch, stage, wrong):
    np.savez(tmp_path / "own.npz", **dict(zip(ARRAYS, arrays, strict=True)))
    monkeypatch.setattr(keras.Sequential, "fit", lambda *_, **__: pytest.fail("it trains"))
    space = {}
    with pytest.raises(ParameterError, match=f'"{next(iter(wrong))}" must be'):
        for cell in source_cells(stage):
            if cell.cell_type == "code" and "setup" not in cell.metadata.get("tags", []):
                exec(cell.source, space)
                space |= {"data": str(tmp_path / "own.npz"), **wrong} if "@param" in cell.source else {}


def cells_of_notebook_5():
    """Return the Train cell and the one that saves the network."""
    cells = [cell.source for cell in source_cells("05_train")]
    return [next(cell for cell in cells if words in cell) for words in ("chart = LiveChart(", "save_network(model")]


def test_cells_that_are_run_in_another_order_lose_no_network(ready, tmp_path, monkeypatch):
    learn, keep = cells_of_notebook_5()
    monkeypatch.chdir(tmp_path)
    space = {name: parameter.default for name, parameter in ALL_PARAMETERS.items()}
    space |= {"hidden": 4, "epochs": 1, "ready": ready, "classes": 10, "dense_network": dense_network}
    exec(learn, space)
    exec(keep, space)
    kept = read_record(tmp_path / "my_work" / FILE)
    assert kept["parameters"]["hidden"] == 4 and kept["fingerprint"] == ready.fingerprint
    space["epochs"] = 0
    with pytest.raises(ParameterError):
        exec(learn, space)
    exec(keep, space)  # the network is still the one that was trained
    assert read_record(tmp_path / "my_work" / FILE) == kept
    for wrong in ({"hidden": 0, "epochs": 1}, {"ready": dataclasses.replace(ready, marks=ready.marks[::2])}):
        space |= wrong
        if "hidden" in wrong:
            with pytest.raises(ParameterError):
                exec(learn, space)
        with pytest.raises(NetworkError):
            exec(keep, space)
    assert read_record(tmp_path / "my_work" / FILE) == kept
