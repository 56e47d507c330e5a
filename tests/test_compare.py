"""Two runs or folders of runs side by side."""

import re

import numpy as np
import pytest
from conftest import Later
from test_reports import fake_run, name_of, sweep

from handwriting.errors import UserError

pd, stats = Later("pandas"), Later("scipy.stats")
compare, interval, verdict = (Later(f"workshop.reports.compare:{name}") for name in ("compare", "interval", "verdict"))


def verdicts(text):
    """Return what a comparison of one setting says of each measure."""
    lines = re.findall(r"^  (\w+(?: \w+)*)  .*?([a-z][\w ,:]+)$", text, re.MULTILINE)
    return {measure: said for measure, said in lines}


def test_two_runs_are_compared_without_a_claim_about_luck(tmp_path):
    a, b = fake_run(tmp_path / "a", hidden=16), fake_run(tmp_path / "b", hidden=512, optimizer="sgd")
    text = compare(a, b)
    assert "Parameters that differ:\n  hidden     A 16  B 512\n  optimizer  A adam  B sgd\n\nThe runs\n" in text
    assert re.search(
        r"test accuracy +0\.\d{4} \(n=1\) +0\.\d{4} \(n=1\) +\+0\.\d{4}  spread unknown: one seed in A and B", text
    )
    assert re.search(r"parameter count +12,730 .* 407,050 .* \+394,320  different in every seed", text)
    assert "nobody can tell how much is luck" in text
    assert max(map(len, text.splitlines()[:-3])) <= 120


def test_seeds_decide_whether_a_difference_is_more_than_luck(tmp_path):
    a = sweep(tmp_path / "a", hidden=(16,), epochs=(4,))
    b = sweep(tmp_path / "b", hidden=(512,), epochs=(4,))
    c = sweep(tmp_path / "c", hidden=(16,), epochs=(4,), seeds=(3, 4, 5))
    said = verdicts(compare(a, b))
    assert said["test accuracy"] == "beyond the spread" and said["peak memory mb"] == "the same in every seed"
    assert said["parameter count"] == "different in every seed"
    same = compare(a, c)
    assert "No parameter has one value" in same and verdicts(same)["test accuracy"] == "within the spread"
    assert "by luck alone" in same and "Welch" in same


def test_the_interval_is_welchs():
    random = np.random.default_rng(0)
    a, b = random.normal(0.97, 0.001, 5), random.normal(0.975, 0.003, 3)
    parts = a.var(ddof=1) / 5, b.var(ddof=1) / 3
    freedom = sum(parts) ** 2 / (parts[0] ** 2 / 4 + parts[1] ** 2 / 2)
    half = stats.t.ppf(0.975, freedom) * sum(parts) ** 0.5
    middle = b.mean() - a.mean()
    assert interval(pd.Series(a), pd.Series(b)) == pytest.approx((middle - half, middle + half))


@pytest.mark.filterwarnings("error", "ignore::ResourceWarning")
@pytest.mark.parametrize(("b", "said"), [((701, 702), "within the spread"), ((701, 701), "different in every seed")])
def test_sides_in_which_no_seed_changes_anything_are_compared_without_a_warning(b, said):
    a, b = pd.Series([700, 700]), pd.Series(b)
    assert verdict("peak_memory_mb", a, b, *interval(a, b)) == said


def test_folders_are_paired_by_setting_and_the_rest_is_named(tmp_path):
    a = sweep(tmp_path / "a", hidden=(16, 32, 64), epochs=(1,), seeds=(0, 1))
    b = tmp_path / "b"
    for hidden in (32, 64, 128):
        fake_run(b / name_of(hidden=hidden), hidden=hidden, epochs=1, optimizer="sgd")
    text = compare(a, b)
    assert "Parameters that differ:\n  optimizer  A adam  B sgd\n\n" in text
    assert re.findall(r"^hidden \d+$", text, re.MULTILINE) == ["hidden 64", "hidden 32"]
    assert "Only A has 1 setting:\n  hidden 16\n" in text and "Only B has 1 setting:\n  hidden 128\n" in text
    assert text.count("spread unknown: one seed in B") == 16  # eight measures of two settings


def test_settings_on_both_sides_are_summed_up(tmp_path):
    a, b = (
        sweep(tmp_path / name, hidden=(16, 64), epochs=(1,), seeds=seeds)
        for name, seeds in (("a", (0, 1)), ("b", (2, 3)))
    )
    text = compare(a, b)
    assert (
        "test accuracy: of 2 settings with several seeds on both sides, B is higher\n  beyond the spread in 0, A in 0"
        in text
    )


def test_one_run_finds_its_setting_in_a_sweep(tmp_path):
    text = compare(fake_run(tmp_path / "a", hidden=64, epochs=4), sweep(tmp_path / "b"))
    assert "No parameter has" in text and "\nhidden 64, epochs 4\n" in text and "Only B has 3 settings:" in text


def test_nothing_in_common_is_said(tmp_path):
    text = compare(sweep(tmp_path / "a", hidden=(1, 2)), sweep(tmp_path / "b", hidden=(3, 4)))
    assert "nothing to compare" in text and "Only A has 4 settings:" in text and "Only B has 4 settings:" in text
    assert "±" not in text


def test_what_was_left_out_and_other_data_is_said(tmp_path):
    a, b = fake_run(tmp_path / "a" / "x", stages=("train",)), fake_run(tmp_path / "b", data="stand-in")
    (a / "broken.ipynb").write_text("{")
    text = compare(a.parent, b)
    assert "A: 1 file skipped: x/broken.ipynb: it is not a complete notebook" in text
    assert "different data" in text and "only B measured it" in text
    a, b = (
        fake_run(tmp_path / digit, data="set", change=lambda result, digit=digit: result.update(data_fingerprint=digit))
        for digit in ("0" * 16, "f" * 16)
    )
    text = compare(a, b)
    assert "data  A set (00000000)  B set (ffffffff)" in text and "different data" in text


def test_a_side_without_results_is_a_sentence(tmp_path):
    a = fake_run(tmp_path / "a")
    (tmp_path / "empty").mkdir()
    for b in (tmp_path / "empty", tmp_path / "missing", a / "06_evaluate.ipynb", "x" * 300, "~no_such_person/x"):
        with pytest.raises(UserError):
            compare(a, b)


def test_texts_from_notebooks_do_not_steer_the_terminal(tmp_path):
    a = fake_run(tmp_path / "a", optimizer="\x1b[2Jx\nB: 1")
    b = fake_run(tmp_path / "b", optimizer="y" * 500)
    lines = compare(a, b).splitlines()
    assert all(line.isprintable() and len(line) < 200 for line in lines)
