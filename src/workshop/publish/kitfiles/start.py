"""Start the workshop from this folder, with nothing but Python 3.10 to 3.13:

python3 start.py            opens the first notebook in JupyterLab
python3 start.py run        runs notebooks 01 to 06, as handed out, and writes them as pages; to run your own version
                            of one, add its path, such as notebooks/05_train.ipynb
python3 start.py doctor     checks this machine
python3 start.py data status        shows which data is here (`data fetch fashion-mnist` downloads more)
python3 start.py class-report DIR   or serve, report …: any command of `handwriting` but kit, with the kit's data

The first time it installs what is needed into the folder workshop-python. (On Windows: py start.py)
"""

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

HERE = Path(__file__).resolve().parent
INSTALLED = HERE / "workshop-python"
DONE = INSTALLED / "installed"
PYTHON = INSTALLED / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
COMPILE = "import compileall, sysconfig; compileall.compile_dir(sysconfig.get_path('purelib'), quiet=2, workers=0)"
COMMANDS = "lab run doctor data params sweep report compare class-report serve slides".split()
COPY = "Copy the whole folder to your disk, and start it there."


def main(words):
    """Install what is missing, then do what the words say; return the exit status."""
    # With its root here, and not in notebooks, JupyterLab also opens what the notebooks link to in docs.
    lab = ["-m", "jupyterlab", HERE / "notebooks" / "01_load.ipynb", f"--ServerApp.root_dir={HERE}"]
    run = ["-m", "workshop", "run", "--output", HERE / "output"]
    command, *more = words or ["lab"]
    if command not in COMMANDS:
        sys.exit(f'There is no command "{command}". Valid: {", ".join(COMMANDS)}; without one, JupyterLab opens.')
    start = {"lab": lab, "run": run}.get(command, ["-m", "workshop", command])
    if not (3, 10) <= sys.version_info[:2] <= (3, 13):
        sys.exit(f"Python 3.10 to 3.13 is needed, and this is {sys.version.split()[0]}. Start it with another one.")
    if not is_installed():
        install()
    with subprocess.Popen([PYTHON, *start, *more], cwd=HERE, env=environment()) as process:
        while True:
            with suppress(KeyboardInterrupt):  # it got Ctrl + C as well, and ends in its own way: JupyterLab asks first
                return process.wait()


def is_installed():
    try:
        silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return DONE.is_file() and subprocess.run([PYTHON, "-c", "import handwriting"], **silent).returncode == 0
    except OSError:
        return False


def install():
    """Install the workshop into a folder of its own; what an interrupted installation left there goes first."""
    wheel = next(HERE.glob("handwriting-*.whl"), None)
    if wheel is None:
        sys.exit(f"The workshop's package (handwriting-....whl) is not beside this file. {COPY}")
    print("Setting up (once; a few minutes) ...", flush=True)
    if INSTALLED.exists():
        shutil.rmtree(INSTALLED)
    INSTALLED.mkdir()
    if subprocess.run([sys.executable, "-m", "venv", INSTALLED]).returncode:
        sys.exit(f"Python's tool venv failed. Debian and Ubuntu: apt install python3-venv. On a stick: {COPY}")
    wheels = ["--no-index", "--find-links", HERE / "wheels"] if (HERE / "wheels").is_dir() else []
    command = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile", *wheels]
    done = subprocess.run([*command, f"{wheel}[run,serve,lab]", "--constraint", HERE / "constraints.txt"])
    if done.returncode:
        hint = "These packages are for another system or Python: see START.html." if wheels else "Is there a network?"
        if shutil.disk_usage(HERE).free < 200e6:
            hint = "The disk is full: about 3 GB must be free."
        sys.exit(f"The packages could not be installed. {hint}")
    subprocess.run([PYTHON, "-c", COMPILE])  # on all processors; otherwise TensorFlow's first start takes 20 s more
    DONE.write_text("")


def environment():
    """Return the environment variables, with the kit's own data in them."""
    variables = dict(os.environ, HANDWRITING_DATA_DIR=str(HERE / "data"))
    with suppress(OSError), tempfile.TemporaryFile(dir=HERE / "data"):  # permission bits do not tell: try it
        variables["HANDWRITING_CACHE"] = str(HERE / "data")
    return variables


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("Stopped. Setup will start over next time.")
    except OSError as error:
        sys.exit(f"Nothing can be written beside this file ({error.strerror or error}). {COPY}")
