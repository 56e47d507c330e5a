"""Lists of values and the runs that are made of them."""

import re

import pytest

from handwriting.errors import ParameterError
from workshop.runs.combinations import Grid, read_grid, run_name, values_of


def test_every_combination_comes_once_and_the_last_parameter_changes_fastest():
    grid = Grid({"epochs": [1, 2], "seed": [0, 1, 2]})
    assert len(grid) == 6
    assert [(one["epochs"], one["seed"]) for one in grid] == [(1, 0), (1, 1), (1, 2), (2, 0), (2, 1), (2, 2)]


def test_pairs_go_together_and_a_single_value_with_all():
    grid = Grid({"epochs": [1, 2], "hidden": [16, 32], "seed": [7]}, pairs=True)
    assert list(grid) == [{"epochs": 1, "hidden": 16, "seed": 7}, {"epochs": 2, "hidden": 32, "seed": 7}]
    with pytest.raises(ParameterError, match="epochs has 2, hidden has 3"):
        Grid({"epochs": [1, 2], "hidden": [1, 2, 3]}, pairs=True)


def test_a_sample_of_a_huge_grid_is_small_random_and_repeatable():
    values = {name: list(range(10)) for name in "abcdefghijkl"}  # 10^12 combinations
    one, same, other = (list(Grid(values, sample=50, seed=seed)) for seed in (1, 1, 2))
    assert one == same != other and len({tuple(run.items()) for run in one}) == 50
    assert len(set(run["a"] for run in one)) > 3 and len(set(run["l"] for run in one)) > 3
    assert len(Grid({"seed": [1, 2]}, sample=5)) == 2
    with pytest.raises(ParameterError, match="--sample"):
        Grid(values, sample=0)


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
    ("name", "given", "said"),
    [
        ("epochs", "1,two", '"epochs" takes a whole number from 1 to 1000'),
        ("epochs", "1,,2", '"epochs" takes'),
        ("epochs", [], "has no values"),
        ("optimizer", "adm", 'Did you mean "adam"'),
    ],
)
def test_wrong_values_are_explained(name, given, said):
    with pytest.raises(ParameterError, match=said):
        values_of(name, given)


def test_a_file_holds_a_grid(tmp_path):
    path = tmp_path / "grid.yaml"
    path.write_text("epochs: [1, 2]\nhidden: 64\ndata: 'my,file'\n")
    assert read_grid(path) == {"epochs": [1, 2], "hidden": [64], "data": ["my,file"]}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("epochs: [1, 2", "line 1|line 2"),
        ("- 1\n- 2", "holds no parameters"),
        ("", "holds no parameters"),
        ("epochs: {a: 1}", '"epochs" needs a value or a list'),
        ("epochs: [0]", '"epochs" takes'),
        ("[" * 5000, "nested too deeply|no YAML"),
        ("a: !!python/object/apply:os.system ['true']", "no YAML"),
    ],
)
def test_a_file_that_holds_none_is_explained(text, said, tmp_path):
    path = tmp_path / "grid.yaml"
    path.write_text(text)
    with pytest.raises(ParameterError, match=said):
        read_grid(path)


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(ParameterError, match="cannot be read"):
        read_grid(tmp_path / "gone.yaml")


def test_a_runs_folder_is_named_after_its_parameters_in_one_order():
    assert run_name({"seed": 0, "epochs": 1, "hidden": 16}) == "hidden=16,epochs=1,seed=0"
    assert run_name({}) == "usual"


def test_a_folders_name_suits_every_system_and_is_never_shared():
    names = [run_name({"data": text}) for text in ("a/b", "a\\b", "a:b", "A_b", "a_b", "é", "x" * 300, "x" * 301, "a.")]
    assert len({name.lower() for name in names}) == len(names)
    assert all(re.fullmatch(r"[\w.,=+-]{1,130}", name) and not name.endswith(".") for name in names)
