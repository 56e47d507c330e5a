"""Lists of values, and the runs that are made of them."""

import re

import pytest

from handwriting.errors import ParameterError
from workshop.runs.combinations import Combinations, read_values, run_name, values_of

HUGE = {name: list(range(10)) for name in "abcdefghijkl"}  # 10^12 combinations


@pytest.mark.parametrize(
    ("values", "options", "expected"),
    [
        ({"epochs": [1, 2], "batch_size": [5, 6]}, {}, [(1, 5), (1, 6), (2, 5), (2, 6)]),
        ({"epochs": [1, 2], "hidden": [16, 32], "seed": [7]}, {"pairs": True}, [(1, 16, 7), (2, 32, 7)]),
        ({"seed": [1, 2]}, {"sample": 5}, [(1,), (2,)]),
        # The same runs for ever: a sweep that was begun goes on with them.
        ({"b": [1, 2, 3], "a": list("xyz")}, {"sample": 4, "seed": 1}, [(1, "x"), (1, "y"), (1, "z"), (3, "z")]),
        ({}, {}, [()]),
    ],
    ids=["every", "pairs", "sample larger than all", "sample", "nothing to vary"],
)
def test_combinations_come_in_order_and_the_last_parameter_changes_fastest(values, options, expected):
    combinations = Combinations(values, **options)
    assert list(combinations) == [dict(zip(values, run, strict=True)) for run in expected]
    assert len(combinations) == len(expected)


def test_a_sample_of_a_huge_number_is_small_random_and_repeatable():
    one, same, other = (list(Combinations(HUGE, sample=50, seed=seed)) for seed in (1, 1, 2))
    assert one == same != other and len({tuple(run.items()) for run in one}) == 50
    assert len({run["a"] for run in one}) > 3 and len({run["l"] for run in one}) > 3


def test_pairs_are_few_however_many_lists_there_are():
    assert len(Combinations({str(number): range(10) for number in range(99)}, pairs=True)) == 10


@pytest.mark.parametrize(
    ("values", "options", "message"),
    [
        ({"epochs": [1, 2], "hidden": [1, 2, 3]}, {"pairs": True}, "epochs has 2, hidden has 3"),
        (HUGE, {"sample": 0}, "--sample"),
    ],
)
def test_wrong_options_are_explained(values, options, message):
    with pytest.raises(ParameterError, match=message):
        Combinations(values, **options)


def test_more_combinations_than_can_be_numbered_are_a_sentence():
    with pytest.raises(ParameterError, match=r"These are about 10\^3010 combinations"):
        Combinations({str(place): [0, 1] for place in range(9999)}, sample=2)


@pytest.mark.parametrize(
    ("name", "given", "values"),
    [
        ("epochs", "1,2, 4", [1, 2, 4]),
        ("epochs", 3, [3]),
        ("epochs", [2, 2, 1], [2, 1]),
        ("learning_rate", "1e-3,0.001", [0.001]),
        ("optimizer", "adam,sgd", ["adam", "sgd"]),
        ("unknown", "1,2.5,True,word", [1, 2.5, True, "word"]),
        ("unknown", "1,True", [1, True]),
    ],
)
def test_values_are_checked_and_each_is_there_once(name, given, values):
    found = values_of(name, given)
    assert found == values and [type(one) for one in found] == [type(one) for one in values]


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("epochs", "1,two", '"epochs" must be a whole number from 1 to 1000'),
        ("epochs", "1,,2", '"epochs" must be'),
        ("epochs", [], "has no values"),
        ("optimizer", "adm", 'Did you mean "adam"'),
    ],
)
def test_wrong_values_are_explained(name, given, message):
    with pytest.raises(ParameterError, match=message):
        values_of(name, given)


def test_a_file_has_lists_of_values(tmp_path):
    path = tmp_path / "grid.yaml"
    path.write_text("epochs: [1, 2]\nhidden: 64\ndata: 'my,file'\n")
    assert read_values(path) == {"epochs": [1, 2], "hidden": [64], "data": ["my,file"]}


def test_a_text_in_a_file_stays_one(tmp_path):
    path = tmp_path / "grid.yaml"
    path.write_text("""mine: ["007", 1e-3, None, 7, "1e3", "None", "true", "True", true, "a,b", text, "nan"]\n""")
    (found,) = read_values(path).values()
    assert found == ["007", 0.001, None, 7, "1e3", "None", "true", "True", True, "a,b", "text", "nan"]
    assert len({run_name({"mine": value}) for value in [*found, "7", 1000.0]}) == len(found) + 2
    assert run_name({"mine": "text"}) == "mine=text"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "cannot be read"),
        ("epochs: [1, 2", "line 1|line 2"),
        ("- 1\n- 2", "has no parameters"),
        ("", "has no parameters"),
        ("epochs: {a: 1}", '"epochs" needs a value or a list'),
        ("epochs: [0]", '"epochs" must be'),
        ("epochs: [1]\nepochs: [2]", "a parameter twice"),
        ("[" * 600, "not YAML"),
        ("a: &a {k: 1}\nb:\n  <<: [*a, *a]", "has references in it"),  # eight lines like this: a billion
        ("hidden: " + "1" * 5000, "not YAML"),
        ("seed: 2020-13-45", "not YAML"),
        ("a: !!python/object/apply:os.system ['true']", "not YAML"),
    ],
)
def test_a_file_without_values_is_explained(text, message, tmp_path):
    path = tmp_path / "grid.yaml"
    if text is not None:
        path.write_text(text)
    with pytest.raises(ParameterError, match=message):
        read_values(path)


def test_a_runs_folder_is_named_after_its_parameters_in_one_order():
    assert run_name({"seed": 0, "epochs": 1, "hidden": 16}) == "hidden=16,epochs=1,seed=0"
    assert run_name({}) == "usual"


def test_a_folders_name_suits_every_system_and_is_never_shared():
    names = [
        run_name({"data": text})
        for text in ("a/b", "a\\b", "a:b", "A_b", "a_b", "é", "x" * 300, "x" * 301, "あ" * 300, "a.")
    ]
    assert len({name.lower() for name in names}) == len(names)
    assert all(
        re.fullmatch(r"[\w.,=+-]+", name) and len(name.encode()) <= 130 and not name.endswith(".") for name in names
    )
