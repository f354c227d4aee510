"""What the log's addresses give is enough to check the log without this program's pages."""

from __future__ import annotations

import base64

import pytest
from django.test import Client

from audit.log import merkle, note
from audit.log.checkpoint import sign, vkey
from audit.models import Project
from tests.factories import make_event, make_project


@pytest.fixture
def project(db: None) -> Project:
    """300 events: tiles full and partial."""
    return make_project(make_event(f"T{n % 7}", "task.saved", minute=n) for n in range(300))


def hashes(encoded: list[str]) -> list[bytes]:
    return [base64.b64decode(one) for one in encoded]


def test_the_checkpoint_is_signed_by_the_logs_key(client: Client, project: Project) -> None:
    answer = client.get(f"/api/v1/projects/{project.pk}/log/checkpoint")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    stated = note.Checkpoint.parse(note.open_note(answer.content, vkey(project.log)))
    assert (stated.origin, stated.size) == (project.log.origin, 300)


@pytest.mark.parametrize("accept", ["text/plain", "*/*", "application/json"])
def test_the_checkpoint_is_given_whatever_is_accepted(client: Client, project: Project, accept: str) -> None:
    assert client.get(f"/api/v1/projects/{project.pk}/log/checkpoint", HTTP_ACCEPT=accept).status_code == 200


@pytest.mark.parametrize(("index", "size"), [(0, 300), (255, 300), (256, 300), (299, 300), (0, 1), (100, 101)])
def test_inclusion_proofs_hold(client: Client, project: Project, index: int, size: int) -> None:
    proof = client.get(f"/api/v1/projects/{project.pk}/log/proof/inclusion?index={index}&size={size}").json()
    root, leaf = hashes([proof["root"], proof["leaf"]])
    path = hashes(proof["path"])
    merkle.verify_inclusion(leaf, index, size, path, root)
    with pytest.raises(merkle.ProofError):
        merkle.verify_inclusion(leaf[::-1], index, size, path, root)


@pytest.mark.parametrize(("old", "new"), [(1, 300), (256, 300), (299, 300), (300, 300), (3, 7)])
def test_consistency_proofs_hold(client: Client, project: Project, old: int, new: int) -> None:
    proof = client.get(f"/api/v1/projects/{project.pk}/log/proof/consistency?from={old}&to={new}").json()
    old_root, new_root = hashes([proof["from_root"], proof["to_root"]])
    path = hashes(proof["path"])
    merkle.verify_consistency(old, new, old_root, new_root, path)
    with pytest.raises(merkle.ProofError):
        merkle.verify_consistency(old, new, old_root[::-1], new_root, path)


def test_proofs_without_a_size_are_of_the_newest_checkpoint(client: Client, project: Project) -> None:
    from audit.log.append import Appender

    with Appender(project) as log:
        log.add(make_event("later"))
    address = f"/api/v1/projects/{project.pk}/log/proof"
    assert client.get(f"{address}/inclusion?index=0").json()["size"] == 300
    assert client.get(f"{address}/consistency?from=1").json()["to_size"] == 300
    sign(project.log)
    assert client.get(f"{address}/inclusion?index=0").json()["size"] == 301


def test_the_tiles_lead_to_the_signed_root(client: Client, project: Project) -> None:
    def tile(path: str) -> bytes:
        answer = client.get(f"/api/v1/projects/{project.pk}/log/{path}")
        assert answer["Content-Type"] == "application/octet-stream"
        return answer.content

    leaves = tile(merkle.tile_path(0, 0)) + tile(merkle.tile_path(0, 1, 44))
    assert tile(merkle.tile_path(1, 0, 1)) == merkle.root_of([leaves[at : at + 32] for at in range(0, 256 * 32, 32)])
    root = merkle.root_of([leaves[at : at + 32] for at in range(0, len(leaves), 32)])
    signed = client.get(f"/api/v1/projects/{project.pk}/log/checkpoint").content.decode()
    assert base64.b64encode(root).decode() in signed


def test_the_verifier_key_opens_the_checkpoint(client: Client, project: Project) -> None:
    answer = client.get(f"/api/v1/projects/{project.pk}/log/key")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/plain; charset=utf-8")
    key = answer.content.decode().removesuffix("\n")
    checkpoint = client.get(f"/api/v1/projects/{project.pk}/log/checkpoint").content.decode()
    assert note.Checkpoint.parse(note.open_note(checkpoint, key)).origin == project.log.origin
    assert client.get(f"/api/v1/projects/{project.pk}/log/key?x=1").status_code == 400
