"""What no reader thought of is said in words at one place; mistakes of the program are not taken for payloads."""

from __future__ import annotations

import json
import logging
from typing import Any

import orjson
import pytest

from audit.annotations import Labelled, Medium
from audit.ontology import Ontology
from audit.sources import NEUTRALS
from audit.sources.base import Neutral, ReadFile, no_file
from audit.sources.unread import Unread, labelled, media_of, ontology_said

LABEL = b'{"a":[1],"b":"x","width":0,"big":1e308}'


class Reader(Neutral):
    """Reads payloads by what it is made of."""

    def __init__(self, read: Any) -> None:
        self._read = read

    def ontology(self, project: bytes) -> Ontology:
        return self._read(json.loads(project))

    def media(self, task: bytes) -> tuple[Medium, ...]:
        return self._read(json.loads(task))

    def annotations(self, label: bytes, task: bytes, ontology: Ontology, read: ReadFile = no_file) -> Labelled:
        return self._read(json.loads(label))


def deep(said: Any) -> Any:
    return deep(said)


OF_A_PAYLOAD: dict[str, tuple[Any, str]] = {
    "a name that it lacks": (lambda said: said["geometry"], "it has no 'geometry'"),
    "too short a list": (lambda said: said["a"][3], "a list in it is too short"),
    "a text for a number": (lambda said: said["b"] + 1, "of another kind"),
    "a list for an object": (lambda said: said["a"].get("x"), "of another kind"),
    "a size of nothing": (lambda said: 1 / said["width"], "make no sense"),
    "a number without end": (lambda said: int(said["big"] * 10), "too large"),
    "a number of many digits": (lambda said: orjson.dumps(10**30), "too large"),
    "half a character": (lambda said: orjson.dumps("\ud800"), "half a character"),
    "no number": (lambda said: int("²x"), "invalid literal"),
    "no end of what is in it": (deep, "nested too deeply"),
}


@pytest.mark.parametrize("case", OF_A_PAYLOAD)
def test_what_a_payload_can_bring_about_is_said_in_words(case: str) -> None:
    read, words = OF_A_PAYLOAD[case]
    with pytest.raises(Unread, match=words):
        labelled(Reader(read), LABEL, b"{}", Ontology())
    media, wrong = media_of(Reader(read), LABEL)
    assert media == ()
    assert words in wrong
    assert ontology_said(Reader(read), LABEL) == Ontology()


def raising(error: BaseException) -> Any:
    def read(said: Any) -> Any:
        raise error

    return read


@pytest.mark.parametrize(
    ("read", "kind"),
    [
        (lambda said: a_name_that_is_not_there, NameError),  # type: ignore[name-defined]  # noqa: F821
        (lambda said: Ontology().kinds, AttributeError),
        (raising(AssertionError("a mistake of ours")), AssertionError),
        (raising(MemoryError()), MemoryError),
        (raising(OSError("the disk")), OSError),
        (raising(KeyboardInterrupt()), KeyboardInterrupt),
    ],
)
def test_mistakes_of_the_program_and_of_the_machine_end_it(read: Any, kind: type[BaseException]) -> None:
    with pytest.raises(kind):
        labelled(Reader(read), LABEL, b"{}", Ontology())
    with pytest.raises(kind):
        media_of(Reader(read), LABEL)
    with pytest.raises(kind):
        ontology_said(Reader(read), LABEL)


def test_the_place_in_the_program_is_logged_once_without_what_the_payload_says(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audit.sources.unread._logged", set())
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            media_of(Reader(lambda said: said["of Ada Lovelace"]), LABEL)
    (line,) = caplog.messages
    assert "KeyError in audit.sources.unread, line" in line
    assert "Ada" not in line


def test_half_characters_are_replaced_before_a_reader_sees_them() -> None:
    seen: list[Any] = []

    def keep(said: Any) -> Any:
        seen.append(said)
        return Labelled(())

    labelled(Reader(keep), rb'{"a":"\ud800x","b":"\ud83e\udde0","c":"\\ud800"}', b"{}", Ontology())
    assert seen == [{"a": "\ufffdx", "b": "\U0001f9e0", "c": "\\ud800"}]


@pytest.mark.parametrize("kind", sorted(NEUTRALS))
@pytest.mark.parametrize("label", [b"7", b"[]", b"null", b'"x"', b" \n[1]"])
def test_a_label_that_is_no_object_is_none(kind: str, label: bytes) -> None:
    with pytest.raises(Unread, match="no object"):
        labelled(NEUTRALS[kind], label, b"{}", Ontology())
