"""What the API's description says of every operation alike: a drf-spectacular hook, run when all are described."""

from __future__ import annotations

from typing import Any

from exportsite.problems import MEDIA_TYPE, body, unknown

TAGS = {
    "projects": "Projects, their tasks, events and active time, their logs and schedules.",
    "tasks": "One task: what it is now, its trail, its active time.",
    "sources": "Platforms and files that projects are read from.",
    "sync-runs": "Readings of a source.",
    "formats": "What exports can be made of.",
    "exports": "Exports: asked for, made by a worker, downloaded.",
    "reports": "PDF reports, the same way.",
}
ABOUT = """The audit trail and export service for annotation projects.

**Who asks.** A program sends `Authorization: Bearer lt_…`, a token that is made on the page “Account”; a browser sends
the cookie of somebody who signed in (and what changes something, Django's `X-CSRFToken` as well). What one may not see
does not exist: 404. What one may see but not do is 403.

**Lists** answer `{"results": […], "next": address or null, "count": {"value", "exact"}}`. Follow `next` until it is
null; a page may have fewer rows than `limit`, even none, and still have a `next`. `fields=a,b.c` leaves all other
members out.

**Runs** (exports, reports, syncs) are asked for with POST: 202, and `Location` says where to look how far they are;
`Retry-After` says after how many seconds to look again, as long as they are not over.
An `Idempotency-Key` makes it safe to send the same again.

**Problems** are documents of RFC 9457, `application/problem+json`: `detail` is for people, `errors` names each thing
that is wrong. Query keys and members that an address does not know are refused.

Ids are ours; `external_id` is the platform's. Times are UTC, ISO 8601. `null` means: not recorded."""

MEANINGS = {
    400: "The request can't be answered as it was asked; `errors` says why.",
    401: "Nobody is known to have asked: no token, or one that is not good any more.",
    403: "Whoever asks may see this, but may not do it; or their token lacks the scope.",
    404: "There is none, or none that whoever asks may see.",
    406: "`Accept` admits no media type that this is answered in.",
    409: "It can't be done as things are.",
    410: "The file is no longer kept. Its record stays.",
    413: "The body is too long.",
    415: "The body is not `application/json`.",
    416: "The file has no such part.",
    422: "The Idempotency-Key came with another body.",
    429: "Too many wrong passwords: the account, or the address, rests for a quarter of an hour.",
    500: "The fault is on the server's side, and was written to its log.",
}
_UNKNOWN = unknown("stat", "stat", "The query key", ("state", "project"))
PROBLEMS = {
    400: body(400, _UNKNOWN.text, [_UNKNOWN]),
    401: body(401, "This token is not known, has ended or was revoked. Make another."),
    403: body(403, "The token lacks the scope “export”."),
    404: body(404, "There is no project 7."),
    406: body(406, "Could not satisfy the request Accept header."),
    409: body(409, "It is over: succeeded."),
    410: body(410, "This file is no longer kept. Its name, size and SHA-256 stay in the record; ask for it anew."),
    413: body(413, "The body is longer than 1,048,576 bytes."),
    415: body(415, "Send the body as application/json."),
    416: body(416, "The file has 48,213 bytes; there is nothing at this place."),
    422: body(422, "This Idempotency-Key came with another body in the last 24 hours."),
    429: body(429, "After 5 wrong passwords this account rests until 09:30 UTC. Then the right one works."),
    500: body(500, "The fault is on our side and has been written to the server’s log."),
}
EXAMPLES: dict[str, Any] = {
    "limit": 100,
    "order": "oldest",
    "from": "2026-03-02T08:00:00Z",
    "to": "2026-03-31",
    "words": "lesion missing",
    "external_id": ["018f6a2e-6c9a"],
    "person": ["kq3v7m2xw4ahz5nt"],
    "stage": ["Review_1"],
    "status": ["submitted"],
    "type": ["review.rejected"],
    "source_type": ["TASK_SAVED"],
    "Idempotency-Key": "nightly-2026-03-31",
    "Range": "bytes=1048576-",
    "line": 20_000,
    "file": "trail.ndjson",
}


