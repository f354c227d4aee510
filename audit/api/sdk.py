"""What RedBrick's SDK answers, from the record: task events, active time, searches for tasks (docs/sources.md).

Parameters and defaults are the SDK's, so are the shapes; by default with the true actors, with `as_sdk=true` with all
that the SDK gets wrong. `limit` and `cursor` page as everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.http import Http404, QueryDict
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit import access, servicelog
from audit.api.base import FIELDS, problems, query_of
from audit.api.pick import pick, wanted_of
from audit.live.answers import RedBrickAnswers, person_of
from audit.models import Project, Task
from audit.queries.asked import limit_of
from audit.queries.lists import read
from audit.sources.redbrick.as_sdk import active_time, task_events
from audit.sources.redbrick.listing import listed, matches, standing
from audit.sources.redbrick.project import GROUND_TRUTH, LABEL, OUTPUT, REVIEW
from audit.sources.redbrick.search import MODES, BadSearch, TaskSearch, resolve
from exportsite import keyset
from exportsite.keyset import Condition, Count, Page, Scan
from exportsite.problems import FieldProblem, WrongRequest, check_keys, unknown

EVENTS = ("task_id", "only_ground_truth", "from_timestamp", "as_sdk", "limit", "cursor", "fields")
TIMES = ("stage_name", "task_id", "as_sdk", "limit", "cursor", "fields")
SEARCH = ("search", "stage_name", "user_id", "task_id", "task_name", "exact_match", "completed_at")
SEARCHED = (*SEARCH, "limit", "cursor", "fields")
MEMBERS = {
    "events": ("taskId", "taskName", "currentStageName", "events"),
    "times": (
        "orgId", "projectId", "stageName", "taskId", "completedBy", "timeSpent", "completedAt", "cycle",
    ),
    "tasks": (
        "taskId", "name", "createdAt", "currentStageName", "storageId", "updatedAt", "createdBy", "priority",
        "metaData", "series", "assignees",
    ),
}  # fmt: skip
"""What rows of each kind may have, for `fields`."""
ROUNDS = 20
"""Pages of candidates that a search looks through before it hands over with what it has."""

_PAGING = [
    OpenApiParameter("limit", OpenApiTypes.INT, description="Rows of a page, 1 to 500."),
    OpenApiParameter("cursor", OpenApiTypes.STR, description="From `next` of the page before."),
    FIELDS,
]
_AS_SDK = OpenApiParameter("as_sdk", OpenApiTypes.BOOL, description="Repeat what the SDK gets wrong (false).")
_TASK = OpenApiParameter("task_id", OpenApiTypes.STR, description="Only this task, by its id at RedBrick AI.")


class TaskEvents(APIView):
    """Task events as the SDK's `get_task_events` tells them."""

    @extend_schema(
        operation_id="sdk_task_events",
        parameters=[
            _TASK,
            OpenApiParameter("only_ground_truth", OpenApiTypes.BOOL, description="Tasks in ground truth now (true)."),
            OpenApiParameter(
                "from_timestamp",
                OpenApiTypes.NUMBER,
                description="Tasks active since then (seconds since 1970), each with its whole history.",
            ),
            _AS_SDK,
            *_PAGING,
        ],
        responses={200: OpenApiTypes.OBJECT, **problems(400, 404)},
    )
    def get(self, request: Request, pk: int) -> Response:
        """Tasks with their events, in the shape of RedBrick's SDK."""
        project = _redbrick(request, pk)
        query = query_of(request)
        _check(query, EVENTS)
        as_sdk = _flag(query, "as_sdk", False)
        answers = RedBrickAnswers(project)
        page, count, tasks = self._tasks(project, query)
        users = answers.users if as_sdk else answers.everybody
        found = [task_events(entry, users, answers.platform, as_sdk=as_sdk) for entry in answers.entries(tasks)]
        servicelog.viewed(request.user, project, f"events of project {pk}")
        return _page(request, found, page.next if page else None, count, "events")

    def _tasks(self, project: Project, query: QueryDict) -> tuple[Page | None, Count, list[Task]]:
        if "task_id" in query:  # The SDK ignores its other parameters then.
            tasks = list(Task.objects.filter(project=project, external_id=_text(query, "task_id")))
            return None, Count(len(tasks), True), tasks
        tests: list[Condition] = [("status <> %s", ("deleted",))]
        if _flag(query, "only_ground_truth", True):
            tests.append(("stage = %s", (GROUND_TRUTH,)))
        if since := _moment(query, "from_timestamp"):
            tests.append(("last_at >= %s", (since,)))
        scan = _tasks_scan(project, tests)
        page = read(scan, limit_of(query, 50), query.get("cursor"))
        return page, keyset.count(scan), _rows(page)


