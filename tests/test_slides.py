"""Slides and pages: what is on them, what is said to them, what they link, and the error where there are none."""

import base64
import os
import re
import sys
import time
from urllib.parse import quote, unquote

import nbformat
import pytest
from conftest import ROOT
from pages import read_page

from handwriting.errors import UserError
from handwriting.paths import seal_page
from handwriting.share.page import hash_of
from workshop.publish import pages
from workshop.publish.deck import slides_of
from workshop.publish.pages import FOLDED, title, write_index, write_page
from workshop.publish.slides import ELSEWHERE, REVEAL, write_slides
from workshop.runs.execute import Run

PNG = base64.b64encode(b"\x89PNG not really").decode()
TITLE = """# 1 Load & look

**1 load** → [2 see](02_see.ipynb) → [9 far](09_far.ipynb#part)

[![Colab](https://colab.example/badge.svg)](https://colab.example/x) <!-- badges -->

A [test set](../docs/glossary.md#test-set), the [web](https://example.org/page), and `x[0]`."""


def markdown(source, kind="slide", **marks):
    return nbformat.v4.new_markdown_cell(source, metadata={"slideshow": {"slide_type": kind} | marks} if kind else {})


def code(source, kind="-", outputs=None, **marks):
    if outputs is None:
        outputs = [nbformat.v4.new_output("stream", text="said\n")]
    metadata = {"slideshow": {"slide_type": kind} | marks} if kind else {}
    return nbformat.v4.new_code_cell(source, outputs=outputs, metadata=metadata)


def deck(*cells):
    return slides_of(nbformat.v4.new_notebook(cells=list(cells)))


def picture(alt):
    return nbformat.v4.new_output("display_data", {"image/png": PNG}, metadata={"image/png": {"alt": alt}})


def save(path, *cells):
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=list(cells)), path)
    return path


@pytest.fixture
def series(tmp_path):
    """Two small notebooks that were run."""
    first = save(
        tmp_path / "notebooks" / "01_load.ipynb",
        markdown(TITLE),
        code("hidden_setup()", "skip"),
        markdown("## Second", "slide"),
        code("show()", outputs=[picture('Nine "digits"')]),
    )
    return [first, save(tmp_path / "notebooks" / "02_see.ipynb", markdown("# 2 See"), code("1"))]


def read(path):
    return read_page(path.read_text(encoding="utf-8"))


def test_one_file_each_in_the_order_given_and_an_index(series, tmp_path):
    written = write_slides([series[1], series[0]], tmp_path / "a" / "out")
    assert [path.name for path in written] == ["02_see.slides.html", "01_load.slides.html", "index.html"]
    assert {path.name for path in written} == {path.name for path in (tmp_path / "a" / "out").iterdir()}
    pages = [read(path) for path in written]
    assert pages[2].links == ["02_see.slides.html", "01_load.slides.html"]
    assert "1 Load &amp; look</a>" in pages[2].content
    assert "<title>1 Load &amp; look: slides</title>" in pages[1].content
    for page in pages:  # nothing comes from elsewhere
        assert all(address.startswith("data:") for address in page.loads)
        assert "@import" not in page.content and "url(http" not in page.content


def test_slides_link_slides_or_the_web_skip_cells_and_describe_images(series, tmp_path):
    first = read(write_slides(series, tmp_path / "out")[0])
    assert first.links == ["02_see.slides.html", "https://example.org/page"]
    assert "→ 9 far" in first.content and "A test set, the" in first.content, "other links become words"
    assert "colab.example" not in first.content and "hidden_setup" not in first.content
    assert first.alts == ['Nine "digits"']
    assert first.tags.count("section") == 4  # two slides, each a stack of one


