from __future__ import annotations

import gzip
import os
import struct
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from audit.models import Project

Run = Callable[..., str]
GOLDEN = Path(__file__).parents[3] / "golden"
TASKS = (GOLDEN / "labelstudio" / "history.json").read_bytes()


def archive(path: Path, *members: tuple[str, bytes]) -> Path:
    """A zip with these members, which may be called alike."""
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        warnings.simplefilter("ignore")
        for name, data in members:
            file.writestr(name, data)
    return path


def encrypted(path: Path) -> Path:
    """A zip whose member says that it is encrypted."""
    archive(path, ("tasks.json", TASKS))
    data = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.index(mark) + offset
        data[at : at + 2] = struct.pack("<H", 1)
    path.write_bytes(bytes(data))
    return path


def damaged(path: Path) -> Path:
    """A zip of which a byte was changed."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as file:
        file.writestr("tasks.json", TASKS)
    data = bytearray(path.read_bytes())
    data[data.index(b"planetary")] = 0x50
    path.write_bytes(bytes(data))
    return path


ARCHIVES = {
    "../": (lambda path: archive(path, ("../tasks.json", TASKS)), "is no name of a file inside"),
    "an absolute name": (lambda path: archive(path, ("/etc/tasks.json", TASKS)), "is no name of a file inside"),
    "a backslash": (lambda path: archive(path, ("..\\tasks.json", TASKS)), "is no name of a file inside"),
    "a deep name": (lambda path: archive(path, ("a/" * 40 + "tasks.json", TASKS)), "is no name of a file inside"),
    "one name twice": (lambda path: archive(path, ("t.json", TASKS), ("t.json", TASKS)), "twice"),
    "a bomb": (
        lambda path: archive(path, ("t.json", b'[{"id":1,"data":{},"annotations":[]' + b" " * (20 << 20))),
        "times its size",
    ),
    "a password": (encrypted, "encrypted"),
    "nothing": (archive, "no export that is known"),
    "something else": (lambda path: archive(path, ("a.txt", b"hello")), "no export that is known"),
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_an_archive_with(name: str, refusal: Run, tmp_path: Path) -> None:
    make, said = ARCHIVES[name]
    path = make(tmp_path / "export.zip")
    for options in ((), ("--kind", "labelstudio")):
        assert options or said in refusal(path)
        refusal(path, *options)
    assert not Project.objects.exists()


def test_a_zip_with_a_changed_byte_is_refused(refusal: Run, tmp_path: Path) -> None:
    assert "Bad CRC-32" in refusal(damaged(tmp_path / "export.zip"), "--kind", "labelstudio")


def test_a_zip_that_was_cut_off_is_refused(refusal: Run, tmp_path: Path) -> None:
    path = archive(tmp_path / "export.zip", ("tasks.json", TASKS))
    path.write_bytes(path.read_bytes()[:-30])
    refusal(path)
    assert not Project.objects.exists()


def test_one_of_a_hundred_thousand_members_is_found(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as file:
        for number in range(100_000):
            file.writestr(f"images/{number}.jpg", b"")
        file.writestr("tasks.json", TASKS)
    assert "(--kind labelstudio)" in run(path)


def test_links_in_a_folder_lead_nowhere(refusal: Run, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "tasks.json").write_bytes(TASKS)
    export = tmp_path / "export"
    export.mkdir()
    os.symlink(outside / "tasks.json", export / "tasks.json")
    os.symlink(outside, export / "folder")
    assert "no export that is known" in refusal(export)


FILES = {
    "cut off": (TASKS[:-20], "cut off"),
    "cut off in a gzip": (gzip.compress(TASKS)[:-20], ""),
    "text behind it": (TASKS + b"x", "follows the end of the array"),
    "bytes that are no UTF-8": (TASKS.replace(b"Positive", b"Posit\xffve"), "no JSON"),
    "UTF-16": (TASKS.decode().encode("utf-16"), ""),
    "a NUL between values": (TASKS.replace(b'"annotations"', b'\0"annotations"', 1), ""),
    "no task": (b"[]", ""),
    "nothing": (b"", ""),
    "a task without an id": (b'[{"id":1,"data":{},"annotations":[]},{"data":{},"annotations":[]}]', "has no id"),
    "a task without data": (b'[{"id":1,"data":{},"annotations":[]},{"id":2,"annotations":[]}]', 'has "data"'),
    "two tasks of one id": (b'[{"id":1,"data":{},"annotations":[]},{"id":1,"data":{},"annotations":[]}]', "two tasks"),
    "a list of numbers": (b'[{"id":1,"data":{},"annotations":[]},7]', "stands where an object"),
    "annotations that are no list": (b'[{"id":1,"data":{},"predictions":[],"annotations":7}]', "no task"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_with(name: str, refusal: Run, tmp_path: Path) -> None:
    data, said = FILES[name]
    path = tmp_path / "export.json"
    path.write_bytes(data)
    assert said in refusal(path, "--kind", "labelstudio")
    assert not Project.objects.exists()


DEEP = b'{"a":' * 1000 + b"1" + b"}" * 1000
NESTED = {
    "labelstudio": b'[{"id":1,"data":{},"annotations":[{"id":1,"result":[%s]}]}]',
    "redbrick-export": b'[{"taskId":"1","series":[{"items":[],"classifications":[{"attributes":%s}]}],"labelsId":"2"}]',
    "kili": b'[{"id":"1","externalId":"1","latestLabel":{"createdAt":"x","jsonResponse":%s}}]',
    "labelbox": b'{"data_row":{"id":"1"},"projects":{"p":{"labels":[{"id":"2","annotations":%s}]}}}',
    "diffgram": b'{"label_map":{},"export_info":{},"1":{"file":{"id":1},"instance_list":[%s]}}',
    "isahit": b'[{"_id":"1","projectId":"2","data":{"annotations":[{"labels":%s}]}}]',
}


@pytest.mark.parametrize("kind", NESTED)
def test_what_is_nested_too_deep_is_refused(kind: str, refusal: Run, tmp_path: Path) -> None:
    path = tmp_path / "export.json"
    path.write_bytes(NESTED[kind] % DEEP)
    assert "ecursion" in (said := refusal(path, "--kind", kind)) or "nested too deep" in said
    assert not Project.objects.exists()


def test_texts_of_all_kinds_are_kept(run: Run, project: Callable[[], Project], tmp_path: Path) -> None:
    path = tmp_path / "export.json"
    path.write_bytes(TASKS.replace(b"planetary", "\\u0000 \\ud800 🔥 مرحبا ".encode()))
    run(path)
    assert "0 added" in run(path)
