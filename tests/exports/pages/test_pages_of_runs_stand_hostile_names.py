"""Names and texts of others on pages of exports and reports are shown, never obeyed."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone
from lxml import html

from audit.models import Project, Task
from exports.models import Export, Report
from exports.reports.service import request_report
from exports.run import request_export
from exportsite.jobs import State
from tests.factories import make_project, worked_task

HOSTILE = {
    "markup": "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&amp;{{ 7|add:7 }}",
    "endless": "x" * 100_000,
    "right to left": "\u202egnp.exe \u2066\u200bשלום",
    "controls": "\x1b[2J\x07\r\n\u2028",
}
PAGES = [
    "/exports/",
    "/exports/new/?project={project}",
    "/exports/new/?project={project}&external_id=%3Cscript%3E&words=%E2%80%AEx",
    "/exports/{export}/",
    "/exports/{export}/cancel/",
    "/reports/",
    "/reports/new/?task={task}",
    "/reports/{report}/",
]


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("state", [State.RUNNING, State.FAILED])
def test_it_is_shown_and_not_obeyed(db: None, client: Client, address: str, kind: str, state: State) -> None:
    text = HOSTILE[kind]
    project = make_project(worked_task())
    task = Task.objects.get(project=project)
    export, report = request_export(project, "trail"), request_report(project, task)
    Project.objects.filter(pk=project.pk).update(name=text)
    Task.objects.filter(pk=task.pk).update(name=text)
    told = {"step": text[:500], "done": 1, "total": None, "unit": text[:500]}
    for model in (Export, Report):
        model._default_manager.update(
            state=state, progress=told, error_text=text, error_code=text[:50], created_by=text[:200],
            started_at=timezone.now(), finished_at=timezone.now(),
        )  # fmt: skip
    filled = address.format(project=project.pk, task=task.pk, export=export.pk, report=report.pk)
    answer = client.get(filled)
    assert answer.status_code == 200
    shown = answer.content.decode()
    assert len(shown) < 100_000
    page = html.fromstring(shown)
    assert not page.xpath("//img")
    assert all(script.get("src", "").startswith("/static/") for script in page.xpath("//script"))
    assert not page.xpath("//@onerror")
    for character in "\u202e\u2066\u200b\x1b\x07\u2028":
        assert character not in page.xpath("string(//main)"), f"U+{ord(character):04X}"
