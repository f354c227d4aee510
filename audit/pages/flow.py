"""The map of a project's process: where its boxes and arrows lie, worked out here, drawn by the template as SVG.

Stages stand left to right in their order; a stage that tasks only leave backwards (rework, a failed review) stands
below, and what is sent there is drawn red and dashed. Everything has an address: the list that its figure counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from audit.queries.figures import Decided, Move, Ways
from exportsite.clock import elapsed
from exportsite.keyset import Count
from exportsite.text import short, visible_line

WIDTH = 1100
MOST_IN_ROW = 7
"""Stages side by side; of more, the map is shown on demand and a table stands in its place."""
_HEIGHT, _MOST_WIDE, _GAP, _NARROW_GAP = 68, 152, 96, 62
_LETTER = 6.7
"""Pixels of a letter of the map's text, on average."""
_LEVEL = 44
_MOST_AROUND = 4


@dataclass(frozen=True, slots=True)
class Box:
    """A stage: left upper corner and size; its name as it fits, tasks there now, the usual wait (empty: not known)."""

    stage: str
    name: str
    x: int
    y: int
    width: int
    height: int
    now: Count | None
    wait: str
    address: str

    @property
    def middle(self) -> int:
        """The middle, from the left."""
        return self.x + self.width // 2

    @property
    def bottom(self) -> int:
        """The lower edge."""
        return self.y + self.height


@dataclass(frozen=True, slots=True)
class Arrow:
    """A way between stages: the path's `d`, its weight, and its words on one or two lines around (x, y)."""

    path: str
    weight: str
    back: bool
    lines: tuple[str, ...]
    x: int
    y: int
    label: str
    address: str

    @property
    def ground(self) -> tuple[int, int, int, int]:
        """The rectangle behind the words: x, y, width, height."""
        width = round(max(map(len, self.lines)) * _LETTER) + 8
        return self.x - width // 2, self.y - 13, width, 3 + 15 * len(self.lines)


@dataclass(frozen=True, slots=True)
class Flow:
    """The whole map. `left_out` counts ways that only the table has; `wide` is one with too many stages for a page."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    left_out: int
    wide: bool


def flow(
    stages: Sequence[str],
    counts: Mapping[str, Count],
    ways: Ways,
    of_stage: Callable[[str], str],
    of_move: Callable[[Move], str],
) -> Flow | None:
    """The map of these stages, in their order; `of_stage` and `of_move` give the addresses. None for fewer than two.

    Stages that no task came to are left out.
    """
    met = {stage for move in ways.moves for stage in (move.start, move.end)}
    stages = [stage for stage in stages if stage in met or (stage in counts and counts[stage].value)]
    if len(stages) < 2:
        return None
    place = {stage: at for at, stage in enumerate(stages)}
    moves = [move for move in ways.moves if move.start in place and move.end in place]
    below = _leading_back(stages, moves, place)
    row = [stage for stage in stages if stage not in below]
    if len(row) < 2:
        row, below = list(stages), []
    return _Plan(row, below, moves, counts, ways, of_stage, of_move).flow()


def _leading_back(stages: Sequence[str], moves: Sequence[Move], place: Mapping[str, int]) -> list[str]:
    """Stages that tasks come to and leave only for earlier ones. The first stage can't be one."""
    left = {move.start for move in moves} & {move.end for move in moves}
    onward = {move.start for move in moves if place[move.end] > place[move.start]}
    return [stage for stage in stages[1:] if stage in left and stage not in onward]


