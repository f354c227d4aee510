"""Media that can't be had: a line that names the asset and the host; nothing else is lost, and strict exports fail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import IO, Any

import pytest
from msgspec.structs import replace

from audit.demo.redbrick import FakeRedBrick
from audit.files import store
from audit.live import media
from audit.live.platforms import open_project
from audit.models import Media, Project
from audit.sources.base import FileRef, LiveSource, SourceError, TaskHistory
from exports.models import Export
from exportsite.jobs import RunFailed
from exportsite.problems import WrongRequest
from tests.exports.media.conftest import errors, exported, kept, pictures

ALL = 10**6


def lines(export: Export) -> list[dict[str, Any]]:
    return [line for line in errors(export) if line["code"] == "no_file"]


def test_one_that_is_gone_has_a_line_that_names_asset_and_host(project: Project, fake: FakeRedBrick) -> None:
    fake.fail("file", times=1, status=404)
    export = exported(project)
    (line, *_) = lines(export)
    assert {line["asset"] for line in lines(export)} == {line["asset"]}, "one asset, whatever its labels"
    assert line["text"].endswith("127.0.0.1 answered 404."), "what concerns the run is not said of one file"
    assert len(pictures(export)) > len(lines(export))


def test_a_later_export_asks_for_it_again(project: Project, fake: FakeRedBrick) -> None:
    fake.fail("file", times=1, status=404)
    first = exported(project)
    second = exported(project, as_of=first.as_of)
    assert (len(lines(first)) > 0, lines(second)) == (True, [])


class Signing:
    """A platform whose addresses are signed: each time that a task is told they are others, and only those are good."""

    def __init__(self, source: LiveSource, good_for: int) -> None:
        self.source, self.left, self.told = source, good_for, 0

    def _signed(self, history: TaskHistory | None) -> TaskHistory | None:
        self.told += 1
        if history is None:
            return None
        events = [
            replace(event, files=tuple(replace(ref, where=f"{self.told}|{ref.where}") for ref in event.files))
            for event in history.events
        ]
        return replace(history, events=tuple(events))

    def task(self, external_id: str) -> TaskHistory | None:
        self.left = 10**6
        return self._signed(self.source.task(external_id))

    def tasks(self, external_ids: Iterable[str]) -> Iterator[tuple[str, TaskHistory | None]]:
        for task, history in self.source.tasks(external_ids):
            yield task, self._signed(history)

    def file(self, ref: FileRef, into: IO[bytes]) -> None:
        self.left -= 1
        if self.left < 0:
            raise SourceError("refused", "the signature is no longer good (403)")
        self.source.file(replace(ref, where=ref.where.partition("|")[2]), into)

    def close(self) -> None:
        self.source.close()


@pytest.mark.parametrize("good_for", [0, 2])
def test_an_expired_address_is_asked_for_anew(project: Project, monkeypatch: pytest.MonkeyPatch, good_for: int) -> None:
    signing: list[Signing] = []

    def opened(*given: Any) -> Signing:
        signing.append(Signing(open_project(given[0]), good_for))
        return signing[-1]

    monkeypatch.setattr("exports.fetching.opened", opened)
    assert lines(exported(project)) == []
    assert signing[0].left > 1000, "it was asked anew"


def test_one_that_is_refused_as_before_is_not_asked_for_for_ever(project: Project, fake: FakeRedBrick) -> None:
    fake.fail("file", times=ALL, status=403)
    export = exported(project)
    assert len(pictures(export)) == 0 < len(lines(export))
    assert fake.asked("file") == len({(line["asset"], line["text"]) for line in lines(export)})


def test_a_server_that_stumbles_is_asked_again(project: Project, fake: FakeRedBrick) -> None:
    fake.fail("file", times=3, status=503)
    assert lines(exported(project)) == []


def test_a_strict_export_fails_and_keeps_what_came(project: Project, fake: FakeRedBrick) -> None:
    fake.fail("file", times=1, status=404)
    with pytest.raises(RunFailed, match=r"127\.0\.0\.1 answered 404"):
        exported(project, "kili", strict=True)
    assert kept() > 0


def test_a_task_that_the_platform_has_no_more_is_named(project: Project, fake: FakeRedBrick) -> None:
    told = fake.world.projects[project.external_id]
    gone = told.task(told.order[0]).id
    told.order.remove(told.order[0])
    assert {line["asset"] for line in lines(exported(project))} <= {gone}


def test_a_platform_that_gives_no_answer_fails_the_export(project: Project, fake: FakeRedBrick) -> None:
    fake.fail("task", times=ALL, status=503)
    with pytest.raises(RunFailed, match="The media could not be fetched") as failure:
        exported(project)
    assert failure.value.code == "unavailable"


def test_files_that_never_come_fail_it_before_all_were_tried(
    project: Project, fake: FakeRedBrick, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media, "GIVE_UP", 2)
    fake.fail("file", times=ALL, status=503)
    with pytest.raises(RunFailed, match="Of 2 files in a row not one could be fetched") as failure:
        exported(project)
    assert (failure.value.code, kept()) == ("unavailable", 0)


def test_a_host_that_is_not_allowed_is_not_asked(project: Project, fake: FakeRedBrick, settings: Any) -> None:
    settings.SOURCE_ALLOW_HOSTS = []
    with pytest.raises(RunFailed, match="LABELTRAIL_ALLOW_HOSTS"):
        exported(project)
    assert fake.requests == []


def test_a_project_that_lost_the_policy_meanwhile_is_refused(project: Project) -> None:
    Project.objects.filter(pk=project.pk).update(media=Media.REFERENCE)
    with pytest.raises(WrongRequest, match="media to on_export"):
        exported(Project.objects.get(pk=project.pk))


def test_a_kept_file_that_is_gone_is_said_and_not_fetched_in_its_place(project: Project, fake: FakeRedBrick) -> None:
    first = exported(project)
    for file in (file for file in store().root.rglob("*") if file.is_file()):
        if file.read_bytes().startswith(b"\x89PNG"):
            file.unlink()
    asked = fake.asked("file")
    again = exported(project, as_of=first.as_of)
    assert {line["text"].rpartition(": ")[0].endswith("gone from LABELTRAIL_FILES") for line in lines(again)} == {True}
    assert fake.asked("file") == asked
