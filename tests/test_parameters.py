"""Parameters: what they take, and what the errors say."""

import math

import pytest

from handwriting.errors import ParameterError
from handwriting.parameters import PARAMETERS, check, nearest


@pytest.mark.parametrize(
    ("name", "value", "taken"),
    [
        ("epochs", "3", 3),
        ("epochs", 2.0, 2),
        ("dropout", "0", 0.0),
        ("learning_rate", "1e-3", 0.001),
        ("data", "stand-in", "stand-in"),
        ("seed", "4294967295", 4294967295),
    ],
)
def test_good_values_are_converted(name, value, taken):
    assert check(name, value) == taken
    assert type(check(name, value)) is type(PARAMETERS[name].default)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("epochs", value) for value in ("-1", 0, "two", 1.5, True, None, [], "1.0", 10**400, math.nan)),
        *(("dropout", value) for value in (1.5, "1", -0.1, "nan", math.inf)),
        *(("hidden", value) for value in ("abc", 0, 8193, "")),
        ("learning_rate", 0),
        ("seed", -1),
        ("data", ""),
    ],
)
def test_bad_values_name_the_parameter_and_what_it_takes(name, value):
    with pytest.raises(ParameterError, match=f'"{name}" takes {PARAMETERS[name].takes}, not '):
        check(name, value)


def test_every_default_is_taken():
    assert all(check(name, parameter.default) == parameter.default for name, parameter in PARAMETERS.items())


def test_the_nearest_word_is_suggested():
    assert nearest("epoch", PARAMETERS) == ' Did you mean "epochs"?'
    assert nearest("zzz", PARAMETERS) == ""
