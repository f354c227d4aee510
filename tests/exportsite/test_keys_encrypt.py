"""What is encrypted comes back, or it is said that it can't: never something else."""

from __future__ import annotations

import hmac

import pytest

from exportsite.keys import Keyring, Tampered, UnknownKey


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return Keyring.read(tmp_path_factory.mktemp("home") / "keys")


@pytest.mark.parametrize("plain", [b"", b"Amara Okafor", bytes(range(256)) * 100])
def test_what_was_encrypted_comes_back(keys, plain):
    key_id, data = keys.encrypt(plain, b"row 1")
    assert key_id == keys.field_key_id
    assert keys.decrypt(key_id, data, b"row 1") == plain


def test_the_same_value_is_never_encrypted_to_the_same_bytes(keys):
    assert len({keys.encrypt(b"Amara", b"row 1")[1] for _ in range(100)}) == 100


def test_any_changed_byte_is_found(keys):
    key_id, data = keys.encrypt(b"Amara", b"row 1")
    for at in range(len(data)):
        changed = bytearray(data)
        changed[at] ^= 1
        with pytest.raises(Tampered):
            keys.decrypt(key_id, bytes(changed), b"row 1")


@pytest.mark.parametrize("kept", [0, 5, 12, 20])
def test_data_cut_short_is_found(keys, kept):
    key_id, data = keys.encrypt(b"Amara", b"row 1")
    with pytest.raises(Tampered):
        keys.decrypt(key_id, data[:kept], b"row 1")


def test_data_moved_to_another_row_is_found(keys):
    key_id, data = keys.encrypt(b"Amara", b"row 1")
    with pytest.raises(Tampered):
        keys.decrypt(key_id, data, b"row 2")


def test_another_installations_data_is_refused_with_both_key_ids(keys, tmp_path):
    others = Keyring.read(tmp_path / "keys")
    key_id, data = others.encrypt(b"Amara", b"row 1")
    with pytest.raises(UnknownKey, match=f"{others.field_key_id}.*{keys.field_key_id}"):
        keys.decrypt(key_id, data, b"row 1")


def test_keys_for_different_purposes_differ_and_follow_from_the_pseudonym_key(keys):
    assert keys.derive(b"one") != keys.derive(b"two")
    assert keys.derive(b"one") == hmac.new(keys.pseudonym_key, b"one", "sha256").digest()


def test_the_signing_key_is_made_from_the_seed(keys):
    assert keys.signing_key.private_bytes_raw() == keys.seed
