"""Texts from people: what is shown of them, and which names classes may have."""

import pytest

from handwriting.errors import UserError
from handwriting.text import check_names, clean


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("  two\n\twords ", "two words"),
        ("e\u0301", "é"),
        ("👩\u200d🚀 ❤\ufe0f", "👩\u200d🚀 ❤\ufe0f"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("a\u202eb\0c\ud800", "a\ufffdb\ufffdc\ufffd"),
        ("o" + 9 * "\u0338", "o" + 3 * "\u0338"),
        ("<b>&", "<b>&"),
    ],
)
def test_a_text_stays_but_for_what_hides_or_overprints(text, shown):
    assert clean(text) == clean(text, None) == shown


def test_a_long_text_is_cut():
    assert clean("x" * 60) == "x" * 60
    assert clean("x" * 61) == clean("x" * 10**7) == "x" * 59 + "…"
    assert clean("x" * 61, None) == "x" * 61


def test_class_names_are_texts_or_numbers():
    assert check_names(["👩\u200d🚀", 7, " a\nb "]) == ["👩\u200d🚀", "7", "a b"]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ("abc", "must be a list of names"),
        (5, "must be a list of names"),
        (["a", b"b"], "must be text, not b'b'"),
        (["a"], "There is 1 class name. Give 2 to 256"),
        (["a", " "], "is empty"),
        (["a", "x" * 256], "has 256 characters. Shorten it to at most 255"),
        (["é", "e\u0301"], "Two classes are called “é”"),
        (["B", "B\u200d"], "Two classes are called “B”, or look the same"),
        (["a", "\u2800"], "is empty"),
    ],
)
def test_other_class_names_are_refused(names, message):
    with pytest.raises(UserError, match=message):
        check_names(names)
