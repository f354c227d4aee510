"""`exports/{id}/errors/`: what an export left out, a line of errors.ndjson each."""

from __future__ import annotations

import zipfile
from pathlib import Path

import orjson
import pytest
from django.test import Client

from exports.archive.build import Skipped
from exports.models import Export


@pytest.fixture
def skipping(finished: Export) -> Export:
    """The export, with five items that were left out."""
    lines = b"".join(Skipped(f"T{n}", "no_size", f"Task {n} has no size.", job="J").line() for n in range(5))
    path = Path(finished.files[0]["path"])
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, lines if name == "errors.ndjson" else data)
    return finished


def test_an_export_that_left_nothing_out_has_none(client: Client, finished: Export) -> None:
    answer = client.get(f"/api/v1/exports/{finished.pk}/errors/").json()
    assert answer == {"results": [], "next": None, "count": {"value": 0, "exact": True}}


def test_pages_follow_each_other_to_the_end(client: Client, skipping: Export) -> None:
    address, seen, counts = f"/api/v1/exports/{skipping.pk}/errors/?limit=2", [], []
    while address:
        page = client.get(address).json()
        seen += page["results"]
        counts.append(page["count"])
        address = page["next"]
    assert [row["asset"] for row in seen] == ["T0", "T1", "T2", "T3", "T4"]
    assert seen[0] == {
        "asset": "T0",
        "label": None,
        "job": "J",
        "annotation": None,
        "code": "no_size",
        "text": "Task 0 has no size.",
    }
    assert counts == [{"value": 3, "exact": False}, {"value": 5, "exact": False}, {"value": 5, "exact": True}]


def test_only_the_wanted_fields_come(client: Client, skipping: Export) -> None:
    page = client.get(f"/api/v1/exports/{skipping.pk}/errors/?limit=1&fields=asset,code").json()
    assert page["results"] == [{"asset": "T0", "code": "no_size"}]


@pytest.mark.parametrize("query", ["cursor=x", "cursor=%00", "limit=0", "limit=501", "fields=x", "ofset=1"])
def test_what_it_does_not_take_is_refused(client: Client, skipping: Export, query: str) -> None:
    answer = client.get(f"/api/v1/exports/{skipping.pk}/errors/?{query}")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


def test_a_line_that_is_none_is_told(client: Client, skipping: Export) -> None:
    path = Path(skipping.files[0]["path"])
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("errors.ndjson", b"{\n")
    assert orjson.loads(client.get(f"/api/v1/exports/{skipping.pk}/errors/").content)["status"] == 409
