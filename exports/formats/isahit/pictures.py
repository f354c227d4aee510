"""The pictures that were drawn on, beside labels and masks: `images/<name of its file of labels><suffix>`."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from audit.annotations import Medium
from exports.archive.build import Archive
from exports.formats.base import LabelledTask, Snapshot
from exports.formats.labels.filenames import suffix_of
from exports.formats.labels.media import add_file

KINDS = frozenset({"image"})


def add_picture(
    archive: Archive, snapshot: Snapshot, task: LabelledTask, media: Sequence[Medium], index: int | None, stem: str
) -> None:
    """Put a task's picture, its medium `index` or else its first, under the name that its labels have: a suffix more,
    so that readers of YOLO find one by the other."""
    shown = [medium for medium in media if medium.kind in KINDS]
    medium = next((one for one in shown if one.index == index), next(iter(shown), None))
    if medium is not None:
        suffix = suffix_of(medium.name) or suffix_of(urlsplit(medium.url or "").path) or ".jpg"
        add_file(archive, snapshot, task, medium, f"images/{stem}{suffix}")
