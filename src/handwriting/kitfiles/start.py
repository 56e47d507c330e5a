"""Start the workshop from this folder, with nothing but Python 3.10 to 3.13:

python3 start.py            opens the first notebook in JupyterLab
python3 start.py run        runs all notebooks and writes them as pages (more words go to `handwriting run`)
python3 start.py doctor     checks this machine

The first time it makes a Python of its own in the folder workshop-python. (On Windows: py start.py)
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
OWN = HERE / "workshop-python"
DONE = OWN / "installed"
PYTHON = OWN / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def main(words):
    """Install what is missing, then do what the words say; gives the exit status."""
    commands = {
        "lab": ["-m", "jupyter", "lab", HERE / "notebooks" / "01_load.ipynb"],
        "run": ["-m", "handwriting", "run", "--output", HERE / "output"],
        "doctor": ["-m", "handwriting", "doctor"],
    }
    word, *more = words or ["lab"]
    if word not in commands:
        sys.exit(f'There is no command "{word}". Valid: {", ".join(commands)}; without one, JupyterLab opens.')
    if not (3, 10) <= sys.version_info[:2] <= (3, 13):
        sys.exit(f"This needs Python 3.10 to 3.13, and this is {sys.version.split()[0]}. Start it with another one.")
    if not DONE.is_file():
        install()
    try:
        return subprocess.run([PYTHON, *commands[word], *more], cwd=HERE, env=surroundings()).returncode
    except KeyboardInterrupt:
        return 130


def install():
    """Make a Python of its own for the workshop; an earlier one that is not whole goes first."""
    print("Setting up (once; some minutes) ...", flush=True)
    try:
        if OWN.exists():
            shutil.rmtree(OWN)
        subprocess.run([sys.executable, "-m", "venv", OWN], check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(
            f"Nothing can be written beside this file ({error}). Copy the whole folder to your disk, start it there."
        )
    wheel = next(HERE.glob("handwriting-*.whl"))
    where = ["--no-index", "--find-links", HERE / "wheels"] if (HERE / "wheels").is_dir() else []
    command = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *where]
    done = subprocess.run([*command, f"{wheel}[run,lab]", "--constraint", HERE / "constraints.txt"])
    if done.returncode:
        hint = "These packages are for another system or Python: see START.html." if where else "Is there a network?"
        sys.exit(f"The packages could not be installed. {hint}")
    DONE.write_text("")


def surroundings():
    """The environment, with the kit's own data in it."""
    found = dict(os.environ, HANDWRITING_DATA_DIR=str(HERE / "data"))
    if os.access(HERE / "data", os.W_OK):
        found["HANDWRITING_CACHE"] = str(HERE / "data")
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
