"""What we ask RedBrick AI: its SDK's operations (checked against redbrick-sdk 2.35.4), names, variables and fields.

What is beyond them in the events' page the SDK asks for in its export: `cacheTime`, the server's clock, the latest task
data, and whose data the current stage has.
"""

from __future__ import annotations

USER = "userId email givenName"
PIN = "pinId pointX pointY pointZ frameIndex volumeIndex"
ATTRIBUTE = (
    "name attrType attrId options { name optionId color archived } archived parents hint "
    "defaultValue minValue maxValue stepValue"
)
_LEVEL = "name classId disabled"
_CATEGORY = (
    f"name children {{ {_LEVEL} children {{ {_LEVEL} children {{ {_LEVEL} "
    f"children {{ {_LEVEL} children {{ {_LEVEL} children {{ {_LEVEL} }} }} }} }} }} }}"
)
_OLD_ATTRIBUTE = "name attrType whitelist disabled"
TAXONOMY = f"""orgId name version createdAt
  categories {{ {_CATEGORY} }} attributes {{ {_OLD_ATTRIBUTE} }}
  taskCategories {{ {_CATEGORY} }} taskAttributes {{ {_OLD_ATTRIBUTE} }}
  colorMap {{ name color classid trail taskcategory }} archived isNew taxId
  studyClassify {{ {ATTRIBUTE} }} seriesClassify {{ {ATTRIBUTE} }} instanceClassify {{ {ATTRIBUTE} }}
  objectTypes {{ category classId labelType attributes {{ {ATTRIBUTE} }} color archived parents hint }}"""
STAGE = """stageName brickName stageConfig routing {
  ... on NoRouting { placeholder }
  ... on NextRouting { nextStageName }
  ... on MultiRouting { stageNames }
  ... on BooleanRouting { passed failed }
  ... on FeedbackRouting { feedbackStageName } }"""

PROJECT = f"""query getProjectSDK($orgId: UUID!, $projectId: UUID!) {{
 project(orgId: $orgId, projectId: $projectId) {{
  orgId projectId name desc status tdType taxonomy {{ {TAXONOMY} }} projectUrl createdAt updatedAt
  consensusSettings {{ enabled }} workspace {{ workspaceId }} stages {{ {STAGE} }} }} }}"""

PROJECTS = """query getProjectsSDK($orgId: UUID!, $active: Boolean) {
 projects(orgId: $orgId, active: $active) { orgId projectId name desc status } }"""

MEMBERS = """query membersSDK($orgId: UUID!, $onlyActive: Boolean) {
 members(orgId: $orgId, onlyActive: $onlyActive) {
  user { userId email givenName familyName mfaSetup lastSeen updatedAt idProvider } role tags active lastSeen } }"""


def _datapoint(items: str) -> str:
    return f"""dpId name {items} createdAt createdByEntity {{ {USER} }} metaData
  seriesInfo {{ name itemsIndices dataType metaData imageHeaders localToWorldTransform }}
  heatMaps {{ seriesIndex seriesName name item preset dataRange opacityPoints opacityPoints3d rgbPoints }}
  transforms {{ seriesIndex transform }} centerline {{ seriesIndex name centerline }}
  storageMethod {{ storageId }} attributes archived cohorts {{ name }}"""


TASK_DATA = f"""tdId createdAt createdByEntity {{ {USER} }} labelsData(interpolate: true)
  labelsDataPath(presigned: false) labelsStorage {{ storageId }}
  labelsMap(presigned: false) {{ seriesIndex imageIndex labelName }}"""
_ID = "taskData { tdId }"

