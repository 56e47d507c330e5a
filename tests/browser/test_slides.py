"""Slides in Chromium: everything fits, can be read, and comes from the file itself."""

import base64

import nbformat
import pytest

from browser.conftest import NOTEBOOKS
from workshop.publish.slides import write_slides

# For each slide, shown with all its fragments: what lies outside it, and what is too small to read. Text is
# measured where it is drawn, so that neither a box that is too short nor one that hides what is too long counts.
MEASURE = """() => Reveal.getSlides().flatMap((slide, index) => {
  const at = Reveal.getIndices(slide), found = [], box = document.querySelector(".slides").getBoundingClientRect();
  Reveal.slide(at.h, at.v, 99);
  const outside = { right: 0, bottom: 0 }, range = document.createRange();
  const walker = document.createTreeWalker(slide, NodeFilter.SHOW_TEXT);
  const rects = [...slide.querySelectorAll("img, pre, table")].map((element) => element.getBoundingClientRect());
  let text = 1000, code = 1000, words = 0;
  while (walker.nextNode()) {
    const node = walker.currentNode, parent = node.parentElement;
    if (!node.data.trim() || parent.closest("aside.notes")) continue;
    range.selectNodeContents(node);
    rects.push(...range.getClientRects());
    words += range.getClientRects().length;
    const size = parseFloat(getComputedStyle(parent).fontSize) * Reveal.getScale();
    if (parent.closest("pre, code")) code = Math.min(code, size);
    else text = Math.min(text, size);
  }
  for (const rect of rects) {
    outside.right = Math.max(outside.right, rect.right - box.right);
    outside.bottom = Math.max(outside.bottom, rect.bottom - box.bottom);
  }
  for (const [side, pixels] of Object.entries(outside))
    if (pixels > 1) found.push(`goes ${Math.ceil(pixels)} pixels over the ${side} edge`);
  if (text < 19.9) found.push(`has text of ${text.toFixed(1)} pixels`);
  if (code < 15.9) found.push(`has code of ${code.toFixed(1)} pixels`);
  if (!rects.length || !words && !slide.querySelector("img")) found.push("shows nothing");
  for (const img of slide.querySelectorAll("img"))
    if (img.clientHeight < 0.75 * img.naturalHeight) found.push(`shrinks a picture to ${img.clientHeight} pixels`);
  return found.map((what) => `slide ${index + 1} ${what}`);
})"""


def show(tab, path, query=""):
    """Open slides and wait until they are laid out."""
    tab.goto(path.as_uri() + query)
    tab.wait_for_function("window.Reveal && Reveal.isReady()")
    return tab


def written(folder, *cells):
    """Slides of a notebook with these markdown cells, each a slide."""
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_markdown_cell(text, metadata={"slideshow": {"slide_type": "slide"}}) for text in cells]
    )
    nbformat.write(notebook, folder / "09_mine.ipynb")
    return write_slides([folder / "09_mine.ipynb"], folder / "out")[0]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_slide_fits_and_can_be_read(tab, exported, path):
    show(tab, exported / "slides" / f"{path.stem}.slides.html")
    assert tab.evaluate("Reveal.getScale()") == 1
    found = tab.evaluate(MEASURE)
    assert not found, f"{path.stem}: {'; '.join(found)}"
    assert tab.problems == []


def test_the_index_leads_to_slides(tab, exported):
    tab.goto((exported / "slides" / "index.html").as_uri())
    tab.get_by_role("listitem").first.get_by_role("link").click()
    tab.wait_for_function("window.Reveal && Reveal.isReady()")
    assert NOTEBOOKS[0].stem in tab.url
    assert tab.problems == []


def test_too_long_a_slide_is_reported(tab, tmp_path):
    lines = "\n".join("- one line of many" for _ in range(30))
    show(tab, written(tmp_path, "# Short", lines, f"```\n{'x' * 4000}\n```"))
    found = tab.evaluate(MEASURE)
    assert any("slide 2 goes" in line and "over the bottom edge" in line for line in found)
    assert not any("slide 1 " in line for line in found)


def test_what_is_too_small_or_too_wide_is_reported(tab, tmp_path):
    show(tab, written(tmp_path, "# A", "B", "C"))
    tab.add_style_tag(
        content="section:nth-child(2) p { font-size: 12px } section:nth-child(3) p { margin-left: 1400px }"
    )
    found = tab.evaluate(MEASURE)
    assert "slide 2 has text of 12.0 pixels" in found
    assert any("slide 3 goes" in line and "over the right edge" in line for line in found)


def test_a_picture_without_room_gets_a_slide_of_its_own(tab, tmp_path):
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg" width="500" height="500"><rect width="500" height="500"/></svg>'
    image = f'<img alt="A square" src="data:image/svg+xml;base64,{base64.b64encode(drawing).decode()}">'
    cell = nbformat.v4.new_code_cell(
        "\n".join(f"line_{number} = 1" for number in range(15)),
        outputs=[nbformat.v4.new_output("display_data", {"text/html": image})],
        metadata={"slideshow": {"slide_type": "slide"}},
    )
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "09_mine.ipynb")
    show(tab, write_slides([tmp_path / "09_mine.ipynb"], tmp_path / "out")[0])
    assert tab.evaluate("Reveal.getTotalSlides()") == 2
    assert tab.evaluate(MEASURE) == []


def test_keys_and_numbers(tab, tmp_path):
    show(tab, written(tmp_path, "# A", "B", "C"))
    number = tab.locator(".slide-number")
    assert "".join(number.inner_text().split()) == "1/3"
    for key in ("ArrowRight", "ArrowDown"):
        tab.keyboard.press(key)
    assert "".join(number.inner_text().split()) == "3/3"
    tab.keyboard.press("ArrowLeft")
    assert "".join(number.inner_text().split()) == "2/3"
    tab.keyboard.press("Escape")
    assert tab.evaluate("Reveal.isOverview()")
    assert tab.problems == []


def test_printing_gives_a_page_for_each_slide(tab, tmp_path):
    show(tab, written(tmp_path, "# A", "B", "C"), "?print-pdf")
    tab.wait_for_selector(".pdf-page")
    boxes = [page.bounding_box() for page in tab.locator(".pdf-page").all()]
    # reveal.js takes one pixel off, so that no browser begins another page.
    assert [(box["width"], box["height"]) for box in boxes] == [(1280, 719)] * 3
    assert tab.evaluate("getComputedStyle(document.querySelector('.page')).fontSize") == "32px"
    assert tab.locator(".pdf-page", has_text="B").count() == 1
    assert tab.problems == []
