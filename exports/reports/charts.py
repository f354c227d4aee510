"""Charts as inline SVG in millimetres, readable in black and white.

A page's stylesheet does not reach into an SVG: font, size and fill are attributes. The `<title>` is the text that a
screen reader says, so it states the result; the figures also stand in a table beside each chart.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from html import escape

from django.utils.safestring import SafeString, mark_safe

from exports.reports.figures import Bin, Stage, TimeSum, Transition, VisitClass
from exports.reports.rows import Row
from exports.reports.words import MONTHS, hours, plural
from exportsite.clock import active_words

WIDTH = 176.0
ACCENT = "#0e4d64"
FONT = "Plex Cond, Plex Arabic, Plex Hebrew, 'Rest'"
SERIF = "Plex Serif, Plex Arabic, Plex Hebrew, 'Rest'"
MAX_LANES = 8
MAX_BOXES = 5


class Drawing:
    """Shapes in millimetres, y down, collected into one SVG."""

    def __init__(self, height: float, title: str) -> None:
        self.height = height
        self.title = title
        self.shapes: list[str] = []

    def text(self, x: float, y: float, words: str, *, size: float = 2.4, anchor: str = "start", bold: bool = False,
             fill: str = "#000", font: str = FONT) -> None:  # fmt: skip
        """Words on a baseline."""
        self.shapes.append(
            f'<text x="{x:.2f}" y="{y:.2f}" font-family="{font}" font-size="{size}" '
            f'font-weight="{600 if bold else 400}" text-anchor="{anchor}" fill="{fill}">{escape(words)}</text>'
        )

    def line(self, x1: float, y1: float, x2: float, y2: float, *, width: float = 0.12, stroke: str = "#999") -> None:
        """A straight line."""
        self.shapes.append(
            f'<line x1="{x1:.2f}" y1="{y1:.2f}" x2="{x2:.2f}" y2="{y2:.2f}" stroke="{stroke}" stroke-width="{width}"/>'
        )

    def rect(self, x: float, y: float, width: float, height: float, *, fill: str = ACCENT, stroke: str = "") -> None:
        """A filled rectangle; with a stroke it has an outline."""
        outline = f' stroke="{stroke}" stroke-width="0.35"' if stroke else ""
        self.shapes.append(
            f'<rect x="{x:.2f}" y="{y:.2f}" width="{width:.2f}" height="{height:.2f}" fill="{fill}"{outline}/>'
        )

    def path(self, points: Sequence[tuple[float, float]], *, dashed: bool = False, width: float = 0.4) -> None:
        """A line through points."""
        dash = ' stroke-dasharray="1.4 .8"' if dashed else ""
        joined = " ".join(f"{x:.2f},{y:.2f}" for x, y in points)
        self.shapes.append(f'<polyline points="{joined}" fill="none" stroke="#000" stroke-width="{width}"{dash}/>')

    def head(self, x: float, y: float, dx: float, dy: float) -> None:
        """An arrow's head whose tip is at (x, y), pointing along (dx, dy)."""
        back, side = 2.2, 1.0
        points = [(x, y), (x - back * dx + side * dy, y - back * dy + side * dx),
                  (x - back * dx - side * dy, y - back * dy - side * dx)]  # fmt: skip
        joined = " ".join(f"{px:.2f},{py:.2f}" for px, py in points)
        self.shapes.append(f'<polygon points="{joined}" fill="#000"/>')

    def dot(self, x: float, y: float, fill: str) -> None:
        """A marked point."""
        self.shapes.append(
            f'<circle cx="{x:.2f}" cy="{y:.2f}" r="1.15" fill="{fill}" stroke="#000" stroke-width=".3"/>'
        )

    def svg(self) -> SafeString:
        """The whole drawing; every text in it is escaped."""
        return mark_safe(  # noqa: S308 - all words went through escape()
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {self.height:g}" width="{WIDTH:g}mm" '
            f'height="{self.height:g}mm" role="img"><title>{escape(self.title)}</title>{"".join(self.shapes)}</svg>'
        )


