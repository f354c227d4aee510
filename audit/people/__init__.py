"""People: values out of the record, pseudonyms in; and back to whoever may see them.

`session` writes, for the log's append; `shown` reads, for pages, exports and commands; `check` is `verify`'s part.
"""

from audit.people.check import check_identities
from audit.people.session import Outdated, People
from audit.people.shown import (
    AmbiguousPerson,
    Shown,
    UnknownPerson,
    find_person,
    names_of,
    people_called,
    restorer,
)

__all__ = [
    "AmbiguousPerson",
    "Outdated",
    "People",
    "Shown",
    "UnknownPerson",
    "check_identities",
    "find_person",
    "names_of",
    "people_called",
    "restorer",
]
