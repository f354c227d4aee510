"""`exports/{id}/rows/`: the NDJSON of an export from any row or byte on."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from audit.models import Project
from exports import members, stream
from exports.archive import zipwriter
from exports.models import Export
from exportsite.jobs import perform
from tests.exports.api.conftest import Post
from tests.factories import make_project, worked_task


@pytest.fixture
def project(db: None) -> Project:
    return make_project([event for n in range(7) for event in worked_task(f"T{n}", n * 200)])


@pytest.fixture
def made(post: Post, project: Project) -> Export:
    body = {"project": project.pk, "format": "trail", "parameters": {"encoding": "ndjson"}}
    pk = post("/api/v1/exports/", body).json()["id"]
    perform(Export, pk)
    return Export.objects.get(pk=pk)


@pytest.fixture
def whole(made: Export) -> bytes:
    with zipfile.ZipFile(made.files[0]["path"]) as archive:
        return archive.read("trail.ndjson")


@pytest.fixture(autouse=True, params=["whole blocks", "small blocks", "an index"])
def small_blocks(request: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines that lie within a block, and lines that lie across many; files without an index, and with many points."""
    if request.param != "whole blocks":
        monkeypatch.setattr(members, "BLOCK", 7)
    if request.param == "an index":
        monkeypatch.setattr(stream, "BLOCK", 5)
        monkeypatch.setattr(zipwriter, "PIECE", 64)
        monkeypatch.setattr(zipwriter, "ANEW", 256)


def rows(client: Client, made: Export, **query: object) -> bytes:
    answer = client.get(f"/api/v1/exports/{made.pk}/rows/", query)
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"] == "application/x-ndjson"
    return answer.getvalue()


def test_all_of_them_are_the_file(client: Client, made: Export, whole: bytes) -> None:
    assert rows(client, made) == whole
    assert whole.count(b"\n") == 7


@pytest.mark.parametrize(("line", "limit"), [(0, 1), (3, 2), (6, 5), (7, 1), (99, 1), (2, None)])
def test_they_begin_with_any_row(client: Client, made: Export, whole: bytes, line: int, limit: int | None) -> None:
    lines = whole.splitlines(keepends=True)[line:]
    query = {"line": line} if limit is None else {"line": line, "limit": limit}
    assert rows(client, made, **query) == b"".join(lines if limit is None else lines[:limit])


def test_they_begin_with_the_first_row_at_a_byte_or_later(client: Client, made: Export, whole: bytes) -> None:
    second = whole.index(b"\n") + 1
    for offset in (0, 1, second - 1, second, second + 1, len(whole) - 1, len(whole), len(whole) + 9):
        start = 0 if offset == 0 else whole.find(b"\n", offset - 1) + 1
        expected = whole[start:] if start or not offset else b""
        assert rows(client, made, offset=offset) == expected, offset


def test_another_file_of_the_export_is_named(client: Client, made: Export) -> None:
    with zipfile.ZipFile(made.files[0]["path"]) as archive:
        assert rows(client, made, file="active_time.ndjson") == archive.read("active_time.ndjson")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"line": "-1"}, "line"),
        ({"line": "x"}, "line"),
        ({"line": "9" * 20}, "line"),
        ({"limit": "0"}, "limit"),
        ({"offset": "1.5"}, "offset"),
        ({"offset": 1, "line": 1}, "offset"),
        ({"lin": 1}, "lin"),
        ({"file": "errors.ndjson"}, "file"),
        ({"file": "../trail.ndjson"}, "file"),
        ({"file": "audit/verify.py"}, "file"),
    ],
)
def test_a_wrong_place_is_refused(client: Client, made: Export, query: dict[str, object], field: str) -> None:
    answer = client.get(f"/api/v1/exports/{made.pk}/rows/", query)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_an_export_without_ndjson_has_no_rows(client: Client, finished: Export) -> None:
    assert client.get(f"/api/v1/exports/{finished.pk}/rows/").status_code == 404


def test_an_unfinished_one_has_none_yet(client: Client, post: Post, project: Project) -> None:
    pk = post("/api/v1/exports/", {"project": project.pk, "format": "trail"}).json()["id"]
    for what in ("rows", "errors"):
        answer = client.get(f"/api/v1/exports/{pk}/{what}/")
        assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json")
        assert "queued" in answer.json()["detail"]


def test_one_whose_file_is_no_longer_kept_is_gone(client: Client, made: Export) -> None:
    Path(made.files[0]["path"]).unlink()
    for what in ("rows", "errors"):
        assert client.get(f"/api/v1/exports/{made.pk}/{what}/").status_code == 410


@pytest.mark.parametrize("damage", [b"", b"PK", b"x" * 400])
def test_a_damaged_archive_is_told_to_be_one(client: Client, made: Export, damage: bytes) -> None:
    Path(made.files[0]["path"]).write_bytes(damage)
    for what in ("rows", "errors"):
        answer = client.get(f"/api/v1/exports/{made.pk}/{what}/")
        assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json")
