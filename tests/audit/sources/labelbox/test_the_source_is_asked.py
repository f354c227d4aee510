"""What is asked of Labelbox, and what is said when the answer is none."""

from __future__ import annotations

import io
from collections import Counter
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from audit.sources.base import FileRef, SourceError
from audit.sources.labelbox import PLATFORM, LabelboxClient, LabelboxSource, client, wire
from audit.sources.labelbox import export as exports
from audit.sources.labelbox.export import exported, lines
from audit.sources.web import Conditions
from tests.fakes.labelbox import MASK, FakeLabelbox
from tests.fakes.labelbox_story import KEY, OTHER_PROJECT, PROJECT, QUEUES

HERE = Conditions(allow_hosts=["127.0.0.1"], sleep=lambda seconds: None)


def opened(url: str, key: str = KEY, project: str = PROJECT, how: Conditions = HERE) -> LabelboxSource:
    return LabelboxSource(LabelboxClient(url, key, project, how))


def refused(source: LabelboxSource) -> SourceError:
    with pytest.raises(SourceError) as caught:
        source.check()
    return caught.value


def test_the_check_tells_name_and_queues(source: LabelboxSource) -> None:
    found = source.check()
    assert (found.name, found.stages, found.zone) == ("fixtures project", QUEUES, "UTC")


@pytest.mark.parametrize("end", ["", "/", "/graphql", "/graphql/", "/_gql"])
def test_an_address_may_end_as_people_copy_it(fake: FakeLabelbox, end: str) -> None:
    assert opened(fake.url + end).check().name == "fixtures project"


@pytest.mark.parametrize("key", ["", "short", "x" * 20 + " y", "x" * 20 + "\n", "é" * 20])
def test_a_key_that_is_none_is_refused_before_anything_is_sent(fake: FakeLabelbox, key: str) -> None:
    with pytest.raises(SourceError, match="no API key") as caught:
        opened(fake.url, key)
    assert caught.value.code == "key"
    assert fake.requests == []


def test_a_wrong_key_is_said_and_not_shown(fake: FakeLabelbox) -> None:
    wrong = KEY.replace("a", "b")
    error = refused(opened(fake.url, wrong))
    assert (error.code, wrong in error.text) == ("key", False)


def test_an_unknown_project_is_said(fake: FakeLabelbox) -> None:
    error = refused(opened(fake.url, project="clnobodys"))
    assert (error.code, "knows no project clnobodys" in error.text) == ("missing", True)
    fake.fail("GetProject", errors=[{"message": "?", "extensions": {"code": "RESOURCE_NOT_FOUND"}}])
    assert refused(opened(fake.url)).code == "missing"


def test_a_project_without_a_number_of_data_rows_makes_no_sense(source: LabelboxSource, fake: FakeLabelbox) -> None:
    fake.fail("GetProject", data={"project": {"dataRowCount": "many"}})
    with pytest.raises(SourceError, match="number of its data rows makes no sense"):
        source.count()


def test_another_kind_of_address_is_said(fake: FakeLabelbox) -> None:
    assert refused(opened(fake.url + "/elsewhere")).code == "address"


def test_a_private_address_is_refused(fake: FakeLabelbox) -> None:
    how = Conditions(resolve=lambda host, port: ["10.0.0.7"])
    error = refused(opened("https://labelbox.example", how=how))
    assert (error.code, "private" in error.text) == ("address", True)


def test_projects_are_listed(fake: FakeLabelbox) -> None:
    found = [(one.external_id, one.name) for one in PLATFORM.projects(fake.url, KEY, "", HERE)]
    assert found == [(PROJECT, "fixtures project"), (OTHER_PROJECT, "an empty project")]


def test_a_project_without_data_rows_has_none(fake: FakeLabelbox) -> None:
    source = opened(fake.url, project=OTHER_PROJECT)
    assert source.count() == 0
    assert list(source.task_pages()) == []


def test_a_data_row_is_asked_for_by_its_id(source: LabelboxSource, fake: FakeLabelbox) -> None:
    first = next(iter(fake.world.rows))
    found = source.task(first)
    assert found is not None
    assert found.task == first
    assert source.task(first.upper()) is None, "ids that differ in case are others"


def test_another_data_row_than_was_asked_for_is_an_error(source: LabelboxSource, fake: FakeLabelbox) -> None:
    first, second, *_ = fake.world.rows
    fake.world.rows[first]["data_row"]["id"] = second
    with pytest.raises(SourceError, match=f"sent the data row {second}"):
        source.task(first)


def test_many_data_rows_are_asked_for_with_one_export(source: LabelboxSource, fake: FakeLabelbox) -> None:
    ids = [*fake.world.rows, *(f"gone{number}" for number in range(100))]
    found = dict(source.tasks(iter(ids)))
    assert found.keys() == set(ids)
    assert {id_ for id_, history in found.items() if history is not None} == set(fake.world.rows)
    assert fake.asked("exportDataRowsInProjectPyApi") == 1


def test_a_data_row_that_could_not_be_exported_is_not_gone(source: LabelboxSource, fake: FakeLabelbox) -> None:
    first = next(iter(fake.world.rows))
    fake.world.broken[first] = "asset deleted"
    with pytest.raises(SourceError, match=first):
        source.task(first)


