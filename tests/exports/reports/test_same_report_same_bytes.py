"""Same project, state of the log, definition and program: the same bytes, whenever and wherever it is made."""

import json

import pytest

from audit.log.append import Appender
from audit.models import Project, Task
from audit.sources.base import PersonRef
from exports.reports.definition import Options
from exports.reports.gather import gather
from exports.reports.service import make_report, resolve
from tests.factories import AMARA, make_event, make_project, worked_task

pytestmark = pytest.mark.django_db


def test_two_runs_give_the_same_bytes(tmp_path):
    project = make_project(worked_task("T1") + worked_task("T2", 500))
    make_report(project, output=tmp_path / "a.pdf")
    make_report(project, output=tmp_path / "b.pdf")
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()


def test_a_report_as_of_an_earlier_state_does_not_see_what_came_later(tmp_path):
    project = make_project(worked_task("T1"))
    task = project.task_set.get()
    size = project.log.size
    make_report(project, task, output=tmp_path / "then.pdf")
    with Appender(Project.objects.get(pk=project.pk)) as log:
        log.add(make_event("T1", "comment.added", 900, text="Later."))
        log.add(make_event("T9", "task.created", 900))
    make_report(project, task, as_of=size, output=tmp_path / "again.pdf")
    make_report(project, task, output=tmp_path / "now.pdf")
    then = (tmp_path / "then.pdf").read_bytes()
    assert (tmp_path / "again.pdf").read_bytes() == then
    assert (tmp_path / "now.pdf").read_bytes() != then


def test_a_project_and_a_task_that_got_other_names_since_keep_the_old_ones():
    settings = {"name": "Liver, phase 1", "zone": "Europe/Berlin", "log": []}
    told = {"derived": True, "occurred_at": None, "instant": None, "stage": None}
    content = json.dumps(settings).encode()
    named = make_event(None, "project.updated", 0, None, content=content, **told)
    project = make_project([named, *worked_task("T1")])
    task, size = project.task_set.get(), project.log.size
    then = gather(resolve(project, task, size, Options()))
    with Appender(Project.objects.get(pk=project.pk)) as log:
        other = json.dumps(settings | {"name": "Liver, phase 2", "zone": "Asia/Tokyo"}).encode()
        log.add(make_event(None, "project.updated", 900, None, content=other, source_key="second", **told))
        log.add(make_event("T1", "task.updated", 900, payload={"name": "Another name"}, derived=True))
    assert Project.objects.get(pk=project.pk).name == "Liver, phase 2"
    again = gather(resolve(Project.objects.get(pk=project.pk), Task.objects.get(pk=task.pk), size, Options()))
    assert again == then
    assert (then.scope.project, then.scope.zone, then.scope.task) == ("Liver, phase 1", "Europe/Berlin", "T1")


def test_a_person_who_got_another_name_since_has_it_in_reports_of_earlier_states_too():
    project = make_project(worked_task("T1"))
    size = project.log.size

    def people(options: Options) -> list[tuple[str, str | None]]:
        again = resolve(Project.objects.get(pk=project.pk), None, size, options)
        return [(person.pseudonym, person.name) for person in gather(again).people]

    then, withheld = people(Options()), people(Options(redact=True))
    renamed = PersonRef(AMARA.external_id, email=AMARA.email, name="Amara Okafor-Lind")
    with Appender(Project.objects.get(pk=project.pk)) as log:
        log.add(make_event("T1", "comment.added", 900, renamed))
    now = dict(people(Options()))
    assert now.keys() == dict(then).keys(), "pseudonyms stay"
    assert [(old, now[pseudonym]) for pseudonym, old in then if now[pseudonym] != old] == [(AMARA.name, renamed.name)]
    assert people(Options(redact=True)) == withheld
