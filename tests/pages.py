"""What stands in an HTML page."""

from types import SimpleNamespace

from bs4 import BeautifulSoup


def read_page(text):
    """Return the tags of a page, where it leads, what it loads, its descriptions and text; no event runs code in it."""
    soup = BeautifulSoup(text, "html.parser")
    tags = soup(True)
    assert not [name for tag in tags for name in tag.attrs if name.startswith("on")]
    return SimpleNamespace(
        tags=[tag.name for tag in tags],
        links=[tag["href"] for tag in soup("a")],
        loads=[tag[name] for tag in tags for name in ("src", "href") if tag.name != "a" and name in tag.attrs],
        alts=[tag.get("alt") for tag in soup("img")],
        heads=[tag.get("scope") for tag in soup("th")],
        content=text,
        text=soup.get_text(),
        words=" ".join(soup.get_text(" ").split()),
    )
