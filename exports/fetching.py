"""Media that an export asks for and the record lacks: fetched from the platform before anything is written.

What is written then comes from the record alone, so that a second export of the same snapshot has the same bytes.
"""

from __future__ import annotations

from audit.live.media import Lacking, MediaKeeper
from audit.live.run import opened
from audit.log.checkpoint import sign
from audit.models import Media
from exports.formats.base import MediaOf
from exports.labels import BATCH_EVENTS, of_batch
from exports.models import Export
from exports.selection import TaskRow
from exports.snapshot import LogSnapshot
from exportsite.jobs import Lease

STEP = "fetching media"


def fetch_media(selection: LogSnapshot, media_of: MediaOf, lease: Lease[Export], total: int | None) -> None:
    """Fetch what the format will ask for, where the project's policy is so. `total`: how many tasks there are.

    Files that can't be had are in `selection.media.failed`. Raises RunFailed when the platform can't be asked at all;
    what was fetched until then is kept, and the next attempt goes on from there.
    """
    project = selection.log.project
    if project.media != Media.ON_EXPORT:
        return
    source, done = opened(project, lease), 0
    keeper = MediaKeeper(project, source, lease.committed, lease.check)
    try:
        for tasks in selection.batches(BATCH_EVENTS):
            for asked, failed in keeper.keep(_lacking(selection, tasks, media_of)):
                selection.media.failed.update({(one.task, one.name): one.text for one in failed})
                lease.progress(STEP, done + asked, total, "tasks")
            done += len(tasks)
            lease.progress(STEP, done, total, "tasks")
    finally:
        source.close()
    if keeper.added:
        sign(selection.log)


def _lacking(selection: LogSnapshot, tasks: list[TaskRow], media_of: MediaOf) -> list[Lacking]:
    """What these tasks lack."""
    selection.media.begin(tasks)
    found = (selection.media.lacking(task, media_of(task)) for task in of_batch(selection, tasks))
    return [one for one in found if one is not None]
