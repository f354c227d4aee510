"""How Kili is asked: where, with which key, for which fields, and for files."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest

from audit.sources.base import SourceError
from audit.sources.kili import KiliClient, KiliSource, queries
from audit.sources.kili.wire import endpoint
from audit.sources.web import Conditions
from tests.fakes.kili import FakeKili
from tests.fakes.kili_story import CARS, CLIPS, KEY, world


@pytest.fixture
def fake() -> Iterator[FakeKili]:
    with FakeKili(world(3)) as server:
        yield server


def source_of(fake: FakeKili, project: str = CARS) -> KiliSource:
    return KiliSource(KiliClient(fake.url, KEY, project, Conditions(allow_hosts=["127.0.0.1"])))


@pytest.mark.parametrize(
    ("url", "there"),
    [
        ("https://cloud.kili-technology.com", "https://cloud.kili-technology.com/api/label/v2/graphql"),
        ("HTTPS://Kili.Example.com/", "https://kili.example.com/api/label/v2/graphql"),
        ("https://example.com/kili/graphql/", "https://example.com/kili/graphql"),
    ],
)
def test_the_address_of_an_installation_leads_to_its_api(url: str, there: str) -> None:
    assert endpoint(url) == there


@pytest.mark.parametrize("key", ["", "short", "with a space in it", "schlüssel-aus-zeichen", "x" * 600])
def test_what_can_be_no_key_is_refused_before_anything_is_sent(key: str) -> None:
    with pytest.raises(SourceError, match="no API key") as caught:
        KiliClient("https://kili.example.com", key, "p")
    assert caught.value.code == "key"
    assert not key or key not in caught.value.text


def test_the_key_is_in_no_text(fake: FakeKili) -> None:
    client = KiliClient(fake.url, KEY, CARS, Conditions(allow_hosts=["127.0.0.1"]))
    fake.fail("assets", errors=[{"message": f"key {KEY} is bad"}])
    with pytest.raises(SourceError) as caught:
        list(client.assets())
    assert KEY not in f"{caught.value} {client!r} {client.web!r}"


def test_fields_that_an_installation_does_not_have_are_not_asked_for() -> None:
    schema = {"Label": frozenset({"id", "jsonResponse"}), "Asset": frozenset({"id", "labels", "skipped"})}
    assert queries.fields("Asset", schema) == "{ id skipped labels { id jsonResponse } }"
    assert "skipped" not in queries.fields("Asset", {})
    assert "currentStep" not in queries.fields("Asset", {}, queries.NOT_LEGACY)


@pytest.mark.parametrize(("project", "first"), [(CARS, 50), (CLIPS, 10)])
def test_pages_of_videos_are_small(fake: FakeKili, project: str, first: int) -> None:
    source = source_of(fake, project)
    list(source.task_pages())
    assert {asked["first"] for name, asked in fake.requests if name == "assets"} == {first}


def test_the_file_of_an_asset_is_fetched_where_it_was_named(fake: FakeKili) -> None:
    source = source_of(fake)
    page, _ = source.task_pages()  # The second one has the events about no asset.
    (ref,) = page.histories[0].events[-1].files
    assert (ref.media, "Signature" in ref.name, "Signature" in ref.where) == (True, False, True)
    into = io.BytesIO()
    source.file(ref, into)
    assert into.getvalue().startswith(b"\xff\xd8")


def test_one_asset_comes_with_its_whole_history(fake: FakeKili) -> None:
    source = source_of(fake)
    page, _ = source_of(fake).task_pages()
    wanted = page.histories[2]
    found = source.task(wanted.task)
    assert found is not None
    assert [event.source_key for event in found.events] == [event.source_key for event in wanted.events]
    assert source.task("none") is None
    source.close()


def test_an_incremental_listing_asks_for_days(fake: FakeKili) -> None:
    source = source_of(fake)
    page, _ = source.task_pages()  # The second one has the events about no asset.
    assert page.clock is not None
    list(source.task_pages(page.clock))
    where = [asked["where"] for name, asked in fake.requests if name == "assets"][-1]
    assert where["updatedAtGte"] == page.clock.date().isoformat()
