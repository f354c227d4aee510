"""What a Diffgram project is made of, and the events about it: settings with labels and attributes, people, jobs,
directories."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256

import orjson
from msgspec.structs import replace

from audit.sources.base import PersonRef, ProjectDetails, SourceError, SourceEvent, Version
from audit.sources.diffgram.people import CALLED, people, person, ways
from audit.sources.diffgram.tell import STAGES
from audit.sources.members import member_event
from audit.sources.values import NESTED, Item, canonical, item, part, parts, text, unsigned, whole

SETTLED = frozenset({"id", "name", "project_string_id", "readme", "goal", "is_public", "settings_input_video_fps"})
"""Fields of a project that make a new version; others (counts, caches, previews) change with its files."""
VOLATILE = frozenset(
    {
        "time_updated",
        "last_updated_time",
        "time_completed",
        "cache_dict",
        "cache_info",
        "percent_completed",
        "tasks_remaining",
        "is_pinned",
        "has_changes",
        "jobs_to_sync",
        "stat_count_tasks",
        "stat_count_complete",
        "stat_count_available",
        "file_count_statistic",
        "image_signed_expiry",
        "signed_expiry",
        "mp4_video_signed_expiry",
        "url_signed_expiry",
    }
)
"""Fields of jobs, directories, labels, files and tasks that make no new version of them."""


def settings_event(project: bytes, labels: Sequence[bytes], groups: Sequence[bytes]) -> SourceEvent:
    """The project with its labels and attribute groups."""
    found = item(project)
    # Members and directories have events of their own, previews of files are those files'.
    kept = {name: value for name, value in found.items() if name not in ("member_list", "directory_list")}
    kept.pop("preview_file_list", None)
    content = b'{"project":' + orjson.dumps(kept) + b',"labels":[' + b",".join(labels)
    content = unsigned(content + b'],"attribute_groups":[' + b",".join(groups) + b"]}")
    written = item(content)
    state = [
        {name: value for name, value in part(written, "project").items() if name in SETTLED},
        facts(written["labels"]),
        facts(written["attribute_groups"]),
    ]
    return SourceEvent(
        task=None,
        type="project.updated",
        source_type="PROJECT",
        occurred_at=None,
        instant=None,
        derived=True,
        content=content,
        people=people(written),
        key_fields=(digest(state),),
    )


def member_events(members: Iterable[Item]) -> Iterator[SourceEvent]:
    """Each member of the project who is a user, with what they may do there."""
    for row in members:
        ref = person(row)
        if ref is None:
            continue
        standing = {name: row.get(name) for name in ("member_id", "permission_level", "member_kind")}
        user = {"id": ref.external_id, "email": ref.email, "name": ref.name}
        yield member_event(PersonRef(ref.external_id), user, standing, tuple(ways(row)))


def thing_events(kind: str, rows: Iterable[bytes]) -> Iterator[SourceEvent]:
    """Each job or directory as it is now; again when more than a volatile field changed."""
    for raw in rows:
        content = unsigned(raw)
        found = item(content)
        id_ = whole(found, "id") or whole(found, "directory_id")
        if id_ is None:
            raise SourceError("answer", f"Diffgram sent a {kind} without a number")
        event = SourceEvent(
            task=None,
            type="activity.recorded",
            source_type=kind.upper(),
            occurred_at=None,
            instant=None,
            derived=True,
            content=content,
            people=people(found),
        )
        yield replace(event, version=Version(f"{kind}/{id_}", digest(facts(found)), first=event))


def details_of(content: bytes) -> ProjectDetails:
    """What a payload of `settings_event` says of the project. Diffgram's times are UTC."""
    project = part(item(content), "project")
    description = text(project, "readme") or text(project, "goal")
    return ProjectDetails(name=text(project, "name"), description=description, stages=STAGES, zone="UTC")


def members_in(project: bytes) -> list[Item]:
    """The members that the project's settings list."""
    return parts(item(project), "member_list")


def facts(value: object) -> object:
    """The value without volatile fields and without what people are called now."""
    if isinstance(value, list):
        return [facts(entry) if isinstance(entry, NESTED) else entry for entry in value]
    if not isinstance(value, dict):
        return value
    left_out = VOLATILE | CALLED if person(value) is not None and people({"": value}) else VOLATILE
    return {
        key: facts(inner) if isinstance(inner, NESTED) else inner for key, inner in value.items() if key not in left_out
    }


def digest(state: object) -> str:
    """What stands for a state."""
    return sha256(canonical(state)).hexdigest()
