"""Every page and every operation of the API, asked by everybody.

`ADDRESSES` is the table of who may do what. An address or a method that is not in it fails, so that whoever adds one
has to say whom it is for.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from audit import apitokens
from audit.models import ApiToken, Membership, Mode, Project, Role, Schedule, Scope, Source, SyncRun, Verification
from exports.models import Export, Report
from exports.reports.service import request_report
from exports.run import request_export
from exportsite.jobs import State
from tests.factories import make_project, worked_task

NAME = "Sealed ward 7"
OWN, ANYONE, KNOWING = "signed in", "anyone", "whoever knows the secret in the address"
READ, MANAGE, OPERATE = Role.AUDITOR, Role.MANAGER, Role.OPERATOR
"""Whom a method is for: anyone; a program with a secret; whoever signed in (a list shows what they may see); a role in
the project; OPERATE: in the whole service."""


@dataclass
class Ground:
    """A project with one of everything, and people around it."""

    project: Project
    task: int
    sync: SyncRun
    verification: Verification
    export: Export
    report: Report
    token: ApiToken
    people: dict[str, User]


def _form(**values: object) -> dict[str, object]:
    return {"once": str(uuid.uuid4()), **values}


@dataclass(frozen=True)
class Address:
    """Whom each method is for, how the address is filled in, and what is sent."""

    methods: dict[str, Any]
    fill: Callable[[Ground], list[Any]] = lambda ground: []
    sent: Callable[[Ground], dict[str, object]] = lambda ground: _form()


def _project(ground: Ground) -> list[Any]:
    return [ground.project.pk]


def _task(ground: Ground) -> list[Any]:
    return [ground.task]


def _verification(ground: Ground) -> list[Any]:
    return [ground.project.pk, ground.verification.pk]


def _sync(ground: Ground) -> list[Any]:
    return [ground.sync.pk]


def _export(ground: Ground) -> list[Any]:
    return [ground.export.pk]


def _report(ground: Ground) -> list[Any]:
    return [ground.report.pk]


def _asked(ground: Ground) -> dict[str, object]:
    return _form(project=ground.project.pk, format="trail")


GET, POST = "GET", "POST"
ADDRESSES = {
    "dashboard": Address({GET: OWN}),
    "sign-in": Address({GET: ANYONE, POST: ANYONE}, sent=lambda ground: {"username": "x", "password": "y"}),
    "sign-out": Address({POST: OWN}),
    "welcome": Address({GET: OWN}),
    "account": Address({GET: OWN}),
    "password": Address({GET: OWN, POST: OWN}),
    "visits": Address({GET: OWN}),
    "token-new": Address({GET: OWN, POST: OWN}),
    # Everybody's own: another's token does not exist for them.
    "token-revoke": Address({GET: None, POST: None}, lambda ground: [ground.token.pk]),
    "load": Address({GET: OWN, POST: MANAGE}, sent=lambda ground: _form(project=ground.project.name)),
    "project": Address({GET: READ}, _project),
    "tasks": Address({GET: READ}, _project),
    "events": Address({GET: READ}, _project),
    # One's own; who may read a list may keep views of it.
    "views": Address(
        {GET: READ, POST: READ},
        lambda ground: [ground.project.pk, "tasks"],
        lambda ground: {"name": "Labelled", "query": "stage=Label"},
    ),
    "entry": Address({GET: READ}, lambda ground: [ground.project.pk, 0]),
    "proof": Address({GET: READ}, lambda ground: [ground.project.pk, 0]),
    "disclosed": Address({GET: READ}, lambda ground: [ground.project.pk, 0, "content"]),
    "integrity": Address({GET: READ}, _project),
    "media": Address({POST: MANAGE}, _project, lambda ground: {"policy": "keep"}),
    "schedule": Address({GET: READ, POST: MANAGE}, _project),
    "verify": Address({POST: READ}, _project),
    "verification": Address({GET: READ}, _verification),
    "verification-progress": Address({GET: READ}, _verification),
    "verification-cancel": Address({GET: READ, POST: READ}, _verification),
    "project-sync": Address({GET: READ, POST: MANAGE}, _project),
    "sync": Address({GET: OWN}),
    "sync-runs": Address({GET: OWN}),
    "sync-run": Address({GET: READ}, _sync),
    "sync-run-progress": Address({GET: READ}, _sync),
    "sync-run-cancel": Address({GET: MANAGE, POST: MANAGE}, _sync),
    "trail": Address({GET: READ}, _task),
    # Programs of platforms: nothing is there for who does not know the secret.
    "hook": Address({POST: KNOWING}, lambda ground: [ground.project.pk, "0" * 32]),
    "export-new": Address({GET: OWN, POST: MANAGE}, sent=_asked),
    "report-new": Address({GET: OWN, POST: MANAGE}, sent=lambda ground: _form(project=ground.project.pk)),
    "selection": Address({GET: READ, POST: MANAGE}, _project, lambda ground: _form(task=ground.task)),
    "exports": Address({GET: OWN}),
    "export": Address({GET: READ}, _export),
    "export-progress": Address({GET: READ}, _export),
    "export-cancel": Address({GET: MANAGE, POST: MANAGE}, _export),
    "export-again": Address({POST: MANAGE}, _export),
    "reports": Address({GET: OWN}),
    "report": Address({GET: READ}, _report),
    "report-progress": Address({GET: READ}, _report),
    "report-cancel": Address({GET: MANAGE, POST: MANAGE}, _report),
    "report-again": Address({POST: MANAGE}, _report),
    "report-sign": Address({POST: READ}, _report),
    "api-projects": Address({GET: OWN}),
    "api-project": Address({GET: READ}, _project),
    "api-tasks": Address({GET: READ}, _project),
    "api-events": Address({GET: READ}, _project),
    "api-active-time": Address({GET: READ}, _project),
    "api-labels": Address({GET: READ}, _project),
    "api-task-events": Address({GET: READ}, _project),
    "api-checkpoint": Address({GET: READ}, _project),
    "api-log-key": Address({GET: READ}, _project),
    "api-entries": Address({GET: READ}, _project),
    "api-inclusion": Address({GET: READ}, _project),
    "api-consistency": Address({GET: READ}, _project),
    "api-tile": Address({GET: READ}, lambda ground: [ground.project.pk, "0/000.p/1"]),
    "api-media": Address({GET: READ, "PUT": MANAGE}, _project, lambda ground: {"policy": "keep"}),
    "api-schedule": Address({GET: READ, "PUT": MANAGE, "DELETE": MANAGE}, _project, lambda ground: {}),
    "api-task": Address({GET: READ}, _task),
    "api-trail": Address({GET: READ}, _task),
    "api-task-active-time": Address({GET: READ}, _task),
    "api-task-labels": Address({GET: READ}, _task),
    "api-sources": Address({GET: OWN}),
    "api-sync-runs": Address({GET: OWN, POST: MANAGE}, sent=lambda ground: {"project": ground.project.pk}),
    "api-sync-run": Address({GET: READ}, _sync),
    "api-sync-run-cancel": Address({POST: MANAGE}, _sync, lambda ground: {}),
    "api-formats": Address({GET: OWN}),
    "api-exports": Address(
        {GET: OWN, POST: MANAGE}, sent=lambda ground: {"project": ground.project.pk, "format": "trail"}
    ),
    "api-export": Address({GET: READ}, _export),
    "api-export-cancel": Address({POST: MANAGE}, _export, lambda ground: {}),
    "api-export-again": Address({POST: MANAGE}, _export, lambda ground: {}),
    "api-export-certificate": Address({GET: READ}, _export),
    "api-export-rows": Address({GET: READ}, _export),
    "api-export-errors": Address({GET: READ}, _export),
    "api-export-file": Address({GET: READ}, lambda ground: [ground.export.pk, "file.zip"]),
    "api-reports": Address({GET: OWN, POST: MANAGE}, sent=lambda ground: {"project": ground.project.pk}),
    "api-report": Address({GET: READ}, _report),
    "api-report-cancel": Address({POST: MANAGE}, _report, lambda ground: {}),
    "api-report-again": Address({POST: MANAGE}, _report, lambda ground: {}),
    "api-report-sign": Address({POST: READ}, _report, lambda ground: {}),
    "api-report-file": Address({GET: READ}, lambda ground: [ground.report.pk, "file.zip"]),
    "api-schema": Address({GET: OWN}),
    "api-docs": Address({GET: OWN}),
}
ALL_METHODS = (GET, POST, "PUT", "PATCH", "DELETE")
IN_PROJECT = {"auditor": Role.AUDITOR, "manager": Role.MANAGER, "operator": Role.OPERATOR}
EVERYWHERE = {"auditor of all": Role.AUDITOR, "operator of all": Role.OPERATOR, "superuser": Role.OPERATOR}
OUTSIDE = ("stranger", "foreign manager", "switched off")


@pytest.fixture
def ground(db: None, tmp_path: Path, settings: Any) -> Ground:
    settings.LABELTRAIL_ARTEFACTS = tmp_path
    project = make_project(worked_task(), name=NAME)
    # As if it was read over an API, which is when it has schedules and can be synced.
    Source.objects.filter(pk=project.source_id).update(kind="redbrick")
    Schedule.objects.create(project=project, mode=Mode.FULL, minutes=60)
    project = Project.objects.select_related("source", "log").get(pk=project.pk)
    people = {name: User.objects.create_user(name.replace(" ", "-")) for name in (*IN_PROJECT, *EVERYWHERE, *OUTSIDE)}
    for name, role in IN_PROJECT.items():
        Membership.objects.create(user=people[name], project=project, role=role)
    for name, role in EVERYWHERE.items():
        people[name].groups.add(Group.objects.get_or_create(name=role.value)[0])
    people["superuser"].groups.clear()
    User.objects.filter(pk=people["superuser"].pk).update(is_superuser=True)
    Membership.objects.create(user=people["foreign manager"], project=make_project(worked_task()), role=Role.OPERATOR)
    Membership.objects.create(user=people["switched off"], project=project, role=Role.OPERATOR)
    User.objects.filter(pk=people["switched off"].pk).update(is_active=False)
    token, _ = apitokens.make(people["manager"], "nightly", [Scope.READ])
    (tmp_path / "file.zip").write_bytes(b"PK")
    file = {"name": "file.zip", "path": str(tmp_path / "file.zip"), "bytes": 2, "sha256": "00" * 32}
    export, report = request_export(project, "trail"), request_report(project)
    for run in (export, report):
        type(run)._default_manager.filter(pk=run.pk).update(files=[file], state=State.RUNNING)
    return Ground(
        project,
        project.task_set.get().pk,
        SyncRun.objects.create(project=project, state=State.RUNNING),
        Verification.objects.create(project=project, state=State.RUNNING),
        export,
        report,
        token,
        {name: User.objects.get(pk=user.pk) for name, user in people.items()},
    )


def _routes(resolver: URLResolver | Any, place: str = "") -> Iterator[tuple[str, str]]:
    """(address, name) of every route but those of Django's own administration."""
    for part in resolver.url_patterns:
        address = place + str(part.pattern)
        if isinstance(part, URLPattern):
            yield address, part.name or address
        elif part.app_name != "admin":
            yield from _routes(part, address)


