"""Read drawn photos of forms, ruled paper and notes, kind by kind: python benchmarks/scanning.py 20."""

import argparse
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tools"))

from paper import KINDS, read  # noqa: E402


def main():
    """Print one line for each kind: pages read correctly, digits to be changed, and CPU seconds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("count", nargs="?", type=int, default=20, help="pictures of each kind")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kinds", nargs="*", default=[kind.__name__ for kind in KINDS])
    options = parser.parse_args()
    for kind in KINDS:
        if kind.__name__ in options.kinds:
            start = time.process_time()
            right, pages, wrong, digits = read(kind, options.count, options.seed)
            seconds = time.process_time() - start
            line = f"{right:4} of {pages} pages, {wrong:4} edits on {digits:5} digits, {seconds:.1f} s"
            print(f"{kind.__name__:14}{line}", flush=True)


if __name__ == "__main__":
    main()
