"""Projects of Kili in the record, as a sync that told of each asset's events nothing would leave them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from audit.log.append import Appender
from audit.log.checkpoint import sign
from audit.log.create import create_project
from audit.models import Project, Source
from audit.sources.kili.assets import asset_of, history_of
from audit.sources.kili.labels import label_of
from audit.sources.kili.project import project_of, settings_event
from tests.exports.formats.kili_cases import case


def recorded(name: str) -> Project:
    """The project of a golden case."""
    found = case(name)
    return recorded_with(found["project"], found["assets"], found["project"]["id"], name)


def recorded_with(details: dict[str, Any], assets: Iterable[dict[str, Any]], external_id: str, name: str) -> Project:
    """A project with these assets; what their labels say is JSON in them, as on the wire."""
    settings = json.dumps(details).encode()
    project = create_project(Source.objects.create(kind="kili", name=name), external_id, name)
    with Appender(project) as appender:
        appender.add(settings_event(settings))
        for asset in assets:
            labels = [{**label, "jsonResponse": json.dumps(label["jsonResponse"])} for label in asset["labels"]]
            raw = asset_of(json.dumps({**asset, "labels": labels}).encode())
            history = history_of(raw, [label_of(one) for one in raw.labels], [], None, project_of(settings))
            for event in history.events:
                if (first := event.opening()) is not None:
                    appender.add(first)
    sign(project.log)
    return project
