"""Diffgram, as those know it who connect its projects."""

from __future__ import annotations

from collections.abc import Iterator

from audit.sources.base import FoundProject, LiveSource, SourceError
from audit.sources.diffgram.client import CLOUD, DiffgramClient
from audit.sources.diffgram.database import Database
from audit.sources.diffgram.dblive import DiffgramTables
from audit.sources.diffgram.live import DiffgramSource
from audit.sources.diffgram.wire import PLATFORM as TITLE
from audit.sources.platform import Platform
from audit.sources.values import item, text
from audit.sources.web import Conditions


def _open(url: str, key: str, account: str, project: str, how: Conditions) -> LiveSource:
    return DiffgramSource(DiffgramClient(url, key, project, how))


def _projects(url: str, key: str, account: str, how: Conditions) -> Iterator[FoundProject]:
    """A key of Diffgram is of one project, and its API does not say of which."""
    raise SourceError(
        "refused",
        "Diffgram's keys belong to one project each and can't list any: give the project's id, which is in its address "
        "after /project/",
    )


def _open_database(url: str, key: str, account: str, project: str, how: Conditions) -> LiveSource:
    return DiffgramTables(url, key, project, how)


def _projects_in(url: str, key: str, account: str, how: Conditions) -> Iterator[FoundProject]:
    database = Database(url, key, how)
    try:
        for raw in database.texts(_PROJECTS):
            row = item(raw)
            if id_ := text(row, "project_string_id"):
                yield FoundProject(id_, text(row, "name") or id_, text(row, "readme"))
    finally:
        database.close()


_PROJECTS = (
    "SELECT row_to_json(p)::text FROM project p WHERE (to_jsonb(p) ->> 'deletion_pending') IS DISTINCT FROM 'true' "
    "ORDER BY p.id"
)

DATABASE = Platform(
    kind="diffgram-db",
    title="Diffgram's database",
    key="user and password, with a colon between",
    open=_open_database,
    projects=_projects_in,
)
"""Its URL is postgresql://host:port/database."""

PLATFORM = Platform(
    kind="diffgram",
    title=TITLE,
    key="client id and client secret, with a colon between",
    open=_open,
    projects=_projects,
    url=CLOUD,
)
