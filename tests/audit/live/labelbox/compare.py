"""Where the record is not what the invented Labelbox has, told by its own story and not by how we read it."""

from __future__ import annotations

from collections import Counter, defaultdict

from audit.models import ActiveTime, Event, LabelVersion, Project, Task
from tests.audit.live.compare import faults_of, unlike
from tests.fakes.labelbox_story import PROJECT, Json, World

V2 = "performance_details_v2"
ACTIONS = {
    "SUBMITTED": "task.submitted",
    "REJECTED": "review.rejected",
    "REWORK_SUBMITTED": "rework.submitted",
    "APPROVED": "review.accepted",
    "Move": "task.moved",
    "Approve": "task.moved",
    "Reject": "task.moved",
}


def differences(project: Project, world: World, *, deleted: int = 0, times: bool = True) -> list[str]:
    """Where tasks, labels, trails and active time are not those of the platform now, or the log does not hold.

    `deleted` tasks were there once. Without `times`, active time may be another.
    """
    tasks = Task.objects.filter(project=project).exclude(status="deleted")
    names = {id_: row["data_row"]["external_id"] for id_, row in world.rows.items()}
    wrong = [*faults_of(project.log), *unlike("tasks", {task.external_id: task.name for task in tasks}, names)]
    wrong += unlike("deleted tasks", Task.objects.filter(project=project, status="deleted").count(), deleted)
    events: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for task, type_, source_type in Event.objects.filter(log__project=project).values_list(
        "task__external_id", "type", "source_type"
    ):
        events[task][type_, source_type] += 1
    labels: dict[str, set[str]] = defaultdict(set)
    for task, label in LabelVersion.objects.filter(project=project, to_index=None).values_list(
        "task__external_id", "external_id"
    ):
        labels[task].add(label)
    spent: Counter[tuple[str, str]] = Counter()
    for task, stage, milliseconds in ActiveTime.objects.filter(project=project, to_index=None).values_list(
        "task__external_id", "stage", "milliseconds"
    ):
        spent[task, stage] += milliseconds
    for id_, row in world.rows.items():
        told = Counter({key: count for key, count in events[id_].items() if key[1] in ACTIONS})
        wrong += unlike(f"trail of {id_}", told, _told(world, id_))
        wrong += unlike(f"labels of {id_}", labels[id_], _labels(world, id_))
        for kind in ("create", "review", "rework"):
            found = [label["performance_details"][V2][f"seconds_to_{kind}"] for label in world.labels(row)]
            if times:
                wrong += unlike(f"milliseconds of {id_} ({kind})", spent[id_, kind], round(1000 * sum(found)))
        for issue in (one for one in world.issues if one["dataRowId"] == id_):
            meant = {
                ("issue.opened", "ISSUE"): 1,
                ("comment.added", "COMMENT"): len(issue["comments"]),
                ("issue.resolved", "ISSUE_STATUS"): int(issue["status"] == "Resolved"),
            }
            wrong += unlike(f"issues of {id_}", {key: events[id_][key] for key in meant}, meant)
    return wrong


def _told(world: World, row: str) -> Counter[tuple[str, str]]:
    history = world.rows[row]["projects"][PROJECT]["project_details"]["workflow_history"]
    actions = [one["action"] for one in history]
    actions += [one["action"] for one in world.versions if one["dataRowId"] == row]
    return Counter((ACTIONS[action], action) for action in actions)


def _labels(world: World, row: str) -> set[str]:
    found = {label["id"] for label in world.labels(world.rows[row])}
    for model in world.runs.get(row, {}).values():
        for run, said in model["runs"].items():
            found |= {f"{run}/{label['id']}" for label in _both(said)}
    return found


def _both(run: Json) -> list[Json]:
    return [*run["labels"], *run["predictions"]]
