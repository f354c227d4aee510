"""A wrong key, project or address is refused in words, of each platform, and nothing of it is stored."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as site

from audit.demo.redbrick.scripts import LIVER, ORG
from audit.live.connect import connect
from audit.models import Project, Source
from audit.sources.base import SourceError
from tests.audit.live.contract.bench import Bench
from tests.fakes import diffgram, isahit, kili_story, labelbox_story
from tests.fakes.diffgram_db import PROJECT as TABLES
from tests.fakes.diffgram_db import DiffgramDatabase, tell

RIGHT: dict[str, tuple[str, str, str]] = {
    "kili": (kili_story.CARS, kili_story.KEY, ""),
    "labelbox": (labelbox_story.PROJECT, labelbox_story.KEY, ""),
    "isahit": (isahit.PROJECT, isahit.KEY, ""),
    "diffgram": (diffgram.PROJECT, diffgram.KEY, ""),
}
"""Project, key and account."""
WRONG_KEYS = {"redbrick": "x" * 43, "kili": "0" * 36, "labelbox": "eyJ" + "x" * 40, "isahit": "A:b", "diffgram": "A:b"}
WRONG: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "a key of the wrong form": ({"key": "wrong form!"}, ("key",)),
    "a wrong key": ({}, ("key",)),
    "an unknown project": ({"external_id": "00000000-0000-4000-8000-000000000000"}, ("missing", "key")),
    "another scheme": ({"url": "ftp://127.0.0.1"}, ("address",)),
    "no address": ({"url": "the platform"}, ("address",)),
    "a private address": ({"url": "https://10.0.0.1"}, ("address",)),
    "a private address by another name": ({"url": "https://[::ffff:10.0.0.1]"}, ("address",)),
    "the machine itself": ({"url": "https://localhost:1"}, ("address",)),
    "an address with a name and password": ({"url": "https://user:word@example.com"}, ("address",)),
    "nobody there": ({"url": "http://127.0.0.1:1"}, ("unavailable",)),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_connection_is_refused_and_nothing_is_stored(bench: Bench, what: str) -> None:
    project, key, account = right(bench)
    asked = {"url": bench.fake.url, "external_id": project, "key": key, "account": account}
    changed, codes = WRONG[what]
    if what == "a wrong key":
        changed = {"key": WRONG_KEYS[bench.kind]}
    asked |= changed
    stored = rows()
    error = refusal(bench.kind, asked)
    assert error.code in codes, error.text
    assert asked["key"] not in error.text
    assert rows() == stored


@pytest.mark.parametrize("body", [b"<html>Welcome</html>", b"", b"null", b"[]", b'"text"', b'{"data": []}'])
def test_an_address_of_something_else_is_refused(bench: Bench, body: bytes) -> None:
    project, key, account = right(bench)
    bench.fake.fail(".", times=1_000, body=body)
    asked = {"url": bench.fake.url, "external_id": project, "key": key, "account": account}
    stored = rows()
    error = refusal(bench.kind, asked)
    assert error.code in ("answer", "unavailable", "missing", "key", "address"), error.text
    assert key not in error.text
    assert rows() == stored


@pytest.fixture
def tables(django_db_setup: None, db: None, settings: Any) -> Iterator[DiffgramDatabase]:
    """Diffgram's database, told by the tests' server."""
    settings.SOURCE_ALLOW_HOSTS = ["127.0.0.1"]
    with DiffgramDatabase(site.DATABASES["default"]) as database:
        tell(database)
        yield database


def test_a_wrong_connection_to_diffgrams_database_is_refused(tables: DiffgramDatabase) -> None:
    right = {"url": tables.url, "external_id": TABLES, "key": tables.key, "account": ""}
    wrong: list[tuple[dict[str, str], tuple[str, ...]]] = [
        ({"key": "wrong form!"}, ("key",)),
        ({"key": f"{tables.user}:wrong"}, ("key",)),
        ({"external_id": "nowhere"}, ("missing",)),
        ({"url": "https://127.0.0.1/db"}, ("address",)),
        ({"url": "postgresql://10.0.0.1/db"}, ("address",)),
        ({"url": "postgresql://127.0.0.1:1/db"}, ("unavailable",)),
    ]
    for changed, codes in wrong:
        asked = right | changed
        error = refusal("diffgram-db", asked)
        assert error.code in codes, error.text
        assert asked["key"] not in error.text
    assert rows() == (0, 0)


def right(bench: Bench) -> tuple[str, str, str]:
    """Project, key and account."""
    return (LIVER.id, bench.secret, ORG) if bench.kind == "redbrick" else RIGHT[bench.kind]


def refusal(kind: str, asked: dict[str, str]) -> SourceError:
    """Why a connection is refused."""
    with pytest.raises(SourceError) as caught:
        connect(kind, **asked)
    return caught.value


def rows() -> tuple[int, int]:
    """How many projects and sources are stored."""
    return Project.objects.count(), Source.objects.count()
