"""Figures: what they show, and what they tell people who cannot see them."""

import warnings

import matplotlib
import numpy as np
import pytest
from conftest import Later
from matplotlib import pyplot
from matplotlib.text import Text

from handwriting import visualize
from handwriting.errors import ArrayError, ParameterError
from handwriting.figures.labels import FALLBACKS, fitted
from handwriting.figures.live import draw_curves
from handwriting.figures.style import described_png, description, use_style
from handwriting.pad import DrawingPad
from handwriting.widgets.playground import image_playground

evaluate = Later("handwriting.evaluate")
SQUARES = np.full((4, 28, 28), 200, np.uint8)


def titles(figure):
    return [text.get_text() for text in figure.get_axes()[0].texts]


def test_show_images_shows_each_with_its_title():
    images = np.stack([np.full((28, 28), level, np.uint8) for level in (40, 80, 120, 160)])
    figure = visualize.show_images(images, ["a", "b", "c", "d"])
    assert titles(figure) == ["a", "b", "c", "d"]
    (sheet,) = figure.get_axes()[0].images
    assert [(np.isclose(sheet.get_array(), level / 255)).sum() for level in (40, 80, 120, 160)] == [28 * 28] * 4
    assert figure.description == "4 images in 2 rows, titled a, b, c, d"


def test_show_images_takes_one_image_none_or_many():
    figure = visualize.show_images(SQUARES[0], 7)
    assert titles(figure) == ["7"] and figure.description == "1 image in 1 row, titled 7"
    assert visualize.show_images(SQUARES[:0]).texts[0].get_text() == "There are no images to show."
    assert visualize.show_images(np.repeat(SQUARES, 6, axis=0)).description == "24 images in 5 rows"


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (np.zeros((2, 784)), None, "reshape"),
        (np.zeros(5), None, r"shape \(5,\)"),
        (SQUARES, ["a"], "4 images and 1 title"),
    ],
)
def test_show_images_explains_what_it_takes(images, labels, message):
    with pytest.raises(ArrayError, match=message):
        visualize.show_images(images, labels)


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ([0, 1, 2, 3], "Labels must be from 0 to 2"),
        (np.eye(4), r"Labels must have shape \(n,\)"),
        (list("abcd"), "whole numbers"),
    ],
)
def test_labels_that_are_no_classes_are_explained(labels, words):
    for show in (visualize.show_averages, lambda images, *rest: visualize.show_counts(*rest)):
        with pytest.raises(ArrayError, match=words):
            show(SQUARES, labels, "abc")
    with pytest.raises(ArrayError, match="4 images and 3 labels"):
        visualize.show_averages(SQUARES, [0, 1, 2], "abc")


def test_a_description_can_be_given():
    assert visualize.show_images(SQUARES[0], alt="my words").description == "my words"


def test_show_pixels_writes_the_numbers_of_the_crop():
    image = np.arange(784, dtype=np.uint16).reshape(28, 28).astype(np.uint8)
    figure = visualize.show_pixels(image, top=3, left=5, size=2)
    assert [text.get_text() for text in figure.get_axes()[1].texts] == ["89", "90", "117", "118"]


def test_average_images_average_each_class_alone():
    images = np.stack([np.full((2, 2), level) for level in (10, 30, 200)])
    averages = visualize.average_images(images, [1, 1, 0], classes=3)
    assert averages[:, 0, 0].tolist() == [200, 20, 0]


def test_show_averages_and_counts_name_the_classes():
    labels = np.array([0, 0, 1, 0], np.uint8)
    figure = visualize.show_averages(SQUARES, labels, ["shirt", "bag"])
    assert titles(figure) == ["shirt", "bag"]
    assert figure.description == "2 blurred images: the average of all images of each class, shirt, bag"
    assert figure.get_size_inches()[0] < 4, "two in a row, with nothing beside them"
    figure = visualize.show_counts(labels, ["shirt", "bag"])
    assert [bar.get_height() for bar in figure.get_axes()[0].patches] == [3, 1]
    assert "shirt: 3, bag: 1" in figure.description


