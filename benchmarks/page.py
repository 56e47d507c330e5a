"""Compare exported pages with Keras: size, accuracy and probabilities on the 10,000 test images, and time per stroke.

python benchmarks/page.py [NETWORK.keras ...]

Needs Chromium and Playwright, and MNIST. Without arguments: the network of notebook 5 (trained here), the one that
ships with the workshop, and a larger one of convolutions, a little trained, whose weights need 8 bits.
"""

import shutil
import statistics
import sys
import tempfile
from base64 import b64encode
from pathlib import Path

import numpy as np

from handwriting.session import quiet_tensorflow

quiet_tensorflow()

import keras  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

from handwriting.build import convolutional_network, pretrained  # noqa: E402
from handwriting.evaluate import trained_model  # noqa: E402
from handwriting.load import load_digits  # noqa: E402
from handwriting.prepare import prepared  # noqa: E402
from handwriting.share import export_page  # noqa: E402

SCRIPTS = Path(__file__).parents[1] / "tests" / "browser"
READ_IMAGES, TIME_STROKES = ((SCRIPTS / name).read_text() for name in ("read_images.js", "time_strokes.js"))


def compare(name, model, data, page, folder):
    """Print one line that compares a network's page with Keras."""
    path = export_page(model, folder / "page.html")
    page.goto(path.as_uri())
    images = data.x_test.reshape(-1, 784)
    parts = [page.evaluate(READ_IMAGES, b64encode(part.tobytes()).decode()) for part in np.array_split(images, 20)]
    found = np.concatenate([np.array(part) for part in parts])
    scaled = (data.x_test / np.float32(255)).reshape(-1, *model.input_shape[1:])
    wanted = model.predict(scaled, batch_size=250, verbose=0)
    accuracies = [(one.argmax(axis=1) == data.y_test).mean() for one in (wanted, found)]
    times = sorted(page.evaluate(TIME_STROKES, 100))
    print(
        f"{name:24} {path.stat().st_size:9,} bytes  Keras {accuracies[0]:.4f}  page {accuracies[1]:.4f}  "
        f"probabilities differ by up to {np.abs(found - wanted).max():.1e}  "
        f"pen up to bars: median {statistics.median(times):.1f} ms, 95 % within {times[95]:.1f} ms"
    )


def main(paths):
    """Compare all networks, one after the other."""
    data = load_digits("mnist")
    with sync_playwright() as driver, tempfile.TemporaryDirectory() as folder:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        for path in paths:
            compare(Path(path).name, keras.models.load_model(path), data, page, Path(folder))
        if not paths:
            ready = prepared(data)
            compare("dense, notebook 5", trained_model(ready, folder)[0], data, page, Path(folder))
            compare("pretrained", pretrained(), data, page, Path(folder))
            large = convolutional_network(((64, 5, 2), (128, 3, 2), (256, 3, 1), (256, 3, 2)))
            images, labels = ready.x_train[:5000].reshape(-1, 28, 28, 1), ready.y_train[:5000]
            large.fit(images, labels, batch_size=100, epochs=1, verbose=0)
            compare("large convolutions", large, data, page, Path(folder))
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
