"""Erasing a person: who a pseudonym stands for goes, what the log says and proves stays."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from django.db import transaction

from audit.log.append import append_in_transaction
from audit.log.erasure import Erasure, Group, written
from audit.models import Disclosure, Event, EventWords, Identity, Log, Person
from audit.people.identity import Raw, last, read
from audit.sources.base import PersonRef, SourceEvent
from audit.tokens import FIELDS, values_of

KEPT_PAYLOADS = ("project.updated", "task.created", "task.updated", "time.recorded", "time.revised")
"""Types whose `content` makes tasks, times and projects what they are: it stays when the text goes."""

ROWS = 5000


class NothingToErase(Exception):
    """The person is erased already."""


class RevealingReason(ValueError):
    """The reason, which stays for ever, names the person."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one project holds of a person. `texts` are indices in its log."""

    person: Person
    log: Log
    events: int
    texts: Sequence[int]


@dataclass(frozen=True, slots=True)
class Plan:
    """What erasing would do: `values` counts ids, e-mails and names, None when they are gone already."""

    values: int | None
    parts: Sequence[Part]


def plan(identity: Identity) -> Plan:
    """What is held of a person, over all projects of the source. Raises Tampered for a changed identity."""
    raw = read(identity)
    return Plan(None if raw is None else len(_values(raw)), list(_parts(identity)))


@transaction.atomic
def erase_person(identity: Identity, *, reason: str, with_texts: bool) -> Plan:
    """Erase the identity and say so in every log that knows the person; all of it or nothing. Returns what was done.

    `with_texts` also erases what the person wrote (comments, issues): the texts, the words they are found by, and the
    payloads, which hold the texts again. A person that is erased already can lose the texts later. Raises
    NothingToErase, or RevealingReason when the reason names the person.
    """
    # Logs first, then the identity, as the append does: the other order could wait for it while it waits for us.
    logs = Log.objects.select_for_update(no_key=True).filter(project__people__identity=identity)
    list(logs.order_by("pk"))
    identity = Identity.objects.select_for_update(no_key=True).get(pk=identity.pk)
    raw = read(identity)
    parts = [part if with_texts else replace(part, texts=()) for part in _parts(identity)]
    if raw is None and not any(part.texts for part in parts):
        raise NothingToErase(f"This person was erased on {identity.erased_at:%Y-%m-%d}; there is nothing left to erase")
    _check_reason(reason, raw)
    for part in parts:
        _delete_texts(part)
        append_in_transaction(part.log, [_event(part, raw, reason)])
    Identity.objects.filter(pk=identity.pk, erased_at=None).update(data=None, key_id=None, erased_at=datetime.now(UTC))
    return Plan(None if raw is None else len(_values(raw)), parts)


def _values(raw: Raw) -> set[str]:
    return set().union(*(values_of(raw[field]) for field in FIELDS))


def _parts(identity: Identity) -> Iterator[Part]:
    people = Person.objects.filter(identity=identity).select_related("project__log", "project__source")
    for person in people.order_by("project__log__pk"):
        log = person.project.log
        acted = Event.objects.filter(log=log, actor=person)
        texts = acted.filter(disclosures__group="text").order_by("id").values_list("id", flat=True)
        yield Part(person, log, acted.count(), [event_id - log.event_id(0) for event_id in texts])


def _delete_texts(part: Part) -> None:
    for start in range(0, len(part.texts), ROWS):
        ids = [part.log.event_id(index) for index in part.texts[start : start + ROWS]]
        whole = list(Event.objects.filter(pk__in=ids).exclude(type__in=KEPT_PAYLOADS).values_list("pk", flat=True))
        Disclosure.objects.filter(event__in=whole, group="content").delete()
        Disclosure.objects.filter(event__in=ids, group="text").delete()
        EventWords.objects.filter(event__in=ids).delete()


def _event(part: Part, raw: Raw | None, reason: str) -> SourceEvent:
    """The event that accounts for what is gone. Derived: no source recorded it, and its words are ours, not values."""
    external_id = last(raw, "id") if raw is not None else None
    groups: list[Group] = ["content", "text"] if part.texts else []
    return SourceEvent(
        task=None,
        type="privacy.erased",
        source_type="",
        occurred_at=None,
        instant=None,
        source_key=str(uuid.uuid4()),  # Erasing texts later is another event, whatever else is equal.
        actor_kind="system",
        assignee=PersonRef(external_id) if external_id is not None else None,
        derived=True,
        content=written(Erasure(groups, list(part.texts), part.person.pseudonym, reason)),
    )


def _check_reason(reason: str, raw: Raw | None) -> None:
    if not reason.strip():
        raise RevealingReason("Say why: the reason is the part of an erasure that stays")
    told = reason.casefold()
    if raw is not None and any(value.casefold() in told for value in _values(raw) if len(value) > 1):
        raise RevealingReason(
            "The reason names the person (an id, e-mail or name) and would stay in the log for ever: say it without"
        )