#: Names that folders have: long, with spaces, from other scripts, and with what Matplotlib takes for a formula.
NAMES = ("a name that is much too long for one line", "α β", "Ж", "عين", "अ आ", "文字", "😀", "$a$", r"$\frac{", "_x_")
#: And names that hide, turn around or overprint letters, or cannot be encoded: each letter of these shows as a mark.
ODD_NAMES = ("a\x07b", "\x1b[31mred", "a\u202etxt", "a\u2066b", "\udcf6", "#1 %d {0} <b>&'\"")


def ticks(axis):
    return [label.get_text() for label in axis.get_ticklabels()]


@pytest.mark.filterwarnings("ignore:Glyph")
def test_any_names_are_shown_as_they_are():
    labels = np.arange(10)
    for figure in (
        visualize.show_images(np.repeat(SQUARES[:1], 10, axis=0), NAMES),
        visualize.show_averages(np.repeat(SQUARES[:1], 10, axis=0), labels, NAMES),
    ):
        described_png(figure)
        assert titles(figure)[1:] == list(NAMES[1:]) and titles(figure)[0].count("\n") == 1
        assert all(name in figure.description for name in NAMES)
    figure = visualize.show_counts(labels, NAMES)
    described_png(figure)
    shown = ticks(figure.get_axes()[0].xaxis)
    assert shown[1:] == list(NAMES[1:]) and shown[0] == "a name that is muc…"
    assert all(f"{name}: 1" in figure.description for name in NAMES)


def test_odd_names_are_shown_with_marks():
    labels, images = np.arange(6), np.repeat(SQUARES[:1], 6, axis=0)
    probabilities = np.roll(np.eye(6), 1, axis=0)
    with matplotlib.rc_context():
        use_style()
        for figure in (
            visualize.show_averages(images, labels, ODD_NAMES),
            visualize.show_counts(labels, ODD_NAMES),
            evaluate.show_guess(images[0], probabilities[0], ODD_NAMES),
            evaluate.show_failures(images, labels, probabilities, ODD_NAMES),
            evaluate.show_predictions(images, labels, probabilities, ODD_NAMES),
            evaluate.show_confusion(np.ones((6, 6), int), ODD_NAMES),
            DrawingPad(Sure(), ODD_NAMES).figure(),
            image_playground(images, labels, ODD_NAMES).figure(True),
        ):
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                described_png(figure)
            drawn = "".join(text.get_text() for text in figure.findobj(Text))
            assert (drawn + figure.description).replace("\n", "").isprintable()
        assert "#1 %d {0} <b>&'\"" in visualize.show_counts(labels, ODD_NAMES).description


class Sure:
    """A network that is sure of the first of six classes."""

    input_shape = (None, 28, 28)

    def predict(self, images, **options):
        return np.repeat(np.eye(6)[:1], len(images), axis=0)


def test_a_curve_of_one_epoch_can_be_seen():
    one = [(1, 1.0)]
    figure = draw_curves({"loss": one, "val_loss": one, "accuracy": one, "val_accuracy": one}, 1)
    for axes in figure.get_axes():
        assert [line.get_marker() for line in axes.lines] == ["o", "o"] and axes.get_xlim()[0] == 0
    assert 1 <= figure.get_axes()[1].get_ylim()[1] <= 1.01


def test_letters_that_no_font_has_cause_no_warning():
    figure = visualize.show_images(SQUARES[:1], ["\u0378\u0379"])
    for style, warns in ((lambda: None, True), (use_style, False)):
        with warnings.catch_warnings(record=True) as caught, matplotlib.rc_context():
            warnings.simplefilter("always")
            style()
            described_png(figure)
        assert bool(caught) == warns


