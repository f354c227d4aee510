"""`labelstudio`: tasks with annotations and predictions as Label Studio exports and imports them, of any source; and
`label_config.xml`, the labelling configuration that fits them.

Label Studio's own tasks are spliced from the bytes that came (`own`), with their history and reviews; what other
platforms' labels say is said in its words (`said`). https://labelstud.io/guide/task_format
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import NAMESPACE_URL, uuid5

import orjson
from msgspec.structs import replace

from audit.annotations import Annotation
from audit.ontology import Ontology
from audit.sources import file_kind
from audit.sources.labelstudio.events import KINDS
from audit.sources.unread import why
from exports.archive.build import Archive
from exports.formats.base import (
    PEOPLE,
    LabelledTask,
    LabelRow,
    Parameter,
    Progress,
    Reads,
    Snapshot,
    Value,
    Written,
)
from exports.formats.labels.annotated import (
    EXPORT_TYPE,
    SENT_BACK,
    AnnotatedFormat,
    Asset,
    LabelItem,
    chosen,
    ontology_of,
)
from exports.formats.labels.left_out import leave_out
from exports.formats.labels.made import Kept, array, told, write_lines, written
from exports.formats.labels.mask_files import counted
from exports.formats.labels.sheets import skip_asset
from exports.formats.labelstudio import own
from exports.formats.labelstudio.config import Config
from exports.formats.labelstudio.gathered import Line, TaskConfig, Together, label, person
from exports.formats.labelstudio.said import HELD, Sayer

OWN = ("labelstudio", file_kind("labelstudio"))
"""Kinds of sources whose payloads are Label Studio's."""
MODELS = ("PREDICTION", "INFERENCE")
"""Kinds of labels that are predictions; one that is saved by itself is a draft, any other an annotation."""

ALL_TYPES = Parameter(
    "label_type_in",
    (),
    "",
    "labels of these kinds, every kind where none is named: DEFAULT, REVIEW, PREDICTION, INFERENCE, AUTOSAVE, or a "
    "word of the source's own",
    several=True,
)
ALL_LABELS = Parameter("export_type", EXPORT_TYPE.choices, "normal", EXPORT_TYPE.help)


class LabelStudioFormat(AnnotatedFormat):
    """`tasks.json`, an array with a task a line, and `label_config.xml`."""

    slug: ClassVar[str] = "labelstudio"
    title: ClassVar[str] = "Label Studio JSON"
    holds: ClassVar[tuple[type[Annotation], ...]] = HELD
    parameters: ClassVar[tuple[Parameter, ...]] = (ALL_TYPES, ALL_LABELS, SENT_BACK, PEOPLE)

    def reads(self, values: Mapping[str, Value]) -> Reads:
        """Tasks with labels; entries of histories, and reviews, are events of theirs."""
        return Reads(kinds=("tasks", "labels"), texts=False, details=True, told=own.TOLD)

    def write(self, archive: Archive, snapshot: Snapshot, values: Mapping[str, Value], progress: Progress) -> Written:
        """Tasks as they come; the configuration, which is of all of them, behind them."""
        own_tasks = snapshot.project.source in OWN
        kept, count, tags, config = Kept(), Counter[str](), TaskConfig(), Config()
        ontology = ontology_of(snapshot.project)
        say = _Own(kept, tags) if own_tasks else _Others(self, kept, snapshot, ontology, tags)
        together = Together(config, tags.secret, own=own_tasks)

        def make(task: LabelledTask) -> Line | None:
            kinds = values["label_type_in"] or tuple(dict.fromkeys(row.kind for row in task.labels))
            return say.line(task, {**values, "label_type_in": kinds})

        def lines() -> Generator[bytes, None, None]:
            with closing(told(archive, snapshot, make, kept, count, progress)) as found:
                for line in found:
                    yield together.put(line)

        with archive.file("tasks.json") as target:
            write_lines(target, array(lines()))
        if not own_tasks:  # Of its own Label Studio tells no more than what results name.
            Sayer(archive, ontology, config).rest()
        archive.whole("label_config.xml", config.xml())
        return written(count)


