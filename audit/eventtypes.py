"""The types of events: a sentence for each, how it is marked on pages, and what it says about the task.

A new type is one line in `TYPES`; the pages, the API's schema, the reports and the tests read this table.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EventType:
    """`verb` opens the sentence, `rest` follows it; both may name {actor}, {assignee}, {stage}, {to_stage}, {what}.

    Parts of `rest` in square brackets are left out when a name in them is not recorded. `group` is what the lists
    filter and colour by. `status` is the task's status afterwards ("" leaves it as it is), `assigns` says what happens
    to its assignee. `final` events never change at the source; a changed one is a divergence.
    """

    name: str
    group: str
    icon: str
    tone: str
    verb: str
    rest: str
    status: str = ""
    assigns: str = ""
    final: bool = True


def _table(*types: EventType) -> dict[str, EventType]:
    return {kind.name: kind for kind in types}


T = EventType
TYPES = _table(
    T("project.updated", "project", "info", "", "Project details recorded", ""),
    T("person.added", "project", "user", "", "Person added:", " {assignee}[ by {actor}]"),
    T("task.created", "task", "plus", "", "Created", "[ by {actor}][ at {stage}]", status="created"),
    T("task.updated", "task", "info", "", "Task details recorded", "[ by {actor}]"),
    T(
        "task.assigned",
        "assignment",
        "user",
        "",
        "Assigned",
        "[ to {assignee}][ at {stage}][ by {actor}]",
        status="assigned",
        assigns="assignee",
    ),
    T(
        "task.unassigned",
        "assignment",
        "user",
        "",
        "Unassigned",
        "[ from {assignee}][ at {stage}][ by {actor}]",
        status="unassigned",
        assigns="nobody",
    ),
    T(
        "task.reassigned",
        "assignment",
        "swap",
        "",
        "Reassigned",
        "[ to {assignee}][ at {stage}][ by {actor}]",
        status="assigned",
        assigns="assignee",
    ),
    T(
        "task.started",
        "work",
        "play",
        "act",
        "Started",
        "[ by {actor}][ at {stage}]",
        status="in progress",
        assigns="actor",
    ),
    T("task.saved", "work", "save", "act", "Saved", "[ by {actor}][ at {stage}]", status="in progress", final=False),
    T(
        "task.submitted",
        "work",
        "up",
        "act",
        "Submitted",
        "[ by {actor}][ at {stage}]",
        status="submitted",
        assigns="nobody",
    ),
    T("task.skipped", "work", "skip", "warn", "Skipped", "[ by {actor}][ at {stage}]", status="skipped"),
    T("task.moved", "task", "right", "", "Moved", "[ from {stage}][ to {to_stage}][ by {actor}]", assigns="nobody"),
    T("task.reopened", "task", "back", "warn", "Reopened", "[ at {stage}][ by {actor}]", status="reopened"),
    T("task.deleted", "task", "cross", "no", "Deleted at the source", "[ by {actor}]", status="deleted"),
    T(
        "review.accepted",
        "review",
        "check",
        "ok",
        "Accepted",
        "[ by {actor}][ at {stage}]",
        status="accepted",
        assigns="nobody",
    ),
    T(
        "review.corrected",
        "review",
        "pen",
        "warn",
        "Accepted with corrections",
        "[ by {actor}][ at {stage}]",
        status="corrected",
        assigns="nobody",
    ),
    T(
        "review.rejected",
        "review",
        "cross",
        "no",
        "Rejected",
        "[ by {actor}][ at {stage}][, back to {to_stage}]",
        status="sent back",
        assigns="nobody",
    ),
    T(
        "rework.submitted",
        "work",
        "redo",
        "act",
        "Rework submitted",
        "[ by {actor}][ at {stage}]",
        status="submitted",
        assigns="nobody",
    ),
    T("groundtruth.edited", "review", "pen", "warn", "Ground truth edited", "[ by {actor}]"),
    T("consensus.computed", "review", "agree", "", "Consensus computed", "[ at {stage}]"),
    T("consensus.edited", "review", "agree", "warn", "Consensus edited", "[ by {actor}][ at {stage}]"),
    T("label.created", "label", "plus", "act", "Label created", "[ by {actor}][ at {stage}]"),
    T("label.updated", "label", "pen", "act", "Label updated", "[ by {actor}][ at {stage}]"),
    T("label.deleted", "label", "cross", "no", "Label deleted", "[ by {actor}][ at {stage}]"),
    T("issue.opened", "comment", "flag", "warn", "Issue opened", "[ by {actor}][ at {stage}]"),
    T("issue.resolved", "comment", "flagok", "ok", "Issue resolved", "[ by {actor}][ at {stage}]", final=False),
    T("issue.reopened", "comment", "flag", "warn", "Issue reopened", "[ by {actor}][ at {stage}]", final=False),
    T("comment.added", "comment", "comment", "", "Comment", "[ by {actor}][ at {stage}]"),
    T("comment.edited", "comment", "comment", "warn", "Comment edited", "[ by {actor}][ at {stage}]", final=False),
    T("time.recorded", "time", "clock", "", "Active time recorded", "[ for {actor}][ at {stage}]", final=False),
    T("time.revised", "time", "clock", "warn", "Active time revised", "[ for {actor}][ at {stage}]", final=False),
    T("activity.recorded", "activity", "dot", "", "{what}", "[ by {actor}][ at {stage}]"),
    T("sync.completed", "record", "sync", "ok", "Reading completed", ""),
    T("media.kept", "record", "down", "", "Media kept for an export", ""),
    T("source.diverged", "record", "diff", "warn", "Source differs from the record", ""),
    T("event.superseded", "record", "swap", "", "The source tells itself what was concluded", ""),
    T("privacy.erased", "record", "erase", "warn", "Personal data erased", "[ of {assignee}]"),
    T("report.signed", "record", "sign", "ok", "Report signed", "[ by {actor}]"),
    T("retention.purged", "record", "erase", "warn", "Data purged after its retention", ""),
    # The service's own log: `source_type` says what it is about, {assignee} whose rights changed.
    T("access.signed_in", "service", "user", "ok", "Signed in:", " {actor}"),
    T("access.refused", "service", "stop", "warn", "Sign-in refused", "[ for {assignee}][: {what}]"),
    T("access.signed_out", "service", "user", "", "Signed out:", " {actor}"),
    T("record.viewed", "service", "search", "", "Viewed", " {what}[ by {actor}]"),
    T("export.requested", "service", "play", "act", "Asked for", " {what}[ by {actor}]"),
    T("export.cancelled", "service", "cross", "warn", "Cancelled", " {what}[ by {actor}]"),
    T("export.downloaded", "service", "down", "act", "Downloaded", " {what}[ by {actor}]"),
    T("report.requested", "service", "play", "act", "Asked for", " {what}[ by {actor}]"),
    T("report.cancelled", "service", "cross", "warn", "Cancelled", " {what}[ by {actor}]"),
    T("report.downloaded", "service", "down", "act", "Downloaded", " {what}[ by {actor}]"),
    T("sync.requested", "service", "sync", "act", "Asked for", " {what}[ by {actor}]"),
    T("sync.cancelled", "service", "cross", "warn", "Cancelled", " {what}[ by {actor}]"),
    T("media.changed", "service", "pen", "act", "Policy of media changed:", " {what}[ by {actor}]"),
    T("schedule.changed", "service", "pen", "act", "Schedule changed:", " {what}[ by {actor}]"),
    T("webhook.made", "service", "plus", "warn", "Webhook made", " for {what}[ by {actor}]"),
    T("webhook.switched_off", "service", "cross", "act", "Webhook switched off", " for {what}[ by {actor}]"),
    T("user.created", "service", "plus", "act", "User created:", " {assignee}[ by {actor}]"),
    T("user.changed", "service", "pen", "warn", "User changed:", " {assignee}, {what}[ by {actor}]"),
    T("user.role_given", "service", "user", "warn", "Role given", "[ to {assignee}]: {what}[ by {actor}]"),
    T("user.role_taken", "service", "user", "warn", "Role taken", "[ from {assignee}]: {what}[ by {actor}]"),
    T("user.password_changed", "service", "pen", "", "Password changed", "[ of {assignee}][ by {actor}]"),
    T("user.token_made", "service", "plus", "warn", "Token made", "[ for {assignee}]: {what}[ by {actor}]"),
    T("user.token_revoked", "service", "cross", "warn", "Token revoked", "[ of {assignee}]: {what}[ by {actor}]"),
)
GROUPS = tuple(dict.fromkeys(kind.group for kind in TYPES.values()))
