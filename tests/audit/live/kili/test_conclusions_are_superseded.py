"""What was concluded while Kili's record of events was closed counts no more when the record tells it."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from audit.live.connect import connect
from audit.live.run import sync
from audit.log.rebuild import rebuild
from audit.log.verify import verify
from audit.models import Event, Mode, Project, Superseded, TaskVersion
from audit.queries import lists
from audit.queries.figures import ways
from audit.queries.filters import Filters
from exports.formats.base import Reads
from exports.reports.definition import Options
from exports.reports.gather import gather
from exports.reports.service import resolve
from exports.snapshot import LogSnapshot
from tests.audit.live.kili.compare_kili import differences
from tests.fakes.kili import FakeKili
from tests.fakes.kili_story import CARS, JANE

LATER = 60.0 * 24 * 20


@pytest.fixture
def opened(project: Project, fake: FakeKili) -> Project:
    """Read first while the record was closed, then with it."""
    fake.closed = "rights"
    sync(project, Mode.FULL)
    fake.closed = ""
    sync(project, Mode.FULL)
    return project


@pytest.fixture
def always_open(db: None, fake: FakeKili, settings: Any) -> Project:
    """The same project by another name of the platform, whose record was open from the first."""
    settings.SOURCE_ALLOW_HOSTS = ["127.0.0.1", "localhost"]
    url = fake.url.replace("127.0.0.1", "localhost")
    return connect("kili", url=url, account="", external_id=CARS, key=fake.key).project


def concluded(project: Project) -> list[Event]:
    """Events of the log that stand for what Kili's record tells, by their keys."""
    events = Event.objects.filter(log__project=project).exclude(type__in=("event.superseded", "sync.completed"))
    return [event for event in events.order_by("pk") if _key(event).startswith("derived/")]


def _key(event: Event) -> str:
    return str(json.loads(bytes(event.envelope))["source_key"])


def test_every_conclusion_that_the_record_tells_is_superseded_once(opened: Project, fake: FakeKili) -> None:
    gone = set(Superseded.objects.values_list("event_id", flat=True))
    assert {event.pk for event in concluded(opened)} <= gone
    types = Counter(Event.objects.filter(pk__in=gone).values_list("type", flat=True))
    assert {"task.created", "task.submitted", "review.rejected", "task.skipped", "issue.opened"} <= types.keys()
    said = Event.objects.filter(log__project=opened, type="event.superseded")
    assert said.count() == len(gone) == len(concluded(opened)) + types["task.skipped"] + types["issue.resolved"]
    content = json.loads(bytes(said.order_by("pk")[0].disclosures.get(group="content").data))
    assert (content["type"], content["source_key"][:22]) == ("task.created", "derived/asset.created/")
    assert content["by"] in {event["id"] for event in fake.projects[CARS].events}
    assert differences(opened, fake) == []
    assert sync(opened, Mode.FULL).added == 0


def test_what_the_record_does_not_tell_stays_concluded(project: Project, fake: FakeKili) -> None:
    told = fake.projects[CARS]
    lost = next(event for event in told.events if event["event"] == "label.workflow.created.default")
    fake.closed = "rights"
    sync(project, Mode.FULL)
    fake.closed = ""
    told.events.remove(lost)
    sync(project, Mode.FULL)
    [left] = [event for event in concluded(project) if not Superseded.objects.filter(pk=event.pk).exists()]
    assert _key(left) == f"derived/label.workflow.created.default/{lost['payload']['labelId']}"


def test_an_asset_that_is_gone_is_told_by_the_record_alone(project: Project, fake: FakeKili) -> None:
    fake.closed = "rights"
    sync(project, Mode.FULL)
    told = fake.projects[CARS]
    gone = told.assets.pop(3)
    told.event("asset.deleted", LATER, JANE, assetId=gone["id"], externalId=gone["externalId"])
    fake.closed = ""
    sync(project, Mode.FULL)
    of_it = [event.pk for event in concluded(project) if json.loads(bytes(event.envelope))["task"] == gone["id"]]
    assert len(of_it) == 3
    assert Superseded.objects.filter(pk__in=of_it).count() == 3
    assert verify(project.log).holds


def test_figures_reports_and_exports_count_what_they_would_have(
    opened: Project, always_open: Project, fake: FakeKili
) -> None:
    sync(always_open, Mode.FULL)
    found, should = gather(resolve(opened, None, None, Options())), gather(resolve(always_open, None, None, Options()))
    kinds, wanted = ({kind.label: kind.value for kind in one.process.kinds} for one in (found, should))
    both = kinds.keys() & wanted.keys()  # The most frequent ones are told.
    assert {"task.created", "task.submitted", "review.rejected"} <= both
    assert {kind: kinds[kind] for kind in both} == {kind: wanted[kind] for kind in both}
    assert found.quality.counts == should.quality.counts
    assert {(one.name, one.did, one.events) for one in found.people} == {
        (one.name, one.did, one.events) for one in should.people
    }
    assert found.superseded == Superseded.objects.count() > 0
    assert found.completeness.agrees
    assert (found.quality.first, found.quality.by_stage) == (should.quality.first, should.quality.by_stage)
    assert sum(way.all for way in ways(opened.log).decisions) == sum(way.all for way in ways(always_open.log).decisions)
    exported = [
        Counter(row.envelope.type for trail in selection.trails() for row in trail.events)
        for selection in (_selection(opened), _selection(always_open))
    ]
    exported[0].pop("event.superseded")
    assert exported[0] == exported[1]


def test_a_creation_that_is_told_later_does_not_replace_what_is_said_of_the_asset(opened: Project) -> None:
    newest = TaskVersion.objects.filter(task__project=opened, to_index=None).values_list("event__type", flat=True)
    assert set(newest) == {"task.updated"}


def test_an_export_of_an_earlier_state_shows_what_was_concluded_then(project: Project, fake: FakeKili) -> None:
    fake.closed = "rights"
    sync(project, Mode.FULL)
    project.log.refresh_from_db()
    before = _selection(project)
    expected = before.expected()
    fake.closed = ""
    sync(project, Mode.FULL)
    assert before.expected() == expected
    assert sum(1 for trail in before.trails() for _ in trail.events) == expected["events"]


def test_pages_say_which_entry_supersedes_a_conclusion(opened: Project, client: Any, admin_user: Any) -> None:
    event = concluded(opened)[0]
    row = next(row for row in lists.trail(event.task, Filters()).rows if row.id == event.pk)
    assert row.superseded == Superseded.objects.get(pk=event.pk).from_index
    client.force_login(admin_user)
    page = client.get(f"/tasks/{event.task.pk}/").content.decode()
    assert f"/projects/{opened.pk}/events/{row.superseded}/" in page
    assert "counts no more" in page


def test_verify_finds_a_conclusion_that_was_made_to_count_again(opened: Project, tmp_path: Path) -> None:
    one = Superseded.objects.order_by("pk")[0]
    Superseded.objects.filter(pk=one.pk).delete()
    [problem] = verify(opened.log).problems
    assert (problem.part, problem.index) == ("projection", one.from_index)
    assert "superseded" in problem.text
    rebuild(opened.log)
    assert verify(opened.log).holds
    assert Superseded.objects.get(pk=one.pk).from_index == one.from_index
    Superseded.objects.create(pk=opened.log.event_id(0), from_index=5)
    assert not verify(opened.log).holds


def _selection(project: Project) -> LogSnapshot:
    project.log.refresh_from_db()
    return LogSnapshot(project.log, project.log.size, Filters(), Reads(kinds=("events",)))
