"""Measure the network that ships with the package, for docs/model-card.md: python benchmarks/model_card.py.

Prints how many images of each kind it reads, with the 95 % interval (Wilson's), and how much is refused as no digit.
Photos are those of tools/photos.py; `benchmarks/scanning.py` measures forms and notes.
"""

import sys
from pathlib import Path

import numpy as np
from scipy.stats import binomtest

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tools")]

from photos import PAPERS, photograph  # noqa: E402
from test_not_a_digit import DOODLES, dots, drawn, scribbles  # noqa: E402

from handwriting.data.letters import STYLES, make_letters  # noqa: E402
from handwriting.errors import ScanError  # noqa: E402
from handwriting.load import load_digits, load_writers  # noqa: E402
from handwriting.models.not_a_digit import DIGITS, look_like_digits  # noqa: E402
from handwriting.models.pretrained import pretrained_network  # noqa: E402
from handwriting.scan import to_mnist  # noqa: E402
from handwriting.scan.drawings import sample_drawings  # noqa: E402


def logits_of(images):
    """Return the logits (n, 10) of images, uint8 (n, 28, 28)."""
    parts = np.array_split(images / np.float32(255), -(-len(images) // 500))
    return np.concatenate([pretrained_network().forward(part)[1] for part in parts])


def scanned(pictures):
    """Return pictures as `to_mnist` makes them; zeros for what it refuses."""
    images = []
    for picture in pictures:
        try:
            images.append(to_mnist(picture))
        except ScanError:
            images.append(np.zeros((28, 28), np.uint8))
    return np.array(images)


def report(name, right):
    """Print how many are right, and the interval."""
    low, high = 100 * np.array(binomtest(int(right.sum()), len(right)).proportion_ci(method="wilson"))
    print(
        f"{name:45}{right.sum():6,} of {len(right):6,}, {100 * right.mean():.2f} % ({low:.1f} to {high:.1f})",
        flush=True,
    )


def main():
    """Print all lines."""
    mnist, standin = load_digits("mnist"), load_digits("stand-in")
    logits = {data.name: logits_of(data.x_test) for data in (mnist, standin)}
    right = {data.name: logits[data.name].argmax(axis=1) == data.y_test for data in (mnist, standin)}
    report("MNIST's test images", right["mnist"])
    writers = load_writers(mnist)
    if writers is not None:
        students = writers.test >= 2100
        report("  by high-school students", right["mnist"][students])
        report("  by Census Bureau staff", right["mnist"][~students])
    again = scanned(mnist.x_test[::5])
    report("every fifth, prepared again", logits_of(again).argmax(axis=1) == mnist.y_test[::5])
    report("the stand-in's test images", right["stand-in"])
    for data, step in ((mnist, 10), (standin, 7)):
        chosen = range(0, len(data.x_test), step)
        kinds = np.array([PAPERS[k // step % len(PAPERS)] for k in chosen])
        generators = (np.random.default_rng([7, k]) for k in chosen)
        photos = (
            photograph(data.x_test[k : k + 1], g, kind) for k, g, kind in zip(chosen, generators, kinds, strict=True)
        )
        images = scanned(photos)
        read = logits_of(images).argmax(axis=1) == data.y_test[chosen]
        report(f"photos of {data.name}", read & images.any(axis=(1, 2)))
        for kind in PAPERS:
            report(f"  on {kind}", read[kinds == kind])
    drawings, labels = sample_drawings()
    report("sample drawings", logits_of(scanned(drawings)).argmax(axis=1) == labels)
    others = {
        "mnist": mnist.x_test,
        "stand-in": standin.x_test,
        "printed letters": make_letters(10, 4_000)[2],
        "drawn letters": drawn([style for letter in STYLES.values() for style in letter], 100),
        "doodles": drawn(DOODLES, 100),
        "scribbles": scribbles(500),
        "dots": dots(500),
    }
    for name, images in others.items():
        report(f"refused: {name}", ~look_like_digits(images, DIGITS, logits_of(images)))


if __name__ == "__main__":
    main()
