"""Two trees to compare with: RFC 6962 word for word, and a log's storage of tiles; and a project with a full record."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache

import msgspec
import pytest
from django.db import transaction

from audit.erase import erase_person
from audit.log.checkpoint import sign
from audit.log.merkle import EMPTY_ROOT, HASH_SIZE, TILE_WIDTH, Edge, leaf_hash, node_hash
from audit.log.superseded import Replaced
from audit.models import Person, Project
from audit.people.identity import project_key, pseudonym_of
from audit.sources import READINGS
from audit.sources.base import LabelDetails, PersonRef, SourceEvent
from audit.sources.files.reading import FilesReading
from tests.factories import MEI, make_event, make_project, time_event, worked_task


class DefinedTree:
    """The recursive definitions of RFC 6962 section 2.1 over fixed leaf hashes, as slow and as plain as they stand."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self.leaves = leaves
        self.mth = cache(self._mth)

    def _mth(self, start: int, end: int) -> bytes:
        if start == end:
            return EMPTY_ROOT
        if end - start == 1:
            return self.leaves[start]
        k = self._k(end - start)
        return node_hash(self.mth(start, start + k), self.mth(start + k, end))

    @staticmethod
    def _k(n: int) -> int:
        k = 1
        while 2 * k < n:
            k *= 2
        return k

    def path(self, m: int, start: int, end: int) -> list[bytes]:
        if end - start == 1:
            return []
        k = self._k(end - start)
        if m < k:
            return [*self.path(m, start, start + k), self.mth(start + k, end)]
        return [*self.path(m - k, start + k, end), self.mth(start, start + k)]

    def proof(self, m: int, n: int) -> list[bytes]:
        return self._subproof(m, 0, n, True)

    def _subproof(self, m: int, start: int, end: int, known: bool) -> list[bytes]:
        if m == end - start:
            return [] if known else [self.mth(start, end)]
        k = self._k(end - start)
        if m <= k:
            return [*self._subproof(m, start, start + k, known), self.mth(start + k, end)]
        return [*self._subproof(m - k, start + k, end, False), self.mth(start, start + k)]


class Storage:
    """Full tiles and the right edge, as a log keeps them; counts what is read."""

    def __init__(self, leaves: Sequence[bytes] = ()) -> None:
        self.edge = Edge()
        self.tiles: dict[tuple[int, int], bytes] = {}
        self.reads: Counter[tuple[int, int]] = Counter()
        self.append(list(leaves))

    def append(self, leaves: list[bytes]) -> None:
        for tile in self.edge.extend(leaves):
            assert (tile.level, tile.index) not in self.tiles, "a full tile is written once"
            self.tiles[tile.level, tile.index] = tile.hashes

    def read(self, level: int, index: int, width: int) -> bytes:
        assert 1 <= width <= TILE_WIDTH
        self.reads[level, index] += 1
        full = self.tiles.get((level, index))
        if full is None:
            assert index == (self.edge.size >> 8 * level) // TILE_WIDTH, "only the last tile of a level is partial"
            full = self.edge.partial(level)
        assert len(full) >= width * HASH_SIZE, "asked for hashes the log does not have"
        return full[: width * HASH_SIZE]


@pytest.fixture(scope="session")
def leaves() -> list[bytes]:
    """65,836 leaf hashes: across the border of the second level of tiles."""
    return [leaf_hash(index.to_bytes(4, "big")) for index in range(TILE_WIDTH**2 + 300)]


@pytest.fixture(scope="session")
def defined(leaves) -> DefinedTree:
    return DefinedTree(leaves)


@pytest.fixture(scope="session")
def stored(leaves) -> Storage:
    return Storage(leaves)


@pytest.fixture
def empty_storage() -> Storage:
    return Storage()


class ReadsLabels(FilesReading):
    """Event logs whose label events say what the label is."""

    def label_details(self, content: bytes) -> LabelDetails | None:
        """What stands under "label"."""
        found = json.loads(content).get("label")
        if found is None:
            return None
        made = found.pop("created_at", None)
        return LabelDetails(**found, created_at=None if made is None else self.instant(made, "UTC"))


ERASED_AT = 280
"""The index of the last event of `recorded`, which erases Mei."""


@pytest.fixture
def recorded(db, monkeypatch) -> Iterator[Project]:
    """A project of 281 events with something in every table, and checkpoints at 8, 200 and 281.

    0 to 7 and 8 to 15: two worked tasks; 16, 17: versions of T2; 18: a revised time of T2; 19: the project's
    details; 20 to 279: events of T3, the first with a text, 274 one that 275 calls superseded, the last four about
    labels: 276 and 277 two versions of one, 278 another, 279 that the first one is gone; 280: the erasure of Mei
    with her texts, which stood at 4 and 12.
    """
    monkeypatch.setitem(READINGS, "file", ReadsLabels())
    with transaction.atomic():  # Rolled back before anything asks whether foreign keys lead somewhere.
        yield _recorded()
        transaction.set_rollback(True)


REPLACED = msgspec.json.encode(Replaced(274, 255, "task.submitted", "derived/x", "x"))


def _recorded() -> Project:
    project = make_project(
        [
            *worked_task("T1"),
            *worked_task("T2", start=300),
            make_event("T2", "task.updated", 500, content=b'{"name":"Lungs"}', derived=True, key_fields=("1",)),
            make_event("T2", "task.updated", 501, content=b'{"name":"Hearts"}', derived=True, key_fields=("2",)),
            time_event("T2", 502, 700_000, type_="time.revised", cycle=2),
            make_event(None, "project.updated", 503, content=b'{"name":"Chest","zone":"Europe/Paris"}', derived=True),
            make_event("T3", "comment.added", 600, text="Please look at lesion 2."),
            *(make_event("T3", minute=600 + minute, payload={"minute": minute}) for minute in range(1, 254)),
            make_event("T3", minute=854, derived=True, source_key="derived/x"),
            make_event("T3", "event.superseded", 855, content=REPLACED, derived=True),
            _label("label.created", 856, "L1", milliseconds=90_000, step="Label", created_at="2026-03-02T08:00:00Z"),
            _label("label.updated", 857, "L1", step="Review", kind="REVIEW", sent_back=True),
            _label("label.created", 858, "L2", skipped=True),
            _label("label.deleted", 859, "L1"),
        ]
    )
    sign(project.log, 8)
    sign(project.log, 200)
    erase_person(Person.objects.get(pk=person_of(project, MEI)).identity, reason="Asked for it", with_texts=True)
    sign(project.log)
    return Project.objects.get(pk=project.pk)


def _label(type_: str, minute: float, id_: str, **details: object) -> SourceEvent:
    return make_event("T3", type_, minute, payload={"label": {"external_id": id_, **details}})


def person_of(project: Project, ref: PersonRef) -> int:
    """The id of a person's row."""
    pseudonym = pseudonym_of(project_key(project.log), project.source, ref.external_id)
    return Person.objects.values_list("pk", flat=True).get(project=project, pseudonym=pseudonym)
