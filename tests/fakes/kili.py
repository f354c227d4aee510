"""Kili on this machine, with invented projects: operations, filters and paging as its SDK (26.2.4) uses them."""

from __future__ import annotations

import json
from typing import Any

from audit.demo.loopback import Loopback, Request, Response
from audit.demo.redbrick.graphql import Field, parse, picked
from tests.fakes.kili_story import KEY, Json, Told, world

PATH = "/api/label/v2/graphql"
TYPES: dict[str, set[str]] = {
    "Query": {
        "assets",
        "countAssets",
        "projects",
        "projectUsers",
        "countProjectUsers",
        "issues",
        "countIssues",
        "labels",
        "events",
    },
    "Comment": {"id", "text", "createdAt", "author"},
    "User": {"id", "email", "firstname", "lastname"},
    "Event": {"createdAt", "event", "id", "organizationId", "payload", "projectId", "userId"},
    "ProjectUser": {"id", "role", "status", "activated", "user"},
}
"""What the schema tells of types beside those that stand in the story."""
_JSON = ("jsonInterface", "jsonMetadata", "jsonResponse")


class FakeKili(Loopback):
    """A running server. `projects` may be changed; with `in_files`, what labels say is fetched from addresses.

    `files` are other JSON that addresses lead to, by their names. `closed` says how the record of events is not to be
    had: "schema" (the installation has no such query) or "rights".
    `unknown` are fields that this installation's schema does not have.
    """

    def __init__(self, projects: dict[str, Told] | None = None, port: int = 0) -> None:
        super().__init__(port)
        self.projects = world() if projects is None else projects
        self.key = KEY
        self.in_files = False
        self.files: dict[str, Any] = {}
        self.closed = ""
        self.unknown: set[str] = set()
        self.says_schema = True

    def refusal(self, request: Request) -> Response | None:
        """Wrong paths and keys."""
        if request.method == "GET":
            return None if dict(request.query).get("X-Amz-Signature") == "0123" else Response(403, {})
        if request.path != PATH:
            return Response(404, {})
        right = request.headers.get("authorization") == f"X-API-Key: {self.key}"
        return None if right else Response(401, {"message": "Unauthorized"})

    def operation(self, request: Request) -> tuple[str, Any]:
        """The query's own name with its variables, or "file" with the path."""
        if request.method == "GET":
            return "file", request.path
        asked = json.loads(request.body)
        return parse(asked["query"]).name, asked["variables"]

    def answer(self, request: Request) -> Response:
        """What the projects say."""
        if request.method == "GET":
            return self._file(request.path.rpartition("/")[2])
        asked = json.loads(request.body)
        (root, *more) = parse(asked["query"]).fields
        if root.name == "__type":
            return self._schema([root, *more])
        if self.closed == "rights" and root.name == "events":
            said = {"message": "You are not allowed to see events", "extensions": {"code": "FORBIDDEN"}}
            return Response(json={"data": None, "errors": [said]})
        if unknown := (_names(root) & self.unknown) | ({root.name} & self._hidden()):
            said = {
                "message": f"Cannot query field {sorted(unknown)[0]}",
                "extensions": {"code": "GRAPHQL_VALIDATION_FAILED"},
            }
            return Response(400, {"errors": [said]})
        value = getattr(self, f"_{root.name}")(asked["variables"])
        shown = value if isinstance(value, int) else [picked(self._wire(row), root.fields) for row in value]
        return Response(json={"data": {root.alias: shown}})

    def label(self, id_: str) -> Json:
        """The label of this id."""
        labels = (label for of in self.projects.values() for asset in of.assets for label in asset["labels"])
        found: Json = next(label for label in labels if label["id"] == id_)
        return found

    def _hidden(self) -> set[str]:
        return {"events"} if self.closed == "schema" else set()

    def _schema(self, asked: list[Field]) -> Response:
        if not self.says_schema:
            return Response(400, {"errors": [{"message": "GraphQL introspection is not allowed"}]})
        told = next(iter(self.projects.values()))
        asset = max(told.assets, key=lambda found: len(found["labels"]), default={"labels": []})
        types = {
            **TYPES,
            "Project": set(told.settings),
            "Asset": set(asset) | {"ocrMetadata", "latestLabel"},
            "Label": {*(asset["labels"][0] if asset["labels"] else {"id": 0}), "jsonResponse", "jsonResponseUrl"},
            "Issue": {"id", "createdAt", "status", "type", "assetId", "author", "assignee", "objectMid", "comments"},
        }
        data: dict[str, Any] = {}
        for one in asked:
            known = types.get(one.alias)
            left = None if known is None else sorted(known - self.unknown - self._hidden())
            data[one.alias] = None if left is None else {"fields": [{"name": name} for name in left]}
        return Response(json={"data": data})

    def _wire(self, value: Any) -> Any:
        """The story's dicts as Kili sends them: some JSON as text, addresses of this server."""
        if isinstance(value, list):
            return [self._wire(entry) for entry in value]
        if isinstance(value, str):
            return value.replace("{BASE}", self.url)
        if not isinstance(value, dict):
            return value
        found = {name: entry if name in _JSON else self._wire(entry) for name, entry in value.items()}
        if "jsonResponse" in found:
            address = f"{self.url}/files/{found['id']}.json?X-Amz-Signature=0123"
            found["jsonResponseUrl"] = address if self.in_files else None
            if self.in_files:
                found["jsonResponse"] = None
        for name in _JSON:
            if not isinstance(found.get(name), str | None):
                found[name] = json.dumps(found[name])
        return found

    def _file(self, name: str) -> Response:
        if name.endswith(".jpg"):
            return Response(body=b"\xff\xd8" + name.encode(), headers={"Content-Type": "image/jpeg"})
        if name in self.files:
            return Response(json=self.files[name])
        return Response(json=self.label(name.removesuffix(".json"))["jsonResponse"])

    def _told(self, variables: Json) -> Told:
        where = variables["where"]
        id_ = where["projectId"] if "projectId" in where else where["project"]["id"]
        return self.projects.get(id_) or Told({})

    def _projects(self, variables: Json) -> list[Json]:
        where = variables["where"]
        return _paged([told.settings for id_, told in self.projects.items() if where.get("id", id_) == id_], variables)

    def _projectUsers(self, variables: Json) -> list[Json]:
        return _paged(self._told(variables).members, variables)

    def _countProjectUsers(self, variables: Json) -> int:
        return len(self._told(variables).members)

    def _countAssets(self, variables: Json) -> int:
        return len(self._matching(variables))

    def _assets(self, variables: Json) -> list[Json]:
        return [{**asset, "latestLabel": _latest(asset)} for asset in _paged(self._matching(variables), variables)]

    def _matching(self, variables: Json) -> list[Json]:
        where = variables["where"]
        found = self._told(variables).assets
        if "idIn" in where:
            found = [asset for asset in found if asset["id"] in where["idIn"]]
        if "updatedAtGte" in where:
            found = [asset for asset in found if asset["updatedAt"][:10] >= where["updatedAtGte"][:10]]
        return found

    def _issues(self, variables: Json) -> list[Json]:
        wanted = variables["where"].get("assetIn")
        found = [issue for issue in self._told(variables).issues if wanted is None or issue["assetId"] in wanted]
        return _paged(found, variables)

    def _countIssues(self, variables: Json) -> int:
        return len(self._told(variables).issues)

    def _events(self, variables: Json) -> list[Json]:
        where = variables["where"]
        found = self._told(variables).events
        if (name := where.get("event")) is not None:
            found = [event for event in found if event["event"] == name]
        if (since := where.get("createdAtGte")) is not None:
            found = [event for event in found if event["createdAt"][:10] >= since[:10]]
        return _paged(found, variables["pagination"])


def _latest(asset: Json) -> Json | None:
    """The newest label that a person submitted or corrected."""
    found = [label for label in asset["labels"] if label["labelType"] in ("DEFAULT", "REVIEW")]
    return max(found, key=lambda label: label["createdAt"], default=None)


def _paged(rows: list[Json], by: Json) -> list[Json]:
    return rows[by["skip"] : by["skip"] + by["first"]]


def _names(field: Field) -> set[str]:
    found = {inner.name for inner in field.fields or ()}
    for inner in field.fields or ():
        found |= _names(inner)
    return found
