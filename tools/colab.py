"""Prove that Colab can install the workshop without changing its own packages, and that all notebooks run there.

python tools/colab.py FOLDER           a new environment with Colab's versions, then the workshop with its extras
python tools/colab.py FOLDER --core    the workshop's core only, and notebooks 1 to 4 and 6

It takes some minutes, 3 GB of disk and a network. The exit status is 0 if nothing that Colab has was changed or
removed, every notebook ran, and none wrote to stderr.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[1]

#: What Colab published for 2026-08-19.
PYTHON = "python3.13"
VERSIONS = """
anywidget==0.9.21 dask==2026.7.1 distributed==2026.7.1 fastapi==0.141.1 ipykernel==6.17.1 ipython==7.34.0
ipywidgets==7.7.1 keras==3.13.2 matplotlib==3.10.0 nbclient==0.10.4 notebook==6.5.7 numpy==2.1.3 pandas==2.2.3
pillow==11.3.0 psutil==5.9.5 python-multipart==0.0.32 requests==2.32.4 rich==13.9.4 scikit-learn==1.6.1 scipy==1.16.3
tenacity==9.1.4 tensorflow==2.20.0 typer==0.27.1 uvicorn==0.52.3
""".split()

CORE = ["01", "02", "03", "04", "06"]


def main():
    """Make the environment, install the workshop, compare, and run the notebooks."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="for the environment and what is run; it must not exist yet")
    parser.add_argument("--core", action="store_true", help="the core only, without Colab's versions and the extras")
    parser.add_argument("--python", default=PYTHON if works(PYTHON) else sys.executable, help="the Python to use")
    options = parser.parse_args()
    folder = options.folder.resolve()
    folder.mkdir(parents=True)
    print(subprocess.check_output([options.python, "--version"], text=True).strip(), flush=True)
    subprocess.run([options.python, "-m", "venv", folder / "venv"], check=True)
    binaries = folder / "venv" / "bin"
    install(binaries, ["ipykernel", "nbclient"] if options.core else VERSIONS)
    before = versions(binaries)
    pip(binaries, "wheel", "--no-deps", "--wheel-dir", folder, ROOT, check=True)
    (wheel,) = folder.glob("handwriting-*.whl")
    pip(binaries, "install", wheel if options.core else f"{wheel}[run,serve]", check=True)
    after = versions(binaries)
    added = [f"{name} {version}" for name, version in after.items() if name not in before]
    changed = [f"{name} {was} -> {after.get(name)}" for name, was in before.items() if after.get(name) != was]
    print(f"Added: {', '.join(added)}.")
    print(f"Changed or removed: {', '.join(changed) or 'nothing'}.", flush=True)
    failed = run_core(binaries, folder) if options.core else run_all(binaries, folder)
    noisy = {path.stem: said for path in sorted((folder / "output").glob("*.ipynb")) if (said := stderr_of(path))}
    for name, said in noisy.items():
        print(f"{name} wrote to stderr: {said[:2000]}")
    sys.exit(bool(changed or failed or noisy))


def works(python):
    """Return whether a command starts a Python."""
    return bool(shutil.which(python)) and subprocess.run([python, "--version"], capture_output=True).returncode == 0


def pip(binaries, *words, **options):
    """Run pip in the environment; return the finished process."""
    command = [binaries / "python", "-m", "pip", *words, "--quiet", "--disable-pip-version-check"]
    return subprocess.run(list(map(str, command)), text=True, **options)


def install(binaries, requirements):
    """Install packages; where a version is not available for this Python, the nearest earlier one, and say so."""
    requirements = list(requirements)
    while True:
        done = pip(binaries, "install", "--no-compile", *requirements, stderr=subprocess.PIPE)
        if done.returncode == 0:
            return
        found = re.search(r"satisfies the requirement ((\S+)==(\S+)) \(from versions: ([^)]+)\)", done.stderr)
        if not found:
            sys.exit(done.stderr)
        asked, name, version, available = found.groups()
        earlier = [one for one in available.split(", ") if numbers(one) <= numbers(version)]
        nearest = (earlier or available.split(", "))[-1]
        print(f"{asked} is not available for this Python: {nearest} instead.", flush=True)
        requirements[requirements.index(asked)] = f"{name}=={nearest}"


def numbers(version):
    """Return the numbers of a version, to compare by."""
    return [int(number) for number in re.findall(r"\d+", version)]


def versions(binaries):
    """Return the versions of all packages in the environment but the workshop itself, by name."""
    frozen = pip(binaries, "freeze", check=True, stdout=subprocess.PIPE).stdout
    return dict(line.split("==") for line in frozen.splitlines() if "==" in line)


def run_all(binaries, folder):
    """Run all notebooks with `handwriting run`; return whether one failed."""
    names = [path.stem for path in sorted((ROOT / "notebooks").glob("*.ipynb"))]
    command = [binaries / "handwriting", "run", *names, "--output", folder / "output"]
    quiet = os.environ | {"PYDEVD_DISABLE_FILE_VALIDATION": "1"}  # a debugger's note on each kernel's own stderr
    return subprocess.run(command, cwd=folder, env=quiet).returncode != 0


def run_core(binaries, folder):
    """Run the notebooks that need no extra, as Jupyter does; return whether one failed."""
    output = folder / "output"
    output.mkdir()
    paths = [shutil.copy(path, output) for name in CORE for path in (ROOT / "notebooks").glob(f"{name}_*.ipynb")]
    return subprocess.run([binaries / "jupyter-execute", "--inplace", *paths], cwd=folder).returncode != 0


def stderr_of(path):
    """Return what a notebook's cells wrote to stderr."""
    cells = nbformat.read(path, as_version=4).cells
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    return "".join(output.text for output in outputs if output.get("name") == "stderr")


if __name__ == "__main__":
    main()
