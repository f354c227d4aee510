"""Readers of platforms' payloads say neutrally what they can of anything that is JSON, and end in no error of Python's.

What is no JSON, and a label that is no object, ends in a ValueError, of which formats make a line. So nothing but that
reaches the net for what no reader thought of (`audit.sources.unread`).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.sources import neutral
from audit.sources.unread import ontology_said
from audit.sources.values import parsed, without_halves
from tests.exports.formats.changed import Change, changed, changes
from tests.exports.formats.sources import SHOTS, shot_of


def is_readable(name: str, payload: bytes) -> bool:
    try:
        said = parsed(payload)
    except ValueError:
        return False
    return name != "label" or isinstance(said, dict)


def check_types(said: Any) -> None:
    """What was said has the types that it declares: formats rely on them."""
    msgspec.convert(msgspec.to_builtins(said), type(said))


@pytest.mark.parametrize("source", SHOTS)
@settings(max_examples=30, deadline=None, derandomize=True, database=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(which=st.integers(0, 10_000), of=st.sampled_from(("label", "label", "task", "project")), wanted=changes)
def test_what_is_json_is_read_and_what_is_not_is_named(
    source: str, tmp_path: Path, which: int, of: str, wanted: list[Change]
) -> None:
    shot = shot_of(source, tmp_path)
    told, task = neutral(shot.project.source), shot.assets[which % len(shot.assets)]
    payloads = {"project": shot.project.details or b"{}", "task": task.details or b"{}"}
    if task.labels:
        payloads["label"] = task.labels[which % len(task.labels)].content
    if of not in payloads:
        return
    payloads[of] = without_halves(changed(payloads[of], wanted))

    def read(name: str) -> bytes:
        with shot.file(payloads["label"], name) as file:
            return file.read()

    try:
        ontology = ontology_said(told, payloads["project"])
        check_types(ontology)
        for medium in told.media(payloads["task"]):
            check_types(medium)
        if "label" in payloads:
            said = told.annotations(payloads["label"], payloads["task"], ontology, read)
            for one in (*said.annotations, *said.problems):
                check_types(one)
    except msgspec.ValidationError as error:
        pytest.fail(f"it has another type than it declares: {error}")
    except ValueError:
        assert not all(is_readable(name, payload) for name, payload in payloads.items()), json.dumps(wanted)
