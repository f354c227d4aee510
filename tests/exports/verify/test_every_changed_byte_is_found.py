"""No byte of an archive can be changed, removed or added without the verifier saying so."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest


def changed(path: Path, target: Path, position: int) -> Path:
    data = bytearray(path.read_bytes())
    data[position] ^= 0xFF
    target.write_bytes(data)
    return target


def spans(path: Path) -> tuple[list[range], list[range], range]:
    """Where the local headers, the members' data and the directory of a zip lie."""
    with zipfile.ZipFile(path) as archive:
        infos, end = archive.infolist(), archive.start_dir
    starts = [info.header_offset for info in infos]
    ends = [*starts[1:], end]
    data = [range(stop - info.compress_size, stop) for info, stop in zip(infos, ends, strict=True)]
    headers = [range(start, span.start) for start, span in zip(starts, data, strict=True)]
    return headers, data, range(end, path.stat().st_size)


@pytest.mark.parametrize("kind", ["whole", "selection"])
def test_a_flipped_byte_of_any_header_is_found(request, run, tmp_path, kind) -> None:
    path = request.getfixturevalue(kind)
    headers, _, directory = spans(path)
    passed = [
        position
        for span in [*headers, directory]
        for position in span
        if run(changed(path, tmp_path / "a.zip", position)).code not in (1, 2)
    ]
    assert passed == []


@pytest.mark.parametrize("kind", ["whole", "selection"])
def test_a_flipped_byte_in_any_member_is_found(request, run, tmp_path, kind) -> None:
    path = request.getfixturevalue(kind)
    _, data, _ = spans(path)
    positions = {span[at] for span in data if span for at in (0, len(span) // 3, len(span) // 2, -1)}
    assert len(positions) > 30
    passed = [at for at in sorted(positions) if run(changed(path, tmp_path / "a.zip", at)).code not in (1, 2)]
    assert passed == []


def test_an_archive_cut_off_anywhere_is_found(whole, run, tmp_path) -> None:
    data = whole.read_bytes()
    for length in [0, 1, 3, 10, 29, 30, 500, len(data) // 2, len(data) - 22, len(data) - 1]:
        (tmp_path / "a.zip").write_bytes(data[:length])
        assert run(tmp_path / "a.zip").code in (1, 2), f"cut to {length} bytes"


@pytest.mark.parametrize("where", ["front", "end"])
def test_bytes_around_the_archive_are_found(whole, run, tmp_path, where) -> None:
    data = whole.read_bytes()
    (tmp_path / "a.zip").write_bytes(b"#!/bin/sh\n" + data if where == "front" else data + b"\n")
    assert run(tmp_path / "a.zip").code in (1, 2)


def test_bytes_hidden_behind_a_members_end_are_found(whole, run, tmp_path) -> None:
    headers, data, directory = spans(whole)
    raw = bytearray(whole.read_bytes())
    first = data[0]
    # The first member's packed length in both headers grows by four, over what is put behind its data.
    for at in (headers[0].start + 30 + len("trail.json") + 12, directory.start + 20):
        raw[at : at + 4] = (len(first) + 4).to_bytes(4, "little")
    raw[first.stop : first.stop] = b"HIDE"
    (tmp_path / "a.zip").write_bytes(raw)
    assert run(tmp_path / "a.zip").code in (1, 2)
