"""One label of another platform in the words of tasks.json."""

from __future__ import annotations

from audit.annotations import Classification, Transcription
from audit.ontology import Ontology
from exports.formats.base import Snapshot
from exports.formats.labels.annotated import Asset, LabelItem
from exports.formats.labels.shapes import Unwritable
from exports.formats.redbrick.others import object_entry, others_entries, others_series
from exports.formats.redbrick.painted import Canvas, painted
from exports.formats.redbrick.said import Said


def others_said(label: LabelItem, asset: Asset, ontology: Ontology, snapshot: Snapshot) -> Said:
    """What the label says; masks are painted into volumes of their own, one for each medium."""
    _, series = others_series(asset.media)
    told = {
        "labelsId": label.row.external_id,
        "updatedBy": snapshot.person(label.row.author),
        "updatedAt": label.row.created_at.isoformat() if label.row.created_at is not None else None,
    }
    found = Said(head={name: value for name, value in told.items() if value is not None})
    canvases: dict[int, Canvas] = {}

    def read(name: str) -> bytes:
        with snapshot.file(label.row.content, name) as file:
            return file.read()

    to_paint = {id(one) for one in painted(label.said.annotations)}
    for one in label.said.annotations:
        is_answer = isinstance(one, Classification | Transcription)
        try:
            if not is_answer and 0 <= one.medium < len(asset.media) and asset.media[one.medium].kind == "geo":
                raise Unwritable("not_held", "it is drawn in longitude and latitude, and tasks.json counts in pictures")
            if id(one) in to_paint:
                if not 0 <= one.medium < len(asset.media):
                    raise Unwritable("no_media", "it is of a medium that the task has not")
                canvas = canvases.setdefault(one.medium, Canvas(asset.media[one.medium], ontology, read))
                canvas.add(one, object_entry(one, ontology))
                continue
            of_task = isinstance(one, Classification | Transcription) and one.of_task
            if not of_task and not 0 <= one.medium < len(asset.media):
                raise Unwritable("no_media", "it is of a medium that the task has not")
            of = asset.media[one.medium] if 0 <= one.medium < len(asset.media) else None
            for entry in others_entries(one, ontology, of):
                found.entries.append({name: value for name, value in entry.items() if value is not None})
                found.add(entry, series)
        except Unwritable as error:
            found.unsaid.append((error.code, one.id or one.object, str(error)))
        except ValueError as error:
            found.unsaid.append(("not_held", one.id or one.object, str(error)))
    for medium, canvas in sorted(canvases.items()):
        if canvas.is_blank:
            continue
        name = f"{medium}.nii"
        found.painted[name], found.segments[medium], entries = canvas.finished(name)
        found.entries += [{key: value for key, value in one.items() if value is not None} for one in entries]
    return found
