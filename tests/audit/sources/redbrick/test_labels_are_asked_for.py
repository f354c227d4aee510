"""Older labels and files over the wire: each asked for by its id or path, whole or not at all."""

from __future__ import annotations

import base64
import gzip
import io
import json
import struct
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from audit.annotations import Box, Ellipse, Landmark, Marker, Measurement, Polygon, Polyline, VolumeMask
from audit.demo.redbrick import Clock, FakeRedBrick, World
from audit.demo.redbrick.body import SHAPE
from audit.demo.redbrick.scripts import AGREEMENT, ORG
from audit.sources.base import FileRef, SourceError, SourceEvent, TaskHistory
from audit.sources.redbrick import RedBrickClient, RedBrickSource
from audit.sources.redbrick.neutral import RedBrickNeutral
from audit.sources.web import Conditions
from tests.audit.sources.redbrick.conftest import raw

NEUTRAL = RedBrickNeutral()


@pytest.fixture
def world() -> World:
    return World(20, Clock(), labels=True)


@pytest.fixture
def images(fake: FakeRedBrick, slept: list[float]) -> Iterator[RedBrickSource]:
    """The second invented project: images, each read by two people."""
    how = Conditions(allow_hosts=["127.0.0.1"], sleep=slept.append)
    found = RedBrickSource(RedBrickClient(fake.url, fake.world.key, ORG, AGREEMENT.id, how))
    yield found
    found.close()


def histories(source: RedBrickSource) -> list[TaskHistory]:
    return [history for page in source.task_pages() for history in page.histories]


def told(history: TaskHistory) -> dict[str, SourceEvent]:
    """The labels that a history tells, by id."""
    things = ((event, event.version.thing) for event in history.events if event.version is not None)
    return {thing.removeprefix("label/"): event for event, thing in things if thing.startswith("label/")}


def mask(source: RedBrickSource) -> FileRef:
    """A mask of the first project."""
    return next(ref for history in histories(source) for event in told(history).values() for ref in event.files)


def file(source: RedBrickSource, ref: FileRef) -> bytes:
    into = io.BytesIO()
    source.file(ref, into)
    return into.getvalue()


def test_all_labels_that_a_history_names_are_there(source: RedBrickSource) -> None:
    asked = 0
    for history in histories(source):
        assert history.labels is not None
        for id_ in history.labels - set(told(history)):
            event = source.label(history.task, id_)
            assert event is not None and event.version is not None  # noqa: PT018 - for the type checker
            assert (event.task, event.version.thing) == (history.task, f"label/{id_}")
            assert event.stage in ("Label", "Review_1", "Review_2", "Input")
            asked += 1
    assert asked > 5


def test_a_label_says_the_same_told_with_its_task_or_asked_for_alone(source: RedBrickSource) -> None:
    for history in histories(source):
        for id_, event in told(history).items():
            assert source.label(history.task, id_) == event


def test_it_says_the_same_when_its_task_has_to_be_asked_for_first(
    source: RedBrickSource, images: RedBrickSource
) -> None:
    history = next(one for one in histories(images) if one.labels and len(one.labels) > 1)
    older = sorted((history.labels or frozenset()) - set(told(history)))[0]
    first = images.label(history.task, older)
    images._told.clear()
    assert images.label(history.task, older) == first
    assert b'"CONSENSUS"' in ((first and first.content) or b"")


