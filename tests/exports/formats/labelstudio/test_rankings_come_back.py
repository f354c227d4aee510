"""Rankings of other platforms, as Label Studio's Pairwise and Ranker, come back with what was ranked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from audit.annotations import COMPARISON, Classification, Medium, Ranking
from audit.ontology import Job, LabelClass
from exports.formats.labelstudio.labelstudio import LabelStudioFormat
from tests.exports.formats.labelstudio.loaded import Loaded, loaded
from tests.exports.formats.snapshots import Made, write
from tests.exports.formats.told import Project, registered

HOW = (LabelClass("BETTER", "Is better"), LabelClass("TIE", "Tie", tie=True))
TOOLS = (LabelClass("t1", "Best"), LabelClass("t2", "Order"))
JOBS = (
    Job("PICK", "Pick the best", "ranking", (COMPARISON,), HOW),
    Job("messages", "Messages", "ranking", ("message-ranking", "message-single-selection"), TOOLS),
)
CHAT = Medium("conversation", "a", "https://x.example/a.json")


@pytest.fixture
def project(monkeypatch: pytest.MonkeyPatch) -> Project:
    return next(iter(registered(monkeypatch, *JOBS)))


def compared(first: str, second: str, how: str = "BETTER") -> Ranking:
    order = ((first, second),) if how == "TIE" else ((first,), (second,))
    return Ranking(job="PICK", tool=COMPARISON, classes=(how,), order=order)


def again(project: Project, tmp_path: Path) -> tuple[Made, Loaded]:
    made = write(LabelStudioFormat(), project.shot())
    assert made.errors == []
    _, tasks = loaded(made.files["tasks.json"], tmp_path)
    (task,) = tasks.values()
    assert all(said.problems == () for said in task.said.values())
    return made, task


def orders(task: Loaded) -> list[list[tuple[tuple[str, ...], ...]]]:
    return [[one.order for one in said.annotations if isinstance(one, Ranking)] for said in task.said.values()]


def tags(made: Made) -> dict[str, Any]:
    return {tag.get("name") or "": tag for tag in ET.fromstring(made.files["label_config.xml"])}


def test_a_comparison_is_a_pairwise_of_the_two(project: Project, tmp_path: Path) -> None:
    project.add("a", [compared("b", "a")], [compared("a", "b")], media=[CHAT])
    made, task = again(project, tmp_path)
    # Both labels see the same thing on the left, whichever they prefer.
    assert orders(task) == [[(("b",), ("a",))], [(("a",), ("b",))]]
    found = tags(made)
    assert (found["PICK"].tag, found["PICK"].get("toName")) == ("Pairwise", "PICK-left,PICK-right")
    (first, *_) = json.loads(made.files["tasks.json"])
    assert first["data"] == {"dialogue": CHAT.url, "PICK-left": "a", "PICK-right": "b"}
    assert [medium.kind for medium in task.media] == ["conversation"]


def test_how_much_better_one_is_stands_beside_it(project: Project, tmp_path: Path) -> None:
    project.add("a", [compared("b", "a")], media=[CHAT])
    made, task = again(project, tmp_path)
    (said,) = task.said.values()
    (how,) = [one for one in said.annotations if isinstance(one, Classification)]
    assert (how.job, [choice.key for choice in how.answer.choices]) == ("PICK-how", ["BETTER"])
    assert [choice.get("value") for choice in tags(made)["PICK-how"]] == ["Is better", "Tie"]


def test_neither_is_better_is_a_bucket_of_both(project: Project, tmp_path: Path) -> None:
    project.add("a", [compared("b", "a", "TIE")], [compared("b", "a")], media=[CHAT])
    made, task = again(project, tmp_path)
    assert orders(task) == [[(("b", "a"),)], [(("b",), ("a",))]]
    assert {"PICK": "Pairwise", "PICK-best": "Ranker"}.items() <= {
        name: tag.tag for name, tag in tags(made).items()
    }.items()


def test_labels_that_compare_other_things_are_ranked(project: Project, tmp_path: Path) -> None:
    project.add("a", [compared("b", "a")], [compared("c", "d")], media=[CHAT])
    _, task = again(project, tmp_path)
    assert orders(task) == [[(("b",), ("a",))], [(("c",), ("d",))]]


def test_each_tool_that_ranks_messages_has_a_tag_and_a_list(project: Project, tmp_path: Path) -> None:
    said = [
        Ranking(job="messages", tool="message-ranking", classes=("t2",), order=(("m2",), ("m1",))),
        Ranking(job="messages", tool="message-single-selection", classes=("t1",), order=(("m3",),)),
    ]
    project.add("a", said, [Ranking(job="messages", tool="r", classes=("t2",), order=(("m4",), ("m1",)))], media=[CHAT])
    made, task = again(project, tmp_path)
    assert orders(task) == [[(("m2",), ("m1",)), (("m3",),)], [(("m4",), ("m1",))]]
    found = tags(made)
    assert [bucket.get("name") for bucket in found["messages-t1-best"]] == ["best"]
    assert [item["id"] for item in json.loads(made.files["tasks.json"])[0]["data"]["messages-t2-listed"]] == [
        "m2", "m1", "m4",
    ]  # fmt: skip


def test_a_name_with_a_comma_stays_one_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    project = next(iter(registered(monkeypatch, Job("a,b", "A", "ranking", (COMPARISON,), HOW))))
    project.add("a", [Ranking(job="a,b", tool=COMPARISON, classes=("BETTER",), order=(("x",), ("y",)))], media=[CHAT])
    made, task = again(project, tmp_path)
    assert orders(task) == [[(("x",), ("y",))]]
    assert tags(made)["a,b"].get("toName") == "a_b-left,a_b-right"
