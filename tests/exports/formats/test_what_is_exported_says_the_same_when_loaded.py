"""Exports in Kili's and isahit lab's formats, loaded as a source, say of each task what was said before.

Those of other formats are looked at beside their own tests (coco, redbrick, labelbox, diffgram, labelstudio)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from audit.annotations import Annotation
from audit.sources import neutral
from exports.formats import FORMATS
from exports.formats.base import Value
from exports.formats.labels.annotated import ontology_of
from tests.exports.formats.snapshots import Shot, write
from tests.exports.formats.sources import shot_of, shot_of_file
from tests.exports.formats.test_every_format_keeps_the_contract import own

KILI = (
    "02_all_image_tools", "06_two_annotators", "08_video_frames", "09_text_ner_relations", "10_pdf", "11_geospatial",
    "12_classification_only",
)  # fmt: skip
ISAHIT = ("rectangle", "polygon", "graph", "segmentation", "rectangle_sequence", "form_two_inputs")


def told(shot: Shot) -> dict[str, list[list[Annotation]]]:
    """By the name of each task with labels, what each of them says, in their order."""
    words, ontology = neutral(shot.project.source), ontology_of(shot.project)
    found: dict[str, list[list[Annotation]]] = {}
    for task in shot.assets:
        for row in task.labels:
            read = lambda name: shot.kept[name]  # noqa: E731
            said = words.annotations(row.content, task.details or b"", ontology, read)
            found.setdefault(task.name, []).append(list(said.annotations))
    return found


def again(slug: str, kind: str, shot: Shot, tmp_path: Path, **asked: Value) -> Shot:
    """The snapshot after an export and a load."""
    made = write(FORMATS[slug], shot, **asked)
    assert made.errors == []
    files = own(made)
    for name, data in files.items():
        path = tmp_path / "out" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return shot_of_file(kind, tmp_path / "out" / next(iter(files)) if len(files) == 1 else tmp_path / "out")


def same(before: Any, after: Any, without: Sequence[str]) -> bool:
    """Whether two things say the same, numbers to the millionth, but for some fields."""
    if isinstance(before, float) or isinstance(after, float):
        return bool(after == pytest.approx(before, abs=1e-6))
    if isinstance(before, list | tuple):
        return len(before) == len(after) and all(same(*pair, without) for pair in zip(before, after, strict=True))
    names = before.__struct_fields__ if isinstance(before, Struct) else getattr(before, "__slots__", ())
    if not names or type(before) is not type(after):
        return bool(before == after)
    return all(same(getattr(before, name), getattr(after, name), without) for name in names if name not in without)


def by_job(said: list[Annotation]) -> list[Annotation]:
    """Kili's SDK sorts jobs by their names; within a job the order is kept."""
    return sorted(said, key=lambda one: (one.frame or 0, one.job))


def compared(before: Shot, after: Shot, without: Sequence[str]) -> None:
    """All tasks with labels are there, and each label says the same but for some fields."""
    first, second = told(before), told(after)
    assert {name for name, labels in first.items() if any(labels)} <= second.keys()
    for name, labels in second.items():
        for one, other in zip(map(by_job, first[name]), map(by_job, labels), strict=True):
            assert len(one) == len(other), name
            wrong = [pair for pair in zip(one, other, strict=True) if not same(*pair, without)]
            assert wrong == []


@pytest.mark.parametrize("single", [True, False], ids=["single file", "a file each"])
@pytest.mark.parametrize("slug", ["kili", "raw"])
@pytest.mark.parametrize("case", KILI)
def test_kilis_projects_come_back_from_kilis_formats(case: str, slug: str, single: bool, tmp_path: Path) -> None:
    shot = shot_of(f"kili {case}", tmp_path)
    after = again(slug, "kili", shot, tmp_path, single_file=single, export_type="normal")
    # The ontology is none of the export's: tools, and whether several may be chosen, are seen from labels alone.
    compared(shot, after, ["multiple", "tool"])


@pytest.mark.parametrize("case", ISAHIT)
def test_isahits_projects_come_back_from_its_own_format(case: str, tmp_path: Path) -> None:
    shot = shot_of(f"isahit {case}", tmp_path)
    compared(shot, again("isahit_lab", "isahit", shot, tmp_path), ["tool"])


@pytest.mark.parametrize("case", ["polygon", "rectangle_sequence"])
def test_isahits_projects_come_back_from_kilis_form(case: str, tmp_path: Path) -> None:
    shot = shot_of(f"isahit {case}", tmp_path)
    after = again("isahit_kili", "kili", shot, tmp_path)
    compared(shot, after, ["tool", "job", "id", "object", "answers"])
