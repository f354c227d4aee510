"""Media that an export asks for: fetched once for each version of a task, and kept.

What was fetched is said by an event of the task, `media.kept`, whose payload names the version (`of`, the index of its
event) and its files, as payloads of a project that keeps all of its media do. Of several such events about one file the
first counts, so what an export puts in does not change when the platform's file does.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import msgspec
from django.db import connection

from audit.files import MEDIA_KEPT, KeptFile, files_of, with_files
from audit.live.fetched import AT_A_TIME, Fetcher
from audit.log.append import Appender
from audit.models import Project
from audit.sources.ahead import answers
from audit.sources.base import FileRef, LiveSource, PersonRef, SourceError, SourceEvent, TaskHistory
from audit.sources.web import NOTHING_LOST
from exportsite.jobs import RunFailed

TOGETHER = 200
"""Versions that are asked for, and whose files are recorded, together."""
UNSAID = 64 * 1024 * 1024
"""Bytes of files after which they are recorded at once: a worker that dies fetches again what is not."""
GIVE_UP = 20
"""Files in a row that no server gave an answer about: the others would not come either, each after minutes."""
_SILENT = frozenset({"busy", "unavailable"})
_GONE = frozenset({"missing", "refused"})
_KEPT = (
    "SELECT e.task_id, d.data FROM audit_event e JOIN audit_disclosure d ON d.event_id = e.id AND d.grp = 'content' "
    "WHERE e.task_id = ANY(%s) AND e.type = %s ORDER BY e.id"
)


class _Payload(msgspec.Struct):
    of: int


def kept_of(versions: Mapping[int, int], shown: Callable[[bytes], bytes]) -> dict[int, list[KeptFile]]:
    """Files kept of each version, tasks' ids to the indices of their versions; by task. `shown` puts people back."""
    found: dict[int, dict[str, KeptFile]] = {task: {} for task in versions}
    with connection.cursor() as cursor:
        cursor.execute(_KEPT, [list(versions), MEDIA_KEPT])
        for task, data in cursor:
            content = shown(bytes(data))
            if msgspec.json.decode(content, type=_Payload).of == versions[task]:
                for file in files_of(content).kept:
                    found[task].setdefault(file.name, file)
    return {task: list(files.values()) for task, files in found.items()}


@dataclass(frozen=True, slots=True)
class Lacking:
    """A version of a task, by the index of its event, and its files that are not kept."""

    task: str
    index: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Failed:
    """A file that could not be had, and why."""

    task: str
    name: str
    text: str


@dataclass(slots=True)
class _Asked:
    """What the platform says of one task now."""

    refs: dict[str, FileRef]
    people: tuple[PersonRef, ...]
    there: bool


class MediaKeeper:
    """Fetches files of one project's tasks from its platform, and records them. `fence` is the Appender's; `check` is
    called after each file, and may raise to end the work."""

    def __init__(
        self, project: Project, source: LiveSource, fence: Callable[[], None], check: Callable[[], None]
    ) -> None:
        self._source = source
        self._fetcher = Fetcher(source, with_media=True)
        self._appender = Appender(project, fence=fence)
        self._check = check
        self._silent = 0
        self._unsaid = 0

    @property
    def added(self) -> int:
        """How many events were recorded."""
        return self._appender.added

    def keep(self, lacking: Sequence[Lacking]) -> Iterator[tuple[int, list[Failed]]]:
        """Fetch what these versions lack, TOGETHER at a time; how many were asked for so far, and what of them failed.

        Raises RunFailed when the platform can't be asked for tasks, or gives no answer about file after file. What was
        fetched until then is kept.
        """
        for start in range(0, len(lacking), TOGETHER):
            try:
                failed = self._keep(lacking[start : start + TOGETHER])
            finally:
                self._appender.flush()
            yield min(start + TOGETHER, len(lacking)), failed

    def _keep(self, lacking: Sequence[Lacking]) -> list[Failed]:
        try:
            told = {task: _asked(history) for task, history in self._source.tasks([one.task for one in lacking])}
        except SourceError as error:
            raise RunFailed(error.code, f"The media could not be fetched: {error}") from error
        failed: list[Failed] = []
        wanted: list[tuple[Lacking, FileRef]] = []
        for one in lacking:
            now = told.get(one.task, _asked(None))
            refs = [ref for name in one.names if (ref := now.refs.get(name)) is not None]
            wanted += [(one, ref) for ref in refs]
            failed += [Failed(one.task, name, _unnamed(name, now)) for name in one.names if name not in now.refs]
        coming = answers(lambda item: self._fetched(*item), wanted, AT_A_TIME)
        for one, of_version in groupby(coming, key=lambda item: item[0][0]):
            had: list[KeptFile] = []
            for (_, ref), answer in of_version:
                self._check()
                if isinstance(answer, KeptFile):
                    self._silent = 0
                    had.append(answer)
                    continue
                failed.append(Failed(one.task, ref.name, str(answer).replace(NOTHING_LOST, "").strip()))
                self._silent = self._silent + 1 if answer.code in _SILENT else 0
                if self._silent == GIVE_UP:
                    text = f"Of {GIVE_UP} files in a row not one could be fetched. The last one: {answer}"
                    raise RunFailed(answer.code, text) from answer
            self._record(one, had, told[one.task].people)
        return failed

    def _fetched(self, one: Lacking, ref: FileRef) -> KeptFile | SourceError:
        try:
            stored = self._fetcher.fetch(ref)
        except SourceError as error:
            if error.code not in _GONE or (again := self._anew(one, ref)) is None:
                return error
            try:
                stored = self._fetcher.fetch(again)
            except SourceError as second:
                return second
        return KeptFile(ref.name, stored.sha256, stored.size)

    def _anew(self, one: Lacking, ref: FileRef) -> FileRef | None:
        """The file's address as the platform tells it now; None where that is the one that was refused.

        A signature holds for minutes or hours, and the files before this one may have taken longer.
        """
        try:
            again = _asked(self._source.task(one.task)).refs.get(ref.name)
        except SourceError:
            return None
        return again if again is not None and again.where != ref.where else None

    def _record(self, one: Lacking, had: Sequence[KeptFile], people: tuple[PersonRef, ...]) -> None:
        if not had:
            return
        self._appender.add(_event(one, sorted(had, key=lambda file: file.name), people))
        self._unsaid += sum(file.bytes for file in had)
        if self._unsaid > UNSAID:
            self._appender.flush()
            self._unsaid = 0


def _asked(history: TaskHistory | None) -> _Asked:
    refs: dict[str, FileRef] = {}
    people: list[PersonRef] = []
    for event in history.events if history is not None else ():
        media = [ref for ref in event.files if ref.media]
        refs |= {ref.name: ref for ref in media}
        if media:
            people += event.people
    return _Asked(refs, tuple(dict.fromkeys(people)), history is not None)


def _unnamed(name: str, now: _Asked) -> str:
    if not now.there:
        return f"the platform has the task no more, so its file {name!r} can't be fetched"
    return (
        f"the platform gives no address of the file {name!r} now: it was replaced there, or lies in a storage that "
        "Labeltrail can't read"
    )


def _event(one: Lacking, files: Sequence[KeptFile], people: tuple[PersonRef, ...]) -> SourceEvent:
    """The event that says so. Two exports that fetch at the same time make two; the first one counts."""
    return SourceEvent(
        task=one.task,
        type=MEDIA_KEPT,
        source_type="media",
        occurred_at=None,
        instant=None,
        source_key=str(uuid.uuid4()),
        actor_kind="system",
        derived=True,
        content=with_files(msgspec.json.encode({"of": one.index}), files),
        people=people,
    )
