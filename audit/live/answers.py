"""The answers of RedBrick's SDK from the record: payloads out of the log, people put back; `as_sdk` does the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from audit.log.fold import LABEL_TYPES
from audit.models import Disclosure, Event, Person, Project, Task
from audit.people import names_of, restorer
from audit.sources.base import PersonRef
from audit.sources.redbrick.as_sdk import Users, task_entry
from audit.sources.redbrick.project import RedBrickProject, project_of
from audit.sources.values import Item, item, part, text

NO_TRAIL = (
    "time.recorded",
    "time.revised",
    "media.kept",
    "source.diverged",
    "task.deleted",
    "task.reopened",
    *sorted(LABEL_TYPES),
)


class RedBrickAnswers:
    """Reads one project's record for one request. `users` are members; `everybody` also those who are none any more."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._restore = restorer(project)
        self.users, self.everybody = self._people()
        self.platform = self._platform()

    def entries(self, tasks: Sequence[Task]) -> Iterator[Item]:
        """Each task as the API would tell it, with its whole history."""
        payloads = self._payloads([task.pk for task in tasks])
        for task in tasks:
            yield task_entry(task.external_id, task.stage or None, payloads.get(task.pk, ()))

    def _payloads(self, tasks: Sequence[int]) -> dict[int, list[bytes]]:
        rows = (
            Disclosure.objects.filter(event__task__in=tasks, group="content")
            .exclude(event__type__in=NO_TRAIL)
            .order_by("event__task_id", "event__n")
            .values_list("event__task_id", "data")
        )
        found: dict[int, list[bytes]] = {}
        for task_id, data in rows.iterator(chunk_size=2000):
            found.setdefault(task_id, []).append(self._restore(bytes(data)))
        return found

    def rows(self, events: Iterable[int]) -> dict[int, Item]:
        """Rows of active time as they came, by the id of their event."""
        found = Disclosure.objects.filter(event__in=list(events), group="content").values_list("event_id", "data")
        return {event_id: item(self._restore(bytes(data))) for event_id, data in found}

    def _platform(self) -> RedBrickProject:
        """The project as its newest settings describe it."""
        newest = Event.objects.filter(log__project=self.project, type="project.updated", task=None).order_by("-id")
        data = Disclosure.objects.filter(event__in=newest.values("id")[:1], group="content").values_list("data")
        settings = data.first()
        return project_of(self._restore(bytes(settings[0])) if settings else b"{}")

    def _people(self) -> tuple[Users, Users]:
        persons = Person.objects.filter(project=self.project)
        shown = names_of(persons)
        everybody: dict[str, str] = {}
        for person in shown.values():
            if person.external_id is None:
                everybody[f"@p:{person.pseudonym}/id"] = person.pseudonym
            elif person.email:
                everybody[person.external_id] = person.email
        members = set(self._members())
        users = {id_: name for id_, name in everybody.items() if id_ in members or id_.startswith("@p:")}
        return users, everybody

    def _members(self) -> Iterator[str]:
        added = Event.objects.filter(log__project=self.project, type="person.added", task=None).values("id")
        for (data,) in Disclosure.objects.filter(event__in=added, group="content").values_list("data").iterator():
            if id_ := text(part(item(self._restore(bytes(data))), "user"), "userId"):
                yield id_


def person_of(answers: RedBrickAnswers, called: str) -> PersonRef | None:
    """The person of this id or e-mail address; None when nobody is known by it."""
    for id_, email in answers.everybody.items():
        if called in (id_, email):
            return PersonRef(id_, email)
    return None
