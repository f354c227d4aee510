"""`name`: what whoever asks calls an export; on its page, in lists, and safely in its file's name."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from audit.models import Project
from exports.models import Export
from exports.run import make_export, request_export
from exportsite.problems import WrongRequest
from tests.factories import make_project, worked_task

pytestmark = pytest.mark.usefixtures("artefacts")


@pytest.fixture
def project(db: None) -> Project:
    return make_project(worked_task(), name="Liver")


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("Rejected in March", "rejected-in-march_trail_"),
        ("../../etc/passwd", "etcpasswd_trail_"),
        ("<b>x</b>\n y", "bxb-y_trail_"),
        ("肺", "liver_trail_"),
        ("", "liver_trail_"),
    ],
)
def test_it_is_part_of_the_files_name(project: Project, artefacts: Path, name: str, begins: str) -> None:
    export = make_export(project, "trail", name=name)
    path = Path(export.files[0]["path"])
    assert path.name.startswith(begins)
    assert path.parent == artefacts


def test_it_is_the_title_of_the_page_and_in_lists(project: Project, client: Client) -> None:
    export = request_export(project, "trail", name="<i>For</i> Helena")
    for address in ("/exports/", f"/exports/{export.pk}/", "/"):
        page = client.get(address).content.decode()
        assert "&lt;i&gt;For&lt;/i&gt; Helena" in page
    assert client.get(f"/api/v1/exports/{export.pk}/").json()["name"] == "<i>For</i> Helena"


@pytest.mark.parametrize("name", ["x" * 121, "turn \u202e round", "\x07"])
def test_a_name_that_can_not_be_shown_is_refused(project: Project, name: str) -> None:
    with pytest.raises(WrongRequest, match="The name has at most 120 characters"):
        request_export(project, "trail", name=name)
    assert not Export.objects.exists()


def test_the_builder_asks_for_name_strictness_and_more_projects(project: Project, client: Client) -> None:
    other = make_project(worked_task(), name="Lung")
    query = {"project": project.pk, "also": other.pk, "name": "Both of them", "strict": "true", "format": "trail"}
    page = client.get("/exports/new/", query).content.decode()
    assert f"manage.py export {project.pk} {other.pk}" in page
    assert "--strict" in page
    assert "Both of them" in page
    once = page.partition('name="once" value="')[2].partition('"')[0]
    answer = client.post("/exports/new/", {**query, "once": once})
    export = Export.objects.get()
    assert answer["Location"] == f"/exports/{export.pk}/"
    assert (export.name, export.project_ids, export.asked["strict"]) == ("Both of them", [project.pk, other.pk], True)
    like_this = client.get(f"/exports/{export.pk}/").content.decode()
    assert f"also={other.pk}" in like_this


def test_the_builder_refuses_a_project_that_is_not_there(project: Project, client: Client) -> None:
    page = client.get("/exports/new/", {"project": project.pk, "also": "99999"})
    assert page.status_code == 400
    assert "There is no project “99999”." in page.content.decode()
