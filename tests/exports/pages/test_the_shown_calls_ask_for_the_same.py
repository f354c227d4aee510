"""The API call and the command that the builder shows ask for what the form asks for, whatever was entered."""

from __future__ import annotations

import json
import subprocess
from html import unescape

import pytest
from django.core.management import call_command
from django.test import Client

from audit.models import Project
from exports.models import Export
from tests.exports.pages.conftest import Send

CHOICES: list[dict[str, object]] = [
    {},
    {"type": ["review.rejected", "task.created"], "p-encoding": "csv", "p-payload": "true", "as_of": "5"},
    {"words": 'it\'s "a" $HOME `id` \\ lesion'},
    {"external_id": "[1]"},
    {"external_id": "{"},
    {"external_id": '"quoted"'},
    {"external_id": "T 1; rm -rf / #"},
    {"external_id": "\u202egnp.exe\u200b"},
    {"external_id": "Größe 象"},
]


def as_a_shell_reads(text: str) -> list[str]:
    """The words that a shell makes of a command."""
    printed = subprocess.run(["sh", "-c", "printf '%s\\0' " + text], capture_output=True, text=True, check=True)
    return printed.stdout.split("\0")[:-1]


def shown(client: Client, query: dict[str, object], label: str) -> str:
    """The text of the example with this label on the builder's page."""
    text = client.get("/exports/new/", query).content.decode()
    return unescape(text.split(f'aria-label="{label}"><code>')[1].split("</code>")[0])


@pytest.mark.parametrize("choice", CHOICES)
def test_the_api_call_asks_for_the_same(
    client: Client, send: Send, project: Project, choice: dict[str, object]
) -> None:
    query = {"project": project.pk, "format": "trail", **choice}
    call = shown(client, query, "API call")
    head, body = call.split("<<'END'\n")
    assert "\nEND" not in body.removesuffix("\nEND")
    words = as_a_shell_reads(head)
    assert words[0] == "curl"
    assert words[-1] == "http://testserver/api/v1/exports/"
    send("/exports/new/", **query)
    answer = client.post("/api/v1/exports/", body.removesuffix("\nEND"), content_type="application/json")
    assert answer.status_code == 202
    page, api = Export.objects.order_by("created_at")
    assert page.asked == api.asked
    assert page.resolved == api.resolved
    assert json.loads(body.removesuffix("\nEND"))["project"] == project.pk


@pytest.mark.parametrize("choice", CHOICES)
def test_the_command_asks_for_the_same(client: Client, send: Send, project: Project, choice: dict[str, object]) -> None:
    query = {"project": project.pk, "format": "trail", **choice}
    words = as_a_shell_reads(shown(client, query, "Command"))
    assert words[:3] == ["python", "manage.py", "export"]
    call_command("export", *words[3:], "--queue")
    send("/exports/new/", **query)
    command, page = Export.objects.order_by("created_at")
    assert command.resolved == page.resolved