def times_like_sdk(request: Request, project: Project) -> Response:
    """Active time at a stage as the SDK's `get_active_time` tells it."""
    _of_redbrick(project)
    query = query_of(request)
    _check(query, TIMES)
    stage = _text(query, "stage_name")
    as_sdk = _flag(query, "as_sdk", False)
    within: list[Condition] = [("project_id = %s", (project.pk,))]
    if "task_id" in query:
        task = Task.objects.filter(project=project, external_id=_text(query, "task_id")).first()
        within = [("task_id = %s", (task.pk if task else None,))]
    scan = Scan(
        "audit_activetime",
        ("event_id", "stage", "to_index"),
        ("event_id",),
        within=tuple(within),
        tests=(("to_index IS NULL", ()), ("stage = %s", (stage,))),
        newest_first=False,
    )
    page = read(scan, limit_of(query, 100), query.get("cursor"))
    answers = RedBrickAnswers(project)
    users = answers.users if as_sdk else answers.everybody
    rows = answers.rows(row["event_id"] for row in page.rows)
    found = [
        active_time(rows[row["event_id"]], stage, project.source.account, project.external_id, users)
        for row in page.rows
        if row["event_id"] in rows
    ]
    return _page(request, found, page.next, keyset.count(scan), "times")


def tasks_like_sdk(request: Request, project: Project) -> Response:
    """Tasks as the SDK's `list_tasks` finds and tells them."""
    _of_redbrick(project)
    query = query_of(request)
    _check(query, SEARCHED)
    answers = RedBrickAnswers(project)
    search = _search(query, answers)
    scan = _tasks_scan(project, _candidates(search))
    limit, cursor = limit_of(query, 50), query.get("cursor")
    found: list[Any] = []
    for _ in range(ROUNDS):
        page = read(scan, limit, cursor)
        for entry in answers.entries(_rows(page)):
            if matches(entry, search, answers.platform):
                found.append(listed(standing(entry), answers.everybody))
        cursor = page.next
        if found or cursor is None:
            break
    whole = cursor is None and "cursor" not in query
    return _page(request, found, cursor, Count(len(found), whole), "tasks")


def _candidates(search: TaskSearch) -> list[Condition]:
    """What the table of tasks can tell of the search, so that few histories have to be read."""
    tests: list[Condition] = [("status <> %s", ("deleted",))]
    if search.task is not None:
        tests.append(("external_id = %s", (search.task,)))
    elif search.name is not None:
        tests.append(("left(name, %s) = %s", (len(search.name), search.name)))
    if search.mode == "GROUNDTRUTH":
        tests.append(("stage = %s", (GROUND_TRUTH,)))
    elif search.mode not in {"ALL", "COMPLETED", "FAILED"}:
        tests.append(("stage = %s", (search.stage,)))
    return tests


