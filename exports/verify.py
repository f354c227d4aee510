#!/usr/bin/env python3
"""Check what Labeltrail exported: offline, without trusting Labeltrail. Standard library only, Python 3.8 or later.

usage: python3 -I verify.py PATH [--key VKEY] [--earlier CHECKPOINT_OR_ARCHIVE]...

PATH is an archive (.zip) of one project or several, a file that has its proof (.proof.zip) beside it, such a proof, or
a folder with what was attached to a report: checkpoint.note, entries.jsonl and, as far as attached, disclosures.jsonl
and proof.json.

--key      the log's verifier key, from someone you trust; without it the archive's own is used, which proves less
--earlier  a checkpoint, or an archive, that you kept: the log must still begin with what was signed then

Nothing is unpacked to disk. Exit code: 0 all that was checked holds, 1 something does not, 2 it can't be read. What is
checked is described in docs/contracts.md; signatures are RFC 8032, the tree is RFC 6962, notes are C2SP signed-note.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import re
import struct
import sys
import zlib
from collections.abc import Callable, Iterator
from struct import pack
from typing import Any

BLOCK = 1 << 18  # bytes held at a time
SMALL = 1 << 24  # bytes of a file that is held whole
LINE, DISCLOSURE = 1 << 17, 90 << 20  # bytes of a line: an envelope has at most 60 KiB, a disclosure 64 MiB
LARGE, RATIO = 1 << 28, 200  # a member above so many bytes may unpack to so many times its packed size
FULL = 0xFFFFFFFF
PROOF = ".proof.zip"
LAST = ["files.ndjson", "manifest.json", "manifest.note"]
KEYS = ["actor", "actor_kind", "assignee", "content", "cycle", "derived", "log", "n", "occurred_at", "received_at"]
KEYS += ["source_key", "source_type", "stage", "task", "text", "to_stage", "type", "v"]
ENTRY = re.compile(rb'\{"index":(0|[1-9][0-9]{0,15}),"envelope":(\{.*\})\}').fullmatch
STAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z").fullmatch
SIZE = re.compile(r"0|[1-9][0-9]{0,15}").fullmatch
BAD_NAME = re.compile(r"[\x00-\x1f\x7f\\:]|(^|/)(\.?\.?)(/|$)").search
NOT_PROVEN = """\
that the platform recorded what happened, and gave Labeltrail all of it
that the clocks were right: occurred_at is the platform's, received_at is Labeltrail's
who a pseudonym is: names are kept beside the record, not in it
that files for reading (trail.json, log.xes, ...) say what the entries say: they are as signed, but not compared
anything about later events than those counted above
that nobody was shown another log: compare with a checkpoint that someone else kept (--earlier)
that this verifier is genuine: take it from Labeltrail's release rather than from the archive"""
NOT_PROVEN_IF = {
    "all": "",
    "selection": "that a task has no more events than proof.json says: only an archive with all entries shows that\n",
    "none": "anything about single events: this archive holds no entries\n",
}


class Fails(Exception):
    """Something that was checked does not hold."""


class Unreadable(Exception):
    """PATH can't be checked at all."""


MALFORMED = (ArithmeticError, AttributeError, LookupError, OSError, RuntimeError, StopIteration, TypeError, ValueError)
WRONG = (*MALFORMED, Fails, struct.error, zlib.error)


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def shown(text: object) -> str:
    """Text of unknown origin, safe for a terminal."""
    return ascii(text)[:200]


# --- Ed25519 (RFC 8032 section 5.1): points are X, Y, Z, T with x = X/Z, y = Y/Z, x*y = T/Z --------------------------

P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def add(a: Any, b: Any) -> Any:
    p, q = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    r, s = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = q - p, s - r, s + r, q + p
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(factor: int, a: Any) -> Any:
    product = (0, 1, 1, 0)
    while factor:
        if factor & 1:
            product = add(product, a)
        a, factor = add(a, a), factor >> 1
    return product