def _ask(client: Client, ground: Ground, name: str, method: str) -> tuple[HttpResponseBase, bytes]:
    """The answer, and all that it told. What the request changed is taken back."""
    address = ADDRESSES[name]
    path, sent = reverse(name, args=address.fill(ground)), address.sent(ground)
    cookies = SimpleCookie(client.cookies.output(header=""))
    with transaction.atomic():
        if method == GET:
            answer = client.get(path)
        elif name.startswith("api-"):
            body = json.dumps({key: value for key, value in sent.items() if key != "once"})
            answer = client.generic(method, path, body, content_type="application/json")
        else:
            answer = client.post(path, sent) if method == POST else client.generic(method, path)
        told = b"".join(answer) if getattr(answer, "streaming", False) else answer.content  # type: ignore[arg-type]
        transaction.set_rollback(True)
    client.cookies = cookies
    return answer, told


@pytest.fixture
def clients(ground: Ground) -> dict[str, Client]:
    """A browser for each of the people, in which they signed in."""
    found = {person: Client() for person in ground.people}
    for person, client in found.items():
        client.force_login(ground.people[person])
    return found


METHODS = [(name, method) for name, address in ADDRESSES.items() for method in address.methods]
API = [(name, method) for name, method in METHODS if name.startswith("api-") and name != "api-docs"]


