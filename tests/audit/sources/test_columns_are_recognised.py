from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from audit.sources.files import BadOption, EventFile, FileEvent, FileOptions
from audit.sources.files.fields import FIELDS, Columns

Read = Callable[..., list[FileEvent]]
Refusal = Callable[..., str]


@pytest.mark.parametrize(("field", "alias"), [(field, alias) for field, names in FIELDS.items() for alias in names])
def test_every_name_of_a_field_is_recognised_whatever_its_case(field: str, alias: str) -> None:
    for name in (alias, alias.upper(), f" {alias.replace('_', ' ')}", alias.replace("_", "-")):
        columns = Columns({})
        columns.learn([name])
        assert columns.found == {field: (name,)}


def test_a_better_name_goes_first_and_the_next_fills_its_gaps(read: Read) -> None:
    first, second = read(
        "task,event,time,createdBy,updatedBy\n1,A,2024-01-01T00:00:00Z,Kim,Lee\n1,A,2024-01-01T00:00:00Z,Kim,\n"
    )
    assert [item.event.actor and item.event.actor.external_id for item in (first, second)] == ["Lee", "Kim"]


def test_in_xes_the_standards_own_attributes_go_first() -> None:
    columns = Columns({}, xes=True)
    columns.learn(["Activity", "concept:name", "time", "time:timestamp", "user", "org:resource"])
    assert columns.found == {
        "event": ("concept:name", "Activity"),
        "time": ("time:timestamp", "time"),
        "actor": ("org:resource", "user"),
    }


def test_a_chosen_column_holds_its_field_and_no_other_does(read: Read) -> None:
    (found,) = read("task,event,time,user,boss\n1,A,2024-01-01T00:00:00Z,Kim,Lee\n", columns=["actor=boss"])
    assert found.event.actor is not None
    assert found.event.actor.external_id == "Lee"


def test_a_field_can_be_left_out(read: Read) -> None:
    (found,) = read("task,event,time,id\n1,A,2024-01-01T00:00:00Z,7\n", columns=["id="])
    assert found.event.source_key is None


@pytest.mark.parametrize(
    ("option", "text"),
    [
        ("actr=x", 'there is no field "actr" (nearest: actor)'),
        ("actor", "write field=NAME"),
        ("task=", "task is required, so it needs a column"),
    ],
)
def test_a_column_option_that_can_not_be_followed_is_refused(option: str, text: str) -> None:
    with pytest.raises(BadOption) as caught:
        FileOptions.parse(columns=[option])
    assert text in str(caught.value)


def test_one_field_in_two_columns_is_refused() -> None:
    with pytest.raises(BadOption, match='actor is given twice, as "a" and "b"'):
        FileOptions.parse(columns=["actor=a", "actor=b"])


def test_a_chosen_column_that_the_header_lacks_is_refused_with_the_nearest(refusal: Refusal) -> None:
    found = refusal("task,event,time,Annotator\n1,A,2024-01-01T00:00:00Z,K\n", columns=["actor=Anotator"])
    assert found.startswith(
        '1: --column actor=Anotator: the file has no "Anotator" (nearest: Annotator); it has: "task"'
    )


@pytest.mark.parametrize("name", ["review.xes", "review.ndjson"])
def test_a_chosen_column_that_no_line_has_is_refused_at_the_end(golden: Path, refusal: Refusal, name: str) -> None:
    found = refusal((golden / name).read_bytes(), columns=["actor_name=stge"])
    assert found.startswith('None: --column actor_name=stge: the file has no "stge" (nearest: stage)')


@pytest.mark.parametrize("name", ["review.csv", "review.xes", "review.ndjson"])
def test_a_sample_tells_the_columns_without_reading_events(golden: Path, name: str) -> None:
    with EventFile(str(golden / name), FileOptions()) as file:
        columns = file.sample()
    assert columns.found.keys() >= {"event", "time", "actor", "assignee", "stage", "text", "duration_ms"}
    assert ("task" in columns.found) == (name != "review.xes")


def test_a_sample_of_a_file_that_lacks_required_columns_still_tells_the_others(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("Thing,user\n1,Kim\n")
    with EventFile(str(tmp_path / "log"), FileOptions()) as file:
        columns = file.sample()
    assert columns.found == {"actor": ("user",)}
    assert columns.seen == ("Thing", "user")