def test_only_the_scripts_of_slides_run_and_nothing_is_fetched(tmp_path):
    evil = "# A\n\n<img src=http://evil.example/x.png alt=x onerror=alert(1)>\n\n[link](javascript:alert(1))\n\n"
    evil += '</main><meta http-equiv="refresh" content="0; url=http://evil.example"><main>\n\nA `<meta>`'
    evil += '\n\n<div>\n<m<link>eta a="refresh">\n</div>'
    evil += '\n\n<iframe srcdoc="&lt;meta http-equiv=refresh&gt;"></iframe>'
    evil += '\n\n<p data-notes="&lt;link&gt;" DATA-src = "x">y</p>'
    page = write_slides([save(tmp_path / "x.ipynb", markdown(evil))], tmp_path / "out")[0].read_text(encoding="utf-8")
    rules = re.search(r'<meta content="([^"]*)" http-equiv="Content-Security-Policy"', page)[1].split("; ")
    assert {"default-src 'none'", "img-src data:", "base-uri 'none'", "form-action 'none'"} < set(rules)
    (allowed,) = [rule.split()[1:] for rule in rules if rule.startswith("script-src")]
    scripts = [f"'{hash_of(script)}'" for script in re.findall(r"<script>(.*?)</script>", page, re.DOTALL)]
    assert len(scripts) == 3 and allowed[1:] == scripts and len(allowed) == 4, "the first is the speaker's window's"
    assert not re.search(
        r"<iframe|srcdoc=|data-notes=|data-src *=", page.partition("<main>")[2].rpartition("</main>")[0], re.I
    )
    assert "eta a=" in page and '<meta a="refresh"' not in page, "what is taken out leaves nothing behind that is one"
    assert 'href="javascript' not in page and 'http-equiv="refresh"' not in page and "&lt;meta&gt;" in page


@pytest.mark.parametrize("word", ["data-src", "srcdoc"])
def test_words_like_attributes_in_great_numbers_take_no_longer_than_others(word):
    start = time.process_time()
    assert ELSEWHERE.sub("", f"{word * 20_000} data-notes =") == f"{word * 20_000}  ="
    assert time.process_time() - start < 1


@pytest.mark.parametrize("text", ["![x](attachment:gone.png)", "<!-- note"])
def test_a_cell_that_cannot_be_shown_is_named_by_its_notebook(text, tmp_path):
    with pytest.raises(UserError, match="A cell of the notebook odd cannot be shown on a slide"):
        write_slides([save(tmp_path / "odd.ipynb", markdown(f"# A\n\n{text}"))], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_slide_has_its_words_and_the_speaker_has_the_rest():
    first, second = deck(
        markdown("## Load\n\nThe [long](x.md) text.", words="Two `words`, 5 %.", asked="Why? So."),
        code("a = 1\nfor b in c:\n    b\n    d", lines=[3, 4]),
        markdown("More to say.", "notes"),
        markdown("Set it up.", "skip"),
        code("hidden()", "skip"),
        code("1", "subslide", headline="The next", words=""),
    )
    assert first.text == "## Load\n\nTwo `words`, 5\N{NO-BREAK SPACE}%." and len(first.words) == 3
    assert first.lines == ["b", "d", "said"] and second.lines == ["1", "said"]
    said = ["**They may ask:** Why? So.", "The [long](x.md) text.", "More to say."]
    assert first.notes.split("\n\n")[0] == "Part: *Load*" and first.notes.split("\n\n")[2:] == said
    assert (first.headline, second.headline, second.text) == ("Load", "The next", "## The next")


def test_what_introduces_a_code_cell_that_begins_a_slide_is_said_on_that_slide():
    fold = "<details><summary>Compare</summary>\n\n**It is (b).**\n\n</details>"
    slides = deck(
        markdown("# A", words="A"),
        code("1"),
        markdown("About the first.\n\nHere is the second:", "notes"),
        code("2", "subslide", headline="B", words=""),
        markdown("Here is the third:", "notes"),
        code("3", "subslide", headline="C", words=""),
        markdown(fold, "notes"),
        code("4", "subslide", headline="D", words=""),
        markdown("## Next\n\nAbout it.", words="E"),
        code("hidden", "skip"),
        code("5", "subslide", headline="F", words=""),
    )
    assert [" ".join(slide.said).strip() for slide in slides] == [
        *("About the first.", "Here is the second:", "Here is the third: **It is (b).**", "", "About it.", "")
    ]
    assert [slide.part for slide in slides] == ["Opening"] * 4 + ["Next"] * 2


@pytest.mark.parametrize("said", ["See:\n\n```\na\n\nb\n```", "Three:\n\n- one\n\n- two", "Two:\n\n1. a\n\n2. b"])
def test_what_is_said_is_not_divided_within_code_or_a_list(said):
    first, second = deck(markdown(f"# A\n\n{said}", words="A"), code("1", "subslide", headline="B", words=""))
    assert (" ".join(first.said), second.said) == (said, [])


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("0[1-6]*.ipynb")), ids=lambda path: path.stem)
def test_there_is_something_to_say_on_every_slide_of_the_six_stages(path):
    assert not [slide.headline for slide in slides_of(nbformat.read(path, 4)) if not slide.said]


