"""The drawing pad as a student uses it, in JupyterLab: mouse, finger, keyboard, photo, and a kernel that is gone."""

import re
from contextlib import contextmanager
from io import BytesIO

import pytest
from PIL import Image

from browser import actions
from handwriting.widgets.canvas import draw
from handwriting.widgets.drawing_pad import SEVEN

pytest.importorskip("anywidget", reason="anywidget is not installed")

# A network that reads how much ink lies in each of ten strips, from top to bottom: quick, and the same everywhere.
STRIPS = """
import numpy as np

class Strips:
    input_shape = (None, 28, 28)

    def predict(self, pictures, verbose=0):
        ink = np.stack([strip.sum(axis=(1, 2)) for strip in np.array_split(pictures, 10, axis=1)], axis=1)
        return ink / ink.sum(axis=1, keepdims=True)
"""
CELLS = [
    f"{STRIPS}\nfrom handwriting.pad import DrawingPad\n\npad = DrawingPad(Strips())\npad",
    "print('seen', pad.guess, pad.image is not None and pad.image.shape, pad.drawing is not None)",
    *(["# far below"] * 30),
]


@pytest.fixture
def pad(opened):
    """The parts of an empty pad."""
    pad = actions.parts_of(opened)
    pad.undo, pad.clear = (pad.root.get_by_role("button", name=name) for name in ("Undo", "Clear"))
    pad.clear.click()
    actions.in_state(opened, "empty")
    return pad


def draw_path(pad, path=actions.PATH):
    """Draw by mouse, and wait for the answer."""
    actions.draw_by_mouse(pad.sheet, path)
    actions.in_state(pad.page, "answered")


def shares(pad):
    """The percentages beside the bars."""
    return [text.strip("◂ ") for text in pad.root.locator(".hw-pad-share").all_inner_texts()]


def apart(some, others):
    """How many percent lie between two answers at most."""
    return max(abs(int(a[:-2]) - int(b[:-2])) for a, b in zip(some, others, strict=True))


def printed_by_cell(page):
    """Run the second cell, and return what it prints."""
    cell = page.locator(".jp-Notebook .jp-CodeCell").nth(1)
    output = cell.locator(".jp-OutputArea-output")
    cell.locator(".cm-content").click()
    if output.count():
        page.keyboard.press("Escape")
        page.evaluate("document.querySelectorAll('.jp-CodeCell')[1].querySelector('.jp-OutputArea-output').remove()")
        cell.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    output.get_by_text("seen").wait_for()
    return output.inner_text().strip()


def test_an_empty_pad_invites(pad):
    assert shares(pad) == [""] * 10
    assert pad.root.get_by_text("Draw here").is_visible()
    assert pad.status.inner_text() == "Draw something, or upload a photo of it."
    assert printed_by_cell(pad.page) == "seen None False False"


def test_drawn_by_mouse(pad):
    draw_path(pad)
    assert re.fullmatch(
        r"(This looks like|Hard to tell\. It looks most like) an? \d \(\d+\s%\)\.", pad.status.inner_text()
    )
    assert pad.root.locator(".hw-pad-units").count() == 0, "this network has no hidden layer"
    assert all(re.fullmatch(r"\d+\s%", share) for share in shares(pad))
    assert pad.root.locator(".hw-pad-best").count() == 1
    assert not pad.root.get_by_text("Draw here").is_visible()
    ink = "one => Math.max(...one.getContext('2d').getImageData(0, 0, 28, 28).data.filter((_, k) => k % 4 == 0))"
    assert pad.root.locator(".hw-pad-seen").evaluate(ink) > 200, "the picture that the network sees"
    assert re.fullmatch(r"seen \d \(28, 28\) True", printed_by_cell(pad.page))
    assert pad.page.problems == []


def test_bars_move_while_the_pen_is_down(pad):
    first, second, third = actions.places(pad.sheet)
    pad.page.mouse.move(*first)
    pad.page.mouse.down()
    pad.page.mouse.move(*second, steps=8)
    pad.page.locator(".hw-pad-best").wait_for()
    before = pad.root.locator(".hw-pad-bars").inner_text()
    pad.page.mouse.move(*third, steps=8)
    pad.page.wait_for_function(
        "before => document.querySelector('.hw-pad-bars').innerText !== before", arg=before, timeout=3000
    )
    pad.page.mouse.up()
    actions.in_state(pad.page, "answered")


def test_undo_and_clear(pad):
    draw_path(pad, [(0.3, 0.2), (0.7, 0.2)])
    before = shares(pad)
    draw_path(pad, [(0.5, 0.4), (0.5, 0.9)])
    both = shares(pad)
    assert both != before
    pad.undo.click()
    actions.in_state(pad.page, "answered")
    assert shares(pad) == before
    pad.clear.click()
    actions.in_state(pad.page, "empty")
    assert shares(pad) == [""] * 10
    assert printed_by_cell(pad.page) == "seen None False False"
    pad.undo.click()
    actions.in_state(pad.page, "answered")
    assert shares(pad) == before, "what was cleared by mistake comes back"


