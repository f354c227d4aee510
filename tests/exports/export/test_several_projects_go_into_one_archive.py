"""An export of several projects: a folder each, complete in itself, and one check of all of it."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client

from audit.log.append import Appender
from audit.models import Membership, Project, Role
from exports.again import ask_again
from exports.archive.zipwriter import ZipWriter
from exports.models import Export
from exports.run import make_export, request_export
from exportsite.jobs import State, perform
from exportsite.problems import WrongRequest
from tests.exports.sealed import verify
from tests.factories import make_event, make_project, worked_task

pytestmark = pytest.mark.usefixtures("artefacts")


@pytest.fixture
def projects(db: None) -> list[Project]:
    return [make_project(worked_task(), name="Liver"), make_project(worked_task("A") + worked_task("B"), name="肺 CT")]


@pytest.fixture
def export(projects: list[Project]) -> Export:
    return make_export(projects, "trail")


def members_of(export: Export) -> dict[str, bytes]:
    with zipfile.ZipFile(export.files[0]["path"]) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_each_project_has_a_folder_with_all_that_an_archive_has(export: Export) -> None:
    members = members_of(export)
    for folder, tasks in (("01_liver", 1), ("02_ct", 2)):
        assert len(json.loads(members[f"{folder}/trail.json"])) == tasks
        for name in ("errors.ndjson", "audit/checkpoint.note", "audit/verify.py", "README.txt", "manifest.note"):
            assert f"{folder}/{name}" in members
    assert list(members)[-5:] == ["README.txt", "verify.py", "files.ndjson", "manifest.json", "manifest.note"]
    assert export.counts["expected"] == {"tasks": 3, "events": 24, "active_times": 6}
    assert [part["expected"]["tasks"] for part in export.counts["projects"]] == [1, 2]


def test_the_verifier_checks_all_of_it(export: Export) -> None:
    result = verify(Path(export.files[0]["path"]))
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.rstrip().endswith("HOLDS")
    assert "ok    folders      2, each with its own manifest; no others" in result.stdout
    assert result.stdout.count("ok    entries") == 2


def test_any_logs_key_stands_for_all_and_another_one_does_not_hold(export: Export) -> None:
    path, members = Path(export.files[0]["path"]), members_of(export)
    for folder in ("01_liver", "02_ct"):
        key = json.loads(members[f"{folder}/manifest.json"])["key"]
        assert verify(path, "--key", key).returncode == 0
    strange = verify(path, "--key", "other+0e7bde30+AX8Cjg/pNzI7cL2Ee0UUvAX4iOqbW3k1y0f7tRF0D9Ua")
    assert strange.returncode != 0


def test_earlier_checkpoints_are_those_of_their_own_log(
    export: Export, projects: list[Project], tmp_path: Path
) -> None:
    for number, project in enumerate(projects):
        note = project.log.checkpoints.latest("size").note
        (tmp_path / f"{number}.note").write_text(note)
    path = Path(export.files[0]["path"])
    result = verify(path, "--earlier", tmp_path / "0.note", "--earlier", tmp_path / "1.note")
    assert result.returncode == 0, result.stdout
    assert result.stdout.count("the log still begins with") == 2
    foreign = make_project(worked_task())
    (tmp_path / "foreign.note").write_text(foreign.log.checkpoints.latest("size").note)
    result = verify(path, "--earlier", tmp_path / "foreign.note")
    assert result.returncode == 1
    assert "no state of any of these logs" in result.stdout


def _without(members: dict[str, bytes], folder: str) -> None:
    for name in [name for name in members if name.startswith(folder)]:
        del members[name]


Change = Callable[[dict[str, bytes]], None]
CHANGES: dict[str, Change] = {
    "an unlisted member beside the folders": lambda members: members.update({"more.txt": b"x"}),
    "an unlisted member in a folder": lambda members: members.update({"01_liver/more.txt": b"x"}),
    "an unlisted folder": lambda members: members.update({"03_more/manifest.json": b"{}"}),
    "a changed file of the second folder": lambda members: members.update({"02_ct/trail.json": b"[]"}),
    "a missing folder": lambda members: _without(members, "02_ct/"),
    "a changed README": lambda members: members.update({"README.txt": b"x"}),
    "a changed verifier": lambda members: members.update({"verify.py": b"print('HOLDS')"}),
    "a manifest of fewer projects": lambda members: members.update(
        {"manifest.json": members["manifest.json"].replace(b"02_ct", b"01_liver")}
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_changed_archive_does_not_hold(export: Export, tmp_path: Path, what: str) -> None:
    members = members_of(export)
    CHANGES[what](members)
    last = {name: members.pop(name) for name in ("files.ndjson", "manifest.json", "manifest.note")}
    with (tmp_path / "changed.zip").open("wb") as out:
        writer = ZipWriter(out)
        for name, data in (members | last).items():
            writer.write(name, data)
        writer.close()
    result = verify(tmp_path / "changed.zip")
    assert result.returncode == 1, result.stdout + result.stderr
    assert result.stdout.rstrip().endswith("DOES NOT HOLD")


def test_folders_that_changed_places_do_not_hold(projects: list[Project], export: Export, tmp_path: Path) -> None:
    members = members_of(export)
    with (tmp_path / "changed.zip").open("wb") as out:
        writer = ZipWriter(out)
        for name, data in members.items():
            swapped = {"01_liver": "02_ct", "02_ct": "01_liver"}
            folder, slash, rest = name.partition("/")
            writer.write(f"{swapped.get(folder, folder)}{slash}{rest}", data)
        writer.close()
    assert verify(tmp_path / "changed.zip").returncode == 1


def test_a_single_file_format_lies_in_its_folder(projects: list[Project]) -> None:
    export = make_export(projects, "xes")
    assert [file["name"].rpartition(".")[2] for file in export.files] == ["zip"]
    assert {"01_liver/log.xes", "02_ct/log.xes"} <= set(members_of(export))
    assert verify(Path(export.files[0]["path"])).returncode == 0


def test_it_is_the_same_again_after_more_has_happened(export: Export, projects: list[Project], root: User) -> None:
    with Appender(projects[1]) as log:
        log.add(make_event("C", "task.created"))
    again = ask_again(root, export)
    perform(Export, again.pk)
    again.refresh_from_db()
    assert again.state == State.SUCCEEDED, again.error_text
    assert [file["sha256"] for file in again.files] == [file["sha256"] for file in export.files]


@pytest.fixture
def root(db: None) -> User:
    return User.objects.create_superuser("root")


def test_each_can_be_of_a_size_of_its_own(projects: list[Project]) -> None:
    export = make_export(projects, "trail", as_of=[3, 5])
    assert [part["as_of"] for part in export.resolved["projects"]] == [3, 5]
    with pytest.raises(WrongRequest, match="give one for each"):
        request_export(projects, "trail", as_of=[3])
    with pytest.raises(WrongRequest, match="In the project 肺 CT: The log has 16 events"):
        request_export(projects, "trail", as_of=[3, 99])


def test_people_have_a_meaning_in_one_project_only(projects: list[Project]) -> None:
    person = projects[0].people.first()
    assert person is not None
    with pytest.raises(WrongRequest, match="each has pseudonyms of its own"):
        request_export(projects, "trail", filters={"person": str(person.pk)})
    with pytest.raises(WrongRequest, match="named twice"):
        request_export([projects[0], projects[0]], "trail")


def test_the_command_takes_several(projects: list[Project], tmp_path: Path) -> None:
    out = StringIO()
    path = tmp_path / "both.zip"
    ids = [str(project.pk) for project in projects]
    call_command("export", *ids, "--format", "xes", "-o", str(path), "--name", "Both", stdout=out)
    assert out.getvalue().strip() == str(path)
    assert Export.objects.get().name == "Both"
    said = StringIO()
    call_command("verify", str(path), stdout=said)
    assert "HOLDS" in said.getvalue()
    with pytest.raises(CommandError, match="must end so"):
        call_command("export", *ids, "--format", "xes", "-o", str(tmp_path / "both.xes"))


# Who may


@pytest.fixture
def manager(projects: list[Project]) -> Client:
    """Somebody who manages the first project only."""
    user = User.objects.create_user("mia")
    Membership.objects.create(user=user, project=projects[0], role=Role.MANAGER)
    client = Client()
    client.force_login(user)
    return client


def test_one_foreign_project_is_refused_as_a_single_one_is(manager: Client, projects: list[Project]) -> None:
    ids = [project.pk for project in projects]
    single = manager.post("/api/v1/exports/", {"project": ids[1], "format": "trail"}, "application/json")
    both = manager.post("/api/v1/exports/", {"projects": ids, "format": "trail"}, "application/json")
    assert single.status_code == both.status_code == 400
    assert single.json()["errors"] == both.json()["errors"]
    assert not Export.objects.exists()


def test_reading_one_of_them_is_not_enough_to_ask(manager: Client, projects: list[Project]) -> None:
    Membership.objects.create(user=User.objects.get(username="mia"), project=projects[1], role=Role.AUDITOR)
    ids = [project.pk for project in projects]
    answer = manager.post("/api/v1/exports/", {"projects": ids, "format": "trail"}, "application/json")
    assert answer.status_code == 403
    assert not Export.objects.exists()


def test_who_lacks_one_of_them_does_not_see_the_export(manager: Client, export: Export) -> None:
    for address in (
        f"/exports/{export.pk}/",
        f"/exports/{export.pk}/progress/",
        f"/exports/{export.pk}/cancel/",
        f"/api/v1/exports/{export.pk}/",
        f"/api/v1/exports/{export.pk}/errors/",
        f"/api/v1/exports/{export.pk}/rows/",
        f"/api/v1/exports/{export.pk}/files/{export.files[0]['name']}",
    ):
        assert manager.get(address).status_code == 404, address
    for address in (f"/exports/{export.pk}/again/", f"/api/v1/exports/{export.pk}/again/"):
        assert manager.post(address, {}).status_code == 404, address
    assert manager.get("/api/v1/exports/").json()["results"] == []
    for page in ("/exports/", "/"):
        assert str(export.pk) not in manager.get(page).content.decode()


def test_who_manages_all_of_them_sees_it_under_each(manager: Client, export: Export, projects: list[Project]) -> None:
    Membership.objects.create(user=User.objects.get(username="mia"), project=projects[1], role=Role.MANAGER)
    for project in projects:
        found = manager.get(f"/api/v1/exports/?project={project.pk}").json()["results"]
        assert [one["projects"] for one in found] == [[project.pk for project in projects]]
        assert str(export.pk) in manager.get(f"/exports/?project={project.pk}").content.decode()
    page = manager.get(f"/exports/{export.pk}/").content.decode()
    assert "Liver and 1 more project as Audit trail" in page
    assert "肺 CT" in page
    assert manager.get(f"/api/v1/exports/{export.pk}/errors/").json()["results"] == []
