"""Environments for tests of installing: their packages are links to the ones here, so that nothing is fetched."""

import os
import subprocess
import sys
import venv
from importlib.metadata import distribution, requires
from pathlib import Path

import nbformat
from packaging.requirements import Requirement

PACKAGES = Path(nbformat.__file__).parents[1]
JUPYTER = {"JUPYTER_PATH": str(Path(sys.prefix, "share", "jupyter"))}

# Whatever an installation would need beside the workshop itself must be there already, as in Colab, whose own
# TensorFlow and NumPy must stay as they are.
OFFLINE = {
    "PIP_NO_INDEX": "1",
    "PIP_NO_BUILD_ISOLATION": "0",
    "PIP_NO_COMPILE": "1",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
}


def link_all(folder, without=()):
    """Link all packages but the workshop itself, and those without which it must do, into a folder.

    Their metadata does not say what they need: it is there, and pip would spend most of its time on reading it.
    """
    for entry in PACKAGES.iterdir():
        if "handwriting" in entry.name or entry.name.startswith(("__pycache__", *without)) or entry.suffix == ".pth":
            continue
        if (entry / "METADATA").is_file():
            header = (entry / "METADATA").read_text(encoding="utf-8").partition("\n\n")[0]
            (folder / entry.name).mkdir()
            lines = [line for line in header.splitlines(keepends=True) if not line.startswith("Requires-Dist")]
            (folder / entry.name / "METADATA").write_text("".join(lines), encoding="utf-8")
            (folder / entry.name / "entry_points.txt").symlink_to(entry / "entry_points.txt")  # if there are any
        else:
            link(entry, folder)


def link_required(folder, *requirements):
    """Link what these packages need, and what that needs in turn, without the workshop itself; return the names."""
    found, left = set(), [Requirement(text) for text in requirements]
    while left:
        requirement = left.pop()
        if requirement.name in found:
            continue
        found.add(requirement.name)
        for one in map(Requirement, requires(requirement.name) or []):
            if one.marker is None or one.marker.evaluate({"extra": ""}):
                left.append(one)
        if requirement.name != "handwriting":
            for name in {file.parts[0] for file in distribution(requirement.name).files} - {"..", "__pycache__"}:
                link(PACKAGES / name, folder)
    return found


def link(entry, folder):
    """Link a file or folder of a package, unless that is there."""
    if not (folder / entry.name).exists():
        (folder / entry.name).symlink_to(entry)


class Environment:
    """A virtual environment in a folder, without packages; `packages` is where they belong."""

    def __init__(self, folder):
        venv.create(folder)
        self.folder = folder
        self.python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        self.packages = Path(self.run("-c", "import site; print(site.getsitepackages()[-1])").stdout.strip())

    def run(self, *words, env=None, **options):
        """Run its Python with these words, by default beside its folder; return the finished process."""
        kept = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
        kept["PATH"] = os.pathsep.join([str(self.python.parent), kept["PATH"]])
        return subprocess.run(
            [self.python, *map(str, words)],
            capture_output=True,
            encoding="utf-8",
            env=kept | OFFLINE | JUPYTER | {"CI": "1"} | (env or {}),
            cwd=options.pop("cwd", self.folder.parent),
            **options,
        )
