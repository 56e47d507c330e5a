"""Compare the stored notebooks with what they show where TensorFlow computes otherwise, as on other processors.

python tools/other_processors.py            each notebook in which a network predicts or learns; a quarter of an hour
python tools/other_processors.py 04 10      some of them

Too slow for `make test`, where a rule for notebooks looks for numbers with many digits instead.
"""

import os
import subprocess
import sys
import tempfile
from typing import Annotated

import typer
from check import NBVAL, ROOT, copy_notebooks

from handwriting.data.cache import make_folders_absolute
from workshop.runs.one_run import THREADS

#: Processors without AVX-512 and without AVX2, with one core and with more; TensorFlow without oneDNN.
SETTINGS = (
    {"ONEDNN_MAX_CPU_ISA": "AVX2", **dict.fromkeys(THREADS, "2")},
    {"ONEDNN_MAX_CPU_ISA": "SSE41", **dict.fromkeys(THREADS, "1")},
    {"TF_ENABLE_ONEDNN_OPTS": "0"},
)
COMPUTE = ["04", "05", "06", "07", "08", "09", "10"]


def main(
    names: Annotated[list[str], typer.Argument(metavar="NAME", help="Beginning of a name, such as 03.")] = COMPUTE,
):
    """Run nbval in its strict mode with each of the settings; the exit status is 0 only if all of them passed."""
    make_folders_absolute()
    (ROOT / "build").mkdir(exist_ok=True)
    failed = []
    for setting in SETTINGS:
        shown = " ".join(f"{name}={value}" for name, value in setting.items())
        print(f"With {shown}:", flush=True)
        with tempfile.TemporaryDirectory(dir=ROOT / "build") as folder:
            copies = [copy for copy in copy_notebooks(folder) if copy.name.startswith(tuple(names))]
            command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbval", *NBVAL, *copies]
            if subprocess.run(command, env=os.environ | setting | {"PYTHONHASHSEED": "0"}, cwd=ROOT).returncode:
                failed.append(shown)
    print(f"Outputs differ with {'; '.join(failed)}." if failed else "All outputs are the same.")
    sys.exit(bool(failed))


if __name__ == "__main__":
    typer.run(main)