def test_drawn_by_finger_without_scrolling(pad):
    pad.sheet.scroll_into_view_if_needed()
    scrolled = (
        "() => [window.scrollY, ...[...document.querySelectorAll('*')].filter(one => one.scrollTop)"
        ".map(one => one.className + one.scrollTop)].join()"
    )
    before = pad.page.evaluate(scrolled)
    actions.draw_by_finger(pad.sheet)
    actions.in_state(pad.page, "answered")
    pad.page.wait_for_timeout(300)
    assert pad.page.evaluate(scrolled) == before
    assert all(shares(pad))
    by_finger = shares(pad)
    pad.clear.click()
    draw_path(pad)
    assert apart(by_finger, shares(pad)) <= 3, "the same path gives the same answer"


def test_drawn_by_keyboard_and_jupyterlab_does_not_listen(pad):
    page = pad.page
    cells = page.locator(".jp-Notebook .jp-CodeCell").count()
    pad.undo.focus()
    page.keyboard.press("Shift+Tab")
    assert pad.sheet.evaluate("one => one === document.activeElement")
    assert pad.sheet.evaluate("one => getComputedStyle(one).outlineStyle") == "solid", "the focus can be seen"

    def press(*keys):
        for key in keys:
            page.keyboard.press(key)

    press(*["Shift+ArrowLeft"] * 2, *["Shift+ArrowUp"] * 3, "Space")
    assert "Pen down" in pad.status.inner_text()
    press(*["Shift+ArrowRight"] * 4, *["Shift+ArrowDown", "ArrowLeft"] * 5, "Space")
    actions.in_state(page, "answered")
    by_keyboard = shares(pad)
    press("Space", *["ArrowRight"] * 4, "Space")
    actions.in_state(page, "answered")
    page.wait_for_timeout(300)
    assert shares(pad) != by_keyboard
    press("Control+z")
    actions.in_state(page, "answered")
    page.wait_for_timeout(300)
    assert shares(pad) == by_keyboard
    press("Backspace")
    actions.in_state(page, "empty")
    # In JupyterLab these letters cut, add, delete, number and change cells.
    press("d", "d", "a", "b", "x", "m", "Enter", "Delete", "Escape")
    page.wait_for_timeout(300)
    assert page.locator(".jp-Notebook .jp-CodeCell").count() == cells
    assert pad.sheet.evaluate("one => one === document.activeElement")
    is_saved = "!jupyterapp.shell.currentWidget.context.model.dirty"
    page.evaluate("jupyterapp.shell.currentWidget.context.model.dirty = true")
    press("Control+s")
    page.wait_for_function(is_saved)
    press("Tab")
    assert pad.undo.evaluate("one => one === document.activeElement"), "the keyboard is not held"


def picture(side=300, kind="JPEG"):
    """A photo of a 7, as bytes."""
    target = BytesIO()
    Image.fromarray(draw(SEVEN)).resize((side, side)).convert("RGB").save(target, kind)
    return target.getvalue()


def test_a_photo_is_read(pad):
    pad.file.set_input_files({"name": "seven.jpg", "mimeType": "image/jpeg", "buffer": picture()})
    actions.in_state(pad.page, "answered")
    assert printed_by_cell(pad.page).endswith("(28, 28) True")
    by_photo = shares(pad)
    large = picture(side=1100, kind="BMP")
    assert len(large) > 1_500_000, "large enough to be made smaller in the browser"
    pad.clear.click()
    pad.file.set_input_files({"name": "large.bmp", "mimeType": "image/bmp", "buffer": large})
    actions.in_state(pad.page, "answered")
    assert apart(by_photo, shares(pad)) <= 5
    draw_path(pad)
    pad.undo.click()
    actions.in_state(pad.page, "answered")
    assert pad.page.problems == []


@pytest.mark.parametrize(
    ("content", "words"), [(b"", "empty (0 bytes)"), (picture()[:60], "incomplete")], ids=["empty", "cut"]
)
def test_a_photo_that_cannot_be_read_is_told_in_words(pad, content, words):
    pad.file.set_input_files({"name": "photo.png", "mimeType": "image/png", "buffer": content})
    actions.in_state(pad.page, "failed")
    assert words in pad.status.inner_text() and shares(pad) == [""] * 10


@pytest.mark.parametrize("width", [1280, 900])
def test_after_shift_enter_the_whole_pad_is_in_view(opened, width):
    with actions.size(opened, width, 720):
        actions.run_first_cell(opened)
        opened.wait_for_function(
            """() => {
                const [pad, view] = [".hw-pad", ".jp-WindowedPanel-outer"].map(
                    (one) => document.querySelector(one).getBoundingClientRect());
                return pad.height > 300 && pad.top >= view.top - 1 && pad.bottom <= view.bottom + 1;
            }""",
            timeout=10_000,
        )