def _search(query: QueryDict, answers: RedBrickAnswers) -> TaskSearch:
    mode = next((mode for mode in MODES if mode == query.get("search")), None)
    wrong: list[FieldProblem] = []
    if mode is None and (asked := query.get("search")):
        wrong.append(unknown("search", asked, "The search", MODES))
    stages = tuple(answers.platform.bricks)
    if (stage := query.get("stage_name")) and stage not in stages:
        wrong.append(unknown("stage_name", stage, "The stage", stages))
    user = None
    if called := query.get("user_id"):
        user = person_of(answers, called)
        if user is None:
            wrong.append(FieldProblem("user_id", "unknown", f"Nobody here is “{called[:100]}” (id or e-mail address)."))
    since, until = _between(query, wrong)
    if wrong:
        raise WrongRequest(*wrong)
    platform = answers.platform
    try:
        return resolve(
            mode,
            label_stages=platform.of_brick(LABEL),
            review_stages=platform.of_brick(REVIEW),
            output_stage=next(iter(platform.of_brick(OUTPUT)), "Output"),
            stage=stage or None,
            user=user.external_id if user else None,
            task=_text(query, "task_id") or None,
            name=_text(query, "task_name") or None,
            exact=_flag(query, "exact_match", False),
            completed_from=since,
            completed_to=until,
        )
    except BadSearch as error:
        raise WrongRequest(FieldProblem("search", "invalid", f"{error}.")) from None


def _between(query: QueryDict, wrong: list[FieldProblem]) -> tuple[datetime | None, datetime | None]:
    """`completed_at`: from, or from and to, in seconds since 1970, separated by a comma."""
    raw = query.get("completed_at")
    if not raw:
        return None, None
    moments = [_seconds(part) for part in raw.split(",")]
    if len(moments) > 2 or None in moments:
        text = f"“completed_at” is “{raw[:100]}”; it is one time, or two with a comma, in seconds since 1970."
        wrong.append(FieldProblem("completed_at", "invalid", text))
        return None, None
    return moments[0], moments[1] if len(moments) > 1 else None


def _tasks_scan(project: Project, tests: Sequence[Condition]) -> Scan:
    return Scan(
        "audit_task",
        ("id", "number", "external_id", "name", "stage", "status", "last_at"),
        ("number",),
        within=(("project_id = %s", (project.pk,)),),
        tests=tuple(tests),
        newest_first=False,
    )


def _rows(page: Page) -> list[Task]:
    found = Task.objects.in_bulk([row["id"] for row in page.rows])
    return [found[row["id"]] for row in page.rows if row["id"] in found]


def _page(request: Request, found: list[Any], cursor: str | None, count: Count, kind: str) -> Response:
    address = None
    if parts := wanted_of(query_of(request).get("fields"), MEMBERS[kind]):
        found = [pick(row, parts) for row in found]
    if cursor:
        query = query_of(request).copy()
        query["cursor"] = cursor
        address = request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
    return Response({"results": found, "next": address, "count": {"value": count.value, "exact": count.exact}})


def _redbrick(request: Request, pk: int) -> Project:
    project = access.project(request.user, pk)
    _of_redbrick(project)
    return project


def _of_redbrick(project: Project) -> None:
    if project.source.kind != "redbrick":
        raise Http404(f"{project.name} is no project of RedBrick AI; its events are at events/.")


def _check(query: QueryDict, known: Sequence[str]) -> None:
    if wrong := check_keys(query, known):
        raise WrongRequest(*wrong)


def _text(query: QueryDict, name: str) -> str:
    """The value as the record's columns hold it."""
    return (query.get(name) or "").replace("\0", "\ufffd")


def _flag(query: QueryDict, name: str, otherwise: bool) -> bool:
    raw = query.get(name)
    if not raw:
        return otherwise
    if raw.lower() not in {"true", "false"}:
        raise WrongRequest(FieldProblem(name, "invalid", f"“{name}” is “{raw[:100]}”; it is true or false."))
    return raw.lower() == "true"


def _moment(query: QueryDict, name: str) -> datetime | None:
    raw = query.get(name)
    if not raw:
        return None
    found = _seconds(raw)
    if found is None:
        text = f"“{name}” is “{raw[:100]}”; it is a number of seconds since 1970."
        raise WrongRequest(FieldProblem(name, "invalid", text))
    return found


def _seconds(raw: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(raw), UTC)
    except (ValueError, OverflowError, OSError):
        return None
