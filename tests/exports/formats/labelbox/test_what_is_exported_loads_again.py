"""Rows that we wrote, loaded again, say of each data row what was said before, whatever it is about."""

from __future__ import annotations

import json

import pytest

from audit.annotations import (
    Annotation,
    Answer,
    Choice,
    Classification,
    Marker,
    Medium,
    PageSpan,
    Polygon,
    Polyline,
    Range,
    Ranking,
    Relation,
    TextSpan,
    Transcription,
)
from audit.ontology import Job, LabelClass
from exports.formats.labelbox.labelbox import LabelboxFormat
from exports.formats.labels.annotated import ontology_of
from tests.exports.formats.loaded import loaded, plain, said_in
from tests.exports.formats.snapshots import write
from tests.exports.formats.told import KINDS, NER, NOTE, TAGS, box, job, registered
from tests.fakes.labelbox_story import TEMPLATES, golden

BLOCKS = (
    "attachments", "metadata_fields", "embeddings", "data_row_details", "project_details", "label_details",
    "performance_details", "interpolated_frames", "all_model_runs", "predictions", "model_run_details",
)  # fmt: skip
LINKS = Job("LINKS", "Links", "relations", ("edge",), (LabelClass("KNOWS", "knows"),))
BEST = Job("BEST", "Best", "ranking", ("ranking",), (LabelClass("RANK", "rank"),))
ASKED: tuple[Annotation, ...] = (
    Classification(job="KIND", tool="radio", answer=Answer("KIND", (Choice("B", (Answer("NOTE", text="why"),)),))),
    Classification(job="TAGS", tool="check", answer=Answer("TAGS", (Choice("X"), Choice("Y"))), multiple=True),
    Transcription(job="NOTE", tool="text", text="a \U0001f9e0 \u2028 note"),
)
WITHIN = {"classes": ("CAR",), "job": "JOB_0", "tool": "t", "answers": (Answer("KIND", (Choice("A"),)),)}
RING = ((0.1, 0.1), (0.9, 0.1), (0.5, 0.7))


@pytest.mark.parametrize("name", [*TEMPLATES, "model_run_image"])
def test_rows_of_labelbox_say_the_same_again(tmp_path, name) -> None:
    rows = b"".join(json.dumps(row).encode() + b"\n" for row in golden(name))
    first = loaded("labelbox", tmp_path / "came.ndjson", rows)
    made = write(LabelboxFormat(), first, **dict.fromkeys(BLOCKS, True))
    assert made.errors == []
    second = loaded("labelbox", tmp_path / "again.ndjson", made.files["data_rows.ndjson"])
    assert said_in(second) == said_in(first)
    assert any(labels for _, labels in said_in(first).values())
    again = write(LabelboxFormat(), second, **dict.fromkeys(BLOCKS, True))
    assert again.files["data_rows.ndjson"] == made.files["data_rows.ndjson"]


def in_frames(kind: str) -> list[Annotation]:
    return [box(0.1 * at, 0, 0.2, 0.2, object=kind, frame=at, key_frame=at != 1) for at in (0, 1, 2, 7)]


SAID: dict[str, tuple[Medium, list[Annotation]]] = {
    "image": (
        Medium("image", "a.jpg", "https://x.example/a.jpg", 100, 50),
        [
            box(0, 0, 0.5, 0.5, **WITHIN),
            Polygon(outline=RING, **WITHIN),
            Polyline(points=RING[:2], **WITHIN),
            Marker(point=(0.25, 0.5), **WITHIN),
            *ASKED,
        ],
    ),
    "video": (
        Medium("video", "a.mp4", "https://x.example/a.mp4", 100, 50, frames=9, frame_rate=10),
        [
            *in_frames("O1"),
            Marker(point=(0.5, 0.5), object="O2", frame=3, **WITHIN),
            Polyline(points=RING[:2], object="O3", frame=3, **WITHIN),
            *ASKED,
        ],
    ),
    "text": (
        Medium("text", "a.txt", text="\u00dcnal knows Ada \U0001f9e0"),
        [
            TextSpan(job="NER", tool="ner", classes=("PERSON",), object="S1", start=0, end=4, quote="\u00dcnal"),
            TextSpan(job="NER", tool="ner", classes=("PERSON",), object="S2", start=11, end=14, quote="Ada"),
            Relation(job="LINKS", tool="edge", classes=("KNOWS",), id="R1", sources=("S1",), targets=("S2",)),
            *ASKED,
        ],
    ),
    "document": (
        Medium("pdf", "a.pdf", "https://x.example/a.pdf", pages=((600, 800), (300, 400))),
        [
            box(0.5, 0.5, 0.1, 0.1, page=2),
            PageSpan(job="NER", tool="ner", classes=("PERSON",), page=2, boxes=(), quote="Ada"),
            *ASKED,
        ],
    ),
    "conversation": (
        Medium("conversation", "a.json", "https://x.example/a.json"),
        [
            TextSpan(job="NER", tool="ner", classes=("PERSON",), start=0, end=3, quote="Ada", message="m1"),
            Classification(job="KIND", tool="radio", answer=Answer("KIND", (Choice("A"),)), object="m2"),
            Ranking(job="BEST", tool="ranking", classes=("RANK",), order=(("m2",), ("m1", "m3"))),
            *ASKED,
        ],
    ),
    "audio": (
        Medium("audio", "a.mp3", "https://x.example/a.mp3"),
        [Range(job="KIND", tool="radio", object="O", start=1.5, end=2.25, answers=WITHIN["answers"]), *ASKED],
    ),
    "geospatial": (
        Medium("geo", "map.tif", "https://x.example/map.tif", 360, 180),
        [
            box(0.5, 0.25, 0.1, 0.1),
            Polygon(outline=RING, holes=(((0.4, 0.2), (0.6, 0.2), (0.5, 0.4)),), **WITHIN),
            Polyline(points=RING[:2], **WITHIN),
            Marker(point=(0.25, 0.5), **WITHIN),
            *ASKED,
        ],
    ),
    "HTML": (Medium("html", "a.html", "https://x.example/a.html"), [*ASKED]),
    "volume": (Medium("volume", "a.dcm", "https://x.example/a.dcm"), [*ASKED]),
}


@pytest.mark.parametrize("what", SAID)
def test_other_platforms_labels_say_the_same_again(monkeypatch, tmp_path, what) -> None:
    medium, annotations = SAID[what]
    (project,) = registered(monkeypatch, job(), KINDS, TAGS, NOTE, NER, LINKS, BEST)
    project.add("a", annotations, media=[medium])
    made = write(LabelboxFormat(), project.shot(), interpolated_frames=True)
    assert made.errors == []
    shot = loaded("labelbox", tmp_path / "again.ndjson", made.files["data_rows.ndjson"])
    ((media, (labelled,)),) = said_in(shot).values()
    assert labelled.problems == ()
    ontology = ontology_of(shot.project)
    again = sorted((plain(one, ontology) for one in labelled.annotations), key=str)
    before = sorted((plain(one, project.told.jobs) for one in annotations), key=str)
    assert again == before
    assert (media[0].kind, media[0].url, media[0].text) == (medium.kind, medium.url, medium.text)