_COMMENT = f"commentId createdBy {{ {USER} }} textVal createdAt stageName issueComment issueResolved labelEntityLabelId"
TASK = f"""taskId currentStageName datapoint {{ {_datapoint("items(presigned: false)")} }} priority
 latestTaskData {{ {TASK_DATA} }}
 currentStageSubTask(consensus: true) {{
  ... on LabelingTask {{ {_ID} subTasks {{ {_ID} }} consensusInfo {{ {_ID} }} }} }}
 genericEvents {{ __typename
  ... on TaskEvent {{ eventId createdAt updatedBy
   createEvent {{ currentStageName isGroundTruth priority }}
   inputEvent {{ currentStageName overallConsensusScore priority
    consensusInfo {{ user {{ {USER} }} taskData {{ tdId }} scores {{ user {{ {USER} }} score }} }} }}
   outputEvent {{ currentStageName cycleCount outputBool nextStageName timeSpentMs extraData
    multiLabels {{ user {{ {USER} }} taskData {{ tdId }} }} }}
   taskData {{ tdId stageName createdBy }} }}
  ... on Comment {{ {_COMMENT} taskData {{ tdId }} replies {{ {_COMMENT} pin {{ {PIN} }} }} pin {{ {PIN} }} }}
  ... on TaskStateChanges {{ stageNameAfter: stageName assignedAtAfter createdAt updatedBy statusBefore statusAfter
   assignedToBeforeEntity {{ {USER} }} assignedToAfterEntity {{ {USER} }}
   consensusAssigneesBefore consensusAssigneesAfter consensusStatusesBefore consensusStatusesAfter
   reviewResultBefore reviewResultAfter }} }}"""

TASKS = f"""query taskEventsSDK($orgId: UUID!, $projectId: UUID!, $stageName: String, $cacheTime: DateTime,
 $first: Int, $after: String) {{
 tasksPaged(orgId: $orgId, projectId: $projectId, stageName: $stageName, cacheTime: $cacheTime,
  first: $first, after: $after) {{ entries {{ {TASK} }} cursor cacheTime }} }}"""

ONE_TASK = f"""query taskSDK($orgId: UUID!, $projectId: UUID!, $taskId: UUID!) {{
 task(orgId: $orgId, projectId: $projectId, taskId: $taskId) {{ {TASK} }} }}"""

ONE_LABEL = f"""query taskDataSDK($orgId: UUID!, $projectId: UUID!, $taskId: UUID, $tdId: UUID) {{
 taskData(orgId: $orgId, projectId: $projectId, taskId: $taskId, tdId: $tdId) {{ {TASK_DATA} }} }}"""

PRESIGN = """query presignItemsSDK($orgId: UUID!, $storageId: UUID!, $items: [String]!) {
 presignItems(orgId: $orgId, storageId: $storageId, items: $items) }"""

COUNT = """query tasksPagedSDK($orgId: UUID!, $projectId: UUID!, $stageName: String, $first: Int) {
 tasksPaged(orgId: $orgId, projectId: $projectId, stageName: $stageName, first: $first) { count } }"""

ACTIVE_TIME = f"""query taskActiveTimeSDK($orgId: UUID!, $projectId: UUID!, $stageName: String!, $taskId: UUID,
 $first: Int, $after: String) {{
 taskActiveTime(orgId: $orgId, projectId: $projectId, stageName: $stageName, taskId: $taskId,
  first: $first, after: $after) {{ entries {{ taskId user {{ {USER} }} timeSpent cycle date }} cursor }} }}"""

_WORK = f"assignedTo {{ {USER} }} state assignedAt progressSavedAt completedAt completionTimeMs"
LIST = f"""query tasksListSDK($orgId: UUID!, $projectId: UUID!, $stageName: String, $taskSearch: String,
 $manualLabelingFilters: TasksFilter, $first: Int, $after: String) {{
 genericTasks(orgId: $orgId, projectId: $projectId, stageName: $stageName, taskSearch: $taskSearch,
  manualLabelingFilters: $manualLabelingFilters, first: $first, after: $after) {{
  entries {{ taskId currentStageName createdAt updatedAt priority datapoint {{ {_datapoint("")} }}
   currentStageSubTask {{ ... on LabelingTask {{ {_WORK} subTasks {{ {_WORK} }} }} }} }} cursor }} }}"""
