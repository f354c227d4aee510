"""Same project, state of the log, definition and program: the same bytes, whenever and wherever it is made."""

import pytest

from audit.log.append import Appender
from audit.models import Project
from exports.reports.service import make_report
from tests.factories import make_event, make_project, worked_task

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
