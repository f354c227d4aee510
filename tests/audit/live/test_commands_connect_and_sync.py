"""`manage.py connect` and `manage.py sync`, with their exit codes."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from audit.demo.redbrick import FakeRedBrick
from audit.demo.redbrick.scripts import AGREEMENT, LIVER, ORG
from audit.live.platforms import open_project, unseal
from audit.log.verify import verify
from audit.models import Project, Schedule, Source, SyncRun
from audit.sources.base import SourceError
from tests.audit.live.compare import differences
from tests.audit.live.conftest import TASKS
from tests.factories import make_project


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, fake: FakeRedBrick, db: None) -> Any:
    """Run a command; what it wrote to stdout and stderr. The platform's key is in RB_KEY."""
    monkeypatch.setenv("RB_KEY", fake.world.key)

    def call(*arguments: str) -> tuple[str, str]:
        out, err = StringIO(), StringIO()
        call_command(*arguments, stdout=out, stderr=err)
        return out.getvalue(), err.getvalue()

    return call


def arguments(fake: FakeRedBrick, *more: str, project: str = LIVER.id) -> list[str]:
    return ["connect", "redbrick", "--url", fake.url, "--org", ORG, "--project", project, "--key-env", "RB_KEY", *more]


def test_a_project_is_connected_then_synced(run: Any, fake: FakeRedBrick) -> None:
    out, err = run(*arguments(fake))
    project = Project.objects.get()
    assert out == f"project {project.pk} {LIVER.name}: connected\n"
    assert "does not list deleted tasks" in err, "what the platform does not tell is said"
    out, _ = run("sync", LIVER.name)
    assert f"Complete: {TASKS} tasks, as many as the source says it has." in out
    told = json.loads(run("sync", f"redbrick:{LIVER.id}", "--since-last", "--json")[0])
    assert (told["mode"], told["added"]) == ("incremental", 0)
    assert differences(project, fake.world) == []


def test_a_connected_project_verifies_before_it_was_read(run: Any, fake: FakeRedBrick) -> None:
    run(*arguments(fake))
    run("sync")
    run(*arguments(fake, project=AGREEMENT.id))
    second = Project.objects.get(external_id=AGREEMENT.id)
    assert second.stages == [stage["stageName"] for stage in AGREEMENT.stages]
    assert verify(second.log).holds


def test_all_connected_projects_are_synced_without_a_name(run: Any, fake: FakeRedBrick) -> None:
    run(*arguments(fake))
    run(*arguments(fake, project=AGREEMENT.id))
    assert Source.objects.count() == 1, "two projects of one organisation are of one source"
    out, _ = run("sync")
    assert out.count("Complete:") == 2


def test_one_failure_does_not_keep_the_others_from_their_turn(run: Any, fake: FakeRedBrick) -> None:
    run(*arguments(fake))
    run(*arguments(fake, project=AGREEMENT.id))
    fake.world.projects[LIVER.id].status = "REMOVING"
    with pytest.raises(SystemExit) as end:
        run("sync")
    assert end.value.code == 1
    assert sorted(SyncRun.objects.values_list("state", flat=True)) == ["failed", "succeeded"]


def test_the_key_is_encrypted_and_never_shown(run: Any, fake: FakeRedBrick) -> None:
    out, err = run(*arguments(fake))
    key = fake.world.key
    source = Source.objects.get()
    assert key not in out + err
    assert key.encode() not in bytes(source.credentials or b"")
    assert unseal(source) == key
    source.base_url = "https://elsewhere.example.org"
    with pytest.raises(SourceError, match="stored for another address"):
        unseal(source)


def test_connecting_again_replaces_the_key(run: Any, fake: FakeRedBrick, monkeypatch: pytest.MonkeyPatch) -> None:
    run(*arguments(fake))
    fake.world.key = "another-key-of-an-invented-organisation-000"
    with pytest.raises(SystemExit):
        run("sync")
    assert SyncRun.objects.get().error_code == "key"
    monkeypatch.setenv("RB_KEY", fake.world.key)
    out, _ = run(*arguments(fake))
    assert "the key was replaced" in out
    assert Project.objects.count() == 1
    run("sync")


