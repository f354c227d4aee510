"""Archives made to crash or choke the verifier: it says that they do not hold, in constant memory, and never passes."""

from __future__ import annotations

import io
import os
import tracemalloc
from struct import pack

import pytest
from isal import isal_zlib

from exports.archive.zipwriter import ZipWriter
from tests.exports.sealed import archive_of, worked_log


def with_line(members: dict[str, bytes], name: str, number: int, line: bytes) -> dict[str, bytes]:
    lines = members[name].splitlines(keepends=True)
    lines[number] = line + b"\n"
    return {**members, name: b"".join(lines)}


ENTRIES = "audit/entries/000000.jsonl"
ABSURD = [
    b"",
    b"null",
    b"[]",
    b"{}",
    b"\xff\xfe",
    b'{"index":3,"envelope":' + b"[" * 50_000,
    b'{"index":3,"envelope":{"a":' + b"[" * 50_000 + b"]" * 50_000 + b"}}",
    b'{"index":3,"envelope":{"n":' + b"9" * 60_000 + b"}}",
    b'{"index":99999999999999999999,"envelope":{}}',
    b'{"index":-3,"envelope":{}}',
    b'{"index":3.0,"envelope":{}}',
    b'{"index":03,"envelope":{}}',
    b'{"index":3, "envelope":{}}',
    b'{"index":3,"envelope":{"n":1e400}}',
    b'{"index":3,"envelope":{"n":NaN}}',
    b'{"index":3,"envelope":{"a":"\\ud800"}}',
]


@pytest.mark.parametrize("line", ABSURD)
def test_an_absurd_entry_does_not_hold(whole, run, rewrite, line) -> None:
    outcome = run(rewrite(whole, lambda members: with_line(members, ENTRIES, 3, line)))
    assert outcome.code == 1
    assert "FAIL  entries" in outcome.text


@pytest.mark.parametrize(
    "fields",
    [
        {"n": True},
        {"n": 10**15},
        {"n": -1},
        {"v": 2},
        {"received_at": "now"},
        {"received_at": "9999-99-99T99:99:99.999999Z "},
    ],
)
def test_an_envelope_with_absurd_values_does_not_hold_although_signed(run, tmp_path, fields) -> None:
    log = worked_log(5)
    log.add("T0", **fields)
    assert run(archive_of(log, tmp_path / "a.zip")).code == 1


@pytest.mark.parametrize("line", [b"{", b"[" * 90_000, b'{"index":1}', b'{"index":"x","group":1,"salt":"","bytes":""}'])
def test_an_absurd_disclosure_does_not_hold(whole, run, rewrite, line) -> None:
    name = "audit/disclosures/000000.jsonl"
    assert run(rewrite(whole, lambda members: with_line(members, name, 2, line))).code == 1


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b"null", b"[" * 200_000, b'{"audit":{"mode":[]},"key":1}', b"\xff"]
)
def test_an_absurd_manifest_does_not_hold(whole, run, rewrite, content) -> None:
    assert run(rewrite(whole, lambda members: {**members, "manifest.json": content})).code in (1, 2)


@pytest.mark.parametrize(
    "content", [b"", b"{}\n", b"[]\n", b"[" * 100_000 + b"\n", b'{"path":1,"bytes":"x","sha256":0}\n']
)
def test_an_absurd_listing_does_not_hold(whole, run, rewrite, content) -> None:
    assert run(rewrite(whole, lambda members: {**members, "files.ndjson": content})).code == 1


@pytest.mark.parametrize(
    "content",
    [b"", b'{"size":24,"inclusion":[\n', b'{"size":24,"inclusion":[\n],"last":[\n]}\n', b"[" * 100_000 + b"\n"],
)
def test_an_absurd_proof_does_not_hold(selection, run, rewrite, content) -> None:
    outcome = run(rewrite(selection, lambda members: {**members, "audit/proof.json": content}))
    assert outcome.code == 1
    assert "FAIL  entries" in outcome.text


@pytest.mark.parametrize(
    "note", ["", "\n\n", "a\nb\nc\n\n\u2014 x AAAA\n", "a\n99999999999999999999\nAAAA\n\n\u2014 x y\n"]
)
def test_an_absurd_note_does_not_hold(log, run, tmp_path, note) -> None:
    assert run(archive_of(log, tmp_path / "a.zip", checkpoint=note or " ")).code == 1


def test_a_member_that_unpacks_to_gigabytes_is_refused_unread(run, tmp_path) -> None:
    packed = isal_zlib.compress(bytes(1 << 20), 1, -15)
    out = io.BytesIO()
    writer = ZipWriter(out)
    writer.write("bomb", bytes(1 << 20))
    writer.close()
    data = out.getvalue()
    data = data.replace(pack("<2I", len(packed), 1 << 20), pack("<2I", len(packed), 0xFFFFFFF0))
    (tmp_path / "a.zip").write_bytes(data)
    outcome = run(tmp_path / "a.zip")
    assert outcome.code == 2
    assert "would unpack to" in outcome.text


def test_a_bomb_that_says_it_is_small_costs_no_memory(whole, run, rewrite, tmp_path) -> None:
    """200 MB of zeros behind a header that says 300 bytes."""
    path = rewrite(whole, lambda members: {**members, "trail.json": bytes(200_000_000)})
    data = path.read_bytes().replace(pack("<I", 200_000_000), pack("<I", 300))
    path.write_bytes(data)
    tracemalloc.start()
    code = run(path).code
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert code == 1
    assert most < 40_000_000


def test_members_that_lie_over_each_other_are_refused(whole, run, tmp_path) -> None:
    """Overlapping members are how a small zip unpacks to petabytes."""
    data = whole.read_bytes()
    directory = data.rindex(b"PK\x05\x06")
    start = int.from_bytes(data[directory + 16 : directory + 20], "little")
    first = data[start : start + 46 + len("trail.json")]
    twice = data[:directory].replace(first, first + first.replace(b"trail.json", b"trail.jsom"))
    (tmp_path / "a.zip").write_bytes(twice + data[directory:])
    assert run(tmp_path / "a.zip").code in (1, 2)


def test_text_for_a_terminal_does_not_reach_it(log, run, tmp_path) -> None:
    outcome = run(
        archive_of(log, tmp_path / "a.zip", files={"trail.json": b"x"}, about={"format": "\x1b[2Jtrail\u202e"})
    )
    assert "\x1b" not in outcome.text
    assert outcome.text.isascii()


@pytest.mark.parametrize("kind", ["directory", "nothing", "empty", "text"])
def test_what_is_no_archive_can_not_be_read(run, tmp_path, kind) -> None:
    path = tmp_path / "x"
    if kind == "directory":
        os.mkdir(path)
    elif kind != "nothing":
        path.write_bytes(b"" if kind == "empty" else b"hello, world\n" * 10)
    outcome = run(path)
    assert outcome.code == 2
    assert "can't be read" in outcome.text
