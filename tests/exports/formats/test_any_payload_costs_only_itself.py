"""A payload that is not as its platform's are ends no export: what it says is written, or it has a line.

Every task and every label is counted, the files can be read, and a strict export fails exactly where there is a line.
"""

from __future__ import annotations

import json
from dataclasses import replace as replaced
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from exports.archive import BadItem
from exports.formats import FORMATS
from exports.formats.base import Format, Value
from exports.formats.labels.annotated import AnnotatedFormat
from tests.exports.formats.changed import Change, changed, changes
from tests.exports.formats.snapshots import Shot, write
from tests.exports.formats.sources import SHOTS, shot_of
from tests.exports.formats.test_bad_input_has_a_line import check_readable
from tests.exports.formats.test_every_format_keeps_the_contract import own
from tests.exports.formats.test_every_source_goes_to_every_format import asked

LABELS = [format_ for format_ in FORMATS.values() if isinstance(format_, AnnotatedFormat)]
PARTS = ("label", "label", "label", "task", "project", "told")
BROKEN = {"no JSON": b"[", "nested too deeply": b"[" * 3000 + b"]" * 3000, "nothing": b"", "no object": b"7"}


def values_of(format_: Format, shot: Shot) -> dict[str, Value] | None:
    """Parameters with which the format takes the project; None where it does not."""
    if format_.refusal(shot.project):
        return None
    values = asked(format_, shot)
    return None if any(format_.refuses(shot.project, values)) else values


def with_change(shot: Shot, at: int, of: str, wanted: list[Change]) -> Shot | None:
    """The snapshot with a changed payload; None where it has no such."""
    place = at % len(shot.assets)
    task = shot.assets[place]
    if of == "project":
        return replaced(shot, project=replaced(shot.project, details=changed(shot.project.details or b"{}", wanted)))
    if of == "task":
        task = replace(task, details=changed(task.details or b"{}", wanted))
    elif of == "label" and task.labels:
        task = with_label(task, at % len(task.labels), changed(task.labels[at % len(task.labels)].content, wanted))
    elif of == "told" and any(raw for _, raw in task.told):
        task = replace(task, told=tuple((type_, changed(raw, wanted) if raw else raw) for type_, raw in task.told))
    else:
        return None
    return replaced(shot, assets=[*shot.assets[:place], task, *shot.assets[place + 1 :]])


def with_label(task: Any, place: int, content: bytes) -> Any:
    rows = [*task.labels]
    rows[place] = replace(rows[place], content=content)
    return replace(task, labels=tuple(rows))


@pytest.mark.parametrize("source", SHOTS)
@settings(max_examples=15, deadline=None, derandomize=True, database=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much])  # fmt: skip
@given(at=st.integers(0, 1000), of=st.sampled_from(PARTS), format_=st.sampled_from(LABELS), wanted=changes)
def test_whatever_it_is_the_export_is_made(
    source: str, tmp_path: Path, at: int, of: str, format_: Format, wanted: list[Change]
) -> None:
    whole = shot_of(source, tmp_path)
    shot = with_change(replaced(whole, assets=whole.assets[:4]), at, of, wanted)
    assume(shot is not None)
    assert shot is not None
    values = values_of(format_, shot)
    assume(values is not None)
    assert values is not None
    made = write(format_, shot, **values)
    check_readable(made)
    for kind, count in (("tasks", len(shot.assets)), ("labels", sum(len(one.labels) for one in shot.assets))):
        assert made.written[kind] + made.skipped.get(kind, 0) == count
    for line in made.errors:
        assert line["code"]
        assert line["text"]
        assert line["asset"] in {one.task for one in shot.assets}
    if made.errors:
        with pytest.raises(BadItem):
            write(format_, shot, strict=True, **values)
    else:
        assert own(write(format_, shot, strict=True, **values)) == own(made)


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("source", ["kili 06_two_annotators", "redbrick", "labelbox image", "labelstudio", "coco",
                                    "diffgram", "isahit polygon"])  # fmt: skip
def test_a_label_that_is_none_has_a_line_and_all_others_are_written(source: str, broken: str, tmp_path: Path) -> None:
    shot = shot_of(source, tmp_path)
    place = next(at for at, task in enumerate(shot.assets) if task.labels)
    task = shot.assets[place]
    label = task.labels[-1].external_id
    bad = with_label(task, len(task.labels) - 1, BROKEN[broken])
    shot = replaced(shot, assets=[*shot.assets[:place], bad, *shot.assets[place + 1 :]])
    less = replaced(
        shot, assets=[*shot.assets[:place], replace(task, labels=task.labels[:-1]), *shot.assets[place + 1 :]]
    )
    for format_ in LABELS:
        if (values := values_of(format_, shot)) is None:
            continue
        made, without = write(format_, shot, **values), write(format_, less, **values)
        more = [line for line in made.errors if line not in without.errors]
        assert label in {line["label"] for line in more if line["code"] == "unreadable"}, format_.slug
        assert {line["asset"] for line in more} == {task.task}
        assert json.dumps(more)
