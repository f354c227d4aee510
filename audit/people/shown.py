"""People on the way out: names on pages, payloads as they came, and whom a text means."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from audit.models import Identity, Person, Project
from audit.people.identity import PSEUDONYM_LENGTH, Raw, last, read, subject_of
from audit.tokens import FIELDS, Field, restore, value_of, values_of
from exportsite.canonical import NotCanonical
from exportsite.keys import Tampered


class UnknownPerson(LookupError):
    """Nobody in the project is meant by the text."""


class AmbiguousPerson(LookupError):
    """Several people are meant; the text names them."""

    def __init__(self, text: str, candidates: list[tuple[Person, Shown]]) -> None:
        self.candidates = [person for person, _ in candidates]
        named = ", ".join(f"{person.pk} ({person.pseudonym}, {shown.label})" for person, shown in candidates)
        super().__init__(f"{text!r} may mean {len(candidates)} people: {named}. Give an id or a pseudonym")


@dataclass(frozen=True, slots=True)
class Shown:
    """What may be shown of a person; all None but the pseudonym after erasure."""

    pseudonym: str
    name: str | None
    email: str | None
    external_id: str | None
    erased: bool

    @property
    def label(self) -> str:
        """One text for the person: the name, else e-mail, else id at the source, else pseudonym."""
        return self.name or self.email or self.external_id or self.pseudonym


def names_of(persons: Iterable[Person]) -> dict[int, Shown]:
    """What may be shown of each person, by their row's id. One query. Raises Tampered for a changed identity."""
    people = list(persons)
    identities = Identity.objects.in_bulk({person.identity_id for person in people})
    return {person.pk: _shown(person, read(identities[person.identity_id])) for person in people}


def restorer(project: Project) -> Callable[[bytes], bytes]:
    """A function that gives payloads of the project as their source sent them; erased people stay tokens.

    Keeps what it decrypted, so that one is enough for an export; make a new one for the next.
    """
    return _Restorer(project)


class _Restorer:
    def __init__(self, project: Project) -> None:
        self.project = project
        self._identities: dict[str, Identity] | None = None
        self._forms: dict[str, Raw | None] = {}
        self._known: dict[bytes, bytes] = {}

    def __call__(self, content: bytes) -> bytes:
        return restore(content, self._lookup, self._known)

    def _lookup(self, pseudonym: str, field: Field, position: int) -> bytes | None:
        if pseudonym not in self._forms:
            self._forms[pseudonym] = self._first(pseudonym)
        forms = self._forms[pseudonym]
        if forms is not None and position >= len(forms[field]):
            # The payload may be newer than what was read of the person.
            forms = self._forms[pseudonym] = self._again(pseudonym)
        if forms is None:
            return None
        if position >= len(forms[field]):
            raise Tampered(
                f"A payload names form {position} of the {field} of {pseudonym}, which the identity does not hold"
            )
        return forms[field][position]

    def _first(self, pseudonym: str) -> Raw | None:
        if self._identities is None:
            people = Person.objects.filter(project=self.project).select_related("identity")
            self._identities = {person.pseudonym: person.identity for person in people}
        identity = self._identities.get(pseudonym)
        return read(identity) if identity is not None else self._again(pseudonym)

    def _again(self, pseudonym: str) -> Raw | None:
        identity = Identity.objects.filter(people__project=self.project, people__pseudonym=pseudonym).first()
        return read(identity) if identity is not None else None


def find_person(project: Project, text: str) -> Person:
    """The one person of the project whose id, pseudonym, e-mail, name or id at the source is `text`, exactly.

    Earlier names and e-mails count. Of an erased person id, pseudonym and id at the source still lead there. Raises
    UnknownPerson, or AmbiguousPerson, which names the candidates.
    """
    people = Person.objects.filter(project=project)
    if len(text) == PSEUDONYM_LENGTH and (person := people.filter(pseudonym=text).first()):
        return person  # 80 bits: nothing else is called so by accident.
    found = people_called(project, [text])[text]
    if not found:
        raise UnknownPerson(
            f"Nobody in {project.name} has the id, pseudonym, e-mail or name {text!r}; capitals and blanks count"
        )
    if len(found) > 1:
        raise AmbiguousPerson(text, found)
    return found[0][0]


def people_called(project: Project, texts: Iterable[str]) -> dict[str, list[tuple[Person, Shown]]]:
    """Those of the project whom each text means by id, e-mail, name or id at the source, by their rows' ids.

    Whatever is asked for, every identity of the project is read once.
    """
    found: dict[str, list[tuple[Person, Shown]]] = {text: [] for text in texts}
    subjects = {text: _subject(project, text) for text in found}
    for person in Person.objects.filter(project=project).select_related("identity").order_by("pk"):
        raw = read(person.identity)
        called = {str(person.pk)} if raw is None else {str(person.pk), *(v for f in FIELDS for v in values_of(raw[f]))}
        subject = bytes(person.identity.subject)
        for text, meant in found.items():
            if text in called or subject == subjects[text]:
                meant.append((person, _shown(person, raw)))
    return found


def _subject(project: Project, text: str) -> bytes | None:
    try:
        return subject_of(project.source, text)
    except NotCanonical:
        return None


def _shown(person: Person, raw: Raw | None) -> Shown:
    if raw is None:
        return Shown(person.pseudonym, None, None, None, erased=True)
    return Shown(person.pseudonym, _name(raw), last(raw, "email"), last(raw, "id"), erased=False)


def _name(raw: Raw) -> str | None:
    """The name that was learned last; a whole name rather than its parts or a user name, which payloads have, too."""
    whole = [name for form in raw["name"] if (name := value_of(form)) is not None and " " in name.strip()]
    return whole[-1] if whole else last(raw, "name")
