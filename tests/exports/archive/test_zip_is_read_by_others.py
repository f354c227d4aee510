"""What the zip writer writes, Python's zipfile and Info-ZIP read back."""

from __future__ import annotations

import io
import shutil
import subprocess
import threading
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest

from exports.archive.zipwriter import PIECE, Member, ZipWriter

MEMBERS = {
    "a.txt": b"a",
    "empty": b"",
    "folder/Grüße 你好.txt": "Grüße".encode() * 5000,
    "noise": bytes(range(256)) * 40,
}


def written(members: dict[str, bytes], *, streamed: bool, piece: int = 1000, **thresholds: int) -> bytes:
    out = io.BytesIO()
    writer = ZipWriter(out, **thresholds)
    for name, data in members.items():
        if streamed:
            with writer.stream(name) as stream:
                for start in range(0, len(data), piece):
                    stream.write(data[start : start + piece])
        else:
            writer.write(name, data)
    writer.close()
    return out.getvalue()


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("thresholds", [{}, {"limit": 100}, {"many": 2}, {"limit": 0, "many": 0}])
def test_zipfile_reads_every_member(streamed: bool, thresholds: dict[str, int]) -> None:
    with zipfile.ZipFile(io.BytesIO(written(MEMBERS, streamed=streamed, **thresholds))) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == MEMBERS


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("thresholds", [{}, {"limit": 100}, {"limit": 0, "many": 0}])
@pytest.mark.skipif(shutil.which("unzip") is None, reason="needs Info-ZIP's unzip")
def test_unzip_finds_no_error(tmp_path: Path, streamed: bool, thresholds: dict[str, int]) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(written(MEMBERS, streamed=streamed, **thresholds))
    subprocess.run(["unzip", "-tqq", str(path)], check=True)


def test_times_modes_and_flags_are_the_same_for_every_member() -> None:
    with zipfile.ZipFile(io.BytesIO(written(MEMBERS, streamed=True))) as archive:
        for info in archive.infolist():
            assert info.date_time == (1980, 1, 1, 0, 0, 0)
            assert info.external_attr == 0o100644 << 16
            assert info.flag_bits == 0x800, "UTF-8 names, no data descriptor, no encryption"


def test_it_tells_length_and_sha256_of_each_member() -> None:
    data = b"x" * 100_000
    writer = ZipWriter(io.BytesIO())
    assert writer.write("a", data) == Member("a", 100_000, sha256(data).hexdigest())
    with writer.stream("b") as stream:
        stream.write(data)
    assert stream.member == Member("b", 100_000, sha256(data).hexdigest())


def test_how_a_caller_cuts_its_pieces_does_not_show() -> None:
    members = {"rows": b"".join(b"%d,%d\n" % (number, number**3) for number in range(300_000))}
    assert len(members["rows"]) > 4 * PIECE
    whole = written(members, streamed=True, piece=10**9)
    assert written(members, streamed=True, piece=7_777) == whole
    assert written(members, streamed=True, piece=PIECE) == whole


def test_nobody_goes_on_compressing_when_a_member_fails() -> None:
    writer = ZipWriter(io.BytesIO())
    with pytest.raises(RuntimeError, match="half way"), writer.stream("rows") as stream:
        stream.write(bytes(3 * PIECE))
        raise RuntimeError("half way")
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("packer")]


def test_a_member_beyond_four_gibibytes_is_found(tmp_path: Path) -> None:
    path = tmp_path / "sparse.zip"
    with path.open("w+b") as out:
        out.seek(5 << 30)  # A hole: the file takes no room on the disk.
        writer = ZipWriter(out)
        writer.write("far", b"away")
        with writer.stream("further") as stream:
            stream.write(b"still")
        writer.close()
    with zipfile.ZipFile(path) as archive:
        assert archive.getinfo("far").header_offset == 5 << 30
        assert (archive.read("far"), archive.read("further")) == (b"away", b"still")


def test_more_members_than_sixteen_bits_count_are_all_found() -> None:
    out = io.BytesIO()
    writer = ZipWriter(out)
    for number in range(66_000):
        writer.write(str(number), b"")
    writer.close()
    with zipfile.ZipFile(out) as archive:
        assert len(archive.namelist()) == 66_000
