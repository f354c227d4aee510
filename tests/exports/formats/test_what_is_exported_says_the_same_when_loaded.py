"""Exports in Kili's formats (COCO, YOLO, VOC, GeoJSON too), spaCy's and isahit lab's, loaded, say what they said.

Those of other formats are looked at beside their own tests (coco, redbrick, labelbox, diffgram, labelstudio)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct
from msgspec.structs import replace

from audit.annotations import Annotation, Box, Medium, Polygon, Ring, TextSpan, bounds
from audit.ontology import Job, LabelClass
from audit.sources import neutral
from exports.formats import FORMATS
from exports.formats.base import Value
from exports.formats.labels.annotated import ontology_of
from tests.exports.formats.snapshots import Shot, write
from tests.exports.formats.sources import shot_of, shot_of_file
from tests.exports.formats.test_every_format_keeps_the_contract import own
from tests.exports.formats.told import registered

KILI = (
    "02_all_image_tools", "06_two_annotators", "08_video_frames", "09_text_ner_relations", "10_pdf", "11_geospatial",
    "12_classification_only",
)  # fmt: skip
COCO_LOSES = ("tool", "id", "key_frame", "ends", "answers")
YOLO_LOSES = (*COCO_LOSES, "object")
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


def again(slug: str, kind: str, shot: Shot, tmp_path: Path, unsaid: Sequence[str] = (), **asked: Value) -> Shot:
    """The snapshot after an export and a load; `unsaid` are the codes of what the format has no words for."""
    made = write(FORMATS[slug], shot, **asked)
    assert [line for line in made.errors if line["code"] not in unsaid] == []
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


def as_it_is(one: Annotation) -> Annotation:
    """What a format has no choice in how to write."""
    return one


def wound(one: Annotation) -> Annotation:
    """An area with rings that begin at their least points and go on to the lesser neighbour: GeoJSON says which way."""
    return (
        replace(one, outline=_wound(one.outline), holes=tuple(map(_wound, one.holes))) if type(one) is Polygon else one
    )


def _wound(ring: Ring) -> Ring:
    at = ring.index(min(ring))
    onward = ring[at:] + ring[:at]
    return min(onward, onward[:1] + onward[:0:-1])


def compared(
    before: Shot, after: Shot, without: Sequence[str], plainly: Callable[[Annotation], Annotation] = as_it_is
) -> None:
    """All tasks with labels are there, and each label says the same but for some fields."""
    first, second = told(before), told(after)
    assert {name for name, labels in first.items() if any(labels)} <= second.keys()
    for name, labels in second.items():
        for one, other in zip(map(by_job, first[name]), map(by_job, labels), strict=True):
            assert len(one) == len(other), name
            pairs = zip(map(plainly, one), map(plainly, other), strict=True)
            assert [pair for pair in pairs if not same(*pair, without)] == []


@pytest.mark.parametrize("single", [True, False], ids=["single file", "a file each"])
@pytest.mark.parametrize("slug", ["kili", "raw"])
@pytest.mark.parametrize("case", KILI)
def test_kilis_projects_come_back_from_kilis_formats(case: str, slug: str, single: bool, tmp_path: Path) -> None:
    shot = shot_of(f"kili {case}", tmp_path)
    after = again(slug, "kili", shot, tmp_path, single_file=single, export_type="normal")
    # The ontology is none of the export's: tools, and whether several may be chosen, are seen from labels alone.
    compared(shot, after, ["multiple", "tool"])


@pytest.mark.parametrize("layout", ["split", "merged"])
@pytest.mark.parametrize("case", ["02_all_image_tools", "06_two_annotators", "08_video_frames"])
def test_kilis_boxes_and_outlines_come_back_from_coco(case: str, layout: str, tmp_path: Path) -> None:
    """In pictures and in frames of videos, with jobs, classes and objects. What has holes becomes a mask."""
    shot = shot_of(f"kili {case}", tmp_path)
    unsaid = ["not_held", "no_size"]
    after = drawn(again("coco", "coco", shot, tmp_path, unsaid, layout=layout, export_type="normal"))
    before = {name: said for name, said in drawn(shot).items() if name != "clip_2"}  # Its size is not known.
    assert before.keys() == after.keys()
    for name, said in before.items():
        assert [pair for pair in zip(said, after[name], strict=True) if not same(*pair, COCO_LOSES)] == []


def test_kilis_maps_come_back_from_geojson(tmp_path: Path) -> None:
    """Shapes, parts, holes, classes, answers about objects and about the whole, with the titles of their jobs. One
    pose has no points."""
    shot = shot_of("kili 11_geospatial", tmp_path)
    after = again("geojson", "geojson", shot, tmp_path, ["no_geometry"], export_type="normal")
    compared(shot, after, ["multiple", "tool"], wound)
    found = {job.key: (job.title, job.nested) for job in ontology_of(after.project).jobs}
    assert (found["BOX"], found["CROP"]) == (("buildings", False), ("Crop type", True))


SPANS = (("NER", "PER", 0, 12), ("NER", "PLACE", 0, 5), ("NER", "PLACE", 22, 26), ("TIME", "YEAR", 40, 44))
TEXT = "Amara Okafor works in \u0141\xf3d\u017a.\nShe left in 2019. \U0001f600"


def test_marked_words_come_back_from_spacys_lines(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """All spans of all labels, those over others too, with their jobs and classes; ids of spans have no place there."""
    jobs = [Job(key, key, "entities", ("entity",), (LabelClass("PER", "PER"), LabelClass("PLACE", "PLACE"),
            LabelClass("YEAR", "YEAR"))) for key in ("NER", "TIME")]  # fmt: skip
    (texts,) = registered(monkeypatch, *jobs)
    spans = [
        TextSpan(job=job, tool="entity", classes=(class_,), start=start, end=end, quote=TEXT[start:end])
        for job, class_, start, end in SPANS
    ]
    texts.add("note.txt", spans, spans[:1], media=[Medium("text", "note.txt", text=TEXT)])
    texts.add("empty.txt", [], media=[Medium("text", "empty.txt", text="Nothing.")])
    shot = texts.shot()
    after = again("spacy", "spacy", shot, tmp_path, ["overlap"], export_type="normal")
    compared(shot, after, [])
    assert told(after).keys() == {"note.txt", "empty.txt"}
    assert [[row.external_id for row in task.labels] for task in after.assets] == [["L1.0", "L1.1"], ["L2.0"]]
    media = [neutral("spacy").media(task.details or b"{}") for task in after.assets]
    assert [medium.text for (medium,) in media] == [TEXT, "Nothing."]


@pytest.mark.parametrize("layout", ["split", "merged"])
@pytest.mark.parametrize("slug", ["yolo_v4", "yolo_v5", "yolo_v8"])
@pytest.mark.parametrize("case", ["02_all_image_tools", "06_two_annotators"])
def test_kilis_boxes_and_outlines_come_back_from_yolo(case: str, slug: str, layout: str, tmp_path: Path) -> None:
    """With jobs and classes, to the sixth digit. Boxes of a data set with outlines are outlines of four corners."""
    shot = shot_of(f"kili {case}", tmp_path)
    before = drawn(shot)
    outlined = {one.job for said in before.values() for one in said if isinstance(one, Polygon)}
    after = drawn(again(slug, "yolo", shot, tmp_path, ["not_held"], layout=layout, export_type="normal"))
    assert {name for name, said in after.items() if said} == before.keys()
    for name, said in before.items():
        wanted = [
            corners(one) if isinstance(one, Box) and (one.job in outlined or (outlined and layout == "merged")) else one
            for one in said
        ]
        holed = {one.classes for one in after[name]} - {one.classes for one in wanted}  # Of a bridge more.
        found = [one for one in after[name] if one.classes not in holed]
        assert [pair for pair in zip(wanted, found, strict=True) if not same(*pair, YOLO_LOSES)] == []


def test_frames_of_videos_come_back_from_yolo_as_pictures(tmp_path: Path) -> None:
    shot = shot_of("kili 08_video_frames", tmp_path)
    after = drawn(again("yolo_v5", "yolo", shot, tmp_path, ["not_held"], layout="split", export_type="normal"))
    for video, said in drawn(shot).items():
        found = [one for name, of_frame in after.items() if name.startswith(video) for one in of_frame]
        assert [pair for pair in zip(said, found, strict=True) if not same(*pair, (*YOLO_LOSES, "frame"))] == []


@pytest.mark.parametrize("case", ["02_all_image_tools", "06_two_annotators", "08_video_frames"])
def test_kilis_boxes_come_back_from_pascal_voc(case: str, tmp_path: Path) -> None:
    """With jobs and classes, to the whole pixel: an edge is moved by half of one at most. Frames are pictures."""
    shot = shot_of(f"kili {case}", tmp_path)
    loaded = again("pascal_voc", "pascal_voc", shot, tmp_path, ["not_held", "no_size"], export_type="normal")
    media = [medium for task in loaded.assets for medium in neutral("pascal_voc").media(task.details or b"")]
    assert len({(medium.kind, medium.width, medium.height) for medium in media}) == 1
    width, height = media[0].width or 0, media[0].height or 0
    wanted = [one for name, said in sorted(drawn(shot).items()) if name != "clip_2" for one in said]
    kept = {(one.job, one.classes) for one in wanted}  # All but what has holes.
    found = [one for _, said in sorted(drawn(loaded).items()) for one in said if (one.job, one.classes) in kept]
    for one, other in zip(wanted, found, strict=True):
        assert (one.job, one.classes) == (other.job, other.classes)
        for before, after, side in zip(sides(one), sides(other), (width, height) * 2, strict=True):
            assert after * side == pytest.approx(before * side, abs=0.5 + 1e-6)


def sides(one: Annotation) -> tuple[float, float, float, float]:
    """Left, top, right, bottom."""
    assert isinstance(one, Box | Polygon)
    return bounds(corners(one).outline if isinstance(one, Box) else one.outline)


def corners(one: Box) -> Polygon:
    """The box as an outline."""
    right, bottom = one.x + one.width, one.y + one.height
    ring = ((one.x, bottom), (one.x, one.y), (right, one.y), (right, bottom))
    return Polygon(job=one.job, tool=one.tool, classes=one.classes, frame=one.frame, outline=ring)


def drawn(shot: Shot) -> dict[str, list[Annotation]]:
    """By picture or video, boxes and outlines without holes, by frame and job; each label for itself, as in COCO."""
    found = {}
    for name, labels in told(shot).items():
        for place, said in enumerate(labels, 1):
            holed = {one.object for one in said if isinstance(one, Polygon) and one.holes}
            shapes = [one for one in said if isinstance(one, Box | Polygon) and one.object not in holed]
            if shapes:
                key = f"{name}_label{place}" if len(labels) > 1 else name
                found[key.removeprefix("data/")] = by_job(shapes)
    return found


@pytest.mark.parametrize("case", ISAHIT)
def test_isahits_projects_come_back_from_its_own_format(case: str, tmp_path: Path) -> None:
    shot = shot_of(f"isahit {case}", tmp_path)
    compared(shot, again("isahit_lab", "isahit", shot, tmp_path), ["tool"])


@pytest.mark.parametrize("case", ["polygon", "rectangle_sequence"])
def test_isahits_projects_come_back_from_kilis_form(case: str, tmp_path: Path) -> None:
    shot = shot_of(f"isahit {case}", tmp_path)
    after = again("isahit_kili", "kili", shot, tmp_path)
    compared(shot, after, ["tool", "job", "id", "object", "answers"])


def test_isahits_outlines_come_back_from_its_yolo(tmp_path: Path) -> None:
    shot = shot_of("isahit polygon", tmp_path)
    compared(shot, again("isahit_yolo", "yolo", shot, tmp_path), ["tool", "job", "id", "object", "answers"])
