"""Whose signature it is: the key that is given decides; the archive's own proves less, and the verifier says so."""

from __future__ import annotations

import base64
import zipfile

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.log import note
from exports import verify
from tests.exports.sealed import archive_of, worked_log


def test_without_a_key_the_archives_own_is_shown_to_compare(whole, run, log) -> None:
    outcome = run(whole)
    assert outcome.code == 0
    assert log.signer.vkey in outcome.row("look", "key")


def test_with_the_right_key_nothing_is_left_to_look_at(whole, run, log) -> None:
    assert "look" not in run(whole, "--key", log.signer.vkey).text


def test_another_key_of_the_same_name_does_not_hold(whole, run, log) -> None:
    outcome = run(whole, "--key", note.Signer.generate(log.origin).vkey)
    assert outcome.code == 1
    assert "FAIL  manifest" in outcome.text
    assert "FAIL  checkpoint" in outcome.text


def test_an_archive_that_someone_else_signed_does_not_hold_under_the_true_key(log, run, tmp_path) -> None:
    forger = worked_log(24)
    path = archive_of(forger, tmp_path / "a.zip")
    assert run(path).code == 0, "it is complete in itself"
    assert run(path, "--key", log.signer.vkey).code == 1


@pytest.mark.parametrize("key", ["", "x", "a+b+c", "name+00000000+AAAA", "na\x1bme+1+2"])
def test_what_is_no_key_does_not_hold(whole, run, key) -> None:
    outcome = run(whole, "--key", key or " ")
    assert outcome.code in (1, 2)
    assert "\x1b" not in outcome.text


def test_the_key_id_must_be_that_of_the_key(whole, run, log) -> None:
    name, key_id, key = log.signer.vkey.split("+", 2)
    wrong = f"{name}+{int(key_id, 16) ^ 1:08x}+{key}"
    assert run(whole, "--key", wrong).code == 1


def test_the_checkpoint_of_another_log_does_not_hold(log, run, tmp_path) -> None:
    """Signed by the same key, which one installation has for all of its logs."""
    other = worked_log(24, origin="test.example/instance/other")
    other.signer = note.Signer(other.origin, log.signer.private_key)
    outcome = run(archive_of(log, tmp_path / "a.zip", checkpoint=other.checkpoint()))
    assert outcome.code == 1
    assert "FAIL  checkpoint" in outcome.text


def test_a_checkpoint_of_another_size_does_not_hold(log, run, tmp_path) -> None:
    outcome = run(archive_of(log, tmp_path / "a.zip", checkpoint=log.checkpoint(20)))
    assert outcome.code == 1
    assert outcome.row("FAIL", "checkpoint") == "it is of another log, or of another size, than the manifest"


def test_a_manifest_note_does_not_pass_for_a_checkpoint(log, run, tmp_path, whole) -> None:
    with zipfile.ZipFile(whole) as archive:
        statement = archive.read("manifest.note").decode()
    assert run(archive_of(log, tmp_path / "a.zip", checkpoint=statement)).code == 1


def test_signatures_of_others_beside_the_logs_own_do_no_harm(log, run, tmp_path) -> None:
    witness = note.sign("x\n", note.Signer.generate("witness.example")).rpartition("\n\n")[2]
    path = archive_of(log, tmp_path / "a.zip", checkpoint=log.checkpoint() + witness)
    assert run(path, "--key", log.signer.vkey).code == 0


def test_one_signature_by_the_log_that_does_not_hold_spoils_the_note(log, run, tmp_path) -> None:
    wrong = note.sign("x\n", log.signer).rpartition("\n\n")[2]
    assert run(archive_of(log, tmp_path / "a.zip", checkpoint=log.checkpoint() + wrong)).code == 1


@pytest.mark.parametrize("seed", range(8))
def test_its_ed25519_agrees_with_the_librarys(seed: int) -> None:
    private = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
    key, message = private.public_key().public_bytes_raw(), bytes([seed]) * (seed * 37)
    signature = private.sign(message)
    assert verify.is_signature(signature, message, key)
    for at in (0, 31, 32, 63):
        broken = bytearray(signature)
        broken[at] ^= 4
        try:
            assert not verify.is_signature(bytes(broken), message, key)
        except ValueError:
            pass  # The broken half is no point of the curve.
    assert not verify.is_signature(signature, message + b"x", key)


def test_a_signature_whose_second_half_is_too_large_is_refused() -> None:
    """RFC 8032 section 5.1.7: else anyone could make a second valid signature."""
    private = Ed25519PrivateKey.from_private_bytes(bytes(32))
    signature = private.sign(b"m")
    second = int.from_bytes(signature[32:], "little") + verify.Q
    assert not verify.is_signature(
        signature[:32] + second.to_bytes(32, "little"), b"m", private.public_key().public_bytes_raw()
    )


def test_base64_has_one_spelling() -> None:
    assert verify.base64_bytes("AAAA") == bytes(3)
    for text in ("AAB=", "AA A", "AA==\n", base64.b64encode(b"\xff").decode()[:-1]):
        with pytest.raises(ValueError):
            verify.base64_bytes(text)
