from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from audit.log.create import create_project
from audit.models import Event, Log, Project, Source, SyncRun
from audit.sources.files import BadFile, FileOptions
from audit.staging import Staging
from audit.sync import LoadBusy, LoadRefused, LoadResult, load_file

Load = Callable[..., LoadResult]
HEAD = "task,event,time\n"
GOOD = "1,A,2024-01-01T00:00:00Z\n"


def test_a_bad_last_line_keeps_the_whole_file_out(load: Load) -> None:
    with pytest.raises(BadFile, match="line 30002: the time"):
        load(HEAD + GOOD * 30_000 + "1,A,yesterday\n".replace("yesterday", "2024-01-01"))
    assert not Project.objects.exists()
    assert not Source.objects.exists()
    assert not Event.objects.exists()


def test_a_bad_file_leaves_a_project_as_it_was_and_a_run_that_says_why(load: Load) -> None:
    size = load(HEAD + GOOD).log_size
    with pytest.raises(BadFile):
        load(HEAD + GOOD + "2,B,2024-01-01T00:00:00Z\n3,,2024-01-01T00:00:00Z\n")
    assert Log.objects.get().size == size
    run = SyncRun.objects.order_by("-id")[0]
    assert "line 4: the event is empty" in run.error_text
    assert run.finished_at is not None


def test_two_events_of_one_id_are_refused_with_both_lines(load: Load) -> None:
    with pytest.raises(BadFile) as caught:
        load("task,event,time,id\n1,A,2024-01-01T00:00:00Z,7\n2,A,2024-01-01T00:00:00Z,7\n1,B,2024-01-01T00:00:00Z,7\n")
    assert caught.value.line == 4
    assert 'has the id "7" of another event of the task "1" on line 2' in caught.value.text
    assert "or none with --column id=" in caught.value.text
    assert not Project.objects.exists()


def test_a_column_that_is_no_id_can_be_left_out(load: Load) -> None:
    rows = "1,A,2024-01-01T00:00:00Z,7\n1,B,2024-01-01T00:00:00Z,7\n"
    assert load("task,event,time,id\n" + rows, columns=["id="]).recorded == 2


def test_a_second_load_at_the_same_time_is_refused(load: Load) -> None:
    with Staging() as other:
        assert other.hold("Review")
        with pytest.raises(LoadBusy, match='another load into "Review" is running; wait for its end'):
            load(HEAD + GOOD)
        assert load(HEAD + GOOD, project="Another").recorded == 1
    assert load(HEAD + GOOD).recorded == 1


def test_a_load_that_failed_holds_nothing_up(load: Load) -> None:
    with pytest.raises(BadFile):
        load(HEAD)
    assert load(HEAD + GOOD).recorded == 1


def test_a_project_of_a_platform_is_refused(load: Load) -> None:
    create_project(Source.objects.create(kind="redbrick", name="RedBrick AI"), "b1", "Review")
    with pytest.raises(LoadRefused, match=r'"Review" is a project of another kind \(RedBrick AI\)'):
        load(HEAD + GOOD)
    assert not Event.objects.exists()


def test_the_id_of_a_project_where_its_name_belongs_is_refused(load: Load) -> None:
    project = load(HEAD + GOOD).project
    with pytest.raises(LoadRefused, match=f'{project.pk} is the id of the project "Review"; give the project\'s name'):
        load(HEAD + GOOD, project=str(project.pk))


@pytest.mark.parametrize("name", ["", " ", "a\0b", "two\nlines", "\u202eabc", "x" * 201])
def test_a_name_that_nobody_could_read_is_refused(load: Load, name: str) -> None:
    with pytest.raises(LoadRefused, match="is no name for a project"):
        load(HEAD + GOOD, project=name)


def test_another_zone_than_before_is_refused(load: Load) -> None:
    local = "1,A,2024-01-01 00:00\n"
    load(HEAD + local, zone="Asia/Tokyo")
    with pytest.raises(LoadRefused, match="times without a zone are of Asia/Tokyo in this project"):
        load(HEAD + local, zone="Asia/Seoul")
    assert load(HEAD + local, zone="Asia/Tokyo").added == 0
    assert load(HEAD + local).added == 0


def test_a_zone_can_be_named_when_it_is_needed_first(load: Load) -> None:
    project = load(HEAD + GOOD).project
    load(HEAD + GOOD + "1,B,2024-01-01 00:00\n", zone="Asia/Tokyo")
    assert Source.objects.get(pk=project.source_id).zone == "Asia/Tokyo"


def test_a_file_that_can_not_be_opened_makes_no_project(db: None, tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="there is no such file"):
        load_file(str(tmp_path / "none"), "Review", FileOptions())
    assert not Project.objects.exists()
