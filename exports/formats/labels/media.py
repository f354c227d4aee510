"""Files that people look at, put into an archive: what of them a format asks for, and how they are written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import IO
from urllib.parse import urlsplit

from msgspec.structs import replace

from audit.annotations import Medium
from audit.sources import from_files, neutral
from audit.sources.unread import media_of
from exports.archive.build import Archive, Skipped
from exports.formats.base import LabelledTask, MediaOf, NoMedium, ProjectInfo, Snapshot, Unfit, Value, flag
from exports.formats.labels.filenames import suffix_of
from exports.formats.labels.picture_size import picture_size, suffix_within
from exportsite.stopping import go_on

WITH_ASSETS = flag("with_assets", False, "with the files that people look at; of projects that keep or fetch them")

BLOCK = 1 << 18
_NO_MEDIA = (
    "The media of this project are only named ({name}=false writes where they are). Let exports fetch them: set the "
    "project's media to on_export, on its page Sync or with manage.py connect --media on_export, and ask again."
)
_FROM_FILES = (
    "This project was loaded from files, which name its media and hold none: take {name}=false. Connect the project "
    "at its platform to have them."
)


def unfit_media(project: ProjectInfo, values: Mapping[str, Value], name: str = "with_assets") -> Iterable[Unfit]:
    """Why media can't be put in (`name` is the parameter that asks for them)."""
    if values.get(name) is True and not project.media_kept:
        text = _FROM_FILES if from_files(project.source) else _NO_MEDIA
        yield Unfit(name, text.format(name=name))


def media_files(
    project: ProjectInfo, kinds: Iterable[str] | None = None, wanted: Callable[[LabelledTask], bool] = lambda task: True
) -> MediaOf:
    """The files of the media of these kinds (None: of all), of the tasks that are wanted."""
    chosen = None if kinds is None else frozenset(kinds)

    def names(task: LabelledTask) -> list[str]:
        if task.details is None or not wanted(task):
            return []
        media, _ = media_of(neutral(project.source), task.details)
        return [name for one in media if chosen is None or one.kind in chosen for name in one.files]

    return names


def measured(snapshot: Snapshot, task: LabelledTask, media: tuple[Medium, ...]) -> tuple[Medium, ...]:
    """The media of the task that came last; pictures of unknown size have that of their files, if these can be had."""
    return tuple(one if one.width and one.height else _measured(snapshot, task, one) for one in media)


def _measured(snapshot: Snapshot, task: LabelledTask, medium: Medium) -> Medium:
    if medium.kind != "image" or len(medium.files) != 1:
        return medium
    try:
        with snapshot.medium(task, medium.files[0]) as file:
            size = picture_size(file)
    except NoMedium:
        return medium
    return medium if size is None else replace(medium, width=size[0], height=size[1])


def named(snapshot: Snapshot, task: LabelledTask, media: tuple[Medium, ...]) -> tuple[Medium, ...]:
    """The media of the task that came last; files without a suffix in their name or address have that of their kind
    behind their name: readers choose pictures by it."""
    return tuple(map(partial(_named, snapshot, task), media))


def _named(snapshot: Snapshot, task: LabelledTask, medium: Medium) -> Medium:
    if len(medium.files) != 1 or suffix_of(medium.name) or suffix_of(urlsplit(medium.url or "").path):
        return medium
    try:
        with snapshot.medium(task, medium.files[0]) as file:
            return replace(medium, name=medium.name + suffix_within(file))
    except NoMedium:
        return medium


def add_file(
    archive: Archive, snapshot: Snapshot, task: LabelledTask, medium: Medium, path: str, *, place: int = 0
) -> bool:
    """Put a medium's file (its frame or slice at `place`) into the archive; one that is not to be had has a line in
    errors.ndjson, and is False."""
    try:
        if not medium.files:
            raise NoMedium(f"{medium.name!r} has no address that it could be fetched from")
        with snapshot.medium(task, medium.files[place]) as source:
            copy(archive, source, path)
    except NoMedium as error:
        archive.warn(Skipped(task.task, "no_file", f"the medium {medium.name!r} is not in the archive: {error}"))
        return False
    return True


def copy(archive: Archive, source: IO[bytes], path: str) -> None:
    """Put an open file into the archive, which may take long: the run may have to end meanwhile."""
    with archive.file(path) as target:
        while block := source.read(BLOCK):
            target.write(block)
            go_on()
