"""Lines of marked texts become tasks with labels; lines that are none, or contradict each other, are refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from audit.log.verify import verify
from audit.models import Event, LabelVersion, Project, Task
from tests.audit.load.exported.conftest import write, zipped

Run = Callable[..., str]
VIENNA = {"text": "In Vienna.", "spans": [{"start": 3, "end": 9, "label": "PLACE"}]}


def ours(task: str, label: str, text: str = "In Vienna.", **more: Any) -> dict[str, Any]:
    meta = {"task": task, "name": f"{task}.txt", "label": label}
    return {"text": text, "entities": [], "spans": {"NER": [[3, 9, "PLACE"]]}, "meta": meta, **more}


def file(folder: Path, *lines: Any) -> Path:
    data = b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
    return write(folder, {"ner.jsonl": data}) / "ner.jsonl"


def labels() -> list[tuple[str, str, int]]:
    return sorted(LabelVersion.objects.values_list("task__external_id", "external_id", "number"))


def test_lines_of_one_text_are_its_labels_wherever_they_stand(run: Run, tmp_path: Path) -> None:
    said = run(file(tmp_path, ours("T1", "L1"), ours("T2", "L1"), b"", ours("T1", "L2")))
    assert "(--kind spacy)" in said
    assert labels() == [("T1", "L1", 1), ("T1", "L2", 1), ("T2", "L1", 1)]
    assert list(Task.objects.order_by("number").values_list("name", flat=True)) == ["T1.txt", "T2.txt"]
    assert verify(Project.objects.get().log).holds


def test_loaded_twice_it_adds_nothing_and_a_change_is_a_version(run: Run, tmp_path: Path) -> None:
    run(file(tmp_path, ours("T1", "L1"), VIENNA))
    before = Event.objects.count()
    assert " 0 added" in run(file(tmp_path, ours("T1", "L1"), VIENNA))
    assert Event.objects.count() == before
    run(file(tmp_path, ours("T1", "L1", spans={"NER": [[0, 2, "PLACE"]]})))
    assert ("T1", "L1", 2) in labels()


def test_a_text_without_an_id_is_known_by_its_words(run: Run, tmp_path: Path) -> None:
    run(
        file(
            tmp_path, VIENNA, {**VIENNA, "id": 7}, VIENNA, {**VIENNA, "_annotator_id": "ines", "_timestamp": 1712132931}
        )
    )
    first, *_ = Task.objects.order_by("number").values_list("external_id", flat=True)
    assert labels() == sorted(
        [(first, "spans", 1), ("7", "spans", 1), (f"{first}/2", "spans", 1), (first, "1712132931", 1)]
    )


def test_an_array_and_half_characters_are_taken(run: Run, tmp_path: Path) -> None:
    path = write(
        tmp_path, {"a.json": b"\xef\xbb\xbf" + json.dumps([VIENNA, {**VIENNA, "text": "In \ud83d."}]).encode()}
    )
    run(path / "a.json")
    assert len(labels()) == 2


def test_characters_that_no_database_holds_are_replaced(run: Run, tmp_path: Path) -> None:
    run(file(tmp_path, ours("T\0", "L\0", "A \0 text, yes"), {**VIENNA, "_annotator_id": "B\0"}))
    assert ("T\ufffd", "L\ufffd", 1) in labels()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (ours("T1", "L1"), 'two lines of the text "T1" with the label "L1"'),
        (ours("T1", "L2", "In Wien, he."), 'two texts with the id "T1"'),
        (b'{"text": "In Vienna.", "spans": [}', "line 2: this is no JSON"),
        (b'{"text": NaN, "spans": []}', "line 2: this is no JSON"),
        (b"[1]", "line 2: a JSON object was expected"),
        ({"text": "In Vienna."}, 'line 2: a line has a "text", and marked words'),
        ({"spans": []}, 'line 2: a line has a "text", and marked words'),
        (b'{"text": "", "spans": [], "x": ' + b"[" * 1000 + b"]" * 1000 + b"}", "nested too deeply"),
    ],
)
def test_a_line_that_does_not_fit_adds_nothing(refusal: Run, tmp_path: Path, line: Any, said: str) -> None:
    assert said in refusal(file(tmp_path, ours("T1", "L1"), line))
    assert not Project.objects.exists()


@pytest.mark.parametrize("data", [b"", b"\n", b"hello", b"[]"])
def test_a_file_without_lines_adds_nothing(refusal: Run, tmp_path: Path, data: bytes) -> None:
    refusal(file(tmp_path, data), "--kind", "spacy")
    assert not Project.objects.exists()


def test_a_name_that_leads_out_and_a_bomb_are_refused(refusal: Run, tmp_path: Path) -> None:
    line = json.dumps(VIENNA).encode()
    assert "no name of a file" in refusal(zipped(tmp_path / "out.zip", {"../a.jsonl": line}))
    assert "times its size" in refusal(zipped(tmp_path / "bomb.zip", {"a.jsonl": line + b" " * (20 << 20)}))
    assert not Project.objects.exists()
