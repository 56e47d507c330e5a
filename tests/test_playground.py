"""Playgrounds: live where a front end is, a described image everywhere else."""

import re
import sys
from base64 import b64decode

import numpy as np
import pytest

from handwriting.prepare import flatten, one_hot, scale
from handwriting.widgets import playground
from handwriting.widgets.loss_surface import loss_surface_playground


@pytest.fixture(scope="module")
def playgrounds(small):
    """Each playground, by its name."""
    x, y = scale(flatten(small.x_train)), one_hot(small.y_train)
    return {
        "dropout_playground": playground.dropout_playground(),
        "image_playground": playground.image_playground(small.x_train, small.y_train),
        "learning_rate_playground": playground.learning_rate_playground(x, y),
        "loss_surface_playground": loss_surface_playground(x, y),
        "softmax_playground": playground.softmax_playground(),
        "threshold_playground": playground.threshold_playground(
            np.array([0, 0, 1, 1]), np.array([[0.6, 0.4], [0.995, 0.005], [0.9, 0.1], [0.2, 0.8]])
        ),
    }


@pytest.mark.parametrize("name", [*playground.__all__, "loss_surface_playground"])
def test_it_is_a_described_image_for_the_first_values(name, playgrounds):
    shown = playgrounds[name]
    data, about = shown._repr_mimebundle_()
    assert b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert about["image/png"]["alt"] == data["text/plain"] == repr(shown)
    assert len(repr(shown)) > 40 and any(letter.isdigit() for letter in repr(shown))


@pytest.mark.parametrize(
    ("name", "slider", "value", "words"),
    [
        ("softmax_playground", "eight", 5.0, "an 8 95.0 % (score 5.0)"),
        ("image_playground", "index", 7, "index 7 is of class 7"),
        ("dropout_playground", "share", 0.0, "0 of 192 hidden units are ignored. All of them are used."),
        ("dropout_playground", "share", 0.9, "multiplied by 10.00"),
        ("learning_rate_playground", "rate", 0.00001, "learning rate 1e-05"),
        ("loss_surface_playground", "steps", 1, "in 1 step."),
        ("threshold_playground", "percent", 80, "3 of 4 predictions are accepted; 66.67 % of them are right"),
        ("threshold_playground", "percent", 99.9, "0 of 4 predictions are accepted; none of them is sure enough"),
    ],
)
def test_moving_a_slider_changes_image_and_words(name, slider, value, words, playgrounds):
    shown = playgrounds[name]
    view, _ = shown.live()
    assert view[playground.WIDGET_VIEW]["model_id"] and shown.live() == (view, {}), "two views, one playground"
    before = shown.image.value
    assert words not in shown.words.value
    shown.controls[slider].value = value
    assert words in shown.words.value and shown.image.value != before


def test_softmax_shares_sum_to_everything(playgrounds):
    for scores in ((0, 0, 0), (5, -5, 5), (-5, -5, -5)):
        text = playgrounds["softmax_playground"].draw(three=scores[0], eight=scores[1], five=scores[2]).description
        shares = [float(word) for word, sign in zip(text.split(), text.split()[1:], strict=False) if sign == "%"]
        assert sum(shares) == pytest.approx(100, abs=0.11)


def test_dropout_ignores_about_the_share_that_was_chosen(playgrounds):
    shown = playgrounds["dropout_playground"]
    ignored = [int(shown.draw(0.3, image).description.split()[3]) for image in range(1, 21)]
    assert np.mean(ignored) == pytest.approx(0.3 * 192, rel=0.1)
    assert len(set(ignored)) > 5, "other units for each image"


def test_a_learning_rate_in_the_middle_learns_and_extremes_do_not(playgrounds):
    draw = playgrounds["learning_rate_playground"].draw
    last = {
        rate: float(re.search(r"to ([\d.]+), the mean", draw(rate).description)[1]) for rate in (0.00001, 0.01, 10.0)
    }
    assert last[0.01] < 0.5 * np.log(10) < last[0.00001] and last[10.0] > last[0.01]


def test_without_widgets_the_image_stays(monkeypatch):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    data, _ = playground.softmax_playground()._repr_mimebundle_()
    assert set(data) == {"text/plain", "image/png"}


def test_the_name_of_a_class_is_shown_as_it_is(small):
    names = ["$a$", "a class with a name that is much too long for one line", *"23456789"]
    shown = playground.image_playground(small.x_train, small.y_train, names)
    figures = [shown.draw(index=index) for index in (0, 1)]
    assert [playground.png(figure)[:4] for figure in figures] == [b"\x89PNG"] * 2
    long = "index 1: class a class with a name\nthat is much too long for one line"
    assert [figure.get_axes()[0].get_title() for figure in figures] == ["index 0: class $a$", long]
    assert names[1] in figures[1].description


def test_images_without_labels_are_refused(small):
    with pytest.raises(ValueError, match=r"240 images and 5 labels. Each image needs one"):
        playground.image_playground(small.x_train, small.y_train[:5])


def test_on_the_loss_surface_small_rates_creep_middle_ones_settle_and_large_ones_jump_off(playgrounds):
    draw = playgrounds["loss_surface_playground"].draw
    texts = [draw(rate, 20).description.partition("the loss goes")[2] for rate in (0.003, 0.3, 1.2)]
    numbers = [re.findall(r"\d+\.\d\d|more than 1,000", text) for text in texts]
    starts, ends, lowest = zip(*numbers, strict=True)
    assert len(set(starts)) == len(set(lowest)) == 1
    assert float(starts[0]) > float(ends[0]) > 0.5 * float(starts[0])
    assert float(ends[1]) == pytest.approx(float(lowest[0]), abs=0.01)
    assert ends[2] == "more than 1,000" and ["off the map" in text for text in texts] == [False, False, True]
