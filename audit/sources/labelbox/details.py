"""The data row itself as an event: media, attachments, metadata, queue, splits, and what of its labels is volatile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256

import msgspec

from audit.sources.base import FileRef, PersonRef, SourceEvent
from audit.sources.labelbox.labels import people_of
from audit.sources.labelbox.media import FILE
from audit.sources.labelbox.project import LabelboxProject
from audit.sources.values import Item, canonical, item, part, text, unsigned, values

VOLATILE = (
    "data_row.details.last_activity_at",
    "data_row.details.updated_at",
    "project_details.workflow_status",
    "project_details.task_id",
    "project_details.task_name",
    "labels",
)
"""What a data row is exported with and what makes no new version of it: moves have events, labels have versions."""

Parts = dict[str, msgspec.Raw]


class ProjectPart(msgspec.Struct):
    name: msgspec.Raw = msgspec.Raw(b"null")
    labels: list[msgspec.Raw] | None = None
    project_details: Parts | None = None
    project_tags: msgspec.Raw = msgspec.Raw(b"null")


class Run(msgspec.Struct):
    name: str | None = None
    run_data_row_id: str | None = None
    annotation_group_id: str | None = None
    split: str | None = None
    labels: list[msgspec.Raw] | None = None
    predictions: list[msgspec.Raw] | None = None


class Model(msgspec.Struct):
    name: str | None = None
    runs: dict[str, Run] | None = None


def details_event(
    task: str, fields: Parts, ours: ProjectPart, models: Mapping[str, Model], project: LabelboxProject
) -> SourceEvent:
    """The data row as it is now, without labels and embeddings: media, attachments, metadata, queue, splits."""
    details = {name: raw for name, raw in (ours.project_details or {}).items() if name != "workflow_history"}
    figures = [_figures(bytes(raw)) for raw in ours.labels or ()]
    runs: list[dict[str, str | None]] | None = [
        {"model_id": model_id, "model_name": model.name, "run_id": run_id, "run_name": run.name}
        | {"run_data_row_id": run.run_data_row_id, "annotation_group_id": run.annotation_group_id, "split": run.split}
        for model_id, model in models.items()
        for run_id, run in (model.runs or {}).items()
    ]
    if project.with_models is None:
        runs = None  # Not told, which is not that there are none.
    ours_now = {"project_name": ours.name, "project_details": details, "project_tags": ours.project_tags}
    content = msgspec.json.encode({**fields, **ours_now, "labels": figures, "model_runs": runs})
    state = item(content)
    figured = (ref for raw in ours.labels or () for ref in _figured(bytes(raw), project))
    creator = project.by_email(text(part(part(state, "data_row"), "details"), "created_by"))
    return SourceEvent(
        task=task,
        type="task.updated",
        source_type="data_row",
        occurred_at=None,
        instant=None,
        derived=True,
        content=unsigned(content),
        people=people_of(creator, *figured, *project.named(content)),
        key_fields=(sha256(canonical(_lasting(item(unsigned(content))))).hexdigest(),),
        files=tuple(_files(task, state)),
    )


def _figures(label: bytes) -> Parts:
    """What of a label changes and means little: it stands with the data row, not in a version of the label."""
    found = msgspec.json.decode(label, type=Parts)
    return {name: found[name] for name in ("id", "label_details", "performance_details") if name in found}


def _figured(label: bytes, project: LabelboxProject) -> Iterator[PersonRef | None]:
    details = part(item(label), "label_details")
    yield project.by_email(text(details, "created_by"))
    for review in values(details, "reviews"):
        if isinstance(review, dict):
            yield project.by_email(text(review, "reviewed_by"))


def _lasting(state: Item) -> Item:
    """The data row without VOLATILE."""
    found = {name: value for name, value in state.items() if name != "labels"}
    # Nobody else can become the creator; an address can become another.
    for path in (path.split(".") for path in (*VOLATILE, "data_row.details.created_by") if "." in path):
        *above, last = path
        at = found
        for name in above:
            at = part(at, name)
        at.pop(last, None)
    return found


def _files(task: str, state: Item) -> Iterator[FileRef]:
    """The media that people look at, where they have an address."""
    if (url := _address(part(state, "data_row").get("row_data"))) is not None:
        yield FileRef(FILE, url, f"the file of data row {task}", media=True)
    for attachment in values(state, "attachments"):
        if isinstance(attachment, dict) and (url := _address(attachment.get("value"))) is not None:
            id_ = text(attachment, "id")
            yield FileRef(f"attachments/{id_}", url, f"attachment {id_} of data row {task}", media=True)


def _address(value: object) -> str | None:
    return value if isinstance(value, str) and value.startswith(("https://", "http://")) else None
