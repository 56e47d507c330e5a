"""Dead links are told from sites that are busy or let no program in."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import check_links
import pytest

ASKED = []


class Site(BaseHTTPRequestHandler):
    """Answers with the status that the path names; the first request for a path /503-then-200 gets a 503."""

    def do_GET(self):
        ASKED.append(self.path)
        codes = [int(code) for code in self.path.strip("/").split("-then-")]
        self.send_response(codes[min(ASKED.count(self.path), len(codes)) - 1])
        self.send_header("Location", "/200")
        self.end_headers()

    def log_message(self, *words):
        pass


@pytest.fixture
def site():
    """The address of a small site in this process."""
    server = HTTPServer(("127.0.0.1", 0), Site)
    ASKED.clear()
    threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("path", "verdict", "tries"),
    [
        ("/200", "alive", 1),
        ("/301", "alive", 1),
        ("/503-then-200", "alive", 2),
        ("/403", "refused", 3),
        ("/429", "refused", 3),
        ("/404", "dead", 1),
        ("/410", "dead", 1),
        ("/500", "dead", 3),
    ],
)
def test_what_an_answer_means(site, path, verdict, tries):
    assert check_links.ask(site + path, pause=0)[0] == verdict
    assert ASKED.count(path) == tries


def test_where_nobody_answers_the_link_is_dead():
    for address in ("http://127.0.0.1:1/", "http://[nonsense/"):
        assert check_links.ask(address, pause=0)[0] == "dead"


def test_dead_links_are_listed_with_the_files_that_have_them(site, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(check_links, "LINK", check_links.re.compile(r"http://[\w./:]*\w"))
    (tmp_path / "README.md").write_text(f"[page]({site}/200), `{site}/404` and [private]({site}/403).\n")
    assert check_links.main(tmp_path, pause=0) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "2 links, 0 dead."
    (tmp_path / "GONE.md").write_text(f"See <{site}/404>, or {site}/200.\n")
    assert check_links.main(tmp_path, pause=0) == 1
    shown = capsys.readouterr().out
    assert f"dead: {site}/404 (404 Not Found), linked from GONE.md\n" in shown and "3 links, 1 dead." in shown


def test_links_of_the_series_are_found():
    links = check_links.find_links()
    assert {"03_prepare.py", "model-card.md"} <= set(links["https://arxiv.org/abs/1905.10498"])
    assert not any("127.0.0.1" in address or "server/path" in address for address in links)
