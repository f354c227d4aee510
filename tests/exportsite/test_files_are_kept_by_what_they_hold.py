"""The store of files: the same bytes are one file, nothing half is kept, and a changed file is found."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import IO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exportsite.storage import Store, Stored


def put(store: Store, data: bytes) -> Stored:
    return store.put(lambda file: file.write(data))


@given(st.binary(max_size=2000))
def test_a_file_is_named_by_its_bytes(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    store = Store(tmp_path_factory.mktemp("store"))
    stored = put(store, data)
    assert stored == Stored(sha256(data).hexdigest(), len(data)) == put(store, data)
    with store.open(stored.sha256) as file:
        assert file.read() == data
    assert store.problem(stored) is None


def test_nothing_is_left_of_a_file_that_was_not_written_to_its_end(tmp_path: Path) -> None:
    def fail(file: IO[bytes]) -> None:
        file.write(b"half")
        raise OSError("the network is gone")

    with pytest.raises(OSError, match="network"):
        Store(tmp_path).put(fail)
    assert list(tmp_path.rglob("*")) == []


def test_a_file_that_changed_or_is_gone_is_found(tmp_path: Path) -> None:
    store = Store(tmp_path)
    stored = put(store, b"mask")
    path = store.path(stored.sha256)
    path.write_bytes(b"task")
    assert "has other bytes" in (store.problem(stored) or "")
    path.unlink()
    assert "is gone" in (store.problem(stored) or "")


@pytest.mark.parametrize("name", ["", "../x", "A" * 64, "0" * 63, "0" * 64 + "/.."])
def test_only_hashes_are_names(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        Store(tmp_path).path(name)
