"""Signing a report: who signs gives the password again, and the signature is an event of the project's log.

It is bound to the SHA-256 of every file of the report: each is hashed again before. What is signed can't be taken to
another report, changed or left out afterwards without it being seen (21 CFR 11.50, 11.70, 11.200).
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

from django.contrib.auth.models import User
from django.db import IntegrityError
from django.http import HttpRequest
from django.utils import timezone

from audit import access
from audit.log.append import Appender
from audit.log.checkpoint import sign as sign_log
from audit.models import Log, Project, Role, Scope
from audit.queries.records import People, Who
from audit.signin import confirm
from audit.sources.base import PersonRef, SourceEvent
from exports.models import Meaning, Report, Signature
from exportsite.jobs import State
from exportsite.problems import FieldProblem, WrongRequest, unknown

BLOCK = 1 << 20
SIGNS = Role.AUDITOR
"""The least role that may sign. The meaning says as what; who may give which one is for the house's own rules."""


class NotSignable(Exception):
    """The report, or this signature under it, can't be signed as things are; the text says why."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature as it is shown. `index` is its event's place in the project's log."""

    meaning: str
    signed_at: datetime
    index: int
    person: Who

    @property
    def says(self) -> str:
        """The meaning as a sentence."""
        return Meaning(self.meaning).label


def sign_report(request: HttpRequest, report: Report, *, meaning: str, password: str) -> Signature:
    """Sign for the user of the request. Raises WrongRequest, `audit.signin.Refused` or NotSignable: nothing is kept.

    The password is looked at last, so that no try of it is lost to a mistake elsewhere.
    """
    user = request.user
    assert isinstance(user, User)  # Nobody else has a role in the project.
    access.require(user, report.project, SIGNS, Scope.EXPORT)
    if meaning not in Meaning.values:
        what = "The meaning of the signature"
        if not meaning:
            raise WrongRequest(FieldProblem("meaning", "required", f"{what} is missing: {', '.join(Meaning.values)}."))
        raise WrongRequest(unknown("meaning", meaning, what, Meaning.values))
    if not password:
        text = "The password is missing. Whoever signs gives it again, also where a token or a session says who asks."
        raise WrongRequest(FieldProblem("password", "required", text))
    _check_not_signed(report, user, meaning)
    files = _files(report)
    confirm(request, user, password)
    return _recorded(report, user, Meaning(meaning), files)


def signatures_of(reports: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[Signed]]:
    """The signatures under each of these reports, the oldest first. Two queries, however many there are."""
    rows = list(
        Signature.objects.filter(report__in=list(reports)).select_related("event").order_by("signed_at", "event_id")
    )
    people = People(None, [row.event.actor_id for row in rows]).by_id
    found: dict[uuid.UUID, list[Signed]] = {}
    for row in rows:
        signed = Signed(row.meaning, row.signed_at, row.event.index, people[cast(int, row.event.actor_id)])
        found.setdefault(row.report_id, []).append(signed)
    return found


def _check_not_signed(report: Report, user: User, meaning: str) -> None:
    if report.state != State.SUCCEEDED:
        raise NotSignable(f"The report is {report.state}: only one that succeeded can be signed.")
    before = Signature.objects.filter(report=report, user=user, meaning=meaning).first()
    if before is not None:
        raise _twice(before.signed_at, meaning)


def _twice(when: datetime, meaning: str) -> NotSignable:
    said = f"{when.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    return NotSignable(f"You have signed this report as “{meaning}” already, on {said}. A signature stands once.")


def _files(report: Report) -> list[dict[str, Any]]:
    """The report's files as they lie there; NotSignable unless each is what was published."""
    return [
        {"name": entry["name"], "bytes": entry["bytes"], "sha256": _digest(Path(entry["path"]), entry["sha256"])}
        for entry in report.files
    ]


def _digest(path: Path, published: str) -> str:
    digest = sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                digest.update(block)
    except OSError:
        raise NotSignable(
            f"{path.name} is no longer kept, or can't be read: nobody can see what would be signed. Make the report "
            "again; the same definition gives the same bytes."
        ) from None
    if digest.hexdigest() != published:
        raise NotSignable(
            f"{path.name} is not the file that was published: its SHA-256 is {digest.hexdigest()}, published was "
            f"{published}. It can't be signed. Make the report again, and find out who changed this file."
        )
    return published


def _recorded(report: Report, user: User, meaning: Meaning, files: list[dict[str, Any]]) -> Signature:
    """The signature, in one transaction with its event; then a checkpoint that covers it."""
    project = Project.objects.select_related("source", "log").get(pk=report.project_id)
    signature = Signature(report=report, user=user, meaning=meaning, signed_at=_to_the_millisecond(timezone.now()))
    event = _event(signature, files)

    def keep() -> None:
        # Called under the log's lock, when the event is its last one.
        log = Log.objects.get(pk=project.log.pk)
        signature.event_id = log.event_id(log.size - 1)
        signature.save(force_insert=True)

    try:
        with Appender(project, fence=keep) as log:
            log.add(event)
    except IntegrityError:
        raise _twice(signature.signed_at, meaning) from None  # The same form, sent twice at the same time.
    sign_log(project.log)
    return signature


def _to_the_millisecond(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _event(signature: Signature, files: list[dict[str, Any]]) -> SourceEvent:
    """The event; its payload is described in docs/contracts.md section 2."""
    report, user = signature.report, signature.user
    name = user.get_full_name() or user.get_username()
    at = signature.signed_at.astimezone(UTC)
    content = {
        "report": str(report.pk),
        "meaning": str(signature.meaning),
        "says": Meaning(signature.meaning).label,
        "name": name,
        "of": report.task.external_id if report.task else None,
        "as_of": report.as_of,
        "files": files,
    }
    signer = PersonRef(f"labeltrail:user:{user.pk}", email=user.email or None, name=name)
    return SourceEvent(
        task=None,
        type="report.signed",
        source_type="",
        occurred_at=at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        instant=at,
        source_key=str(signature.pk),
        actor=signer,
        actor_kind="person",
        derived=True,  # No source told of it.
        content=json.dumps(content, ensure_ascii=False, sort_keys=True).encode(),
        people=(signer,),
    )
