"""The 79 kinds of events of Kili's own record (kili-events 26.2.1), and what each is in ours.

A kind that is not here, because Kili has it since, is `activity.recorded` under its own name.
"""

from __future__ import annotations

import re

OTHER = "activity.recorded"

CREATED, DELETED, DESTROYED = "asset.created", "asset.deleted", "asset.destroyed"
SUBMITTED, REVIEWED = "label.workflow.created.default", "label.workflow.created.review"
LABEL_CREATED = "label.workflow.created."
REJECTED = "label.workflow.rejected"
STEP_CHANGED, STATUS_CHANGED = "asset.workflow.currentStep.changed", "asset.workflow.currentStep.statusChanged"
BEGUN = frozenset({"IN_PROGRESS", "DOING"})
"""The statuses of a step that say that somebody began; the second is the older word."""

MAPPED = {
    CREATED: "task.created",
    DELETED: "task.deleted",
    DESTROYED: "task.deleted",
    "asset.skipped": "task.skipped",
    "asset.unskipped": "task.reopened",
    "asset.issue.created": "issue.opened",
    "asset.issue.resolved": "issue.resolved",
    "asset.issue.cancelled": "issue.resolved",
    "asset.question.created": "issue.opened",
    "asset.question.resolved": "issue.resolved",
    "asset.question.cancelled": "issue.resolved",
    "asset.workflow.assigned": "task.assigned",
    STEP_CHANGED: "task.moved",
    "asset.workflow.step.consensus.activated": "consensus.edited",
    "asset.workflow.step.consensus.deactivated": "consensus.edited",
    "asset.analytics.consensus.computed": "consensus.computed",
    SUBMITTED: "task.submitted",
    "label.workflow.validated": "review.accepted",
    REJECTED: "review.rejected",
    "label.workflow.revisionStarted": "task.reopened",
    "label.workflow.edited": "label.updated",
}
"""What has a type of its own. `label.workflow.created.default` is `rework.submitted` after a rejection,
`label.workflow.created.review` is `review.corrected` when the reviewer's label says something else than the one before,
`asset.workflow.currentStep.statusChanged` is `task.started` when work begins."""

KEPT = (
    STATUS_CHANGED,
    REVIEWED,
    "asset.analytics.honeypot.computed",
    "asset.analytics.labelMetric.consensus.computed",
    "asset.analytics.labelMetric.consensus.started",
    "asset.analytics.labelMetric.honeypot.computed",
    "asset.analytics.labelMetric.honeypot.started",
    "asset.analytics.labelMetric.inference.computed",
    "asset.analytics.labelMetric.inference.started",
    "asset.analytics.labelMetric.reviewScore.computed",
    "asset.analytics.labelMetric.reviewScore.started",
    "asset.analytics.reviewScore.computed",
    "asset.updated",
    "asset.workflow.lock.created",
    "asset.workflow.lock.deleted",
    "asset.workflow.setToNextStep",
    "label.analytics.metrics.save.started",
    "label.jsonResponse.store.started",
    "label.workflow.created.honeypot",
    "label.workflow.created.inference",
    "label.workflow.created.prediction",
)
"""What is kept as `activity.recorded` under its own name: the record has no type for it."""

OF_PROJECT = (
    "assetStorage.connection.created",
    "assetStorage.connection.data.synchronized",
    "assetStorage.connection.deleted",
    "assetStorage.connection.filter.updated",
    "assetStorage.integration.created",
    "assetStorage.integration.deleted",
    "assetStorage.integration.updated",
    "project.archived",
    "project.auditTrail.export.requested",
    "project.created",
    "project.deleted",
    "project.exported",
    "project.interface.updated",
    "project.member.analytics.labelerMetrics.rebuild.started",
    "project.member.analytics.projectUserMetrics.rebuild.started",
    "project.member.created",
    "project.member.deleted",
    "project.member.updated",
    "project.settings.updated",
    "project.workflow.bulkAction.addToConsensus.started",
    "project.workflow.bulkAction.assign.started",
    "project.workflow.bulkAction.delete.started",
    "project.workflow.bulkAction.prioritize.started",
    "project.workflow.bulkAction.removeFromConsensus.started",
    "project.workflow.bulkAction.sendBackToQueue.started",
    "project.workflow.bulkAction.setToNextStep.started",
    "project.workflow.distribution.rebuild.completed",
    "project.workflow.distribution.rebuild.started",
    "project.workflow.settings.updated",
    "project.workflow.step.created",
    "project.workflow.step.deleted",
    "project.workflow.step.updated",
    "project.workflow.stepGroup.created",
    "project.workflow.stepGroup.deleted",
    "project.workflow.stepGroup.updated",
    "smartTool.interactiveSegmentation.created",
    "smartTool.videoTracking.created",
)
"""What is about no asset: `activity.recorded` of the project itself."""

SKIPS = frozenset({"asset.skipped", "asset.unskipped"})
ISSUES_OPENED = frozenset({"asset.issue.created", "asset.question.created"})
ISSUES_CLOSED = frozenset(
    {"asset.issue.resolved", "asset.issue.cancelled", "asset.question.resolved", "asset.question.cancelled"}
)

SENT_BACK = "label.sentBack"
"""What is concluded of a label that was sent back, where nothing tells of its rejection."""
SKIPPED = "skipped"
"""The thing whose versions say whether the asset is skipped, as far as that is concluded."""

SUBJECTS = (*MAPPED, *KEPT, *OF_PROJECT)

OURS = re.compile(r"[^.]*|issue\.comment|label\.[^a-z]*")
"""How events are called that follow from assets, labels and issues: a label's by its type, in capitals."""


def concluded(source_type: str, id_: str) -> str:
    """The key of what is concluded of a label, an issue or the asset."""
    return f"derived/{source_type}/{id_}"


def issue(id_: str) -> str:
    """The thing whose versions say where an issue stands, as far as that is concluded."""
    return f"issue/{id_}"


def of_record(source_type: str) -> bool:
    """Whether events of this name are those of Kili's own record, or stand for them; also of kinds that are new."""
    return OURS.fullmatch(source_type) is None
