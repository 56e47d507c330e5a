"""Exported pages as people meet them who read by keyboard, screen reader, on a phone, or in the dark."""

import pytest
from serve_helpers import ask

from browser.actions import axe_findings
from browser.conftest import NOTEBOOKS

NAMES = [*(path.stem for path in NOTEBOOKS), "index", "glossary", "START", "slides/index", "slides/04_build.slides"]


@pytest.mark.parametrize(
    ("name", "scheme"),
    [*((name, "light") for name in NAMES), *((name, "dark") for name in ("index", "glossary", "START"))],
)
def test_axe_finds_nothing_links_lead_somewhere_and_nothing_sticks_out_on_a_phone(name, scheme, exported, tab):
    tab.emulate_media(color_scheme=scheme)
    tab.goto((exported / f"{name}.html").as_uri())
    assert axe_findings(tab) == []
    assert tab.problems == [], "a page needs nothing from elsewhere"
    for target in tab.eval_on_selector_all("a[href]", "all => all.map(one => one.href)"):
        file, _, anchor = target.partition("#")
        if file.startswith("file:"):
            page = next((path for path in exported.rglob("*.html") if path.as_uri() == file), None)
            assert page, f"{name} links to {target}"
            assert not anchor or anchor.startswith("/") or f'id="{anchor}"' in page.read_text(encoding="utf-8"), (
                f"{name}: nothing is called {target}"
            )
    tab.set_viewport_size({"width": 360, "height": 740})
    assert name == NAMES[-1] or tab.evaluate("document.documentElement.scrollWidth") <= 360
    assert tab.eval_on_selector_all(".jp-Editor", "all => all.every(one => one.scrollWidth <= one.clientWidth)")
    code = "body.jp-Notebook :is(pre, code)"
    assert tab.eval_on_selector_all(code, "all => all.every(one => !one.translate)"), "a translation changes code"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_servers_own_pages_can_be_read_on_a_phone(scheme, server, tab):
    tab.emulate_media(color_scheme=scheme)
    tab.set_viewport_size({"width": 320, "height": 740})
    for path in ("/docs", "/", "/photo", "/qr"):
        tab.set_content(ask(server, "GET", path)[1])
        assert axe_findings(tab) == []
        assert tab.evaluate("document.documentElement.scrollWidth") <= 320


def test_axe_finds_what_is_wrong(tab):
    tab.set_content("<html><body><img src='data:,'><p style='color: #ccc; background: #fff'>pale</p></body></html>")
    assert {"image-alt", "color-contrast", "html-has-lang"} <= {rule for rule, _ in axe_findings(tab)}
