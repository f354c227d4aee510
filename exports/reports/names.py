"""What people are called in a report."""

from __future__ import annotations

from collections import Counter

from audit.models import Person, Project
from audit.people import names_of
from exports.reports.words import line

REDACTED = "withheld in this edition"
ERASED = "erased"


class Names:
    """Names of a project's people by pseudonym; none when the report is redacted.

    A name that two people share stands with the pseudonym, so that every place in the report tells them apart.
    """

    def __init__(self, project: Project, *, redacted: bool) -> None:
        self.redacted = redacted
        self._names: dict[str, str] = {}
        self._erased: set[str] = set()
        if not redacted:
            self._read(project)
        self._shared = {name for name, times in Counter(self._names.values()).items() if times > 1}

    def _read(self, project: Project) -> None:
        persons = list(Person.objects.filter(project=project))
        for shown in names_of(persons).values():
            told = shown.name or shown.email or shown.external_id
            if shown.erased:
                self._erased.add(shown.pseudonym)
            elif told:
                self._names[shown.pseudonym] = line(told, 60)

    def name(self, pseudonym: str) -> str | None:
        """The person's name, else e-mail or id at the source; None when the report may or can not say."""
        return self._names.get(pseudonym)

    def unnamed(self, pseudonym: str) -> str:
        """Why there is no name; empty when it was never recorded."""
        if self.redacted:
            return REDACTED
        return ERASED if pseudonym in self._erased else ""

    def who(self, pseudonym: str) -> str:
        """What the person is called in a trail."""
        name = self._names.get(pseudonym)
        if name is None:
            return pseudonym
        return f"{name} ({pseudonym})" if name in self._shared else name