@pytest.mark.parametrize(("lines", "shown"), [(None, []), ([1, 1], ["a", "said"]), ([], ["said"])])
def test_a_slide_shows_the_figure_or_lines_and_what_they_printed(lines, shown):
    outputs = [nbformat.v4.new_output("stream", text="said\n"), picture("A seven")]
    marks = {} if lines is None else {"lines": lines}
    (slide,) = deck(markdown("# A", words="B"), code("a\nb", outputs=outputs, **marks))
    assert slide.lines == shown and len(slide.cells[1].outputs) == 1


def test_a_prediction_is_a_poll_whose_answer_comes_in_a_second_step(tmp_path):
    question = "**Predict:** a long question. How many?\n\n- **(a)** about 5\n- **(b)** all of them"
    answer = "<details><summary>Compare</summary>\n\n**It is (b).** As a rule.\n\n</details>"
    cells = [markdown(question, headline="How many?"), code("n", "subslide", words="All"), markdown(answer, "notes")]
    page = read(write_slides([save(tmp_path / "x.ipynb", *cells)], tmp_path / "out")[0])
    assert page.tags.count("section") == 3 and "<details" not in page.content
    assert '<span class="fragment custom right">' in page.content
    poll, after = deck(*cells)
    assert len(poll.words) == 5 and poll.text.count("fragment") == 1 and '"></span>**(b)** all' in poll.text
    assert "**Vote first.**" in poll.notes and "It is (b)" not in poll.text + poll.notes and "As a rule." in after.notes


@pytest.mark.parametrize(
    ("time", "seconds"),
    [
        ("**Time:** 3 minutes, and 10 for the exercises.", [60, 120, 600]),
        ("**Time:** 3 minutes.", [60, 120, 0]),
        ("No promise", [20, 50, 0]),
    ],
)
def test_the_minutes_that_a_notebook_promises_are_shared_out(time, seconds):
    slides = deck(
        markdown(f"{time} {(30 - len(time.split())) * 'word '}", words="A"),
        markdown(80 * "word ", words="B"),
        markdown("**Exercise 1: count.**", words="C"),
    )
    assert [slide.seconds for slide in slides] == seconds
    assert f"\n\n**{seconds[1] // 60}:{seconds[1] % 60:02}** for this slide" in slides[1].notes
    assert slides[-1].until == sum(seconds)


def test_what_somebody_marked_in_jupyterlab_is_on_the_slides_as_it_is():
    first, second = deck(
        markdown("before any slide", "notes"),
        markdown("# A\n\n- **(a)** no poll", "-"),
        code("1\n2", None),
        markdown("B", "slide"),
        markdown("C", "fragment"),
    )
    assert first.text == "# A\n\n- **(a)** no poll" and first.lines == ["1", "2", "said"]
    assert second.text == "B\n\nC" and not second.said


def test_pages_fold_what_notebooks_fold_and_slides_show_it(tmp_path):
    fold = "<details><summary>Compare</summary>\n\n**It is (b).**\n\n- as here\n\n</details>\n\nAfter it."
    path = save(tmp_path / "01_x.ipynb", markdown(f"# X\n\n{fold}"), code("1"))
    page, slides = write_page(path), write_slides([path], tmp_path / "out")[0]
    text = page.read_text(encoding="utf-8")
    folded, _, after = text.partition("<details><summary>Compare</summary>")[2].partition("</details>")
    assert "<strong>It is (b).</strong>" in folded and "<li>as here</li>" in folded and "<p>After it.</p>" in after
    shown = slides.read_text(encoding="utf-8")
    assert "<strong>It is (b).</strong>" in shown and "<details" not in shown and "Compare" not in shown


def test_folds_without_an_end_take_no_time():
    start = time.process_time()
    FOLDED.sub("", "<details><summary></summary>\n\n" * 20_000)  # 600 KB; took two minutes
    assert time.process_time() - start < 5


