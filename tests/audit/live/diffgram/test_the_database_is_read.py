"""Diffgram's own database: exact times, every version of an instance, active time, in one snapshot, read only."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as site

from audit.annotations import Box
from audit.files import files_of
from audit.live.connect import connect, projects
from audit.live.run import sync
from audit.log.verify import verify
from audit.models import ActiveTime, Disclosure, Event, LabelVersion, Mode, Project, SyncRun, Task
from audit.sources.base import SourceError
from audit.sources.diffgram.database import Database
from audit.sources.diffgram.dblive import DiffgramTables
from audit.sources.diffgram.neutral import DiffgramNeutral
from audit.sources.web import Conditions
from exportsite.jobs import RunFailed
from tests.audit.live.diffgram.compare import label, newest, payload
from tests.fakes.diffgram import FakeDiffgram
from tests.fakes.diffgram_db import PROJECT, DiffgramDatabase, box, tell
from tests.fakes.diffgram_story import installation

LOCAL = Conditions(allow_hosts=["127.0.0.1"])


@pytest.fixture(scope="module")
def server(django_db_setup: None) -> Iterator[DiffgramDatabase]:
    """A database on the tests' server."""
    with DiffgramDatabase(site.DATABASES["default"]) as database:
        yield database


@pytest.fixture
def tables(server: DiffgramDatabase) -> DiffgramDatabase:
    """The database with the story."""
    server.empty()
    tell(server)
    server.forwarder.limit = None
    return server


@pytest.fixture
def project(db: None, tables: DiffgramDatabase, settings: Any) -> Project:
    """Its project, connected and never read."""
    settings.SOURCE_ALLOW_HOSTS = ["127.0.0.1"]
    return connect("diffgram-db", url=tables.url, account="", external_id=PROJECT, key=tables.key).project


def trail(project: Project, task: str) -> list[dict[str, Any]]:
    """Envelopes of a task's events in the order of their times."""
    events = Event.objects.filter(log__project=project, task__external_id=task).order_by("occurred_at", "n")
    return [json.loads(bytes(event.envelope)) for event in events]


def test_everything_is_recorded_and_a_second_pass_adds_nothing(project: Project) -> None:
    assert sync(project, Mode.FULL).state == "succeeded"
    assert set(Task.objects.values_list("external_id", flat=True)) == {"50", "51", "52"}
    assert verify(project.log).holds
    assert sync(project, Mode.FULL).added == 0
    assert sync(project, Mode.INCREMENTAL).added == 0


def test_times_are_exact_and_a_fact_of_two_tables_is_told_once(project: Project) -> None:
    sync(project, Mode.FULL)
    told = [(found["type"], found["occurred_at"]) for found in trail(project, "50") if found["source_type"].islower()]
    assert told == [
        ("task.created", "2026-03-03T09:00:00.123456"),
        ("task.started", "2026-03-03T09:01:00.123456"),
        ("task.submitted", "2026-03-03T09:02:00.123456"),
        ("task.moved", "2026-03-03T09:03:00.123456"),
        ("review.rejected", "2026-03-03T09:04:00.123456"),
        ("rework.submitted", "2026-03-03T09:05:00.123456"),
        ("review.accepted", "2026-03-03T09:06:00.123456"),
        ("comment.added", "2026-03-03T09:07:00.123456"),
    ]
    assert [found["type"] for found in trail(project, "51") if found["source_type"] == "annotation_update"] == [
        "activity.recorded"
    ]
    comment = Event.objects.get(type="comment.added")
    text = Disclosure.objects.get(event=comment, group="text").data
    assert bytes(text).decode() == "Please look at the\nleft side 🐕"


def test_every_version_of_an_instance_is_an_event(project: Project) -> None:
    sync(project, Mode.FULL)
    found = [entry for entry in trail(project, "50") if entry["source_type"].startswith("INSTANCE_")]
    assert [(entry["source_type"], entry["source_key"]) for entry in found] == [
        ("INSTANCE_created", "instance/9001"),
        ("INSTANCE_edited", "instance/9002"),
        ("INSTANCE_created", "instance/9003"),
        ("INSTANCE_deleted", "instance/9003/deleted"),
    ]
    assert all(entry["actor"] for entry in found[:3])


def test_a_label_is_what_is_there_now_by_whom_and_when(project: Project) -> None:
    sync(project, Mode.FULL)
    held = label(project, "50")
    assert held is not None
    assert [row["id"] for row in held["packet"]["instance_list"]] == [9002]
    version = LabelVersion.objects.get(task__external_id="50")
    assert version.created_at is not None
    assert version.created_at.isoformat() == "2026-03-03T09:02:00+00:00"
    settings_ = payload(project, Event.objects.get(type="project.updated").pk)
    neutral = DiffgramNeutral()
    ontology = neutral.ontology(json.dumps(settings_).encode())
    task = json.dumps(newest(project, "50", "task.updated")).encode()
    (one,) = neutral.annotations(json.dumps(held).encode(), task, ontology).annotations
    assert isinstance(one, Box)
    assert (one.x, one.width, one.classes) == (0.12, 0.1, ("501",))
    objects = ontology.job("objects")
    assert objects is not None
    assert [(known.title, known.color) for known in objects.classes] == [("Car", "#194d33")], "a removed label is none"


