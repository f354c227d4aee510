from __future__ import annotations

from collections.abc import Callable

import pytest

from audit.eventtypes import TYPES
from audit.sources.files import BadOption, FileEvent, FileOptions
from audit.sources.files.eventnames import CONCLUDED, REDBRICK, EventNames

Read = Callable[..., list[FileEvent]]


@pytest.mark.parametrize("name", sorted(set(TYPES) - CONCLUDED))
def test_a_name_that_is_one_of_our_types_is_that_type(name: str) -> None:
    assert EventNames({})(name, "") == (name, name)


@pytest.mark.parametrize("name", sorted(CONCLUDED))
def test_a_file_can_not_claim_what_only_labeltrail_writes(name: str) -> None:
    assert EventNames({})(name, "") == ("activity.recorded", name)
    with pytest.raises(BadOption, match=f"events of type {name} are written by Labeltrail itself"):
        FileOptions.parse(types=[f"done={name}"])


def test_an_erasure_or_the_end_of_a_load_can_not_be_claimed() -> None:
    assert {"privacy.erased", "sync.completed", "report.signed", "source.diverged", "retention.purged"} <= CONCLUDED


@pytest.mark.parametrize("name", sorted(REDBRICK))
def test_redbricks_names_are_known(name: str) -> None:
    assert REDBRICK[name] in TYPES
    assert EventNames({})(name, "complete") == (REDBRICK[name], name)


def test_all_of_redbricks_names_are_there() -> None:
    assert len(REDBRICK) == len(set(REDBRICK.values())) == 15


def test_a_mapping_names_an_event_with_its_transition_too() -> None:
    names = EventNames({"label/start": "task.started", "label": "task.submitted"})
    assert names("label", "start") == ("task.started", "label/start")
    assert names("label", "complete") == ("task.submitted", "label")
    assert names("label", "suspend") == ("activity.recorded", "label/suspend")


def test_mappings_that_no_event_needed_are_told() -> None:
    names = EventNames({"a": "task.submitted", "b=c": "task.submitted"})
    names("b=c", "")
    assert names.unused == {"a"}


def test_any_other_name_is_kept_as_the_sources_own(read: Read) -> None:
    (found,) = read("task,event,time\n1,Opened in viewer,2024-01-01T00:00:00Z\n")
    assert (found.event.type, found.event.source_type) == ("activity.recorded", "Opened in viewer")


@pytest.mark.parametrize(
    ("option", "text"),
    [
        ("x=review.acepted", 'there is no event type "review.acepted" (nearest: review.accepted)'),
        ("x", "write VALUE=TYPE"),
        ("=task.saved", "write VALUE=TYPE"),
    ],
)
def test_a_mapping_that_can_not_be_followed_is_refused(option: str, text: str) -> None:
    with pytest.raises(BadOption) as caught:
        FileOptions.parse(types=[option])
    assert text in str(caught.value)


def test_one_name_mapped_to_two_types_is_refused() -> None:
    with pytest.raises(BadOption, match=r'"x" is mapped to both task.saved and task.submitted'):
        FileOptions.parse(types=["x=task.saved", "x=task.submitted"])


def test_more_names_than_are_remembered_are_translated_all_the_same() -> None:
    names = EventNames({"a0": "task.saved"})
    assert {names(f"a{number % 15_000}", "")[1] for number in range(30_000)} == {
        f"a{number}" for number in range(15_000)
    }
    assert names("a0", "") == ("task.saved", "a0")
