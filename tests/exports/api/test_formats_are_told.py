from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from audit.models import Project
from exports.formats import FORMATS
from exports.formats.events.xes import XesFormat
from exports.options import FILTERS
from tests.exports.api.conftest import Post


def told(client: Client, **query: object) -> dict[str, dict[str, Any]]:
    answer = client.get("/api/v1/formats/", query)
    assert answer.status_code == 200, answer.content
    return {row["slug"]: row for row in answer.json()["results"]}


def test_every_format_is_told_with_what_it_takes(client: Client) -> None:
    found = told(client)
    assert list(found) == list(FORMATS)
    (encoding, *_) = found["trail"]["parameters"]
    assert (encoding["name"], encoding["choices"], encoding["default"]) == (
        "encoding",
        ["json", "ndjson", "csv"],
        "json",
    )
    assert [one["name"] for one in found["trail"]["filters"]] == list(FILTERS)
    assert found["trail"]["applies"] is None


def test_a_default_that_filters_change_is_told(client: Client) -> None:
    audit = next(one for one in told(client)["trail"]["parameters"] if one["name"] == "audit")
    assert (audit["default"], audit["filtered_default"]) == ("all", "selection")


def test_a_project_says_which_apply_and_why_others_do_not(
    client: Client, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(XesFormat, "refusal", lambda self, about: f"{about.name} has no cases.")
    found = told(client, project=project.pk)
    assert (found["trail"]["applies"], found["trail"]["why_not"]) == (True, None)
    assert (found["xes"]["applies"], found["xes"]["why_not"]) == (False, f"{project.name} has no cases.")


def test_what_a_format_tells_can_be_asked_for(client: Client, post: Post, project: Project) -> None:
    for slug, row in told(client, project=project.pk).items():
        parameters = {
            one["name"]: one["default"] == "true" if one["kind"] == "flag" else one["default"]
            for one in row["parameters"]
        }
        answer = post("/api/v1/exports/", {"project": project.pk, "format": slug, "parameters": parameters})
        if row["applies"]:
            assert answer.status_code == 202, answer.content
        else:
            problems = answer.json()["errors"]
            assert [one["field"] for one in problems] == ["format"], "nothing but the kind of project is wrong"


def test_only_the_wanted_fields_come(client: Client) -> None:
    (first, *_) = client.get("/api/v1/formats/?fields=slug,parameters").json()["results"]
    assert set(first) == {"slug", "parameters"}


@pytest.mark.parametrize(
    ("query", "status"), [("project=0", 404), ("project=x", 400), ("projct=1", 400), ("fields=slg", 400)]
)
def test_what_it_does_not_take_is_refused(client: Client, query: str, status: int) -> None:
    answer = client.get(f"/api/v1/formats/?{query}")
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
