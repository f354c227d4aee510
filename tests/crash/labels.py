"""A project with as many labels as it takes for an export to have helpers."""

from __future__ import annotations

from typing import Any

from audit.models import Project
from tests.exports.formats.kili_cases import case
from tests.exports.kili_recorded import recorded_with

MANY = 320
"""Tasks."""


def labelled_project(tasks: int = MANY) -> Project:
    """One of Kili's, with a label of two boxes on each of its images."""
    found = case("01_bbox_single_job")
    assets = (_asset(found["assets"][0], number) for number in range(tasks))
    return recorded_with(found["project"], assets, "many", "Many")


def _asset(one: dict[str, Any], number: int) -> dict[str, Any]:
    labels = [{**label, "id": f"label-{number:04}"} for label in one["labels"]]
    own = {"id": f"asset-{number:04}", "externalId": f"car_{number}", "labels": labels}
    return {key: value for key, value in one.items() if not key.startswith("latest")} | own
