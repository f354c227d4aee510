"""A project with as many labels as it takes for an export to have helpers."""

from __future__ import annotations

import json
from typing import Any

from audit.log.append import Appender
from audit.log.checkpoint import sign
from audit.log.create import create_project
from audit.models import Project, Source
from audit.sources.kili.assets import asset_of, history_of
from audit.sources.kili.labels import label_of
from audit.sources.kili.project import project_of, settings_event
from tests.exports.formats.kili_cases import case

MANY = 320
"""Tasks."""


def labelled_project(tasks: int = MANY) -> Project:
    """One of Kili's, with a label of two boxes on each of its images."""
    found = case("01_bbox_single_job")
    settings = json.dumps(found["project"]).encode()
    project = create_project(Source.objects.create(kind="kili", name="Many"), "many", "Many")
    with Appender(project) as appender:
        appender.add(settings_event(settings))
        for number in range(tasks):
            raw = asset_of(json.dumps(_asset(found["assets"][0], number)).encode())
            history = history_of(raw, [label_of(one) for one in raw.labels], [], None, project_of(settings))
            for event in history.events:
                if (first := event.opening()) is not None:
                    appender.add(first)
    sign(project.log)
    return project


def _asset(one: dict[str, Any], number: int) -> dict[str, Any]:
    labels = [
        {**label, "id": f"label-{number:04}", "jsonResponse": json.dumps(label["jsonResponse"])}
        for label in one["labels"]
    ]
    own = {"id": f"asset-{number:04}", "externalId": f"car_{number}", "labels": labels}
    return {key: value for key, value in one.items() if not key.startswith("latest")} | own
