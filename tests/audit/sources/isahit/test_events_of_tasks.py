"""What is concluded from the times, the data, the status and the jobs of a task."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest

from audit.sources.base import PersonRef, SourceEvent
from audit.sources.isahit.label import label_details, write_picture
from audit.sources.isahit.reading import IsahitReading
from tests.fakes.isahit_story import ANN, BEN, MASK, PNG, box, data, job

Tell = Callable[..., list[SourceEvent]]
AT = "2026-02-01T11:00:00.000Z"


def types(events: list[SourceEvent], *kinds: str) -> list[str]:
    """Types of the events that an empty log would keep, of these kinds of sources."""
    kept = [opening for event in events if (opening := event.opening()) is not None]
    return [event.type for event in kept if not kinds or event.source_type.startswith(kinds)]


def test_a_task_with_nothing_has_details_alone(tell: Tell) -> None:
    assert types(tell()) == ["task.updated"]


def test_creation_and_data_make_a_trail(tell: Tell) -> None:
    found = tell(createdAt="2026-02-01T10:00:00Z", status="complete", data=data(AT, ANN, box(0.1, 0.1)))
    assert types(found) == ["task.created", "task.submitted", "label.created", "activity.recorded", "task.updated"]
    submitted = found[1]
    assert submitted.actor == PersonRef("u-ann", "ann@example.org", "Ann Marie Lee")
    assert (submitted.stage, submitted.cycle, submitted.instant) == (
        "annotation",
        1,
        datetime(2026, 2, 1, 11, tzinfo=UTC),
    )


def test_a_review_is_accepted(tell: Tell) -> None:
    found = tell(status="reviewed", data=data(AT, BEN, type_="review"))
    assert types(found)[:2] == ["review.accepted", "label.created"]
    assert label_details(found[1].content or b"").kind == "REVIEW"


@pytest.mark.parametrize(
    ("status", "type_"),
    [
        ("complete", "task.submitted"),
        ("reviewed", "review.accepted"),
        ("to-review", "task.moved"),
        ("archived", "activity.recorded"),
    ],
)
def test_a_status_that_nothing_else_tells_is_an_event(tell: Tell, status: str, type_: str) -> None:
    assert types(tell(status=status), "STATUS_") == [type_]


@pytest.mark.parametrize("status", ["pending", "configuring"])
def test_that_a_task_is_new_is_no_event_of_its_own(tell: Tell, status: str) -> None:
    assert types(tell(status=status), "STATUS_") == []


def test_jobs_tell_who_did_what_and_the_data_does_not_say_it_again(tell: Tell) -> None:
    jobs = [job("j1", "annotation", AT, ANN), job("j2", "review", "2026-02-01T12:00:00Z", BEN)]
    found = tell(status="reviewed", data=data("2026-02-01T12:00:00Z", BEN, type_="review"), jobs=jobs)
    assert types(found, "JOB_COMPLETED", "DATA_") == ["task.submitted", "review.accepted"]


def test_the_history_of_a_job_and_its_state_are_one_event(tell: Tell) -> None:
    history = [{"action": "completed", "date": AT, "user": ANN}]
    found = tell(jobs=[job("j1", "annotation", AT, ANN, history)])
    assert types(found, "HISTORY_", "JOB_COMPLETED") == ["task.submitted"]
    assert not found[0].derived, "an entry of the history is the platform's own record"


@pytest.mark.parametrize(
    ("entry", "type_"),
    [
        ({"action": "jobStarted", "at": AT}, "task.started"),
        ({"event": "TO_REVIEW", "at": AT}, "task.moved"),
        ({"status": "rejected", "at": AT}, "review.rejected"),
        ({"type": "skip", "createdAt": AT}, "task.skipped"),
        ({"type": "unheard-of", "createdAt": AT}, "activity.recorded"),
        ({"date": AT}, "activity.recorded"),
        ({"state": {"completedAt": AT, "completedBy": ANN}}, "task.submitted"),
        ({}, "activity.recorded"),
    ],
)
def test_words_of_the_history_are_understood(tell: Tell, entry: Any, type_: str) -> None:
    assert types(tell(jobs=[job("j1", "annotation", None, None, [entry])]), "HISTORY") == [type_]


def test_equal_entries_of_a_history_are_told_apart(tell: Tell) -> None:
    entry = {"action": "saved", "date": AT}
    found = [event for event in tell(jobs=[job("j", "annotation", None, None, [entry, entry])]) if event.source_key]
    assert len({event.source_key for event in found}) == 2


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2026-02-01T11:00:00", datetime(2026, 2, 1, 11, tzinfo=UTC)),
        ("2026-02-01T11:00:00+05:30", datetime(2026, 2, 1, 5, 30, tzinfo=UTC)),
        ("2999-01-01T00:00:00Z", datetime(2999, 1, 1, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("last week", None),
        (17, None),
    ],
)
def test_times_are_read_or_left_in_the_payload(tell: Tell, written: Any, instant: datetime | None) -> None:
    (label,) = (event for event in tell(data=data(written, ANN)) if event.type == "label.updated")
    assert label.instant == instant
    assert label.occurred_at == (written if instant else None)


@pytest.mark.parametrize(
    ("user", "who"),
    [
        (None, None),
        ({}, None),
        ({"email": "x@example.org"}, PersonRef("x@example.org", "x@example.org")),
        ({"name": "X"}, PersonRef("X", None, "X")),
        ("u-7", PersonRef("u-7")),
        ("x@example.org", PersonRef("x@example.org", "x@example.org")),
        ({"_id": "7", "firstName": "Ex", "lastName": "Why"}, PersonRef("7")),
    ],
)
def test_people_are_known_by_id_address_or_name(tell: Tell, user: Any, who: PersonRef | None) -> None:
    (label,) = (event for event in tell(data=data(AT, user)) if event.type == "label.updated")
    assert label.actor == who


def test_first_and_last_names_are_somebodys(tell: Tell) -> None:
    (label,) = (event for event in tell(data=data(AT, BEN)) if event.type == "label.updated")
    assert [ref.name for ref in label.people] == ["Ben", "Ode", "Ben Ode"], "called by the last one"
    assert {ref.external_id for ref in label.people} == {"u-ben"}


def test_a_mask_is_a_file_of_its_label(tell: Tell) -> None:
    (label,) = (event for event in tell(data=data(AT, ANN, mask=MASK)) if event.type == "label.updated")
    (ref,) = label.files
    assert (ref.name, ref.media) == ("mask-1", False)
    assert label.content is not None
    assert b'"file:mask-1"' in label.content
    assert b"base64" not in label.content
    kept = io.BytesIO()
    write_picture(ref, kept)
    assert kept.getvalue() == PNG


def test_a_mask_that_is_no_base64_stays_where_it_is(tell: Tell) -> None:
    broken = "data:image/png;base64,abc"
    (label,) = (event for event in tell(data=data(AT, ANN, mask=broken)) if event.type == "label.updated")
    assert label.files == ()
    assert broken.encode() in (label.content or b"")


def test_another_mask_is_another_version(tell: Tell) -> None:
    def state(mask: str) -> str:
        (label,) = (event for event in tell(data=data(AT, ANN, mask=mask)) if event.type == "label.updated")
        assert label.version is not None
        return label.version.state

    assert state(MASK) == state(MASK) != state("data:image/png;base64,AAAA")


def test_payloads_read_back(tell: Tell) -> None:
    found = tell(data=data(AT, ANN, box(0.1, 0.1)))
    reading = IsahitReading()
    by_type = {event.type: event.content or b"" for event in found}
    assert reading.task_details(by_type["task.updated"]).name == "a.jpg"
    details = reading.label_details(by_type["label.updated"])
    assert (details.external_id, details.kind, details.step) == ("t1", "DEFAULT", "annotation")
    assert details.created_at == datetime(2026, 2, 1, 11, tzinfo=UTC)
    with pytest.raises(ValueError, match="no task or no data"):
        reading.label_details(b"{}")
    with pytest.raises(ValueError, match="no active time"):
        reading.active_span(b"{}")


def test_a_history_of_many_entries_keeps_each_of_them(tell: Tell) -> None:
    at = (f"2026-02-01T{n // 3600 % 24:02}:{n // 60 % 60:02}:{n % 60:02}.{n // 86400:03}Z" for n in range(20_000))
    history = [{"action": "saved", "date": written, "user": "u-ann"} for written in at]
    found = [event for event in tell(jobs=[job("j", "annotation", None, None, history)]) if event.source_key]
    assert len({event.source_key for event in found}) == 20_000
    assert all(before.instant <= after.instant for before, after in pairwise(found) if before.instant and after.instant)
