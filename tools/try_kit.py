"""Prove that a kit with all packages can be installed and run on a machine that has no network at all.

python tools/try_kit.py     (Linux with `unshare`; takes some minutes and 4 GB of disk)
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from colab import ALONE

from workshop.publish.kit import make_kit
from workshop.runs.plan import STAGES
from workshop.runs.record import read_result


def main():
    """Make a kit, cut the network, start it; the exit status is 0 if the whole series ran."""
    if not (shutil.which("unshare") and subprocess.run([*ALONE, "true"]).returncode == 0):
        sys.exit("This needs Linux, with unshare from util-linux and ip from iproute2.")
    with tempfile.TemporaryDirectory() as temporary:
        begun = time.monotonic()
        folder, archive = make_kit(temporary, wheels=True)
        seconds = time.monotonic() - begun
        print(f"Made in {seconds:.0f} s: folder {megabytes(folder)}, zip {megabytes(archive)}.", flush=True)
        begun = time.monotonic()
        others = ("HANDWRITING_", "PIP_", "PYTHON", "VIRTUAL_ENV")
        kept = {key: value for key, value in os.environ.items() if not key.startswith(others)}
        alone = kept | {"PIP_NO_INDEX": "1", "PIP_CACHE_DIR": str(Path(temporary, "cache")), "CI": "1"}
        status = subprocess.run([*ALONE, sys.executable, folder / "start.py", "run"], env=alone).returncode
        notebooks = sorted((folder / "output").glob("*.ipynb"))
        seconds = time.monotonic() - begun
        print(f"Installed and run in {seconds:.0f} s: its Python has {megabytes(folder / 'workshop-python')}.")
        result = read_result(nbformat.read(notebooks[-1], as_version=4)) if notebooks else None
        names = [path.stem for path in notebooks]
        if status or names != list(STAGES) or not result or result["test_accuracy"] < 0.9:
            sys.exit(f"The kit does not work (exit status {status}, notebooks {names}, result {result}).")
        print(f"The kit works offline: {result['data']}, test accuracy {result['test_accuracy']:.4f}.")


def megabytes(place):
    files = [place] if place.is_file() else [path for path in place.rglob("*") if path.is_file()]
    return f"{sum(path.lstat().st_size for path in files) / 1e6:.0f} MB"


if __name__ == "__main__":
    main()
