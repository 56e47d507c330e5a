"""The workshop in a folder, for a USB stick: notebooks, data and packages, for classrooms without a network."""

import os
import platform
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np

from handwriting.data.cache import read_local
from handwriting.data.formats import ARRAYS
from handwriting.data.registry import FILES
from handwriting.errors import UserError
from handwriting.load import STANDIN_FILE, load_standin
from handwriting.paths import given_path, notebooks_folder
from workshop.html import render, title_of
from workshop.machine import temporary_folder
from workshop.publish.pages import document, write_page

NAME = "handwriting-kit"
START = Path(__file__).parent / "kitfiles" / "start.py"  # the program that a kit is started with
#: What a kit has of the workshop's folder, and the package has, too; not what somebody else keeps there.
FILES_OF_WORKSHOP = (
    *("LICENSE", "constraints.txt", "docs/*.md", "docs/*.yaml", "docs/worksheet.html"),
    *("notebooks/[0-9][0-9]_*.ipynb", "notebooks/images/*"),
)


def make_kit(output, wheels=False, say=print):
    """Make the folder `handwriting-kit`, and a zip of it; return both paths. If that fails, neither stays.

    With `wheels`, all packages for this system and Python are in it. UserError says why there can be none.
    """
    return deliver(output, NAME, lambda part, root: fill(part, root, wheels, say), say)


def deliver(output, name, fill, say):
    """Make a folder of a name, filled by `fill(folder, root)`, and a zip of it; UserError if one is there already."""
    output = given_path(output).resolve()
    folder, archive = output / name, output / f"{name}.zip"
    root = notebooks_folder().parent
    if not (root / "pyproject.toml").is_file():
        way = "Get that, set it up there (`make run`), and try again."
        raise UserError(f"A kit is made from the workshop's own folder. {way}")
    for place in filter(os.path.lexists, (folder, archive)):
        raise UserError(f"{place} is there already, perhaps with someone's work. Move it, or choose another --output.")
    is_new = not output.exists()
    try:
        output.mkdir(parents=True, exist_ok=True)
        with temporary_folder(output, f".{name}-") as temporary:
            part = temporary / name
            part.mkdir()
            fill(part, root)
            say("Packing the zip ...")
            zipped = Path(shutil.make_archive(str(part), "zip", temporary, name))
            archive.touch(exist_ok=False)  # somebody's file of that name, made meanwhile, would be replaced
            try:
                zipped.replace(archive)
                part.rename(folder)  # not where a folder with something in it is
            except BaseException:
                archive.unlink()
                raise
    except OSError as error:
        reason = error.strerror or error
        raise UserError(f"No kit can be written to {output} ({reason}). Choose another --output.") from None
    finally:
        if is_new and output.is_dir() and not any(output.iterdir()):
            output.rmdir()
    return folder, archive


def build_wheel(folder, root, say):
    say("Building the workshop's own package ...")
    run_module("hatchling", ["build", "-t", "wheel", "-d", folder], root)
    (wheel,) = folder.glob("handwriting-*.whl")
    return wheel


def fill(part, root, wheels, say):
    wheel = build_wheel(part, root, say)
    with zipfile.ZipFile(wheel) as built:  # what pyproject.toml names
        own = {"LICENSE", "constraints.txt"} | {name.removeprefix("handwriting/") for name in built.namelist()}
    for path in (path for pattern in FILES_OF_WORKSHOP for path in root.glob(pattern)):
        place = path.relative_to(root)
        if place.as_posix() in own:
            (part / place).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, part / place)
    shutil.copy(START, part)
    data = copy_data(part / "data", say)
    if wheels:
        say("Collecting all packages for this system; a few minutes, and about 800 MB ...")
        words = ["wheel", "--quiet", "--disable-pip-version-check", "--wheel-dir", part / "wheels"]
        run_module("pip", [*words, "--constraint", part / "constraints.txt", f"{wheel}[run,serve,lab]"], root)
    say("Writing the notebooks and documents as pages ...")
    pages = write_pages(part)
    (part / "START.html").write_text(start_page(data, wheels, pages), encoding="utf-8")


def write_pages(part):
    """Write the kit's notebooks and documents as pages, for those without Python; return their names and titles."""
    folder = part / "pages"
    folder.mkdir()
    notebooks = [Path(shutil.copy(path, folder)) for path in sorted((part / "notebooks").glob("*.ipynb"))]
    stems = [None, *(path.stem for path in notebooks), None]
    for before, after, path in zip(stems, stems[2:], notebooks, strict=False):
        write_page(path, before, after)
        path.unlink()
    for path in sorted((part / "docs").glob("*.md")):
        (folder / f"{path.stem}.html").write_text(document(path), encoding="utf-8")
    for path in folder.glob("*.html"):
        text = path.read_text(encoding="utf-8").replace('href="index.html"', 'href="../START.html"')
        path.write_text(re.sub(r'href="([\w-]+\.yaml"|worksheet\.html")', r'href="../docs/\1', text), encoding="utf-8")
    return [(f"pages/{path.name}", title_of(path)) for path in sorted(folder.iterdir(), key=lambda path: path.name)]


def copy_data(folder, say):
    """Copy the data that is on this machine, whole files only, and the stand-in; return their names."""
    names = []
    for name in FILES:
        contents = read_local(name, say)
        if contents:
            (folder / name).mkdir(parents=True)
            for file, content in contents.items():
                (folder / name / file).write_bytes(content)
            names.append(name)
    standin = load_standin()  # drawn if need be: with it, a kit works without any network
    folder.mkdir(exist_ok=True)
    np.savez(folder / STANDIN_FILE, **{name: getattr(standin, name) for name in (*ARRAYS, "fingerprint")})
    names.append("stand-in")
    say(f"Data in the kit: {', '.join(names)}.")
    return names


def run_module(module, words, root):
    """Run a Python module as a program in a folder; if it fails, a UserError says why in one line of its output."""
    command = [sys.executable, "-m", module, *words]
    safe = os.environ | {"PYTHONSAFEPATH": "1"}  # the module itself, and not a file of that name in the folder
    done = subprocess.run(command, cwd=root, env=safe, capture_output=True, text=True, errors="replace")
    if done.returncode == 0:
        return
    lines = [line.strip().rstrip(".") for line in (done.stderr + done.stdout).splitlines() if line.strip()]
    full = [line for line in lines if "No space left" in line]
    errors = [line for line in lines if "ERROR" in line or "Error" in line]
    line = (full or errors or lines or [f"exit status {done.returncode}"])[-1]
    advice = "Set the workshop up as its README says, and try again."
    if full:
        advice = "Choose another --output."
    elif module == "pip" and "No module named" not in line:
        advice = "Is there a network?"
    raise UserError(f"The kit was not made, because {module} failed: {line}. {advice}")


def start_page(data, wheels, pages):
    system = platform.system().replace("Darwin", "macOS")
    here = f"{system} ({platform.machine()}), Python {sys.version_info[0]}.{sys.version_info[1]}"
    return render("workshop.publish", "START.html", data=data, wheels=wheels, pages=pages, system=here)
