"""Compare the series with the one-notebook workshop it follows: time and memory, in turn, as ratios.

python benchmarks/compare.py --rounds 3
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import jupytext
import nbformat

HERE = Path(__file__).parent
MEMORY = "from handwriting.results import peak_memory\nprint(peak_memory())"


def run_original(folder):
    """Return the seconds of the command `papermill` on the one notebook, and its kernel's peak memory."""
    source = folder / "original_workshop.ipynb"
    notebook = jupytext.read(HERE / "original_workshop.py")
    notebook.cells.append(nbformat.v4.new_code_cell(MEMORY))
    nbformat.write(notebook, source)
    executed = folder / "executed.ipynb"
    command = [sys.executable, "-m", "papermill", str(source), str(executed), "--no-progress-bar"]
    start = time.monotonic()
    result = subprocess.run(command, capture_output=True, text=True)
    seconds = time.monotonic() - start
    if result.returncode:
        sys.exit(result.stdout + result.stderr)
    return seconds, int(nbformat.read(executed, as_version=4).cells[-1].outputs[0]["text"])


def run_series(folder):
    """Return the seconds of the command `handwriting run`, pages included, and each kernel's peak memory."""
    start = time.monotonic()
    command = [sys.executable, "-m", "workshop", "run", "--output", str(folder)]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode:
        sys.exit(result.stdout + result.stderr)
    seconds = time.monotonic() - start
    print(result.stdout[result.stdout.index("\n notebook ") : result.stdout.index("Executed")])
    return seconds


def main():
    """Run both in turn, and print each round and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    ratios = []
    for number in range(1, rounds + 1):
        with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
            original, memory = run_original(Path(one))
            whole = run_series(Path(two))
        ratios.append(whole / original)
        print(
            f"round {number}: original {original:.1f} s, {memory:,} MB; series {whole:.1f} s; ratio {ratios[-1]:.2f}\n"
        )
    print(f"ratio of times, median of {rounds}: {statistics.median(ratios):.2f} (budget 1.5)")


if __name__ == "__main__":
    main()
