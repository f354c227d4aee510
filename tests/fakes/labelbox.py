"""Labelbox on this machine: its GraphQL operations by their names, and the files of exports and masks.

Unlike the real one it refuses what it does not know: filters, parameters, arguments of the wrong kind.
"""

from __future__ import annotations

import itertools
import json
import re
from typing import Any

from audit.demo.loopback import Loopback, Request, Response
from audit.demo.redbrick.graphql import parse, picked
from tests.fakes.labelbox_story import OTHER_PROJECT, PROJECT, QUEUES, USER, Json, World, user

NOW = "2026-03-05T08:00:00.000Z"
CHUNK = 20_000
INCLUDED = (
    "Attachments",
    "Embeddings",
    "Metadata",
    "DataRowDetails",
    "ProjectDetails",
    "PerformanceDetails",
    "LabelDetails",
    "InterpolatedFrames",
    "Predictions",
)
PARAMS = {"mediaTypeOverride", "projectIds", "modelRunIds", "allProjects", "allModelRuns"}
PARAMS |= {f"include{name}" for name in INCLUDED}
MASK = b"\x89PNG\r\n\x1a\n invented"


class BadRequest(Exception):
    """A request that the platform refuses, with its code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class FakeLabelbox(Loopback):
    """A running server. `chunk`: bytes after which a file of an export ends; `polls`: how often one is not ready.

    `most` items stand in a page of versions or issues.
    """

    def __init__(self, world: World, port: int = 0, *, chunk: int = CHUNK, polls: int = 1) -> None:
        super().__init__(port)
        self.world = world
        self.chunk = chunk
        self.polls = polls
        self.most = 100
        self.exports: dict[str, Json] = {}
        self._numbers = itertools.count()
        self.now = NOW

    def refusal(self, request: Request) -> Response | None:
        if request.path.startswith("/files/"):
            return None
        if request.path.startswith("/api/v1/tasks/") and self._allowed(request):
            return None
        if request.path not in ("/graphql", "/_gql") or request.method != "POST":
            return Response(404, {})
        if not self._allowed(request):
            error = {"message": "Invalid API key", "extensions": {"code": "AUTHENTICATION_ERROR"}}
            return Response(200, {"errors": [error], "data": None})
        return None

    def _allowed(self, request: Request) -> bool:
        return request.headers.get("authorization") == f"Bearer {self.world.key}"

    def operation(self, request: Request) -> tuple[str, Any]:
        if request.method == "GET":
            return ("file" if request.path.startswith("/files/") else "mask"), request.path
        asked = json.loads(request.body)
        return _parsed(asked["query"]).name, asked.get("variables") or {}

    def answer(self, request: Request) -> Response:
        if request.method == "GET":
            return self._file(request)
        asked = json.loads(request.body)
        query, variables = asked["query"], asked.get("variables") or {}
        operation = _parsed(query)
        try:
            data = self._data(operation.name.removesuffix("PyApi"), query, variables)
        except BadRequest as error:
            said = {"message": str(error), "extensions": {"code": error.code}}
            return Response(200, {"errors": [said], "data": None})
        return Response(json={"data": {one.alias: picked(data[one.name], one.fields) for one in operation.fields}})

    def _file(self, request: Request) -> Response:
        if request.path.startswith("/api/v1/tasks/"):
            return Response(200, body=MASK, headers={"Content-Type": "image/png"})
        _, _, export, stream, number = request.path.split("/")
        if dict(request.query).get("sig") != self.exports[export]["sig"]:
            return Response(403, {})
        body = self.exports[export][stream][int(number)][2]
        return Response(200, body=body, headers={"Content-Type": "application/x-ndjson"})

    def _data(self, name: str, query: str, variables: Json) -> Json:
        world = self.world
        skip, first = (
            map(int, (re.search(r"skip: (\d+)\s+first: (\d+)", query) or [0, 0, 100]).groups())
            if ("skip: " in query)
            else (0, 100)
        )

        def some(found: list[Any]) -> list[Any]:
            return found[skip : skip + first]

        project = variables.get("param_0") or variables.get("projectId")
        if name in ("GetProject", "GetProjectOntology"):
            known = project in (PROJECT, OTHER_PROJECT)
            return {"project": self._project(str(project)) if known else None}
        if name in ("GetProjectTaskQueues", "GetProjectResourceTags", "GetIssueCategories"):
            return {"project": self._project(str(project))}
        if name == "ProjectMemberOverview":
            members = [
                {"id": f"m-{id_}", "user": user(id_), "role": {"id": "r", "name": "LABELER"}, "accessFrom": "PROJECT"}
                for id_ in world.users
            ]
            return {"project": {"id": project, "members": some(members)}}
        if name == "GetProjectBatches":
            batch = {
                "id": "clbatch",
                "name": "batch 2026-03-01",
                "size": len(world.rows),
                "consensusSettingsJson": "{}",
            }
            nodes = [] if variables.get("from") else [{**batch, "createdAt": NOW, "updatedAt": NOW}]
            connection = {"nodes": nodes, "pageInfo": {"endCursor": "end" if nodes else None}}
            return {"project": {"id": project, "batches": connection}}
        if name == "GetProjectIssues":
            return {"project": {"issues": self._issues(variables)}}
        if name == "GetIssueComments":  # For the SDK; we ask for comments with their issues.
            return {"issue": next(one for one in world.issues if one["id"] == variables["where"]["id"])}
        if name == "GetLabelVersions":
            return {"labelVersions": self._versions(variables)}
        if name == "GetUserCreatedTasks":
            return {"user": {"id": USER, "createdTasks": [self._task(str(variables["param_0"]))]}}
        if name.startswith("exportDataRowsIn"):
            return {name: self._export(name.removeprefix("exportDataRowsIn"), variables["input"])}
        if name in ("GetExportMetadataHeader", "GetExportFileFromOffset"):
            return {"task": self._export_part(name, variables)}
        simple: dict[str, Json] = {
            "GetUser": {"user": user(USER)},
            "CurrentUser": {"user": {"timezone": "Europe/Paris"}},
            "GetProjects": {"projects": some([self._project(PROJECT), self._project(OTHER_PROJECT)])},
            "GetProjectWorkflow": {"projectWorkflow": {"projectId": project, "config": {"edges": []}}},
            "GetUsers": {"users": some([user(id_) for id_ in world.users])},
            "GetModels": {"models": some(world.models)},
            "GetDatasets": {"datasets": some([{"id": "cldataset", "name": "fixtures dataset", "rowCount": 3}])},
            "GetCatalogSavedQueries": {
                "catalogSavedQueries": [{"id": id_, "name": f"night {id_}", "filter": []} for id_ in world.slices]
            },
        }
        if name not in simple:
            raise BadRequest("GRAPHQL_VALIDATION_FAILED", f"unknown operation {name}")
        return simple[name]

    def _project(self, id_: str) -> Json:
        rows = self.world.rows if id_ == PROJECT else {}
        queues = [
            {"id": f"queue-{place}", "name": name, "queueType": "MANUAL_REVIEW_QUEUE", "dataRowCount": 1}
            for place, name in enumerate(QUEUES)
        ]
        return {
            "id": id_,
            "name": "fixtures project" if id_ == PROJECT else "an empty project",
            "description": "Invented",
            "createdAt": NOW,
            "updatedAt": self.now,
            "allowedMediaType": "IMAGE",
            "dataRowCount": len(rows),
            "autoAuditPercentage": 1.0,
            "uploadType": "Auto",
            "ontology": {"id": "clont", "name": "fixtures ontology", "normalized": self.world.ontology}
            | {"createdAt": NOW, "updatedAt": self.now, "mediaType": "IMAGE"},
            "taskQueues": queues,
            "resourceTags": [{"id": "t", "text": "audit", "color": "#ffffff"}],
            "issueCategories": [{"id": "c", "name": "Geometry", "description": None}],
        }

    def _issues(self, variables: Json) -> Json:
        row = (variables["where"].get("dataRow") or {}).get("id")
        nodes = [found for found in self.world.issues if found["labelId"] and row in (None, found["dataRowId"])]
        return self._connection(nodes, variables)

    def _versions(self, variables: Json) -> Json:
        where = variables["where"]
        if where["projectId"] != PROJECT:
            return self._connection([], variables)
        nodes = [found for found in self.world.versions if where.get("dataRowId") in (None, found["dataRowId"])]
        return self._connection(nodes, variables)

    def _export(self, of: str, asked: Json) -> Json:
        if unknown := set(asked["params"]) - PARAMS:
            raise BadRequest("GRAPHQL_VALIDATION_FAILED", f"unknown parameters {sorted(unknown)}")
        filters = asked["filters"]
        rows = list(self.world.rows.items())
        if of == "Project" and filters["projectId"] != PROJECT:
            rows = []
        if of == "Slice":
            rows = [(id_, self.world.rows.get(id_) or {"data_row": {"id": id_}}) for id_ in self._slice(filters)]
        for one in filters.get("searchQuery", {}).get("query") or ():
            if one["type"] == "data_row_id":
                rows = [(id_, row) for id_, row in rows if id_ in one["ids"]]
            elif one["type"] == "data_row_last_activity_at":
                since = one["value"]["value"].replace("+0000", ".000+00:00")
                rows = [(id_, row) for id_, row in rows if row["data_row"]["details"]["last_activity_at"] >= since]
            else:
                raise BadRequest("GRAPHQL_VALIDATION_FAILED", f"unknown filter {one['type']}")
        id_ = f"clexport{next(self._numbers)}"  # Several exports are begun at the same time.
        told = [
            self._line(id_, row, of, asked["params"], self.world.runs.get(name))
            for name, row in rows
            if name not in self.world.broken
        ]
        errors = [
            json.dumps({"data_row_id": name, "error": self.world.broken[name]}).encode() + b"\n"
            for name, _ in rows
            if name in self.world.broken
        ]
        self.exports[id_] = {"left": self.polls, "sig": "1", "status": "COMPLETE"}
        self.exports[id_] |= {"RESULT": self._chunks(told), "ERRORS": self._chunks(errors)}
        return {"taskId": id_, "isStreamable": True}

    def _slice(self, filters: Json) -> list[str]:
        if set(filters) != {"sliceId"}:
            raise BadRequest("GRAPHQL_VALIDATION_FAILED", "an export of a slice has no other filters")
        return self.world.slices[filters["sliceId"]]

    def _line(self, export: str, row: Json, of: str, params: Json, runs: Json | None) -> bytes:
        found = dict(row) if of == "Project" else {"data_row": row["data_row"]}
        if not params.get("includeEmbeddings"):
            found.pop("embeddings", None)
        if of == "Catalog" and params.get("allModelRuns") and runs:
            found["experiments"] = runs
        line = json.dumps(found, ensure_ascii=False).replace("TASK_ID", export)
        return line.replace("https://api.example.com", self.url).encode() + b"\n"

    def _chunks(self, lines: list[bytes]) -> list[tuple[int, int, bytes, int]]:
        chunks: list[tuple[int, int, bytes, int]] = []
        at, body, count = 0, b"", 0
        for place, line in enumerate(lines, 1):
            body, count = body + line, count + 1
            if len(body) >= self.chunk or place == len(lines):
                chunks.append((at, at + len(body) - 1, body, count))
                at, body, count = at + len(body), b"", 0
        return chunks

    def _task(self, id_: str) -> Json:
        export = self.exports[id_]
        ready = export["left"] <= 0
        export["left"] -= 1
        task = {"id": id_, "name": "Labeltrail", "type": "export-data-rows", "createdAt": self.now, "updatedAt": NOW}
        status = export["status"] if ready else "IN_PROGRESS"
        return {**task, "status": status, "completionPercentage": 100.0 if ready else 50.0, "errors": None}

    def _export_part(self, name: str, variables: Json) -> Json:
        export = self.exports[variables["where"]["id"]]
        chunks = export[variables["streamType"]]
        if name == "GetExportMetadataHeader":
            if not chunks:
                return {"exportMetadataHeader": None}
            size = {"totalSize": chunks[-1][1] + 1, "totalLines": sum(chunk[3] for chunk in chunks)}
            return {"exportMetadataHeader": size}
        if not isinstance(variables["offset"], str):
            raise BadRequest("GRAPHQL_VALIDATION_FAILED", "UInt64 is sent as text")
        offset, line = int(variables["offset"]), 0
        for number, (start, end, _, count) in enumerate(chunks):
            if start <= offset <= end:
                place = f"/files/{variables['where']['id']}/{variables['streamType']}/{number}?sig={export['sig']}"
                lines = {"start": line, "end": line + count - 1}
                return {
                    "exportFileFromOffset": {"offsets": {"start": start, "end": end}, "lines": lines}
                    | {"file": self.url + place}
                }
            line += count
        return {"exportFileFromOffset": None}

    def _connection(self, nodes: list[Json], variables: Json) -> Json:
        first, after = min(variables.get("first") or 100, self.most), int(variables.get("from") or 0)
        following = after + first if after + first < len(nodes) else None
        return {"nodes": nodes[after : after + first], "nextCursor": None if following is None else str(following)}


def _parsed(query: str) -> Any:
    return parse(re.sub(r"^\s*mutation", "query", query))