def columns(bins: Sequence[Bin], unit: str) -> SafeString:
    """Events over time: one column a day, week, month or year, with its number where there is room."""
    most = max(item.events for item in bins)
    drawing = Drawing(
        33,
        f"Events per {unit} from {bins[0].label} to {bins[-1].label}: at most {most:,}, "
        f"{plural(sum(item.events for item in bins), 'event')} in all.",
    )
    step = WIDTH / len(bins)
    every = max(1, -(-len(bins) * 12 // 176))
    drawing.line(0, 25, WIDTH, 25, stroke="#000", width=0.25)
    for at, item in enumerate(bins):
        height = 19 * item.events / most
        middle = (at + 0.5) * step
        if item.events:
            drawing.rect(middle - min(step * 0.36, 8), 25 - height, min(step * 0.72, 16), height)
            if step >= 5:
                drawing.text(middle, 24.2 - height, f"{item.events:,}", size=2.3, anchor="middle")
        if at % every == 0:
            drawing.text(middle, 28.4, item.label, size=2.3, anchor="middle")
    return drawing.svg()


def hours_by(sums: Sequence[TimeSum], what: str) -> SafeString:
    """Active hours, one bar a person or stage, longest first."""
    label_width, most = 44.0, max(item.milliseconds for item in sums) or 1
    drawing = Drawing(
        len(sums) * 5 + 2,
        f"Active time by {what}: "
        + "; ".join(f"{item.label or 'not recorded'} {active_words(item.milliseconds)}" for item in sums),
    )
    for at, item in enumerate(sums):
        y = at * 5 + 1
        width = (WIDTH - label_width - 24) * item.milliseconds / most
        drawing.text(label_width - 1.6, y + 2.8, _fit(item.label or "not recorded", 30), size=2.6, anchor="end")
        drawing.rect(label_width, y, max(width, 0.2), 3.8)
        drawing.text(label_width + width + 1.4, y + 2.8, active_words(item.milliseconds), size=2.5)
    drawing.line(label_width, 0, label_width, drawing.height - 1, stroke="#000", width=0.25)
    return drawing.svg()


def boxes(classes: Sequence[VisitClass]) -> SafeString:
    """Seconds of visits by class: median, middle half, 5th to 95th percentile, on a scale of logarithms."""
    left, right = 44.0, WIDTH - 22
    low = max(min(item.quantiles[0] for item in classes), 1)
    high = max(*(item.quantiles[4] for item in classes), low * 10)
    drawing = Drawing(
        len(classes) * 5.6 + 6,
        "Seconds per visit, median: " + "; ".join(f"{item.label} {item.quantiles[2]:,}" for item in classes),
    )

    def x_of(seconds: int) -> float:
        share = math.log(max(seconds, low) / low) / math.log(high / low)
        return left + (right - left) * share

    bottom = len(classes) * 5.6 + 1
    for tick in _powers(low, high):
        drawing.line(x_of(tick), 0.4, x_of(tick), bottom)
        drawing.text(x_of(tick), bottom + 3.2, f"{tick:,} s", anchor="middle")
    for at, item in enumerate(classes):
        y = at * 5.6 + 3.4
        five, quarter, half, three, most = (x_of(value) for value in item.quantiles)
        drawing.text(left - 1.6, y + 0.9, _fit(f"{item.label}, n = {item.visits:,}", 32), size=2.6, anchor="end")
        drawing.line(five, y, most, y, stroke="#000", width=0.25)
        for end in (five, most):
            drawing.line(end, y - 1, end, y + 1, stroke="#000", width=0.25)
        drawing.rect(quarter, y - 1.7, max(three - quarter, 0.3), 3.4, fill="#fff", stroke="#000")
        drawing.rect(half - 0.45, y - 1.7, 0.9, 3.4)
        drawing.text(most + 1.2, y + 0.9, f"{item.quantiles[2]:,} s", size=2.5, bold=True)
    return drawing.svg()


def _powers(low: float, high: float) -> list[int]:
    """1, 2, 5, 10, 20, … within the bounds; every third where that is many."""
    ticks = [factor * 10**power for power in range(9) for factor in (1, 2, 5)]
    inside = [tick for tick in ticks if low <= tick <= high]
    return inside if len(inside) <= 9 else [tick for tick in inside if str(tick)[0] == "1"]


def whiskers(rate: float, interval: tuple[float, float]) -> SafeString:
    """A rate and its 95 % interval in 30 by 3 mm; the scale is 0 to 100 %."""
    low, high = interval
    words = f"{100 * rate:.0f} %, 95 % interval {100 * low:.0f} to {100 * high:.0f} %"
    start, width = 1.0, 28.0
    return mark_safe(  # noqa: S308 - figures only
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 30 3" width="30mm" height="3mm" role="img">'
        f"<title>{words}</title>"
        f'<line x1="{start}" y1="1.5" x2="{start + width}" y2="1.5" stroke="#bbb" stroke-width=".12"/>'
        f'<line x1="{start + width * low:.2f}" y1="1.5" x2="{start + width * high:.2f}" y2="1.5" '
        f'stroke="#000" stroke-width=".4"/>'
        f'<circle cx="{start + width * rate:.2f}" cy="1.5" r="1" fill="{ACCENT}"/></svg>'
    )


def lanes(stages: Sequence[str], rows: Sequence[Row]) -> SafeString | None:
    """A task's way through its stages over time, a dot for each event; None when there is no such way to show.

    `rows` are by time. Reviews are white dots, what else people did are filled ones.
    """
    shown = [row for row in rows if row.stage in stages and not row.late and not row.derived]
    points = [(row.occurred, row) for row in shown if row.occurred is not None]
    if not points or not 1 <= len(stages) <= MAX_LANES:
        return None
    start, end = points[0][0], max(moment for moment, _ in points)
    span = (end - start).total_seconds() or 1.0
    lane = {name: 4.5 + 6.5 * at for at, name in enumerate(stages)}
    bottom = max(lane.values()) + 3.5
    path_words = " to ".join(dict.fromkeys(name for _, row in points for name in (row.stage, row.to_stage) if name))
    drawing = Drawing(
        bottom + 7,
        f"Way through the stages from {_tick(start, span)} to {_tick(end, span)}: {path_words}; "
        f"{plural(len(points), 'event')}.",
    )
    left, right = 30.0, WIDTH - 4

    def x_of(moment: datetime) -> float:
        return left + (right - left) * (moment - start).total_seconds() / span

    for name, y in lane.items():
        drawing.text(left - 4, y + 0.9, _fit(name, 20), size=2.6, anchor="end")
        drawing.line(left - 2, y, WIDTH, y)
    for part in range(5):
        moment = start + timedelta(seconds=span * part / 4)
        drawing.line(x_of(moment), 1.5, x_of(moment), bottom, stroke="#bbb", width=0.1)
        anchor = "start" if part == 0 else "end" if part == 4 else "middle"
        drawing.text(x_of(moment), bottom + 3.2, _tick(moment, span), anchor=anchor)
    track: list[tuple[float, float]] = []
    for moment, row in points:
        x, y = x_of(moment), lane[row.stage or ""]
        for height in (y, lane.get(row.to_stage or "", y)):
            if track and track[-1][1] != height:
                track.append((x, track[-1][1]))
            track.append((x, height))
    drawing.path(track)
    for moment, row in points:
        drawing.dot(x_of(moment), lane[row.stage or ""], "#fff" if row.event.startswith("review.") else ACCENT)
    return drawing.svg()


def flow(stages: Sequence[Stage], transitions: Sequence[Transition]) -> SafeString | None:
    """Stages as boxes in their order, transitions as arrows; None when there are too few stages or too many."""
    if not 2 <= len(stages) <= MAX_BOXES:
        return None
    gap = (WIDTH - 0.4) / (len(stages) + 0.72 * (len(stages) - 1)) * 0.72
    width = (WIDTH - 0.4 - gap * (len(stages) - 1)) / len(stages)
    place = {stage.name: at for at, stage in enumerate(stages)}
    known = [item for item in transitions if item.start in place and item.end in place]
    onward = [item for item in known if place[item.end] == place[item.start] + 1]
    above = sorted((item for item in known if place[item.end] > place[item.start] + 1), key=_long)[:3]
    below = sorted((item for item in known if place[item.end] < place[item.start]), key=_long)[:3]
    top = 3.0 + 6.5 * len(above)
    words = "; ".join(f"{item.start} to {item.end} {plural(item.times, 'time')}" for item in known)
    drawing = Drawing(top + 27 + 7 * len(below), f"Stages and transitions. {words or 'No transition was recorded'}.")

    def left(name: str) -> float:
        return 0.2 + place[name] * (width + gap)

    for stage in stages:
        x = left(stage.name)
        drawing.rect(x, top, width, 25, fill="#fff", stroke="#000")
        drawing.rect(x, top, width, 1.1)
        fits = int(width / 1.95)
        drawing.text(x + 2.2, top + 6.3, _fit(stage.name, fits), size=3.9, font=SERIF)
        drawing.text(x + 2.2, top + 11, f"{plural(stage.tasks_now, 'task')} here now", size=2.75, bold=True)
        drawing.text(x + 2.2, top + 15, plural(stage.events, "event"), size=2.65)
        drawing.text(x + 2.2, top + 18.8, f"by {plural(stage.people, 'person', 'people')}", size=2.65)
        if stage.active_ms is not None:
            drawing.text(x + 2.2, top + 22.6, f"{hours(stage.active_ms)} h active", size=2.65)
    for item in onward:
        x1, x2, y = left(item.start) + width, left(item.end), top + 9
        drawing.line(x1, y, x2 - 2, y, stroke="#000", width=0.8)
        drawing.head(x2, y, 1, 0)
        drawing.text((x1 + x2) / 2, y - 1.7, f"{item.times:,} ×", size=2.75, anchor="middle", bold=True)
    for level, item in enumerate(above):
        y = top - 4 - 6.5 * level
        _around(drawing, left(item.start) + width / 2 + level, left(item.end) + width / 2 - level, top, y, item)
    for level, item in enumerate(below):
        y = top + 25 + 5 + 7 * level
        _around(drawing, left(item.start) + width / 2 + level, left(item.end) + width / 2 - level, top + 25, y, item)
    return drawing.svg()


def _around(drawing: Drawing, x1: float, x2: float, edge: float, y: float, item: Transition) -> None:
    """An arrow over or under the boxes, from x1 to x2, at height `y`; dashed when it leads back."""
    down = 1 if y < edge else -1
    drawing.path([(x1, edge), (x1, y), (x2, y), (x2, edge - 2 * down)], dashed=x2 < x1, width=0.35)
    drawing.head(x2, edge, 0, down)
    drawing.text(
        (x1 + x2) / 2, y - 1.2, f"{item.times:,} × {item.start} to {item.end}", size=2.75, anchor="middle", bold=True
    )


def _long(item: Transition) -> tuple[int, str, str]:
    return -item.times, item.start, item.end


def _tick(moment: datetime, span: float) -> str:
    """An instant as exactly as a span of so many seconds asks for, in UTC."""
    date = f"{moment.day} {MONTHS[moment.month - 1][:3]}"
    if span < 2 * 86_400:
        return f"{date} {moment:%H:%M}"
    return date if span < 300 * 86_400 else f"{date} {moment.year}"


def _fit(text: str, characters: int) -> str:
    return text if len(text) <= characters else text[: max(characters - 1, 1)] + "…"
