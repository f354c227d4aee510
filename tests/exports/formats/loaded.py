"""What an export says when it is loaded again, without a database: the file's events as a snapshot, and neutrally."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from msgspec import structs

from audit.annotations import Annotation, Answer, Labelled, Medium
from audit.ontology import Ontology
from audit.sources import file_kind, neutral, reading
from audit.sources.exported.container import Container
from audit.sources.exported.kind import FileSource
from audit.sources.exported.kinds import KINDS
from exports.formats.base import LabelledTask, LabelRow, ProjectInfo
from exports.formats.labels.annotated import ontology_of
from tests.exports.formats.snapshots import Shot

Said = dict[str, tuple[tuple[Medium, ...], list[Labelled]]]
"""By task: its media, and what each of its labels says."""


def loaded(kind: str, path: Path, data: bytes) -> Shot:
    """An export of a kind's, written to a file and loaded from it."""
    path.write_bytes(data)
    with Container(str(path)) as container:
        return _shot(KINDS[kind].open(container, "Again"), file_kind(kind), "Again")


def _shot(source: FileSource, kind: str, name: str) -> Shot:
    """The source's tasks with their labels, as a snapshot has them."""
    settings = next(iter(source.project_events()))
    shot = Shot(project=ProjectInfo(kind, name, name, "test.example/i/l", settings.content))
    told = reading(kind)
    for page in source.task_pages():
        for history in page.histories:
            contents = {event.type: event.content for event in history.events if event.type == "task.updated"}
            details = contents["task.updated"] or b""
            labels = []
            for event in history.events:
                if event.type == "label.updated" and event.content:
                    of = told.label_details(event.content)
                    row = LabelRow(
                        of.external_id, 1, of.kind, None, of.created_at, of.milliseconds, of.step, of.skipped,
                        of.sent_back, 1, event.content,
                    )  # fmt: skip
                    labels.append(row)
            latest = told.task_details(details).latest
            moved = [event for event in history.events if event.type in ("task.moved", "activity.recorded")]
            shot.assets.append(
                LabelledTask(
                    history.task, len(shot.assets) + 1, history.task, "", "", details, latest, tuple(labels),
                    tuple((event.source_type, event.content or b"") for event in moved),
                )
            )  # fmt: skip
    return shot


def said_in(shot: Shot) -> Said:
    """What the snapshot says neutrally."""
    told, ontology = neutral(shot.project.source), ontology_of(shot.project)
    return {
        task.task: (
            told.media(task.details or b"{}"),
            [told.annotations(label.content, task.details or b"{}", ontology) for label in task.labels],
        )
        for task in shot.assets
    }


_KEYS = ("job", "tool", "id", "object", "linked", "ends", "locked", "figures", "classes", "answers", "answer")


def plain(one: Annotation, ontology: Ontology) -> dict[str, Any]:
    """An annotation without the ids that a platform gives: classes and questions by their titles, floats to 1e-6."""
    found = {name: _rounded(value) for name, value in structs.asdict(one).items() if name not in _KEYS}
    found |= {"kind": type(one).__name__, "classes": [_title(ontology, one.job, key) for key in one.classes]}
    found["answers"] = sorted(map(str, (_answer(ontology, answer) for answer in one.answers)))
    if (answer := getattr(one, "answer", None)) is not None:
        found["answer"] = _answer(ontology, answer)
    return found


def _answer(ontology: Ontology, answer: Answer) -> Any:
    job = ontology.job(answer.job)
    chosen = [
        (_title(ontology, answer.job, choice.key), sorted(str(_answer(ontology, one)) for one in choice.answers))
        for choice in answer.choices
    ]
    return (job.title if job else answer.job, chosen, answer.text, answer.number)


def _title(ontology: Ontology, job: str, key: str) -> str:
    known = ontology.job(job)
    return next((one.title for one in known.classes if one.key == key), key) if known else key


def _rounded(value: Any) -> Any:
    if isinstance(value, float | int) and not isinstance(value, bool):
        return round(float(value), 6) + 0.0
    return tuple(map(_rounded, value)) if isinstance(value, tuple | list) else value
