"""Teach it three letters as notebook 9 does: drawn in JupyterLab, kept in folders, learned, and read."""

from types import SimpleNamespace

import numpy as np
import pytest

from browser.actions import draw_by_finger, draw_by_mouse, run_first_cell
from handwriting.data.letters import STYLES
from handwriting.data.strokes import place_strokes, vary_strokes
from handwriting.load import load_folder
from handwriting.pad import HandwritingCollector

pytest.importorskip("anywidget", reason="anywidget is not installed")

CELLS = ["from handwriting.pad import HandwritingCollector\n\nHandwritingCollector('ABC', 'three letters', times=15)"]


def letter(name, number, generator):
    """The strokes of a letter, here or there on the sheet, as shares of its side."""
    lines = vary_strokes(STYLES[name][number % len(STYLES[name])], generator)
    size = generator.uniform(0.45, 0.75)
    free = 0.45 - size / 2
    lines = place_strokes(lines, size, 0.5 + generator.uniform(-free, free, 2))
    return [line[np.linspace(0, len(line) - 1, 8).round().astype(int)].tolist() for line in lines]


def draw_letters(page, count, generator):
    """Draw what the pad asks for and keep it, by mouse and by finger in turn."""
    pad = page.locator(".hw-pad")
    sheet, keep, prompt = pad.locator(".hw-pad-sheet"), pad.get_by_role("button", name="Keep it"), ".hw-pad-prompt"
    for number in range(count):
        name = pad.locator(prompt).inner_text().removeprefix("Draw: ")
        for stroke in letter(name, number // 3, generator):
            draw_by_finger(sheet, stroke, steps=1) if number % 2 else draw_by_mouse(sheet, stroke, steps=1)
        keep.click()
        pad.get_by_role("status").filter(has_text="Saved as").wait_for()
        page.locator(f".hw-pad[data-state=empty] {prompt}:not(:has-text('Draw: {name}'))").wait_for()


def send_letters(folder, count, generator):
    """Give a collector the strokes of so many letters of each kind, as the front end sends them."""
    collector, answers = HandwritingCollector("ABC", folder, times=15), []
    for number in range(3 * count):
        strokes = [
            [round(1000 * share) for point in line for share in point]
            for line in letter("ABC"[number % 3], number // 3, generator)
        ]
        collector.receive(
            SimpleNamespace(send=answers.append), {"id": str(number), "keep": number % 3, "strokes": strokes}, []
        )
    assert all(answer["kept"] for answer in answers)


def test_three_letters_are_read_after_ten_drawings_of_each(opened):
    generator = np.random.default_rng(7)
    draw_letters(opened, 3, generator)
    folder = opened.folder / "three letters"
    send_letters(folder, 13, generator)
    run_first_cell(opened)  # go on later
    draw_letters(opened, 3, generator)

    letters = load_folder(folder)
    assert letters.class_names == ("A", "B", "C")
    assert np.bincount(letters.y_train).tolist() == [10, 10, 10] and np.bincount(letters.y_test).tolist() == [5, 5, 5]
    from handwriting.build import convolutional_network
    from handwriting.train import one_cycle

    rate = one_cycle(30, 40, batch_size=10, peak=0.003)
    network = convolutional_network(augment=True, learning_rate=rate, classes=3)
    network.fit(
        letters.x_train[..., None] / np.float32(255), np.eye(3)[letters.y_train], batch_size=10, epochs=40, verbose=0
    )
    guesses = network.predict(letters.x_test[..., None] / np.float32(255), verbose=0).argmax(axis=1)
    accuracy = (guesses == letters.y_test).mean()
    print(f"{accuracy:.2f} of 15 drawings are read")
    assert accuracy >= 0.9