class _Own:
    """Lines of Label Studio's own tasks."""

    def __init__(self, kept: Kept, tags: TaskConfig) -> None:
        self._kept = kept
        self._tags = tags

    def line(self, task: LabelledTask, values: Mapping[str, Value]) -> Line | None:
        self._tags.begin()
        try:
            found = own.task_of(self._kept, self._tags, task, chosen(task, values))
        except Exception as error:
            leave_out(self._kept, task, "unreadable", f"its payload is none of Label Studio's: {why(error)}")
            return None
        # Between tokens: inside of texts they are escaped.
        return Line(found.replace(b"\n", b" ").replace(b"\r", b" "), self._tags.taken())


class _Others:
    """Lines of other platforms' tasks. Tasks, labels and people have numbers, as Label Studio's have."""

    def __init__(
        self, format_: LabelStudioFormat, kept: Kept, snapshot: Snapshot, ontology: Ontology, tags: TaskConfig
    ) -> None:
        self._format = format_
        self._kept = kept
        self._snapshot = snapshot
        self._ontology = ontology
        self._tags = tags
        self._say = Sayer(kept, ontology, tags)
        self._people: list[str] = []
        self._labels = 0

    def line(self, task: LabelledTask, values: Mapping[str, Value]) -> Line | None:
        asset = self._format.asset(self._kept, self._snapshot, self._ontology, task, values)
        if asset.labels and not asset.media:
            skip_asset(self._kept, asset, "no_media", "what it is about is not in the record")
            return None
        items = tuple(counted(self._kept, self._snapshot, task, item) for item in asset.labels)
        self._tags.begin()
        self._labels, self._people = 0, []
        data = orjson.dumps(self._task(replace(asset, labels=items)))
        return Line(data, self._tags.taken(), self._labels, self._people)

    def _task(self, asset: Asset) -> dict[str, Any]:
        objects = self._say.asset(asset)
        found: dict[str, Any] = {"id": asset.task.number}
        found["data"] = {one.field: one.value for one in objects} or {"name": asset.task.name}
        found["meta"] = {"task": asset.task.task, "name": asset.task.name, "stage": asset.task.stage}
        lists: dict[str, list[dict[str, Any]]] = {"annotations": [], "drafts": [], "predictions": []}
        for item in asset.labels:
            self._labels += 1
            results = self._say.results(asset, item, objects)
            kind = item.row.kind
            into = "predictions" if kind in MODELS else "drafts" if kind == KINDS["drafts"] else "annotations"
            lists[into].append(self._label(asset, item, into, results))
        found["data"] |= self._say.data
        return found | lists

    def _label(self, asset: Asset, item: LabelItem, into: str, results: list[dict[str, Any]]) -> dict[str, Any]:
        row: LabelRow = item.row
        made = row.created_at.astimezone(UTC) if row.created_at else None
        found: dict[str, Any] = {"id": label(self._labels), "result": results, "task": asset.task.number}
        found["created_at"] = _time(made)
        who = self._snapshot.person(row.author)
        if into == "predictions":
            return found | {"model_version": who or row.kind}
        found["unique_id"] = str(uuid5(NAMESPACE_URL, f"{asset.task.task}\n{row.external_id}\n{row.number}"))
        if who is not None:
            self._people.append(who)
            mail = "@" in who
            found["completed_by"] = {
                "id": person(len(self._people) - 1),
                "email": who if mail else "",
                "first_name": "" if mail else who,
                "last_name": "",
            }
        found |= {"was_cancelled": row.skipped, "ground_truth": False}
        found["lead_time"] = None if row.milliseconds is None else row.milliseconds / 1000
        return found | ({"last_action": "rejected"} if row.sent_back else {})


def _time(made: datetime | None) -> str | None:
    return None if made is None else made.isoformat(timespec="microseconds").replace("+00:00", "Z")
