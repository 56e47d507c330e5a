"""JupyterLab as a student uses it: boxes are run with the keyboard, exercises answered, sliders moved."""

import re

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")

CELLS = [
    "import handwriting\n\nhandwriting.setup()",
    "from handwriting.practice import load as practice\n\nnumbers_in_picture = 56\n"
    "practice.numbers_in_picture.check(numbers_in_picture)",
    "practice.numbers_in_picture.check(784)",
    "practice.numbers_in_picture.hint()",
    "from handwriting.practice import progress\n\nprogress()",
    "from handwriting.widgets.playground import softmax_playground\n\nsoftmax_playground()",
]


def test_a_student_answers_an_exercise_and_moves_a_slider(chromium, lab):
    page = chromium.new_page(viewport={"width": 1200, "height": 2400})
    page.set_default_timeout(90_000)
    page.goto(f"{lab}/lab/tree/try.ipynb")
    cells = page.locator(".jp-Notebook .jp-CodeCell")
    for _ in range(10):  # until a kernel is there, JupyterLab may drop what is run
        cells.nth(0).locator(".cm-content").click()
        page.keyboard.press("Shift+Enter")
        try:
            page.get_by_text("Ready: Python").wait_for(timeout=10_000)
            break
        except playwright.TimeoutError:
            pass
    for _ in CELLS[1:]:
        page.keyboard.press("Shift+Enter")
    shown = [cells.nth(place).locator(".jp-OutputArea-output") for place in range(len(CELLS))]
    slider = shown[5].locator("[role=slider]")
    slider.first.wait_for()
    assert "Ready: Python" in shown[0].inner_text()
    assert shown[1].inner_text().startswith("Not right yet.") and "You added." in shown[1].inner_text()
    assert shown[2].inner_text().startswith("Right!")
    assert shown[3].inner_text().startswith("Hint")
    assert "1 of 5 done" in shown[4].inner_text()
    status = shown[5].locator("[role=status]")
    before, picture = status.inner_text(), shown[5].locator("img").get_attribute("src")
    assert "a 3 71 % (score 2.0)" in before
    slider.first.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("before => document.querySelector('[role=status]').innerText !== before", arg=before)
    assert re.search(r"a 3 \d+ % \(score 2\.5\)", status.inner_text())
    assert shown[5].locator("img").get_attribute("src") != picture
    page.close()
