"""Every type of event has a sentence and a glyph; what was not recorded is left out or said to be so."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from audit.eventtypes import TYPES, EventType
from audit.sentences import deed, plain, sentence

STATIC = Path(__file__).resolve().parents[3] / "exportsite" / "static"


@dataclass(frozen=True)
class Somebody:
    label: str


@dataclass(frozen=True)
class Fact:
    kind: EventType
    actor: Somebody | None = None
    assignee: Somebody | None = None
    stage: str = ""
    to_stage: str = ""
    source_type: str = ""
    actor_kind: str = "unknown"


def test_with_everything_recorded() -> None:
    fact = Fact(TYPES["task.reassigned"], Somebody("Mei"), Somebody("Amara"), "Label")
    assert plain(fact) == "Reassigned to Amara at Label by Mei"


def test_what_was_not_recorded_is_left_out() -> None:
    assert plain(Fact(TYPES["task.reassigned"], None, Somebody("Amara"))) == "Reassigned to Amara"
    assert plain(Fact(TYPES["review.rejected"], Somebody("Mei"), to_stage="Label")) == "Rejected by Mei, back to Label"
    assert plain(Fact(TYPES["task.submitted"])) == "Submitted"


def test_what_a_sentence_can_not_do_without_is_said_to_be_missing() -> None:
    assert plain(Fact(TYPES["person.added"])) == "Person added: not recorded"
    assert plain(Fact(TYPES["activity.recorded"])) == "not recorded"


def test_an_activity_is_called_what_its_source_calls_it() -> None:
    assert plain(Fact(TYPES["activity.recorded"], Somebody("Mei"), source_type="zoomed {in}")) == "zoomed {in} by Mei"


@pytest.mark.parametrize(("kind", "who"), [("system", " by the system"), ("service", " by a service"), ("person", "")])
def test_an_actor_without_a_name_is_called_what_it_is(kind: str, who: str) -> None:
    assert plain(Fact(TYPES["task.created"], actor_kind=kind)) == f"Created{who}"


def test_names_are_parts_of_their_own_whatever_they_contain() -> None:
    parts = sentence(Fact(TYPES["task.submitted"], Somebody("{stage}[x]"), stage="<b>"))
    assert [(part.kind, part.text) for part in parts] == [
        ("verb", "Submitted"),
        ("text", " by "),
        ("actor", "{stage}[x]"),
        ("text", " at "),
        ("stage", "<b>"),
    ]


@pytest.mark.parametrize("name", TYPES)
def test_every_type_has_a_sentence_and_a_glyph(name: str) -> None:
    full = plain(Fact(TYPES[name], Somebody("A"), Somebody("B"), "S", "T", "W"))
    assert full
    assert not set("[]{}") & set(full)
    assert f'<symbol id="e-{name.replace(".", "-")}"' in (STATIC / "icons.svg").read_text()


@pytest.mark.parametrize(
    ("type_", "source_type", "words"),
    [
        ("person.added", "x", "Person added"),
        ("review.rejected", "", "Rejected"),
        ("activity.recorded", "TASK_LEFT_STAGE", "Task left stage"),
        ("label.workflow.created.review", "", "Label workflow created review"),
        ("activity.recorded", "asset.workflow.currentStep.changed", "Asset workflow current step changed"),
        ("activity.recorded", "Register request", "Register request"),
        ("activity.recorded", "JOB", "JOB"),
    ],
)
def test_a_deed_is_told_in_words(type_: str, source_type: str, words: str) -> None:
    assert deed(type_, source_type) == words
