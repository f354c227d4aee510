"""The key and note of golang.org/x/mod/sumdb/note's tests, the implementation the specification was written from.

Ed25519 is deterministic, so signing must give the published bytes.
"""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.log.note import NoteError, Signer, Verifier, open_note, sign

NAME = "PeterNeumann"
VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
LINE = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"


def test_the_published_note_opens():
    assert open_note(f"{TEXT}\n{LINE}", VKEY) == TEXT


def test_signing_gives_the_published_note():
    signer = Signer(NAME, Ed25519PrivateKey.from_private_bytes(SEED))
    assert signer.vkey == VKEY
    assert sign(TEXT, signer) == f"{TEXT}\n{LINE}"


@pytest.mark.parametrize(
    "note",
    [
        TEXT,
        f"{TEXT}\n",
        f"{TEXT}\n{LINE[:-1]}",
        f"\x01{TEXT}\n{LINE}",
        b"\xff" + f"{TEXT}\n{LINE}".encode(),
        f"{TEXT}\n{LINE.replace(NAME, 'Bad Name')}",
        f"{TEXT}\n{LINE}Unexpected line.\n",
    ],
)
def test_the_published_malformed_notes_are_refused(note):
    with pytest.raises(NoteError):
        open_note(note, VKEY)


def test_no_part_of_the_published_key_is_a_key():
    for start in range(len(VKEY)):
        for end in range(start, len(VKEY) + 1):
            if (start, end) != (0, len(VKEY)):
                with pytest.raises(NoteError):
                    Verifier.parse(VKEY[start:end])


def test_the_published_key_with_any_character_changed_is_refused():
    for at, character in enumerate(VKEY):
        with pytest.raises(NoteError):
            Verifier.parse(VKEY[:at] + chr(ord(character) + 1) + VKEY[at + 1 :])


@pytest.mark.parametrize(
    "vkey",
    [
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ],
)
def test_the_published_bad_keys_with_fitting_key_ids_are_refused(vkey):
    with pytest.raises(NoteError):
        Verifier.parse(vkey)
