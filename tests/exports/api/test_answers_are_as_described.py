"""Requests that schemathesis makes up from the API's description, as everybody: each answer is one that is described.

The same requests come in each run. What a request names is replaced, half of the time, by something that is there.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.contrib.auth.models import User
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from audit import apitokens
from audit.api.describe import TAGS
from audit.models import Membership, Mode, Project, Role, Schedule, Scope, Source, SyncRun, Task
from exports.models import Export
from exports.reports.service import request_report
from exports.run import request_export
from exportsite.jobs import perform
from tests.factories import make_project, worked_task

EXAMPLES = {GenerationMode.POSITIVE: 4, GenerationMode.NEGATIVE: 1}
"""Requests of each operation that follow the description, and such that do not."""


@cache
def description() -> dict[str, Any]:
    return SchemaGenerator().get_schema(request=None, public=True)


@cache
def schema() -> Any:
    return schemathesis.openapi.from_dict(description())


def operations(tag: str) -> Iterator[Any]:
    for found in schema().get_all_operations():
        operation = found.ok()
        if tag in operation.definition.raw["tags"]:
            yield operation


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """Requests leave the test's connection, and with it its transaction, open, as those of Django's client do."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def artefacts(tmp_path: Path, settings: Any) -> None:
    settings.LABELTRAIL_ARTEFACTS = tmp_path


@pytest.fixture
def there(db: None, artefacts: None) -> dict[str, Any]:
    """A project with one of everything, by the part of the address that stands before its id."""
    project = make_project(worked_task())
    Source.objects.filter(pk=project.source_id).update(kind="redbrick")
    Schedule.objects.create(project=project, mode=Mode.FULL, minutes=60)
    project = Project.objects.get(pk=project.pk)
    export = request_export(project, "trail", parameters={"encoding": "ndjson"})
    perform(Export, export.pk)
    return {
        "projects": project.pk,
        "tasks": Task.objects.get(project=project).pk,
        "sync-runs": SyncRun.objects.create(project=project).pk,
        "exports": Export.objects.get(pk=export.pk),
        "reports": request_report(project).pk,
    }


@pytest.fixture
def askers(there: dict[str, Any]) -> dict[str, dict[str, str]]:
    """The headers of everybody who asks: each role, with a token for everything; and nobody."""
    found: dict[str, dict[str, str]] = {"nobody": {}}
    for role in (*Role, None):
        user = User.objects.create_user(role.value if role else "stranger")
        if role is not None:
            Membership.objects.create(user=user, project_id=there["projects"], role=role)
        found[user.username] = _bearer(user, list(Scope))
    found["superuser"] = _bearer(User.objects.create_superuser("root"), list(Scope))
    browser = Client()
    browser.force_login(User.objects.get(username=Role.AUDITOR.value))
    found["signed in"] = {"Cookie": f"sessionid={browser.cookies['sessionid'].value}"}
    return found


def _bearer(user: User, scopes: list[Scope]) -> dict[str, str]:
    return {"Authorization": f"Bearer {apitokens.make(user, 'api', scopes)[1]}"}


def made_real(case: Case, there: dict[str, Any]) -> None:
    """Let the request name what is there."""
    kind = case.path.split("/")[3] if case.path.startswith("/api/v1/") else ""
    real = there.get(kind)
    if isinstance(real, Export):
        case.path_parameters.update({"id": str(real.pk)} if "{id}" in case.path else {})
        if "name" in case.path_parameters:
            case.path_parameters["name"] = real.files[0]["name"]
    elif "{id}" in case.path:
        case.path_parameters["id"] = real
    if "path" in case.path_parameters:
        case.path_parameters["path"] = "0/000.p/8"
    if isinstance(case.body, dict) and "project" in case.body:
        case.body["project"] = there["projects"]


def ask_and_judge(case: Case, headers: dict[str, str]) -> int:
    response = case.call(headers=headers)
    checks = [status_code_conformance, content_type_conformance, response_headers_conformance]
    # With `fields` members are left out, also those that are always there otherwise.
    if "fields" not in (case.query or {}):
        checks.append(response_schema_conformance)
    case.validate_response(response, checks=checks)
    assert response.status_code < 500
    return int(response.status_code)


def cases(operation: Any, mode: GenerationMode, count: int) -> list[Case]:
    """Requests of an operation; the same in each run."""
    found: list[Case] = []

    @settings(
        max_examples=count,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def keep(case: Case) -> None:
        found.append(case)

    keep()
    return found


@pytest.mark.parametrize("tag", TAGS)
def test_every_answer_is_described(tag: str, there: dict[str, Any], askers: dict[str, dict[str, str]]) -> None:
    schema().app = get_wsgi_application()
    for operation in operations(tag):
        seen = set()
        for mode, count in EXAMPLES.items():
            for turn, case in enumerate(cases(operation, mode, count)):
                if turn % 2 == 0:
                    made_real(case, there)
                seen |= {ask_and_judge(case, headers) for headers in askers.values()}
        assert 401 in seen, operation.label
        assert len(seen) > 1, operation.label
