"""An export of several projects: one file with a row for each data row, and the labels of all projects in it."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from audit.models import Project
from exports.archive.zipwriter import ZipWriter
from exports.models import Export
from exports.run import make_export
from exportsite.problems import WrongRequest
from tests.exports.sealed import verify
from tests.fakes.labelbox_story import PROJECT, golden

pytestmark = pytest.mark.django_db
OTHER = "clotherproject00000000000"
Row = dict[str, Any]
Change = Callable[[dict[str, bytes]], None]


def load(folder: Path, name: str, rows: list[Row]) -> Project:
    path = folder / f"{name}.ndjson"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    call_command("load", str(path), "--project", name, stdout=StringIO(), stderr=StringIO())
    return Project.objects.get(name=name)


def of_other(row: Row, **more: Any) -> Row:
    """The same data row as another project has it."""
    (ours,) = row["projects"].values()
    return {**row, **more, "projects": {OTHER: {**ours, "name": "Other", "project_tags": [{"name": "second"}]}}}


@pytest.fixture
def rows() -> list[Row]:
    return golden("image")


@pytest.fixture
def projects(tmp_path: Path, rows: list[Row]) -> list[Project]:
    """Two projects that have three data rows in common; the first has two more, the second another one."""
    later = {**rows[4]["data_row"], "details": {**rows[4]["data_row"]["details"], "last_activity_at": "2030"}}
    others = [of_other(rows[2]), of_other(rows[3]), of_other(rows[4], data_row=later, metadata_fields=[{"value": 7}])]
    return [load(tmp_path, "First", rows), load(tmp_path, "Second", [of_other(golden("text")[0]), *others])]


def exported(projects: list[Project], path: Path, *asked: str, **more: Any) -> tuple[Export, list[Row]]:
    export = make_export(projects, "labelbox", parameters=dict.fromkeys(asked, True), output=path, **more)
    return export, [json.loads(line) for line in path.read_bytes().splitlines()]


def test_a_data_row_is_one_row_with_the_labels_of_every_project_that_has_it(projects, rows, tmp_path) -> None:
    export, found = exported(projects, tmp_path / "all.ndjson", "data_row_details")
    ids = [row["data_row"]["id"] for row in found]
    assert ids == sorted({*(row["data_row"]["id"] for row in rows), golden("text")[0]["data_row"]["id"]})
    having = {row["data_row"]["id"]: list(row["projects"]) for row in found}
    assert [having[row["data_row"]["id"]] for row in rows] == [[PROJECT]] * 2 + [[PROJECT, OTHER]] * 3
    alone = {
        project.pk: exported([project], tmp_path / f"{project.pk}.ndjson", "data_row_details")[1]
        for project in projects
    }
    for lines in alone.values():
        for row in lines:
            (mine,) = [one for one in found if one["data_row"]["id"] == row["data_row"]["id"]]
            assert row["projects"].items() <= mine["projects"].items()
    assert export.counts["expected"]["tasks"] == 9
    assert [part["written"]["tasks"] for part in export.counts["projects"]] == [5, 4]
    assert export.counts["merged"] == {"data_rows": 6}


def test_what_is_said_of_the_data_row_is_that_of_the_newest_activity(projects, rows, tmp_path) -> None:
    _, found = exported(projects, tmp_path / "all.ndjson", "metadata_fields")
    said = {row["data_row"]["id"]: row["metadata_fields"] for row in found}
    assert said[rows[4]["data_row"]["id"]] == [{"value": 7}]
    assert said[rows[3]["data_row"]["id"]] == rows[3].get("metadata_fields", [])
    _, turned = exported(projects[::-1], tmp_path / "turned.ndjson", "metadata_fields")
    assert [list(row["projects"]) for row in turned if len(row["projects"]) == 2] == [[OTHER, PROJECT]] * 3
    assert [row["metadata_fields"] for row in turned] == [row["metadata_fields"] for row in found]


def test_model_runs_that_several_projects_tell_of_stand_once(tmp_path, rows) -> None:
    (run,) = golden("model_run_image")
    ((model, told),) = run["experiments"].items()
    more = {model: {**told, "runs": {**told["runs"], "clotherrun": {"name": "second", "labels": []}}}}
    first = {**rows[0], "experiments": run["experiments"]}
    projects = [load(tmp_path, "First", [first]), load(tmp_path, "Second", [of_other(rows[0], experiments=more)])]
    _, (row,) = exported(projects, tmp_path / "runs.ndjson", "all_model_runs")
    assert set(row["experiments"][model]["runs"]) == {*told["runs"], "clotherrun"}
    _, (row,) = exported(projects, tmp_path / "none.ndjson")
    assert "experiments" not in row


def test_every_project_has_a_proof_and_the_file_is_signed_with_them(projects, tmp_path) -> None:
    path = tmp_path / "all.ndjson"
    export, _ = exported(projects, path)
    assert [file["name"] for file in export.files] == ["all.ndjson", "all.ndjson.proof.zip"]
    result = verify(path)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "'data_rows.ndjson', of all of them, is the one that was signed" in result.stdout
    assert result.stdout.count("ok    checkpoint") == 2
    with zipfile.ZipFile(f"{path}.proof.zip") as proof:
        listed = [json.loads(line) for line in proof.read("files.ndjson").splitlines()]
        assert json.loads(proof.read("manifest.json"))["merged"] == {"data_rows": 6}
        assert "They are one file, data_rows.ndjson, beside this archive" in proof.read("README.txt").decode()
    assert [item["path"] for item in listed if item.get("beside")] == ["data_rows.ndjson"]
    path.write_bytes(path.read_bytes().replace(b'"labels"', b'"LABELS"', 1))
    assert verify(path).returncode == 1


def _swapped(members: dict[str, bytes]) -> None:
    members["files.ndjson"] = members["files.ndjson"].replace(b',"beside":true', b"")


CHANGES: dict[str, Change] = {
    "a file that is no longer listed as beside": _swapped,
    "a missing folder": lambda members: [members.pop(name) for name in list(members) if name.startswith("02")] and None,
    "a changed count": lambda members: members.update(
        {"manifest.json": members["manifest.json"].replace(b'"data_rows":6', b'"data_rows":7')}
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_changed_proof_does_not_hold(projects, tmp_path, what) -> None:
    path = tmp_path / "all.ndjson"
    exported(projects, path)
    with zipfile.ZipFile(f"{path}.proof.zip") as proof:
        members = {name: proof.read(name) for name in proof.namelist()}
    CHANGES[what](members)
    with Path(f"{path}.proof.zip").open("wb") as out:
        writer = ZipWriter(out)
        for name, data in members.items():
            writer.write(name, data)
        writer.close()
    assert verify(path).returncode == 1


def test_it_is_the_same_again(projects, tmp_path) -> None:
    first, second = (exported(projects, tmp_path / f"{name}.ndjson")[0] for name in "ab")
    assert [file["sha256"] for file in first.files] == [file["sha256"] for file in second.files]


def test_two_records_of_one_project_are_refused(tmp_path, rows) -> None:
    twice = [load(tmp_path, name, rows) for name in ("First", "Again")]
    with pytest.raises(WrongRequest, match="First and Again are both the project"):
        exported(twice, tmp_path / "all.ndjson")
    assert not Export.objects.exists()


def test_the_command_makes_one_file_and_refuses_a_zip(projects, tmp_path) -> None:
    ids = [str(project.pk) for project in projects]
    out = StringIO()
    call_command("export", *ids, "--format", "labelbox", "-o", str(tmp_path / "all.ndjson"), stdout=out)
    assert out.getvalue().split() == [str(tmp_path / "all.ndjson"), str(tmp_path / "all.ndjson.proof.zip")]
    with pytest.raises(CommandError, match="must end so"):
        call_command("export", *ids, "--format", "labelbox", "-o", str(tmp_path / "all.zip"))


def test_each_project_comes_out_of_the_file_as_it_went_in(projects, tmp_path) -> None:
    path = tmp_path / "all.ndjson"
    blocks = ("data_row_details", "project_details", "label_details", "performance_details", "attachments")
    exported(projects, path, *blocks, "metadata_fields", "interpolated_frames")
    for project, called in ((projects[0], PROJECT), (projects[1], OTHER)):
        with pytest.raises(CommandError, match="of 2 projects, none of which is"):
            call_command("load", str(path), "--project", "Elsewhere", stdout=StringIO(), stderr=StringIO())
        call_command("load", str(path), "--project", called, stdout=StringIO(), stderr=StringIO())
        again = Project.objects.get(name=called)
        _, before = exported([project], tmp_path / f"{called}.before.ndjson", *blocks)
        _, after = exported([again], tmp_path / f"{called}.after.ndjson", *blocks)
        by_id = {row["data_row"]["id"]: row["projects"] for row in before}
        assert {row["data_row"]["id"]: row["projects"] for row in after} == by_id
