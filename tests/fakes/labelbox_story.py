"""An invented workspace of Labelbox: data rows with all kinds of labels, versions, issues, model runs, people."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Json = dict[str, Any]

GOLDEN = Path(__file__).parents[1] / "golden" / "labelbox"
TEMPLATES = ("image", "video", "text", "conversational", "document", "more")
PROJECT = "clcjgei0lwjlevrvz8jdib0mc"
OTHER_PROJECT = "clotherproject00000000000"
KEY = "eyJhbGciOiJub25lIn0.an-invented-key.of-nobody"
TOOLS = {
    "BoundingBox": "rectangle",
    "Polygon": "polygon",
    "Polyline": "line",
    "Point": "point",
    "SegmentationMask": "raster-segmentation",
    "Entity": "named-entity",
    "EntityToken": "named-entity",
    "Relationship": "edge",
    "MessageSingleSelection": "message-single-selection",
    "MessageMultiSelection": "message-multi-selection",
    "MessageRanking": "message-ranking",
}
QUEUES = ("Initial labeling task", "Initial review task", "Rework (all rejected)", "Done")
PEOPLE = {
    "cluseradmin00000000000001": ("admin@example.com", "Ada Min"),
    "cluserlabeler100000000001": ("labeler1@example.com", "Lea Bel 🙂"),
    "cluserlabeler200000000002": ("labeler2@example.com", "לאה"),
    "cluserreviewer10000000001": ("reviewer1@example.com", "Rita View"),
}
USER, LABELER, _, REVIEWER = PEOPLE


def golden(name: str) -> list[Json]:
    """The rows of a golden file."""
    return [json.loads(line) for line in (GOLDEN / f"{name}.ndjson").read_text().split("\n") if line]


@dataclass
class World:
    """What the platform holds now. `rows` are exported in their order; `broken` ones can't be."""

    number: int = 20
    key: str = KEY
    rows: dict[str, Json] = field(default_factory=dict)
    versions: list[Json] = field(default_factory=list)
    issues: list[Json] = field(default_factory=list)
    runs: dict[str, Json] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)
    users: dict[str, tuple[str, str]] = field(default_factory=lambda: dict(PEOPLE))
    models: list[Json] = field(default_factory=lambda: [{"id": "clmodel", "name": "detector", "ontologyId": "clont"}])
    ontology: Json = field(default_factory=dict)
    slices: dict[str, list[str]] = field(default_factory=lambda: {"clslice": []})

    def __post_init__(self) -> None:
        templates = [row for name in TEMPLATES for row in golden(name)]
        self.ontology = ontology_of(templates)
        experiments = golden("model_run_image")[0]["experiments"]
        for number in range(self.number):
            row = copy.deepcopy(templates[number % len(templates)])
            id_ = row["data_row"]["id"] = f"clrow{number:020d}"
            row["data_row"]["external_id"] = f"{row['data_row']['external_id']} {number}"
            row["data_row"]["global_key"] = f"gk-{number}"
            row["data_row"]["row_data"] += f"?X-Goog-Signature={number}"
            for place, label in enumerate(self.labels(row)):
                label["id"] = f"cllabel{number:017d}{place}"
                self._hand_on(id_, label)
            self.rows[id_] = row
            if number % 3 == 0:
                self.issues.append(issue(number, id_, self.labels(row)))
            if number % 4 == 0:
                self.runs[id_] = copy.deepcopy(experiments)
        self.slices["clslice"] = [*list(self.rows)[::3], "clrow-of-another-project"]
        self.versions.sort(key=lambda version: version["createdAt"])

    def labels(self, row: Json) -> list[Json]:
        """The labels of a row in the project."""
        found: list[Json] = row["projects"][PROJECT]["labels"]
        return found

    def label(self, row: str, place: int = 0) -> Json:
        """One label of a data row."""
        return self.labels(self.rows[row])[place]

    def _hand_on(self, row: str, label: Json) -> None:
        if label.get("performance_details", {}).get("skipped"):
            return
        story = (
            ("SUBMITTED", "2026-03-03T09:12:00.000Z", LABELER, 0),
            ("REJECTED", "2026-03-03T15:30:00.000Z", REVIEWER, 1),
            ("REWORK_SUBMITTED", "2026-03-04T09:58:00.000Z", LABELER, 2),
            ("APPROVED", "2026-03-04T10:01:00.000Z", REVIEWER, 1),
        )
        for action, at, who, stage in story:
            self.versions.append(version(row, label, action, at, who, stage))


