"""Decide which straight lines were printed: rules of the paper, boxes and combs of forms; no stroke of a digit."""

import numpy as np
from scipy import ndimage

from handwriting.scan.lines import TOUCHING, erase, painted, trace

SHORTEST = 16  # pixels: the shortest side of a box
NEAR = 0.03  # of the picture's side: this near to its edge, a line runs into it


def printed_lines(absorbed, mask):
    """Return a mask of the printed lines on a picture without the strokes that cross them, and one with a margin.

    Both are None if there are no lines.

    `mask` tells ink of any strength from paper; `absorbed` is how strong it is.
    """
    if is_drawing(mask):
        return None, None
    across, down = trace(mask, SHORTEST), trace(np.ascontiguousarray(mask.T), SHORTEST)
    if not across and not down:
        return None, None
    rules = Rules(absorbed, mask, across, down)
    kept = [found | thick for found, thick in zip(map(rules.through, (0, 1)), rules.thick(), strict=True)]
    for more in (rules.grid(), rules.comb(0), rules.comb(1)):
        for axis in (0, 1):
            kept[axis] |= more[axis]
    kept = [kept[axis] - rules.strokes(axis, kept[axis]) for axis in (0, 1)]
    kept = [rules.family(axis, kept[axis]) for axis in (0, 1)]
    if not any(kept):
        return None, None
    across, down = ([lines[k] for k in sorted(numbers)] for lines, numbers in zip((across, down), kept, strict=True))
    around = painted(across, mask.shape, 2.5) | painted(down, mask.shape[::-1], 2.5).T
    return erase(absorbed, mask, across, down), around


def is_drawing(mask):
    """Return whether there are a few strokes and nothing at the picture's edge, a quick check for the usual case."""
    height, width = (max(2, round(NEAR * side)) for side in mask.shape)
    edges = mask[:height], mask[-height:], mask[:, :width], mask[:, -width:]
    return not any(edge.any() for edge in edges) and ndimage.label(mask, TOUCHING)[1] <= 3


