"""Prove that Colab can install the workshop without changing its own packages, and that all notebooks run there.

python3.13 tools/colab.py FOLDER              Colab's Python; it needs no packages
python3.13 tools/colab.py FOLDER --kit KIT    what `handwriting kit --colab` wrote, without a network (Linux)

This makes an environment with Colab's versions in a new folder, installs the workshop with its extras, and runs the
notebooks; with --kit, the notebooks bring the workshop. It takes some minutes, 3 GB of disk and a network. The exit
status is 0 if nothing that Colab has was changed or removed, every notebook ran, and none wrote to stderr.
"""

import argparse
import json
import os
import shutil
import subprocess
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]
#: What Colab published for 2026-08-19.
VERSIONS = """
anywidget==0.9.21 dask==2026.7.1 distributed==2026.7.1 fastapi==0.141.1 ipykernel==6.17.1 ipython==7.34.0
ipywidgets==7.7.1 keras==3.13.2 matplotlib==3.10.0 nbclient==0.10.4 notebook==6.5.7 numpy==2.1.3 pandas==2.2.3
pillow==11.3.0 psutil==5.9.5 python-multipart==0.0.32 requests==2.32.4 rich==13.9.4 scikit-learn==1.6.1 scipy==1.16.3
tenacity==9.1.4 tensorflow==2.20.0 typer==0.27.1 uvicorn==0.52.3
""".split()
ALSO = ["filelock", "platformdirs", "pooch", "tqdm"]  # what Colab also has, in any version
#: A network namespace with loopback only, over which kernels talk.
ALONE = ["unshare", "--map-root-user", "--net", "sh", "-ec", 'ip link set lo up; exec "$@"', "sh"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="for the environment and the outputs; it must not exist yet")
    parser.add_argument("--kit", type=Path, help="the folder handwriting-colab")
    arguments = parser.parse_args()
    folder = arguments.folder.resolve()
    folder.mkdir(parents=True)
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / "bin" / "python"

    pip(python, "install", "--no-compile", *VERSIONS, *(ALSO if arguments.kit else ()))
    before = versions(python)
    if arguments.kit:  # its notebooks bring the workshop, and run without a network
        shutil.copytree(arguments.kit, folder / "output")
        command = [*ALONE, python.parent / "jupyter-execute", "--inplace", *sorted(os.listdir(arguments.kit))]
    else:
        command = install(folder, python)
    quiet = {"PYDEVD_DISABLE_FILE_VALIDATION": "1"}  # a debugger's note on each kernel's own stderr
    own = {"HOME": str(folder), "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}"} if arguments.kit else {}
    failed = subprocess.run(command, cwd=folder / "output", env=os.environ | quiet | own).returncode
    after = versions(python)
    added = [f"{name} {version}" for name, version in after.items() if name not in before]
    changed = [f"{name} {was} -> {after.get(name)}" for name, was in before.items() if after.get(name) != was]
    print(f"Added: {', '.join(added)}.")
    print(f"Changed or removed: {', '.join(changed) or 'nothing'}.", flush=True)
    noisy = [path for path in sorted((folder / "output").glob("*.ipynb")) if stderr_of(path)]
    for path in noisy:
        print(f"{path.stem} wrote to stderr: {stderr_of(path)[:2000]}")
    raise SystemExit(bool(changed or failed or noisy))


def install(folder, python):
    """Install the workshop; return the command that runs its notebooks."""
    pip(python, "wheel", "--no-deps", "--wheel-dir", folder, ROOT)
    (wheel,) = folder.glob("handwriting-*.whl")
    pip(python, "install", f"{wheel}[run,serve]")
    (folder / "output").mkdir()
    names = [path.stem for path in sorted((ROOT / "notebooks").glob("*.ipynb"))]
    return [python, "-m", "workshop", "run", *names, "--output", folder / "output"]


def pip(python, *words):
    command = [python, "-m", "pip", *words, "--quiet", "--disable-pip-version-check"]
    return subprocess.run(command, text=True, check=True, stdout=subprocess.PIPE).stdout


def versions(python):
    """Return the versions of all packages in the environment but the workshop itself, by name."""
    return dict(line.split("==") for line in pip(python, "freeze").splitlines() if "==" in line)


def stderr_of(path):
    """Return what a notebook's cells wrote to stderr."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    return "".join("".join(output["text"]) for output in outputs if output.get("name") == "stderr")


if __name__ == "__main__":
    main()
