"""Exported pages as people meet them who read by keyboard, screen reader, on a phone, or in the dark."""

import pytest
from conftest import ROOT
from serve_helpers import ask

from browser.actions import axe_findings
from browser.conftest import NOTEBOOKS
from workshop.publish import pages

BOTH = ["index", "glossary", "START"]  # have a dark form as well
NAMES = [*(path.stem for path in NOTEBOOKS), *BOTH, "slides/index", "slides/04_build.slides"]

# Contrast takes most of axe's time, and texts in the same place of a page have the same: keep one of each kind.
ONE_OF_EACH = """() => {
  const seen = new Set(), texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    let kind = "", place = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || place.closest("script, style")) continue;
    for (; place; place = place.parentElement)
      kind += `${place.tagName} ${place.className} ${place.getAttribute("style")} ${(place.rowIndex ?? 0) % 2} `;
    if (seen.has(kind)) texts.currentNode.data = "";
    seen.add(kind);
  }
  for (const one of [...document.body.querySelectorAll("*")].reverse())
    if (!one.textContent.trim() && !one.matches("input, link, tr")) one.remove();
}"""


def findings(tab, schemes=("light",)):
    """What axe finds on a page, which loses most of its texts."""
    found = []
    for rules in ({"rules": {"color-contrast": {"enabled": False}}}, {"runOnly": ["color-contrast"]}):
        if "runOnly" in rules:
            tab.evaluate(ONE_OF_EACH)
        for scheme in schemes:
            tab.emulate_media(color_scheme=scheme)
            found += axe_findings(tab, options=rules)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing_links_lead_somewhere_and_nothing_sticks_out_on_a_phone(name, exported, tab):
    tab.goto((exported / f"{name}.html").as_uri())
    assert tab.problems == [], "a page needs nothing from elsewhere"
    pages = {path.as_uri(): path for path in exported.rglob("*.html")}
    for target in sorted(set(tab.eval_on_selector_all("a[href]", "all => all.map(one => one.href)"))):
        file, _, anchor = target.partition("#")
        if file.startswith("file:"):
            assert file in pages, f"{name} links to {target}"
            assert not anchor or anchor.startswith("/") or f'id="{anchor}"' in pages[file].read_text("utf-8"), (
                f"{name}: nothing is called {target}"
            )
    tab.set_viewport_size({"width": 360, "height": 740})
    assert name == NAMES[-1] or tab.evaluate("document.documentElement.scrollWidth") <= 360
    assert tab.eval_on_selector_all(".jp-Editor", "all => all.every(one => one.scrollWidth <= one.clientWidth)")
    broken = "all => all.filter(one => getComputedStyle(one).wordBreak === 'break-all').length"
    assert tab.eval_on_selector_all(".jp-OutputArea-output pre", broken) == 0, "lines break within words"
    code = "body.jp-Notebook :is(pre, code)"
    assert tab.eval_on_selector_all(code, "all => all.every(one => !one.translate)"), "a translation changes code"
    tab.set_viewport_size({"width": 1280, "height": 720})
    assert findings(tab, ("light", "dark") if name in BOTH else ("light",)) == []


def test_documents_fit_on_a_phone(tab):
    tab.set_viewport_size({"width": 360, "height": 740})
    for path in (ROOT / "docs").glob("*.md"):
        tab.set_content(pages.document(path))
        assert tab.evaluate("document.documentElement.scrollWidth") <= 360, path.name


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_servers_own_pages_can_be_read_on_a_phone(scheme, server, tab):
    tab.emulate_media(color_scheme=scheme)
    tab.set_viewport_size({"width": 320, "height": 740})
    for path in ("/docs", "/", "/photo", "/qr"):
        tab.set_content(ask(server, "GET", path)[1])
        assert axe_findings(tab) == []
        assert tab.evaluate("document.documentElement.scrollWidth") <= 320


def test_axe_finds_what_is_wrong(tab):
    code = "<pre class='highlight'>" + "<span>dark</span> <span class='c'>pale</span>" * 3 + "</pre>"
    tab.set_content(f"<html><body><img src='data:,'><style>.c {{ color: #ccc }}</style>{code}</body></html>")
    found = dict(findings(tab))
    assert {"image-alt", "color-contrast", "html-has-lang"} <= found.keys() and "pale" in found["color-contrast"]
    rows = "<tr><td>text</td></tr>" * 4
    tab.set_content(f"<style>tr:nth-child(even) {{ background: #888; color: #777 }}</style><table>{rows}</table>")
    assert "color-contrast" in dict(findings(tab)), "every second row"