def finish(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add what all operations have in common, and examples. It changes and returns the description."""
    result["info"]["description"] = ABOUT
    result["servers"] = [{"url": "/"}]
    result["tags"] = [{"name": name, "description": text} for name, text in TAGS.items()]
    for path, operations in result["paths"].items():
        for operation in operations.values():
            _describe(path, operation)
            _name_fields(operation, result["components"]["schemas"])
    return result


def _describe(path: str, operation: dict[str, Any]) -> None:
    segment = path.removeprefix("/api/").removeprefix("v1/").split("/")[0]
    operation["tags"] = [segment]
    operation["summary"] = operation.get("description", "").split(". ")[0].split("\n")[0].rstrip(".")
    for parameter in operation.get("parameters", ()):
        _parameter(parameter)
    answers = operation["responses"]
    common = {401, 403, 500} | ({413, 415} if "requestBody" in operation else set())
    if any("application/json" in answer.get("content", {}) for answer in answers.values()):
        common.add(406)
    for status in common:
        answers.setdefault(str(status), {})
    for status, answer in answers.items():
        number = int(status)
        if number >= 400:
            schema = {"$ref": "#/components/schemas/Problem"}
            answer["content"] = {MEDIA_TYPE: {"schema": schema, "example": PROBLEMS[number]}}
            answer["description"] = MEANINGS[number]
        elif not answer.get("description"):
            answer["description"] = "Accepted: it is queued." if number == 202 else "The answer."
        if number == 202:
            answer["headers"] = {
                "Location": _header("Where to look how far it is."),
                "Retry-After": _header("After so many seconds it is worth looking."),
            }
        elif number in (200, 206) and "304" in answers:
            answer["headers"] = {"ETag": _header("The file's SHA-256."), "Accept-Ranges": _header("`bytes`")}
            if number == 206:
                answer["headers"]["Content-Range"] = _header("Which bytes, of how many.")
        elif number == 401:
            answer["headers"] = {"WWW-Authenticate": _header("`Bearer`, and what is wrong with the token.")}
    operation["responses"] = dict(sorted(answers.items()))


def _parameter(parameter: dict[str, Any]) -> None:
    """Its example, and the bounds of numbers: none is negative."""
    schema, name = parameter["schema"], parameter["name"]
    if schema.get("type") == "integer":
        schema.setdefault("minimum", 0)
        if name == "limit":
            schema["minimum"] = 1
            if "500" in parameter.get("description", ""):
                schema["maximum"] = 500
    example = EXAMPLES.get(name)
    if isinstance(example, list) and schema.get("type") != "array":
        (example,) = example
    if example is not None and not (name == "from" and schema.get("type") == "integer"):
        parameter["example"] = example


def _name_fields(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    """An example of `fields`: the first two members of what is answered."""
    found = [one for one in operation.get("parameters", ()) if one["name"] == "fields"]
    for parameter in found:
        schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
        if "$ref" not in schema:  # Shaped like another system's.
            parameter["example"] = "taskId,currentStageName"
            continue
        shape = _of(schema, schemas)
        if "results" in shape:
            shape = _of(shape["results"]["items"], schemas)
        parameter["example"] = ",".join(list(shape)[:2])


def _of(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    """The members of a component that is referred to."""
    members: dict[str, Any] = schemas[schema["$ref"].rpartition("/")[2]]["properties"]
    return members


def _header(text: str) -> dict[str, Any]:
    return {"schema": {"type": "string"}, "description": text}


def add_examples(result: dict[str, Any], examples: dict[str, Any]) -> dict[str, Any]:
    """Give components their examples, and lists of them theirs."""
    schemas = result["components"]["schemas"]
    for name, example in examples.items():
        schemas[name]["example"] = example
        if listing := schemas.get(f"{name}List"):
            count = {"value": 1, "exact": True}
            listing["example"] = {"results": [example], "next": None, "count": count}
    return result
