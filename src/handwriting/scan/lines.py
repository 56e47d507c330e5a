"""Find long, straight, thin lines on a picture: what is printed on ruled paper and forms. Erase them, not the strokes.

Lines are found as lines, by a morphological opening with long horizontal (or vertical) elements; pieces that
continue one another are one line, and a parabola through it follows paper that does not lie flat.
"""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

TOUCHING = np.ones((3, 3))  # pixels that touch at a corner belong together
MOST_PIECES = 1500


@dataclass
class Line:
    """A straight line, across the picture, or down if it was traced on the transposed mask.

    `start` and `stop` are its first column and the one after its last, `curve` are the coefficients of a polynomial
    that gives its middle row, `thick` is its thickness, `cover` the share of its columns that has ink.
    """

    start: int
    stop: int
    curve: np.ndarray
    thick: float
    cover: float

    def at(self, columns):
        """Return its middle rows at some columns."""
        return np.polyval(self.curve, columns)

    @property
    def long(self):
        return self.stop - self.start


def opened_along(mask, length):
    """Keep only those pixels of a mask that lie in a row of at least `length`."""
    narrow = ndimage.minimum_filter1d(mask.view(np.uint8), length, axis=1, mode="nearest")
    return ndimage.maximum_filter1d(narrow, length, axis=1, origin=-1 if length % 2 == 0 else 0).astype(bool) & mask


