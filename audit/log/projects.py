"""What a log makes of its project: name, description, zone, and the stages in the order of their first appearance."""

from __future__ import annotations

from audit.log.envelope import Envelope
from audit.models import Project
from audit.sources.base import Reading

MAX_STAGES = 500
"""A log that puts something endless where a stage belongs must not grow the project's row with it."""


class ProjectFold:
    """Takes events in log order into a project's row; `save` writes what changed."""

    def __init__(self, project: Project, reading: Reading) -> None:
        self.project = project
        self.reading = reading
        self.stages = dict.fromkeys(project.stages)

    def take(self, event: Envelope, content: bytes | None) -> None:
        """The next event of the log."""
        for stage in (event.stage, event.to_stage):
            if stage and stage not in self.stages and len(self.stages) < MAX_STAGES:
                self.stages[stage] = None
        if event.type == "project.updated" and content is not None:
            self._details(content)

    def _details(self, content: bytes) -> None:
        details = self.reading.project_details(content)
        if details.name:
            self.project.name = details.name
        if details.description is not None:
            self.project.description = details.description
        if details.stages is not None:
            # The source's own order first, then what the events named besides.
            self.stages = dict.fromkeys((*details.stages, *self.stages))
        if details.zone:
            self.project.source.zone = details.zone

    def save(self) -> None:
        """Write the project's row, and its source's zone."""
        self.project.stages = list(self.stages)
        self.project.save(update_fields=["name", "description", "stages", "tasks"])
        self.project.source.save(update_fields=["zone"])