def test_what_is_remembered_of_tasks_stays_small(source: RedBrickSource, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.sources.redbrick.live.REMEMBERED", 3)
    asked = histories(source)
    assert set(source._told) == {history.task for history in asked[-3:]}


def test_a_label_that_is_not_there_is_none(source: RedBrickSource) -> None:
    assert source.label(histories(source)[0].task, "d-unknown") is None


@pytest.mark.parametrize("words", ["Task data not found", "No such label: d-1", "TaskData d-1 does not exist"])
def test_a_server_may_say_so_in_words(source: RedBrickSource, fake: FakeRedBrick, words: str) -> None:
    fake.fail("taskDataSDK", errors=[{"message": words}])
    assert source.label("t", "d-1") is None


@pytest.mark.parametrize("words", ["Internal server error", "d-1: database connection lost"])
def test_other_errors_are_errors(source: RedBrickSource, fake: FakeRedBrick, words: str) -> None:
    fake.fail("taskDataSDK", errors=[{"message": words}])
    with pytest.raises(SourceError, match="failed to tell the label d-1 of task t"):
        source.label("t", "d-1")


@pytest.mark.parametrize("sent", [{"tdId": "d-2"}, {"tdId": None}, {}])
def test_another_label_than_was_asked_for_is_refused(source: RedBrickSource, fake: FakeRedBrick, sent: Any) -> None:
    fake.fail("taskDataSDK", data={"taskData": sent})
    with pytest.raises(SourceError, match="asked for the label d-1 and sent another one"):
        source.label(histories(source)[0].task, "d-1")


# Files


def test_a_mask_is_a_volume_whose_values_are_the_labels(source: RedBrickSource) -> None:
    project = next(event for event in source.project_events() if event.type == "project.updated")
    ontology = NEUTRAL.ontology(project.content or b"")
    seen = set()
    for history in histories(source):
        for event in told(history).values():
            kept = {ref.name: file(source, ref) for ref in event.files}
            found = NEUTRAL.annotations(
                event.content or b"", history.events[-1].content or b"", ontology, kept.__getitem__
            )
            assert found.problems == ()
            for one in found.annotations:
                seen.add(type(one).__name__)
                if isinstance(one, VolumeMask):
                    data = gzip.decompress(kept[one.file])
                    assert struct.unpack_from("<3h", data, 42) == SHAPE
                    assert len(data) == 352 + SHAPE[0] * SHAPE[1] * SHAPE[2]
                    assert set(data[352:]) & {one.value, *one.group}
                    seen.add("overlap" if one.group else "alone")
    assert {kind.__name__ for kind in (VolumeMask, Measurement, Landmark)} | {"overlap", "alone"} <= seen


def test_images_have_every_other_kind(images: RedBrickSource) -> None:
    project = next(event for event in images.project_events() if event.type == "project.updated")
    ontology = NEUTRAL.ontology(project.content or b"")
    seen = set()
    for history in histories(images):
        assert [one.kind for one in NEUTRAL.media(history.events[-1].content or b"")] == ["image"]
        for event in told(history).values():
            kept = {ref.name: file(images, ref) for ref in event.files}
            found = NEUTRAL.annotations(
                event.content or b"", history.events[-1].content or b"", ontology, kept.__getitem__
            )
            assert found.problems == ()
            seen |= {type(one) for one in found.annotations}
    assert {Box, Polygon, Polyline, Marker, Ellipse} <= seen


def test_the_same_file_is_the_same_bytes(source: RedBrickSource) -> None:
    ref = mask(source)
    assert file(source, ref) == file(source, ref)


def test_its_address_is_asked_for_each_time_and_the_key_is_not_needed_there(
    source: RedBrickSource, fake: FakeRedBrick
) -> None:
    ref = mask(source)
    file(source, ref)
    asked = dict(fake.requests)
    assert asked["presignItemsSDK"]["items"] == [ref.name]
    assert asked["presignItemsSDK"]["storageId"] == json.loads(ref.where)[0]
    assert asked["file"] == {"path": ref.name}


@pytest.mark.parametrize("fault", [{"status": 500}, {"status": 429, "headers": {"Retry-After": "1"}}, {"drop": True}])
@pytest.mark.parametrize("operation", ["presignItemsSDK", "^file$"])
def test_a_passing_fault_is_overcome(
    source: RedBrickSource, fake: FakeRedBrick, operation: str, fault: dict[str, Any]
) -> None:
    ref = mask(source)
    whole = file(source, ref)
    fake.fail(operation, times=2, **fault)
    assert file(source, ref) == whole


@pytest.mark.parametrize("fault", [{"truncate": True}, {"length": 10_000_000}], ids=["truncated", "too long a length"])
def test_an_answer_that_breaks_off_is_asked_for_again(
    source: RedBrickSource, fake: FakeRedBrick, fault: dict[str, Any]
) -> None:
    ref = mask(source)
    whole = file(source, ref)
    fake.fail("^file$", times=1, **fault)
    assert file(source, ref) == whole


WRONG = [
    ("^file$", {"status": 404}, "missing", "answered 404"),
    ("^file$", {"status": 403}, "refused", "answered 403"),
    ("^file$", {"truncate": True}, "unavailable", "after 5 attempts"),
    ("^file$", {"length": 10_000_000}, "unavailable", "after 5 attempts"),
    ("^file$", {"drop": True}, "unavailable", "after 5 attempts"),
    ("^file$", {"length": 100}, "answer", "it ends in the middle"),
    ("^file$", {"body": b""}, "answer", "it is empty"),
    ("^file$", {"body": gzip.compress(b"volume" * 100)[:-3] + b"xyz"}, "answer", "can't be unpacked"),
    ("^file$", {"body": b'[{"classid": 1}, {"cla'}, "answer", "no list of labels in JSON"),
    ("presignItemsSDK", {"data": {"presignItems": [None]}}, "missing", "gave no address"),
    ("presignItemsSDK", {"data": {"presignItems": []}}, "missing", "gave no address"),
    ("presignItemsSDK", {"data": {"presignItems": None}}, "answer", "makes no sense"),
    ("presignItemsSDK", {"errors": [{"message": "storage is gone"}]}, "refused", "storage is gone"),
    ("presignItemsSDK", {"data": {"presignItems": ["http://10.0.0.1/a.nii.gz"]}}, "address", "10.0.0.1"),
]


@pytest.mark.parametrize(("operation", "fault", "code", "words"), WRONG)
def test_a_file_that_does_not_come_whole_is_an_error_that_names_task_and_series(
    source: RedBrickSource, fake: FakeRedBrick, operation: str, fault: dict[str, Any], code: str, words: str
) -> None:
    ref = mask(source)
    fake.fail(operation, times=9, **fault)
    with pytest.raises(SourceError) as caught:
        file(source, ref)
    assert caught.value.code == code
    assert words in caught.value.text
    if code != "address":
        assert ref.what in caught.value.text
        assert 'of series "' in ref.what
        assert 'of task "CT_ABD_' in ref.what
    assert fake.world.key not in caught.value.text
    assert "X-Amz-Signature" not in caught.value.text


def test_files_that_people_look_at_may_be_of_any_kind(source: RedBrickSource, fake: FakeRedBrick) -> None:
    ref = replace(mask(source), media=True)
    fake.fail("^file$", body=b"[no JSON")
    assert file(source, ref) == b"[no JSON"


def test_a_file_of_many_blocks_is_looked_at_whole(
    source: RedBrickSource, fake: FakeRedBrick, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audit.sources.redbrick.live.BLOCK", 64)
    ref, body = mask(source), gzip.compress(base64.b64encode(bytes(range(256)) * 8))
    fake.fail("^file$", body=body)
    assert file(source, ref) == body
    fake.fail("^file$", body=body[:-9])
    with pytest.raises(SourceError, match="ends in the middle"):
        file(source, ref)


def test_an_unpacked_volume_is_taken_as_it_is(source: RedBrickSource, fake: FakeRedBrick) -> None:
    ref = mask(source)
    fake.fail("^file$", body=b"\x5c\x01\x00\x00" + bytes(400))
    assert len(file(source, ref)) == 404


def test_labels_in_a_file_say_the_same_as_in_the_answer(source: RedBrickSource) -> None:
    ontology = NEUTRAL.ontology(next(iter(source.project_events())).content or b"")
    for history in histories(source):
        for event in told(history).values():
            lists = [ref for ref in event.files if ref.name.endswith(".json")]
            if lists:
                kept = {ref.name: file(source, ref) for ref in event.files}
                inline = json.loads(event.content or b"")
                inline["taskData"] |= {"labelsData": kept[lists[0].name].decode(), "labelsDataPath": None}
                task = history.events[-1].content or b""
                found = NEUTRAL.annotations(event.content or b"", task, ontology, kept.__getitem__)
                assert found.annotations
                assert found == NEUTRAL.annotations(raw(inline), task, ontology)
                return
    pytest.fail("no label has its data in a file")
