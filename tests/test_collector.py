"""The collecting pad without a browser: what it keeps and where, what it refuses, what is stored of it."""

import json
import stat
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from handwriting.errors import ParameterError, ScanError
from handwriting.pad import HandwritingCollector
from handwriting.widgets.canvas import draw
from handwriting.widgets.collector import LETTER


@pytest.fixture
def pad(tmp_path):
    return HandwritingCollector("AB", tmp_path / "letters", times=2)


def ask(pad, **content):
    """What the collector answers to a message of the front end, and the counts that it gives it."""
    sent = []
    front = SimpleNamespace(send=sent.append)
    pad.receive(front, content, [])
    return json.loads(json.dumps(sent[-1], allow_nan=False)), front.counts


def files(pad):
    return sorted(path.relative_to(pad.folder).as_posix() for path in pad.folder.rglob("*") if path.is_file())


def test_drawings_are_kept_by_label_and_counted(pad):
    answer, counts = ask(pad, id="1", keep=1, strokes=LETTER)
    assert answer["id"] == "1" and answer["kept"] and not answer["failed"]
    assert answer["words"].endswith("001.png. 3 to go.") and counts == [0, 1]
    for number in (2, 3):
        answer, counts = ask(pad, id=str(number), keep=0, strokes=LETTER)
    answer, counts = ask(pad, id="4", keep=1, strokes=LETTER)
    assert answer["words"].endswith("You have 2 of each. More are welcome.")
    assert files(pad) == ["A/001.png", "A/002.png", "B/001.png", "B/002.png"] and pad.counts == {"A": 2, "B": 2}
    with Image.open(pad.folder / "A" / "001.png") as kept:
        assert kept.format == "PNG" and np.array_equal(np.asarray(kept.convert("L")), draw(LETTER))


def test_a_drawing_that_is_sent_again_before_the_answer_is_kept_once(pad):
    first, _ = ask(pad, id="a/1", keep=1, strokes=LETTER)
    again, counts = ask(pad, id="a/1", keep=1, strokes=LETTER)
    assert again == first and counts == [0, 1] and files(pad) == ["B/001.png"]
    ask(pad, id="a/2", keep=1, strokes=LETTER)
    for _ in range(2):
        assert ask(pad, id="a/3", back=True)[0]["words"].startswith("Deleted ") and files(pad) == ["B/001.png"]


def test_from_python_too_and_the_last_is_taken_back(pad):
    first, second = pad.keep(draw(LETTER), "A"), pad.keep(255 - draw(LETTER), "A")
    assert pad.kept == [first, second] and pad.take_back() == second
    assert files(pad) == ["A/001.png"]
    answer, counts = ask(pad, id="1", back=True)
    assert answer["words"].startswith("Deleted ") and "001.png" in answer["words"] and counts == [0, 0]
    answer, _ = ask(pad, id="2", back=True)
    assert answer["words"].endswith("so there is nothing to delete.") and not answer["failed"]


def test_what_was_changed_since_is_not_taken_back(pad):
    first, second = pad.keep(draw(LETTER), "A"), pad.keep(draw(LETTER), "A")
    first.write_bytes(b"mine")
    second.unlink()
    assert pad.take_back() == second
    answer, counts = ask(pad, id="1", back=True)
    assert answer["failed"] and "001.png was changed after it was saved, so it was not deleted." in answer["words"]
    assert first.read_bytes() == b"mine" and counts == [1, 0]


def test_it_goes_on_and_takes_back_only_what_it_kept_itself(pad):
    pad.keep(draw(LETTER), "B")
    again = HandwritingCollector("AB", pad.folder, times=2)
    assert again.counts == {"A": 0, "B": 1} and again.take_back() is None
    assert again.keep(draw(LETTER), "B").name == "002.png"
    (pad.folder / "B" / "from my phone.JPG").touch()
    (pad.folder / "B" / "notes.txt").touch()
    assert again.counts == {"A": 0, "B": 3}


