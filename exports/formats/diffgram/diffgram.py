"""`diffgram`: an export as Diffgram's server writes it (format 1.0), in JSON or YAML; of any source.

What Diffgram itself said of a file is spliced from its bytes, and mended where its server leaves something out
(`packets`); what other platforms' labels say is said in its words (`said`).
"""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Mapping
from typing import IO, ClassVar

import orjson
from msgspec.structs import replace

from audit.annotations import Annotation, Ontology
from audit.sources import file_kind
from audit.sources.origins import origin
from audit.sources.values import Item, item, part, parts
from exports.archive.build import Archive, Skipped
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
from exports.formats.diffgram.said import HELD, Sayer
from exports.formats.labels.annotated import LABELS, AnnotatedFormat, chosen, ontology_of
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
        say = None if own else Sayer(archive, ontology)
        tasks = labels = files = instances = removed = 0
        with tempfile.SpooledTemporaryFile(1 << 20) as spool:
            for done, task in enumerate(snapshot.labelled(), 1):
                # Tasks that are left out because they are not complete were gone through, as the manifest says.
                if values["ann_is_complete"] and not is_complete(task, own=own):
                    tasks, labels = tasks + 1, labels + len(task.labels)
                elif (packet := self._packet(archive, snapshot, ontology, task, values, say)) is not None:
                    if values["removed_instances"]:
                        gone = removed_in(task)
                        packet.fields["instance_list"] = [*packet.fields.get("instance_list", ()), *gone]
                        removed += len(gone)
                    _member(spool, packet.number, packet.fields, values)
                    files, instances = files + 1, instances + instances_of(packet.fields)
                    tasks, labels = tasks + 1, labels + len(task.labels)
                progress(done)
            head = say.head() if say is not None else _head(project)
            info = _info(project, values, files, instances - removed, removed if values["removed_instances"] else None)
            with archive.file(f"annotations.{values['encoding']}") as target:
                first = io.BytesIO()
                for name, value in {"export_info": info, **head}.items():
                    _member(first, name, value, values)
                begin = first.getvalue()
                target.write(begin if values["encoding"] == "yaml" else b"{" + begin[1:])
                spool.seek(0)
                while block := spool.read(BLOCK):
                    target.write(block)
                target.write(b"" if values["encoding"] == "yaml" else b"\n}\n")
        return {"tasks": tasks, "labels": labels}

    def _packet(
        self,
        archive: Archive,
        snapshot: Snapshot,
        ontology: Ontology,
        task: LabelledTask,
        values: Mapping[str, Value],
        say: Sayer | None,
    ) -> Packet | None:
        if say is not None:
            asset = self.asset(archive, snapshot, ontology, task, values)
            items = tuple(counted(archive, snapshot, task, item) for item in asset.labels)
            return say.packet(replace(asset, labels=items))
        try:
            return packet_of(task, chosen(task, values))
        except ValueError as error:
            text = f"its payload is no packet of Diffgram: {error}"
            archive.skip("tasks", Skipped(task.task, "unreadable", text))
            for row in task.labels:
                archive.skip("labels", Skipped(task.task, "unreadable", text, row.external_id))
            return None


def _member(into: IO[bytes], name: str, value: object, values: Mapping[str, Value]) -> None:
    """A member of the file's object, a line. JSON is YAML's flow style, but for characters that YAML does not take."""
    written = orjson.dumps(value)
    if values["encoding"] == "json":
        into.write(b",\n" + orjson.dumps(name) + b":" + written)
        return
    plain = _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", written.decode())
    into.write(orjson.dumps(name) + b": " + plain.encode() + b"\n")


def _head(project: ProjectInfo) -> Item:
    """Labels and attribute groups as Diffgram told them."""
    told = item(project.details) if project.details is not None else {}
    labels = [label for label in parts(told, "labels") if label.get("id") is not None]
    return {
        "label_map": {f"{label['id']}": part(label, "label").get("name") for label in labels},
        "label_colour_map": {f"{label['id']}": label.get("colour") for label in labels},
        "attribute_groups_reference": parts(told, "attribute_groups"),
    }


def _info(project: ProjectInfo, values: Mapping[str, Value], files: int, instances: int, removed: int | None) -> Item:
    """What was exported. `file_list_length` and the numbers behind it are check values."""
    told = part(item(project.details), "project") if project.details and same_kind(project.source) else {}
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
        "file_list_length": files,
        "instance_count": instances,
        "ann_is_complete": values["ann_is_complete"] is True,
    }
    return info if removed is None else {**info, "removed_instance_count": removed}
