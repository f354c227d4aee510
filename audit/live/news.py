"""What of a history the log lacks, and where its source no longer says what it once said."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec
import orjson
from msgspec.structs import replace

from audit.eventtypes import TYPES
from audit.live.held import Held, HeldEvent
from audit.live.untold import is_untold
from audit.live.versions import digest, key_of, parts_of
from audit.log.checks import checked
from audit.log.fold import LABEL_TYPES
from audit.log.keys import VERSION_TYPES, Digests, SourceKeys
from audit.models import Identity, Log, Project
from audit.people import restorer
from audit.people.identity import project_key, pseudonym_of, subject_of
from audit.people.session import People
from audit.sources import reading
from audit.sources.base import PersonRef, SourceEvent, Untold

Keyed = tuple[SourceEvent, str]
GONE, CHANGED, BACK = "gone", "changed", "back"
# The tokens of a person who was erased have no positions, those given out before had.
_POSITION = re.compile(rb'("@p:[a-z2-7]{16}/(?:id|email|name))\.\d+"')


class News:
    """Compares what a platform says with what the log holds, for one pass over one project.

    Events that it passes on carry the keys under which the log will hold them, so they can be added in any order.
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        self.log: Log = project.log
        self.reading = reading(project.source.kind)
        self.project_key = project_key(self.log)
        self._digests = Digests(self.project_key)
        self._keys = SourceKeys(self.project_key)  # Never used itself: a copy counts for one history.
        self._pseudonyms: dict[str, str] = {}
        self._restore = restorer(project)
        self._people = People(project, self.log, project.source)
        self._erased: dict[str, bool] = {}

    def keyed(self, history: Iterable[SourceEvent]) -> list[Keyed]:
        """The events of one complete history with their keys: with a version, the digest of its thing."""
        keys: SourceKeys | None = None
        found: list[Keyed] = []
        for event in map(checked, history):
            if event.version is not None:
                found.append((event, digest(self._digests, event.task, event.version.thing)))
            elif event.source_key is not None:
                found.append((event, event.source_key))
            else:
                keys = keys or self._keys.copy()
                key = keys.key(event, self._pseudonym(event.actor), self._pseudonym(event.assignee))
                found.append((event, key))
        return found

    def of(self, history: Sequence[Keyed], held: Held) -> list[SourceEvent]:
        """The events that the log does not hold, each with its key, in their order; `held` takes note of versions."""
        found = (self._new(event, key, held) for event, key in history)
        return [event for event in found if event is not None]

    def _new(self, event: SourceEvent, key: str, held: Held) -> SourceEvent | None:
        if event.version is not None:
            return self._new_version(event, key, held)
        if event.type in VERSION_TYPES and event.source_key is None:
            # Its final key depends on how often the log held this state before, which the append counts.
            return None if held.newest.get(event.type) == key else event
        if key in held.events:
            return None
        return event if event.source_key is not None else replace(event, source_key=key)

    def _new_version(self, event: SourceEvent, thing: str, held: Held) -> SourceEvent | None:
        version = event.version
        assert version is not None
        state = digest(self._digests, event.task, version.thing, version.state)
        newest = held.newest.get(thing)
        if newest == state:
            return None
        kept = event if newest is not None else version.first
        if kept is None:
            return None
        ordinal = held.times.get((thing, state), 0)
        held.times[thing, state] = ordinal + 1
        held.newest[thing] = state
        return replace(checked(kept), source_key=key_of(thing, state, ordinal), version=None)

    def diverged(
        self, history: Sequence[Keyed], held: Held, contents: Mapping[int, bytes], untold: Untold | None = None
    ) -> Iterator[tuple[str, SourceEvent]]:
        """What differs (gone, changed, back) and a `source.diverged` event, for each final event that the log holds.

        One is noted whenever the source says something else of it than at the last note: that it lost or changed what
        it said, or that it says again what it said first. `held` takes note of that. What is untold is not lost.
        """
        now = {key: event for event, key in history}
        differed = any(event.type == "source.diverged" for event in held.events.values())
        for before in finals(held):
            key = before.source_key
            parts = parts_of(key)
            after = now.get(parts[0] if parts else key)
            if after is None:
                if is_untold(before, untold):
                    continue
                what = GONE
            elif not self._says_the_same(contents.get(before.id), after):
                what = CHANGED
            elif differed:
                what = BACK
            else:
                continue
            if (event := self.difference(before, what, after, held)) is not None:
                yield what, event

    def difference(self, before: HeldEvent, what: str, after: SourceEvent | None, held: Held) -> SourceEvent | None:
        """The `source.diverged` event that says so, unless the same was the last to be said; `held` takes note."""
        key = before.source_key
        thing = digest(self._digests, before.task, "source.diverged", key)
        noted = held.newest.get(thing)
        if what == BACK and noted is None:
            return None  # It never said anything else.
        state = digest(self._digests, before.task, key, what, self._state(after) if what == CHANGED else "")
        if noted == state:
            return None
        ordinal = held.times.get((thing, state), 0)
        held.times[thing, state], held.newest[thing] = ordinal + 1, state
        return self._divergence(before, what, after, key_of(thing, state, ordinal))

    def thing(self, task: str, thing: str) -> str:
        """What stands in keys for a thing with versions."""
        return digest(self._digests, task, thing)

    def state(self, task: str, thing: str, state: str) -> str:
        """What stands in keys for a thing's state."""
        return digest(self._digests, task, thing, state)

    def _state(self, after: SourceEvent | None) -> str:
        """What the source says now, but for what may always change, as a text that can be hashed."""
        if after is None or after.content is None:
            return ""
        return _text(self.reading.settled(after.content).decode("utf-8", "surrogateescape"))

    def _says_the_same(self, held: bytes | None, after: SourceEvent) -> bool:
        """Whether the payload is still what it was. One that was erased here can't be compared."""
        if held is None or after.content is None:
            return True
        before = self._restore(held)
        if before == after.content:
            return True
        now = after.content
        if erased := [ref for ref in _people(after) if self._is_erased(ref)]:
            now = self._restore(self._people.tokenise(now, erased))
            before, now = _POSITION.sub(rb'\1"', before), _POSITION.sub(rb'\1"', now)
        return self.reading.settled(before) == self.reading.settled(now)

    def _divergence(self, before: HeldEvent, what: str, after: SourceEvent | None, key: str) -> SourceEvent:
        """The event that names what differs."""
        now = after.content if after is not None and what == CHANGED else None
        if after is not None and after.text is not None:
            now = None  # What a person wrote stands in that person's events alone, where it can be erased.
        content = {
            "difference": what,
            "event": before.id - self.log.event_id(0),
            "n": before.n,
            "type": before.type,
            "source_key": before.source_key,
            "now": msgspec.Raw(now) if now is not None else None,
        }
        return SourceEvent(
            task=before.task,
            type="source.diverged",
            source_type="sync",
            occurred_at=None,
            instant=None,
            source_key=key,
            actor_kind="system",
            derived=True,
            content=msgspec.json.encode(content),
            people=_people(after) if after is not None and now is not None else (),
        )

    def _pseudonym(self, ref: PersonRef | None) -> str | None:
        if ref is None:
            return None
        found = self._pseudonyms.get(ref.external_id)
        if found is None:
            found = pseudonym_of(self.project_key, self.project.source, ref.external_id)
            self._pseudonyms[ref.external_id] = found
        return found

    def _is_erased(self, ref: PersonRef) -> bool:
        if ref.external_id not in self._erased:
            subject = subject_of(self.project.source, ref.external_id)
            rows = Identity.objects.filter(source=self.project.source, subject=subject, erased_at__isnull=False)
            self._erased[ref.external_id] = rows.exists()
        return self._erased[ref.external_id]


def completed(content: dict[str, object], key: str) -> SourceEvent:
    """The event that closes a pass which added something."""
    return SourceEvent(
        task=None,
        type="sync.completed",
        source_type="sync",
        occurred_at=None,
        instant=None,
        source_key=key,
        actor_kind="system",
        derived=True,
        content=orjson.dumps(content),
    )


def finals(held: Held) -> Iterator[HeldEvent]:
    """The events that their source says never change. Labels as they are now have versions instead."""
    return (
        event
        for event in held.events.values()
        if event.type in _FINAL
        and not event.derived
        and not (event.type in LABEL_TYPES and parts_of(event.source_key) is not None)
    )


_FINAL = frozenset(
    name
    for name, kind in TYPES.items()
    if kind.final and kind.group not in ("record", "service") and name not in VERSION_TYPES
)


def _people(event: SourceEvent) -> tuple[PersonRef, ...]:
    named = [ref for ref in (event.actor, event.assignee) if ref is not None]
    return tuple(dict.fromkeys([*named, *event.people]))


def _text(value: str) -> str:
    """The text with what is no character replaced, so that it can be hashed as JSON."""
    return value.encode("utf-8", "surrogateescape").hex() if not value.isascii() else value