def test_every_address_is_in_the_table() -> None:
    assert {name for _, name in _routes(get_resolver())} == set(ADDRESSES)


def test_nobody_gets_in_without_signing_in(ground: Ground, anonymous: Client) -> None:
    wrong = []
    for name, method in METHODS:
        answer, _ = _ask(anonymous, ground, name, method)
        if ADDRESSES[name].methods[method] == ANYONE:
            as_it_should = answer.status_code == 200
        elif ADDRESSES[name].methods[method] == KNOWING:
            as_it_should = answer.status_code == 404
        elif (name, method) in API:
            challenge = answer.headers.get("WWW-Authenticate", "")
            as_it_should = answer.status_code == 401 and challenge.startswith("Bearer ")
        else:
            where = answer.headers.get("Location", "")
            as_it_should = answer.status_code == 302 and where.startswith("/sign-in/?next=/")
        if not as_it_should:
            wrong.append((name, method, answer.status_code))
    assert wrong == []


@pytest.mark.parametrize("person", ["auditor", "manager", "operator", "auditor of all", "superuser"])
def test_a_role_does_what_the_table_says_and_no_more(ground: Ground, clients: dict[str, Client], person: str) -> None:
    role, wrong = (IN_PROJECT | EVERYWHERE)[person], []
    for name, method in METHODS:
        needed = ADDRESSES[name].methods[method]
        if isinstance(needed, Role):
            status = _ask(clients[person], ground, name, method)[0].status_code
            if (status in (401, 403, 404) or status >= 500) if role.covers(needed) else status != 403:
                wrong.append((name, method, status))
    assert wrong == []


