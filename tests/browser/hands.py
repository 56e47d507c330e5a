"""What a person does with a pad in JupyterLab: open it, draw on it by mouse and by finger, and wait for its answer."""

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")

PATH = [(0.26, 0.25), (0.73, 0.23), (0.45, 0.82)]  # a 7, as shares of the sheet's side


def run_first_cell(page):
    """Run the cell with the pad; until a kernel is there, JupyterLab may drop what is run."""
    cell = page.locator(".jp-Notebook .jp-CodeCell").first
    for _ in range(10):
        cell.locator(".cm-content").click()
        page.keyboard.press("Shift+Enter")
        try:
            page.locator(".hw-pad[data-state=empty]").wait_for(timeout=10_000)
            return
        except playwright.TimeoutError:
            pass
    raise AssertionError("no pad appears")


def in_state(page, state, timeout=30_000):
    page.locator(f".hw-pad[data-state={state}]").wait_for(timeout=timeout)


def places(sheet, path=PATH):
    """Where a path lies on the page."""
    sheet.scroll_into_view_if_needed()
    box = sheet.bounding_box()
    return [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in path]


def draw_by_mouse(sheet, path=PATH, steps=8):
    mouse = sheet.page.mouse
    first, *others = places(sheet, path)
    mouse.move(*first)
    mouse.down()
    for place in others:
        mouse.move(*place, steps=steps)
    mouse.up()


def draw_by_finger(sheet, path=PATH, steps=10):
    found = places(sheet, path)
    line = sheet.page.context.new_cdp_session(sheet.page)

    def touch(kind, *fingers):
        line.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in fingers]})

    touch("touchStart", found[0])
    for (x, y), (to_x, to_y) in zip(found, found[1:], strict=False):
        for step in range(1, steps + 1):
            touch("touchMove", (x + (to_x - x) * step / steps, y + (to_y - y) * step / steps))
    touch("touchEnd")
    line.detach()
