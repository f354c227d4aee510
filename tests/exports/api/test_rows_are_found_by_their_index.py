"""The byte and line index beside an artefact: used where it fits, never needed, gone with the artefact."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from audit.models import Project
from exports import files, members, stream
from exports.archive import zipwriter
from exports.models import Export
from exports.run import make_export
from tests.exports.sealed import verify
from tests.factories import make_project, worked_task


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Points every 256 bytes."""
    monkeypatch.setattr(zipwriter, "PIECE", 64)
    monkeypatch.setattr(zipwriter, "ANEW", 256)


@pytest.fixture
def project(db: None) -> Project:
    return make_project([event for n in range(7) for event in worked_task(f"T{n}", n * 200)])


@pytest.fixture
def made(project: Project) -> Export:
    return make_export(project, "trail", parameters={"encoding": "ndjson"})


@pytest.fixture
def index(made: Export) -> Path:
    return Path(made.files[0]["path"] + stream.SUFFIX)


@pytest.fixture
def lines(made: Export) -> list[bytes]:
    with zipfile.ZipFile(made.files[0]["path"]) as archive:
        return archive.read("trail.ndjson").splitlines(keepends=True)


def row(client: Client, made: Export, line: int) -> bytes:
    return client.get(f"/api/v1/exports/{made.pk}/rows/", {"line": line, "limit": 1}).getvalue()


def test_its_points_are_where_it_says(made: Export, index: Path) -> None:
    said = json.loads(index.read_text())
    with zipfile.ZipFile(made.files[0]["path"]) as archive:
        for name in ("trail.ndjson", "active_time.ndjson"):
            whole = archive.read(name)
            points = said["members"][name]
            assert [byte for byte, _, _ in points] == list(range(256, len(whole), 256))[: len(points)]
            assert len(points) >= len(whole) // 256 - 1
            assert [line for _, line, _ in points] == [whole[:byte].count(b"\n") for byte, _, _ in points]
            with Path(made.files[0]["path"]).open("rb") as file:
                for byte, line, packed in points:
                    resumed = stream.Resumed(file, zipwriter.Point(byte, line, packed))
                    assert b"".join(iter(lambda reader=resumed: reader.read(100), b"")) == whole[byte:]


def test_rows_are_read_from_the_nearest_point(
    client: Client, made: Export, index: Path, lines: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: Any) -> None:
        raise AssertionError("read from the start")

    monkeypatch.setattr(members, "Joined", never)
    assert index.is_file()
    assert [row(client, made, number) for number in range(3, 7)] == lines[3:]


@pytest.mark.parametrize("what", ["none", "of other bytes", "damaged", "of no use"])
def test_without_one_that_fits_they_are_the_same(
    client: Client, made: Export, index: Path, lines: list[bytes], what: str
) -> None:
    said = json.loads(index.read_text())
    if what == "none":
        index.unlink()
    elif what == "of other bytes":
        index.write_text(json.dumps({**said, "sha256": "00" * 32, "members": {"trail.ndjson": [[1, 1, 1]]}}))
    elif what == "damaged":
        index.write_bytes(b'{"version":1,')
    else:
        index.write_text(json.dumps([said]))
    assert [row(client, made, number) for number in range(7)] == lines


def test_it_goes_with_the_artefact(made: Export, index: Path) -> None:
    files.discard(made.pk)
    assert not index.exists()


def test_it_is_no_file_of_the_export(client: Client, made: Export, index: Path) -> None:
    assert [Path(file["name"]).suffix for file in made.files] == [".zip"]
    assert client.get(f"/api/v1/exports/{made.pk}/files/{index.name}").status_code == 404


def test_none_is_kept_of_a_file_that_a_command_wrote_elsewhere(project: Project, tmp_path: Path) -> None:
    make_export(project, "trail", parameters={"encoding": "ndjson"}, output=tmp_path / "own" / "trail.zip")
    assert [path.name for path in (tmp_path / "own").iterdir()] == ["trail.zip"]


def test_the_archive_verifies_and_every_reader_reads_it(made: Export, lines: list[bytes]) -> None:
    assert verify(Path(made.files[0]["path"])).returncode == 0
    assert len(lines) == 7


def test_several_projects_have_points_in_each_folder(client: Client, project: Project) -> None:
    other = make_project([event for n in range(5) for event in worked_task(f"T{n}", n * 200)])
    made = make_export([project, other], "trail", parameters={"encoding": "ndjson"})
    said = json.loads(Path(made.files[0]["path"] + stream.SUFFIX).read_text())
    (name,) = [name for name in said["members"] if name.startswith("02_") and name.endswith("trail.ndjson")]
    with zipfile.ZipFile(made.files[0]["path"]) as archive:
        whole = archive.read(name).splitlines(keepends=True)
    query = {"file": name, "line": 4}
    assert client.get(f"/api/v1/exports/{made.pk}/rows/", query).getvalue() == whole[4]
