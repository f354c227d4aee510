"""What the pages show of a record that is as it should be."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.test import Client
from lxml import html

from audit.models import Project, Task
from tests.factories import AMARA, MEI, START, TOMAS, make_event, make_project, time_event, worked_task


@pytest.fixture
def project(db: None) -> Project:
    return make_project([*worked_task("T1"), *worked_task("T2", 3000), make_event(None, "project.updated", 0, None)])


def page(client: Client, address: str, status: int = 200) -> html.HtmlElement:
    answer = client.get(address)
    assert answer.status_code == status, answer.content[:500]
    return html.fromstring(answer.content.decode())


def words(element: html.HtmlElement) -> str:
    """The element's words, one blank between them, none before a comma."""
    return " ".join(" ".join(element.itertext()).split()).replace(" ,", ",")


def trail(project: Project, task: str = "T1") -> str:
    return f"/tasks/{Task.objects.get(project=project, external_id=task).pk}/"


def test_the_dashboard_lists_projects_with_the_state_of_their_logs(client: Client, project: Project) -> None:
    row = page(client, "/").xpath("//tbody/tr")[0]
    assert row.xpath(".//a[@class='nm']/@href") == [f"/projects/{project.pk}/"]
    assert "Signed" in words(row)


def test_an_empty_dashboard_says_how_to_begin(client: Client, db: None) -> None:
    assert "manage.py load FILE --project NAME" in words(page(client, "/"))


def test_a_failed_reading_is_named_on_the_dashboard_and_on_the_project(client: Client, project: Project) -> None:
    from django.utils import timezone

    now = timezone.now()
    project.sync_runs.create(started_at=now, finished_at=now, state="failed", error_text="line 7 has no time")
    assert "the last reading failed line 7 has no time" in words(page(client, "/"))
    assert "line 7 has no time" in words(page(client, f"/projects/{project.pk}/"))


def test_a_project_shows_where_its_tasks_are(client: Client, project: Project) -> None:
    shown = words(page(client, f"/projects/{project.pk}/"))
    assert "Ground truth 2" in shown
    assert "Accepted 2" in shown


def test_active_time_leads_to_the_event_that_ended_it_though_only_its_payload_says_when(
    client: Client, db: None
) -> None:
    ended = START + timedelta(minutes=40)
    content = {"milliseconds": 600_000, "started_at": None, "ended_at": ended.isoformat(), "rule": "duration"}
    untimed = {"occurred_at": None, "instant": None, "content": json.dumps(content).encode()}
    project = make_project([make_event(), make_event(minute=40), time_event("T1", 0, 0, **untimed)])
    marks = page(client, trail(project)).xpath("//circle[@class='mk']/..")
    assert [mark.get("href") for mark in marks] == ["#e2"]


def test_a_trail_tells_each_event_with_time_people_stage_text_and_entry(client: Client, project: Project) -> None:
    line = page(client, trail(project)).xpath("//li[@id='e5']")[0]
    assert words(line).startswith("5 09:30:00 Rejected by Mei Tanaka at Review, back to Label")
    assert words(line.xpath(".//blockquote")[0]) == "Lesion 2 is missing."
    assert line.xpath(".//a[contains(@class, 'x')]/@href") == ["?event=5#raw"]
    assert words(line.xpath(".//a[contains(@class, 'x')]")[0]) == "4"


def test_a_trail_says_when_nothing_happened_for_more_than_a_day(client: Client, db: None) -> None:
    project = make_project([make_event("T1", "task.created", 0), make_event("T1", minute=1533)])
    tree = page(client, trail(project))
    assert [words(gap) for gap in tree.xpath("//li[@class='gap']")] == ["1 d 1 h without an event"]
    assert [words(day) for day in tree.xpath("//li[@class='day']")] == ["Mon 2 March 2026 UTC", "Tue 3 March 2026"]


