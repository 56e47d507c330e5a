"""Compare the networks of notebook 8 with the original workshop's: python benchmarks/networks.py --seeds 5.

All are trained on MNIST's 60,000 training images and are tested on its 10,000 test images, as they are and moved. Time
is how long `fit` takes, as a ratio to the original's four epochs on the same machine in the same run: wall time, and
CPU time, which other programs disturb less. `--only NAME`, which may be repeated, names one of them.
"""

import statistics
import time
from typing import NamedTuple

import numpy as np
import typer

import handwriting

BATCH, PEAK = 128, 0.006


class Recipe(NamedTuple):
    """The way that one network is built and trained; see `handwriting.build.convolutional_network`."""

    layers: tuple
    epochs: int
    augment: tuple = ()  # shift, turn and zoom, as in `handwriting.build.augmentation`
    smooth: float = 0.0
    average: bool = False


RECIPES = {
    "quick": Recipe(((24, 4, 4), (64, 3, 2)), 1),
    "small": Recipe(((24, 5, 3), (48, 3, 2), (64, 3, 2)), 2),
    "strong": Recipe(((24, 5, 2), (64, 3, 2), (96, 3, 1)), 5, (0.12, 0, 0), 0.05),
    "best": Recipe(((32, 5, 2), (64, 3, 1), (96, 3, 2), (128, 3, 1)), 14, (0.07, 0.03, 0.1), 0.05, True),
}


def original(seed):
    from tensorflow import keras

    keras.utils.set_random_seed(seed)
    layers = keras.layers
    model = keras.Sequential(
        [keras.Input((784,)), layers.Dense(512, "relu"), layers.Dropout(0.2), layers.Dense(10, "softmax")]
    )
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


def build(recipe, count, seed):
    """Return a network as the recipe says, ready for `fit` with so many images."""
    from tensorflow import keras

    from handwriting.build import STEPS_AT_ONCE, augmentation, convolutional_network
    from handwriting.train import one_cycle

    rate = one_cycle(count, recipe.epochs, BATCH, PEAK)
    augment = recipe.augment and augmentation(seed, *recipe.augment)
    model = convolutional_network(recipe.layers, True, augment, rate, seed)
    if recipe.smooth or recipe.average:
        model.compile(
            optimizer=keras.optimizers.Adam(rate, use_ema=recipe.average, ema_momentum=0.995),
            loss=keras.losses.CategoricalCrossentropy(label_smoothing=recipe.smooth),
            metrics=["accuracy"],
            steps_per_execution=STEPS_AT_ONCE,
        )
    return model


def test(model, images, labels):
    """Return the accuracy on images as they are, moved by up to 2 pixels at random, and moved by 4 diagonally."""
    from handwriting.evaluate import shift

    count, flat, found = len(images), len(model.input_shape) == 2, []
    by = np.random.default_rng(0).integers(-2, 3, (2, count)).tolist()
    near = np.concatenate([shift(one[None], right, down) for one, down, right in zip(images, *by, strict=True)])
    for variant in (images, near, shift(images, 4, 4)):
        x = variant.reshape((count, 784) if flat else (count, 28, 28, 1)) / np.float32(255)
        found.append(float((model.predict(x, batch_size=1000, verbose=0).argmax(axis=1) == labels).mean()))
    return found


def run(name, seed, train, held_out):
    """Train one network, and return its wall time, its CPU time and what `test` returns."""
    (images, labels), (test_images, test_labels) = train, held_out
    y = np.eye(10, dtype="float32")[labels]
    if name == "original":
        model, x, recipe = original(seed), images.reshape(-1, 784) / np.float32(255), Recipe((), 4)
        held = (test_images.reshape(-1, 784) / np.float32(255), np.eye(10, dtype="float32")[test_labels])
        options = {"validation_data": held}  # as the original does
    else:
        recipe, options = RECIPES[name], {}
        model, x = build(recipe, len(images), seed), images[..., None] / np.float32(255)
    start, busy = time.monotonic(), time.process_time()
    model.fit(x, y, batch_size=BATCH, epochs=recipe.epochs, verbose=0, **options)
    spent = time.monotonic() - start, time.process_time() - busy
    return *spent, *test(model, test_images, test_labels)


def main(seeds: int = 5, only: list[str] | None = None):
    """Print one line for each network and seed, then means and spreads."""
    handwriting.setup()
    from handwriting.load import load_digits

    data = load_digits("mnist")
    train, held_out = (data.x_train, data.y_train), (data.x_test, data.y_test)
    names = ["original", *({name: RECIPES[name] for name in only or RECIPES})]
    found = {name: [] for name in names}
    print("network, seed: seconds of fit, CPU seconds; accuracy, moved by up to 2, moved by 4 and 4")
    for seed in range(seeds):
        for name in names:
            found[name].append(run(name, seed, train, held_out))
            seconds, busy, *accuracies = found[name][-1]
            text = ", ".join(f"{accuracy:.4f}" for accuracy in accuracies)
            print(f"{name}, {seed}: {seconds:.1f}, {busy:.1f}; {text}", flush=True)
    print(f"\n{'network':10} {'time':>6} {'CPU':>6}  {'accuracy':>15}  {'up to 2 pixels':>15}  {'4 and 4 pixels':>15}")
    for name in names:
        pairs = list(zip(found[name], found["original"], strict=True))
        times = [statistics.median(mine[k] / base[k] for mine, base in pairs) for k in (0, 1)]
        columns = [
            f"{statistics.mean(values):.4f} ± {statistics.pstdev(values):.4f}"
            for values in list(zip(*found[name], strict=True))[2:]
        ]
        print(f"{name:10} {times[0]:6.2f} {times[1]:6.2f}  {'  '.join(columns)}")


if __name__ == "__main__":
    typer.run(main)
