"""`manage.py sync --queue`, and `--wait` for its end."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from audit.demo.redbrick import FakeRedBrick
from audit.demo.redbrick.scripts import AGREEMENT
from audit.models import Project, SyncRun
from exportsite import queued
from exportsite.jobs import cancel, perform
from tests.audit.live.conftest import TASKS, connected


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[SyncRun], object]], None]:
    """Let something happen to each queued sync while a command waits."""

    def arrange(happens: Callable[[SyncRun], object]) -> None:
        def pause(seconds: float) -> None:
            for run in SyncRun.objects.filter(state="queued"):
                happens(run)

        monkeypatch.setattr(queued.time, "sleep", pause)

    return arrange


def run(*words: object) -> tuple[str, str]:
    said, told = StringIO(), StringIO()
    call_command("sync", *map(str, words), stdout=said, stderr=told)
    return said.getvalue(), told.getvalue()


def test_the_id_of_the_queued_sync_is_printed(project: Project) -> None:
    said, _ = run(project.pk, "--queue")
    assert said.strip() == str(SyncRun.objects.get(state="queued", mode="full").pk)


def test_waiting_prints_what_a_sync_in_this_process_prints(project: Project, meanwhile: Any) -> None:
    meanwhile(lambda sync: perform(SyncRun, sync.pk))
    said, _ = run(project.pk, "--queue", "--wait", "60")
    assert f"Complete: {TASKS} tasks, as many as the source says it has." in said
    told = json.loads(run(project.pk, "--since-last", "--queue", "--wait", "60", "--json")[0])
    assert (told["mode"], told["added"]) == ("incremental", 0)


def test_waiting_too_long_is_exit_status_4_and_the_sync_goes_on(project: Project) -> None:
    with pytest.raises(SystemExit) as end:
        run(project.pk, "--queue", "--wait", "0")
    assert end.value.code == 4
    assert SyncRun.objects.get().state == "queued"


def test_a_sync_that_is_cancelled_meanwhile_is_exit_status_3(project: Project, meanwhile: Any) -> None:
    meanwhile(cancel)
    with pytest.raises(SystemExit) as end:
        run(project.pk, "--queue", "--wait", "60")
    assert end.value.code == 3


def test_one_that_fails_is_exit_status_1_and_the_others_are_waited_for(
    project: Project, fake: FakeRedBrick, meanwhile: Any
) -> None:
    connected(fake, AGREEMENT.id)
    fake.world.projects[project.external_id].status = "REMOVING"
    meanwhile(lambda sync: perform(SyncRun, sync.pk))
    with pytest.raises(SystemExit) as end:
        run("--queue", "--wait", "60")
    assert end.value.code == 1
    assert sorted(SyncRun.objects.values_list("state", flat=True)) == ["failed", "succeeded"]


def test_ctrl_c_cancels_all_that_is_waited_for(project: Project, fake: FakeRedBrick, meanwhile: Any) -> None:
    connected(fake, AGREEMENT.id)

    def interrupt(sync: SyncRun) -> None:
        raise KeyboardInterrupt

    meanwhile(interrupt)
    with pytest.raises(CommandError, match="being cancelled") as caught:
        run("--queue", "--wait", "60")
    assert caught.value.returncode == 3
    assert set(SyncRun.objects.values_list("state", flat=True)) == {"cancelled"}


def test_waiting_without_a_queue_is_refused(project: Project) -> None:
    with pytest.raises(CommandError, match="--queue") as caught:
        run(project.pk, "--wait", "3")
    assert caught.value.returncode == 2
    assert not SyncRun.objects.exists()
