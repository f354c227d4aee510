"""Packets that we wrote, loaded again, say of each file what was said before, whatever kind of file it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from audit.annotations import (
    Annotation,
    Answer,
    Box,
    Choice,
    Classification,
    Cuboid,
    Ellipse,
    Marker,
    Medium,
    Polygon,
    Polyline,
    Pose,
    PosePoint,
    TextSpan,
    Transcription,
)
from exports.formats.diffgram.diffgram import DiffgramFormat
from exports.formats.labels.annotated import ontology_of
from tests.exports.formats.loaded import loaded, plain, said_in
from tests.exports.formats.snapshots import write
from tests.exports.formats.told import KINDS, NER, NOTE, TAGS, box, job, registered

GOLDEN = Path(__file__).parents[3] / "golden" / "diffgram" / "export.json"
ASKED: tuple[Annotation, ...] = (
    Classification(job="KIND", tool="radio", answer=Answer("KIND", (Choice("B"),))),
    Classification(job="TAGS", tool="check", answer=Answer("TAGS", (Choice("X"), Choice("Y")))),
    Transcription(job="NOTE", tool="text", text="a \U0001f9e0 \u2028 note"),
)
WITHIN = {"classes": ("CAR",), "job": "JOB_0", "tool": "t", "answers": (Answer("KIND", (Choice("A"),)),)}
RING = ((0.0, 0.0), (0.9, 0.1), (0.5, 0.7))


def test_an_export_of_diffgram_says_the_same_again(tmp_path) -> None:
    first = loaded("diffgram", tmp_path / "came.json", GOLDEN.read_bytes())
    made = write(DiffgramFormat(), first)
    assert made.errors == []
    second = loaded("diffgram", tmp_path / "again.json", made.files["annotations.json"])
    assert said_in(second) == said_in(first)
    assert sum(len(labelled.annotations) for _, labels in said_in(first).values() for labelled in labels) > 15


SAID: dict[str, tuple[Medium, list[Annotation]]] = {
    "image": (
        Medium("image", "a.jpg", "https://x.example/a.jpg", 100, 50),
        [
            box(0, 0, 0.5, 0.5, angle=30, **WITHIN),
            Polygon(outline=RING, **WITHIN),
            Polyline(points=RING[:2], **WITHIN),
            Marker(point=(0, 0), **WITHIN),
            Ellipse(center=(0.5, 0.5), radius_x=0.1, radius_y=0.2, angle=15, **WITHIN),
            Pose(points=(PosePoint("nose", (0, 0), True), PosePoint("ear", None)), **WITHIN),
            Cuboid(front=(*RING, (0, 1)), rear=(*RING, (0, 0.5)), **WITHIN),
            *ASKED,
        ],
    ),
    "video": (
        Medium("video", "a.mp4", "https://x.example/a.mp4", 100, 50, frames=9, frame_rate=10),
        [
            *(box(0.1 * at, 0, 0.2, 0.2, object="O1", frame=at, key_frame=at != 1) for at in (0, 1, 2, 7)),
            Marker(point=(0.5, 0.5), object="O2", frame=3, **WITHIN),
            *ASKED,
        ],
    ),
    "text": (
        Medium("text", "a.txt", "https://x.example/a.txt"),
        [TextSpan(job="NER", tool="ner", classes=("PERSON",), start=0, end=4), *ASKED],
    ),
    "geospatial": (
        Medium("geo", "map.tif", "https://x.example/map.tif", 360, 180),
        [
            Box(x=0.5, y=0.25, width=0.1, height=0.1, **WITHIN),
            Polygon(outline=RING, **WITHIN),
            Polyline(points=RING[:2], **WITHIN),
            Marker(point=(0.25, 0.5), **WITHIN),
            *ASKED,
        ],
    ),
    "sensor fusion": (
        Medium("point cloud", "a.pcd", "https://x.example/a.pcd"),
        [Cuboid(center=(1, 2, 3), size=(2, 4, 6), rotation=(0, 0, 0.5), **WITHIN), *ASKED],
    ),
    "audio": (Medium("audio", "a.mp3"), [*ASKED]),
    "conversational": (Medium("conversation", "a.json"), [*ASKED]),
}


@pytest.mark.parametrize("what", SAID)
@pytest.mark.parametrize("several", [False, True], ids=["alone", "in a compound file"])
def test_other_platforms_labels_say_the_same_again(monkeypatch, tmp_path, what, several) -> None:
    medium, annotations = SAID[what]
    (project,) = registered(monkeypatch, job(), KINDS, TAGS, NOTE, NER)
    also = [Medium("image", "other.jpg", None, 10, 10, index=1)] if several else []
    project.add("a", annotations, media=[medium, *also])
    made = write(DiffgramFormat(), project.shot())
    assert made.errors == []
    shot = loaded("diffgram", tmp_path / "again.json", made.files["annotations.json"])
    ((media, (labelled,)),) = said_in(shot).values()
    assert labelled.problems == ()
    ontology = ontology_of(shot.project)
    again = sorted((plain(one, ontology) for one in labelled.annotations), key=str)
    before = sorted((plain(one, project.told.jobs) for one in annotations), key=str)
    assert again == before
    assert (media[0].kind, media[0].name) == (medium.kind, medium.name)
    assert media[0].url == medium.url