class Rules:
    """The straight lines on a picture, across and down, and ways to tell which of them were printed.

    Each way returns numbers of lines, for lines across (axis 0) and down (axis 1).
    """

    def __init__(self, absorbed, mask, across, down):
        self.views = (absorbed, mask), (absorbed.T, mask.T)
        self.lines = across, down
        self.slack = 3 + np.percentile([line.thick for line in (*across, *down)], 90)
        self.meetings = self.meet()

    def through(self, axis):
        """Return the lines that run through the picture, or into its edge and along half of it."""
        lines, (height, width) = self.lines[axis], self.views[axis][1].shape
        near, found = max(2, NEAR * width), set()
        for number, line in enumerate(lines):
            ends = np.array([line.start, line.stop - 1])
            at_side = [ends[0] <= near, ends[1] >= width - near]
            rows = line.at(ends)
            at_any = (rows < near) | (rows > height - near) | at_side
            far = (any(at_side) and line.long > 0.5 * width) or (at_any.all() and line.long > 0.15 * width)
            thin = line.thick < max(4, 0.03 * width)
            if thin and far:
                found.add(number)
        return found

    def thick(self):
        """Return thick lines from edge to edge that are not part of a digit: they are detached, or far darker.

        Without them, a digit must be left that does not run from edge to edge itself.
        """
        absorbed, mask = self.views[0]
        found, rest = [set(), set()], mask.copy()
        for axis in (0, 1):
            width = self.views[axis][1].shape[1]
            near = max(2, NEAR * width)
            for number, line in enumerate(self.lines[axis]):
                at_edge = line.start <= near or line.stop > width - near
                if at_edge and line.long > 0.85 * width and line.cover > 0.9:
                    found[axis].add(number)
            every = painted([self.lines[axis][k] for k in found[axis]], self.views[axis][1].shape, 3.0)
            rest &= ~(every.T if axis else every)
        sizes = [[side.stop - side.start for side in part] for part in ndimage.find_objects(ndimage.label(rest)[0])]
        high, wide = np.max(sizes, axis=0) if sizes else (0, 0)
        if not any(found) or high < 0.2 * mask.shape[0] or high >= mask.shape[0] - 2 or wide >= mask.shape[1] - 2:
            return set(), set()
        strong = 1.3 * np.percentile(absorbed[rest], 90)
        for axis in (0, 1):
            absorbed, mask = self.views[axis]
            left = rest.T if axis else rest
            for number in list(found[axis]):
                line = self.lines[axis][number]
                touching = (left & painted([line], mask.shape, 5.0)).any(axis=0).mean() > 0.02
                if touching and np.median(absorbed[painted([line], mask.shape)]) < strong:
                    found[axis].remove(number)
        return found

    def strokes(self, axis, kept):
        """Return those of some lines that are far darker and shorter than the longest: straight strokes of a pen."""
        lines, absorbed = self.lines[axis], self.views[axis][0]
        columns = {k: np.arange(lines[k].start, lines[k].stop) for k in kept}
        rows = {k: np.clip(np.rint(lines[k].at(columns[k])).astype(int), 0, len(absorbed) - 1) for k in kept}
        strength = {k: np.median(absorbed[rows[k], columns[k]]) for k in kept}
        longest = max(kept, key=lambda k: lines[k].long, default=None)
        return {k for k in kept if lines[k].long < 0.3 * lines[longest].long and strength[k] > 1.5 * strength[longest]}

    def family(self, axis, kept):
        """Add pieces of lines that are parallel to those found, and as thin."""
        lines = self.lines[axis]
        if not kept:
            return kept
        width = self.views[axis][1].shape[1]
        thick = np.median([lines[k].thick for k in kept])
        long = max(0.2 * width, 30 * thick)
        return kept | {k for k, line in enumerate(lines) if line.long > long and line.thick < 1.6 * thick + 1}

    def meet(self):
        """Return pairs that meet: {number down: [(number across, row, column), ...]}."""
        across, down = self.lines
        if not across or not down:
            return {}
        found = {}
        starts, stops = np.array([(a.start, a.stop) for a in across]).T
        curves = np.array([np.pad(a.curve, (3 - len(a.curve), 0)) for a in across])
        for number, line in enumerate(down):
            column = line.at((line.start + line.stop) / 2)
            rows = curves @ [column**2, column, 1]
            columns = line.at(rows)
            meets = (rows > line.start - self.slack) & (rows < line.stop + self.slack)
            meets &= (columns > starts - self.slack) & (columns < stops + self.slack)
            found[number] = [(int(k), rows[k], columns[k]) for k in np.flatnonzero(meets)]
        return found

    def grid(self):
        """Return the lines of boxes and tables: sides between lines across, with something written between them."""
        sides = {}
        for number, line in enumerate(self.lines[1]):
            at = sorted(self.meetings.get(number, ()), key=lambda meeting: meeting[1])
            reaches = at and at[0][1] - line.start < 2 * self.slack and line.stop - at[-1][1] < 2 * self.slack
            if reaches and len(at) >= 2 and line.long > SHORTEST and line.thick < 0.12 * line.long + 2:
                sides[number] = at
        found = set(), set()
        for lines, members in self.components(sides):
            lines = {k for k in lines if sum(k == m[0] for n in members for m in sides[n]) >= 2}
            members = self.printed(lines, members, sides) if len(lines) >= 2 else set()
            if len(members) >= 2 and self.written_between(lines, members):
                found[0].update(lines)
                found[1].update(members)
        return found

    @staticmethod
    def components(sides):
        """Put together what is connected: yield sets of numbers of lines across and of sides."""
        left = dict(sides)
        while left:
            number, meetings = left.popitem()
            lines, members = {m[0] for m in meetings}, {number}
            while more := [n for n, at in left.items() if lines & {m[0] for m in at}]:
                for n in more:
                    lines |= {m[0] for m in left.pop(n)}
                    members.add(n)
            yield lines, members

    def printed(self, lines, members, sides):
        """Return those sides that are at the ends of lines, or go through all of them; and with them, those like them.

        A stroke of a digit can fill the space between two rules of the paper, too.
        """
        across, down = self.lines
        rows = [row for n in members for k, row, _ in sides[n] if k in lines]
        surely, like = set(), set()
        thick = np.median([across[k].thick for k in lines])
        for number in members:
            line = down[number]
            over = [min(abs(x - across[k].start), abs(x - across[k].stop)) for k, _, x in sides[number]]
            at_ends = max(over[0], over[-1]) < 2 * self.slack
            lean = np.polyval(np.polyder(line.curve), (line.start + line.stop) / 2)
            slopes = [np.polyval(np.polyder(across[k].curve), column) for k, _, column in sides[number]]
            upright = abs(lean + np.mean(slopes)) < 0.05
            if at_ends or (upright and len(sides[number]) >= 3 and line.long > 0.9 * np.ptp(rows)):
                surely.add(number)
            elif upright and abs(line.thick - thick) < 0.3 * thick + 1:
                like.add(number)
        if len(surely) >= 2 or (len(lines) == 2 and len(like) == len(members)):
            return surely | like
        return set()

    def written_between(self, lines, members):
        """Return whether a form's boxes hold something of a quarter of their height that does not touch them."""
        across, down = self.lines
        top = min(down[n].start for n in members)
        bottom = max(down[n].stop for n in members)
        left = min(across[k].start for k in lines)
        right = max(across[k].stop for k in lines)
        mask = self.views[0][1]
        lines_mask = painted([across[k] for k in lines], mask.shape, 2.0)
        lines_mask |= painted([down[n] for n in members], mask.shape[::-1], 2.0).T
        box = slice(max(0, top), bottom), slice(max(0, left), right)
        everywhere, _ = ndimage.label(mask, TOUCHING)
        parts, area = everywhere[box], np.bincount(everywhere.ravel())
        outside = set(np.flatnonzero(np.bincount(parts.ravel(), minlength=len(area)) < area))
        others = set(np.unique(parts[lines_mask[box]])) | outside
        cell = np.median([down[n].long for n in members])
        sizes = enumerate(ndimage.find_objects(parts), start=1)
        return any(part[0].stop - part[0].start > 0.25 * cell for k, part in sizes if part and k not in others)

    def comb(self, end):
        """Return a line and the ticks that stand on it (end 1) or hang from it (end 0), equally high."""
        across, down = self.lines
        found = set(), set()
        standing = {}
        for number, line in enumerate(down):
            for k, row, column in self.meetings.get(number, ()):
                if abs(row - (line.start, line.stop)[end]) < self.slack:
                    standing.setdefault(k, []).append((number, column))
        for k, ticks in standing.items():
            line = across[k]
            ticks = [(n, column) for n, column in ticks if down[n].thick < 1.6 * line.thick + 1]
            if len(ticks) < 3:
                continue
            heights = np.array([down[n].long for n, _ in ticks])
            alike = np.abs(heights[:, None] - heights) <= 2
            usual = heights[alike.sum(axis=1).argmax()]
            ticks = [tick for tick, high in zip(ticks, heights, strict=True) if abs(high - usual) <= 2 + 0.08 * usual]
            columns = np.sort([column for _, column in ticks])
            steps = np.diff(columns)
            steady = len(steps) >= 2 and np.ptp(steps) < 0.1 * np.median(steps) + 3
            if not steady or np.median(steps) < 4 * line.thick:  # between strokes of an 8 there is no room for a digit
                continue
            over = np.array([columns[0] - line.start, line.stop - columns[-1]])
            at_ends = (over < 2 * self.slack) | (np.abs(over - np.median(steps)) < 0.1 * np.median(steps) + 3)
            if at_ends.all() or len(ticks) >= 5:
                found[0].add(k)
                found[1].update(n for n, _ in ticks)
        return found
