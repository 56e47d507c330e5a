"""Measure what a sweep costs: python benchmarks/sweeps.py [--rounds 3]

1. Overhead: a run (two notebooks, each with a kernel of its own) against a script that trains and evaluates the same
   network, in turn, one at a time, with all cores.
2. Speed-up: the same runs with one worker and with two. Two workers have half of the cores each; one worker has all of
   them, or, for a comparison of like with like, half of them, too.
3. Scheduler: what each of 1,000 and 10,000 runs costs that do nothing, and the memory of this process and of the
   scheduler in it.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import typer

from handwriting.results import peak_memory
from workshop.runs.cluster import local_workers, slots_on_hosts
from workshop.runs.combinations import Combinations
from workshop.runs.one_run import Outcome
from workshop.runs.sweep import Sweep, carry_out, plan_sweep

SCRIPT = """
import sys
from handwriting.session import setup
setup()
from handwriting.build import dense_network
from handwriting.load import load_digits
from handwriting.prepare import prepared
ready = prepared(load_digits("auto"))
model = dense_network(seed=int(sys.argv[1]))
model.fit(ready.x_train, ready.y_train, validation_data=(ready.x_validation, ready.y_validation), epochs=4,
          batch_size=128, verbose=0)
print(model.evaluate(ready.x_test, ready.y_test, verbose=0))
"""


def run_script(seed):
    """Return the seconds of a script that does what a run does, and nothing else."""
    start = time.monotonic()
    subprocess.run([sys.executable, "-c", SCRIPT, str(seed)], check=True, capture_output=True)
    return time.monotonic() - start


def run_sweep(workers, halves=1, **values):
    """Return the seconds of a sweep from its first run to its last, without the start of the workers."""
    with tempfile.TemporaryDirectory() as folder, local_workers(workers) as client:
        sweep = plan_sweep([], Combinations(values), folder)
        (host,) = slots_on_hosts(client)
        slots = {host: halves} if halves > 1 else None  # as if others were at work beside it
        start = time.monotonic()
        status = carry_out(sweep, sweep.missing(), client, slots=slots)
        if status.failed:
            sys.exit(str(status.failed))
        return time.monotonic() - start


def nothing(name, parameters, sweep):
    return Outcome(name, "done")


class Unwritten(Sweep):
    """A sweep whose runs leave no files and count as finished."""

    def finished(self, name):
        return True


def scheduler_cost(count):
    """Return the milliseconds for each of some runs that do nothing, on two workers."""
    real = plan_sweep([], Combinations({"seed": [0]}), tempfile.gettempdir())
    sweep = Unwritten(real.notebooks, {f"seed={seed}": {"seed": seed} for seed in range(count)}, real.output)
    with local_workers(2) as client:
        start = time.monotonic()
        status = carry_out(sweep, list(sweep.runs), client, perform=nothing)
        seconds = time.monotonic() - start
    if status.done != count:
        sys.exit(f"only {status.done} of {count} runs came back")
    return 1000 * seconds / count


def main(rounds: int = 3, runs: int = 6, only: list[str] | None = None):
    """Measure the scheduler, the overhead and the speed-up (with so many runs), or only some of them."""
    chosen = only or ("scheduler", "overhead", "speed-up")
    if unknown := set(chosen) - {"scheduler", "overhead", "speed-up"}:
        sys.exit(f"There is no {', '.join(sorted(unknown))}. Valid for --only: scheduler, overhead, speed-up.")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    for count in (1000, 10_000) if "scheduler" in chosen else ():
        cost = scheduler_cost(count)
        print(f"{count:,} runs that do nothing: {cost:.1f} ms each; peak memory here {peak_memory()} MB", flush=True)
    pairs = []
    for seed in range(rounds if "overhead" in chosen else 0):
        pairs.append((run_script(seed), run_sweep(1, seed=[seed])))
        print(f"script {pairs[-1][0]:.1f} s, run {pairs[-1][1]:.1f} s", flush=True)
    if pairs:
        over = statistics.median(run - script for script, run in pairs)
        ratio = statistics.median(run / script for script, run in pairs)
        print(f"overhead of a run: {over:.1f} s, or {ratio:.2f} times the script")
    for _ in range(rounds if "speed-up" in chosen else 0):
        seeds = list(range(runs))
        two, half, one = run_sweep(2, seed=seeds), run_sweep(1, 2, seed=seeds), run_sweep(1, seed=seeds)
        print(
            f"{runs} runs: {two:.1f} s with two workers; {half:.1f} s with one that has half of the cores "
            f"({half / two:.2f}); {one:.1f} s with one that has all ({one / two:.2f})",
            flush=True,
        )


if __name__ == "__main__":
    typer.run(main)
