"""Two runs or folders of runs side by side."""

import numpy as np
import pytest
from scipy import stats
from test_reports import fake_run, name_of, sweep

from handwriting.errors import UserError
from workshop.reports.compare import Difference, compare


def differences(pair):
    return {one.measure: one for one in pair.differences}


def test_two_runs_are_compared_without_a_claim_about_luck(tmp_path):
    a, b = fake_run(tmp_path / "a", hidden=16), fake_run(tmp_path / "b", hidden=512, optimizer="sgd")
    found = compare(a, b)
    assert found.differing == {"hidden": ("16", "512"), "optimizer": ("adam", "sgd")}
    (pair,) = found.pairs
    assert differences(pair)["test_accuracy"].verdict == "spread unknown: one seed in A and B"
    assert differences(pair)["parameter_count"].verdict == "differs"
    text = str(found)
    assert text == "\n".join(found.lines())
    assert "nobody knows how much is luck" in text and "optimizer  A adam  B sgd" in text
    assert max(map(len, found.lines()[:-3])) <= 120


def test_seeds_decide_whether_a_difference_is_more_than_luck(tmp_path):
    a = sweep(tmp_path / "a", hidden=(16,), epochs=(4,))
    b = sweep(tmp_path / "b", hidden=(512,), epochs=(4,))
    c = sweep(tmp_path / "c", hidden=(16,), epochs=(4,), seeds=(3, 4, 5))
    (pair,) = compare(a, b).pairs
    assert differences(pair)["test_accuracy"].verdict == "beyond the spread"
    assert differences(pair)["peak_memory_mb"].verdict == "the same in every seed"
    assert differences(pair)["parameter_count"].verdict == "differs, and no seed changes it"
    same = compare(a, c)
    assert same.differing == {} and "No parameter has one value" in str(same)
    assert differences(same.pairs[0])["test_accuracy"].verdict == "within the spread"
    assert "by luck alone" in str(same) and "Welch" in str(same)


def test_the_interval_is_welchs():
    random = np.random.default_rng(0)
    a, b = random.normal(0.97, 0.001, 5), random.normal(0.975, 0.003, 3)
    parts = a.var(ddof=1) / 5, b.var(ddof=1) / 3
    freedom = sum(parts) ** 2 / (parts[0] ** 2 / 4 + parts[1] ** 2 / 2)
    half = stats.t.ppf(0.975, freedom) * sum(parts) ** 0.5
    middle = b.mean() - a.mean()
    found = Difference("test_accuracy", list(a), list(b)).interval
    assert found == pytest.approx((middle - half, middle + half))


@pytest.mark.filterwarnings("error")
def test_sides_in_which_no_seed_changes_anything_are_compared_without_a_warning():
    assert Difference("peak_memory_mb", [700, 700], [701, 702]).verdict == "within the spread"
    assert Difference("peak_memory_mb", [700, 700], [701, 701]).verdict == "differs, and no seed changes it"


def test_folders_are_paired_by_setting_and_the_rest_is_named(tmp_path):
    a = sweep(tmp_path / "a", hidden=(16, 32, 64), epochs=(1,), seeds=(0, 1))
    b = tmp_path / "b"
    for hidden in (32, 64, 128):
        fake_run(b / name_of(hidden=hidden), hidden=hidden, epochs=1, optimizer="sgd")
    found = compare(a, b)
    assert found.differing == {"optimizer": ("adam", "sgd")}
    assert sorted(pair.name for pair in found.pairs) == ["hidden 32", "hidden 64"]
    assert found.only_a == ["hidden 16"] and found.only_b == ["hidden 128"]
    assert differences(found.pairs[0])["test_accuracy"].verdict == "spread unknown: one seed in B"
    assert "Only A has 1 setting:" in found.lines()


def test_one_run_finds_its_setting_in_a_sweep(tmp_path):
    a = fake_run(tmp_path / "a", hidden=64, epochs=4)
    b = sweep(tmp_path / "b")
    found = compare(a, b)
    assert found.differing == {} and [pair.name for pair in found.pairs] == ["hidden 64, epochs 4"]
    assert len(found.only_b) == 3


def test_nothing_in_common_is_said(tmp_path):
    a = sweep(tmp_path / "a", hidden=(1, 2))
    b = sweep(tmp_path / "b", hidden=(3, 4))
    found = compare(a, b)
    assert found.pairs == [] and "nothing to compare" in str(found)
    assert len(found.only_a) == len(found.only_b) == 4


def test_what_was_left_out_and_other_data_is_said(tmp_path):
    a, b = fake_run(tmp_path / "a" / "x", stages=("train",)), fake_run(tmp_path / "b", data="stand-in")
    (a / "broken.ipynb").write_text("{")
    text = str(compare(a.parent, b))
    assert "A: 1 skipped, the first: x/broken.ipynb: it is not a whole notebook" in text
    assert "different data" in text and "only B measured it" in text


def test_a_side_without_results_is_a_sentence(tmp_path):
    a = fake_run(tmp_path / "a")
    (tmp_path / "empty").mkdir()
    for b in (tmp_path / "empty", tmp_path / "missing", a / "06_evaluate.ipynb"):
        with pytest.raises(UserError):
            compare(a, b)


def test_texts_from_notebooks_do_not_steer_the_terminal(tmp_path):
    a = fake_run(tmp_path / "a", optimizer="\x1b[2Jx\nB: 1")
    b = fake_run(tmp_path / "b", optimizer="y" * 500)
    lines = compare(a, b).lines()
    assert all(line.isprintable() and len(line) < 200 for line in lines)
