"""What the fake platform would answer at a moment: projects, members, tasks as far as their stories have gone."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from audit.demo.redbrick.drawings import FILE, file, task_data
from audit.demo.redbrick.entries import entry
from audit.demo.redbrick.pictures import SLICE, picture
from audit.demo.redbrick.scripts import (
    AGREEMENT,
    DAYS,
    FIRST_DAY,
    GONE,
    LIVER,
    MEMBERS,
    ORG,
    Script,
    begins,
    told,
)
from audit.demo.redbrick.story import Raw, TaskStory, TimeRow, stamp

API_KEY = "demo-key-of-an-invented-organisation-000000"
TASKS = 120


class Clock:
    """The world's time: it stands still at `now`, or runs `speed` times as fast as ours from when it was made."""

    def __init__(self, now: datetime | None = None, speed: float = 0.0) -> None:
        self.now = now or FIRST_DAY + timedelta(days=DAYS)
        self._speed = speed
        self._began = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now + (datetime.now(UTC) - self._began) * self._speed


class Project:
    """One project of the world. Tests change it: `order` lists its tasks' numbers, `task(n)` may be edited."""

    def __init__(self, script: Script, tasks: int, *, labels: bool = False) -> None:
        self.script = script
        self.name = script.name
        self.status = "CREATION_SUCCESS"
        self.tasks = tasks
        self.labels = labels
        self.order = list(range(1, tasks + 1))
        self._edited: dict[int, TaskStory] = {}

    def task(self, number: int) -> TaskStory:
        """A task's story, to be changed: what is done to it stays."""
        return self._edited.setdefault(number, self.story(number))

    def begins(self, number: int) -> datetime:
        """When a task is uploaded."""
        return begins(number, self.tasks)

    def story(self, number: int) -> TaskStory:
        """A task's story; told anew when nobody changed it, so that a large project needs no memory."""
        return self._edited.get(number) or told(self.script, number, self.tasks, labels=self.labels)


