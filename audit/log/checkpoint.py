"""Checkpoints: signed statements of how long a log is and what its root is."""

from __future__ import annotations

from django.utils import timezone

from audit.log import merkle, note, proof
from audit.models import Checkpoint, Log
from exportsite.keys import keyring


class CheckpointError(Exception):
    """The log is not what was signed before: no new signature is given."""


def log_signer(log: Log) -> note.Signer:
    """The signer of a log: this installation's key under the log's origin."""
    return note.Signer(log.origin, keyring().signing_key)


def vkey(log: Log) -> str:
    """The log's verifier key, for whoever checks its signatures."""
    return log_signer(log).vkey


def sign(log: Log, size: int | None = None) -> Checkpoint:
    """The checkpoint at `size` (now: None), made if there is none yet.

    Before it signs, the newest checkpoint must still be the root at its size: a rewritten log gets no signature.
    """
    log = Log.objects.get(pk=log.pk)
    size = log.size if size is None else size
    found = Checkpoint.objects.filter(log=log, size=size).first()
    if found is not None:
        return found
    newest = Checkpoint.objects.filter(log=log).order_by("-size").first()
    if newest is not None:
        check(log, newest)
    text = note.Checkpoint(log.origin, size, proof.root_at(log, size)).text()
    signed = note.sign(text, log_signer(log))
    # Someone else may have signed the same size meanwhile: theirs stands, and says the same.
    Checkpoint.objects.bulk_create(
        [Checkpoint(log=log, size=size, note=signed, created_at=timezone.now())], ignore_conflicts=True
    )
    return Checkpoint.objects.get(log=log, size=size)


def check(log: Log, checkpoint: Checkpoint) -> note.Checkpoint:
    """What the checkpoint states, its signature and root checked against the log; else CheckpointError."""
    try:
        stated = note.Checkpoint.parse(note.open_note(checkpoint.note, vkey(log)))
    except note.NoteError as problem:
        raise CheckpointError(f"the checkpoint of size {checkpoint.size} does not hold: {problem}") from None
    if stated.origin != log.origin or stated.size != checkpoint.size:
        raise CheckpointError(f"the checkpoint of size {checkpoint.size} is of {stated.origin}, size {stated.size}")
    if stated.size > log.size:
        raise CheckpointError(f"a checkpoint of size {stated.size} was signed, and the log has only {log.size} events")
    try:
        root = proof.root_at(log, stated.size)
    except merkle.TileError as problem:
        raise CheckpointError(f"the log's root at size {stated.size} can't be computed: {problem}") from None
    if root != stated.root:
        raise CheckpointError(f"the log's root at size {stated.size} is not the one that was signed")
    return stated