def version(row: str, label: Json, action: str, at: str, who: str, stage: int | None) -> Json:
    """A version of a label."""
    return {
        "id": f"{label['id']}-{action}-{at}",
        "labelId": label["id"],
        "dataRowId": row,
        "projectId": PROJECT,
        "action": action,
        "createdAt": at,
        "createdById": who,
        "stage": None
        if stage is None
        else {"taskQueueId": f"queue-{stage}", "name": QUEUES[stage], "type": "MANUAL_REVIEW_QUEUE"},
        "annotationCount": len(label["annotations"].get("objects", [])),
        "label": json.dumps({"objects": [], "at": at}),
        "labelJson": {"objects": [], "at": at},
    }


def issue(number: int, row: str, labels: list[Json]) -> Json:
    """An issue with two comments; every other one is resolved."""
    resolved = number % 2 == 0
    return {
        "id": f"clissue{number}",
        "friendlyId": f"#{number}",
        "labelId": labels[0]["id"] if labels else None,
        "dataRowId": row,
        "categoryId": None,
        "content": f"The box is too wide, see {number}. א \u0000",
        "position": {"x": 1.5, "y": 2},
        "status": "Resolved" if resolved else "Open",
        "createdBy": user(REVIEWER),
        "resolvedBy": user(LABELER) if resolved else None,
        "createdAt": "2026-03-03T15:31:00.000Z",
        "updatedAt": "2026-03-04T09:00:00.000Z",
        "resolvedAt": "2026-03-04T09:59:00.000Z" if resolved else None,
        "contentUpdatedAt": None,
        "latestReplyAt": "2026-03-03T16:00:00.000Z",
        "comments": [
            {
                "id": f"clcomment{number}-{place}",
                "content": f"Answer {place} 🙂",
                "createdBy": user(LABELER),
                "createdAt": f"2026-03-03T16:0{place}:00.000Z",
                "updatedAt": f"2026-03-03T16:0{place}:00.000Z",
            }
            for place in range(2)
        ],
    }


def user(id_: str) -> Json:
    """A user as issues name them."""
    email, name = PEOPLE[id_]
    return {
        "id": id_,
        "email": email,
        "name": name,
        "nickname": name,
        "picture": "",
        "isViewer": False,
        "isExternalUser": False,
        "createdAt": "2025-01-01T00:00:00.000Z",
        "updatedAt": "2025-01-01T00:00:00.000Z",
        "lastLoginAt": None,
    }


def ontology_of(rows: list[Json]) -> Json:
    """An ontology in which all labels of these rows can be said, in the platform's normalised form."""
    tools: dict[str, Json] = {}
    questions: dict[str, Json] = {}
    for row in rows:
        for project in row.get("projects", {}).values():
            for label in project["labels"]:
                _learn(label.get("annotations", {}), tools, questions)
    return {"tools": list(tools.values()), "classifications": list(questions.values())}


def _learn(value: Any, tools: dict[str, Json], questions: dict[str, Json]) -> None:
    if isinstance(value, list):
        for entry in value:
            _learn(entry, tools, questions)
    elif isinstance(value, dict):
        if "annotation_kind" in value:
            kind = next(tool for end, tool in TOOLS.items() if value["annotation_kind"].endswith(end))
            tool = tools.setdefault(
                value["feature_schema_id"],
                {"tool": kind, "name": value["name"], "color": "#FF0000", "required": False}
                | {"featureSchemaId": value["feature_schema_id"], "schemaNodeId": "n", "classifications": []},
            )
            for asked in value.get("classifications", []):
                _question(asked, tool["classifications"])
        elif any(name.endswith(("_answer", "_answers")) for name in value):
            found: list[Json] = []
            _question(value, found)
            questions.setdefault(value["feature_schema_id"], found[0])
        else:
            for inner in value.values():
                _learn(inner, tools, questions)


def _question(value: Json, into: list[Json]) -> None:
    name = next(key for key in value if key.endswith(("_answer", "_answers")))
    kind = name.removeprefix("conversational_").split("_")[0]
    asked = next((one for one in into if one["featureSchemaId"] == value["feature_schema_id"]), None)
    if asked is None:
        asked = {"type": kind, "name": value["value"], "instructions": value["name"], "required": False}
        asked |= {"featureSchemaId": value["feature_schema_id"], "schemaNodeId": "n", "options": []}
        into.append(asked)
    given = value[name]
    for answer in [] if kind == "text" else given if isinstance(given, list) else [given]:
        option: Json = {"label": answer["name"], "value": answer["value"], "schemaNodeId": "n"}
        option |= {"featureSchemaId": answer["feature_schema_id"], "options": []}
        for inner in answer.get("classifications", []):
            _question(inner, option["options"])
        if option["featureSchemaId"] not in [one["featureSchemaId"] for one in asked["options"]]:
            asked["options"].append(option)
