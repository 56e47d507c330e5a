"""Train the network that ships with the package: python tools/train_pretrained.py.

It learns from four kinds of images: MNIST's training images as they are; the same drawn anew with another pen; the
stand-in's training images; and digits drawn in the styles of tools/digit_styles.py, some as icons or on a form, all
read by `scan.to_mnist`. No test image of MNIST, and no photo or drawing of anybody, is among them.
"""

import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress

import numpy as np
import typer
from digit_styles import drawn
from PIL import Image
from scipy import ndimage

import handwriting
from handwriting.errors import ScanError
from handwriting.load import load_digits
from handwriting.models.pretrained import FILE
from handwriting.paths import whole_file
from handwriting.scan import to_mnist
from handwriting.scan.normalize import fit

CHUNK = 500


def redrawn(image, generator):
    """Return an MNIST digit drawn large with a thinner or thicker pen, a little turned."""
    large = np.asarray(Image.fromarray(np.pad(image, 4)).resize((144, 144), Image.Resampling.BICUBIC)).astype(float)
    inside = ndimage.gaussian_filter(large, 1) > 115
    depth = ndimage.distance_transform_edt(inside) - ndimage.distance_transform_edt(~inside)
    ink = np.clip(depth + generator.uniform(-2.5, 4) + 0.5, 0, 1)
    return ndimage.rotate(255 * ink, generator.normal(0, 6), reshape=False, order=1).clip(0, 255).astype(np.uint8)


def disturbed(drawing, generator):
    """Return a drawing on a few large pixels, as in an icon, or between the rules of a form."""
    if generator.random() < 0.5:
        few = int(generator.integers(16, 29))
        return np.asarray(Image.fromarray(drawing).resize((few, few), Image.Resampling.BOX))
    left, right = generator.integers(2, 30, 2) * (1, -1) + (0, len(drawing))
    drawing, thick, ink = drawing.copy(), generator.integers(1, 5), generator.integers(120, 256)
    for start in (left, right - thick):
        drawing[:, start : start + thick] = np.maximum(drawing[:, start : start + thick], ink)
    return drawing


def seen(drawing):
    """Return what `to_mnist` makes of a drawing of one digit and nothing else, four times as fast."""
    mask = drawing > 0.45 * 255
    if not mask.any():
        raise ScanError("Nothing is left of so thin a pen.")
    (top, bottom), (left, right) = (np.flatnonzero(mask.any(axis))[[0, -1]] + (-2, 3) for axis in (1, 0))
    cut = slice(max(0, top), bottom), slice(max(0, left), right)
    return fit(np.float32(drawing[cut] / 255), mask[cut])


def draw_chunk(task):
    """Return images (n, 28, 28) and labels (n,) of one chunk, scanned from drawings; a quarter of them disturbed."""
    kind, seed, originals, labels = task
    generator = np.random.default_rng([seed, len(kind)])
    images, kept = [], []
    for k, label in enumerate(labels):
        drawing = drawn(int(label), generator) if kind == "drawn" else redrawn(originals[k], generator)
        disturb = kind == "drawn" and generator.random() < 0.25
        with suppress(ScanError):  # a pen so thin that nothing is left
            images.append(to_mnist(disturbed(drawing, generator)) if disturb else seen(drawing))
            kept.append(label)
    return np.array(images), np.array(kept, np.uint8)


def training_images(seed, again=30_000, styles=50_000):
    """Return all images to learn from, uint8 (n, 28, 28), and their labels, uint8 (n,)."""
    mnist, standin = load_digits("mnist"), load_digits("stand-in")
    tasks = []
    for start in range(0, again, CHUNK):
        part = slice(start, start + CHUNK)
        tasks.append(("redrawn", seed + start, mnist.x_train[part], mnist.y_train[part]))
    for start in range(0, styles, CHUNK):
        tasks.append(("drawn", seed + start, None, np.resize(np.arange(10), CHUNK)))
    with ProcessPoolExecutor() as pool:
        images, labels = zip(*pool.map(draw_chunk, tasks), strict=True)
    images = [mnist.x_train, mnist.x_train, standin.x_train[:50_000], *images]  # the others are for validation
    return np.concatenate(images), np.concatenate([mnist.y_train, mnist.y_train, standin.y_train[:50_000], *labels])


def save(model, path):
    """Save a network's weights as float16, by layer and name, and the convolutions' strides."""
    arrays = {}
    for layer in model.layers:
        for weight in layer.weights:
            arrays[f"{layer.name}.{weight.path.rpartition('/')[2]}"] = np.asarray(weight).astype(np.float16)
        if layer.name.startswith("conv"):
            arrays[f"{layer.name}.stride"] = np.uint8(layer.strides[0])
    with whole_file(path) as part:
        np.savez_compressed(part, **{key: arrays[key] for key in arrays if "seed" not in key})


def main(seed: int = 0, epochs: int = 10):
    """Train the network that ships with the package."""
    start = time.monotonic()
    images, labels = training_images(seed)
    print(f"{len(images):,} images after {time.monotonic() - start:.0f} s")
    save(train(images, labels, seed, epochs), FILE)
    print(f"{FILE.name}: {FILE.stat().st_size / 1000:.0f} kB after {time.monotonic() - start:.0f} s")


def train(images, labels, seed, epochs, batch=128):
    """Return the network, trained on the images; for the last two epochs, they are hardly moved and turned any more."""
    handwriting.setup()
    from handwriting.build import augmentation, convolutional_network
    from handwriting.prepare import one_hot, scale
    from handwriting.train import one_cycle

    x, y, weights = scale(images)[..., None], one_hot(labels), {}
    for augment, count, rate in ((True, epochs, 0.005), (augmentation(seed + 1, 0.05, 0.01, 0.05), 2, 0.001)):
        schedule = one_cycle(len(x), count, batch, rate)
        model = convolutional_network(augment=augment, learning_rate=schedule, seed=seed)
        for layer in model.layers:
            if layer.name in weights:
                layer.set_weights(weights[layer.name])
        model.fit(x, y, batch_size=batch, epochs=count, verbose=2)
        weights = {layer.name: layer.get_weights() for layer in model.layers if layer.trainable_weights}
    return model


if __name__ == "__main__":
    typer.run(main)
