"""The proofs in an archive are RFC 6962's, hashed with less work."""

from __future__ import annotations

import pytest

from audit.log import merkle, proof
from audit.models import Log
from exports import record
from exports.record import Prover
from tests.factories import make_event, make_project


@pytest.fixture
def log(db):
    project = make_project(make_event(f"T{index // 10}", minute=index, content=b"{}") for index in range(1_300))
    return Log.objects.get(project=project)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 255, 256, 257, 512, 700, 1_024, 1_299, 1_300])
def test_it_gives_the_trees_own_proofs_at_every_size(db, log, size) -> None:
    prover = Prover(log, size)
    read = proof.tile_reader(log)
    for index in sorted({*range(0, size, 37), *range(min(size, 3)), size - 1, size // 2}):
        assert prover.prove(index) == merkle.inclusion_proof(index, size, read)


def test_forgetting_what_it_hashed_changes_nothing(db, log, monkeypatch) -> None:
    monkeypatch.setattr(record, "ENTRIES", 50)
    prover = Prover(log, 1_300)
    read = proof.tile_reader(log)
    for index in range(0, 1_300, 49):
        assert prover.prove(index) == merkle.inclusion_proof(index, 1_300, read)
