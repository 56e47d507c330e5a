"""Compare the networks of notebook 8 with the original workshop's: python benchmarks/networks.py --seeds 5.

All are trained on MNIST's 60,000 training images and are tested on its 10,000 test images, as they are and moved. Time
is how long `fit` takes, as a ratio to the original's four epochs on the same machine in the same run: wall time, and
CPU time, which other programs disturb less. `--only` names some of them. To choose between recipes, use
`--validate`: it trains on 55,000 of the training images and tests on the other 5,000.
"""

import argparse
import statistics
import time
from dataclasses import dataclass

import numpy as np

import handwriting


@dataclass(frozen=True)
class Recipe:
    """The way that one network is built and trained; see `handwriting.build.convolutional_network`."""

    layers: tuple
    epochs: int
    batch: int
    peak: float
    norm: bool = True
    augment: tuple = ()  # shift, turn and zoom, as in `handwriting.build.augmentation`
    smooth: float = 0.0
    average: bool = False


RECIPES = {
    "quick": Recipe(((24, 4, 4), (64, 3, 2)), 1, 128, 0.006),
    "small": Recipe(((24, 5, 3), (48, 3, 2), (64, 3, 2)), 2, 128, 0.006),
    "strong": Recipe(((24, 5, 2), (64, 3, 2), (96, 3, 1)), 5, 128, 0.006, augment=(0.12, 0, 0), smooth=0.05),
    "best": Recipe(
        ((32, 5, 2), (64, 3, 1), (96, 3, 2), (128, 3, 1)),
        14,
        128,
        0.006,
        augment=(0.07, 0.03, 0.1),
        smooth=0.05,
        average=True,
    ),
}


def original(seed):
    """Return the original workshop's network, compiled."""
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

    rate = one_cycle(count, recipe.epochs, recipe.batch, recipe.peak)
    augment = recipe.augment and augmentation(seed, *recipe.augment)
    model = convolutional_network(recipe.layers, recipe.norm, augment, rate, seed)
    if recipe.smooth or recipe.average:
        model.compile(
            optimizer=keras.optimizers.Adam(rate, use_ema=recipe.average, ema_momentum=0.995),
            loss=keras.losses.CategoricalCrossentropy(label_smoothing=recipe.smooth),
            metrics=["accuracy"],
            steps_per_execution=STEPS_AT_ONCE,
        )
    return model


def move(images, down, right):
    """Return the images moved by some pixels; what leaves an image is cut off."""
    padded = np.pad(images, ((0, 0), (4, 4), (4, 4)))
    rows = 4 - np.asarray(down)[:, None, None] + np.arange(28)[:, None]
    columns = 4 - np.asarray(right)[:, None, None] + np.arange(28)
    return padded[np.arange(len(images))[:, None, None], rows, columns]


def test(model, images, labels):
    """Return the accuracy on images as they are, moved by up to 2 pixels at random, and moved by 4 diagonally."""
    count, flat = len(images), len(model.input_shape) == 2
    by = np.random.default_rng(0).integers(-2, 3, (2, count))
    four = np.full(count, 4)
    found = []
    for variant in (images, move(images, *by), move(images, four, four)):
        x = variant.reshape((count, 784) if flat else (count, 28, 28, 1)) / np.float32(255)
        found.append(float((model.predict(x, batch_size=1000, verbose=0).argmax(axis=1) == labels).mean()))
    return found


def run(name, seed, train, held_out):
    """Train one network, and return its wall time, its CPU time and what `test` returns."""
    (images, labels), (test_images, test_labels) = train, held_out
    y = np.eye(10, dtype="float32")[labels]
    if name == "original":
        model, x, recipe = original(seed), images.reshape(-1, 784) / np.float32(255), Recipe((), 4, 128, 0)
        held = (test_images.reshape(-1, 784) / np.float32(255), np.eye(10, dtype="float32")[test_labels])
        options = {"validation_data": held}  # as the original does
    else:
        recipe, options = RECIPES[name], {}
        model, x = build(recipe, len(images), seed), images[..., None] / np.float32(255)
    start, busy = time.monotonic(), time.process_time()
    model.fit(x, y, batch_size=recipe.batch, epochs=recipe.epochs, verbose=0, **options)
    spent = time.monotonic() - start, time.process_time() - busy
    return *spent, *test(model, test_images, test_labels)


def main():
    """Print one line for each network and seed, then means and spreads."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--only", nargs="+", choices=list(RECIPES), default=list(RECIPES))
    parser.add_argument("--validate", action="store_true", help="test on 5,000 training images that are held out")
    options = parser.parse_args()
    handwriting.setup()
    from handwriting.load import load_digits

    data = load_digits("mnist")
    train, held_out = (data.x_train, data.y_train), (data.x_test, data.y_test)
    if options.validate:
        train, held_out = [(data.x_train[part], data.y_train[part]) for part in (slice(0, 55_000), slice(55_000, None))]
    names = ["original", *options.only]
    found = {name: [] for name in names}
    print("network, seed: seconds of fit, CPU seconds; accuracy, moved by up to 2, moved by 4 and 4")
    for seed in range(options.first_seed, options.first_seed + options.seeds):
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
    main()
