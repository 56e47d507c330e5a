"""Notebooks for Colab that carry the workshop's package themselves: files to hand out, without a public address."""

import base64
import io
import lzma
import re
import tempfile
import zipfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import nbformat

from handwriting.errors import UserError
from workshop.publish.deck import BADGES
from workshop.publish.kit import build_wheel, deliver
from workshop.widget_state import without_outputs

NAME = "handwriting-colab"
#: What `workshop` needs and Colab does not have. All of it is pure Python.
NOT_IN_COLAB = ("entrypoints", "papermill", "pebble", "segno")
SETUP = """\
# @title Setup: run this cell first
# The workshop's own package is in this notebook: it is packed into the long line below.
packed = "{packed}"
try:
    import {modules}
except ModuleNotFoundError:
    import base64, io, lzma, subprocess, sys, tempfile, zipfile

    with tempfile.TemporaryDirectory() as folder:
        zipfile.ZipFile(io.BytesIO(lzma.decompress(base64.b85decode(packed)))).extractall(folder)
        pip = [sys.executable, "-m", "pip", "install", "-q", "--find-links", folder]
        pip += [f"{{folder}}/{{wheel}}" for wheel in {wheels}]
        if subprocess.run([*pip, "--no-index"], capture_output=True).returncode:
            subprocess.run(pip, check=True)  # outside Colab, other packages are missing as well
    import handwriting

handwriting.setup()"""

#: A link to a file that is not beside a notebook in Colab.
LOCAL_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\((?!https?:|#)[^)\s]+\)")


def make_colab_kit(output, say=print):
    """Make the folder `handwriting-colab`, and a zip of it; return both paths. If that fails, neither stays."""
    return deliver(output, NAME, lambda part, root: fill(part, root, say), say)


def fill(part, root, say):
    with tempfile.TemporaryDirectory() as temporary, zipfile.ZipFile(build_wheel(Path(temporary), root, say)) as built:
        files = {name: built.read(name) for name in built.namelist()}
    core, whole = wheels_of(files)
    packed = {True: pack(whole), False: pack(core)}
    for name in (name for name in files if re.fullmatch(r"handwriting/notebooks/\w+\.ipynb", name)):
        notebook = without_outputs(nbformat.reads(files[name].decode(), as_version=4))
        uses_workshop = any(re.search(r"^from workshop", cell.source, re.MULTILINE) for cell in notebook.cells)
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = LOCAL_LINK.sub(r"\1", BADGES.sub("", cell.source))
            if "setup" in cell.metadata.get("tags", []):
                names = [name for name in (whole if uses_workshop else core) if name.startswith("handwriting")]
                cell.source = SETUP.format(
                    packed=packed[uses_workshop],
                    modules="handwriting, workshop" if uses_workshop else "handwriting",
                    wheels=[f"{name}[run,serve]" if uses_workshop and name in core else name for name in names],
                )
                cell.metadata |= {"cellView": "form", "jupyter": {"source_hidden": True}}
        nbformat.write(notebook, part / name.rpartition("/")[2])


def wheels_of(files):
    """Return two dicts of wheels by name: what every notebook needs, and all that the two with `workshop` need."""
    metadata = next(name for name in files if name.endswith(".dist-info/METADATA"))
    info = metadata.partition("/")[0]
    version = info.removeprefix("handwriting-").removesuffix(".dist-info")
    core, more = {}, {}
    for name, content in files.items():
        if name.endswith(".ipynb"):
            notebook = without_outputs(nbformat.reads(content.decode(), as_version=4))
            more[name] = nbformat.writes(notebook).encode()
        elif name.endswith("/entry_points.txt"):
            more[f"handwriting_workshop-{version}.dist-info/entry_points.txt"] = content
        elif name.startswith(("workshop/", "handwriting/docs/")):
            more[name] = content
        elif not name.startswith("handwriting/notebooks/source/"):
            core[name] = content
    core[metadata] = files[metadata].partition(b"\n\n")[0] + b"\n"
    name = "handwriting_workshop"
    more[f"{name}-{version}.dist-info/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode()
    more[f"{name}-{version}.dist-info/WHEEL"] = files[f"{info}/WHEEL"]
    core = {f"handwriting-{version}-py3-none-any.whl": wheel(core)}
    whole = core | {f"{name}-{version}-py3-none-any.whl": wheel(more)}
    for name in NOT_IN_COLAB:
        try:
            found = distribution(name)
        except PackageNotFoundError:
            way = "Set the workshop up as its README says, and try again."
            raise UserError(f'The package "{name}" is missing. {way}') from None
        own = [file for file in found.files if not {"..", "__pycache__"} & set(file.parts)]
        contents = {str(file): file.locate().read_bytes() for file in own}
        whole[f"{name}-{found.version}-py3-none-any.whl"] = wheel(contents)
    return core, whole


def wheel(files):
    """Return a wheel of files, by their names, as bytes. Nothing is compressed or hashed in it: `pack` does better."""
    record = next(name for name in files if name.endswith(".dist-info/METADATA")).replace("METADATA", "RECORD")
    names = [name for name in files if name != record]
    rows = "".join(f"{name},,\n" for name in [*names, record])
    return zipped({name: files[name] for name in names} | {record: rows.encode()})


def zipped(files):
    """Return a zip of files, by their names, as bytes; the same files give the same bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return stream.getvalue()


def pack(wheels):
    """Return wheels, by their names, as one line of text."""
    return base64.b85encode(lzma.compress(zipped(wheels), preset=9)).decode()