def test_a_connected_project_gets_the_usual_schedules(run: Any, fake: FakeRedBrick) -> None:
    run(*arguments(fake))
    found = {schedule.mode: (schedule.minutes, str(schedule.at)) for schedule in Schedule.objects.all()}
    assert found == {"incremental": (15, "None"), "full": (None, "02:00:00")}


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"redbrick": "redbrik"}, 2, "did you mean redbrick"),
        ({"RB_KEY": "NO_SUCH_VARIABLE"}, 2, "NO_SUCH_VARIABLE is not set"),
        ({ORG: ""}, 2, "--org is no id"),
        ({LIVER.id: "00000000-0000-4000-8000-000000000000"}, 1, "has no project"),
        ({ORG: "00000000-0000-4000-8000-000000000000"}, 1, "has no project"),
    ],
)
def test_a_wrong_connection_is_refused(
    run: Any, fake: FakeRedBrick, change: dict[str, str], status: int, words: str
) -> None:
    with pytest.raises(CommandError, match=words) as refused:
        run(*(change.get(word, word) for word in arguments(fake)))
    assert refused.value.returncode == status
    assert not Source.objects.exists()


@pytest.mark.parametrize(
    ("key", "words"), [("short", "it has 5 characters"), ("x" * 43, "does not accept the API key"), ("", "empty")]
)
def test_a_wrong_key_is_refused(
    run: Any, fake: FakeRedBrick, monkeypatch: pytest.MonkeyPatch, key: str, words: str
) -> None:
    monkeypatch.setenv("RB_KEY", key)
    with pytest.raises(CommandError, match=words):
        run(*arguments(fake))
    assert not Source.objects.exists()


def test_a_project_that_is_being_removed_is_refused(run: Any, fake: FakeRedBrick) -> None:
    fake.world.projects[LIVER.id].status = "REMOVING"
    with pytest.raises(CommandError, match="in the state REMOVING"):
        run(*arguments(fake))


def test_a_private_address_needs_the_operators_word(run: Any, fake: FakeRedBrick, settings: Any) -> None:
    settings.SOURCE_ALLOW_HOSTS = []
    with pytest.raises(CommandError, match="LABELTRAIL_ALLOW_HOSTS"):
        run(*arguments(fake))
    settings.SOURCE_ALLOW_HOSTS = ["127.0.0.1"]
    run(*arguments(fake))
    settings.SOURCE_ALLOW_HOSTS = []
    with pytest.raises(SystemExit):
        run("sync")
    assert "LABELTRAIL_ALLOW_HOSTS" in SyncRun.objects.get().error_text


def test_a_file_of_certificates_that_can_not_be_read_is_named(run: Any, fake: FakeRedBrick, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="can't be read"):
        run(*arguments(fake, "--ca-file", str(tmp_path / "none.pem")))


def test_times_of_redbrick_need_no_zone(run: Any, fake: FakeRedBrick) -> None:
    with pytest.raises(CommandError, match="--zone is for platforms"):
        run(*arguments(fake, "--zone", "Europe/Paris"))


def test_a_sync_of_nothing_is_refused(run: Any) -> None:
    with pytest.raises(CommandError, match="No project is connected") as refused:
        run("sync")
    assert refused.value.returncode == 2


def test_a_file_project_is_not_synced(run: Any) -> None:
    project = make_project(name="From a file")
    with pytest.raises(CommandError, match="load its file again") as refused:
        run("sync", project.name)
    assert refused.value.returncode == 2


def test_stored_credentials_open_the_project(run: Any, fake: FakeRedBrick) -> None:
    run(*arguments(fake))
    live = open_project(Project.objects.get())
    assert live.count() == TASKS
    live.close()
