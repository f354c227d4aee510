"""The chart of active time: bars as long as the time that was counted, pauses folded, the scale kept."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

from audit.lanes import MOST_LANES, Sitting, chart

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def sitting(end: float, minutes: float, person: str = "Amara", cycle: int | None = 1) -> Sitting:
    """Ended `end` hours after noon, counted `minutes`."""
    return Sitting(("Label", person, cycle), NOON + timedelta(hours=end), int(minutes * 60_000), 7)


def number(percent: str) -> float:
    return float(percent.rstrip("%"))


def test_nothing_counted_is_no_chart() -> None:
    assert chart([]) is None
    assert chart([sitting(0, 0)]) is None


def test_bars_are_as_long_as_their_time_also_across_a_fold() -> None:
    drawn = chart([sitting(0, 30), sitting(100, 60)])
    assert drawn is not None
    short, long = (number(bar.width) for bar in drawn.lanes[0].bars)
    assert abs(long - 2 * short) < 0.05
    assert len(drawn.folds) == 1


def test_a_pause_of_two_hours_is_not_folded() -> None:
    drawn = chart([sitting(0, 30), sitting(2, 10)])
    assert drawn is not None
    assert drawn.folds == []


def test_stage_person_and_cycle_make_a_lane_with_their_sum() -> None:
    drawn = chart([sitting(0, 10), sitting(1, 20), sitting(2, 5, cycle=2), sitting(3, 5, "Mei")])
    assert drawn is not None
    assert [(lane.person, lane.cycle, lane.milliseconds, lane.hatched) for lane in drawn.lanes] == [
        ("Amara", 1, 1_800_000, False),
        ("Amara", 2, 300_000, True),
        ("Mei", 1, 300_000, False),
    ]


def test_everything_lies_on_the_axis() -> None:
    drawn = chart([sitting(37.5 * n, 1 + n * 13) for n in range(40)])
    assert drawn is not None
    places = [number(bar.end) for bar in drawn.lanes[0].bars]
    places += [number(x) for x in drawn.lines] + [number(label.x) for label in drawn.labels]
    places += [number(x) + number(width) for x, width in drawn.folds]
    assert all(0 <= place <= 100 for place in places)
    assert places[: len(drawn.lanes[0].bars)] == sorted(places[: len(drawn.lanes[0].bars)])


def test_labels_do_not_run_into_each_other() -> None:
    drawn = chart([sitting(30 * n, 20) for n in range(25)])
    assert drawn is not None
    starts = [number(label.x) for label in drawn.labels if "end" not in label.kind]
    assert all(later - earlier >= 8.99 for earlier, later in itertools.pairwise(starts))
    kept = [number(label.x) for label in drawn.labels if "opt" not in label.kind]
    assert all(later - earlier >= 33.99 for earlier, later in itertools.pairwise(kept))


def test_a_sitting_of_a_second_is_still_seen() -> None:
    drawn = chart([sitting(0, 600), sitting(1, 1 / 60, "Mei")])
    assert drawn is not None
    assert number(drawn.lanes[1].bars[0].width) > 0.2


def test_too_many_lanes_are_counted_instead_of_drawn() -> None:
    drawn = chart([sitting(n, 5, f"P{n}") for n in range(MOST_LANES + 3)])
    assert drawn is not None
    assert (len(drawn.lanes), drawn.left_out) == (MOST_LANES, 3)