def test_times_of_filters_keep_their_moment() -> None:
    """The SDK cuts off the offset and calls the rest UTC: 00:00 in India would be 00:00 in Greenwich."""
    midnight = datetime(2024, 1, 1, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    asked: Any = wire.project_export(PROJECT, since=midnight)
    (query,) = asked["filters"]["searchQuery"]["query"]
    assert query["value"] == {
        "operator": "GREATER_THAN_OR_EQUAL",
        "timezone": "UTC",
        "value": "2023-12-31T18:30:00+0000",
    }


def test_the_platforms_clock_is_when_it_began_the_export(source: LabelboxSource) -> None:
    (page,) = source.task_pages()
    assert page.clock == datetime(2026, 3, 5, 8, tzinfo=UTC)


def test_waiting_for_an_export_grows_and_ends(
    fake: FakeLabelbox, slept: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "FIRST_POLL", 4.0)
    now = [0.0]

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    fake.polls = 10**6
    how = Conditions(allow_hosts=["127.0.0.1"], sleep=sleep, clock=lambda: now[0])
    asking = LabelboxClient(fake.url, KEY, PROJECT, how)
    monkeypatch.setattr(exports, "LONGEST_EXPORT", 60.0)
    with pytest.raises(SourceError, match="not ready after"):
        exported(asking, "Project", wire.project_export(PROJECT))
    assert slept[:4] == [4.0, 8.0, 10.0, 10.0]


@pytest.mark.parametrize("chunk", [1, 5_000, 10**9])
def test_chunks_of_any_size_give_the_same_lines(fake: FakeLabelbox, chunk: int) -> None:
    fake.chunk = chunk
    asking = LabelboxClient(fake.url, KEY, PROJECT, HERE)
    found = list(lines(asking, exported(asking, "Project", wire.project_export(PROJECT))))
    assert len(found) == len(fake.world.rows)
    assert any(len(line) != len(line.decode()) for line in found), "some have more bytes than characters"


def test_a_chunk_that_begins_elsewhere_is_read_from_the_byte_that_was_asked_for(fake: FakeLabelbox) -> None:
    """What a server may answer after an interruption: another cut, in which the byte is in the middle."""
    asking = LabelboxClient(fake.url, KEY, PROJECT, HERE)
    export = exported(asking, "Project", wire.project_export(PROJECT))
    kept = fake.exports[export.id]
    body = b"".join(chunk[2] for chunk in kept["RESULT"])
    whole = body.split(b"\n")[:-1]
    half = len(whole[0]) + 1
    kept["RESULT"] = [(0, half - 1, body[:half], 1), (0, len(body) - 1, body, len(whole) - 1)]
    assert list(lines(asking, export)) == whole


def test_pages_of_large_versions_are_shorter(fake: FakeLabelbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "LARGE_PAGE", 2_000)
    found = list(LabelboxClient(fake.url, KEY, PROJECT, HERE, page=8).label_versions())
    assert len(found) == len(fake.world.versions) == 12
    assert [asked["first"] for _, asked in fake.requests] == [8, 4]
    fake.requests.clear()
    monkeypatch.setattr(client, "LARGE_PAGE", 10**6)
    list(LabelboxClient(fake.url, KEY, PROJECT, HERE, page=8).label_versions())
    assert [asked["first"] for _, asked in fake.requests] == [8, 8]


def test_masks_are_fetched_with_the_key(source: LabelboxSource, fake: FakeLabelbox) -> None:
    into = io.BytesIO()
    source.file(FileRef("m", f"{fake.url}/api/v1/tasks/t/masks/m/index/1", "a mask"), into)
    assert into.getvalue() == MASK


def test_what_a_key_may_not_see_of_the_workspace_is_left_out(source: LabelboxSource, fake: FakeLabelbox) -> None:
    error = {"message": "not for you", "extensions": {"code": "AUTHORIZATION_ERROR"}}
    fake.fail("GetUsers|GetModels|GetDatasets|GetCatalogSavedQueries", times=100, errors=[error])
    kinds = Counter(event.source_type for event in source.project_events())
    assert kinds == {"project": 1, "MEMBER_CHANGED": 4}
    assert source.project().addresses.keys() == {email for email, _ in fake.world.users.values()}
    assert not source.project().with_models


@pytest.mark.parametrize("operation", ["GetUsers", "GetModels", "GetDatasets", "ProjectMemberOverview"])
def test_any_other_error_is_one(source: LabelboxSource, fake: FakeLabelbox, operation: str) -> None:
    fake.fail(operation, times=100, errors=[{"message": "no"}])
    with pytest.raises(SourceError, match="no"):
        list(source.project_events())


def test_a_project_that_a_key_may_not_see_is_an_error(source: LabelboxSource, fake: FakeLabelbox) -> None:
    error = {"message": "not for you", "extensions": {"code": "AUTHORIZATION_ERROR"}}
    fake.fail("GetProjectPyApi", times=100, errors=[error])
    with pytest.raises(SourceError, match="does not let this key see"):
        source.check()


def test_the_catalog_is_not_asked_where_there_are_no_models(source: LabelboxSource, fake: FakeLabelbox) -> None:
    fake.world.models.clear()
    assert sum(len(page.histories) for page in source.task_pages()) == 3
    assert fake.asked("exportDataRowsInCatalogPyApi") == 0
