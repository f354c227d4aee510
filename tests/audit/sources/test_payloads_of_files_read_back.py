from __future__ import annotations

from datetime import UTC, datetime

import pytest

from audit.sources.base import ActiveSpan, ProjectDetails, TaskDetails
from audit.sources.files import FilesReading

reading = FilesReading()


def test_the_name_of_a_task_is_read_from_what_was_concluded() -> None:
    assert reading.task_details(b'{"name":"CT 1"}') == TaskDetails("CT 1")
    assert reading.task_details(b'{"trace":[["string","concept:name","1"]]}') == TaskDetails(None)


@pytest.mark.parametrize(
    "row",
    [
        b'{"task":"1","event":"task.created","name":"not a task\'s"}',
        b'{"event":[["string","name","x"]]}',
        b'{"name":"\\ud800"}',
        b'{"name":7}',
        b"[]",
    ],
)
def test_a_row_of_the_file_does_not_name_its_task(row: bytes) -> None:
    assert reading.task_details(row) == TaskDetails(None)


def test_active_time_is_read_with_its_ends() -> None:
    span = reading.active_span(
        b'{"milliseconds":8000,"started_at":"2024-01-01T01:00:00+01:00","ended_at":"2024-01-01T00:00:08Z","rule":"x"}'
    )
    assert span == ActiveSpan(8000, datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, 0, 0, 8, tzinfo=UTC))
    assert reading.active_span(b'{"milliseconds":1,"started_at":null}') == ActiveSpan(1)


@pytest.mark.parametrize("content", [b"{}", b'{"milliseconds":"8"}', b"no json"])
def test_a_payload_without_milliseconds_is_no_active_time(content: bytes) -> None:
    with pytest.raises(ValueError, match="has no milliseconds"):
        reading.active_span(content)


def test_name_and_zone_of_a_project_are_read() -> None:
    assert reading.project_details(b'{"name":"Lungs","zone":"Asia/Tokyo","log":[]}') == ProjectDetails(
        name="Lungs", zone="Asia/Tokyo"
    )
    assert reading.project_details(b'{"name":"Lungs","zone":null,"log":[]}').zone is None


def test_a_time_means_what_it_meant_when_it_was_loaded() -> None:
    assert reading.instant("2024-07-01 12:00", "Europe/Paris") == datetime(2024, 7, 1, 10, tzinfo=UTC)
    assert reading.instant("2024-07-01T12:00Z", "") == datetime(2024, 7, 1, 12, tzinfo=UTC)
