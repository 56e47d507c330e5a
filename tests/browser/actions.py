"""What a person does with a pad: open it in JupyterLab, draw by mouse and by finger, and wait for its prediction."""

from contextlib import contextmanager
from types import SimpleNamespace

from axe_playwright_python.sync_playwright import Axe

PAD = ".hw-pad[data-state=empty]"
KERNEL = ".jp-NotebookPanel-toolbar:not(:has-text('No Kernel')) .jp-Notebook-ExecutionIndicator[data-status=idle]"
PATH = [(0.26, 0.25), (0.73, 0.23), (0.45, 0.82)]  # a 7, as shares of the sheet's side


def parts_of(page, place=0):
    """Return the parts that all pads have."""
    root = page.locator(".hw-pad").nth(place)
    sheet, file = root.locator(".hw-pad-sheet"), root.locator("input[type=file]")
    return SimpleNamespace(page=page, root=root, sheet=sheet, file=file, status=root.get_by_role("status"))


def axe_findings(page, **options):
    """Return what axe-core finds: a rule, and the first place."""
    options["options"] = {"resultTypes": ["violations"]} | options.get("options", {})
    found = Axe().run(page, **options).response["violations"]
    return [(one["id"], one["nodes"][0]["html"][:200]) for one in found]


def pad_findings(pad, schemes=("dark", "light")):
    """Return what axe-core finds on the pads of JupyterLab's themes, and whether this one sticks out of a column."""
    found = []
    for scheme in schemes:
        pad.page.evaluate("light => (document.body.dataset.jpThemeLight = String(light))", scheme == "light")
        pad.root.and_(pad.page.locator(f"[data-theme={scheme}]")).wait_for()
        found += axe_findings(pad.page, context=".hw-pad")
        found += [] if fits(pad.root, 320) else ["does not fit"]
    return found


@contextmanager
def size(page, width, height):
    """Give JupyterLab's window another size for a while."""
    page.set_viewport_size({"width": width, "height": height})
    try:
        yield
    finally:
        page.set_viewport_size({"width": 1200, "height": 900})


def fits(root, width):
    """Return whether a pad fits into a column, with buttons that can be hit."""
    root.evaluate("(one, width) => (one.parentElement.style.width = `${width}px`)", width)
    inside = root.evaluate("(one, width) => one.scrollWidth <= one.clientWidth && one.offsetWidth <= width", width)
    heights = [button.bounding_box()["height"] for button in root.locator("button, .hw-pad-button").all()]
    root.evaluate("one => (one.parentElement.style.width = '')")
    return inside and min(heights) >= 24


def run_first_cell(page, shown=PAD):
    """Run the first cell, and wait for what it shows."""
    page.locator(KERNEL).wait_for()  # before a kernel is there, JupyterLab may drop what is run
    page.locator(".jp-Notebook .jp-CodeCell .cm-content").first.click()
    page.keyboard.press("Shift+Enter")
    page.locator(shown).wait_for()


def in_state(page, state, timeout=30_000):
    page.locator(f".hw-pad[data-state={state}]").wait_for(timeout=timeout)


def places(sheet, path=PATH):
    """Where a path lies on the page."""
    sheet.scroll_into_view_if_needed()
    box = sheet.bounding_box()
    return [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in path]


def draw_by_mouse(sheet, path=PATH, steps=4):
    mouse = sheet.page.mouse
    first, *others = places(sheet, path)
    mouse.move(*first)
    mouse.down()
    for place in others:
        mouse.move(*place, steps=steps)
    mouse.up()


def draw_by_finger(sheet, path=PATH, steps=5):
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