def point(data: bytes) -> Any:
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        raise ValueError("not a point of the curve")
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def is_signature(signature: bytes, message: bytes, key: bytes) -> bool:
    if len(signature) != 64 or len(key) != 32:
        return False
    a, r, s = point(key), point(signature[:32]), int.from_bytes(signature[32:], "little")
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % Q
    left, right = multiply(s, BASE), add(r, multiply(k, a))
    return s < Q and all((left[i] * right[2] - right[i] * left[2]) % P == 0 for i in (0, 1))


# --- Signed notes and checkpoints (c2sp.org/signed-note, c2sp.org/tlog-checkpoint) -----------------------------------


def base64_bytes(text: str) -> bytes:
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:
        raise ValueError("base64 in a spelling that nobody writes")
    return data


def open_note(note: bytes, vkey: str) -> str:
    """The note's text, if the key (name+key id+base64 of 0x01 and 32 bytes) signed it."""
    name, key_id, encoded = vkey.split("+", 2)
    key = base64_bytes(encoded)
    if key[:1] != b"\1" or key_id != sha256(name.encode() + b"\n" + key)[:4].hex():
        raise Fails(f"{shown(vkey)} is not a verifier key: its key id is not that of its key")
    text, _, signatures = note.decode().rpartition("\n\n")
    ours = [line.rpartition(" ")[2] for line in signatures.split("\n") if line.startswith(f"\u2014 {name} ")]
    signed = [data[4:] for data in map(base64_bytes, ours) if data[:4].hex() == key_id]
    if not signed or not all(is_signature(data, f"{text}\n".encode(), key[1:]) for data in signed):
        raise Fails(f"it is not signed by the key {key_id} of {shown(name)}, or was changed since")
    return text + "\n"


def read_checkpoint(note: bytes, vkey: str) -> tuple[str, int, bytes]:
    """The log's origin, its size and the root over its entries, as signed."""
    origin, size, root = open_note(note, vkey).split("\n")[:3]
    if not SIZE(size) or len(base64_bytes(root)) != 32:
        raise Fails("it is signed, but is not a checkpoint")
    return origin, int(size), base64_bytes(root)


# --- The tree of hashes (RFC 6962 section 2.1) -----------------------------------------------------------------------


class Tree:
    """The root over a growing list of leaves; kept is one hash for each complete subtree, the largest first."""

    def __init__(self) -> None:
        self.size = 0
        self.hashes: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        self.size += 1
        zeros = self.size
        while not zeros & 1:  # the size ends in as many zeros as subtrees become complete
            leaf, zeros = hashlib.sha256(b"\1" + self.hashes.pop() + leaf).digest(), zeros >> 1
        self.hashes.append(leaf)

    def root(self) -> bytes:
        root = self.hashes[-1] if self.hashes else sha256(b"")
        for left in self.hashes[-2::-1]:
            root = sha256(b"\1" + left + root)
        return root


