"""Take the pictures of README.md and notebook 10 anew, from the notebooks as stored: python tools/take_pictures.py.

It needs Playwright and Chromium, as the tests of the pad do.
"""

import base64
import shutil
import sys
import tempfile
from io import BytesIO
from pathlib import Path

import nbformat
from PIL import Image, PngImagePlugin
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests")]
PAGE = (
    "A page in a browser: a pad with a 7 drawn on it, the 28 by 28 pixels that the network sees, a bar for each digit, "
    "of which that of the 7 is full, and below the bars the hidden units that are active."
)

from browser.actions import draw_by_mouse  # noqa: E402
from browser.conftest import NAMES  # noqa: E402

from handwriting.evaluate import trained_model  # noqa: E402
from handwriting.load import load_digits  # noqa: E402
from handwriting.prepare import prepared  # noqa: E402
from handwriting.share import export_page  # noqa: E402
from workshop.publish.pages import write_page  # noqa: E402


def save(content, path, colours=128, description=""):
    """Write a PNG with few colours, which takes a third of the room, and with its description inside."""
    text = PngImagePlugin.PngInfo()
    text.add_text("Description", description)
    Image.open(BytesIO(content)).convert("RGB").quantize(colours).save(path, optimize=True, pnginfo=text)
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1000:.0f} kB")


def stored_figure(name, words):
    """Return the figure that a notebook stores below the cell with these words."""
    cells = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4).cells
    outputs = next(cell.outputs for cell in cells if words in cell.source and cell.get("outputs"))
    return base64.b64decode(next(out.data["image/png"] for out in outputs if "image/png" in out.get("data", {})))


def training(tab, folder):
    """Return what a reader sees of notebook 5: the cell that trains, with its curves."""
    shutil.copy(ROOT / "notebooks" / "05_train.ipynb", folder)
    tab.set_viewport_size({"width": 900, "height": 900})
    tab.goto(write_page(Path(folder, "05_train.ipynb")).as_uri())
    cell = tab.locator(".jp-CodeCell", has_text="model.fit(").first
    return cell.screenshot()


def page(tab, folder):
    """Return the page that notebook 10 exports, with a 7 on its pad."""
    model, _ = trained_model(prepared(load_digits()), folder)
    about = {"author": "", "sentence": "It was trained on handwritten digits. Draw one!"}  # as in notebook 10
    tab.set_viewport_size({"width": 760, "height": 640})
    tab.goto(export_page(model, Path(folder, "page.html"), **about).as_uri())
    draw_by_mouse(tab.locator(".hw-pad-sheet"))
    tab.get_by_role("status").get_by_text("looks like a 7").wait_for()
    end = tab.locator(".hw-pad").bounding_box()
    return tab.screenshot(clip={"x": 0, "y": 0, "width": 760, "height": end["y"] + end["height"] + 12})


def main():
    """Write all pictures."""
    save(stored_figure("06_evaluate", "show_failures("), ROOT / "docs" / "images" / "result.png", 64)
    chromium = next(filter(None, map(shutil.which, NAMES)))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        tab = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"]).new_page()
        save(training(tab, folder), ROOT / "docs" / "images" / "notebook.png")
        save(page(tab, folder), ROOT / "notebooks" / "images" / "page.png", description=PAGE)


if __name__ == "__main__":
    main()