def test_an_event_without_a_time_makes_no_gap(client: Client, db: None) -> None:
    project = make_project([make_event("T1", minute=0), make_event("T1", minute=1, occurred_at=None, instant=None)])
    tree = page(client, trail(project))
    assert tree.xpath("//li[@class='gap']") == []
    assert "No time recorded; received" in words(tree)
    listed = words(page(client, f"/projects/{project.pk}/events/"))
    assert "not recorded listed by receipt" in listed


def test_local_time_stands_beside_utc_where_the_source_wrote_an_offset(client: Client, db: None) -> None:
    project = make_project([make_event("T1", minute=960, occurred_at="2026-03-03T01:00:00+01:00")])
    assert "00:00:00 01:00:00 +01:00" in words(page(client, trail(project)).xpath("//li[@id='e1']")[0])
    assert "01:00:00 +01:00" in words(page(client, f"/projects/{project.pk}/events/"))


def test_active_time_is_drawn_in_lanes_and_given_as_a_table(client: Client, project: Project) -> None:
    section = page(client, trail(project)).xpath("//section[@id='time']")[0]
    assert [words(lane) for lane in section.xpath(".//div[@class='ln']")] == [
        "Label Amara Okafor 30 min, log entry 3 30:00",
        "Label Amara Okafor, cycle 2 10 min, log entry 6 10:00",
    ]
    assert len(section.xpath(".//details//tbody/tr")) == 2


def test_without_active_time_there_is_no_chart(client: Client, db: None) -> None:
    assert page(client, trail(make_project([make_event("T1")]))).xpath("//section[@id='time']") == []


def test_whoever_worked_and_reviewed_is_named(client: Client, db: None) -> None:
    own = make_project([make_event("T1"), make_event("T1", "review.accepted", 5)])
    assert "Amara Okafor both worked on this task and reviewed it" in words(page(client, trail(own)))
    other = make_project([make_event("T1"), make_event("T1", "review.accepted", 5, MEI)])
    assert "Nobody reviewed their own work" in words(page(client, trail(other)))


def test_a_trail_shows_the_proof_of_the_event_that_is_asked_for(client: Client, project: Project) -> None:
    shown = words(page(client, trail(project) + "?event=5"))
    assert "Event 5 is in the signed log." in shown
    assert "Inclusion proof of event 5" in shown
    assert "1 to 8, no gap" in shown
    assert '"type":"review.rejected"' in shown


def test_the_raw_record_is_shown_only_when_asked_for(client: Client, project: Project) -> None:
    assert page(client, trail(project)).xpath("//section[@id='raw']") == []


def test_payloads_are_shown_as_kept_and_with_people_put_back(client: Client, project: Project) -> None:
    raw = words(page(client, trail(project) + "?event=3").xpath("//section[@id='raw']")[0])
    assert "@p:" in raw
    assert '"by": "amara@example.org"' in raw
    assert "Its hash is the commitment in the envelope" in raw


def test_a_disclosure_is_given_as_a_file_byte_for_byte(client: Client, project: Project) -> None:
    answer = client.get(f"/projects/{project.pk}/events/4/text")
    assert answer.content == b"Lesion 2 is missing."
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment;")


def test_an_event_of_the_project_itself_has_its_own_page(client: Client, project: Project) -> None:
    shown = words(page(client, f"/projects/{project.pk}/events/16/"))
    assert "Event 1 of the project itself" in shown
    assert "This entry is in the signed log." in shown


def test_neighbours_are_those_of_the_list(client: Client, project: Project) -> None:
    first, second = (Task.objects.get(project=project, external_id=name) for name in ("T1", "T2"))
    assert page(client, trail(project, "T1")).xpath("//a[@rel='prev']/@href") == [f"/tasks/{second.pk}/"]
    assert page(client, trail(project, "T2")).xpath("//a[@rel='next']/@href") == [f"/tasks/{first.pk}/"]
    assert page(client, trail(project, "T2")).xpath("//a[@rel='prev']") == []


