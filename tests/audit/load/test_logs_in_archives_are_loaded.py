"""An event log is loaded from the zip or folder that it is in, without being unpacked to the disk."""

from __future__ import annotations

import gzip
import json
import zipfile
from collections.abc import Callable
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from audit.models import Event, Project

GOLDEN = Path(__file__).parents[2] / "golden" / "eventlogs"
CSV, XES = (GOLDEN / "review.csv").read_bytes(), (GOLDEN / "review.xes").read_bytes()
MANIFEST = {"manifest.json": b"{}", "files.ndjson": b"{}\n"}


def load(path: Path, *more: str) -> str:
    out = StringIO()
    call_command("load", str(path), "--project", "Log", *more, stdout=out, stderr=out)
    return out.getvalue()


def packed(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


@pytest.mark.parametrize(
    "members",
    [
        {"review.csv": CSV},
        {"deep/inside/log.xes": XES, "read me.txt": b"!"},
        {"review.csv.gz": gzip.compress(CSV)},
        {"review.csv": CSV, "__MACOSX/._review.csv": b"\0", "._review.csv": b"\0"},
        {"events.csv": CSV, "active_time.csv": b"x", "labels.csv": b"y"} | MANIFEST,
    ],
    ids=["CSV", "XES", "gzip", "notes of macOS", "tables of Labeltrail"],
)
def test_the_log_in_a_zip_is_the_log(db: None, tmp_path: Path, members: dict[str, bytes]) -> None:
    path = packed(tmp_path / "log.zip", members)
    assert "events found" in load(path)
    before = Event.objects.count()
    assert before > 6
    assert " 0 added" in load(path)
    name = next(iter(members))
    (tmp_path / "folder" / name).parent.mkdir(parents=True)
    (tmp_path / "folder" / name).write_bytes(members[name])
    assert " 0 added" in load(tmp_path / "folder"), "the same from a folder"
    assert Event.objects.count() == before


def test_the_record_says_which_file_it_was(
    db: None, tmp_path: Path, payloads: Callable[[Project], list[bytes | None]]
) -> None:
    load(packed(tmp_path / "log.zip", {"deep/review.csv": CSV}))
    told = json.loads(payloads(Project.objects.get())[-1] or b"")
    assert (told["file"], told["bytes"]) == ("log.zip, review.csv", len(CSV))
    assert told["sha256"] == sha256(CSV).hexdigest()


def test_columns_are_listed(tmp_path: Path) -> None:
    assert "comment" in load(packed(tmp_path / "log.zip", {"review.csv": CSV}), "--list-columns")


def test_people_of_an_exported_trail_are_no_pseudonyms(tmp_path: Path) -> None:
    header = b"taskId,eventType,createdAt,createdBy,updatedBy,actor,actorKind\n"
    said = load(packed(tmp_path / "log.zip", {"trail.csv": header} | MANIFEST), "--list-columns")
    assert "actor        updatedBy, createdBy\n" in said


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"a.csv": CSV, "b.xes": XES}, r'there are 2 event logs in it: "a.csv", "b.xes"; load one of them by itself'),
        ({"a.txt": b"x", "b.txt": b"y"}, r"no export that is known .* and no event log \(XES, CSV, NDJSON\) is in it"),
        ({"remote_assets.csv": CSV} | MANIFEST, "no event log"),
        ({"events.parquet": b"PAR1"} | MANIFEST, "tables of Parquet are not loaded: export them as csv"),
        ({"../a.csv": CSV}, "that is no name of a file inside of an export"),
        ({"a.csv": b"task_id,event_type\n1,x\n"}, r"log.zip, a.csv, line 1: no column holds the time"),
        ({"a.csv": b""}, "log.zip, a.csv: the file is empty"),
    ],
)
def test_what_holds_no_single_log_adds_nothing(db: None, tmp_path: Path, members: dict[str, bytes], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        load(packed(tmp_path / "log.zip", members))
    assert not Project.objects.exists()


@pytest.mark.parametrize("kind", [(), ("--kind", "csv")])
def test_a_damaged_member_adds_nothing(db: None, tmp_path: Path, kind: Any) -> None:
    path = packed(tmp_path / "log.zip", {"a.csv": CSV * 1})
    data = bytearray(path.read_bytes())
    data[80] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(CommandError, match="can't be read"):
        load(path, *kind)
    assert not Project.objects.exists()
