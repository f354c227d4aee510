"""Whoever makes or switches off a project's webhook stands in the log of use; what changes nothing is not noted."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from audit import servicelog
from audit.models import Project, ServiceOutbox, Source
from tests.factories import make_project


@pytest.fixture
def project(db: None) -> Project:
    found = make_project(name="Liver")
    Source.objects.filter(pk=found.source_id).update(kind="redbrick")
    return found


def hook(project: Project, **options: bool) -> str:
    out = StringIO()
    call_command("hook", str(project.pk), stdout=out, **options)
    return out.getvalue()


def noted() -> list[str]:
    return list(ServiceOutbox.objects.order_by("id").values_list("type", flat=True))


def test_a_webhook_is_made_once_and_shown_again_without_a_line(project: Project) -> None:
    hook(project)
    hook(project)
    assert noted() == ["webhook.made"]
    hook(project, new=True)
    assert noted() == ["webhook.made"] * 2


def test_a_webhook_is_switched_off_once(project: Project) -> None:
    hook(project, off=True)
    assert noted() == []
    hook(project)
    hook(project, off=True)
    hook(project, off=True)
    assert noted() == ["webhook.made", "webhook.switched_off"]


def test_the_line_says_of_which_project_and_holds_no_secret(project: Project) -> None:
    address = hook(project).split()[1]
    hook(project, off=True)
    servicelog.append_waiting()
    out = StringIO()
    call_command("usage", stdout=out, stderr=StringIO())
    assert f"Webhook made for project {project.pk} by the system" in out.getvalue()
    assert f"Webhook switched off for project {project.pk} by the system" in out.getvalue()
    call_command("usage", json=True, stdout=out, stderr=StringIO())
    assert address.rsplit("/", 2)[1] not in out.getvalue()


def test_a_refused_webhook_leaves_no_line(db: None) -> None:
    with pytest.raises(CommandError, match="no messages are sent from there"):
        hook(make_project(name="Of a file"))
    assert noted() == []
