"""Digits on forms, ruled paper and notes are read; a change that helps one kind of picture must not cost another."""

import numpy as np
import pytest
from paper import KINDS, edits, pictures, read, single, wedge

from handwriting.scan import find_digits, read_page, show_page


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_digits_on_every_kind_of_paper_are_read(kind):
    _, _, wrong, total = read(kind, 3, seed=1)
    assert wrong <= max(1, 5 * total / 100)


def test_a_patterned_band_at_the_edge_is_no_ink():
    beside_it = list(pictures(wedge, 6, seed=3))[3:]
    assert [[single(image)] for image, _ in beside_it] == [text for _, text in beside_it]


def test_edits_are_counted():
    assert [edits(*pair) for pair in (("12", "12"), ("", "12"), ("132", "12"), ("17", "12"))] == [0, 2, 1, 1]


@pytest.fixture(scope="module")
def sideways():
    kind = next(kind for kind in KINDS if kind.__name__ == "sideways")
    return next(iter(pictures(kind, 1, seed=1)))


def test_digits_have_lines_and_boxes_in_a_photo_as_it_lies(sideways):
    image, text = sideways
    found = find_digits(image)
    assert [digit.line for digit in found] == [k for k, line in enumerate(text) for _ in line]
    for digit in found:
        left, top, right, bottom = digit.box
        assert image[top:bottom, left:right].min() < np.median(image) - 40, "there is ink in each box"
        assert 0 < digit.confidence <= 1
    lines = ["".join(str(d.prediction) for d in found if d.line == k) for k in range(len(text))]
    assert read_page(image) == "\n".join(lines)


def test_a_page_is_shown_with_its_boxes(sideways):
    figure = show_page(sideways[0])
    assert len(figure.axes[0].patches) == len(find_digits(sideways[0]))
    assert "reads" in figure.description
