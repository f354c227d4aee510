"""One pass over a project at its platform: fetch, adapt, append. Nothing is kept of a page that is done."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain

from audit.live import held as record
from audit.live import hints, labels
from audit.live.held import Held
from audit.live.news import BACK, News, completed, finals
from audit.live.recording import Recording
from audit.live.seen import Seen
from audit.live.standing import DELETION, RETURN, created_between, standing
from audit.live.superseded import superseded
from audit.live.throughput import for_throughput
from audit.live.untold import beside_record
from audit.log.checkpoint import CheckpointError, sign
from audit.log.envelope import EnvelopeError, clean
from audit.models import Event, Log, Mode, Project, SyncRun, Task
from audit.sources.ahead import ahead
from audit.sources.base import LiveSource, SourceError, SourceEvent, TaskHistory, TaskPage
from exportsite.clock import utc
from exportsite.jobs import Lease, RunFailed

OVERLAP = timedelta(minutes=10)
ROUNDS = 3
TIME_BATCH = 1_000
"""Active times appended, and tasks that they are of, at a time: the append needs the state of each of these tasks."""
NOT_ALL = "What was read before it is in the record, but this is not all. Tell us, with this text."
TIMES = ("time.recorded", "time.revised")
CLOSING = ("sync.completed", "media.kept", "privacy.erased", "report.signed", "retention.purged")
"""Events about the record after which nothing of a pass is waiting for its close."""


@dataclass(slots=True)
class Counts:
    """What a pass did. `found` events came, `added` were new; `tasks` were read."""

    tasks: int = 0
    found: int = 0
    added: int = 0
    deleted: int = 0
    diverged: int = 0


class Pass:
    """Reads a project, `mode` full or incremental, into its log; or an export of one, mode load, which may lack tasks.

    `clock` is the platform's time when it began. `note` goes in front of the message that the run gets, `told` into the
    event that closes the pass.
    """

    def __init__(
        self,
        project: Project,
        source: LiveSource,
        lease: Lease[SyncRun],
        mode: Mode,
        note: str = "",
        told: Mapping[str, object] | None = None,
    ) -> None:
        self.project = project
        self.source = source
        self.lease = lease
        self.mode = mode
        self.note = note
        self.told = told or {}
        self.log = Log.objects.get(project=project)
        self.news = News(project)
        self.recording = Recording(project, self.log, source, lease)
        self.counts = Counts()
        self.began = datetime.now(UTC)
        self.clock: datetime | None = None

    def run(self) -> None:
        """Read all that the mode wants. Raises RunFailed; what was read until then is in the log."""
        with for_throughput(), closing(self.recording), self._kept():
            self._project()
            if self.mode == Mode.FULL:
                self._all_tasks()
            elif self.mode == Mode.HINTED:
                self._hinted_tasks()
            else:
                self._changed_tasks()
            # Active time has no times of change: all of it is read, unless the tasks say that nobody worked.
            if self.mode == Mode.FULL or (self.recording.new and self.mode != Mode.HINTED):
                self._times()
            self.recording.flush()
        self._close()

    @property
    def watermark(self) -> datetime:
        """From when on the next incremental pass has to read: the platform's clock, ours where it tells no time."""
        return self.clock or self.began

    def message(self) -> str:
        """What kind of pass it was, for people."""
        if self.mode == Mode.FULL:
            return f"Complete: {_tasks(self.counts.tasks)}, as many as the source says it has."
        if self.mode == Mode.HINTED:
            return f"Read {_tasks(self.counts.tasks + self.counts.deleted)} of which the platform told."
        if self.mode == Mode.LOAD:
            return f"Loaded: {_tasks(self.counts.tasks)}."
        last = self.project.complete_at
        return f"Incremental; last complete pass at {utc(last)}." if last else "Incremental; no complete pass yet."

    # Reading

    def _project(self) -> None:
        """Settings and members."""
        self.lease.progress("reading the project")
        self._of_project(list(self.source.project_events()))

    def _of_project(self, events: Sequence[SourceEvent]) -> None:
        """Events of the project itself."""
        kinds = {(kept.type, kept.source_type) for event in events for kept in (event, event.opening()) if kept}
        self._add(events, self.recording.held_of_project(kinds))

    def _all_tasks(self) -> None:
        """Every task. Raises RunFailed when the project was never still while it was read."""
        found = self.counts.found
        for _ in range(ROUNDS):
            self.counts.found = found  # What comes again counts once.
            seen = Seen()
            before = self.source.count()
            stirred = self._tasks(self.source.task_pages(), seen, before)
            with ThreadPoolExecutor(1, "count") as threads:
                counted = threads.submit(self.source.count)
                self.recording.flush()  # What is known is what the tables say, this pass's own tasks included.
                after = counted.result()
            gone = self._missing(seen)
            self.counts.tasks = seen.count
            if before == after == seen.count and not stirred:
                self._delete(gone)
                return
        self.recording.flush()
        raise RunFailed(
            "changing",
            f"The project changed while it was read, {ROUNDS} times in a row: the source counts {after:,} tasks, it "
            f"sent {seen.count:,}. What came is in the record, but it can't be called complete. Sync again when less "
            "is going on there; if it stays so, the source does not tell all of its tasks to this key.",
        )

    def _changed_tasks(self) -> None:
        mark = self.project.watermark
        since = None if mark is None else mark - OVERLAP
        seen = Seen()
        self._tasks(self.source.task_pages(since), seen, None)
        self.counts.tasks = seen.count

    def _hinted_tasks(self) -> None:
        """The tasks that messages named. One that is gone is deleted where the record has it."""
        (tasks, until), gone = hints.waiting(self.project), list[str]()
        for task, history in self.source.tasks(tasks):
            if history is None:
                gone.append(clean(task))
            else:
                self.counts.tasks += 1
                self._page([history])
        self.recording.flush()
        known = Task.objects.filter(project=self.project, external_id__in=gone).exclude(status="deleted")
        self._delete(list(known.order_by("number").values_list("external_id", flat=True)))
        self.recording.flush()
        hints.done(self.project, until)

    def _tasks(self, pages: Iterator[TaskPage], seen: Seen, total: int | None) -> bool:
        """Take pages of tasks; whether a task was created while they came."""
        began: datetime | None = None
        here = datetime.now(UTC)
        stirred = False
        for page in ahead(pages, idle=self.recording.write_done):
            began = began or page.clock
            self.clock = self.clock or page.clock
            self._page(page.histories)
            if page.events:
                self._of_project(page.events)
            seen.add([history.task for history in page.histories])
            self.lease.progress("reading tasks", seen.count, total, "tasks")
            if began is not None:
                until = began + (datetime.now(UTC) - here) + OVERLAP  # Now, by the platform's clock.
                stirred = stirred or any(created_between(history, began, until) for history in page.histories)
        self.recording.take_all()
        return stirred

    def _page(self, histories: Sequence[TaskHistory]) -> None:
        held = self.recording.held([clean(history.task) for history in histories])
        contents = record.contents(chain.from_iterable(map(finals, held.values()))) if self.mode == Mode.FULL else {}
        # A task that moved while its page was made may stand in it twice.
        once = {clean(history.task): history for history in histories}
        labelled = [task for task, history in once.items() if history.labels is not None]
        known = labels.current(self.project, labelled) if labelled else {}
        for task, history in once.items():
            of_task = held[task]
            told = beside_record(history, of_task, self.news.reading)
            if unread := labels.unread(self.source, history, of_task, self.news):
                told = labels.in_time((*told, *unread))
            gone = labels.missing(self.source, history, known.get(task, ()), self.news)
            keyed = self.news.keyed((*told, *gone, standing(history.task, present=True)))
            differences = list(self._counted(labels.differences((*told, *gone), of_task, self.news)))
            if self.mode == Mode.FULL and of_task.events:
                differences += self._counted(self.news.diverged(keyed, of_task, contents, history.untold))
            news = [*self.news.of(keyed, of_task), *superseded(keyed, of_task, self.news)]
            # That a thing is still as it began is nothing that the log holds.
            self.counts.found += sum(_is_said(event, key, of_task) for event, key in keyed[: len(told)])
            self.recording.add_with_files(task, [*news, *differences])
        self.recording.take_some()

    def _counted(self, found: Iterable[tuple[str, SourceEvent]]) -> Iterator[SourceEvent]:
        for what, event in found:
            self.counts.diverged += what != BACK
            yield event

    def _missing(self, seen: Seen) -> list[str]:
        """Ask for each known task that did not come; those that the platform says do not exist."""
        gone: list[str] = []
        for task, history in self.source.tasks(seen.missing(self.project)):
            self.lease.progress("asking for missing tasks", len(gone), None, "tasks")
            if history is None:
                gone.append(task)
            else:
                self._page([history])
                seen.add([task])
        return gone

    def _delete(self, gone: Sequence[str]) -> None:
        for start in range(0, len(gone), 500):
            tasks = gone[start : start + 500]
            held = self.recording.held(tasks, [DELETION.type, RETURN.type])
            for task in tasks:
                self.counts.deleted += 1
                self.recording.add(self.news.of(self.news.keyed([standing(task, present=False)]), held[task]))

    def _times(self) -> None:
        done = 0
        held: dict[str, Held] = {}  # Takes note of what is added: rows of one task are in several pages.
        kinds: set[str] = set()
        for rows in ahead(self.source.time_pages()):
            # Beside active time: events of tasks that the platform lists no more.
            come = {row.source_type for row in rows} | {row.type for row in rows} - {record.OTHER}
            if max(self.recording.waiting, len(held)) >= TIME_BATCH or not come <= kinds:
                self.recording.flush()
                held.clear()
                kinds |= come
            # What an event replaces may be of another type than the event.
            types = None if any(row.replaces for row in rows) else {*TIMES, *kinds}
            held |= self.recording.held({clean(row.task or "") for row in rows} - held.keys(), types, kinds)
            for row in rows:
                self._add([row], held[clean(row.task or "")])
            done += len(rows)
            self.lease.progress("reading active time", done, None, "rows")

    # Recording

    def _add(self, history: Sequence[SourceEvent], held: Held) -> None:
        """Give the log what it does not hold of one history."""
        self.counts.found += len(history)
        keyed = self.news.keyed(history)
        self.recording.add([*self.news.of(keyed, held), *superseded(keyed, held, self.news)])

    @contextmanager
    def _kept(self) -> Iterator[None]:
        """When the platform fails, what it said until then is kept: every history in it is whole."""
        try:
            yield
        except SourceError as error:
            self.recording.keep()
            raise RunFailed(error.code, error.text) from error
        except EnvelopeError as error:
            raise RunFailed("answer", f"The source sent what no log can hold: {error}. {NOT_ALL}") from error

    def _close(self) -> None:
        """Say so in the log when something was added, sign it, and call the run a success."""
        if self.recording.written or self._unsaid():
            self.recording.add([completed(self._summary(), str(uuid.uuid4()))])
            self.recording.flush()
        self.counts.added = self.recording.written
        self.lease.progress("signing")
        try:
            sign(self.log)
        except CheckpointError as error:
            raise RunFailed("refused", f"The log gets no signature: {error}") from error
        counts = asdict(self.counts)
        found, added = counts.pop("found"), counts.pop("added")
        columns = {} if self.mode in (Mode.LOAD, Mode.HINTED) else {"watermark": self.watermark}
        if self.mode == Mode.FULL:
            columns["complete_at"] = self.began
        with self.lease.publishing(found=found, added=added, result=counts, message=self.note + self.message()):
            if columns:
                Project.objects.filter(pk=self.project.pk).update(**columns)

    def _summary(self) -> dict[str, object]:
        last = self.project.complete_at
        return {
            "mode": str(self.mode.value),
            **self.told,
            **asdict(self.counts),
            "added": self.recording.written,
            "source_clock": self.clock.isoformat() if self.clock else None,
            "last_complete": last.isoformat() if last and self.mode != Mode.FULL else None,
        }

    def _unsaid(self) -> bool:
        """Whether an earlier pass added events and did not come to its end."""
        log = Log.objects.get(pk=self.log.pk)
        newest = Event.objects.filter(pk=log.event_id(log.size - 1)).values_list("type", flat=True).first()
        return newest is not None and newest not in CLOSING


def _is_said(event: SourceEvent, key: str, held: Held) -> bool:
    return event.opening() is not None or key in held.newest


def _tasks(count: int) -> str:
    return f"{count:,} task" if count == 1 else f"{count:,} tasks"