def test_the_integrity_page_states_root_checkpoint_and_key(client: Client, project: Project) -> None:
    from audit.log.checkpoint import vkey

    shown = words(page(client, f"/projects/{project.pk}/integrity/"))
    assert "The log still has the root that was signed at 17 entries." in shown
    assert vkey(project.log) in shown
    assert "What it does not show" in shown


def test_events_that_no_checkpoint_covers_are_said_to_be_unsigned(client: Client, db: None) -> None:
    project = make_project([make_event("T1")], signed=False)
    assert "Nothing is signed yet" in words(page(client, f"/projects/{project.pk}/integrity/"))
    assert "No checkpoint has been signed yet" in words(page(client, trail(project)))
    assert "Not signed yet" in words(page(client, "/"))


def test_a_long_trail_is_given_in_pages(client: Client, db: None) -> None:
    project = make_project(make_event("T1", "task.saved", minute) for minute in range(7))
    tree = page(client, trail(project) + "?limit=3")
    assert [words(k) for k in tree.xpath("//span[@class='k']")] == ["1", "2", "3"]
    newer = tree.xpath("//nav[@class='pager']/a[contains(., 'Newer')]/@href")
    assert [words(k) for k in page(client, trail(project) + newer[0]).xpath("//span[@class='k']")] == ["4", "5", "6"]


def test_lists_have_chips_that_take_a_filter_away(client: Client, project: Project) -> None:
    tree = page(client, f"/projects/{project.pk}/events/?type=review.accepted&stage=Review")
    assert [words(chip) for chip in tree.xpath("//span[@class='chip']")] == ["Type review.accepted", "Stage Review"]
    assert tree.xpath("//span[@class='chip']/a/@href") == ["?stage=Review", "?type=review.accepted"]


def test_a_list_that_matches_nothing_offers_to_clear(client: Client, project: Project) -> None:
    assert "No task matches" in words(page(client, f"/projects/{project.pk}/tasks/?stage=Nowhere"))


def test_a_wrong_filter_is_told_at_its_field(client: Client, project: Project) -> None:
    tree = page(client, f"/projects/{project.pk}/tasks/?from=yesterday", 400)
    assert tree.xpath("//input[@name='from']/@aria-invalid") == ["true"]
    assert "“yesterday” is no date or time" in words(tree.xpath("//p[@id='w-from']")[0])


def test_erased_people_are_their_pseudonym_and_erased_texts_are_said_to_be(client: Client, db: None) -> None:
    from django.db import connection

    from audit.models import Identity

    project = make_project([make_event("T1", "comment.added", actor=TOMAS, text="secret")])
    Identity.objects.update(data=None)
    with connection.cursor() as db:
        db.execute("DELETE FROM audit_disclosure WHERE grp = 'text'")
    shown = words(page(client, trail(project)))
    assert "Tomás" not in shown
    assert "erased" in shown
    assert "The text that belongs here was erased" in shown


def test_time_that_was_revised_is_counted_once(client: Client, db: None) -> None:
    project = make_project([time_event("T1", 1, 60_000), time_event("T1", 2, 90_000, AMARA, type_="time.revised")])
    assert "1 min 30 s in 1 sitting" in words(page(client, trail(project)))


def test_a_trail_lists_what_the_source_said_anew(client: Client, project: Project) -> None:
    panel = page(client, trail(project)).xpath("//div[@class='panel'][h3='Versions']")[0]
    assert "entry 0" in words(panel)
    assert "holds now" in words(panel)


def test_the_dashboard_names_each_thing_that_needs_a_person(client: Client, project: Project) -> None:
    from django.utils import timezone

    from audit.models import Mode, Schedule, Verification

    Verification.objects.create(
        project=project, state="succeeded", finished_at=timezone.now(), result={"holds": False, "size": 17}
    )
    Schedule.objects.create(project=project, mode=Mode.FULL, minutes=60, missed="The platform refused the key.")
    shown = words(page(client, "/"))
    assert "2 things need a person." in shown
    assert "the record is not what was signed" in shown
    assert "a scheduled sync did not begin The platform refused the key." in shown
    assert "Does not hold" in shown