class World:
    """All that the fake platform knows; of labels only with `labels`: they take several requests for each task."""

    def __init__(
        self, tasks: int = TASKS, clock: Callable[[], datetime] | None = None, *, labels: bool = False
    ) -> None:
        self.clock = clock or Clock()
        self.projects = {script.id: Project(script, tasks, labels=labels) for script in (LIVER, AGREEMENT)}
        self.members = list(MEMBERS)
        self.key = API_KEY
        self.files = ""
        """Where files are served; the server says so when it runs."""

    def answer(self, field: str, variables: Mapping[str, Any]) -> Any:
        """The value of a query's field. Raises LookupError for a field that there is none of."""
        project = self.projects.get(variables.get("projectId", ""))
        if variables.get("orgId") != ORG:
            project = None
        if field == "members":
            return self._members() if variables.get("orgId") == ORG else []
        if field == "projects":
            known = self.projects.values() if variables.get("orgId") == ORG else ()
            return [self._settings(one) for one in known]
        if field == "presignItems":
            return [path and f"{self.files}/files/{quote(path)}?X-Amz-Signature=1" for path in variables["items"]]
        if field == "project":
            return None if project is None else self._settings(project)
        if project is None:
            raise LookupError("Project not found")
        if field == "task":
            return self._task(project, variables["taskId"])
        if field == "taskData":
            return self._label(project, variables["taskId"], variables["tdId"])
        if field == "tasksPaged":
            return self._tasks(project, variables)
        if field == "genericTasks":
            return self._listed(project, variables)
        if field == "taskActiveTime":
            return self._times(project, variables)
        raise LookupError(f'Cannot query field "{field}" on type "Query"')

    def _members(self) -> list[Raw]:
        seen = stamp(self.clock())
        return [
            {
                "user": {
                    **user.entity(),
                    "familyName": user.family,
                    "mfaSetup": True,
                    "lastSeen": seen,
                    "updatedAt": stamp(FIRST_DAY),
                    "idProvider": None,
                },
                "role": "ADMIN" if user is self.members[0] else "MEMBER",
                "tags": [],
                "active": user is not GONE,
                "lastSeen": seen,
            }
            for user in self.members
        ]

    def _settings(self, project: Project) -> Raw:
        script = project.script
        return {
            "orgId": ORG,
            "projectId": script.id,
            "name": project.name,
            "desc": script.description,
            "status": project.status,
            "tdType": "IMAGE_ITEMS" if script.images else "DICOM_SEGMENTATION",
            "taxonomy": {"orgId": ORG, **script.taxonomy},
            "projectUrl": f"https://app.redbrickai.com/{ORG}/projects/{script.id}",
            "createdAt": stamp(FIRST_DAY),
            "updatedAt": stamp(self.clock()),
            "consensusSettings": {"enabled": script.consensus},
            "workspace": None,
            "stages": list(script.stages),
        }

    def _tasks(self, project: Project, variables: Mapping[str, Any]) -> Raw:
        now = self.clock()
        numbers = project.order
        since = variables.get("cacheTime")
        if since or variables.get("stageName"):
            shown = [entry(project.story(number), now) for number in numbers]
            rows = [
                row
                for row in shown
                if row is not None
                and row["updatedAt"] >= (since or "")
                and variables.get("stageName") in (None, row["currentStageName"])
            ]
            entries, cursor = _page(rows, variables)
            return {"entries": entries, "cursor": cursor, "cacheTime": stamp(now), "count": len(rows)}
        there = [number for number in numbers if project.begins(number) <= now]
        page, cursor = _page(there, variables)
        entries = [entry(project.story(number), now) for number in page]
        return {"entries": entries, "cursor": cursor, "cacheTime": stamp(now), "count": len(there)}

    def _task(self, project: Project, task_id: str) -> Raw | None:
        found = (project.story(number) for number in project.order)
        return next((entry(story, self.clock()) for story in found if story.id == task_id), None)

    def _label(self, project: Project, task_id: str, id_: str) -> Raw | None:
        now = self.clock()
        story = self._story(project, task_id)
        labels = story.labels if story is not None else []
        return next((task_data(story, one) for one in labels if story and one.id == id_ and one.at <= now), None)

    def file(self, path: str) -> bytes | None:
        """The bytes of an item, or of a file of a label's; None when there is none."""
        found = FILE.fullmatch(path)
        if found is None:
            return self._slice(path) or picture(path)
        stories = (self._story(project, found["task"]) for project in self.projects.values())
        story = next((story for story in stories if story is not None), None)
        return None if story is None else file(story, found["label"], int(found["series"] or -1))

    def _slice(self, path: str) -> bytes | None:
        found = SLICE.fullmatch(path)
        if found is None:
            return None
        # It loads pydicom, which most who ask for a world never need.
        from audit.demo.redbrick.ct import slice_file

        number = int(found["number"])
        projects = (one for one in self.projects.values() if not one.script.images and number in one.order)
        story = next((one.story(number) for one in projects), None)
        return None if story is None else slice_file(story, found["series"], int(found["slice"]))

    def _story(self, project: Project, task_id: str) -> TaskStory | None:
        number = int(task_id[-12:]) if task_id[-12:].isdecimal() else 0
        story = project.story(number) if number in project.order else None
        return story if story is not None and story.id == task_id else None

    def _listed(self, project: Project, variables: Mapping[str, Any]) -> Raw:
        filters, now = variables.get("manualLabelingFilters") or {}, self.clock()
        rows = [row for number in project.order if (row := entry(project.story(number), now)) is not None]
        if variables.get("stageName"):
            stage = {"Output": "END"}.get(variables["stageName"], variables["stageName"])
            rows = [row for row in rows if row["currentStageName"] == stage]
        if "userId" in filters:
            rows = [
                row
                for row in rows
                if (row["currentStageSubTask"].get("assignedTo") or {}).get("userId") == filters["userId"]
            ]
        if filters.get("status"):
            rows = [row for row in rows if row["currentStageSubTask"].get("state") == filters["status"]]
        if variables.get("taskSearch"):
            words = variables["taskSearch"].strip('"')
            rows = [row for row in rows if row["taskId"] == words or row["datapoint"]["name"].startswith(words)]
        entries, cursor = _page(rows, variables)
        return {"entries": entries, "cursor": cursor}

    def _times(self, project: Project, variables: Mapping[str, Any]) -> Raw:
        now = self.clock()
        first, rows = int(variables["first"]), list[Raw]()
        task, row = map(int, base64.b64decode(variables["after"]).split(b":")) if variables.get("after") else (0, 0)
        # From where the cursor stands, and no further than the page reaches: large projects have many pages.
        for at in range(task, len(project.order)):
            story = project.story(project.order[at])
            if variables.get("taskId") not in (None, story.id):
                continue
            found = [line for line in map(_sum(story, now), story.times) if line["stage"] == variables["stageName"]]
            found = [line for line in found if line["timeSpent"] is not None][row if at == task else 0 :]
            if len(rows) + len(found) > first:
                begun = (row if at == task else 0) + first - len(rows)
                cursor = base64.b64encode(b"%d:%d" % (at, begun)).decode()
                return {"entries": [*rows, *found[: first - len(rows)]], "cursor": cursor}
            rows += found
        return {"entries": rows, "cursor": None}


def _sum(story: TaskStory, now: datetime) -> Callable[[TimeRow], Raw]:
    """A row of active time as it was then; without milliseconds before the work began."""

    def line(row: TimeRow) -> Raw:
        at, ms = ([(None, None)] + [step for step in row.steps if step[0] <= now])[-1]
        return {
            "taskId": story.id,
            "user": row.user.entity(),
            "timeSpent": ms,
            "cycle": row.cycle,
            "date": stamp(at) if at else None,
            "stage": row.stage,
        }

    return line


def _page(rows: list[Any], variables: Mapping[str, Any]) -> tuple[list[Any], str | None]:
    after = variables.get("after")
    start = int(base64.b64decode(after)) if after else 0
    first = variables.get("first")
    end = len(rows) if first is None else start + int(first)
    cursor = base64.b64encode(str(end).encode()).decode() if end < len(rows) and end > start else None
    return rows[start:end], cursor
