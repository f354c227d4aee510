"""Keys that others can read, or that are no keys, are refused with what to do about it."""

from __future__ import annotations

import pytest

from exportsite.keys import Keyring, WrongKeys

NAMES = ("log.ed25519", "field.key", "pseudonym.key")


@pytest.fixture
def directory(tmp_path):
    Keyring.read(tmp_path / "keys")
    return tmp_path / "keys"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_key_open_to_others_is_refused_by_name(directory, name, mode):
    (directory / name).chmod(mode)
    with pytest.raises(WrongKeys, match=rf"{name} is open to other users.*chmod 600 .*{name}"):
        Keyring.read(directory)


@pytest.mark.parametrize("mode", [0o755, 0o710, 0o701])
def test_a_directory_open_to_others_is_refused(directory, mode):
    directory.chmod(mode)
    with pytest.raises(WrongKeys, match="chmod 700"):
        Keyring.read(directory)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("key", [b"", b"k" * 31, b"k" * 33])
def test_a_key_of_another_length_is_refused_and_left_as_it_is(directory, name, key):
    (directory / name).write_bytes(key)
    with pytest.raises(WrongKeys, match=rf"{name} is not 32 bytes long"):
        Keyring.read(directory)
    assert (directory / name).read_bytes() == key


def test_a_directory_that_cannot_be_made_is_refused_with_its_setting(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(WrongKeys, match="LABELTRAIL_KEY_DIR"):
        Keyring.read(tmp_path / "file" / "keys")
