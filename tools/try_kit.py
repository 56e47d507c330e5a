"""The proof for a kit with all packages: installed and run on a machine that has no network at all.

python tools/try_kit.py     (Linux with `unshare`; takes some minutes and 4 GB of disk)
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from handwriting.kit import make_kit
from handwriting.notebookformat import nbformat
from handwriting.results import read_result

# A machine of its own, with nothing but itself on its network: kernels talk over loopback.
ALONE = ["unshare", "--map-root-user", "--net", "sh", "-ec", 'ip link set lo up; exec "$@"', "sh"]


def main():
    """Make a kit, cut the network, start it; the exit status is 0 if the whole series ran."""
    if not (shutil.which("unshare") and subprocess.run([*ALONE, "true"]).returncode == 0):
        sys.exit("This needs Linux, with unshare from util-linux and ip from iproute2.")
    with tempfile.TemporaryDirectory() as temporary:
        begun = time.monotonic()
        folder, archive = make_kit(temporary, wheels=True)
        print(
            f"Made in {time.monotonic() - begun:.0f} s; the zip has {archive.stat().st_size / 1e6:.0f} MB.", flush=True
        )
        begun = time.monotonic()
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("HANDWRITING_", "PIP_"))}
        alone = kept | {"PIP_NO_INDEX": "1", "PIP_CACHE_DIR": str(Path(temporary, "cache")), "CI": "1"}
        status = subprocess.run([*ALONE, sys.executable, folder / "start.py", "run"], env=alone).returncode
        notebooks = sorted((folder / "output").glob("*.ipynb"))
        print(f"Installed and run in {time.monotonic() - begun:.0f} s: {len(notebooks)} notebooks.")
        result = read_result(nbformat.read(notebooks[-1], as_version=4)) if notebooks else None
        if status or len(notebooks) < 6 or not result or result["test_accuracy"] < 0.9:
            sys.exit(f"The kit does not work (exit status {status}, result {result}).")
        print(f"The kit works without a network: {result['data']}, test accuracy {result['test_accuracy']:.4f}.")


if __name__ == "__main__":
    main()
