"""What others wrote is shown, never obeyed: markup, endless texts, writing that turns the line round, NUL."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.test import Client
from lxml import html

from audit.models import Project, Task
from audit.sources.base import PersonRef
from tests.factories import make_event, make_project

HOSTILE = {
    "markup": "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&amp;{{ 7|add:7 }}",
    "endless": "x" * 100_000,
    "right to left": "\u202egnp.exe \u2066\u200bשלום",
    "nul": "a\0b",
    "controls": "\x1b[2J\x07\r\n\u2028",
}
PAGES = [
    "/",
    "/projects/{project}/",
    "/projects/{project}/tasks/",
    "/projects/{project}/events/",
    "/projects/{project}/events/?words=a",
    "/projects/{project}/events/2/",
    "/projects/{project}/integrity/",
    "/tasks/{task}/",
    "/tasks/{task}/?event=2",
]


def hostile_project(text: str) -> Project:
    """A project in which everything that a source names is this text; what goes into envelopes cut to fit there."""
    brief = text[:2000]
    person = PersonRef(brief, email=brief + "@x", name=text[:20_000])
    name = json.dumps({"name": text}).encode()
    project = make_project(
        [
            make_event(brief, "task.updated", 0, None, stage=brief, source_type=brief, content=name, derived=True),
            make_event(brief, "task.assigned", 1, person, assignee=person, stage=brief, source_type=brief),
            make_event(brief, "comment.added", 2, person, stage=brief, text=text),
            make_event(brief, "activity.recorded", 3, person, stage=brief, source_type=brief, source_key=brief),
            make_event(brief, "review.rejected", 4, person, stage=brief, to_stage=brief, text=text),
        ]
    )
    Project.objects.filter(pk=project.pk).update(
        name=text.replace("\0", "\ufffd"), description=text.replace("\0", "\ufffd")
    )
    return Project.objects.get(pk=project.pk)


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("address", PAGES)
def test_it_is_shown_and_not_obeyed(db: None, client: Client, address: str, kind: str) -> None:
    project = hostile_project(HOSTILE[kind])
    answer = client.get(address.format(project=project.pk, task=Task.objects.get(project=project).pk))
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "<script>alert" not in text
    assert "<img" not in text
    assert "\0" not in text
    assert not set("\x1b\x07\u202e\u2066\u200b\u2028") & set(_drawn(text))


def _drawn(text: str) -> str:
    """What is drawn. An attribute's value (a copy button's, a filter's) is given as it was recorded, escaped."""
    return str(html.fromstring(text).text_content())


@pytest.mark.parametrize(
    "address", ["/", "/projects/{project}/", "/projects/{project}/tasks/", "/projects/{project}/events/"]
)
def test_lists_stay_short_whatever_is_written(db: None, client: Client, address: str) -> None:
    project = hostile_project(HOSTILE["endless"])
    assert len(client.get(address.format(project=project.pk)).content) < 60_000


def test_a_comment_is_quoted_whole_on_the_trail(db: None, client: Client) -> None:
    project = hostile_project(HOSTILE["endless"])
    text = client.get(f"/tasks/{Task.objects.get(project=project).pk}/").content.decode()
    assert "x" * 100_000 in text


def test_a_nul_becomes_a_replacement_character_in_columns_and_stays_in_the_bytes(db: None, client: Client) -> None:
    project = make_project([make_event("T", "comment.added", text="a\0b", content=b'{"t":"a\\u0000b"}')])
    assert "a\ufffdb" in client.get(f"/tasks/{Task.objects.get(project=project).pk}/").content.decode()
    assert client.get(f"/projects/{project.pk}/events/0/content").content == b'{"t":"a\\u0000b"}'


@pytest.mark.parametrize(
    "query",
    [
        "stage=%00",
        "stage=%3Cscript%3E",
        "words=%27%3A*%20%7C%20%5C",
        "words=%00a",
        "external_id=%27--",
        "person=%00",
        "stage=" + "%F0%9F" * 9,
    ],
)
@pytest.mark.parametrize("page", ["tasks", "events"])
def test_filters_are_values_not_statements(db: None, client: Client, page: str, query: str) -> None:
    project = make_project([make_event()])
    answer = client.get(f"/projects/{project.pk}/{page}/?{query}")
    assert answer.status_code in (200, 400)
    assert "<script>" not in answer.content.decode()


def test_a_damaged_envelope_is_shown_as_damaged(db: None, client: Client) -> None:
    project = make_project([make_event("T1"), make_event("T1", minute=1)])
    with connection.cursor() as db:
        db.execute("SET LOCAL session_replication_role = replica")
        db.execute("UPDATE audit_event SET envelope = 'no envelope' WHERE n = 2")
        db.execute("SET LOCAL session_replication_role = DEFAULT")
    task = Task.objects.get(project=project).pk
    text = client.get(f"/tasks/{task}/?event=2").content.decode()
    assert "the stored entry is damaged" in text
    assert "does not lead to the signed root" in text
    assert client.get(f"/projects/{project.pk}/events/").status_code == 200
    assert client.get(f"/api/v1/tasks/{task}/events/").status_code == 200
