"""The installation's keys are made on first use, for their owner alone, and stay the same."""

from __future__ import annotations

import multiprocessing
import os
from hashlib import sha256
from pathlib import Path

from exportsite.keys import Keyring, keyring

NAMES = ("field.key", "log.ed25519", "pseudonym.key")


def _read(directory: Path, start: object) -> tuple[bytes, bytes, bytes]:
    start.wait()
    keys = Keyring.read(directory)
    return keys.seed, keys.field_key, keys.pseudonym_key


def _worker(directory, start, results):
    results.put(_read(directory, start))


def test_the_first_use_makes_three_different_keys_that_only_their_owner_can_read(tmp_path):
    directory = tmp_path / "home" / "keys"
    keys = Keyring.read(directory)
    assert directory.stat().st_mode & 0o777 == 0o700
    assert sorted(path.name for path in directory.iterdir()) == list(NAMES)
    for name in NAMES:
        assert (directory / name).stat().st_mode & 0o777 == 0o600
        assert (directory / name).stat().st_size == 32
    assert len({keys.seed, keys.field_key, keys.pseudonym_key}) == 3


def test_the_next_use_reads_the_same_keys(tmp_path):
    assert Keyring.read(tmp_path / "keys") == Keyring.read(tmp_path / "keys")


def test_a_key_that_is_missing_is_made_and_the_others_stay(tmp_path):
    before = Keyring.read(tmp_path / "keys")
    (tmp_path / "keys" / "log.ed25519").unlink()
    after = Keyring.read(tmp_path / "keys")
    assert after.seed != before.seed
    assert (after.field_key, after.pseudonym_key) == (before.field_key, before.pseudonym_key)


def test_processes_that_start_at_once_agree_on_the_keys(tmp_path):
    context = multiprocessing.get_context("fork")
    start, results = context.Event(), context.Queue()
    workers = [context.Process(target=_worker, args=(tmp_path / "keys", start, results)) for _ in range(8)]
    for worker in workers:
        worker.start()
    start.set()
    found = {results.get(timeout=60) for _ in workers}
    for worker in workers:
        worker.join()
    assert len(found) == 1
    assert sorted(os.listdir(tmp_path / "keys")) == list(NAMES)


def test_a_key_that_another_process_made_meanwhile_stands(tmp_path, monkeypatch):
    theirs = Keyring.read(tmp_path / "theirs")
    link = os.link

    def slower(source, target, **options):
        link(tmp_path / "theirs" / Path(target).name, target, **options)
        link(source, target, **options)

    monkeypatch.setattr(os, "link", slower)
    assert Keyring.read(tmp_path / "keys") == theirs
    assert sorted(os.listdir(tmp_path / "keys")) == list(NAMES)


def test_the_settings_say_where_the_keys_are(tmp_path, settings):
    settings.LABELTRAIL_KEY_DIR = tmp_path / "one"
    one = keyring()
    settings.LABELTRAIL_KEY_DIR = tmp_path / "two"
    two = keyring()
    settings.LABELTRAIL_KEY_DIR = tmp_path / "one"
    assert keyring() is one
    assert one != two


def test_the_field_keys_id_is_the_start_of_its_hash(tmp_path):
    keys = Keyring.read(tmp_path / "keys")
    assert keys.field_key_id == sha256((tmp_path / "keys" / "field.key").read_bytes()).hexdigest()[:8]


def test_the_keys_are_not_shown(tmp_path):
    keys = Keyring.read(tmp_path / "keys")
    shown = repr(keys)
    assert keys.field_key_id in shown
    assert all(repr(key)[2:-1] not in shown for key in (keys.seed, keys.field_key, keys.pseudonym_key))
