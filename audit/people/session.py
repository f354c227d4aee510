"""People on the way in, for one session that appends to a project's log."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from audit.models import Identity, Log, Person, Project, Source
from audit.people.identity import Raw, project_key, pseudonym_of, read, seal, subject_of
from audit.sources.base import PersonRef
from audit.tokens import FIELDS, Forms, Table
from exportsite.keys import Tampered

MAX_TABLES = 4096
"""Combinations of people whose tables are held; each event has one."""

ROWS = 1000
"""Rows in one statement."""


class Outdated(Exception):
    """Another session stored other spellings of the same people first: tokens given out since do not fit theirs.

    Roll back, `forget()`, and tokenise the batch again from the source's own payloads.
    """


@dataclass(slots=True)
class _Entry:
    """A person met in this session. The ids are 0 until rows are known to exist."""

    subject: bytes
    forms: Forms
    identity_id: int = 0
    person_id: int = 0
    tabled: bool = False


class People:
    """Gives pseudonyms and tokens at once, and stores who they stand for when `flush` is called.

    What `flush` stored is the caller's transaction's: after a rollback, `forget()` it. Not for several threads.
    """

    def __init__(self, project: Project, log: Log, source: Source) -> None:
        self.project = project
        self.source = source
        self.project_key = project_key(log)
        self.forget()

    def forget(self) -> None:
        """Start anew: nothing that was met or stored so far is taken for granted."""
        self._entries: dict[str, _Entry] = {}
        self._pseudonyms: dict[PersonRef, str] = {}
        self._tables: dict[tuple[PersonRef, ...], Table] = {}
        self._stored: dict[bytes, Identity] | None = None

    def pseudonym_of(self, ref: PersonRef) -> str:
        """The person's pseudonym in this project; what the source says of them is kept for `flush`."""
        found = self._pseudonyms.get(ref)
        if found is None:
            found = self._pseudonyms[ref] = self._meet(ref).forms.pseudonym
        return found

    def pseudonym(self, external_id: str) -> str:
        """The pseudonym of a person of whom only the id is known."""
        return self.pseudonym_of(PersonRef(external_id))

    def tokenise(self, content: bytes, refs: Iterable[PersonRef]) -> bytes:
        """A payload with the values of these people replaced by tokens (contracts, section 2).

        Call it for payloads that name nobody too: strings that look like tokens are escaped in all of them.
        """
        key = tuple(refs)
        table = self._tables.get(key)
        if table is None:
            table = self._table(key)
        return table.substitute(content)

    def flush(self) -> None:
        """Store people met and forms learned since the last flush, in the caller's transaction. Raises Outdated."""
        entries = [entry for entry in self._entries.values() if entry.forms.changed or not entry.person_id]
        self._add_identities([entry for entry in entries if not entry.identity_id])
        self._add_forms([entry for entry in entries if entry.forms.changed and entry.forms.kept])
        self._add_people([entry for entry in entries if not entry.person_id])

    def person_id(self, external_id: str) -> int:
        """The id of the person's row. Raises LookupError before `flush`."""
        entry = self._entries.get(external_id)
        if entry is None or not entry.person_id:
            raise LookupError("This person has no row yet: call flush() first")
        return entry.person_id

    def _meet(self, ref: PersonRef) -> _Entry:
        entry = self._entries.get(ref.external_id)
        if entry is None:
            entry = self._entries[ref.external_id] = self._entry(ref.external_id)
        added = [
            entry.forms.add("id", ref.external_id),
            entry.forms.add("email", ref.email),
            entry.forms.add("name", ref.name),
        ]
        if entry.tabled and any(added):
            self._tables.clear()
        return entry

    def _entry(self, external_id: str) -> _Entry:
        if self._stored is None:
            # All of the source at once: a query for each person costs more than rows that are never decrypted.
            self._stored = {bytes(row.subject): row for row in Identity.objects.filter(source=self.source)}
        subject = subject_of(self.source, external_id)
        pseudonym = pseudonym_of(self.project_key, self.source, external_id)
        row = self._stored.get(subject)
        if row is None:
            return _Entry(subject, Forms(pseudonym))
        return _Entry(subject, Forms(pseudonym, read(row), kept=row.erased_at is None), row.pk)

    def _table(self, refs: tuple[PersonRef, ...]) -> Table:
        people = {ref.external_id: self._meet(ref) for ref in refs}
        for entry in people.values():
            entry.tabled = True
        if len(self._tables) >= MAX_TABLES:
            self._tables.clear()
        table = self._tables[refs] = Table(entry.forms for entry in people.values())
        return table

    def _add_identities(self, entries: list[_Entry]) -> None:
        """Insert those that nobody else did meanwhile; by subject, so that two sessions never wait for each other."""
        if not entries:
            return
        new: dict[bytes, tuple[Identity, Raw]] = {}
        for entry in sorted(entries, key=lambda entry: entry.subject):
            settled = entry.forms.settled()
            key_id, data = seal(self.source.pk, entry.subject, settled)
            row = Identity(source=self.source, subject=entry.subject, key_id=key_id, data=data)
            new[entry.subject] = row, settled
        Identity.objects.bulk_create([row for row, _ in new.values()], batch_size=ROWS, ignore_conflicts=True)
        stored = Identity.objects.filter(source=self.source, subject__in=list(new))
        rows = {bytes(row.subject): row for row in stored}
        for entry in entries:
            row, (ours, settled) = rows[entry.subject], new[entry.subject]
            entry.identity_id = row.pk
            if row.data is not None and bytes(row.data) == ours.data:
                entry.forms.adopt(settled)
            else:
                entry.forms.changed = True  # Another session's row: ours is still to be merged into it.

    def _add_forms(self, entries: list[_Entry]) -> None:
        """Append forms to those stored, under the rows' locks; by id, as every session does."""
        if not entries:
            return
        by_id = {entry.identity_id: entry for entry in entries}
        updated = []
        rows = Identity.objects.select_for_update(no_key=True).filter(pk__in=list(by_id)).order_by("pk")
        for row in rows:
            forms = by_id[row.pk].forms
            stored = read(row)
            if row.erased_at is not None or stored is None:
                forms.erase()
                continue
            forms.adopt(_longer(forms.raw, stored))
            settled = forms.settled()
            if settled != stored:
                row.key_id, row.data = seal(row.source_id, bytes(row.subject), settled)
                updated.append(row)
            forms.adopt(settled)
        Identity.objects.bulk_update(updated, ["key_id", "data"], batch_size=ROWS)
        self._tables.clear()  # They were made before another session's values were known.

    def _add_people(self, entries: list[_Entry]) -> None:
        missing = {entry.forms.pseudonym: entry for entry in entries}
        self._read_people(missing)
        new = [
            Person(project=self.project, identity_id=entry.identity_id, pseudonym=pseudonym)
            for pseudonym, entry in sorted(missing.items())
        ]
        Person.objects.bulk_create(new, batch_size=ROWS, ignore_conflicts=True)
        self._read_people(missing)

    def _read_people(self, missing: dict[str, _Entry]) -> None:
        """Take those that have a row out of `missing`, by pseudonym."""
        if not missing:
            return
        for person in Person.objects.filter(project=self.project, pseudonym__in=list(missing)):
            entry = missing.pop(person.pseudonym)
            if person.identity_id != entry.identity_id:
                raise Tampered(f"Person {person.pk} ({person.pseudonym}) does not lead to its own identity")
            entry.person_id = person.pk


def _longer(ours: Raw, stored: Raw) -> Raw:
    """Of two lists that begin alike the longer one, for each field. Raises Outdated when they don't begin alike."""
    for field in FIELDS:
        if any(mine != other for mine, other in zip(ours[field], stored[field], strict=False)):
            raise Outdated(
                "The same people came in other spellings in another session; the batch must be prepared again"
            )
    return {field: max(ours[field], stored[field], key=len) for field in FIELDS}
