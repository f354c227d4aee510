"""`diffgram`: an export as Diffgram's server writes it (format 1.0), in JSON or YAML; of any source.

What Diffgram itself said of a file is spliced from its bytes, and mended where its server leaves something out
(`packets`); what other platforms' labels say is said in its words (`said`).
"""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from typing import ClassVar

import msgspec
import orjson
from msgspec.structs import replace

from audit.annotations import Annotation
from audit.sources import file_kind
from audit.sources.origins import origin
from audit.sources.unread import why
from audit.sources.values import Item, part, parts, readable
from exports.archive.build import Archive
from exports.formats.base import (
    LabelledTask,
    Parameter,
    Progress,
    ProjectInfo,
    Reads,
    Snapshot,
    Unfit,
    Value,
    Written,
    flag,
)
from exports.formats.diffgram.packets import Packet, instances_of, is_complete, packet_of, removed_in, same_kind
from exports.formats.diffgram.said import HELD, Numbers, Sayer, marked
from exports.formats.labels.annotated import LABELS, AnnotatedFormat, chosen, ontology_of
from exports.formats.labels.left_out import leave_out
from exports.formats.labels.made import Kept, told, written
from exports.formats.labels.mask_files import counted

OWN = ("diffgram", file_kind("diffgram"), "diffgram-db")
"""Kinds of sources whose payloads are Diffgram's."""
FORMAT_VERSION = "1.0"
BLOCK = 1 << 18

_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


class DiffgramFormat(AnnotatedFormat):
    """One file with what was exported, labels, attributes, and a packet for each file."""

    slug: ClassVar[str] = "diffgram"
    title: ClassVar[str] = "Diffgram"
    holds: ClassVar[tuple[type[Annotation], ...]] = HELD
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("encoding", ("json", "yaml"), "json", "JSON, or YAML 1.2 with a packet a line"),
        flag("ann_is_complete", False, "only files whose task is complete"),
        flag("removed_instances", False, "with instances that were removed, marked and counted (Diffgram's database)"),
        *LABELS,
    )

    def reads(self, values: Mapping[str, Value]) -> Reads:
        """Tasks with labels; versions of instances are events of theirs."""
        told = ("activity.recorded",) if values["removed_instances"] else ()
        return Reads(kinds=("tasks", "labels"), texts=False, details=True, told=told)

    def refuses(self, project: ProjectInfo, values: Mapping[str, Value]) -> tuple[Unfit, ...]:
        """Instances that were removed are told by its database alone."""
        if values["removed_instances"] and project.source != "diffgram-db":
            source = origin(project.source)
            text = f"only Diffgram's database tells of removed instances, and this project's source is: {source}"
            return (Unfit("removed_instances", text),)
        return ()

    def write(self, archive: Archive, snapshot: Snapshot, values: Mapping[str, Value], progress: Progress) -> Written:
        """Packets wait in a temporary file, for their numbers stand before them."""
        project, ontology = snapshot.project, ontology_of(snapshot.project)
        own = project.source in OWN
        kept, count, sums = Kept(), Counter[str](), Counter[str]()
        say = None if own else Sayer(kept, ontology)

        def make(task: LabelledTask) -> _Line | None:
            # Tasks that are left out because they are not complete were gone through, as the manifest says.
            if values["ann_is_complete"] and not is_complete(task, own=own):
                return _Line()
            if say is not None:
                asset = self.asset(kept, snapshot, ontology, task, values)
                items = tuple(counted(kept, snapshot, task, item) for item in asset.labels)
                return _line(say.packet(replace(asset, labels=items)), task, values, own=False)
            try:
                return _line(packet_of(task, chosen(task, values)), task, values, own=True)
            except Exception as error:
                leave_out(kept, task, "unreadable", f"its payload is no packet of Diffgram: {why(error)}")
                return None

        with tempfile.SpooledTemporaryFile(1 << 20) as spool:
            numbers = Numbers()
            with closing(told(archive, snapshot, make, kept, count, progress)) as found:
                for line in found:
                    spool.write(numbers.put(line.data, line.numbers, line.sequences) if not own else line.data)
                    sums.update(files=bool(line.data), instances=line.instances, removed=line.removed)
            head = say.head() if say is not None else _head(project)
            info = _info(project, values, sums)
            with archive.file(f"annotations.{values['encoding']}") as target:
                members = {"export_info": info, **head}.items()
                begin = b"".join(_member(name.encode(), orjson.dumps(value), values) for name, value in members)
                target.write(begin if values["encoding"] == "yaml" else b"{" + begin[1:])
                spool.seek(0)
                while block := spool.read(BLOCK):
                    target.write(block)
                target.write(b"" if values["encoding"] == "yaml" else b"\n}\n")
        return written(count)


class _Line(msgspec.Struct):
    """A packet's member of the file's object, a line (none: it is left out), and the numbers in it."""

    data: bytes = b""
    instances: int = 0
    removed: int = 0
    numbers: int = 0
    sequences: int = 0


def _line(packet: Packet, task: LabelledTask, values: Mapping[str, Value], *, own: bool) -> _Line:
    gone = removed_in(task) if values["removed_instances"] else []
    if values["removed_instances"]:
        packet.fields["instance_list"] = [*packet.fields.get("instance_list", ()), *gone]
    count = instances_of(packet.fields)
    name, said = (packet.number.encode(), orjson.dumps(packet.fields)) if own else marked(packet)
    return _Line(_member(name, said, values), count, len(gone), packet.numbers, packet.sequences)


def _member(name: bytes, said: bytes, values: Mapping[str, Value]) -> bytes:
    """A member of the file's object, a line. JSON is YAML's flow style, but for characters that YAML does not take."""
    if values["encoding"] == "json":
        return b',\n"%b":%b' % (name, said)
    plain = _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", said.decode())
    return b'"%b": %b\n' % (name, plain.encode())


def _head(project: ProjectInfo) -> Item:
    """Labels and attribute groups as Diffgram told them."""
    told = readable(project.details)
    labels = [label for label in parts(told, "labels") if label.get("id") is not None]
    return {
        "label_map": {f"{label['id']}": part(label, "label").get("name") for label in labels},
        "label_colour_map": {f"{label['id']}": label.get("colour") for label in labels},
        "attribute_groups_reference": parts(told, "attribute_groups"),
    }


def _info(project: ProjectInfo, values: Mapping[str, Value], sums: Mapping[str, int]) -> Item:
    """What was exported. `file_list_length` and the numbers behind it are check values."""
    told = part(readable(project.details), "project") if same_kind(project.source) else {}
    info: Item = {
        "id": None,
        "export_format_version": FORMAT_VERSION,
        "user_created_email": None,
        "created_time": project.dated or None,
        "kind": "Annotations",
        "masks": False,
        "source": "project",
        "file_comparison_mode": "latest",
        "project": {
            "name": project.name,
            "project_string_id": told.get("project_string_id") or project.external_id,
        },
        "directory": None,
        "job": None,
        "task": None,
        "file_list_length": sums["files"],
        "instance_count": sums["instances"] - sums["removed"],
        "ann_is_complete": values["ann_is_complete"] is True,
    }
    return {**info, "removed_instance_count": sums["removed"]} if values["removed_instances"] else info
