"""Parameters: what they take, and what the errors say."""

import math

import pytest

from handwriting.errors import ParameterError
from handwriting.parameters import HYPERPARAMETERS, PARAMETERS, Parameter, check, nearest, require, taken, typed


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
        *(("epochs", value) for value in ("-1", 0, "two", 1.5, True, None, [], "1.0", 10**30, 10**400, math.nan)),
        *(("dropout", value) for value in (1.5, "1", -0.1, "nan", math.inf)),
        *(("hidden", value) for value in ("abc", 0, 8193, "")),
        ("learning_rate", 0),
        ("seed", -1),
        ("data", ""),
        *(("work_dir", value) for value in ("", " ")),
    ],
)
def test_bad_values_name_the_parameter_and_what_it_takes(name, value):
    with pytest.raises(ParameterError, match=f'"{name}" must be {PARAMETERS[name].takes}, not '):
        check(name, value)


@pytest.mark.parametrize("value", [10**5000, "9" * 5000, [0] * 5000, "1\n2"], ids=["int", "digits", "list", "lines"])
def test_the_message_is_one_short_line_whatever_the_value(value):
    with pytest.raises(ParameterError, match='"hidden" must be a whole number from 1 to 8192, not ') as error:
        check("hidden", value)
    assert len(str(error.value)) < 150 and "\n" not in str(error.value)


def test_every_default_is_taken():
    assert all(check(name, parameter.default) == parameter.default for name, parameter in PARAMETERS.items())
    require(**{name: parameter.default for name, parameter in PARAMETERS.items()})


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"epochs": 4, "batch_size": 0}, '"batch_size" must be a whole number from 1 to 60000, not 0.'),
        ({"batch_size": 100_000}, "not 100000."),
        ({"epochs": "4"}, "not '4'. Write epochs = 4."),
        ({"epochs": 4.0}, "not 4.0. Write epochs = 4."),
        ({"learning_rate": "1e-3"}, "not '1e-3'. Write learning_rate = 0.001."),
        ({"work_dir": 5}, "not 5. Write work_dir = '5'."),
        ({"epoch": 5}, 'There is no parameter "epoch" here. Did you mean "epochs"?'),
    ],
)
def test_a_notebook_s_parameters_are_refused_before_they_are_used(values, words):
    with pytest.raises(ParameterError) as error:
        require(**values)
    assert words in str(error.value)


def test_a_whole_number_will_do_for_a_number():
    require(dropout=0, learning_rate=1)


HUGE = pytest.param(10**5000, id="huge")


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e400", "9" * 5000, "9" * 101, math.nan, math.inf, HUGE])
def test_what_json_or_a_report_does_not_take_is_refused_for_a_notebook_of_your_own(value):
    with pytest.raises(ParameterError, match='"mine" must be a finite number'):
        taken("mine", typed("mine", value) if isinstance(value, str) else value)


def test_values_for_a_notebook_of_your_own_are_read_as_papermill_reads_them():
    given = ("True", "None", "3", "1e-3", "three", "Infinity-pool")
    assert [typed("mine", value) for value in given] == [True, None, 3, 0.001, "three", "Infinity-pool"]


def test_a_parameter_says_itself_whether_a_network_depends_on_it():
    assert set(HYPERPARAMETERS) == {name for name, parameter in PARAMETERS.items() if parameter.trains}
    assert not Parameter(1, "new").trains and "data" not in HYPERPARAMETERS and "batch_size" in HYPERPARAMETERS


def test_the_nearest_word_is_suggested():
    assert nearest("epoch", PARAMETERS) == ' Did you mean "epochs"?'
    assert nearest("zzz", PARAMETERS) == ""
