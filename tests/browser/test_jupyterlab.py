"""JupyterLab as a student uses it: cells are run with the keyboard, exercises answered, sliders moved."""

import re

from browser.actions import KERNEL, size

CELLS = [
    "import handwriting\n\nhandwriting.setup()",
    "from handwriting.practice import load as practice\n\nnumbers_per_image = 56\n"
    "practice.numbers_per_image.check(numbers_per_image)",
    "practice.numbers_per_image.check(784)",
    "practice.numbers_per_image.hint()",
    "from handwriting.practice import progress\n\nprogress()",
    "from handwriting.widgets.playground import softmax_playground\n\nsoftmax_playground()",
    'from handwriting.practice.predictions import predict\n\npredict("train.steps")',
    "50_000 / 128",
]
SHOWN = "text=Ready: Python"


def test_a_student_answers_an_exercise_and_moves_a_slider(opened):
    with size(opened, 1200, 2400):
        answer_and_move(opened)
        choose_and_run(opened)
        restart(opened)


def answer_and_move(page):
    """Run all cells, read what the exercises answer, and move a slider."""
    cells = page.locator(".jp-Notebook .jp-CodeCell")
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
    status.wait_for()
    before, picture = status.inner_text(), shown[5].locator("img").get_attribute("src")
    assert "a 3 70.5 % (score 2.0)" in before
    slider.first.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("before => document.querySelector('[role=status]').innerText !== before", arg=before)
    assert re.search(r"a 3 [\d.]+ % \(score 2\.5\)", status.inner_text())
    assert shown[5].locator("img").get_attribute("src") != picture


def choose_and_run(page):
    """Choose a prediction by keyboard, run the next cell, and read what the choice missed."""
    cells = page.locator(".jp-Notebook .jp-CodeCell")
    asked = cells.nth(6).locator(".jp-OutputArea-output")
    assert "Decide before you run the next cell." in asked.inner_text()
    asked.get_by_role("button", name="(a)").focus()
    for key in ("Tab", "Space", "Tab", "Space"):
        page.keyboard.press(key)
    asked.get_by_text("You chose (c). Run the next cell.").wait_for()
    cells.nth(7).locator(".jp-InputArea-editor").click()
    page.keyboard.press("Shift+Enter")
    asked.get_by_text("You chose (c). That would be one step for every image.").wait_for()
    assert "Not right yet." in asked.inner_text()


def restart(page):
    """Restart the kernel: the slider and the buttons say so, and can no longer be clicked."""
    said = """boxes => boxes.map((box) =>
        [getComputedStyle(box, "::after").content, getComputedStyle(box.firstElementChild).pointerEvents])"""
    boxes = page.locator(".hw-box")
    assert boxes.evaluate_all(said) == [["none", "auto"]] * 2
    page.evaluate("jupyterapp.shell.currentWidget.sessionContext.restartKernel()")
    page.locator(".hw-box.jupyter-widgets-disconnected").nth(1).wait_for()
    page.locator(KERNEL).wait_for()
    restarted = [['"The kernel was restarted. Run this cell again."', "none"]] * 2
    assert boxes.evaluate_all(said) == restarted
