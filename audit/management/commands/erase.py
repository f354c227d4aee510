"""Erase a person: the identity, and on request what the person wrote."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.erase import NothingToErase, Plan, RevealingReason, erase_person, plan
from audit.people import AmbiguousPerson, UnknownPerson, find_person
from audit.resolve import resolve_project

WRONG_REQUEST = 2
CANCELLED = 3


class Command(BaseCommand):
    help = "Erase who a person is, in all projects of their source. It can't be undone."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("person", help="id, pseudonym, e-mail, name or id at the source")
        parser.add_argument("--project", required=True, help="a project that knows the person")
        parser.add_argument("--reason", required=True, help="why; it stays in the log, so it must not name the person")
        parser.add_argument("--with-texts", action="store_true", help="also erase what the person wrote")
        parser.add_argument("--yes", action="store_true", help="don't ask")

    def handle(self, *, person: str, project: str, reason: str, with_texts: bool, yes: bool, **options: Any) -> None:
        try:
            found = find_person(resolve_project(project), person)
        except (UnknownPerson, AmbiguousPerson) as problem:
            raise CommandError(str(problem), returncode=WRONG_REQUEST) from None
        self.stderr.write(described(found.pseudonym, plan(found.identity), with_texts=with_texts))
        if not yes:
            self._ask()
        try:
            erase_person(found.identity, reason=reason, with_texts=with_texts)
        except (NothingToErase, RevealingReason) as problem:
            raise CommandError(str(problem), returncode=WRONG_REQUEST) from None
        self.stdout.write(found.pseudonym)

    def _ask(self) -> None:
        if not sys.stdin.isatty():
            raise CommandError("Nobody is here to be asked: add --yes to erase this", returncode=WRONG_REQUEST)
        self.stderr.write('Type "erase" to erase this for good: ', ending="")
        self.stderr.flush()
        if sys.stdin.readline().strip() != "erase":
            raise CommandError("Nothing was erased", returncode=CANCELLED)


def described(pseudonym: str, held: Plan, *, with_texts: bool) -> str:
    """What erasing takes and what it leaves, for the one who decides."""
    lines = [f"Erasing {pseudonym}", "", "Goes, for good:"]
    if held.values is None:
        lines.append("  nothing of the identity: it was erased before")
    else:
        lines.append(f"  the identity: {held.values} values (id at the source, e-mails, names), in every payload too")
    for part in held.parts:
        if with_texts:
            lines.append(
                f"  {len(part.texts)} texts the person wrote in {part.person.project.name}, with their payloads"
            )
    lines += ["", "Stays:"]
    for part in held.parts:
        lines.append(f"  {part.events} events in {part.person.project.name}, by {part.person.pseudonym}")
        if part.texts and not with_texts:
            lines.append(f"  {len(part.texts)} texts the person wrote there (--with-texts erases them)")
    lines += [
        "  what others wrote about the person, and values inside longer texts of payloads",
        "  exports and reports made before, checkpoints, and backups of the database",
    ]
    return "\n".join(lines)
