"""Whatever comes, in whatever batches: the rows written along the way are those that the whole log makes."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.eventtypes import TYPES
from audit.log.append import Appender
from audit.log.rebuild import rebuild
from audit.log.superseded import Replaced
from audit.log.verify import verify
from audit.models import Project
from audit.sources.base import SourceEvent
from tests.audit.log.tables import PROJECTIONS, contents
from tests.factories import AMARA, MEI, TOMAS, make_event, make_project

pytestmark = pytest.mark.django_db

people = st.sampled_from([None, AMARA, MEI, TOMAS])
stages = st.sampled_from([None, "", "Label", "Review", "Ground truth"])
spans = st.builds(
    lambda ms: json.dumps({"milliseconds": ms, "started_at": None, "ended_at": None, "rule": "x"}).encode(),
    st.integers(0, 1000),
)
details = st.sampled_from([b'{"name":"Lungs"}', b'{"name":null}', b'{"name":"\\u0000"}', b"[]", b'{"name":"Hearts"}'])


@st.composite
def events(draw) -> SourceEvent:
    task = draw(st.sampled_from(["T1", "T2", None]))
    kind = draw(st.sampled_from(sorted(TYPES)))
    more = {}
    if kind.startswith("time."):
        more = {"content": draw(spans), "derived": True}
    elif kind in ("task.updated", "task.created", "project.updated"):
        more = {"content": draw(details), "derived": True, "key_fields": (str(draw(st.integers(0, 3))),)}
    elif kind == "event.superseded":
        replaced = Replaced(draw(st.integers(0, 12)), 1, "task.submitted", "derived/x", "x")
        more = {"content": msgspec.json.encode(replaced), "derived": draw(st.booleans())}
    elif kind == "privacy.erased":
        more = {"content": None}
    if draw(st.booleans()):
        more |= {"occurred_at": None, "instant": None}
    return make_event(
        task,
        kind,
        draw(st.integers(0, 6)),
        draw(people),
        assignee=draw(people),
        stage=draw(stages),
        to_stage=draw(stages),
        cycle=draw(st.none() | st.integers(1, 2)),
        text=draw(st.none() | st.just("Lesion 2 is missing")),
        **more,
    )


def load(project: Project, batches: list[list[SourceEvent]]) -> None:
    for batch in batches:
        with Appender(project) as log:
            for event in batch:
                log.add(event)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(events(), max_size=12), max_size=4))
def test_rows_written_with_batches_are_those_that_rebuilding_makes(batches):
    project = make_project()
    load(project, batches)
    result = verify(project.log)
    assert result.problems == []
    written = contents(*PROJECTIONS)
    rebuild(project.log)
    assert contents(*PROJECTIONS) == written
