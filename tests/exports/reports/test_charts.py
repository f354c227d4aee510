"""Charts say in words what they show, and never break on odd data."""

from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree

from exports.reports import charts
from exports.reports.bins import MAX_BINS, bins_of
from exports.reports.figures import Bin, Stage, TimeSum, Transition
from tests.exports.reports.conftest import START, make_row

NAMESPACE = "{http://www.w3.org/2000/svg}"


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def title(svg: str) -> str:
    return parsed(svg).findtext(f"{NAMESPACE}title") or ""


def test_a_flow_names_every_transition():
    stages = [Stage("Label", 1, 2, 1, None), Stage("Review <1>", 0, 2, 1, 1000), Stage("Done", 3, 0, 0, None)]
    moves = [Transition("Label", "Review <1>", 4), Transition("Review <1>", "Label", 1), Transition("Label", "Done", 2)]
    svg = charts.flow(stages, moves)
    assert svg is not None
    assert "Label to Review <1> 4 times" in title(svg)
    assert "Label to Done 2 times" in title(svg)


def test_one_stage_or_too_many_make_no_flow():
    assert charts.flow([Stage("Label", 1, 1, 1, None)], []) is None
    assert charts.flow([Stage(str(n), 1, 1, 1, None) for n in range(6)], []) is None


def test_lanes_end_where_the_last_event_led():
    rows = [make_row(1), make_row(2, stage="Review", to_stage="Done", event="review.accepted")]
    svg = charts.lanes(["Label", "Review", "Done"], rows)
    assert svg is not None
    assert title(svg).endswith("Label to Review to Done; 2 events.")
    track = parsed(svg).find(f"{NAMESPACE}polyline")
    assert track is not None
    assert track.get("points", "").split()[-1].endswith(",17.50")


def test_a_task_without_stages_or_times_has_no_lanes():
    assert charts.lanes([], [make_row(1, stage=None)]) is None
    assert charts.lanes(["Label"], [make_row(1, occurred=None)]) is None


def test_a_single_instant_does_not_divide_by_nothing():
    assert charts.lanes(["Label"], [make_row(1, occurred=START)]) is not None
    assert charts.hours_by([TimeSum(None, 0, 1)], "person")
    assert "at most 3" in title(charts.columns([Bin("2 Mar", 3), Bin("3 Mar", 0)], "day"))


def test_bins_are_the_finest_that_fit():
    day = date(2026, 3, 4).toordinal()
    assert bins_of({day: 1, day + 2: 5}) == ("day", (Bin("4 Mar", 1), Bin("5 Mar", 0), Bin("6 Mar", 5)))
    unit, weeks = bins_of({day: 1, day + 60: 2})
    assert (unit, weeks[0], sum(item.events for item in weeks)) == ("week", Bin("2 Mar", 1), 3)
    assert bins_of({day: 1, day + 700: 1})[0] == "month"
    unit, years = bins_of({1: 1, date.max.toordinal(): 1})
    assert (unit, len(years), years[0].events, years[-1].events) == ("year", 9999, 1, 1)
    assert bins_of({}) == ("day", ())


def test_bins_lose_no_event():
    start = date(2024, 12, 25).toordinal()
    for span in (1, 20, 40, 200, 400, 1200, 20_000):
        days = {start + k * span // 10: k + 1 for k in range(11)}
        unit, bins = bins_of(days)
        assert sum(item.events for item in bins) == sum(days.values()), (span, unit)
        assert len(bins) <= MAX_BINS or unit == "year"


def test_ticks_are_as_exact_as_their_span():
    start = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    near = charts.lanes(["Label"], [make_row(1, occurred=start), make_row(2, occurred=start + timedelta(hours=3))])
    far = charts.lanes(["Label"], [make_row(1, occurred=start), make_row(2, occurred=start + timedelta(days=900))])
    assert "2 Mar 08:00" in str(near)
    assert "2 Mar 2026" in str(far)
