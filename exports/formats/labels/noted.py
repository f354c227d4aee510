"""Lines of errors.ndjson about one annotation."""

from __future__ import annotations

from audit.annotations import Annotation
from exports.archive.build import Skipped
from exports.formats.labels.sheets import Sheet


def trouble(sheet: Sheet, one: Annotation, code: str, text: str) -> Skipped:
    """The line about an annotation that was left out, or written with a change."""
    where = f" (frame {one.frame})" if one.frame is not None else ""
    task, label = sheet.asset.task.task, sheet.item.row.external_id
    return Skipped(task, code, f"{text}{where}", label, one.job, one.id or one.object)