def test_instances_on_frames_belong_to_their_video(project: Project) -> None:
    sync(project, Mode.FULL)
    held = label(project, "51")
    assert held is not None
    assert [(row["id"], row["frame_number"]) for row in held["packet"]["instance_list"]] == [(9004, 4)]


MASK = {"type": "mask", "mask_blob_dir": {"list": ["masks/9010.png"]}}
IN_2038, IN_2001 = 2_147_483_647, 1_000_000_000


@pytest.mark.parametrize("expiry", [IN_2001, None])
def test_masks_are_not_fetched_from_addresses_that_held_for_a_while(
    project: Project, tables: DiffgramDatabase, expiry: int | None
) -> None:
    url = "https://storage.example.com/m.png?X-Amz-Signature=abc"
    mask = {**MASK, "mask_url": url, "mask_url_expiry": expiry}
    tables.add("instance", box(9010, 603, 1, "2026-03-03 10:00:00", **mask))
    assert sync(project, Mode.FULL).state == "succeeded"
    held = label(project, "52")
    assert held is not None
    assert held["packet"]["instance_list"][0]["mask_url"] == "https://storage.example.com/m.png"
    assert "files" not in held
    assert not any(b"Signature" in bytes(data) for data in Disclosure.objects.values_list("data", flat=True))


def test_masks_are_kept_while_their_addresses_hold(project: Project, tables: DiffgramDatabase) -> None:
    with FakeDiffgram(installation()) as storage:
        storage.installation.files["m.png"] = b"a picture"
        mask = {**MASK, "mask_url": f"{storage.url}/files/m.png?X-Amz-Signature=abc", "mask_url_expiry": IN_2038}
        tables.add("instance", box(9010, 603, 1, "2026-03-03 10:00:00", **mask))
        sync(project, Mode.FULL)
        assert sync(project, Mode.FULL).added == 0
    (event,) = Event.objects.filter(log__project=project, type="label.created", task__external_id="52")
    content = bytes(event.disclosures.get(group="content").data)
    (kept,) = files_of(content).kept
    assert files_of(content).read(kept.name) == b"a picture"
    assert b"Signature" not in content


def test_a_mask_that_is_not_there_fails_the_run_and_is_named(project: Project, tables: DiffgramDatabase) -> None:
    with FakeDiffgram(installation()) as storage:
        mask = {**MASK, "mask_url": f"{storage.url}/files/none.png", "mask_url_expiry": IN_2038}
        tables.add("instance", box(9010, 603, 1, "2026-03-03 10:00:00", **mask))
        with pytest.raises(RunFailed, match="the mask of instance 9010 of task 52"):
            sync(project, Mode.FULL)


def test_active_time_is_told_by_state_and_totals_are_not_counted_twice(project: Project) -> None:
    sync(project, Mode.FULL)
    rows = ActiveTime.objects.filter(project=project, to_index=None).order_by("milliseconds")
    found = [(row.task.external_id, row.stage, row.milliseconds) for row in rows]
    assert found == [("51", "", 7250), ("50", "requires_changes", 32000), ("50", "in_progress", 150000)]
    assert Event.objects.filter(source_type="TIME_TOTAL", type="activity.recorded").count() == 1


def test_no_person_stays_in_payloads(project: Project) -> None:
    sync(project, Mode.FULL)
    kept = b"\n".join(bytes(data) for data in Disclosure.objects.values_list("data", flat=True))
    for name in (b"ann@example.org", b"Lee", b"Ode", b"Signature"):
        assert name not in kept


@pytest.mark.parametrize("mode", [Mode.FULL, Mode.INCREMENTAL])
def test_what_changes_is_what_the_next_pass_adds(project: Project, tables: DiffgramDatabase, mode: Mode) -> None:
    sync(project, Mode.FULL)
    later = "2999-01-01 00:00:00"
    tables.run(
        "UPDATE instance SET soft_delete = true, deletion_type = 'system', deleted_time = %s WHERE id = 9002", later
    )
    edited = box(
        9005, 601, 20, later, root_id=9001, previous_id=9002, version=2, action_type="edited", member_created_id=8
    )
    tables.add("instance", edited)
    tables.add("task_event", {"project_id": 3, "task_id": 52, "event_type": "task_in_progress", "time_created": later})
    tables.run("UPDATE task_time_tracking SET time_spent = 160 WHERE status = 'in_progress'")
    sync(project, mode)
    held = label(project, "50")
    assert held is not None
    assert [row["id"] for row in held["packet"]["instance_list"]] == [9005]
    assert trail(project, "52")[-1]["type"] == "task.started"
    assert ActiveTime.objects.get(stage="in_progress", to_index=None).milliseconds == 160_000
    assert not Event.objects.filter(type="source.diverged").exists(), "that a version was replaced is no contradiction"
    assert sync(project, mode).added == 0


