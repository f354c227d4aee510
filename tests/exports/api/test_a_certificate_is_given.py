"""The certificate of an export over the API and on its page: made on demand, noted, refused in words."""

from __future__ import annotations

import io
from pathlib import Path

import pikepdf
import pytest
from django.test import Client

from audit.models import Project, ServiceOutbox
from exports.models import Export
from exports.run import make_export
from exportsite.jobs import State
from tests.factories import make_project, worked_task


def test_it_is_a_pdf_of_one_page_and_noted(client: Client, finished: Export) -> None:
    answer = client.get(f"/api/v1/exports/{finished.pk}/certificate/?paper=letter")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert f"{finished.files[0]['name']}.certificate.pdf" in answer["Content-Disposition"]
    with pikepdf.open(io.BytesIO(answer.content)) as pdf:
        assert len(pdf.pages) == 1
    noted = ServiceOutbox.objects.get(type="export.downloaded")
    assert noted.content["about"].endswith(".certificate.pdf")


def test_the_page_leads_to_it(client: Client, finished: Export) -> None:
    address = f"/api/v1/exports/{finished.pk}/certificate/"
    assert f'href="{address}"' in client.get(f"/exports/{finished.pk}/").content.decode()
    Path(finished.files[0]["path"]).unlink()
    assert address not in client.get(f"/exports/{finished.pk}/").content.decode()


def test_of_a_file_that_is_gone_there_is_none(client: Client, finished: Export) -> None:
    Path(finished.files[0]["path"]).unlink()
    assert client.get(f"/api/v1/exports/{finished.pk}/certificate/").status_code == 410


def test_of_a_file_that_was_changed_there_is_none(client: Client, finished: Export) -> None:
    path = Path(finished.files[0]["path"])
    path.write_bytes(path.read_bytes() + b"x")
    answer = client.get(f"/api/v1/exports/{finished.pk}/certificate/")
    assert answer.status_code == 409
    assert "is not the file that the export published" in answer.json()["detail"]
    assert str(path.parent) not in answer.json()["detail"]
    assert not ServiceOutbox.objects.filter(type="export.downloaded").exists()


@pytest.mark.parametrize("state", [State.RUNNING, State.FAILED])
def test_of_an_export_that_did_not_succeed_there_is_none(client: Client, finished: Export, state: State) -> None:
    Export.objects.filter(pk=finished.pk).update(state=state)
    answer = client.get(f"/api/v1/exports/{finished.pk}/certificate/")
    assert (answer.status_code, state in answer.json()["detail"]) == (409, True)


def test_of_several_projects_there_is_none(client: Client, project: Project) -> None:
    export = make_export([project, make_project(worked_task())], "trail")
    answer = client.get(f"/api/v1/exports/{export.pk}/certificate/")
    assert answer.status_code == 409
    assert "this export is of several" in answer.json()["detail"]


def test_what_it_does_not_take_is_named(client: Client, finished: Export) -> None:
    for query in ("paper=a5", "size=a4"):
        assert client.get(f"/api/v1/exports/{finished.pk}/certificate/?{query}").status_code == 400
