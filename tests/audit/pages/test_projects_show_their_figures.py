"""A project's page: its process, waits, pace, active time and reviews; each figure is that of the list behind it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from lxml import html

from audit.models import Project
from audit.queries import figures
from tests.factories import AMARA, MEI, START, make_event, make_project, time_event, worked_task


@pytest.fixture
def project(db: None) -> Project:
    return make_project(
        [
            *worked_task("T1"),
            *worked_task("T2", 3000),
            make_event("T3", "task.submitted", 9, AMARA, to_stage="Review"),
            make_event("T3", "review.corrected", 20, MEI, stage="Review", to_stage="Ground truth"),
        ]
    )


def page(client: Client, address: str) -> html.HtmlElement:
    answer = client.get(address)
    assert answer.status_code == 200, answer.content[:500]
    return html.fromstring(answer.content.decode())


def words(element: html.HtmlElement) -> str:
    return " ".join(" ".join(element.itertext()).split())


def test_ways_between_stages_are_counted(project: Project) -> None:
    moves = {(move.start, move.end): move.times for move in figures.ways(project.log).moves}
    assert moves == {("Label", "Review"): 5, ("Review", "Label"): 2, ("Review", "Ground truth"): 3}


def test_a_wait_is_from_entering_a_stage_to_the_first_work_there(project: Project) -> None:
    waits = figures.ways(project.log).waits
    assert waits["Review"] == timedelta(minutes=20)  # 50, 20, 50, 20 and 11 minutes
    assert waits["Label"] == timedelta(minutes=40)


def test_events_that_come_late_move_nothing(db: None) -> None:
    project = make_project(
        [make_event("T1", minute=10, stage="Review"), make_event("T1", "task.created", 1, stage="Label")]
    )
    assert figures.ways(project.log).moves == ()


def test_events_without_a_time_measure_no_wait(db: None) -> None:
    project = make_project(
        [
            make_event("T1", "task.created", 0, occurred_at=None, instant=None),
            make_event("T1", "task.submitted", 0, stage="Review", occurred_at=None, instant=None),
            make_event("T1", "review.accepted", 0, stage="Review", occurred_at=None, instant=None),
        ]
    )
    found = figures.ways(project.log)
    assert found.waits == {}
    assert [(move.start, move.end) for move in found.moves] == [("Label", "Review")]


def test_rates_are_those_of_decisions_and_of_tasks(project: Project) -> None:
    found = figures.ways(project.log)
    (review,) = found.decisions
    assert (review.stage, review.accepted, review.corrected, review.rejected) == ("Review", 2, 1, 2)
    assert review.rate == pytest.approx(40)
    assert (found.decided_tasks, found.sent_back) == (3, (2, 0, 0))
    assert found.rework_rate == pytest.approx(200 / 3)


def test_active_time_is_summed_by_person_stage_and_rework(project: Project) -> None:
    (amara,) = figures.active_times(project).people
    assert amara.person is not None
    assert (amara.person.label, amara.tasks, amara.milliseconds) == ("Amara Okafor", 2, 4_800_000)
    assert amara.parts == [("Label", False, 3_600_000), ("Label", True, 1_200_000)]


def test_revised_active_time_counts_once(db: None) -> None:
    project = make_project([time_event("T1", 1, 1000), time_event("T1", 2, 5000, type_="time.revised")])
    assert figures.active_times(project).milliseconds == 5000


def test_what_was_accepted_is_counted_by_day(project: Project) -> None:
    found = figures.throughput(project.log, START + timedelta(minutes=3150))
    assert found.types == figures.DONE
    assert len(found.days) == figures.DAYS
    assert {f"{day.day}": day.events for day in found.days if day.events} == {"2026-03-02": 2, "2026-03-04": 1}
    assert not found.cut


def test_where_nothing_is_reviewed_what_was_handed_in_counts(db: None) -> None:
    project = make_project([make_event("T1", "task.submitted", 5)])
    assert figures.throughput(project.log, START).types == figures.HANDED_IN


def test_where_nothing_is_handed_in_events_count(db: None) -> None:
    project = make_project([make_event("T1", "activity.recorded", 5)])
    found = figures.throughput(project.log, START + timedelta(minutes=5))
    assert (found.types, found.events) == ((), 1)


def test_figures_stop_after_so_many_rows_and_say_so(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "READ", 8)
    found = figures.ways(project.log)
    assert (found.events, found.whole) == (8, False)
    assert found.since is not None
    assert found.since > START
    assert found.moves
    monkeypatch.setattr(figures, "READ", 4)
    through = figures.throughput(project.log, START + timedelta(minutes=3150))
    assert through.cut
    assert figures.active_times(project).whole
    monkeypatch.setattr(figures, "TIMES", 2)
    assert figures.active_times(project).whole is False


def test_a_page_with_stopped_figures_says_since_when(
    client: Client, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "READ", 8)
    tree = page(client, f"/projects/{project.pk}/")
    assert "from the newest 8 of 18 entries, since 2026-03-04" in words(tree)
    links = tree.xpath("//a[contains(@href, 'type=review.rejected')]/@href")
    assert all("from=2026-03-04" in link for link in links if "stage=" in link)


def test_each_figure_leads_to_a_list_of_as_many(client: Client, project: Project) -> None:
    tree = page(client, f"/projects/{project.pk}/")
    figures_shown = [
        (words(link).replace(",", ""), link.get("href"))
        for link in tree.xpath("//main//td[contains(@class, 'num')]/a | //p[@class='sm mut']/a")
        if words(link).isdigit() and "time.recorded" not in link.get("href") and "person=" not in link.get("href")
    ]
    assert len(figures_shown) >= 10
    for shown, address in figures_shown:
        counted = re.search(r"<b>([\d,]+) (?:task|event)", client.get(address).content.decode())
        assert counted, address
        assert counted[1] == shown, address


def test_arrows_and_boxes_are_links_with_words(client: Client, project: Project) -> None:
    tree = page(client, f"/projects/{project.pk}/")
    labels = tree.xpath("//svg[contains(@class, 'flow')]/a/@aria-label")
    assert "5, Label to Review" in labels
    assert "2 sent back 40.0 % of reviews, Review to Label" in labels
    assert "Ground truth: 3 tasks now" in labels
    assert "Review: 0 tasks now, waits 20 min" in labels


def test_stages_that_lead_only_back_stand_below_and_what_goes_there_is_red(client: Client, db: None) -> None:
    project = make_project(
        [
            make_event("T1", "task.submitted", 1, stage="Label", to_stage="Review"),
            make_event("T1", "review.rejected", 2, MEI, stage="Review", to_stage="Rework"),
            make_event("T1", "rework.submitted", 3, stage="Rework", to_stage="Label"),
            make_event("T1", "task.submitted", 4, stage="Label", to_stage="Review"),
            make_event("T1", "review.accepted", 5, MEI, stage="Review", to_stage="Ground truth"),
        ]
    )
    tree = page(client, f"/projects/{project.pk}/")
    boxes = {words(box.xpath("./text[1]")[0]): int(box.xpath("./rect/@y")[0]) for box in tree.xpath("//a[@class='nd']")}
    assert boxes["Rework"] > boxes["Label"] == boxes["Review"] == boxes["Ground truth"]
    back = tree.xpath("//path[contains(@class, 'back') and @d]/../@aria-label")
    assert back == ["1 sent back 50.0 % of reviews, Review to Rework"]


def test_many_stages_are_a_table_with_the_map_on_demand(client: Client, db: None) -> None:
    project = make_project([make_event("T1", minute=n, stage=f"Stage {n}") for n in range(9)])
    tree = page(client, f"/projects/{project.pk}/")
    assert tree.xpath("//details/summary[contains(., 'As a map of 9 stages')]/..//svg[contains(@class, 'flow')]")
    assert tree.xpath("//div[@aria-label='Tasks by stage']//tr[contains(., 'Stage 8')]")


def test_hostile_names_of_stages_stay_text(client: Client, db: None) -> None:
    name = "</text><script>x</script>\u202e"
    project = make_project([make_event("T1", minute=1), make_event("T1", minute=2, stage=name)])
    text = client.get(f"/projects/{project.pk}/").content.decode()
    assert "<script>x" not in text
    assert "\u202e" not in text


def test_a_project_without_events_says_so(client: Client, db: None) -> None:
    assert "No event yet." in words(page(client, f"/projects/{make_project(signed=False).pk}/"))
