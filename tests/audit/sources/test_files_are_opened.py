from __future__ import annotations

import gzip
import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from audit.sources.files import BadFile, EventFile, FileEvent, FileOptions

LOG = b"task,event,time\n" + b"1,A,2024-01-01T00:00:00Z\n" * 50_000


def refusal(path: Path) -> str:
    with pytest.raises(BadFile) as caught, EventFile(str(path), FileOptions()) as file:
        list(file.read("p", ""))
    return str(caught.value)


def test_gzip_is_told_by_content_and_never_by_name(read: Callable[..., list[FileEvent]]) -> None:
    assert len(read(gzip.compress(LOG))) == 50_000


def test_a_gzip_of_several_members_is_read_to_its_end(read: Callable[..., list[FileEvent]]) -> None:
    assert len(read(gzip.compress(LOG) + gzip.compress(b"2,B,2024-01-01T00:00:00Z\n"))) == 50_001


@pytest.mark.parametrize("packed", [False, True])
def test_check_value_and_size_are_of_the_file_on_the_disk(tmp_path: Path, packed: bool) -> None:
    path = tmp_path / "log"
    path.write_bytes(gzip.compress(LOG) if packed else LOG)
    with EventFile(str(path), FileOptions()) as file:
        list(file.read("p", ""))
    assert file.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert file.bytes == path.stat().st_size


@pytest.mark.parametrize("keep", [0.999, 0.5, 12])
def test_a_truncated_gzip_is_refused(tmp_path: Path, keep: float) -> None:
    packed = gzip.compress(b"task,event,time,x\n1,A,2024-01-01T00:00:00Z," + os.urandom(300_000).hex().encode())
    (tmp_path / "log").write_bytes(packed[: int(keep if keep > 1 else len(packed) * keep)])
    assert "the gzip ends too early: the file was cut off; fetch it again" in refusal(tmp_path / "log")


def test_a_damaged_gzip_is_refused(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(LOG))
    packed[-6] ^= 1
    (tmp_path / "log").write_bytes(packed)
    assert "the gzip is damaged" in refusal(tmp_path / "log")


def test_rubbish_after_a_gzip_magic_is_refused(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"\x1f\x8b" + bytes(range(200)))
    assert "the gzip is damaged" in refusal(tmp_path / "log")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "the file is empty"),
        (gzip.compress(b"", mtime=0), "the gzip holds an empty file"),
        (b" \n \n", "nothing but white space"),
        (b"PK\x03\x04rest", "this is a zip archive; unpack it"),
        (b"BZh91AY", "this is a bzip2 file; unpack it"),
        (b"\x89PNG\r\x1a\0\0\0", "this is no text"),
        (b"\xef\xbb\xbf", "nothing but white space"),
    ],
)
def test_what_is_no_event_log_is_refused_by_what_it_is(tmp_path: Path, content: bytes, text: str) -> None:
    (tmp_path / "log").write_bytes(content)
    assert text in refusal(tmp_path / "log")


def test_a_directory_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path) == f"{tmp_path}: this is a directory; name an event log in it"


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none") == f"{tmp_path / 'none'}: there is no such file"


def test_a_pipe_is_refused_without_waiting_for_its_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "this is not a regular file" in refusal(tmp_path / "pipe")


def test_a_device_is_refused() -> None:
    assert "this is not a regular file" in refusal(Path("/dev/zero"))


def test_a_name_that_no_file_can_have_is_refused() -> None:
    with pytest.raises(BadFile, match="can't be opened: embedded null"):
        EventFile("a\0b", FileOptions())


def test_a_named_kind_is_believed_before_the_content(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"{task},event,time\n1,A,2024-01-01T00:00:00Z\n")
    options = FileOptions.parse(kind="csv", columns=["task={task}"])
    with EventFile(str(tmp_path / "log"), options) as file:
        assert file.kind == "csv"
        assert next(file.read("p", "")).event.task == "1"
