"""Filters that somebody keeps under a name."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from lxml import html

from audit.models import Project, SavedView
from audit.pages.views import MOST
from tests.factories import make_project, worked_task


@pytest.fixture
def project(db: None) -> Project:
    return make_project(worked_task())


def keep(client: Client, project: Project, name: str, query: str, of: str = "tasks") -> int:
    return client.post(f"/projects/{project.pk}/{of}/views/", {"name": name, "query": query}).status_code


def offered(client: Client, project: Project, query: str = "", of: str = "tasks") -> dict[str, bool]:
    tree = html.fromstring(client.get(f"/projects/{project.pk}/{of}/?{query}").content.decode())
    links = tree.xpath("//nav[@aria-label='Views']/a")
    return {" ".join(link.text_content().split()): link.get("aria-current") == "page" for link in links}


def test_a_view_is_offered_in_its_list_and_marked_when_it_is_shown(client: Client, project: Project) -> None:
    assert keep(client, project, "Mine", "stage=Label&stage=Review&person=&cursor=x") == 302
    assert SavedView.objects.get().query == "stage=Label&stage=Review"
    assert offered(client, project)["Mine"] is False
    assert offered(client, project, "stage=Review&stage=Label")["Mine"] is True
    assert "Mine" not in offered(client, project, of="events")


def test_nobody_else_sees_a_view_or_lets_go_of_it(client: Client, project: Project) -> None:
    keep(client, project, "Mine", "stage=Label")
    other = Client()
    other.force_login(User.objects.create_superuser("other"))
    assert "Mine" not in offered(other, project)
    other.post(f"/projects/{project.pk}/tasks/views/", {"remove": SavedView.objects.get().pk})
    assert SavedView.objects.count() == 1
    client.post(f"/projects/{project.pk}/tasks/views/", {"remove": SavedView.objects.get().pk})
    assert not SavedView.objects.exists()


@pytest.mark.parametrize(
    ("name", "query", "said"),
    [
        ("", "stage=Label", "needs a name"),
        ("x" * 61, "stage=Label", "needs a name of at most 60"),
        ("No filter", "stage=&cursor=abc", "There is no filter to keep"),
        ("Wrong", "from=yesterday", "is no date or time"),
        ("Unknown", "colour=red", "colour"),
    ],
)
def test_what_is_no_view_is_refused_in_words(
    client: Client, project: Project, name: str, query: str, said: str
) -> None:
    answer = client.post(f"/projects/{project.pk}/tasks/views/", {"name": name, "query": query})
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert not SavedView.objects.exists()


def test_a_name_is_taken_once(client: Client, project: Project) -> None:
    assert keep(client, project, "Mine", "stage=Label") == 302
    assert keep(client, project, "Mine", "stage=Review") == 400
    assert keep(client, project, "Mine", "stage=Review", of="events") == 302


def test_there_is_room_for_so_many(client: Client, project: Project) -> None:
    user = User.objects.get(username="root")
    SavedView.objects.bulk_create(
        SavedView(user=user, project=project, listing="tasks", name=f"{n}", query="stage=Label") for n in range(MOST)
    )
    assert keep(client, project, "One more", "stage=Label") == 400


def test_a_list_that_has_no_views_is_not_there(client: Client, project: Project) -> None:
    assert client.get(f"/projects/{project.pk}/people/views/").status_code == 404
