"""Projects, tasks, events and active time over the API (docs/contracts.md section 6)."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from audit import access, servicelog
from audit.api import serializers as shapes
from audit.api.base import FIELDS, View, filters, listed, problems, query_of
from audit.api.sdk import SEARCH, tasks_like_sdk, times_like_sdk
from audit.queries import lists, projects
from audit.queries.asked import asked, oldest_unless
from audit.queries.filters import EVENT_FILTERS, TASK_FILTERS, TIME_FILTERS
from audit.queries.records import task_rows
from audit.queries.scans import TASK_COLUMNS

TRAIL_FILTERS = tuple(name for name in EVENT_FILTERS if name != "external_id")


class Projects(View):
    """All projects."""

    shape = shapes.Project

    @extend_schema(operation_id="projects", parameters=filters(["external_id"]), responses=listed(shapes.Project))
    def get(self, request: Request) -> Response:
        """Projects with counts and the state of their logs, newest first."""
        wants = asked(query_of(request), ["external_id"], None, also=["fields"])
        found = projects.projects(
            request.user,
            external_ids=wants.filters.external_ids,
            limit=wants.limit,
            cursor=wants.cursor,
            newest_first=not wants.filters.oldest_first,
        )
        return self.page(request, found)


class Project(View):
    """One project."""

    shape = shapes.Project

    @extend_schema(operation_id="project", parameters=[FIELDS], responses={200: shapes.Project, **problems(400, 404)})
    def get(self, request: Request, pk: int) -> Response:
        """A project with counts and the state of its log."""
        return self.one(request, projects.project_row(access.project(request.user, pk)))


class Tasks(View):
    """Tasks of a project."""

    shape = shapes.Task

    @extend_schema(operation_id="tasks", parameters=filters(TASK_FILTERS), responses=listed(shapes.Task))
    def get(self, request: Request, pk: int) -> Response:
        """Tasks, latest activity first. With parameters of RedBrick's SDK (`search`, …): as its `list_tasks`."""
        project = access.project(request.user, pk)
        if any(name in query_of(request) for name in SEARCH):
            return tasks_like_sdk(request, project)
        wants = asked(query_of(request), TASK_FILTERS, project, also=["fields"])
        return self.page(request, lists.tasks(project, wants.filters, limit=wants.limit, cursor=wants.cursor))


class Task(View):
    """One task."""

    shape = shapes.Task

    @extend_schema(operation_id="task", parameters=[FIELDS], responses={200: shapes.Task, **problems(400, 404)})
    def get(self, request: Request, pk: int) -> Response:
        """A task as its events so far leave it."""
        task = access.task(request.user, pk)
        row = {name: getattr(task, name) for name in TASK_COLUMNS}
        return self.one(request, task_rows(task.project, [row])[0])


class Events(View):
    """Events of a project."""

    shape = shapes.Event

    @extend_schema(operation_id="events", parameters=filters(EVENT_FILTERS), responses=listed(shapes.Event))
    def get(self, request: Request, pk: int) -> Response:
        """Events of the project's log, latest first."""
        project = access.project(request.user, pk)
        wants = asked(query_of(request), EVENT_FILTERS, project, also=["fields"])
        servicelog.viewed(request.user, project, f"events of project {pk}")
        return self.page(request, lists.events(project, wants.filters, limit=wants.limit, cursor=wants.cursor))


class Trail(View):
    """Events of a task."""

    shape = shapes.Event

    @extend_schema(operation_id="task_events", parameters=filters(TRAIL_FILTERS), responses=listed(shapes.Event))
    def get(self, request: Request, pk: int) -> Response:
        """A task's trail, by time and number, oldest first."""
        task = access.task(request.user, pk)
        wants = asked(query_of(request), TRAIL_FILTERS, task.project, also=["fields"])
        oldest_first = oldest_unless(wants.filters, query_of(request))
        servicelog.viewed(request.user, task.project, f"trail of task {pk}")
        return self.page(request, lists.trail(task, oldest_first, limit=wants.limit, cursor=wants.cursor))


class ActiveTimes(View):
    """Active time in a project."""

    shape = shapes.ActiveTime

    @extend_schema(operation_id="active_time", parameters=filters(TIME_FILTERS), responses=listed(shapes.ActiveTime))
    def get(self, request: Request, pk: int) -> Response:
        """Active times that hold now, latest recorded first. With `stage_name`: as the SDK's `get_active_time`."""
        project = access.project(request.user, pk)
        if "stage_name" in query_of(request):
            return times_like_sdk(request, project)
        wants = asked(query_of(request), TIME_FILTERS, project, also=["fields"])
        return self.page(request, lists.active_times(project, wants.filters, limit=wants.limit, cursor=wants.cursor))


class TaskActiveTimes(View):
    """Active time on a task."""

    shape = shapes.ActiveTime

    @extend_schema(
        operation_id="task_active_time", parameters=filters(TIME_FILTERS), responses=listed(shapes.ActiveTime)
    )
    def get(self, request: Request, pk: int) -> Response:
        """Active times on the task that hold now, in the order in which they were recorded."""
        task = access.task(request.user, pk)
        wants = asked(query_of(request), TIME_FILTERS, task.project, also=["fields"])
        oldest_first = oldest_unless(wants.filters, query_of(request))
        found = lists.task_active_times(task, oldest_first, limit=wants.limit, cursor=wants.cursor)
        return self.page(request, found)
