"""Several archives in one zip: a folder for each project, complete in itself, under one signed list of them.

After the folders stand README.txt and verify.py, then files.ndjson, manifest.json and manifest.note, as in a single
archive: they list and sign each folder's manifest, which lists and signs the rest of it (contracts section 3). Of a
format that merges projects their one file lies beside the zip, listed and signed by it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import IO

import orjson
from django.utils.text import slugify

from audit.log import note
from exports.archive.build import VERIFIER, Plain, Target
from exports.archive.manifest import VERSION, About, program_version
from exports.archive.zipwriter import Folder, Member, ZipWriter, check_name
from exportsite import canonical


def folder_names(projects: Sequence[str]) -> list[str]:
    """The folders of projects with these external ids: numbered, since names may be alike, or in any script."""
    return [f"{number:02d}_{slugify(name)[:40] or 'project'}" for number, name in enumerate(projects, 1)]


@dataclass(frozen=True, slots=True)
class Part:
    """A finished folder: its name, what it is of, and its manifest's bytes."""

    folder: str
    about: About
    manifest: bytes


class Bundle:
    """Takes the folders one after the other (`folder`, each filled by an `Archive`), then `finish` closes the zip.

    `beside` is where the one file of all projects goes (`file`), if there is one.
    """

    def __init__(self, out: IO[bytes], *, beside: IO[bytes] | None = None) -> None:
        self._zip = ZipWriter(out)
        self._beside = beside
        self._merged: Member | None = None
        self.points = self._zip.points
        """Of each member of lines, where it can be read from."""

    def folder(self, name: str) -> Folder:
        """Where the archive of the next project goes."""
        return Folder(self._zip, name)

    @contextmanager
    def file(self, path: str) -> Iterator[Target]:
        """Add the file of all projects; its bytes are written in the block, piece by piece."""
        if self._beside is None or self._merged is not None:
            raise ValueError(f"{path!r} can't lie beside this archive: there is one such file, or none")
        check_name(path)
        plain = Plain(self._beside)
        yield plain
        self._merged = Member(path, plain.size, plain.hash.hexdigest())

    def finish(self, parts: Sequence[Part], signer: note.Signer, merged: Mapping[str, int] | None = None) -> bytes:
        """Add what holds the folders together; the manifest's bytes. `signer` is that of the first part's log.

        `merged` is how many items of each kind the file of all projects has.
        """
        first = parts[0].about
        listed = [
            Member(f"{part.folder}/manifest.json", len(part.manifest), sha256(part.manifest).hexdigest())
            for part in parts
        ]
        listed.append(self._zip.write("README.txt", _readme(parts, self._merged).encode()))
        listed.append(self._zip.write("verify.py", VERIFIER.read_bytes()))
        listing = b"".join(map(_line, listed))
        if self._merged is not None:
            listed.append(self._merged)
            listing += _line(self._merged, beside=True)
        self._zip.write("files.ndjson", listing)
        data = canonical.dumps(
            {
                "version": VERSION,
                "program": {"name": "labeltrail", "version": program_version()},
                "format": first.format,
                "origin": first.origin,
                "key": first.key,
                "as_of": first.as_of,
                "projects": [
                    {
                        "folder": part.folder,
                        "source": part.about.source,
                        "external_id": part.about.project,
                        "origin": part.about.origin,
                        "as_of": part.about.as_of,
                    }
                    for part in parts
                ],
                "files": {"count": len(listed), "sha256": sha256(listing).hexdigest()},
                **({} if merged is None else {"merged": dict(merged)}),
            }
        )
        self._zip.write("manifest.json", data)
        statement = note.manifest_text(sha256(data).hexdigest(), first.origin, first.as_of)
        self._zip.write("manifest.note", note.sign(statement, signer).encode())
        self._zip.close()
        return data


def _line(item: Member, *, beside: bool = False) -> bytes:
    fields: dict[str, object] = {"path": item.path, "bytes": item.bytes, "sha256": item.sha256}
    if beside:
        fields["beside"] = True
    return orjson.dumps(fields, option=orjson.OPT_APPEND_NEWLINE)


def _readme(parts: Sequence[Part], merged: Member | None) -> str:
    first = parts[0].about
    each = ": a folder\neach, complete in itself."
    path, archive, put = "ARCHIVE.zip", "ARCHIVE.zip", "this archive's name for ARCHIVE.zip"
    also = ""
    if merged is not None:
        each = f".\nThey are one file, {merged.path}, beside this archive; each has a folder with what proves it."
        path, archive, put = "FILE", "FILE.proof.zip", "the exported file's name for FILE; .proof.zip stays as it is"
        also = f"  {merged.path:<16} of all projects, beside this archive\n"
    rows = [
        f"  {part.folder}\n"
        f"    project {part.about.project!r} (source: {part.about.source}), {part.about.as_of:,} events"
        for part in parts
    ]
    return f"""\
WHAT THIS IS

Exports of {len(parts)} projects, written by Labeltrail {program_version()} in the format {first.format!r}{each}

{chr(10).join(rows)}

{also}  files.ndjson     the manifest of each folder, and the files beside the folders, with length and SHA-256
  manifest.json    which folders there are, and the SHA-256 of files.ndjson
  manifest.note    the signature over manifest.json, by the key of the first project's log

HOW TO CHECK IT

It takes Python 3.8 or later, and no network. Put {put}:

  python3 -m zipfile -e {archive} unpacked
  python3 -I unpacked/verify.py {path}

This checks every folder, and that none is missing; exit code 0 means that all of it holds. More is proven with
verify.py from a Labeltrail release, and a key from someone you trust, if it is this one:

  python3 -I unpacked/verify.py {path} --key '{first.key}'

The README.txt in each folder says more. A folder zipped by itself is no archive: the check is of the bytes as written.
"""
