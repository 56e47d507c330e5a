"""Compare the series with the one-notebook workshop it follows: seconds, CPU seconds and memory, in turn, as ratios.

python benchmarks/compare.py --rounds 3
"""

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import jupytext
import nbformat
import typer

HERE = Path(__file__).parent
MEMORY = "from handwriting.results import peak_memory\nprint(peak_memory())"


def timed(command):
    """Run a command; return its output, its seconds, and the CPU seconds of it and of all that it started."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    result = subprocess.run(command, capture_output=True, text=True)
    seconds, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if result.returncode:
        sys.exit(result.stdout + result.stderr)
    return result.stdout, seconds, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def run_original(folder):
    """Return the seconds and CPU seconds of `papermill` on the one notebook, and its kernel's peak memory."""
    source = folder / "original_workshop.ipynb"
    notebook = jupytext.read(HERE / "original_workshop.py")
    notebook.cells.append(nbformat.v4.new_code_cell(MEMORY))
    nbformat.write(notebook, source)
    executed = folder / "executed.ipynb"
    _, *times = timed([sys.executable, "-m", "papermill", source, executed, "-kpython3", "--no-progress-bar"])
    return *times, int(nbformat.read(executed, as_version=4).cells[-1].outputs[0]["text"])


def main(rounds: int = 3):
    """Run the original and the series in turn, and print each round and the ratios."""
    ratios = []
    for number in range(1, rounds + 1):
        with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
            seconds, cpu, memory = run_original(Path(one))
            output, series_seconds, series_cpu = timed([sys.executable, "-m", "workshop", "run", "--output", two])
        print(output[output.index("\n notebook ") : output.index("Executed")])
        ratios.append((series_seconds / seconds, series_cpu / cpu))
        print(
            f"round {number}: original {seconds:.1f} s, {cpu:.1f} CPU s, {memory:,} MB; series {series_seconds:.1f} s, "
            f"{series_cpu:.1f} CPU s; ratios {ratios[-1][0]:.2f} and {ratios[-1][1]:.2f}\n",
            flush=True,
        )
    wall, work = map(statistics.median, zip(*ratios, strict=True))
    print(f"medians of {rounds}: {wall:.2f} times the seconds (budget 1.0), {work:.2f} times the CPU seconds (1.8)")


if __name__ == "__main__":
    typer.run(main)
