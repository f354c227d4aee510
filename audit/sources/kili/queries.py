"""What is asked of Kili: the SDK's operations (kili 26.2.4), with the fields that this installation's schema has.

Versions of Kili differ in their fields, and one that does not exist fails a whole query. So the schema is asked first:
a field with "?" is left out where the schema does not confirm it, any other only where the schema says it is not there.
"""

from __future__ import annotations

from collections.abc import Mapping

Schema = Mapping[str, frozenset[str]]
"""The fields of each type that could be asked for; types that nobody told of are missing."""

# A field of a type of its own is written with it: "author:User".
FIELDS: Mapping[str, tuple[str, ...]] = {
    "Project": (
        *("id", "title", "description", "inputType", "jsonInterface", "workflowVersion", "geospatialSettings"),
        *("?createdAt", "?updatedAt", "?archivedAt", "consensusTotCoverage", "minConsensusSize", "reviewCoverage"),
        *("?useHoneyPot", "dataConnections:DataConnection", "steps:Step"),
    ),
    "Found": ("id", "title", "description"),
    "DataConnection": ("id",),
    "Step": ("id", "name", "type", "stepGroupId", "assignees:Assignee"),
    "Assignee": ("id", "email"),
    "ProjectUser": ("id", "role", "status", "activated", "user:User"),
    "User": ("id", "email", "firstname", "lastname"),
    "Asset": (
        *("id", "externalId", "content", "jsonContent", "jsonMetadata", "status", "?skipped", "?isHoneypot"),
        *("?consensusMark", "?honeypotMark", "?inferenceMark", "priority", "createdAt", "?updatedAt"),
        *("resolution:Resolution", "pageResolutions:PageResolution", "currentStep:CurrentStep", "?ocrMetadata"),
        *("?isConsensus", "?geospatialExportMetadata"),
        *("labels:Label", "?latestLabel:LabelId"),
    ),
    "LabelId": ("id",),
    "Resolution": ("width", "height"),
    "PageResolution": ("pageNumber", "width", "height", "rotation"),
    "CurrentStep": ("name", "status", "stepGroupName"),
    "Label": (
        *("id", "jsonResponse", "jsonResponseUrl", "author:User", "createdAt", "?updatedAt", "labelType", "modelName"),
        *("secondsToLabel", "?totalSecondsToLabel", "isLatestLabelForUser", "?isLatestDefaultLabelForUser"),
        *("?isLatestReviewLabelForUser", "isSentBackToQueue", "isLastForStep", "?skipped", "?version"),
        *("?consensusMark", "?honeypotMark", "?inferenceMark"),
    ),
    "Issue": (
        *("id", "createdAt", "status", "type", "assetId", "?updatedAt", "?issueNumber", "?objectMid", "?labelId"),
        *("?author:User", "?assignee:User", "?comments:Comment"),
    ),
    "Comment": ("id", "text", "createdAt", "author:User"),
    "Event": ("createdAt", "event", "id", "organizationId", "payload", "projectId", "userId"),
}
ASKED = ("Project", "ProjectUser", "User", "Asset", "Label", "Issue", "Comment", "Event", "Query")
"""The types whose fields the schema is asked for."""
NOT_LEGACY = frozenset({"currentStep"})
"""Fields of assets that projects without steps (workflow V1) lack."""
OF_MAPS = frozenset({"geospatialExportMetadata"})
"""Fields of assets that only projects of maps have."""

SCHEMA = (
    "query schema { " + " ".join(f'{name}: __type(name: "{name}") {{ fields {{ name }} }}' for name in ASKED) + " }"
)

COUNT = "query countAssets($where: AssetWhere!) { data: countAssets(where: $where) }"
"""How many assets there are."""

_NOTHING = "{  }"
_LISTS = {
    "assets": ("AssetWhere", "Asset"),
    "projects": ("ProjectWhere", "Project"),
    "projectUsers": ("ProjectUserWhere", "ProjectUser"),
    "issues": ("IssueWhere", "Issue"),
}


def listing(operation: str, schema: Schema, of: str = "", without: frozenset[str] = frozenset()) -> str:
    """The query for pages of a list. `of` names another set of fields than the list's own."""
    where, type_ = _LISTS[operation]
    return (
        f"query {operation}($where: {where}!, $first: PageSize!, $skip: Int!) {{ "
        f"data: {operation}(where: $where, first: $first, skip: $skip) {fields(of or type_, schema, without)} }}"
    )


def events(schema: Schema) -> str:
    """The query for pages of the project's events."""
    return (
        "query Events($where: EventsWhere!, $pagination: EventPagination!, $order: Order) { "
        f"data: events(where: $where, pagination: $pagination, order: $order) {fields('Event', schema)} }}"
    )


def fields(type_: str, schema: Schema, without: frozenset[str] = frozenset()) -> str:
    """What is asked of a type, in braces."""
    known = schema.get(type_)
    asked: list[str] = []
    for written in FIELDS[type_]:
        name, _, inner = written.lstrip("?").partition(":")
        if name in without or (known is None and written.startswith("?")) or (known is not None and name not in known):
            continue
        part = fields(inner, schema) if inner else ""
        if part != _NOTHING:
            asked.append(f"{name} {part}".rstrip())
    return "{ " + " ".join(asked) + " }"