def test_a_stroke_is_answered_at_once(pad):
    pad.page.evaluate(
        """() => {
            const root = document.querySelector('.hw-pad'), taken = (window.taken = []);
            let start = null;
            root.querySelector('.hw-pad-sheet').addEventListener('pointerup', () => (start = performance.now()), true);
            new MutationObserver(() => {
                if (root.dataset.state !== 'answered' || start === null) return;
                const began = start;
                start = null;
                taken.push(performance.now() - began);
            }).observe(root, { attributeFilter: ['data-state'] });
        }"""
    )
    for count in range(12):
        pad.page.wait_for_timeout(100)
        actions.draw_by_mouse(pad.sheet, [(0.3 + 0.03 * count, 0.2), (0.3, 0.8)])
        pad.page.wait_for_function("count => window.taken.length > count", arg=count)
        shortest = pad.page.evaluate("Math.min(...window.taken)")
        if shortest <= 150:  # what else a machine does comes and goes: what the pad needs is what a quiet moment shows
            break
    print(f"pen up to bars: {shortest:.0f} ms, the shortest of {count + 1} strokes")
    assert shortest <= 150


def test_axe_finds_nothing_and_it_fits_a_narrow_column(pad):
    assert actions.pad_findings(pad) == []
    draw_path(pad)
    assert actions.pad_findings(pad) == []


@contextmanager
def second_pad(page, code):
    """Run code in the third cell that shows another pad, and give its parts."""

    def run(code):
        page.locator(".jp-Notebook .jp-CodeCell").nth(2).locator(".cm-content").click()
        page.keyboard.press("Control+a")
        page.keyboard.insert_text(code)
        page.keyboard.press("Control+Enter")

    run(code)
    page.locator(".hw-pad").nth(1).wait_for()
    try:
        yield actions.parts_of(page, 1)
    finally:
        run("pass")
        page.wait_for_function("document.querySelectorAll('.hw-pad').length === 1")


def test_hidden_units_light_up_and_nothing_jumps(opened):
    bright = "one => one.getContext('2d').getImageData(0, 0, 32, 4).data.filter((_, k) => k % 4 == 0 && _ > 0).length"
    with second_pad(opened, "from handwriting.pad import DrawingPad; DrawingPad()") as second:
        units, hidden = (second.root.locator(one) for one in (".hw-pad-units", ".hw-pad-hidden"))
        assert units.inner_text() == "128 feature maps: bright ones are active."
        heights = [second.root.bounding_box()["height"]]
        assert hidden.evaluate(bright) == 0
        for path in (actions.PATH, [(0.5, 0.5), (0.5, 0.501)]):
            second.root.get_by_role("button", name="Clear").click()
            actions.draw_by_mouse(second.sheet, path)
            opened.locator(".hw-pad >> nth=1").and_(opened.locator("[data-state=answered]")).wait_for()
            heights.append(second.root.bounding_box()["height"])
            words = r"(\d+) of 128 feature maps are active\. Strongest: (\d+, ){2}\d+\."
            assert hidden.evaluate(bright) == int(re.fullmatch(words, units.inner_text())[1])
        assert second.status.inner_text().startswith("This does not look like a digit.")
        assert len(set(heights)) == 1
        assert actions.pad_findings(second, schemes=["light"]) == []


def test_two_views_of_one_pad(opened):
    with second_pad(opened, "pad") as second:
        first = opened.locator(".hw-pad").nth(0)
        before = first.inner_text()
        actions.draw_by_mouse(second.sheet)
        second.root.locator(".hw-pad-best").wait_for()
        assert first.inner_text() == before, "each view has its own drawing"
        assert all(shares(second))


def test_a_kernel_that_is_gone_and_one_that_is_back(pad):
    page = pad.page
    draw_path(pad)
    page.locator(".jp-Notebook .jp-CodeCell").nth(5).locator(".cm-content").click()
    page.keyboard.press("Escape")
    page.keyboard.press("0")
    page.keyboard.press("0")
    with page.expect_response("**/restart*"):
        page.locator(".jp-Dialog .jp-mod-accept").click()
    page.locator(actions.KERNEL).wait_for()
    actions.draw_by_mouse(pad.sheet, [(0.5, 0.4), (0.5, 0.9)])
    actions.in_state(page, "silent", timeout=5000)
    assert re.match(r"The kernel does not respond\..*cell again: the pad is empty then", pad.status.inner_text())
    actions.run_first_cell(page)
    draw_path(pad)
    assert re.fullmatch(r"seen \d \(28, 28\) True", printed_by_cell(page))
