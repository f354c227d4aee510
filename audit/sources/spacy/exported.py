"""Lines of marked texts as a source: a text is a task, a line of it a label."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec
import orjson

from audit.sources.base import PersonRef, SourceEvent, TaskHistory, TaskPage
from audit.sources.exported.container import Container
from audit.sources.exported.kind import ExportKind, FileSource, in_pages
from audit.sources.exported.looks import decoded, lines_of, not_too_deep, only
from audit.sources.exported.spool import Spool
from audit.sources.exported.told import label_told, state_told
from audit.sources.files.errors import BadFile, quoted
from audit.sources.files.jsonarray import objects
from audit.sources.spacy.lines import annotator_of, is_line, label_of, name_of, parts_of, spans_of, task_of
from audit.sources.spacy.reading import marked_at
from audit.sources.values import Item, canonical, item, without_halves

WHAT = "file of texts with marked words"
SUFFIXES = (".jsonl", ".ndjson", ".json")
MOST_FILES = 50
_SPACE = b"\xef\xbb\xbf \t\r\n"


class SpacySource(FileSource):
    """One file. Raises BadFile or SourceError for what is none."""

    cannot_tell = (
        "Lines of marked texts have no ontology: jobs and classes are those that spans name.",
        "They do not say who marked a text, or when, but for Prodigy's; nobody says how long it took.",
        *FileSource.cannot_tell,
    )

    def __init__(self, container: Container, name: str) -> None:
        super().__init__(container, name)
        self._spool: Spool | None = None
        self._jobs: dict[str, dict[str, None]] = {}

    def project_events(self) -> Iterator[SourceEvent]:
        """The jobs and classes that spans name."""
        self._filled()
        jobs = [{"key": key, "classes": list(classes)} for key, classes in self._jobs.items()]
        yield state_told(None, "spacy", msgspec.json.encode({"name": self.name, "jobs": jobs}), canonical(jobs))

    def task_pages(self, since: datetime | None = None) -> Iterator[TaskPage]:
        """Texts in the order of their first lines."""
        return in_pages(self._histories())

    def close(self) -> None:
        """Remove what was spooled."""
        if self._spool is not None:
            self._spool.close()

    def _histories(self) -> Iterator[TaskHistory]:
        for task, content, items in self._filled().joined():
            about = state_told(task, "text", content)
            labels: dict[str, SourceEvent] = {}
            for line, raw in items:
                said = item(raw)
                label = label_of(said)
                if label in labels:
                    text = f"there are two lines of the text {quoted(task)} with the label {quoted(label)}"
                    raise BadFile(self.container.path, line, text)
                labels[label] = _label(task, label, raw, said)
            yield TaskHistory(task, (about, *labels.values()))

    def _filled(self) -> Spool:
        """All lines, read once; those of one text together."""
        if self._spool is None:
            self._spool, seen = Spool(), dict[tuple[str, str], int]()
            for line, raw, said in self._lines():
                task, own = task_of(said)
                if not own:  # Texts that say nothing of themselves may be the same.
                    number = seen[task, label_of(said)] = seen.get((task, label_of(said)), 0) + 1
                    task += f"/{number}" if number > 1 else ""
                content = orjson.dumps({"name": name_of(said, task), "text": said["text"]})
                if not self._spool.own(task, content) and self._spool.owned(task)[0] != content:
                    raise BadFile(self.container.path, line, f"there are two texts with the id {quoted(task)}")
                self._spool.add(task, raw, line)
                self._learn(said)
            self._spool.settle()
        return self._spool

    def _lines(self) -> Iterator[tuple[int, bytes, Item]]:
        with self.container.text(only(self.container, _found(self.container), WHAT)) as file:
            found = objects(file) if file.head.lstrip(_SPACE).startswith(b"[") else lines_of(file)
            for line, raw in found:
                whole = without_halves(raw.strip())
                said = decoded(file.path, line, whole)
                if not is_line(said):
                    text = 'a line has a "text", and marked words as "spans", "entities" or "ents"; this one has not'
                    raise BadFile(file.path, line, text)
                yield line, whole, said

    def _learn(self, said: Item) -> None:
        for job, span in spans_of(said):
            try:
                _, _, class_, _ = parts_of(span)
            except ValueError:
                continue  # It is named when the label is read.
            classes = self._jobs.setdefault(job, {})
            if class_ is not None:
                classes.setdefault(class_)


def _label(task: str, label: str, raw: bytes, said: Item) -> SourceEvent:
    who, (written, moment) = annotator_of(said), marked_at(said)
    first = SourceEvent(
        task=task,
        type="label.created",
        source_type="spans",
        occurred_at=written,
        instant=moment,
        actor=PersonRef(who, who if "@" in who else None) if who else None,
        actor_kind="person" if who else "unknown",
        content=b'{"label":' + msgspec.json.encode(label) + b',"line":' + raw + b"}",
    )
    with not_too_deep(task):
        return label_told(first, label, canonical(said))


def _found(container: Container) -> list[str]:
    names = container.names if container.is_single else container.ending(*SUFFIXES)
    return [name for name in names if _looks(container, name)] if len(names) <= MOST_FILES else []


def _looks(container: Container, name: str) -> bool:
    """Whether the first object is a text with marked words."""
    head = container.head(name)
    mark = head.lstrip(_SPACE)[:1]
    if b'"text"' not in head or mark not in (b"{", b"["):
        return False
    try:
        with container.text(name) as file:
            _, raw = next(objects(file) if mark == b"[" else lines_of(file))
            return is_line(item(without_halves(raw)))
    except (BadFile, StopIteration, ValueError):
        return False  # What it is not, is said when it is loaded.


def recognises(container: Container) -> bool:
    """Whether it is one such file, or has exactly one."""
    return len(_found(container)) == 1


KIND = ExportKind("spacy", "a file of texts with marked words (spaCy, Prodigy)", "spacy", recognises, SpacySource)
