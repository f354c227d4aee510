"""Those who say tasks read them for themselves, each through a connection of its own."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from django.db import connection

from audit.log.create import create_project
from audit.models import Log, Project, Source
from audit.queries.filters import Filters
from exports import sharing
from exports.formats import FORMATS
from exports.formats.base import LabelledTask
from exports.run import make_export
from exports.snapshot import LogSnapshot
from tests.exports.kili_recorded import recorded

pytestmark = pytest.mark.django_db(transaction=True)

READS = FORMATS["labelbox"].reads({"project_details": False, "embeddings": False})


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch, settings) -> None:
    monkeypatch.setattr(sharing, "FEW", 1)
    monkeypatch.setattr(sharing, "FIRST_TASKS", 1)
    settings.LABELTRAIL_EXPORT_PROCESSES = 2


@pytest.fixture
def project(transactional_db: None) -> Project:
    return recorded("02_all_image_tools")


def _selection(project: Project) -> LogSnapshot:
    log = Log.objects.get(project=project)
    return LogSnapshot(log, log.size, Filters(), READS)


def _who(task: LabelledTask) -> tuple[int, str, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return os.getpid(), task.task, cursor.fetchall()[0][0]


def test_each_has_a_connection_of_its_own_and_leaves_ours_alone(project) -> None:
    selection = _selection(project)
    found = list(selection.each(_who))
    assert [task for _, task, _ in found] == [task.task for task in selection.labelled()]
    assert os.getpid() not in {pid for pid, _, _ in found}
    ours = _who(next(selection.labelled()))
    assert ours[2] not in {backend for _, _, backend in found}
    assert len({(pid, backend) for pid, _, backend in found}) == len({pid for pid, _, _ in found})


def test_what_a_killed_one_had_is_read_here(project) -> None:
    here = os.getpid()

    def make(task: LabelledTask) -> str:
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return task.task

    selection = _selection(project)
    assert list(selection.each(make)) == [task.task for task in selection.labelled()]


def test_what_fails_fails_here_in_its_own_words(project) -> None:
    def make(task: LabelledTask) -> str:
        raise ValueError(f"{task.task} can't be said")

    selection = _selection(project)
    first = next(selection.labelled())
    with pytest.raises(ValueError, match=f"^{first.task} can't be said$"):
        list(selection.each(make))


def test_parts_are_as_large_as_those_before_let_expect(monkeypatch) -> None:
    monkeypatch.setattr(sharing, "BATCH_BYTES", 100)
    parts = sharing._Parts(iter([[None] * 1_000]))
    sizes = []
    for part, bytes_of_each in zip(parts, (10, 10, 10, 10, 1_000, 50, 50), strict=False):
        sizes.append(len(part))
        parts.learn(len(part), len(part) * bytes_of_each)
    assert sizes == [1, 2, 4, 8, 10, 1, 2]


def test_parts_are_smaller_where_much_is_made_of_little(monkeypatch) -> None:
    monkeypatch.setattr(sharing, "BATCH_BYTES", 1_000)
    parts = sharing._Parts(iter([[None] * 1_000]))
    sizes = []
    for part, made_of_each in zip(parts, (0, 0, 240, 990, 90, 0), strict=False):
        sizes.append(len(part))
        parts.weigh(len(part) * made_of_each)
        parts.learn(len(part), len(part) * 10)
    assert sizes == [1, 2, 4, 4, 1, 2]


def test_few_tasks_are_read_here(project, monkeypatch) -> None:
    monkeypatch.setattr(sharing, "FEW", 1_000)
    assert {pid for pid, _, _ in _selection(project).each(_who)} == {os.getpid()}


def test_a_project_without_tasks_has_nothing_made_of_it(transactional_db: None) -> None:
    project = create_project(Source.objects.create(kind="kili", name="none"), "none", "none")
    assert list(_selection(project).each(_who)) == []


@pytest.mark.parametrize("slug", ["labelbox", "labelstudio", "isahit_kili", "coco"])
def test_an_export_has_the_same_bytes(slug: str, project, settings, tmp_path: Path) -> None:
    extension = FORMATS[slug].extension
    more = {"input_id": "JOB_POLY"} if slug == "isahit_kili" else {}
    made = []
    for processes in (1, 3):
        settings.LABELTRAIL_EXPORT_PROCESSES = processes
        path = tmp_path / f"{processes}.{extension}"
        make_export(project, slug, parameters=more, output=path)
        proof = Path(f"{path}.proof.zip")
        made.append((path.read_bytes(), len(proof.read_bytes()) if proof.exists() else 0))
    assert made[0] == made[1]
