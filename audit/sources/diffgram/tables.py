"""What is asked of Diffgram's tables. Rows come as JSON: the columns differ between versions of Diffgram."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import LiteralString

import orjson

from audit.sources.base import SourceError
from audit.sources.diffgram.database import Database
from audit.sources.diffgram.rows import LEFT_OUT, TaskRows
from audit.sources.values import Item, item, whole

BATCH = 50
TIMES = 1_000

_PROJECT: LiteralString = "SELECT row_to_json(p)::text FROM project p WHERE p.project_string_id = %s"
_PEOPLE: LiteralString = (
    "SELECT json_build_object('id', u.id, 'member_id', m.id, 'member_kind', m.kind, 'email', u.email, 'first_name', "
    "u.first_name, 'last_name', u.last_name, 'username', u.username)::text "
    "FROM member m FULL JOIN userbase u ON u.id = m.user_id"
)
_LABELS: LiteralString = (
    "SELECT json_build_object('id', f.id, 'colour', f.colour, 'state', f.state, 'label', "
    "json_build_object('id', l.id, 'name', l.name))::text "
    "FROM file f JOIN label l ON l.id = f.label_id WHERE f.project_id = %s AND f.type = 'label' ORDER BY f.id"
)
_GROUPS: LiteralString = (
    "SELECT (row_to_json(g)::jsonb || jsonb_build_object('attribute_template_list', COALESCE((SELECT "
    "jsonb_agg(row_to_json(t) ORDER BY t.id) FROM attribute_template t WHERE t.group_id = g.id), '[]'::jsonb)))::text "
    "FROM attribute_template_group g WHERE g.project_id = %s ORDER BY g.id"
)
_LINKS: LiteralString = (
    "SELECT attribute_template_group_id, file_id FROM attribute_template_group_to_file ORDER BY file_id"
)
_JOBS: LiteralString = "SELECT row_to_json(j)::text FROM job j WHERE j.project_id = %s ORDER BY j.id"
_DIRECTORIES: LiteralString = "SELECT row_to_json(d)::text FROM working_dir d WHERE d.project_id = %s ORDER BY d.id"
_OWN_EVENTS: LiteralString = (
    "SELECT row_to_json(e)::text FROM event e WHERE e.project_id = %s AND e.task_id IS NULL ORDER BY e.id"
)
_TASKS: LiteralString = "SELECT row_to_json(t)::text FROM task t WHERE t.project_id = %(project)s ORDER BY t.id"
_CHANGED: LiteralString = (
    "SELECT row_to_json(t)::text FROM task t WHERE t.project_id = %(project)s AND ("
    "t.time_created >= %(since)s OR t.time_updated >= %(since)s "
    "OR t.id IN (SELECT e.task_id FROM task_event e WHERE e.project_id = %(project)s AND e.time_created >= %(since)s) "
    "OR t.id IN (SELECT e.task_id FROM event e WHERE e.project_id = %(project)s AND e.time_created >= %(since)s) "
    "OR t.file_id IN (SELECT unnest(ARRAY[i.file_id, i.parent_file_id]) FROM instance i WHERE i.project_id = "
    "%(project)s AND GREATEST(i.created_time, i.last_updated_time, i.deleted_time) >= %(since)s)) ORDER BY t.id"
)
_TASK: LiteralString = "SELECT row_to_json(t)::text FROM task t WHERE t.project_id = %s AND t.id = %s"
_FILES: LiteralString = (
    "SELECT json_build_object('file', json_build_object('id', f.id, 'original_filename', f.original_filename, "
    "'type', f.type, 'created_time', f.created_time, 'image_id', f.image_id, 'video_id', f.video_id))::text "
    "FROM file f WHERE f.id = ANY(%s)"
)
_IMAGES: LiteralString = "SELECT json_build_object('id', i.id, 'width', i.width, 'height', i.height)::text FROM image i"
_VIDEOS: LiteralString = (
    "SELECT json_build_object('id', v.id, 'width', v.width, 'height', v.height, 'frame_rate', v.frame_rate, "
    "'frame_count', v.frame_count)::text FROM video v"
)
_INSTANCES: LiteralString = (
    "SELECT row_to_json(i)::text FROM instance i WHERE i.file_id = ANY(%(files)s) OR i.parent_file_id = ANY(%(files)s) "
    "ORDER BY i.id"
)
_TASK_EVENTS: LiteralString = "SELECT row_to_json(e)::text FROM task_event e WHERE e.task_id = ANY(%s) ORDER BY e.id"
_EVENTS: LiteralString = "SELECT row_to_json(e)::text FROM event e WHERE e.task_id = ANY(%s) ORDER BY e.id"
_COMMENTS: LiteralString = "SELECT id, content FROM discussion_comment WHERE id = ANY(%s) AND content IS NOT NULL"
_TIMES: LiteralString = (
    "SELECT json_build_object('row', row_to_json(t), 'total', t.status IS NULL AND EXISTS (SELECT 1 FROM "
    "task_time_tracking s WHERE s.task_id = t.task_id AND s.user_id IS NOT DISTINCT FROM t.user_id AND s.file_id IS "
    "NOT DISTINCT FROM t.file_id AND s.status IS NOT NULL))::text FROM task_time_tracking t WHERE t.project_id = %s "
    "AND t.task_id IS NOT NULL ORDER BY t.task_id, t.id"
)


class Tables:
    """The tables of one project."""

    def __init__(self, database: Database, project: str) -> None:
        self.database = database
        self.project = project
        self._number: int | None = None

    def settings(self) -> bytes:
        """The project's row. Raises SourceError "missing" when there is none."""
        found = self.database.texts(_PROJECT, [self.project])
        if not found:
            raise SourceError(
                "missing",
                f'{self.database.name} at {self.database.host} has no project "{self.project}". The id is in the '
                "project's address in Diffgram, after /project/",
            )
        row = item(found[0])
        self._number = whole(row, "id")
        return orjson.dumps({name: value for name, value in row.items() if name not in LEFT_OUT})

    @property
    def number(self) -> int:
        """The project's number."""
        if self._number is None:
            self.settings()
        return self._number or 0

    def people(self) -> list[Item]:
        """All members and users of the installation: rows of the project name them by their numbers."""
        if not (self.database.has("member") and self.database.has("userbase")):
            return []
        return [item(raw) for raw in self.database.texts(_PEOPLE)]

    def labels(self) -> list[bytes]:
        """Labels, their colours as objects; none that was removed."""
        found = [item(raw) for raw in self.database.texts(_LABELS, [self.number])]
        kept = [row for row in found if row.pop("state", None) != "removed"]
        for row in kept:
            row["colour"] = _object(row.get("colour"))
        return [orjson.dumps(row) for row in kept]

    def attribute_groups(self) -> list[bytes]:
        """Attribute groups with their templates, and the labels that they are asked of."""
        if not self.database.has("attribute_template_group"):
            return []
        groups = [item(raw) for raw in self.database.texts(_GROUPS, [self.number])]
        if self.database.has("attribute_template_group_to_file"):
            files: dict[object, list[Item]] = {}
            for group, file in self.database.rows(_LINKS):
                files.setdefault(group, []).append({"id": file})
            groups = [{**group, "label_file_list": files.get(group.get("id"), [])} for group in groups]
        return [orjson.dumps(group) for group in groups]

    def jobs(self) -> list[bytes]:
        """The project's jobs."""
        return _without(self.database.texts(_JOBS, [self.number]))

    def directories(self) -> list[bytes]:
        """The project's directories."""
        if not self.database.has("working_dir"):
            return []
        return _without(self.database.texts(_DIRECTORIES, [self.number]))

    def own_events(self) -> Iterator[list[bytes]]:
        """Rows of `event` that are of no task."""
        return self.database.streamed(_OWN_EVENTS, [self.number], TIMES)

    def count(self) -> int:
        """How many tasks the project has."""
        found = self.database.rows("SELECT count(*) FROM task WHERE project_id = %s", [self.number])[0][0]
        assert isinstance(found, int)
        return found

    def tasks(self, since: datetime | None = None) -> Iterator[list[TaskRows]]:
        """All tasks with what the tables hold of them, or those of which something changed since then."""
        parameters: dict[str, object] = {"project": self.number}
        if since is not None:
            parameters["since"] = since.astimezone(UTC).replace(tzinfo=None)  # The tables' times are UTC without zone.
        for rows in self.database.streamed(_TASKS if since is None else _CHANGED, parameters, BATCH):
            yield self._complete(rows)

    def task(self, number: int) -> TaskRows | None:
        """One task."""
        found = self.database.texts(_TASK, [self.number, number])
        return self._complete(found)[0] if found else None

    def times(self) -> Iterator[list[bytes]]:
        """Rows of `task_time_tracking`, each with whether it is a total over others."""
        return self.database.streamed(_TIMES, [self.number], TIMES)

    def _complete(self, rows: Sequence[bytes]) -> list[TaskRows]:
        tasks = [item(raw) for raw in rows]
        numbers = [whole(task, "id") for task in tasks]
        files = [file for task in tasks if (file := whole(task, "file_id")) is not None]
        packets = self._files(files)
        task_events = _by(self.database.texts(_TASK_EVENTS, [numbers]), "task_id")
        events = _by(self.database.texts(_EVENTS, [numbers]), "task_id")
        instances: dict[int, list[bytes]] = {}
        for raw in self.database.texts(_INSTANCES, {"files": files}):
            row = item(raw)
            for file in {whole(row, "file_id"), whole(row, "parent_file_id")} & set(files):
                if file is not None:
                    instances.setdefault(file, []).append(raw)
        comments = self._comments(task_events)
        return [
            TaskRows(
                task=raw,
                file=packets.get(whole(task, "file_id") or 0, {}),
                task_events=task_events.get(whole(task, "id") or 0, []),
                events=events.get(whole(task, "id") or 0, []),
                instances=instances.get(whole(task, "file_id") or 0, []),
                comments=comments,
            )
            for raw, task in zip(rows, tasks, strict=True)
        ]

    def _files(self, numbers: Sequence[int]) -> dict[int, Item]:
        """What an export says of the files, but for their instances."""
        found = [item(raw) for raw in self.database.texts(_FILES, [list(numbers)])]
        packets = {row["file"]["id"]: row for row in found}
        for name, query in (("image", _IMAGES), ("video", _VIDEOS)):
            wanted = {row["file"].pop(f"{name}_id", None): row for row in found}
            wanted.pop(None, None)
            if wanted and self.database.has(name):
                for raw in self.database.texts(query + " WHERE id = ANY(%s)", [list(wanted)]):
                    medium = item(raw)
                    wanted[medium.pop("id")][name] = medium
        return packets

    def _comments(self, task_events: dict[int, list[bytes]]) -> dict[int, str]:
        wanted = [
            number
            for rows in task_events.values()
            for raw in rows
            if (number := whole(item(raw), "comment_id")) is not None
        ]
        if not wanted or not self.database.has("discussion_comment"):
            return {}
        return {int(str(id_)): str(content) for id_, content in self.database.rows(_COMMENTS, [wanted])}


def _by(rows: Sequence[bytes], name: str) -> dict[int, list[bytes]]:
    found: dict[int, list[bytes]] = {}
    for raw in rows:
        number = whole(item(raw), name)
        if number is not None:
            found.setdefault(number, []).append(raw)
    return found


def _without(rows: Sequence[bytes]) -> list[bytes]:
    found = (item(raw) for raw in rows)
    return [orjson.dumps({name: value for name, value in row.items() if name not in LEFT_OUT}) for row in found]


def _object(value: object) -> object:
    """What a column of JSON in text holds."""
    try:
        return orjson.loads(value) if isinstance(value, str) else value
    except orjson.JSONDecodeError:
        return value