def test_what_cannot_be_read_is_not_kept(pad):
    for content, words in (
        ({"photo": "data:image/png;base64,aGVsbG8="}, "not a picture"),
        ({"strokes": []}, "no ink stands out"),
        ({"strokes": "nonsense"}, '"strokes" must be a list of strokes'),
        ({}, '"strokes" must be a list of strokes'),
        ({"photo": 5}, "This photo cannot be opened"),
    ):
        answer, counts = ask(pad, id="1", keep=0, **content)
        assert answer["failed"] and "kept" not in answer and words in answer["words"], answer
        assert counts == [0, 0]
    for number in (7, 2, -1, True, 1.0, "0", None):
        answer, _ = ask(pad, id="1", keep=number, strokes=LETTER)
        assert answer["failed"] and '"keep" must be a whole number from 0 to 1' in answer["words"]
    with pytest.raises(ScanError, match=r"no label 'C' here\. Labels: A, B"):
        pad.keep(draw(LETTER), "C")
    with pytest.raises(ScanError, match=r"no label array\("):
        pad.keep("A", draw(LETTER))
    assert not pad.folder.exists()


def test_a_folder_that_takes_no_files(pad):
    pad.folder.parent.joinpath("letters").touch()
    with pytest.raises(ScanError, match="cannot be written to"):
        pad.keep(draw(LETTER), "A")
    with pytest.raises(ScanError, match="is a file"):
        HandwritingCollector("AB", pad.folder)


def test_a_kept_picture_never_replaces_another(pad, monkeypatch):
    pad.keep(draw(LETTER), "A")
    before = (pad.folder / "A" / "001.png").read_bytes()
    monkeypatch.setattr("pathlib.Path.glob", lambda self, pattern: iter(()))  # as if another had been quicker
    assert pad.keep(255 - draw(LETTER), "A").name == "002.png"
    assert (pad.folder / "A" / "001.png").read_bytes() == before
    assert stat.S_IMODE((pad.folder / "A" / "002.png").stat().st_mode) & 0o444


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ("A", "There is 1 class name. Give 2 to 256"),
        ([], "Give 2 to 256"),
        (range(300), "Give 2 to 256"),
        (3, "Give the labels"),
        (None, "Give the labels"),
        (["A", "  "], "is empty"),
        *((["A", name], "cannot be a folder's name") for name in ("../B", "..", "T-shirt/top", "what?", "x" * 256)),
        *((["A", name], "cannot be a folder's name") for name in ("a\nb", "a\u202eb", "@eaDir", "lost+found")),
        *((["A", name], f"Windows reserves the name {name}") for name in ("con", "nul.png")),
        *(([name, other], "look the same") for name, other in ("Aa", "AA", ("B", "B\u200d"), ("a\ufe0f", "a"))),
    ],
)
def test_labels_that_cannot_be(labels, words, tmp_path):
    with pytest.raises(ScanError, match=words):
        HandwritingCollector(labels, tmp_path / "letters")
    assert not (tmp_path / "letters").exists()


@pytest.mark.parametrize("times", [0, -1, 2.5, "ten", None, True, 10_001])
def test_times_that_cannot_be(times, tmp_path):
    with pytest.raises(ParameterError, match="from 1 to 10,000"):
        HandwritingCollector("AB", tmp_path, times)


@pytest.mark.filterwarnings("ignore:Glyph")  # as `handwriting.setup` does: this machine may have no such font
def test_labels_in_any_script_and_numbers(tmp_path):
    names = ["Löwe", "Ё ж", "あ", "हाथी", "قطة", "$x_1$", "می\u200cخواهم"]
    pad = HandwritingCollector([*names, "Lo\u0308we 2", 7], tmp_path)
    assert pad.labels == (*names, "Löwe 2", "7")
    pad.keep(draw(LETTER), "あ")
    assert files(pad) == ["あ/001.png"]
    about = pad._repr_mimebundle_()[1]["image/png"]["alt"]
    assert "あ: 1" in about and "$x_1$: 0" in about


def test_the_front_end_gets_labels_and_counts(pad):
    pytest.importorskip("anywidget")
    pad.keep(draw(LETTER), "B")
    pad._repr_mimebundle_()
    assert (pad.front.names, pad.front.counts, pad.front.times) == (["A", "B"], [0, 1], 2)