@pytest.mark.parametrize("person", OUTSIDE)
def test_who_has_no_part_in_a_project_does_not_learn_that_it_exists(
    ground: Ground, clients: dict[str, Client], person: str
) -> None:
    wrong: list[tuple[str, str, object]] = []
    for name, method in METHODS:
        needed = ADDRESSES[name].methods[method]
        if needed == ANYONE:
            continue
        answer, told = _ask(clients[person], ground, name, method)
        if needed == KNOWING:
            expected = {404}
        elif person == "switched off":
            expected = {302, 401}  # The session is nobody's any more.
        elif needed is None:
            expected = {404}
        elif needed == OWN:
            expected = {200, 302, 400}
        else:
            expected = {404} if ADDRESSES[name].fill(ground) else {400}  # It is the body that names the project.
        if answer.status_code not in expected:
            wrong.append((name, method, answer.status_code))
        if NAME.encode() in told or (needed == OWN and str(ground.export.pk).encode() in told):
            wrong.append((name, method, "tells of the project"))
    assert wrong == []


def test_a_method_that_is_not_in_the_table_is_refused(ground: Ground, clients: dict[str, Client]) -> None:
    wrong = []
    for name, address in ADDRESSES.items():
        for method in ALL_METHODS:
            if method not in address.methods:
                status = _ask(clients["superuser"], ground, name, method)[0].status_code
                if status != 405:
                    wrong.append((name, method, status))
    assert wrong == []


@pytest.mark.parametrize("method", [GET, POST])
def test_a_token_of_somebody_else_can_not_be_revoked(ground: Ground, clients: dict[str, Client], method: str) -> None:
    for person in ("superuser", "auditor", "stranger"):
        assert _ask(clients[person], ground, "token-revoke", method)[0].status_code == 404
    assert _ask(clients["manager"], ground, "token-revoke", method)[0].status_code in (200, 302)


@pytest.mark.parametrize("scope", Scope)
def test_a_token_reaches_as_far_as_its_scope(ground: Ground, anonymous: Client, scope: Scope) -> None:
    _, secret = apitokens.make(ground.people["superuser"], "t", [scope])
    anonymous.defaults["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    wrong = []
    for name, method in API:
        of = Scope.SYNC if any(one in name for one in ("sync", "schedule", "media")) else Scope.READ
        of = Scope.EXPORT if "export" in name or "report" in name else of
        status = _ask(anonymous, ground, name, method)[0].status_code
        reaches = scope is of or (scope is Scope.READ and method == GET)
        if (status in (401, 403, 404)) if reaches else status != 403:
            wrong.append((name, method, status))
    assert wrong == []


def test_a_token_for_another_project_reaches_nothing_here(ground: Ground, anonymous: Client) -> None:
    other, wrong = make_project(worked_task()), []
    _, secret = apitokens.make(ground.people["superuser"], "t", list(Scope), projects=[other])
    anonymous.defaults["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    for name, method in API:
        answer, told = _ask(anonymous, ground, name, method)
        expected = {200} if ADDRESSES[name].methods[method] == OWN else {400, 404}
        if answer.status_code not in expected or NAME.encode() in told:
            wrong.append((name, method, answer.status_code))
    assert wrong == []


def _admin_addresses(ground: Ground) -> Iterator[str]:
    """Every address of Django's administration, filled in with rows that exist."""
    rows = {
        "auth_user": ground.people["manager"].pk,
        "audit_membership": Membership.objects.earliest("id").pk,
        "audit_apitoken": ground.token.pk,
        "audit_source": ground.project.source_id,
    }
    for name in _admin_names(get_resolver()):
        model = next((key for key in rows if name.startswith(key)), None)
        try:
            yield reverse(f"admin:{name}")
        except NoReverseMatch:
            if model:
                yield reverse(f"admin:{name}", args=[rows[model]])


def _admin_names(resolver: Any, inside: bool = False) -> Iterator[str]:
    for part in resolver.url_patterns:
        if isinstance(part, URLResolver):
            yield from _admin_names(part, inside or part.app_name == "admin")
        elif inside and part.name:
            yield part.name


def test_the_administration_opens_for_operators_of_everything_only(
    ground: Ground, anonymous: Client, clients: dict[str, Client]
) -> None:
    addresses = list(_admin_addresses(ground))
    assert len(addresses) > 15
    wrong = []
    for address in addresses:
        expected = {"nobody": {302}, "operator of all": {200, 302, 403, 404, 405}}
        expected |= {who: {302} if address.endswith("login/") else {403} for who in ("stranger", "manager", "operator")}
        for person, statuses in expected.items():
            status = (clients | {"nobody": anonymous})[person].get(address).status_code
            if status not in statuses:
                wrong.append((person, address, status))
    assert wrong == []
    assert clients["operator of all"].get(reverse("admin:index")).status_code == 200