def trace(mask, shortest):
    """Find the lines that go across a mask, a little up or down, and are at least `shortest` long: a list of Line.

    The longest are found first: a pen that is thicker than the shorter elements would hide them.
    """
    width = mask.shape[1]
    lines = traced(mask, max(12, width // 5), shortest)
    left = mask & ~painted(lines, mask.shape, 1.5) if lines else mask
    return lines + traced(left, min(max(10, min(mask.shape) // 20), max(3, width // 5)), shortest)


def traced(mask, element, shortest):
    """Find lines whose pieces are longer than an element of some length."""
    runs = opened_along(mask, element)
    if not runs.any():
        return []
    numbers, _ = ndimage.label(runs, TOUCHING)
    thickest = 2 + 0.06 * min(mask.shape)
    pieces = []
    for number, (rows, columns) in enumerate(ndimage.find_objects(numbers), start=1):
        inside = numbers[rows, columns] == number
        each = inside.sum(axis=0)
        if inside.shape[1] < max(8, 2 * each.mean()) or np.median(each) > thickest:
            continue
        across = np.flatnonzero(each)
        usual = each[across] <= 1.6 * np.median(each) + 1  # elsewhere a stroke lies on it
        down = rows.start + (inside * np.arange(len(inside))[:, None]).sum(axis=0)[across] / each[across]
        pieces.append((across[usual] + columns.start, down[usual], each[across][usual]))
    pieces = sorted(sorted(pieces, key=lambda piece: -len(piece[0]))[:MOST_PIECES], key=lambda piece: piece[0][0])
    return [line for line in map(fitted, chained(pieces)) if line is not None and line.long >= shortest]


def chained(pieces):
    """Put pieces together that continue one another: a list of (columns, rows, thicknesses)."""
    chains = []
    for columns, rows, thick in pieces:
        first, height = columns[0], np.median(rows[:20])
        best = None
        for chain in chains:
            last = chain["columns"][-1]
            space = first - last
            if not -3 <= space <= max(0.6 * chain["long"], 12) or space > 250:
                continue
            expected = chain["row"] + chain["slope"] * (first - chain["middle"])
            off = abs(expected - height)
            if off < 1.5 + 0.4 * chain["thick"] + 0.012 * max(space, 0) and (best is None or off < best[0]):
                best = off, chain
        if best is None:
            chain = {"columns": columns, "rows": rows, "thicks": thick}
            chains.append(chain)
        else:
            chain = best[1]
            for key, more in (("columns", columns), ("rows", rows), ("thicks", thick)):
                chain[key] = np.concatenate([chain[key], more])
        columns, rows = chain["columns"][-200:], chain["rows"][-200:]
        chain["long"] = chain["columns"][-1] - chain["columns"][0]
        chain["middle"], chain["row"], chain["thick"] = columns.mean(), rows.mean(), float(np.median(chain["thicks"]))
        spread = columns - chain["middle"]
        slope = (spread * rows).sum() / max((spread**2).sum(), 1)
        chain["slope"] = np.clip(slope, -0.15, 0.15) if chain["long"] > 12 else 0.0
    return [(chain["columns"], chain["rows"], chain["thicks"]) for chain in chains]


def fitted(chain):
    """Return the Line through the middles of a chain's pieces; None if it is not straight."""
    columns, rows, thicks = chain
    start, stop = int(columns.min()), int(columns.max()) + 1
    thick = float(np.median(thicks))
    if stop - start < 3 * thick:
        return None
    order = 2 if stop - start > 150 else 1
    curve = np.polyfit(columns, rows, order)
    off = np.abs(np.polyval(curve, columns) - rows)
    if np.percentile(off, 80) > 1 + 0.15 * thick or abs(np.polyval(np.polyder(curve), (start + stop) / 2)) > 0.15:
        return None
    return Line(start, stop, curve, thick, len(columns) / (stop - start))


def band(line, shape, more=0.0):
    """Return the pixels of a line: columns (n,), and first and last rows (n,), inside a picture."""
    columns = np.arange(max(0, line.start - 2), min(shape[1], line.stop + 2))
    middle = line.at(columns)
    half = line.thick / 2 + more
    return columns, np.rint(middle - half).astype(int), np.rint(middle + half).astype(int)


def painted(lines, shape, more=0.0):
    """Return a mask of lines, `more` pixels wider on each side."""
    mask = np.zeros(shape, bool)
    for line in lines:
        columns, first, last = band(line, shape, more)
        for offset in range(int((last - first).max()) + 1):
            rows = first + offset
            inside = (rows <= last) & (rows >= 0) & (rows < shape[0])
            mask[rows[inside], columns[inside]] = True
    return mask


def bare(absorbed, lines, mask, others, crossings):
    """Return where lines may be erased: everywhere but where a stroke touches, crosses or covers them."""
    erased = np.zeros(mask.shape, bool)
    height = len(mask)
    strokes = mask & ~others
    for line in lines:
        columns, first, last = band(line, mask.shape, 1.0)
        middle = np.rint(line.at(columns)).astype(int)
        strength = absorbed[np.clip(middle, 0, height - 1), columns]
        usual, more = np.percentile(strength, (50, 75))
        covered = more + 2.5 * (more - usual) + 0.03
        twice = max(covered, 1 - (1 - covered) ** 2)  # where lines cross, each takes its share of the light
        for edge, step in ((first, -1), (last, 1)):
            rows = edge + step
            touched = (rows >= 0) & (rows < height) & strokes[np.clip(rows, 0, height - 1), columns]
            touched = ndimage.binary_dilation(touched, iterations=1)
            for offset in range(int(np.abs(edge - middle).max()) + 1):
                rows = middle + offset * step
                ok = ~touched & (offset <= np.abs(edge - middle)) & (rows >= 0) & (rows < height)
                rows, places = rows[ok], columns[ok]
                erased[rows, places] = absorbed[rows, places] < np.where(crossings[rows, places], twice, covered)
    return erased


def erase(absorbed, mask, across, down):
    """Return the pixels of lines across and down a mask that belong to no stroke.

    A stroke that crosses a line is left whole; so is one that lies along it, if it is darker.
    """
    shape = mask.shape
    all_across, all_down = painted(across, shape, 2.0), painted(down, shape[::-1], 2.0).T
    crossings = all_across & all_down
    found = bare(absorbed, across, mask, all_down, crossings)
    return found | bare(absorbed.T, down, mask.T, all_across.T, crossings.T).T
