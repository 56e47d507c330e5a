"""The files that set up an environment agree with pyproject.toml."""

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import metadata
from pathlib import Path

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


def test_a_codespace_sets_up_what_make_does():
    """The names of its fields are those of the schema of containers.dev."""
    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
    assert container["image"].rpartition(":")[2] in SUPPORTED
    assert container["onCreateCommand"].startswith("make .venv/installed && .venv/bin/handwriting data fetch stand-in")
    assert all((ROOT / name).exists() for name in container["customizations"]["codespaces"]["openFiles"])
    python = container["customizations"]["vscode"]["settings"]["python.defaultInterpreterPath"]
    assert python == "${containerWorkspaceFolder}/.venv/bin/python"  # where make puts it
    assert {str(port) for port in container["forwardPorts"]} == set(container["portsAttributes"]) == {"8888"}


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


#: The last versions with published holes in what the workshop uses.
VULNERABLE = {
    "filelock": ["3.20.2"],  # CVE-2026-22701: links instead of locks
    "h5py": ["3.13.0"],  # its wheels bundle HDF5 before 1.14.6
    "jinja2": ["3.1.5"],  # CVE-2025-27516: out of the sandbox
    "jupyterlab": ["4.4.7"],  # CVE-2025-59842: links in notebooks
    "keras": ["3.12.0", "3.13.0", "3.13.1"],  # CVE-2026-0897, CVE-2026-1669: weights that fill memory or read files
    "pillow": ["10.0.0", "10.2.0"],  # CVE-2023-4863 in WebP, CVE-2024-28219
    "pydantic": ["2.3.0"],  # CVE-2024-3772
    "python-multipart": ["0.0.17", "0.0.29"],  # CVE-2024-53981, CVE-2026-53539: forms that take minutes to read
    "requests": ["2.32.3"],  # CVE-2024-47081: passwords sent to others
    "scikit-learn": ["1.4.2"],  # CVE-2024-5206
    "starlette": ["0.49.0", "1.0.0"],  # CVE-2025-62727, CVE-2026-48710: ranges, and the Host header
    "tqdm": ["4.66.2"],  # CVE-2024-34062
}


@pytest.mark.parametrize("name", VULNERABLE)
def test_versions_with_known_holes_are_not_accepted(name):
    ranges = [requirement.specifier for requirement in REQUIREMENTS if requirement.name == name]
    assert ranges and not any(one.contains(version) for one in ranges for version in VULNERABLE[name])


def test_actions_are_pinned_by_commit():
    workflow = (ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8")
    used = re.findall(r"uses: (\S+)", workflow)
    assert len(used) >= 4 and all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", action) for action in used)


def test_make_takes_the_supported_pythons():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "(3, 10) <= v <= (3, 13)" in makefile
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8"))
    assert workflow["jobs"]["test"]["strategy"]["matrix"]["python"] == [SUPPORTED[0], SUPPORTED[-1]]


@pytest.mark.skipif(not shutil.which("make") or os.name == "nt", reason="needs make and a shell")
@pytest.mark.parametrize("given", ["/data/a$b", "my data", "~/data"])
def test_make_leaves_folders_in_the_environment_as_they_are(tmp_path, given):
    (tmp_path / "jupyterlab").mkdir()
    (tmp_path / "jupyterlab" / "__init__.py").touch()
    code = "import os, sys\n\ndef main():\n    print(os.environ['HANDWRITING_DATA_DIR'], sys.argv[-1], sep='|')\n"
    (tmp_path / "jupyterlab" / "labapp.py").write_text(code)
    (tmp_path / "installed").touch()
    (tmp_path / "python").symlink_to(sys.executable)
    environment = {"HANDWRITING_DATA_DIR": given, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
    command = ["make", "-s", "lab", f"BIN={tmp_path}", f"INSTALLED={tmp_path}/installed", "ARGS=--last"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=os.environ | environment)
    assert done.stdout == f"{ROOT / Path(given).expanduser()}|--last\n", done.stderr


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


@pytest.mark.parametrize(
    "word", ["digits", "https://github.com/ada/digits", "ada/digits/more", "-a/b", "a/b.git", "a/..", ""]
)
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