def test_only_images_in_the_notebook_s_folder_are_put_into_pages(tmp_path, monkeypatch):
    secret = base64.b64encode(b"my private key").decode()
    for file in ("key.txt", "home/key.txt", "home/key.png", "home/sub/key.png"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_bytes(b"my private key")
    (tmp_path / "above.png").write_bytes(base64.b64decode(PNG))
    (tmp_path / "home" / "a b.png").write_bytes(base64.b64decode(PNG))
    links = [str(tmp_path / "key.txt"), "../key.txt", "../above.png", "key.txt", "key.png", "sub/key.png", "a%20b.png"]
    images = [f"![x]({link})" for link in links] + [f'<img src="{link}" alt="x">' for link in links]
    path = save(tmp_path / "home" / "01_own.ipynb", markdown("# T\n\n" + "\n\n".join(images)), code("1"))
    monkeypatch.chdir(tmp_path)
    for page in (write_page(path), write_slides([path], tmp_path / "out")[0]):
        text = page.read_text("utf-8")
        assert secret not in text and text.count(PNG) == 2, page  # those beside the notebook


def test_a_page_takes_so_many_bytes_of_images_and_no_more(tmp_path, monkeypatch):
    monkeypatch.setattr(pages, "LARGEST_IMAGES", 1000)
    (tmp_path / "a.png").write_bytes(base64.b64decode(PNG) + bytes(400))
    page = pages.with_images(30 * '<img src="a.png">', tmp_path)
    assert page.count("data:image") == 2 and page.count('"a.png"') == 28


def test_slides_made_one_after_the_other_are_in_one_index(series, tmp_path):
    write_slides([series[1]], tmp_path / "out")
    written = write_slides([series[0]], tmp_path / "out")
    assert [path.name for path in written] == ["01_load.slides.html", "index.html"]
    index = read(written[1])
    assert index.links == ["01_load.slides.html", "02_see.slides.html"] and "1 Load &amp; look</a>" in index.content
    assert "2 See</a>" in index.content and "slides</a>" not in index.content
    assert "02_see.slides.html" in read(written[0]).links
    written[1].write_text("<title>Handwriting Recognition: slides</title>mine", encoding="utf-8")
    write_slides(series, tmp_path / "out")
    assert (tmp_path / "out" / "index-1.html").read_text().endswith("mine")
    written[1].write_text(seal_page("the page of a run"))
    write_slides(series, tmp_path / "out")
    assert "the page of a run" in (tmp_path / "out" / "index-2.html").read_text()


def test_slides_of_somebody_else_and_changed_ones_stay(series, tmp_path):
    out, said = tmp_path / "out", []
    out.mkdir()
    (out / "01_load.slides.html").write_text("<title>01_load slides</title>")
    write_slides(series, out, said.append)
    assert (out / "01_load.slides-1.html").read_text() == "<title>01_load slides</title>" and len(said) == 1
    write_slides(series, out, said.append)
    assert len(said) == 1
    page = out / "02_see.slides.html"
    page.write_text(page.read_text(encoding="utf-8").replace("2 See", "2 Mine"), encoding="utf-8")
    write_slides(series, out, said.append)
    assert "2 Mine" in (out / "02_see.slides-1.html").read_text(encoding="utf-8") and len(said) == 2


ODD = "a #1 100% & \"b\" 'c' ü $x$ <u>"


@pytest.mark.skipif(sys.platform == "win32", reason="such names are not possible there")
def test_links_lead_to_files_whatever_their_names(tmp_path):
    there = f"[there]({quote(ODD + '2')}.ipynb)"
    paths = [
        save(tmp_path / f"{ODD}{number}.ipynb", markdown(f"# {number} <i>\n\n{there}"), code("1")) for number in "123"
    ]
    written = write_slides(paths, tmp_path / "out")
    pages = [write_page(path, paths[0].stem, paths[2].stem) for path in paths]
    (tmp_path / "docs").mkdir()
    runs = [Run(path, path, {}, "done") for path in paths[:2]]
    index = write_index(runs, tmp_path, "<mine>")
    for page in (written[1], written[-1], pages[1], index):
        seen = read(page)
        links = [link for link in seen.links if link not in ("index.html", "glossary.html")]
        assert len(links) >= (1 if page == written[1] else 2) and "<u>" not in seen.content
        assert all((page.parent / unquote(link)).is_file() for link in links if not link.startswith("#"))
    assert "From earlier runs:" in index.read_text(encoding="utf-8") and len(read(index).links) == 4


def test_halves_of_characters_are_no_error(tmp_path):
    path = save(tmp_path / "x.ipynb", markdown("# A"), code("1"))
    path.write_text(path.read_text().replace("said", "\\ud800"))
    assert write_slides([path], tmp_path / "out") and write_page(path)


def test_a_name_is_a_title():
    titles = {"05_train": "5 train", "²_x": "²_x", "a\x1bb": "a\ufffdb", "10_my_own": "10 my own"}
    assert {name: title(name) for name in titles} == titles


def test_reveal_came_along_with_its_licence():
    assert "reveal.js contributors" in (REVEAL / "LICENSE").read_text(encoding="utf-8")
    assert "</script" not in (REVEAL / "reveal.js").read_text(encoding="utf-8")


TOO_LONG = "characters of text; slides are made of at most"
MARKDOWN = nbformat.v4.new_output("display_data", {"text/markdown": "[" * 150_000})


@pytest.mark.parametrize("many", ["[", "*a ", "<a ", "a\n=\n"])
def test_marks_without_an_end_take_no_time(tmp_path, many):
    start = time.process_time()
    path = save(tmp_path / "a.ipynb", markdown("# A"), markdown(many * (90_000 // len(many)), "-"))
    write_slides([path], tmp_path / "out")
    assert time.process_time() - start < 15


def test_an_image_within_the_text_is_not_counted_as_text(tmp_path):
    embedded = f"![a dot](data:image/png;base64,{'A' * 200_000}==)"
    assert len(write_slides([save(tmp_path / "a.ipynb", markdown(f"# A\n\n{embedded}"))], tmp_path / "out")) == 2


@pytest.mark.parametrize(
    ("cells", "source", "said"),
    [
        (None, True, "is not built yet: run `make notebooks`"),
        (None, False, "is not a file"),
        ([markdown("# A"), code("1", outputs=[])], True, "was not run, so its slides would show no results: run `make"),
        ([markdown("# A"), code("1", outputs=[])], False, "run `handwriting run "),
        ([markdown("# A", None), code("1", None)], True, "has no slides"),
        ([markdown("# A", "skip"), code("1", "skip")], True, "has no slides"),
        (
            [markdown("["), *[markdown("*a " * 500) for _ in range(100)]],
            True,
            TOO_LONG,
        ),
        ([markdown("# A", words="<a " * 50_000)], True, TOO_LONG),
        ([markdown("# A"), code("1", outputs=[MARKDOWN])], True, TOO_LONG),
    ],
)
def test_a_notebook_without_slides_is_one_sentence_and_nothing_is_written(series, tmp_path, cells, source, said):
    path = tmp_path / "notebooks" / "05_train.ipynb"
    if source:
        (path.parent / "source").mkdir()
        (path.parent / "source" / "05_train.py").write_text("# %%\n")
    if cells:
        save(path, *cells)
    with pytest.raises(UserError) as error:
        write_slides([*series, path], tmp_path / "out")
    assert said in str(error.value) and "05_train" in str(error.value)
    assert not (tmp_path / "out").exists()


NO_NOTEBOOKS = [
    b"no notebook",
    b"[]",
    b'{"cells":[],"x":[' + b"[]," * 500_000 + b"1]}",
    b'{"nbformat": 4, "cells": [{"a": 1}]}',
    b"\xff\xfe",
]
MARKS = [{"lines": [1]}, {"lines": "all"}, {"words": 5}, {"words": ["a"]}]


@pytest.mark.parametrize("content", NO_NOTEBOOKS + MARKS)
def test_what_is_no_notebook_or_has_marks_that_nobody_can_follow_is_said(tmp_path, content):
    path = tmp_path / "x.ipynb"
    path.write_bytes(content) if isinstance(content, bytes) else save(path, code("1", "slide", **content))
    with pytest.raises(UserError, match=r"cannot be read as a notebook: it .*\w\.$|marks for slides"):
        write_slides([path], tmp_path / "out")


def test_two_notebooks_of_one_name_are_refused(series, tmp_path):
    with pytest.raises(UserError, match="same name"):
        write_slides([series[0], save(tmp_path / "01_load.ipynb", markdown("# A"))], tmp_path / "out")


def test_a_folder_that_takes_no_files_is_said(series, tmp_path):
    (tmp_path / "file").write_text("mine")
    reasons = {"file": "Nothing can be written to .*Choose another --output", "x" * 300: "too long"}
    for folder, reason in reasons.items():
        with pytest.raises(UserError, match=reason):
            write_slides(series, tmp_path / folder)
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.skipif(sys.platform != "linux", reason="names that are not text are possible there")
def test_the_index_links_pages_whose_names_are_no_text(tmp_path):
    for ending in (b".html", b".ipynb"):
        (tmp_path / os.fsdecode(b"\xff" + ending)).touch()
    assert 'href="%FF.html"' in write_index([], tmp_path, "mnist").read_text(encoding="utf-8")
