"""The collecting pad as a student uses it, in JupyterLab: draw, keep, choose, take back, go on later."""

import pytest

from browser import actions
from handwriting.widgets.output import front_end

pytest.importorskip("anywidget", reason="anywidget is not installed")

MAKE = "pad = HandwritingCollector(['A', 'B', 'ß ы あ'], 'my letters', times=3)"
CELLS = [
    f"from handwriting.pad import HandwritingCollector\n\n{MAKE}\npad",
    *(["# far below"] * 10),
]
LINE, ROOF = [(0.5, 0.2), (0.5, 0.8)], [(0.2, 0.8), (0.5, 0.2), (0.8, 0.8)]


@pytest.fixture
def pad(opened):
    """The parts of a collector that has kept nothing."""
    for file in opened.folder.glob("my letters/*/*.png"):
        file.unlink()
    actions.run_first_cell(opened)
    pad = actions.parts_of(opened)
    pad.prompt, pad.folder = pad.root.locator(".hw-pad-prompt"), opened.folder / "my letters"
    pad.keep, pad.back = (pad.root.get_by_role("button", name=name) for name in ("Keep it", "Delete the last one"))
    return pad


def counts(pad):
    return [text.split(" of ")[0] for text in pad.root.locator(".hw-pad-share").all_inner_texts()]


def wait_for_words(pad, *words):
    """Wait until the pad says something with these words in it."""
    for word in words:
        pad.status.filter(has_text=word).wait_for()


def files(pad):
    return sorted(path.relative_to(pad.folder).as_posix() for path in pad.folder.glob("*/*"))


def test_each_label_in_turn_by_mouse_finger_and_keyboard(pad):
    assert pad.prompt.inner_text() == "Draw: A"
    actions.draw_by_mouse(pad.sheet, ROOF)
    actions.in_state(pad.page, "drawn")
    pad.keep.click()
    wait_for_words(pad, "Saved as", "A/001.png", "8 to go.")
    assert pad.prompt.inner_text() == "Draw: B" and counts(pad) == ["1", "0", "0"]
    assert pad.root.get_by_text("Draw here").is_visible(), "the sheet is empty again"
    actions.draw_by_finger(pad.sheet, LINE)
    actions.in_state(pad.page, "drawn")
    pad.keep.tap()
    wait_for_words(pad, "B/001.png", "7 to go.")
    assert pad.prompt.inner_text() == "Draw: ß ы あ"
    pad.sheet.focus()
    for key in ("Space", *["Shift+ArrowDown"] * 3, "Space", "Enter"):
        pad.page.keyboard.press(key)
    wait_for_words(pad, "6 to go.")
    assert files(pad) == ["A/001.png", "B/001.png", "ß ы あ/001.png"]
    assert pad.prompt.inner_text() == "Draw: A" and counts(pad) == ["1", "1", "1"]
    assert pad.page.locator(".jp-Notebook .jp-CodeCell").count() == len(CELLS), "JupyterLab does not hear the keys"
    assert pad.page.problems == []


def test_a_label_can_be_chosen_and_the_last_one_taken_back(pad):
    pad.back.click()
    wait_for_words(pad, "nothing to delete")
    pad.root.get_by_role("button", name="B 0 of 3").click()
    assert pad.prompt.inner_text() == "Draw: B"
    actions.draw_by_mouse(pad.sheet, LINE)
    pad.keep.click()
    wait_for_words(pad, "B/001.png")
    actions.draw_by_mouse(pad.sheet, ROOF)
    pad.back.click()
    wait_for_words(pad, "Deleted")
    assert counts(pad) == ["0", "0", "0"] and files(pad) == []
    assert not pad.root.get_by_text("Draw here").is_visible(), "what is being drawn stays"


def test_an_empty_sheet_and_a_picture_without_ink_are_not_kept(pad):
    pad.keep.click()
    wait_for_words(pad, "Draw something first.")
    pad.file.set_input_files({"name": "notes.png", "mimeType": "image/png", "buffer": b"hello"})
    actions.in_state(pad.page, "drawn")
    pad.keep.click()
    actions.in_state(pad.page, "failed")
    wait_for_words(pad, "not a picture")
    assert files(pad) == [] and counts(pad) == ["0", "0", "0"]


def test_it_goes_on_where_it_was(pad):
    for path in (ROOF, LINE, ROOF, LINE):
        actions.draw_by_mouse(pad.sheet, path)
        pad.keep.click()
        actions.in_state(pad.page, "empty")
    actions.run_first_cell(pad.page)
    assert counts(pad) == ["2", "1", "1"] and pad.prompt.inner_text() == "Draw: B"
    actions.draw_by_mouse(pad.sheet, LINE)
    pad.keep.click()
    wait_for_words(pad, "B/002.png", "4 to go.")


def test_axe_finds_nothing_and_it_fits_a_narrow_column(pad):
    assert actions.pad_findings(pad) == []


#: The front end without JupyterLab: what it sends is in `sent`, and `reply` answers.
FRONT = """const sent = [], state = { names: ["A", "B"], counts: [0, 0], times: 3 };
let reply = null;
const model = { get: (name) => state[name], send: (one) => sent.push(one), on: (event, call) => {
  if (event === "msg:custom") reply = call;
}, off: () => {} };
render({ model, el: document.body });"""


@pytest.mark.parametrize("meanwhile", [False, True])
def test_a_late_answer_leaves_what_was_drawn_since_and_asking_again_is_one_question(tab, meanwhile):
    script = front_end("collector")._esm.replace("export default { render };", FRONT)
    tab.set_content("<body></body>")
    tab.add_script_tag(content=script.replace("TIMEOUT = 3000", "TIMEOUT = 50"))
    pad = actions.parts_of(tab)
    actions.draw_by_mouse(pad.sheet, ROOF)
    for _ in range(2):
        pad.root.get_by_role("button", name="Keep it").click()
        actions.in_state(tab, "silent")
    first, again = tab.evaluate("sent.map(({ id }) => id)")
    assert first == again, "the kernel keeps it once"
    if meanwhile:
        actions.draw_by_mouse(pad.sheet, LINE)
    tab.evaluate("id => reply({ id, words: 'Saved.', kept: true })", first)
    assert pad.status.inner_text() == "Saved." and pad.root.get_by_text("Draw here").is_visible() != meanwhile
