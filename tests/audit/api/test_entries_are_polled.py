"""`log/entries?from=`: a program reads the log by index, and asks for what is new."""

from __future__ import annotations

from hashlib import sha256

import pytest

from audit.log.append import Appender
from audit.log.merkle import leaf_hash
from audit.models import Project
from tests.audit.api.conftest import Get
from tests.factories import make_event, make_project, worked_task


@pytest.fixture
def project(db: None) -> Project:
    return make_project(worked_task())


def test_pages_follow_each_other_to_the_end(get: Get, project: Project) -> None:
    address, seen = f"projects/{project.pk}/log/entries?limit=3", []
    while address:
        page = get(address)
        seen += [row["index"] for row in page["results"]]
        address = (page["next"] or "").partition("/api/v1/")[2]
    assert seen == list(range(project.log.size))


def test_the_size_that_one_knows_tells_what_is_new(get: Get, project: Project) -> None:
    known = project.log.size
    path = f"projects/{project.pk}/log/entries"
    assert get(path, **{"from": known}) == {"results": [], "next": None, "count": {"value": 0, "exact": True}}
    with Appender(project) as log:
        log.add(make_event("T2", "task.created", 500))
    new = get(path, **{"from": known})
    assert [(row["index"], row["type"]) for row in new["results"]] == [(known, "task.created")]
    assert new["count"] == {"value": 1, "exact": True}


def test_the_envelope_is_what_was_hashed(get: Get, project: Project) -> None:
    (row,) = get(f"projects/{project.pk}/log/entries", **{"from": 2}, limit=1, fields="index,envelope")["results"]
    assert set(row) == {"index", "envelope"}
    assert sha256(b"\0" + row["envelope"].encode()).digest() == leaf_hash(row["envelope"].encode())
    assert '"type":"task.submitted"' in row["envelope"]


@pytest.mark.parametrize("start", ["-1", "x", "9", "9" * 30, "1.0", "²", "\0"])
def test_a_place_that_the_log_does_not_have_is_refused(get: Get, project: Project, start: str) -> None:
    problem = get(f"projects/{project.pk}/log/entries", 400, **{"from": start})
    assert [error["field"] for error in problem["errors"]] == ["from"]


def test_an_empty_log_has_no_entries(get: Get, db: None) -> None:
    empty = make_project(signed=False)
    assert get(f"projects/{empty.pk}/log/entries")["results"] == []
