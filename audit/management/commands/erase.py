"""`manage.py erase PERSON --project PROJECT --reason TEXT`: erase who a person is."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from audit.erase import NothingToErase, Plan, RevealingReason, erase_person, plan
from audit.models import Person
from audit.people import AmbiguousPerson, UnknownPerson, find_person, names_of
from audit.resolve import resolve_project
from exportsite import commands
from exportsite.exits import CANCELLED, WRONG_REQUEST
from exportsite.text import visible_line


class Command(commands.Command):
    """Says what goes and what stays, asks, and erases."""

    help = "Erase who a person is, in all projects of their source. It can't be undone."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("person", metavar="PERSON", help="id, pseudonym, e-mail, name or id at the source")
        parser.add_argument("--project", metavar="PROJECT", required=True, help="a project that knows the person")
        parser.add_argument(
            "--reason", metavar="TEXT", required=True, help="why; it stays in the log and must not name the person"
        )
        parser.add_argument("--with-texts", action="store_true", help="also erase what the person wrote")
        parser.add_argument("--yes", action="store_true", help="don't ask")

    def handle(self, *, person: str, project: str, reason: str, with_texts: bool, yes: bool, **options: Any) -> None:
        try:
            found = find_person(resolve_project(project), person)
        except (UnknownPerson, AmbiguousPerson) as problem:
            raise CommandError(str(problem), returncode=WRONG_REQUEST) from None
        self._say(described(found, plan(found.identity), with_texts=with_texts))
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
        self._say('Type "erase" to erase this for good:')
        if sys.stdin.readline().strip() != "erase":
            raise CommandError("Nothing was erased", returncode=CANCELLED)

    def _say(self, text: str) -> None:
        self.stderr.write(text, style_func=str)


def described(person: Person, held: Plan, *, with_texts: bool) -> str:
    """What erasing takes and what it leaves, for the one who decides."""
    shown = names_of([person])[person.pk]
    lines = [f"Erasing {visible_line(shown.label)} ({person.pseudonym})", "Goes for good:"]
    if held.values is None:
        lines.append("  nothing of the identity: it was erased before")
    else:
        lines.append(f"  the identity: {held.values} values (id at the source, e-mails, names), in payloads too")
    if with_texts:
        lines += [f"  {len(part.texts):,} texts written in {_name(part.person)}, with payloads" for part in held.parts]
    lines.append("Stays:")
    for part in held.parts:
        lines.append(f"  {part.events:,} events in {_name(part.person)}, as done by {part.person.pseudonym}")
        if part.texts and not with_texts:
            lines.append(f"  {len(part.texts):,} texts written there (--with-texts erases them)")
    lines += [
        "  what others wrote about the person, and values inside longer texts",
        "  exports and reports made before, and backups",
    ]
    return "\n".join(lines)


def _name(person: Person) -> str:
    return visible_line(person.project.name)
