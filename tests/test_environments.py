"""The files that set up an environment agree with pyproject.toml."""

import re
import subprocess
import sys
from importlib.metadata import metadata

import pytest
import yaml
from conftest import ROOT
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from publish import badges, derived_files, publish, read_repository

PROJECT = metadata("handwriting")
EXTRAS = set(PROJECT.get_all("Provides-Extra"))
REQUIREMENTS = [Requirement(line) for line in PROJECT.get_all("Requires-Dist")]
SUPPORTED = ["3.10", "3.11", "3.12", "3.13"]


def extras_in(line):
    """Return the extras that a line such as ".[run,serve,lab]" asks for."""
    return set(re.search(r"\.\[(.+)\]", line)[1].split(","))


def pins():
    """Return the versions that constraints.txt pins for this Python, by name."""
    found = {}
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.lstrip().startswith("#"):
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate(default_environment()):
                found[requirement.name] = requirement.specifier
    return found


def test_conda_installs_what_pyproject_says():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    python = next(item for item in environment["dependencies"] if str(item).startswith("python "))
    allowed = SpecifierSet(python.removeprefix("python "))
    assert [version for version in ("3.9", *SUPPORTED, "3.14") if version in allowed] == SUPPORTED
    (pip,) = (item["pip"] for item in environment["dependencies"] if isinstance(item, dict))
    assert pip[0] == "--constraint constraints.txt" and extras_in(pip[1]) == {"run", "serve", "lab"} <= EXTRAS


def test_binder_installs_what_pyproject_says():
    lines = (ROOT / "binder" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    (line,) = (line for line in lines if not line.startswith("#"))
    assert extras_in(line) == {"run", "serve", "lab"} <= EXTRAS
    assert (ROOT / "binder" / "runtime.txt").read_text().strip().removeprefix("python-") in SUPPORTED
    assert all(version in SpecifierSet(PROJECT["Requires-Python"]) for version in SUPPORTED)
    assert "3.9" not in SpecifierSet(PROJECT["Requires-Python"])


def test_repo2docker_accepts_binder():
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", "."]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr
    said = done.stdout + done.stderr
    copied, installed = said.index("COPY --chown=0:0 src/ "), said.index('-r "binder/requirements.txt"')
    assert copied < installed < said.index("RUN ./binder/postBuild")


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=lambda requirement: requirement.name)
def test_what_is_asked_for_is_pinned_within_its_range(requirement):
    (pin,) = pins()[requirement.name]
    assert pin.operator == "==" and requirement.specifier.contains(pin.version)
    assert not any(one.operator in ("<", "<=", "==", "~=") for one in requirement.specifier), "Colab: no upper bounds"


def test_make_takes_the_supported_pythons():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "(3, 10) <= v <= (3, 13)" in makefile
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8"))
    assert workflow["jobs"]["test"]["strategy"]["matrix"]["python"] == [SUPPORTED[0], SUPPORTED[-1]]


def test_the_address_stands_the_same_everywhere():
    differing = [path.name for path, text in derived_files().items() if path.read_text(encoding="utf-8") != text]
    assert differing == [], "run: python tools/publish.py"


def test_publishing_writes_the_address_everywhere_and_nothing_else(tmp_path):
    names = ["README.md", "pyproject.toml", *(str(path.relative_to(ROOT)) for path in derived_files())]
    for name in dict.fromkeys(names):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    publish("someone/else", tmp_path)
    old = {name: (tmp_path / name).read_text(encoding="utf-8").splitlines() for name in names}
    publish("ada/digits", tmp_path)
    assert read_repository(tmp_path) == "ada/digits"
    for path in derived_files(tmp_path):
        text = path.read_text(encoding="utf-8")
        assert badges("ada/digits", path.stem if path.suffix != ".md" else "01_load") in text.replace('\\"', '"')
        assert "no public address" not in text.replace("This copy has no public address yet", "")
        if path.suffix == ".py":
            assert text.count('repository = "https://github.com/ada/digits"') == 1
            assert f"ada/digits/blob/main/notebooks/{path.stem}.ipynb" in text
    assert 'Repository = "https://github.com/ada/digits"' in (tmp_path / "pyproject.toml").read_text()
    for name in set(names) - {"pyproject.toml", "README.md"}:
        new = (tmp_path / name).read_text(encoding="utf-8").splitlines()
        assert sum(one != two for one, two in zip(old[name], new, strict=True)) == 2, f"{name}: more has changed"
    before = {name: (tmp_path / name).read_bytes() for name in names}
    publish(None, tmp_path)
    assert {name: (tmp_path / name).read_bytes() for name in names} == before


@pytest.mark.parametrize("word", ["digits", "https://github.com/ada/digits", "ada/digits/more", "-a/b", ""])
def test_publishing_to_what_is_no_repository_is_refused(word):
    command = [sys.executable, ROOT / "tools" / "publish.py", "--", word]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert "make publish REPO=owner/name" in done.stderr


def test_the_readme_names_commands_that_exist():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = re.findall(r"^make ([a-z]+)|`make ([a-z]+)", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    named = ["".join(pair) for pair in named]
    assert {"run", "test", "lab", "notebooks"} <= set(named)
    assert [name for name in named if f"\n{name}:" not in makefile] == []
