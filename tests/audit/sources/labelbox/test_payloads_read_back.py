"""What payloads say when they are read back from the record."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable

import pytest

from audit.sources.base import TaskHistory
from audit.sources.labelbox import LabelboxReading
from audit.sources.labelbox.neutral import LabelboxNeutral
from tests.audit.sources.labelbox.conftest import of, raw
from tests.fakes.labelbox_story import PROJECT, QUEUES, golden, issue

Tell = Callable[..., TaskHistory]
READING = LabelboxReading()
IMAGE, _, SKIPPED = golden("image")[:3]


def content(history: TaskHistory, type_: str, place: int = 0) -> bytes:
    found = of(history, type_)[place].content
    assert found is not None
    return found


def test_a_label_says_its_kind_time_and_whether_it_was_skipped(tell: Tell) -> None:
    label = READING.label_details(content(tell(IMAGE), "label.created"))
    assert (label.kind, label.milliseconds, label.skipped) == ("DEFAULT", 182_400, False)
    assert label.created_at is not None
    assert READING.label_details(content(tell(SKIPPED), "label.created")).skipped


def test_a_prediction_is_one(tell: Tell) -> None:
    history = tell(IMAGE, runs=golden("model_run_image")[0]["experiments"])
    found = [READING.label_details(content(history, "label.created", place)) for place in range(3)]
    assert sorted(one.kind for one in found) == ["DEFAULT", "MODEL_RUN", "PREDICTION"]
    assert {one.external_id for one in found} == history.labels


def test_a_data_row_is_called_by_its_external_id(tell: Tell) -> None:
    assert READING.task_details(content(tell(IMAGE), "task.updated")).name == "image-1-ext"
    row = copy.deepcopy(IMAGE)
    del row["data_row"]["external_id"]
    assert READING.task_details(content(tell(row), "task.updated")).name == "gk-image-1"
    assert READING.task_details(b"none").name is None


def test_active_time_has_milliseconds_and_no_bounds(tell: Tell) -> None:
    span = READING.active_span(content(tell(IMAGE), "time.recorded"))
    assert (span.milliseconds, span.started_at) == (182_400, None)


def test_what_is_none_is_an_error() -> None:
    for read in (READING.label_details, READING.active_span):
        with pytest.raises(ValueError, match="has no"):
            read(b"{}")


def test_a_project_says_its_queues_in_their_order() -> None:
    queues = [{"name": name} for name in (*QUEUES, QUEUES[0])]
    found = READING.project_details(raw({"project": {"name": "P", "description": None}, "task_queues": queues}))
    assert (found.name, found.description, found.stages) == ("P", None, QUEUES)


def test_settled_leaves_out_addresses_and_what_has_versions(tell: Tell) -> None:
    told = issue(2, "row", IMAGE["projects"][PROJECT]["labels"])
    later = {**told, "status": "Open", "content": "Never mind", "updatedAt": "2027-01-01T00:00:00Z"}
    before, after = (content(tell(IMAGE, issues=[one]), "issue.opened") for one in (told, later))
    assert READING.settled(before) == READING.settled(after)
    move = content(tell(IMAGE), "task.moved")
    assert READING.settled(move) == READING.settled(move.replace(b"labeler1@example.com", b"lea@example.com"))
    assert READING.settled(move) != READING.settled(move.replace(b"Move", b"Skip"))


def test_an_ontology_has_a_job_for_each_sort_of_tools_and_each_question() -> None:
    nested = {"type": "text", "name": "why", "instructions": "Why?", "featureSchemaId": "q2", "options": []}
    option = {"label": "Yes", "value": "yes", "featureSchemaId": "o1", "options": [nested]}
    radio = {"type": "radio", "name": "sure", "featureSchemaId": "q1", "required": True, "options": [option]}
    tool = {"tool": "rectangle", "name": "Car", "featureSchemaId": "t1", "color": "#FF00AA", "classifications": [radio]}
    odd = {"tool": "marker", "name": "Mark", "featureSchemaId": "t2", "color": "red", "classifications": []}
    edge = {"tool": "edge", "name": "on", "featureSchemaId": "r1", "classifications": []}
    normalized = {"tools": [tool, odd, edge], "classifications": [nested]}
    for given in (normalized, json.dumps(normalized)):
        found = LabelboxNeutral().ontology(raw({"ontology": {"normalized": given}}))
        assert [(job.key, job.kind, job.tools) for job in found.jobs] == [
            ("objects", "objects", ("rectangle",)),
            ("relations", "relations", ("edge",)),
            ("other", "other", ("marker",)),
            ("q1", "classification", ("radio",)),
            ("q2", "transcription", ("text",)),
        ]
        car, asked, why = found.jobs[0].classes[0], found.jobs[3], found.jobs[4]
        assert (car.key, car.title, car.color, car.jobs) == ("t1", "Car", "#ff00aa", ("q1",))
        assert (asked.required, asked.nested, asked.classes[0].jobs) == (True, True, ("q2",))
        assert (why.title, why.nested) == ("Why?", False), "it is asked for itself as well"
        assert found.jobs[2].classes[0].color is None


@pytest.mark.parametrize("payload", [b"{}", b"[]", b'{"ontology":null}', b'{"ontology":{"normalized":"no"}}', b"no"])
def test_a_payload_without_an_ontology_is_an_error(payload: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        LabelboxNeutral().ontology(payload)
