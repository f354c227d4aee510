from __future__ import annotations

from collections.abc import Callable

import orjson

from audit.sources.base import SourceEvent

Tell = Callable[..., list[SourceEvent]]


def details(tell: Tell, **task: object) -> SourceEvent:
    (found,) = tell(**task)
    return found


def test_the_task_with_its_series_and_metadata_is_an_event_without_a_time(tell: Tell) -> None:
    found = details(tell, datapoint={"name": "A", "metaData": '{"site":"01"}', "seriesInfo": [{"name": "CT"}]})
    assert (found.type, found.derived, found.occurred_at, found.instant) == ("task.updated", True, None, None)
    assert orjson.loads(found.content or b"")["datapoint"]["seriesInfo"] == [{"name": "CT"}]


def test_a_task_that_is_renamed_is_a_new_version(tell: Tell) -> None:
    assert details(tell).key_fields != details(tell, datapoint={"name": "B"}).key_fields


def test_a_stage_alone_and_what_people_are_called_now_make_no_version(tell: Tell) -> None:
    maker = {"userId": "u-1", "email": "one@example.org", "givenName": "Una"}
    first = details(tell, datapoint={"name": "A", "createdByEntity": maker})
    moved = details(tell, datapoint={"name": "A", "createdByEntity": {**maker, "email": "x@y"}}, currentStageName="END")
    assert first.key_fields == moved.key_fields


def test_signatures_of_urls_are_not_kept_and_make_no_version(tell: Tell) -> None:
    def signed(signature: str) -> SourceEvent:
        url = f"https://files.example.org/ct/1.nii.gz?X-Amz-Date=1&X-Amz-Signature={signature}"
        return details(tell, datapoint={"name": "A", "items": [url]})

    first, second = signed("aaaa"), signed("bbbb")
    assert first.content == second.content
    assert b'"https://files.example.org/ct/1.nii.gz"' in (first.content or b"")
    assert first.key_fields == second.key_fields


def test_other_queries_of_urls_are_kept(tell: Tell) -> None:
    found = details(tell, datapoint={"name": "A", "items": ["https://files.example.org/ct?series=1"]})
    assert b"ct?series=1" in (found.content or b"")


def test_people_in_the_details_are_named(tell: Tell) -> None:
    maker = {"userId": "u-1", "email": "old@example.org", "givenName": "Una"}
    found = details(tell, datapoint={"name": "A", "createdByEntity": maker})
    assert {ref.email for ref in found.people} == {"one@example.org", "old@example.org"}