@dataclass
class _Plan:
    """Places boxes, then draws arrows between them."""

    row: list[str]
    below: list[str]
    moves: list[Move]
    counts: Mapping[str, Count]
    ways: Ways
    of_stage: Callable[[str], str]
    of_move: Callable[[Move], str]
    boxes: dict[str, Box] = field(default_factory=dict)
    ports: Counter[str] = field(default_factory=Counter)
    deepest: int = 0

    def flow(self) -> Flow:
        """The finished map."""
        place = {stage: at for at, stage in enumerate(self.row)}
        inner = [move for move in self.moves if move.start in place and move.end in place]
        over = [move for move in inner if place[move.end] > place[move.start] + 1][:_MOST_AROUND]
        under = [move for move in inner if place[move.end] < place[move.start]][:_MOST_AROUND]
        top = 8 + 34 * len(over)
        width = self._place(top)
        self.deepest = top + _HEIGHT
        arrows = [self._onward(move) for move in inner if place[move.end] == place[move.start] + 1]
        arrows += [self._over(move, level) for level, move in enumerate(over)]
        arrows += self._by_way_of_below()
        arrows += [self._under(move) for move in under]
        height = self.deepest + 10
        left_out = len(self.ways.moves) - len(arrows)
        return Flow(
            width, height, tuple(self.boxes.values()), tuple(arrows), left_out, wide=len(self.row) > MOST_IN_ROW
        )

    def _place(self, top: int) -> int:
        """Place the row at `top`, and what stands below it; the map's width."""
        number = len(self.row)
        width = max(WIDTH, number * (104 + _NARROW_GAP))
        gap = _GAP if number * _MOST_WIDE + (number - 1) * _GAP <= width else _NARROW_GAP
        wide = min(_MOST_WIDE, (width - 8 - (number - 1) * gap) // number)
        if number > 1:
            gap = min(150, (width - 8 - number * wide) // (number - 1))
        x = 4  # Not in the middle: on a phone the map would begin with nothing.
        for stage in self.row:
            self._box(stage, x, top, wide)
            x += wide + gap
        y = top + _HEIGHT + 70
        for stage in self.below:
            near = [
                self.boxes[other].middle
                for move in self.moves
                if stage in (move.start, move.end)
                for other in (move.start, move.end)
                if other in self.boxes and other != stage
            ]
            middle = (min(near) + max(near)) // 2 if near else width // 2
            self._box(stage, max(4, min(middle - 76, width - 156)), y, _MOST_WIDE)
            y += _HEIGHT + 34
        return width

    def _box(self, stage: str, x: int, y: int, width: int) -> None:
        # Nobody waits where tasks end.
        left = any(move.start == stage for move in self.moves)
        wait = self.ways.waits.get(stage, timedelta()) if left else timedelta()
        self.boxes[stage] = Box(
            stage=stage,
            name=short(visible_line(stage), max(4, int((width - 40) / _LETTER))),
            x=x,
            y=y,
            width=width,
            height=_HEIGHT,
            now=self.counts.get(stage),
            wait=_fitting(wait, width),
            address=self.of_stage(stage),
        )

    def _arrow(self, move: Move, path: str, x: int, y: int, *, back: bool = False) -> Arrow:
        most = self.moves[0].times
        lines = [f"{move.times:,}"]
        decided = next((one for one in self.ways.decisions if one.stage == move.start and back), None)
        if decided is not None:
            lines = [f"{move.times:,} sent back", f"{_share(move, decided):.1f} % of reviews"]
        weight = f"{1.2 + 2.3 * move.times / most:.1f}"
        label = f"{' '.join(lines)}, {visible_line(move.start)} to {visible_line(move.end)}"
        return Arrow(path, weight, back, tuple(lines), x, y, label, self.of_move(move))

    def _onward(self, move: Move) -> Arrow:
        start, end = self.boxes[move.start], self.boxes[move.end]
        x, y = start.x + start.width, start.y + _HEIGHT // 2
        return self._arrow(move, f"M{x} {y}H{end.x - 3}", (x + end.x) // 2 - 3, y - 9)

    def _over(self, move: Move, level: int) -> Arrow:
        start, end = self.boxes[move.start], self.boxes[move.end]
        x, to, y = start.middle + 12, end.middle - 12, start.y
        high = y - 34 * (level + 1) - 6
        return self._arrow(
            move, f"M{x} {y}C{x} {high} {to} {high} {to} {y - 3}", (x + to) // 2, y - round(0.75 * (y - high)) + 4
        )

    def _port(self, stage: str) -> int:
        """Where the next arrow meets a box's lower edge: beside those that are there."""
        box, taken = self.boxes[stage], self.ports[stage]
        self.ports[stage] += 1
        offset = (taken + 1) // 2 * 20 * (1 if taken % 2 else -1)
        return max(box.x + 8, min(box.middle + offset, box.x + box.width - 8))

    def _by_way_of_below(self) -> list[Arrow]:
        """What leads to the stages below, and from there back up."""
        arrows = []
        for stage in self.below:
            box = self.boxes[stage]
            middle = box.y + _HEIGHT // 2
            for move in (move for move in self.moves if move.end == stage and move.start in self.row):
                x, y = self._port(move.start), self.boxes[move.start].bottom
                if (into := _above(box, x)) is not None:
                    half = (y + box.y) // 2
                    path = f"M{x} {y}C{x} {half} {into} {half} {into} {box.y - 3}"
                    arrows.append(self._arrow(move, path, (x + into) // 2, half - 2, back=True))
                    continue
                side = box.x + box.width + 3 if x > box.middle else box.x - 3
                path = f"M{x} {y}C{x} {middle} {(x + side) // 2} {middle} {side} {middle}"
                arrows.append(self._arrow(move, path, x, (y + middle) // 2 - 4, back=True))
            for move in (move for move in self.moves if move.start == stage and move.end in self.row):
                x, y = self._port(move.end), self.boxes[move.end].bottom
                if (out := _above(box, x)) is not None:
                    half = (y + box.y) // 2
                    path = f"M{out} {box.y}C{out} {half} {x} {half} {x} {y + 3}"
                    arrows.append(self._arrow(move, path, (x + out) // 2, half + 4))
                    continue
                side = box.x if x < box.middle else box.x + box.width
                path = f"M{side} {middle}C{(x + side) // 2} {middle} {x} {middle} {x} {y + 3}"
                arrows.append(self._arrow(move, path, x, (y + middle) // 2 + 4))
            self.deepest = max(self.deepest, box.bottom)
        return arrows

    def _under(self, move: Move) -> Arrow:
        x, to, y = self._port(move.start), self._port(move.end), self.boxes[move.start].bottom
        self.deepest += _LEVEL
        low = y + round((self.deepest - y) / 0.75)
        path = f"M{x} {y}C{x} {low} {to} {low} {to} {y + 3}"
        return self._arrow(move, path, (x + to) // 2, self.deepest - 10, back=True)


def _above(box: Box, x: int) -> int | None:
    """Where on the box's upper edge an arrow from above meets it; None: it comes from the side."""
    if not box.x - 40 < x < box.x + box.width + 40:
        return None
    return max(box.x + 14, min(x, box.x + box.width - 14))


def _fitting(wait: timedelta, width: int) -> str:
    """A wait in as many units as the box holds; empty for none."""
    if wait < timedelta(seconds=1):
        return ""
    text = elapsed(wait)
    return text if len(f"waits {text}") * _LETTER + 16 <= width else " ".join(text.split()[:2])


def _share(move: Move, decided: Decided) -> float:
    return min(100.0, 100 * move.times / decided.all)
