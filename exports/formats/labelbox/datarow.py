"""A data row in the making: what stands around labels, and the labels of each project, as bytes.

A row is put together from bytes that came, so that nothing of them is written anew; rows of one data row that come from
several projects become one (`together`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import msgspec
import orjson

Parts = dict[str, msgspec.Raw]
Piece = bytes | msgspec.Raw

_decoded = msgspec.json.Decoder(Parts | None).decode


class DataRow(msgspec.Struct, frozen=True, gc=False):
    """A data row as one project has it.

    `head` is its object without the closing brace, `project` a member of its "projects", `experiments` its model runs
    (empty: none are told). `active` is when Labelbox says that something last changed; `shared`: other projects have
    the same data row under the same id.
    """

    id: str
    head: bytes
    project: bytes
    experiments: bytes = b""
    active: str = ""
    shared: bool = False

    def line(self) -> bytes:
        """The line of NDJSON, with its end."""
        return _line(self.head, [self.project], self.experiments)


def together(rows: Sequence[DataRow]) -> bytes:
    """The line of one data row of several projects, in their order.

    What is said of the data row itself is that of the project in which something changed last.
    """
    newest = max(rows, key=lambda row: row.active)
    told = sorted((row for row in rows if row.experiments), key=lambda row: row is not newest)
    experiments = told[0].experiments if told else b""
    for row in told[1:]:
        if row.experiments != experiments:
            experiments = _experiments(experiments, row.experiments)
    return _line(newest.head, [row.project for row in rows], experiments)


def parts(raw: Piece) -> Parts:
    """The fields of an object, each as its bytes; none of null."""
    return _decoded(raw) or {}


def joined(found: Mapping[str, Piece]) -> bytes:
    """An object of these fields."""
    return b"{" + b",".join([_named(name) + raw for name, raw in found.items()]) + b"}"


def listed(found: Iterable[Piece]) -> bytes:
    """An array of these."""
    return b"[" + b",".join(found) + b"]"


def member(name: str, raw: Piece) -> bytes:
    """A field of an object."""
    return _named(name) + raw


@lru_cache(512)
def _known(name: str) -> bytes:
    return orjson.dumps(name) + b":"


def _named(name: str) -> bytes:
    # Names of blocks are few and come again and again; ids of features would fill the memory.
    return _known(name) if len(name) < 24 and name.isidentifier() else orjson.dumps(name) + b":"


def _line(head: bytes, projects: Sequence[bytes], experiments: bytes) -> bytes:
    more = b',"experiments":' + experiments if experiments else b""
    line = b"".join((head, b',"projects":{', b",".join(projects), b"}", more, b"}"))
    # Payloads may have line ends between tokens; inside of texts they are escaped.
    if b"\n" in line or b"\r" in line:
        line = line.replace(b"\n", b" ").replace(b"\r", b" ")
    return line + b"\n"


class _Model(msgspec.Struct):
    name: msgspec.Raw = msgspec.Raw(b"null")
    runs: dict[str, msgspec.Raw] = {}


_models = msgspec.json.Decoder(dict[str, _Model]).decode


def _experiments(newer: bytes, older: bytes) -> bytes:
    """All model runs that one of two projects tells of; one that both tell as the newer does."""
    found = _models(newer)
    for id_, model in _models(older).items():
        if id_ in found:
            known = found[id_]
            known.runs = {**known.runs, **{run: raw for run, raw in model.runs.items() if run not in known.runs}}
        else:
            found[id_] = model
    return joined({id_: joined({"name": one.name, "runs": joined(one.runs)}) for id_, one in found.items()})