def test_rows_that_vanish_are_said(project: Project, tables: DiffgramDatabase) -> None:
    sync(project, Mode.FULL)
    tables.run("DELETE FROM task_event WHERE event_type = 'task_in_progress'")
    tables.run("DELETE FROM event WHERE kind = 'task_in_progress'")
    tables.run("DELETE FROM task WHERE id = 52")
    run = sync(project, Mode.FULL)
    assert (run.result["diverged"], run.result["deleted"]) == (1, 1)


def test_a_pass_sees_one_moment(tables: DiffgramDatabase) -> None:
    source = DiffgramTables(tables.url, tables.key, PROJECT, LOCAL)
    assert source.count() == 3
    tables.run("DELETE FROM task WHERE id = 50")
    assert source.count() == 3, "what is deleted meanwhile is still there"
    assert [history.task for page in source.task_pages() for history in page.histories] == ["50", "51", "52"]
    source.close()


def test_nothing_can_be_written(tables: DiffgramDatabase) -> None:
    admin = site.DATABASES["default"]
    database = Database(tables.url, f"{admin['USER']}:{admin['PASSWORD']}", LOCAL)
    with pytest.raises(SourceError, match="read-only transaction"):
        database.rows("DELETE FROM task")
    database.close()


def test_a_connection_that_breaks_fails_the_run_and_the_next_one_completes(
    project: Project, tables: DiffgramDatabase
) -> None:
    visit = "INSERT INTO event (project_id, task_id, kind, description, time_created) "
    tables.run(visit + "SELECT 3, 51, 'user_visit', repeat('x', 500), now() FROM generate_series(1, 200)")
    tables.forwarder.limit = 60_000
    with pytest.raises(RunFailed):
        sync(project, Mode.FULL)
    run = SyncRun.objects.get()
    assert (run.state, run.error_code) == ("failed", "unavailable")
    assert tables.password not in run.error_text
    tables.forwarder.limit = None
    assert sync(project, Mode.FULL).state == "succeeded"
    assert verify(project.log).holds
    assert sync(project, Mode.FULL).added == 0


def check(url: str, key: str, project: str = PROJECT, how: Conditions = LOCAL) -> str:
    """The code of what a check of the connection is refused with, and the text."""
    with pytest.raises(SourceError) as caught:
        source = DiffgramTables(url, key, project, how)
        try:
            source.check()
        finally:
            source.close()
    return f"{caught.value.code}: {caught.value.text}"


def test_wrong_keys_addresses_and_ids_are_told_apart(tables: DiffgramDatabase) -> None:
    secret = "not-the-password"
    wrong = check(tables.url, f"{tables.user}:{secret}")
    assert wrong.startswith("key: Diffgram's database at 127.0.0.1 does not accept")
    assert secret not in wrong
    assert check(tables.url, "user").startswith("key: this is no key")
    assert check(tables.url, tables.key, "nowhere").startswith("missing:")
    assert check(tables.url + "x", tables.key).startswith("missing: 127.0.0.1 has no database")
    for url in (
        "https://127.0.0.1/db",
        "postgresql://127.0.0.1",
        "postgresql://u:p@127.0.0.1/db",
        "postgresql://h:x/db",
    ):
        assert check(url, tables.key).startswith("address:"), url
    assert check(tables.url, tables.key, how=Conditions()).startswith("address:"), "a private address"
    closed = "postgresql://127.0.0.1:1/db"
    assert check(closed, tables.key).startswith("unavailable:")


def test_a_server_that_must_show_a_certificate_and_has_none_is_refused(tables: DiffgramDatabase, tmp_path: Any) -> None:
    authority = tmp_path / "ca.pem"
    authority.write_text("no certificate")
    how = Conditions(allow_hosts=["127.0.0.1"], ca_file=str(authority))
    assert check(tables.url, tables.key, how=how).startswith("tls:")


def test_a_database_of_something_else_is_said(tables: DiffgramDatabase) -> None:
    tables.run("ALTER TABLE project RENAME TO projects")
    try:
        assert check(tables.url, tables.key).startswith("missing:")
    finally:
        tables.run("ALTER TABLE projects RENAME TO project")


def test_tables_that_may_not_be_read_are_said(tables: DiffgramDatabase) -> None:
    tables.run(f'REVOKE SELECT ON project FROM "{tables.user}"')
    try:
        assert check(tables.url, tables.key).startswith("refused:")
    finally:
        tables.run(f'GRANT SELECT ON project TO "{tables.user}"')


def test_projects_are_listed_but_those_that_are_being_deleted(tables: DiffgramDatabase, settings: Any) -> None:
    settings.SOURCE_ALLOW_HOSTS = ["127.0.0.1"]
    found = projects("diffgram-db", url=tables.url, account="", key=tables.key)
    assert [(one.external_id, one.name, one.description) for one in found] == [(PROJECT, "Fixtures", "Roads")]


def test_the_password_is_in_no_representation(tables: DiffgramDatabase) -> None:
    assert tables.password not in repr(Database(tables.url, tables.key, LOCAL))
