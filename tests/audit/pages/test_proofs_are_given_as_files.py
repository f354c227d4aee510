"""An entry's inclusion proof as a file that other people's tools read (C2SP tlog-proof)."""

from __future__ import annotations

import base64
from hashlib import sha256

import pytest
from django.test import Client

from audit.log import merkle, note
from audit.log.checkpoint import vkey
from audit.models import Event, Project
from tests.factories import make_event, make_project, worked_task


@pytest.fixture
def project(db: None) -> Project:
    return make_project([*worked_task("T1"), *worked_task("T2", 400)])


@pytest.mark.parametrize("index", [0, 7, 15])
def test_the_file_proves_the_entry_to_whoever_has_its_bytes(client: Client, project: Project, index: int) -> None:
    answer = client.get(f"/projects/{project.pk}/events/{index}/proof")
    assert answer["Content-Disposition"] == f'attachment; filename="project-{project.pk}-entry-{index}.tlog-proof"'
    head, _, checkpoint = answer.content.decode().partition("\n\n")
    format_, said, *hashes = head.split("\n")
    assert (format_, said) == ("c2sp.org/tlog-proof@v1", f"index {index}")
    text, _, signatures = checkpoint.partition("\n\n")
    assert signatures.startswith("— ")
    stated = note.Checkpoint.parse(text + "\n")
    assert stated.origin == project.log.origin == vkey(project.log).partition("+")[0]
    envelope = bytes(Event.objects.get(pk=project.log.event_id(index)).envelope)
    leaf = sha256(b"\0" + envelope).digest()
    merkle.verify_inclusion(leaf, index, stated.size, [base64.b64decode(one) for one in hashes], stated.root)


def test_an_entry_that_nothing_covers_has_none_yet(client: Client, db: None) -> None:
    project = make_project([make_event("T1")], signed=False)
    answer = client.get(f"/projects/{project.pk}/events/0/proof")
    assert answer.status_code == 404
    assert "No checkpoint covers entry 0 yet" in answer.content.decode()


def test_an_entry_that_is_not_there_has_none(client: Client, project: Project) -> None:
    assert client.get(f"/projects/{project.pk}/events/999/proof").status_code == 404
