"""Whether the people of a project are still who they were: a part of `verify`."""

from __future__ import annotations

from collections.abc import Callable

from audit.models import Person, Project
from audit.people.identity import last, project_key, pseudonym_of, read, subject_of
from exportsite.keys import Tampered, UnknownKey


def check_identities(project: Project, fault: Callable[[str], None]) -> int:
    """Decrypt every identity of the project and compute its subject and pseudonym anew; how many people there are.

    `fault` gets one text for each person whose rows do not hold.
    """
    count = 0
    key = project_key(project.log)
    people = Person.objects.filter(project=project).select_related("identity").order_by("pk")
    for person in people.iterator(chunk_size=2000):
        count += 1
        identity = person.identity
        if identity.source_id != project.source_id:
            fault(f"person {person.pseudonym} leads to an identity of another source")
        if (identity.data is None) != (identity.erased_at is not None):
            fault(f"identity {identity.pk} of {person.pseudonym} is neither whole nor erased")
        try:
            raw = read(identity)
        except (Tampered, UnknownKey) as problem:
            fault(f"the identity of {person.pseudonym} can't be read: {problem}")
            continue
        if raw is None:
            continue
        external_id = last(raw, "id") or ""
        if subject_of(project.source, external_id) != bytes(identity.subject):
            fault(f"identity {identity.pk} of {person.pseudonym} holds another person's id")
        if pseudonym_of(key, project.source, external_id) != person.pseudonym:
            fault(f"person {person.pseudonym} leads to an identity with another pseudonym")
    return count
