"""The operations of Labelbox's API that are used, under the names that its SDK gives them (labelbox 7.17.0)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

GRAPHQL, EXPERIMENTAL = "/graphql", "/_gql"
"""Paths of the API; issues, batches and task queues are known at the second one only."""

MAX_IDS = 2_000
"""Data rows that one export may be asked for by their ids."""

_USER = "id email name"

USER = "query GetUserPyApi{user{id}}"
PROJECT = """query GetProjectPyApi($param_0: ID!){project(where: {id: $param_0}){autoAuditNumberOfLabels
 autoAuditPercentage createdAt dataRowCount description editorTaskType isBenchmarkEnabled isConsensusEnabled
 lastActivityTime allowedMediaType modelSetupComplete name setupComplete id updatedAt uploadType}}"""
PROJECTS = """query GetProjectsPyApi($param_0: Boolean!){projects(where: {deleted: $param_0} skip: %d first: %d){
 description name id}}"""
ONTOLOGY = """query GetProjectOntologyPyApi($param_0: ID!){project(where: {id: $param_0}){ontology{
 classificationSchemaCount createdAt description mediaType name normalized objectSchemaCount id updatedAt}}}"""
TASK_QUEUES = """query GetProjectTaskQueuesPyApi($projectId: ID!){project(where: {id: $projectId}){taskQueues{
 dataRowCount description name queueType id}}}"""
WORKFLOW = """query GetProjectWorkflowPyApi($projectId: ID!){projectWorkflow(projectId: $projectId){
 projectId config createdAt updatedAt}}"""
TAGS = """query GetProjectResourceTagsPyApi($projectId: ID!){project(where: {id: $projectId}){
 resourceTags{id text color}}}"""
CATEGORIES = """query GetIssueCategoriesPyApi($projectId: ID!){project(where: {id: $projectId}){
 issueCategories{id name description}}}"""
MEMBERS = f"""query ProjectMemberOverviewPyApi($projectId: ID!){{project(where: {{id: $projectId}}){{id
 members(skip: %d first: %d){{id user{{{_USER}}} role{{id name}} accessFrom}}}}}}"""
USERS = f"query GetUsersPyApi{{users(skip: %d first: %d){{{_USER}}}}}"
DATASETS = """query GetDatasetsPyApi($param_0: Boolean!){datasets(where: {deleted: $param_0} skip: %d first: %d){
 createdAt description name rowCount id updatedAt}}"""
MODELS = "query GetModelsPyApi{models(skip: %d first: %d){name ontologyId id}}"
SLICES = "query GetCatalogSavedQueriesPyApi{catalogSavedQueries{id name description filter createdAt updatedAt}}"
BATCHES = """query GetProjectBatchesPyApi($from: String, $first: PageSize, $projectId: ID!){
 project(where: {id: $projectId}){id batches(after: $from, first: $first){
 nodes{consensusSettingsJson createdAt name size id updatedAt} pageInfo{endCursor}}}}"""
LABEL_VERSIONS = """query GetLabelVersionsPyApi($where: LabelVersionsWhereInput!, $first: Int, $from: String){
 labelVersions(where: $where, first: $first, after: $from){nodes{
 id labelId dataRowId projectId action createdAt createdById stage{taskQueueId name type} annotationCount labelJson}
 nextCursor}}"""
ISSUES = f"""query GetProjectIssuesPyApi($projectId: ID!, $where: ProjectIssueInput, $from: ID, $first: PageSize){{
 project(where: {{id: $projectId}}){{issues(where: $where, after: $from, first: $first){{nodes{{
 id friendlyId labelId dataRowId categoryId content position status createdBy{{{_USER}}} resolvedBy{{{_USER}}}
 createdAt updatedAt resolvedAt contentUpdatedAt latestReplyAt
 comments{{id content createdBy{{{_USER}}} createdAt updatedAt}}}} nextCursor}}}}}}"""
TASK = """query GetUserCreatedTasksPyApi($param_0: ID!, $param_1: ID!){user(where: {id: $param_1}){
 createdTasks(where: {id: $param_0} skip: 0 first: 100){
 completionPercentage createdAt errors name status id updatedAt}}}"""
HEADER = """query GetExportMetadataHeaderPyApi($where: WhereUniqueIdInput, $streamType: TaskStreamType!){
 task(where: $where){exportMetadataHeader(streamType: $streamType){totalSize totalLines}}}"""
CHUNK = """query GetExportFileFromOffsetPyApi($where: WhereUniqueIdInput, $streamType: TaskStreamType!,
 $offset: UInt64!){task(where: $where){exportFileFromOffset(streamType: $streamType, offset: $offset){
 offsets{start end} lines{start end} file}}}"""


def export_mutation(of: str) -> tuple[str, str]:
    """The field and the text of the mutation that begins an export; `of` is Project, Catalog or Slice."""
    field = f"exportDataRowsIn{of}"
    text = f"mutation {field}PyApi($input: {field[0].upper()}{field[1:]}Input!){{{field}(input: $input)"
    return field, f"{text}{{taskId isStreamable}}}}"


def project_export(project: str, *, since: datetime | None = None, ids: Collection[str] = ()) -> dict[str, object]:
    """What an export of a project is asked for: everything that it can tell, frames between key frames included.

    Only data rows with activity since then, or of these ids.
    """
    query: list[dict[str, object]] = []
    if since is not None:
        # The SDK drops the offset of a time and calls it UTC; ours is UTC already, so nothing is lost.
        written = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")
        value = {"operator": "GREATER_THAN_OR_EQUAL", "timezone": "UTC", "value": written}
        query.append({"type": "data_row_last_activity_at", "value": value})
    if ids:
        query.append(_ids(ids))
    asked = [
        "Attachments",
        "Embeddings",
        "Metadata",
        "DataRowDetails",
        "ProjectDetails",
        "PerformanceDetails",
        "LabelDetails",
        "InterpolatedFrames",
    ]
    return _input({"projectId": project, "searchQuery": {"scope": None, "query": query}}, asked)


def runs_export(ids: Collection[str]) -> dict[str, object]:
    """What an export of data rows is asked for to tell their model runs with labels, predictions and splits."""
    found = _input({"searchQuery": {"scope": None, "query": [_ids(ids)]}}, ("Predictions",))
    found["params"] = {**_object(found["params"]), "allModelRuns": True, "allProjects": False}
    return found


def slice_export(slice_: str) -> dict[str, object]:
    """What an export of a slice is asked for to tell which data rows it finds."""
    return _input({"sliceId": slice_}, ())


def _input(filters: dict[str, object], asked: Collection[str]) -> dict[str, object]:
    params: dict[str, object] = {"mediaTypeOverride": None, **{f"include{name}": True for name in asked}}
    return {
        "taskName": "Labeltrail",
        "isStreamableReady": True,
        "filters": filters,
        "params": params,
        "streamable": True,
    }


def _ids(ids: Collection[str]) -> dict[str, object]:
    return {"ids": list(ids), "operator": "is", "type": "data_row_id"}


def _object(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}
