"""The form of a project's schedules: works as plain HTML, says what is wrong at the field, keeps what was typed."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from audit.models import Project, Schedule
from tests.factories import make_project


@pytest.fixture
def browser(db: None) -> Client:
    """Somebody who may do everything, with a check against forged forms."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create_superuser("oda"))
    return client


def form(**changed: str) -> dict[str, str]:
    usual = {"incremental-when": "minutes", "incremental-minutes": "15", "full-when": "daily", "full-at": "02:00"}
    return {**usual, "full-zone": "UTC", **{name.replace("_", "-"): value for name, value in changed.items()}}


def send(browser: Client, project: Project, fields: dict[str, str]) -> Any:
    address = f"/projects/{project.pk}/schedule/"
    page = browser.get(address)
    token = page.content.decode().split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    return browser.post(address, {**fields, "csrfmiddlewaretoken": token})


def test_the_page_shows_what_is_set_and_when_it_is_due(browser: Client, project: Project) -> None:
    page = browser.get(f"/projects/{project.pk}/schedule/").content.decode()
    assert "every 15 minutes" in page
    assert "daily at 02:00 (UTC)" in page
    assert page.count("next <time") == 2


def test_what_is_sent_is_set(browser: Client, project: Project) -> None:
    answer = send(
        browser, project, form(full_when="mon", full_at="06:30", full_zone="Europe/Berlin", incremental_minutes="5")
    )
    assert answer.status_code == 302
    full, incremental = Schedule.objects.get(mode="full"), Schedule.objects.get(mode="incremental")
    assert (full.at, full.zone, full.weekday) == (time(6, 30), "Europe/Berlin", 0)
    assert incremental.minutes == 5
    page = browser.get(answer["Location"]).content.decode()
    assert "The schedules are saved" in page
    assert "Mondays at 06:30 (Europe/Berlin)" in page


def test_one_is_paused_and_one_removed(browser: Client, project: Project) -> None:
    answer = send(browser, project, form(full_paused="on", incremental_when="never"))
    assert Schedule.objects.get().next_at is None
    page = browser.get(answer["Location"]).content.decode()
    assert "Paused: daily at 02:00 (UTC)" in page
    assert "Not set" in page


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"full_zone": "Europe/Belrin"}, "no time zone"),
        ({"full_zone": ""}, "a zone, such as"),
        ({"full_at": "half past two"}, "no time of day"),
        ({"incremental_minutes": "0"}, "from 1 to 44,640"),
        ({"incremental_minutes": "often"}, "no number of minutes"),
        ({"full_when": "hourly"}, "is not known"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_set(
    browser: Client, project: Project, changed: dict[str, str], text: str
) -> None:
    before = list(Schedule.objects.order_by("mode").values())
    answer = send(browser, project, form(**changed))
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "Nothing was saved" in page
    assert text in page
    assert 'aria-invalid="true"' in page
    for value in filter(None, changed.values()):
        assert value in page or "full_when" in changed, "what was typed stays"
    assert list(Schedule.objects.order_by("mode").values()) == before


def test_a_forged_form_is_refused(browser: Client, project: Project) -> None:
    assert browser.post(f"/projects/{project.pk}/schedule/", form(full_when="never")).status_code == 403
    assert Schedule.objects.count() == 2


def test_a_file_project_says_how_it_is_read(browser: Client, db: None) -> None:
    project = make_project(name="From a file")
    page = browser.get(f"/projects/{project.pk}/schedule/").content.decode()
    assert "loads its file again" in page
    assert "<fieldset" not in page


def test_others_may_look_and_not_set(project: Project) -> None:
    from audit.models import Membership

    someone = User.objects.create_user("nils")
    client = Client()
    client.force_login(someone)
    address = f"/projects/{project.pk}/schedule/"
    assert client.get(address).status_code == 404
    Membership.objects.create(user=someone, project=project, role="auditor")
    assert client.get(address).status_code == 200
    assert client.post(address, form(full_when="never")).status_code == 403
    assert Schedule.objects.count() == 2
