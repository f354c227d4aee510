"""A form that is sent twice, as by a double click, begins one run; a form that was changed is another one."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client

from audit.models import Project, Verification
from exports.models import Export, Report
from tests.exports.pages.conftest import Send


def test_the_second_sending_shows_the_first_ones_run(client: Client, project: Project) -> None:
    form = {"project": project.pk, "format": "trail", "once": str(uuid.uuid4())}
    first, second = client.post("/exports/new/", form), client.post("/exports/new/", form)
    assert first["Location"] == second["Location"]
    assert Export.objects.count() == 1


def test_what_was_changed_since_is_asked_for_as_well(client: Client, project: Project) -> None:
    form = {"project": project.pk, "format": "trail", "once": str(uuid.uuid4())}
    client.post("/exports/new/", form)
    client.post("/exports/new/", {**form, "type": "task.created"})
    assert Export.objects.count() == 2


def test_two_forms_are_two(send: Send, project: Project) -> None:
    send("/exports/new/", project=project.pk, format="trail")
    send("/exports/new/", project=project.pk, format="trail")
    assert Export.objects.count() == 2


def test_a_form_that_was_refused_can_be_sent_again(client: Client, project: Project) -> None:
    form = {"project": project.pk, "format": "trail", "as_of": "99", "once": str(uuid.uuid4())}
    assert client.post("/exports/new/", form).status_code == 400
    assert client.post("/exports/new/", {**form, "as_of": "8"}).status_code == 303
    assert Export.objects.count() == 1


@pytest.mark.parametrize("token", [None, "", "twice", "0" * 100])
@pytest.mark.parametrize("path", ["/exports/new/", "/reports/new/", "/projects/{project}/verifications/"])
def test_a_form_without_its_token_is_refused(client: Client, project: Project, path: str, token: str | None) -> None:
    form = {"project": project.pk} if "new" in path else {}
    answer = client.post(path.format(project=project.pk), form | ({} if token is None else {"once": token}))
    assert answer.status_code == 400
    assert "came without its token" in answer.content.decode()
    assert not any(kind._default_manager.exists() for kind in (Export, Report, Verification))


@pytest.mark.parametrize("path", ["/exports/new/", "/reports/new/", "/projects/{project}/verifications/"])
def test_a_forged_form_is_refused(project: Project, client: Client, path: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    form = {"project": project.pk, "format": "trail", "once": str(uuid.uuid4())}
    assert strict.post(path.format(project=project.pk), form).status_code == 403
    assert not any(kind._default_manager.exists() for kind in (Export, Report, Verification))
