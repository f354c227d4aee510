"""What payloads say of tasks and projects, read with their tokens: what only looks like one is as its source has it."""

from __future__ import annotations

from dataclasses import replace

from audit.sources.base import ProjectDetails, Reading, TaskDetails
from audit.tokens import literal


def task_details(reading: Reading, content: bytes) -> TaskDetails:
    """What the payload of a `task.updated` or `task.created` says."""
    found = reading.task_details(content)
    if found.name is None or found.name == (name := literal(found.name)):
        return found
    return replace(found, name=name)


def project_details(reading: Reading, content: bytes) -> ProjectDetails:
    """What the payload of a `project.updated` says."""
    found = reading.project_details(content)
    name, description = (None if text is None else literal(text) for text in (found.name, found.description))
    if (name, description) == (found.name, found.description):
        return found
    return replace(found, name=name, description=description)