def test_only_installed_fonts_are_asked_and_matplotlibs_own_first():
    with matplotlib.rc_context():
        use_style()
        use_style()
        families = matplotlib.rcParams["font.family"]
        assert families[0] == "sans-serif" and len(set(families)) == len(families)
        installed = {font.name for font in matplotlib.font_manager.fontManager.ttflist}
        assert set(families[1:]) == installed & set(FALLBACKS)


@pytest.mark.parametrize(
    ("text", "width", "lines", "shown"),
    [
        ("short", 10, 2, "short"),
        ("", 10, 2, ""),
        ("Ankle boot", 4, 2, "Ankle\nboot"),
        ("Ankle boot", 4, 1, "Ankle…"),
        ("one\ntwo", 9, 1, "one\ntwo"),
        ("文字文字文字", 4, 1, "文字文…"),
        ("abcdeabcdeabcde", 4, 2, "abcdea\nbcde…"),
        ("abcdef", 0, 2, "a\nb…"),
        ("❤\ufe0f", 4, 1, "❤"),
    ],
)
def test_long_texts_are_broken_and_cut(text, width, lines, shown):
    assert fitted(text, width, lines) == shown


def test_a_letter_keeps_its_marks():
    name = "कि" * 9
    assert fitted(name, 4).removesuffix("…").endswith("कि")


@pytest.mark.parametrize(("classes", "numbers", "named"), [(3, 3, 3), (26, 26, 26), (256, 0, 52)])
def test_counts_of_many_classes_stay_readable(classes, numbers, named):
    figure = visualize.show_counts(np.arange(classes), [f"c{k}" for k in range(classes)])
    (axes,) = figure.get_axes()
    assert len(axes.patches) == classes and len(axes.texts) == numbers
    assert len(axes.get_xticks()) == named


def test_diagrams_carry_their_description():
    shown = visualize.show_diagram("stages")
    assert "six stages" in repr(shown)
    assert f'alt="{shown}"' in shown._repr_html_()
    assert "svg+xml;base64," in shown._repr_html_()
    with pytest.raises(ParameterError, match="Valid: flatten, network, page, stages"):
        visualize.show_diagram("stage")


def test_figures_made_by_hand_are_described_from_their_titles():
    figure, axes = pyplot.subplots(1, 2)
    axes[0].set_title("class 5")
    axes[1].set_title("class 0")
    assert description(figure) == "2 images, titled class 5, class 0"
    pyplot.close(figure)
    figure, axes = pyplot.subplots()
    axes.set(xlabel="epoch", ylabel="loss")
    assert description(figure) == "Chart: loss by epoch"
    pyplot.close(figure)


def test_a_notebook_stores_the_description():
    png, about = described_png(visualize.show_images(SQUARES, alt="four grey squares"))
    assert about == {"alt": "four grey squares"}
    assert png[:4] == b"\x89PNG"
    assert described_png(pyplot.Figure()) is None


def test_a_table_of_accuracies_rounds_as_people_do_and_counts_the_mistakes():
    table = visualize.accuracy_table({"blind guessing": 0.1, "nearest average": 0.855}, 5000).splitlines()
    assert table[0] == "accuracy on 5,000 images:"
    assert table[1] == "blind guessing   0.10, wrong: 4,500"
    assert table[2] == "nearest average  0.86, wrong: 725"
    assert max(map(len, table)) <= 40  # a phone shows about 40 characters in a line


def test_a_title_as_wide_as_its_image_stays_in_the_figure():
    figure = visualize.show_images(np.zeros((3, 28, 28)), ["", "", "predicted Sneaker,"], columns=3)
    figure.draw_without_rendering()
    assert figure.axes[0].texts[2].get_window_extent().x1 <= figure.bbox.x1 - 2


def test_of_many_images_the_first_are_shown(capsys):
    figure = visualize.show_images(np.zeros((3000, 28, 28), np.uint8), range(3000))
    assert capsys.readouterr().out == "The first 200 of 3,000 images:\n"
    assert [text.get_text() for text in figure.axes[0].texts][-1] == "199"