def root_by_proof(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """The root that an inclusion proof leads to (RFC 9162 section 2.1.3.2)."""
    last = size - 1
    for node in path:
        if len(node) != 32 or not last:
            raise Fails("its proof has a wrong length")
        if index & 1 or index == last:
            leaf = sha256(b"\1" + node + leaf)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            leaf = sha256(b"\1" + leaf + node)
        index, last = index >> 1, last >> 1
    return leaf if last == 0 else b""


# --- Where the bytes are: in a folder, or in a zip -------------------------------------------------------------------


def pieces_of(path: str) -> Iterator[bytes]:
    with open(path, "rb") as file:
        yield from iter(lambda: file.read(BLOCK), b"")


class Folder:
    """What was attached to a report, saved in one folder."""

    def __init__(self, path: str) -> None:
        self.names = {f"audit/{name}": os.path.join(path, name) for name in os.listdir(path)}

    def pieces(self, name: str) -> Iterator[bytes]:
        return pieces_of(self.names[name])

    def parts(self, kind: str) -> list[str]:
        return [name for name in self.names if name == f"audit/{kind}.jsonl"]


class Archive:
    """A zip in the one way that Labeltrail writes it: no byte is left that could say something else."""

    def __init__(self, path: str) -> None:
        self.path, self.file = path, open(path, "rb")  # noqa: SIM115 - open until the end: all checks see one file
        self.names: dict[str, tuple[int, int, int, int]] = {}  # where it starts, method, packed and unpacked bytes
        directory, at = bytearray(), 0
        while True:
            head = self.file.read(30)
            if head[:4] != b"PK\3\4":
                break
            version, _, method, _, _, crc, packed, size, length, more = struct.unpack("<5H3I2H", head[4:])
            head += self.file.read(length + more)
            name, extra = head[30 : 30 + length], b""
            if version == 45:
                extra = head[30 + length :]
                size, packed = struct.unpack("<4x2Q", extra)
            fields = pack("<4HI", 0x800, method, 0, 0x21, crc)  # UTF-8, 1980-01-01 00:00
            local = pack("<4sH", b"PK\3\4", version) + fields
            local += pack("<2I2H", *((FULL, FULL) if extra else (packed, size)), length, len(extra)) + name
            local += pack("<2H2Q", 1, 16, size, packed) if extra else b""
            text = name.decode()
            if head != local or version not in (20, 45) or method not in (0, 8) or BAD_NAME(text) or text in self.names:
                raise Fails(f"the header of {shown(text)} at byte {at} is not as Labeltrail writes it, or is a second")
            if size > LARGE and size > RATIO * packed:
                raise Unreadable(f"{shown(text)} would unpack to {size} bytes")
            large = [number for number in (size, packed, at) if number >= FULL]
            extra = pack(f"<2H{len(large)}Q", 1, 8 * len(large), *large) if large else b""
            directory += pack("<4s2H", b"PK\1\2", 0x32D, 45 if large else version) + fields
            directory += pack("<2I5H", min(packed, FULL), min(size, FULL), length, len(extra), 0, 0, 0)
            directory += pack("<2I", 0o100644 << 16, min(at, FULL)) + name + extra
            self.names[text] = at + len(head), method, packed, size
            at = self.file.seek(at + len(head) + packed)
        count, size, end = len(self.names), len(directory), at
        if count >= 0xFFFF or max(size, at) >= FULL:
            directory += pack("<4sQ2H2I4Q", b"PK\6\6", 44, 0x32D, 45, 0, 0, count, count, size, at)
            directory += pack("<4sIQI", b"PK\6\7", 0, at + size, 1)
            count, size, end = 0xFFFF, FULL, FULL
        directory += pack("<4s4H2IH", b"PK\5\6", 0, 0, count, count, size, end, 0)
        self.file.seek(at)
        if self.file.read(len(directory) + 1) != directory:
            raise Fails(f"what starts at byte {at} is not the directory that Labeltrail writes")

    def pieces(self, name: str) -> Iterator[bytes]:
        """A member's bytes; nothing may be left of its packed ones."""
        at, method, left, _ = self.names[name]
        inflate = zlib.decompressobj(-15)
        while left:
            self.file.seek(at)  # other members may be read in between
            packed = self.file.read(min(left, BLOCK))
            at, left = at + len(packed), left - len(packed)
            if not packed:
                raise Fails(f"{shown(name)} is cut off")
            if method == 0:
                yield packed
                continue
            while packed:
                if inflate.eof:
                    raise Fails(f"{shown(name)} hides bytes behind its end")
                yield inflate.decompress(packed, BLOCK)
                packed = inflate.unconsumed_tail or inflate.unused_data
        if method:
            yield inflate.flush()
            if not inflate.eof:
                raise Fails(f"{shown(name)} is cut off")

    def beside(self, name: str) -> Iterator[bytes]:
        """The bytes of the file that lies beside it."""
        if not self.path.endswith(PROOF):
            raise Fails(f"{shown(name)} lies beside an archive whose name ends in {PROOF}, this one's does not")
        return pieces_of(self.path[: -len(PROOF)])

    def within(self, folder: str) -> Archive:
        """A folder of it, as an archive of its own."""
        part, start = object.__new__(Archive), f"{folder}/"
        part.path, part.file = self.path, self.file
        part.names = {name[len(start) :]: place for name, place in self.names.items() if name.startswith(start)}
        return part

    def parts(self, kind: str) -> list[str]:
        found = [name for name in self.names if name.startswith(f"audit/{kind}/")]
        if found != [f"audit/{kind}/{number:06d}.jsonl" for number in range(len(found))]:
            raise Fails(f"the files in audit/{kind}/ are not numbered from 000000 on")
        return found


def whole(box: Folder | Archive, name: str) -> bytes:
    """The bytes of a small file."""
    data = bytearray()
    for piece in box.pieces(name):
        data += piece
        if len(data) > SMALL:
            raise Fails(f"{name} has more than {SMALL} bytes")
    return bytes(data)


def lines(box: Folder | Archive, names: list[str], limit: int) -> Iterator[bytes]:
    """The lines of files that continue each other, without their ends."""
    for name in names:
        rest: list[bytes] = []
        for piece in box.pieces(name):
            first, *others = piece.split(b"\n")
            rest.append(first)
            if others:
                yield b"".join(rest)
                rest = [others.pop()]
                yield from others
            if sum(map(len, rest)) > limit:
                raise Fails(f"{name} has a line of more than {limit} bytes")
        if any(rest):
            raise Fails(f"the last line of {name} has no end")


def digest_of(pieces: Iterator[bytes], size: int) -> str:
    """SHA-256 of a file, in hex, if it has so many bytes."""
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
        size -= len(piece)
        if size < 0:  # a small file may unpack to an endless one
            break
    return digest.hexdigest() if size == 0 else "of another length"


# --- The checks ------------------------------------------------------------------------------------------------------


class Verification:
    """The checks of one archive or folder; each prints a row."""

    def __init__(self, box: Folder | Archive, vkey: str, earlier: list[str]) -> None:
        self.box, self.vkey, self.earlier, self.failed = box, vkey, earlier, False
        self.manifest: dict[str, Any] = {}
        self.mode = "selection" if "audit/proof.json" in box.names else "all"
        self.modes: set[str] = set()  # those of its parts, when there are several
        self.origin, self.size, self.root = "", 0, b""
        self.entries_read = self.opened = self.tasks = 0
        self.received = ["", ""]
        self.roots: dict[int, bytes] = {}  # of this log, at the sizes of earlier checkpoints
        self.faults: dict[str, str] = {}  # what was found while entries were read: the first of each kind
        self.missing: list[tuple[int, str]] = []
        self.erased: set[tuple[int, str]] = set()

    def row(self, state: str, what: str, text: str) -> None:
        self.failed |= state == "FAIL"
        print(f"{state:5} {what:12} {text}")

    def check(self, what: str, function: Callable[..., str], *arguments: Any) -> bool:
        """Print what the function found, or why it does not hold."""
        try:
            self.row("ok", what, function(*arguments))
            return True
        except Fails as problem:
            self.row("FAIL", what, str(problem))
        except WRONG as problem:
            self.row("FAIL", what, f"malformed or missing: {type(problem).__name__} {shown(str(problem))}")
        return False

    def run(self) -> None:
        if isinstance(self.box, Archive):
            self.manifest = json.loads(whole(self.box, "manifest.json"))
            self.mode, key = self.manifest["audit"]["mode"], self.manifest["key"]
            if self.mode not in NOT_PROVEN_IF:
                raise Unreadable(f"manifest.json names an unknown way to check the record: {shown(self.mode)}")
            if not self.vkey:
                self.row("look", "key", f"the archive's own; compare it with the one you hold: {shown(key)}")
            self.vkey = self.vkey or key
            self.check("manifest", self.check_manifest)
            self.check("members", self.check_members, self.box)
        if not self.check("checkpoint", self.check_checkpoint):
            return
        kept: list[tuple[str, int, bytes]] = []
        for path in self.earlier:
            self.check("earlier", self.read_earlier, path, kept)
        if self.mode != "none" and self.check("entries", self.whole_log if self.mode == "all" else self.selection):
            self.check(
                "numbers", self.found, "numbers", f"{self.tasks} tasks have all their events, from 1 without a gap"
            )
            self.check(
                "times", self.found, "times", f"received {self.received[0]} to {self.received[1]}, never decreasing"
            )
            self.check("disclosures", self.found, "disclosures", f"{self.opened} are what their entries commit to")
            self.tell_missing()
        for path, size, root in kept:
            self.check("earlier", self.compare, path, size, root)

    def found(self, what: str, text: str) -> str:
        if what in self.faults:
            raise Fails(self.faults[what])
        return text

    def check_manifest(self) -> str:
        """The manifest is the one that was signed."""
        about = self.manifest
        if about["key"] != self.vkey:
            raise Fails(f"it names another key: {shown(about['key'])}")
        digest = sha256(whole(self.box, "manifest.json")).hex()
        statement = f"labeltrail/manifest/v1\n{digest}\n{about['origin']} {about['as_of']}\n"
        if open_note(whole(self.box, "manifest.note"), self.vkey) != statement:
            raise Fails("manifest.json is not the one that was signed")
        return f"signed; format {shown(about['format'])}, written {shown(about['counts']['written'])}"

    def check_members(self, archive: Archive) -> str:
        """Every member, and the file beside the archive, is listed in files.ndjson, in order, with its bytes."""
        size = archive.names["files.ndjson"][3]
        if digest_of(archive.pieces("files.ndjson"), size) != self.manifest["files"]["sha256"]:
            raise Fails("files.ndjson is not the one that was signed")
        names, count = iter(archive.names), 0
        for line in lines(archive, ["files.ndjson"], LINE):
            item = json.loads(line)
            path, count = item["path"], count + 1
            if item.get("beside"):
                pieces = archive.beside(path)
            else:
                name = next(names)
                if name != path:
                    raise Fails(f"{shown(name)} stands where {shown(path)} is listed")
                pieces = archive.pieces(name)
            if digest_of(pieces, item["bytes"]) != item["sha256"]:
                raise Fails(f"{shown(path)} is not the one that was signed")
        if (rest := list(names)) != LAST:
            raise Fails(f"behind the listed ones stand {shown(rest)}, not {LAST}")
        return f"{count} listed, each with its length and SHA-256; no others"

    def check_checkpoint(self) -> str:
        """The log's size and root, as signed; they are those that the manifest names."""
        self.origin, self.size, self.root = read_checkpoint(whole(self.box, "audit/checkpoint.note"), self.vkey)
        if self.manifest and (self.origin, self.size) != (self.manifest["origin"], self.manifest["as_of"]):
            raise Fails("it is of another log, or of another size, than the manifest")
        return f"signed; {self.size} events of {shown(self.origin)}"

    def entries(self) -> Iterator[tuple[int, bytes, dict[str, Any]]]:
        """Index, leaf and envelope of each entry, by index; what each of them says is checked on the way."""
        disclosures, index = self.disclosures(), -1
        disclosed = next(disclosures, None)
        for line in lines(self.box, self.box.parts("entries"), LINE):
            match = ENTRY(line)
            if not match or int(match.group(1)) <= index:
                raise Fails(f"what follows entry {index} is not an entry with a higher index")
            index, raw = int(match.group(1)), match.group(2)
            try:
                event = json.loads(raw)
                received = event["received_at"]
                if list(event) != KEYS or type(event["n"]) is not int or not STAMP(received):
                    raise Fails("not an envelope of version 1")
                if event["v"] != 1 or event["log"] != self.origin:
                    raise Fails("not of version 1, or of another log")
            except WRONG as problem:
                raise Fails(f"entry {index} does not hold: {shown(str(problem))}") from None
            if received < self.received[1]:
                self.faults.setdefault("times", f"entry {index} was received before the one in front of it")
            self.received = [self.received[0] or received, received]
            self.entries_read += 1
            commits = {group: event[group] for group in ("content", "text") if event[group] is not None}
            while disclosed and disclosed[0] <= index:
                at, group, commit, data = disclosed
                if at != index or commits.pop(group, None) != commit:
                    self.faults.setdefault("disclosures", f"{shown(group)} of entry {at} is not what it commits to")
                elif event["type"] == "privacy.erased" and group == "content":
                    told = json.loads(data)
                    self.erased.update((index, group) for index in told["indices"] for group in told["groups"])
                self.opened, disclosed = self.opened + 1, next(disclosures, None)
            self.missing.extend((index, group) for group in commits)
            yield index, hashlib.sha256(b"\0" + raw).digest(), event
        if disclosed:
            self.faults.setdefault("disclosures", f"entry {disclosed[0]}, which one belongs to, is not here")
        counted = self.manifest.get("audit") or {"entries": self.entries_read, "disclosures": self.opened}
        if (counted["entries"], counted["disclosures"]) != (self.entries_read, self.opened):
            raise Fails(f"{self.entries_read} and {self.opened} disclosures; the manifest says {shown(counted)}")

    def disclosures(self) -> Iterator[tuple[int, str, str, bytes]]:
        """Index, group, commit and bytes of each disclosure."""
        for line in lines(self.box, self.box.parts("disclosures"), DISCLOSURE):
            item = json.loads(line)
            salt, data = base64_bytes(item["salt"]), base64_bytes(item["bytes"])
            if len(salt) != 32 or type(item["index"]) is not int:
                raise Fails(f"the disclosure of entry {shown(item['index'])} is malformed")
            yield item["index"], item["group"], sha256(b"labeltrail/v1/commit\0" + salt + data).hex(), data

    def whole_log(self) -> str:
        """All entries together give the signed root; each task's are numbered from 1 without a gap."""
        tree = Tree()
        last: dict[Any, int] = {}
        for index, leaf, event in self.entries():
            if index != tree.size:
                raise Fails(f"entry {tree.size} is missing")
            tree.append(leaf)
            if index + 1 in self.roots:
                self.roots[index + 1] = tree.root()
            task, n = event["task"], event["n"]
            if n != last.get(task, 0) + 1:
                text = f"entry {index} is number {n} of task {shown(task)}, after {last.get(task, 0)}"
                self.faults.setdefault("numbers", text)
            last[task] = n
        if (tree.size, tree.root()) != (self.size, self.root):
            raise Fails(f"{tree.size} entries do not give the root that was signed over {self.size}")
        self.tasks = len(last) - (None in last)
        return f"{tree.size}, and they give the signed root"

    def selection(self) -> str:
        """Each entry is in the log, by its inclusion proof; in each task the numbers rise."""
        proof = lines(self.box, ["audit/proof.json"], LINE)
        here: dict[Any, tuple[int, int]] = {}  # task: its highest number, and how many events of it
        if next(proof) != b'{"size":%d,"inclusion":[' % self.size:
            raise Fails(f"proof.json is not about {self.size} events")
        for index, leaf, event in self.entries():
            item = json.loads(next(proof).rstrip(b","))
            path = [base64_bytes(node) for node in item["path"]]
            if item["index"] != index or root_by_proof(leaf, index, self.size, path) != self.root:
                raise Fails(f"entry {index} is not in the log by its proof")
            highest, count = here.get(event["task"], (0, 0))
            if event["n"] <= highest:
                self.faults.setdefault("numbers", f"entry {index} is number {event['n']} of its task, after {highest}")
            here[event["task"]] = event["n"], count + 1
        if next(proof) != b'],"last":[':
            raise Fails("proof.json has a proof of an entry that is not here")
        for line in iter(lambda: next(proof), b"]}"):
            item = json.loads(line.rstrip(b","))
            highest, count = here.pop(item["task"])
            if highest > item["n"]:
                self.faults.setdefault("numbers", f"task {shown(item['task'])} goes beyond its last number")
            self.tasks += highest == count == item["n"]
        if here:
            raise Fails(f"proof.json does not say how far task {shown(next(iter(here)))} goes")
        return f"{self.entries_read}, each with a proof that it is in the log"

    def tell_missing(self) -> None:
        absent = [place for place in self.missing if place not in self.erased]
        if len(self.missing) > len(absent):
            self.row("look", "erased", f"{len(self.missing) - len(absent)} disclosures; the log says so")
        if absent:
            text = f"{len(absent)} disclosures, the first of entry {absent[0][0]}; no erasure in here names them"
            self.row("look", "absent", text)

    def read_earlier(self, path: str, kept: list[tuple[str, int, bytes]]) -> str:
        """An earlier checkpoint of the same log; its root is computed when the entries are read."""
        note = next((one for one in notes_of(path) if origin_of(one) == self.origin), b"")
        if not note:
            raise Fails(f"{shown(path)} is no state of this log, {shown(self.origin)}")
        origin, size, root = read_checkpoint(note, self.vkey)
        if origin != self.origin or size > self.size:
            raise Fails(f"{shown(path)} is no earlier state of this log: {size} events of {shown(origin)}")
        self.roots[size] = self.root if size == self.size else Tree().root() if size == 0 else b""
        kept.append((path, size, root))
        return f"{shown(path)} is signed; {size} events"

    def compare(self, path: str, size: int, root: bytes) -> str:
        if not self.roots[size]:
            raise Fails(f"{shown(path)} can't be compared: that takes an archive with all entries")
        if self.roots[size] != root:
            raise Fails(f"the first {size} entries are not those signed in {shown(path)}: the log was rewritten")
        return f"the log still begins with the {size} events of {shown(path)}"


def notes_of(path: str) -> list[bytes]:
    """The checkpoints at PATH: one, or those of an archive's projects."""
    with open(path, "rb") as file:
        note = file.read(SMALL)
    if note[:2] != b"PK":
        return [note]
    archive = Archive(path)
    return [whole(archive, name) for name in archive.names if re.fullmatch("([^/]+/)?audit/checkpoint.note", name)]


def origin_of(note: bytes) -> str:
    """Whose checkpoint a note is, before it is checked."""
    return note.split(b"\n", 1)[0].decode("utf-8", "replace")


def origins_at(path: str) -> set[str]:
    """Whose checkpoints are at PATH; nobody's, when it can't be read."""
    try:
        return {origin_of(note) for note in notes_of(path)}
    except (*WRONG, Unreadable):
        return set()


def key_named(vkey: str, name: str) -> str:
    """The same key under another log's name: an installation signs all its logs with one."""
    encoded = vkey.split("+", 2)[2]
    key_id = sha256(name.encode() + b"\n" + base64_bytes(encoded))[:4].hex()
    return f"{name}+{key_id}+{encoded}"


class Several(Verification):
    """The checks of an archive of several projects: a folder each, complete in itself, and what lists them."""

    def __init__(self, box: Archive, vkey: str, earlier: list[str], manifest: dict[str, Any]) -> None:
        super().__init__(box, vkey, earlier)
        self.archive, self.manifest = box, manifest
        self.folders = [item["folder"] for item in manifest["projects"]]

    def run(self) -> None:
        if not self.vkey:
            own = self.manifest["key"]
            self.row("look", "key", f"the archive's own; compare it with the one you hold: {shown(own)}")
        key = self.vkey or self.manifest["key"]
        self.vkey = key_named(key, self.manifest["origin"])
        self.check("manifest", self.check_signed)
        self.check("folders", self.check_folders)
        left = {path: origins_at(path) for path in self.earlier}
        for item in self.manifest["projects"]:
            print(f"\n{shown(item['folder'])}: {shown(item['external_id'])} of {shown(item['source'])}")
            origin = item["origin"]
            earlier = [path for path, origins in left.items() if origin in origins]
            own = Verification(self.archive.within(item["folder"]), key_named(key, origin), earlier)
            try:
                own.run()
            except (*WRONG, Unreadable) as problem:
                self.row("FAIL", "folder", f"malformed or missing: {type(problem).__name__} {shown(str(problem))}")
                continue
            self.failed |= own.failed
            self.modes.add(own.mode)
            if (own.origin, own.size) != (origin, item["as_of"]):
                self.row("FAIL", "folder", "it is of another log, or of another size, than manifest.json says")
        known = {item["origin"] for item in self.manifest["projects"]}
        for path in [path for path, origins in left.items() if not origins & known]:
            self.row("FAIL", "earlier", f"{shown(path)} is no state of any of these logs")

    def check_signed(self) -> str:
        """The list of projects is the one that was signed."""
        if len(set(self.folders)) < len(self.folders) or any("/" in name for name in self.folders):
            raise Fails("it names a folder twice, or one inside another")
        digest = sha256(whole(self.archive, "manifest.json")).hex()
        statement = f"labeltrail/manifest/v1\n{digest}\n{self.manifest['origin']} {self.manifest['as_of']}\n"
        if open_note(whole(self.archive, "manifest.note"), self.vkey) != statement:
            raise Fails("manifest.json is not the one that was signed")
        return f"signed; format {shown(self.manifest['format'])}, {len(self.folders)} projects"

    def check_folders(self) -> str:
        """Each project's manifest, and each file beside the folders, is listed; there is nothing else."""
        listing = whole(self.archive, "files.ndjson")
        if sha256(listing).hex() != self.manifest["files"]["sha256"]:
            raise Fails("files.ndjson is not the one that was signed")
        items = [json.loads(line) for line in listing.splitlines()]
        merged = [item["path"] for item in items if item.get("beside")]
        for item in items:
            pieces = self.archive.beside if item.get("beside") else self.archive.pieces
            if digest_of(pieces(item["path"]), item["bytes"]) != item["sha256"]:
                raise Fails(f"{shown(item['path'])} is not the one that was signed")
        if [item["path"] for item in items[: len(self.folders)]] != [f"{name}/manifest.json" for name in self.folders]:
            raise Fails("files.ndjson does not list the manifest of each folder")
        inside = tuple(f"{name}/" for name in self.folders)
        beside = [name for name in self.archive.names if not name.startswith(inside)]
        if beside != [item["path"] for item in items[len(self.folders) :] if not item.get("beside")] + LAST:
            raise Fails(f"beside the folders stand {shown(beside)}: not what is listed")
        also = f"; {shown(merged[0])}, of all of them, is the one that was signed" if merged else ""
        return f"{len(self.folders)}, each with its own manifest; no others{also}"


def verification_of(path: str, vkey: str, earlier: list[str]) -> Verification:
    """The checks that what lies at PATH takes."""
    if os.path.isdir(path):
        if not vkey:
            raise Unreadable("a folder names no key: give the one that the report prints, with --key")
        return Verification(Folder(path), vkey, earlier)
    archive = Archive(path)
    manifest = json.loads(whole(archive, "manifest.json"))
    if "projects" in manifest:
        return Several(archive, vkey, earlier, manifest)
    return Verification(archive, vkey, earlier)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Check what Labeltrail exported.", epilog="exit code: see the source")
    parser.add_argument("path", metavar="PATH", help="an archive, a file with its proof beside it, or a folder")
    parser.add_argument("--key", metavar="VKEY", default="", help="the log's verifier key, from someone you trust")
    parser.add_argument("--earlier", metavar="CHECKPOINT_OR_ARCHIVE", action="append", default=[])
    given = parser.parse_args(arguments)
    path = given.path + PROOF if os.path.isfile(given.path + PROOF) else given.path
    try:
        verification = verification_of(path, given.key, given.earlier)
        verification.run()
    except (Unreadable, Fails) as problem:
        print(f"can't be read: {problem}", file=sys.stderr)
        return 2
    except WRONG as problem:
        print(f"can't be read: {type(problem).__name__} {shown(str(problem))}", file=sys.stderr)
        return 2
    modes = verification.modes or {verification.mode}
    print(f"\nNot proven:\n{NOT_PROVEN}\n{''.join(NOT_PROVEN_IF[mode] for mode in sorted(modes))}")
    print("DOES NOT HOLD" if verification.failed else "HOLDS")
    return 1 if verification.failed else 0


if __name__ == "__main__":
    sys.exit(main())
