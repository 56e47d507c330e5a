"""Slides in Chromium: everything fits, can be read from the last row, and comes from the file itself."""

import re

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
  if (text < 31.9) found.push(`has text of ${text.toFixed(1)} pixels`);
  if (code < 23.9) found.push(`has code of ${code.toFixed(1)} pixels`);
  if (!rects.length || !words && !slide.querySelector("img")) found.push("shows nothing");
  for (const img of slide.querySelectorAll("img")) {
    const scale = Math.min(img.clientWidth / img.naturalWidth, img.clientHeight / img.naturalHeight);
    if (scale < 0.85) found.push(`shrinks a figure to ${Math.round(100 * scale)} percent`);
  }
  return found.map((what) => `slide ${index + 1} ${what}`);
})"""


def show(tab, path, query=""):
    """Open slides and wait until they are laid out."""
    tab.goto(path.as_uri() + query)
    tab.wait_for_function("window.Reveal && Reveal.isReady()")
    return tab


def written(folder, *cells):
    """Slides of a notebook with these markdown cells, each a slide; a pair is its text and what is on the slide."""
    pairs = [(cell, {}) if isinstance(cell, str) else cell for cell in cells]
    cells = [
        nbformat.v4.new_markdown_cell(text, metadata={"slideshow": {"slide_type": "slide"} | marks})
        for text, marks in pairs
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "09_mine.ipynb")
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


def test_what_is_too_long_too_small_or_too_wide_is_reported(tab, tmp_path):
    show(tab, written(tmp_path, "# Short", "- one line of many\n" * 30, f"```\n{'x' * 4000}\n```", "D", "E"))
    small_and_wide = "section:nth-child(4) p { font-size: 12px } section:nth-child(5) p { margin-left: 1400px }"
    tab.add_style_tag(content=small_and_wide)
    found = "\n".join(tab.evaluate(MEASURE))
    assert re.search(r"slide 2 goes \d+ pixels over the bottom edge", found) and "slide 1 " not in found
    assert "slide 4 has text of 12.0 pixels" in found
    assert re.search(r"slide 5 goes \d+ pixels over the right edge", found)


POLL = "**Predict:** how many?\n\n- **(a)** about 5\n- **(b)** about 50"
ANSWER = "<details><summary>Compare</summary>\n\n**It is (b).** Count them.\n\n</details>"


def test_the_answer_of_a_poll_is_marked_in_the_next_step(tab, tmp_path):
    show(tab, written(tmp_path, (POLL, {"headline": "How many?"}), (ANSWER, {"headline": "Many"})))
    colours = "[...document.querySelectorAll('li')].map((item) => getComputedStyle(item).backgroundColor)"
    before = tab.evaluate(colours)
    tab.keyboard.press("ArrowRight")
    after = tab.evaluate(colours)
    assert before[0] == before[1] == after[0] != after[1]
    assert "✓" in tab.evaluate("getComputedStyle(document.querySelector('.right'), '::before').content")
    assert tab.evaluate("Reveal.getIndices().h") == 0, "it is on the same slide"


def test_the_speakers_notes_open_in_a_second_window_without_a_network(tab, tmp_path):
    marks = {"words": "Look.", "asked": "Why? Because."}
    show(tab, written(tmp_path, ("# A\n\nSay this.", marks), ("## B\n\nSay that.", marks)))
    assert not tab.get_by_text("Say this.").is_visible()
    with tab.expect_popup() as opened:
        tab.keyboard.press("s")
    notes = opened.value.locator(".speaker-controls-notes .value")
    notes.get_by_text("Say this.").wait_for()
    assert "They may ask: Why? Because." in notes.inner_text() and "0:10 for this slide" in notes.inner_text()
    assert opened.value.get_by_text("Time to finish current slide").is_visible()
    tab.keyboard.press("ArrowRight")
    notes.get_by_text("Say that.").wait_for()
    assert tab.problems == []


def test_what_a_notebook_has_in_it_runs_nothing_and_fetches_nothing(tab, tmp_path):
    evil = '<img src="http://127.0.0.1:9/x.png" alt="x" onerror="ran = 1"> <a href="javascript:ran = 2">link</a>'
    failed = []
    tab.on("requestfailed", lambda request: failed.append((request.url, request.failure)))
    show(tab, written(tmp_path, f"# A\n\n{evil}"))
    tab.get_by_role("link", name="link").click()
    assert tab.evaluate("window.ran") is None
    assert failed == [("http://127.0.0.1:9/x.png", "csp")]


@pytest.mark.parametrize(("width", "height", "scheme"), [(1024, 768, "light"), (1280, 720, "dark")])
def test_another_projector_and_a_dark_system_show_the_same(tab, tmp_path, width, height, scheme):
    tab.set_viewport_size({"width": width, "height": height})
    tab.emulate_media(color_scheme=scheme)
    show(tab, written(tmp_path, ("# A\n\nSay this.", {"words": "Look."})))
    assert tab.evaluate("Reveal.getScale()") == width / 1280
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


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
    assert tab.evaluate("getComputedStyle(document.querySelector('.page')).fontSize") == "40px"
    assert tab.locator(".pdf-page", has_text="B").count() == 1
    assert tab.problems == []
