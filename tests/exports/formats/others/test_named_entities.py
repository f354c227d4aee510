"""`conll` and `spacy`: marked spans of text, as others read them."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.annotations import Medium, TextSpan
from audit.ontology import Job, LabelClass
from exports.archive.build import BadItem
from exports.formats.others.conll import ConllFormat
from exports.formats.others.spacy import SpacyFormat
from exports.formats.others.spans import SpansFormat
from tests.exports.formats.snapshots import Made, Shot, write
from tests.exports.formats.told import Project, registered

TEXT = "Amara Okafor works in Łódź.\nShe left in 2019."
JOBS = (
    Job("NER", "Entities", "entities", ("ner",), (LabelClass("PER", "Person"), LabelClass("A PLACE", "Place"))),
    Job("TIME", "Times", "entities", ("ner",), (LabelClass("YEAR", "Year"),)),
)


@pytest.fixture
def texts(monkeypatch: pytest.MonkeyPatch) -> Any:
    yield from registered(monkeypatch, *JOBS)


def span(start: int, end: int, class_: str = "PER", job: str = "NER", **more: Any) -> TextSpan:
    return TextSpan(job=job, tool="ner", classes=(class_,) if class_ else (), start=start, end=end, **more)


def add(texts: Project, *spans: TextSpan, text: str | None = TEXT) -> None:
    texts.add("note.txt", spans, media=[Medium("text", "note.txt", text=text)])


def lines(made: Made, job: str = "NER") -> list[str]:
    """The tokens and tags, by spaCy's rules (3.8, training/converters/conll_ner_to_docs.py): exactly this delimiter,
    and in each sentence lines of as many columns, of which the first is the token and the last the tag."""
    first, *documents = made.files[f"{job}.conll"].decode().split("-DOCSTART- -X- O O")
    assert first == ""
    found = []
    for document in documents:
        for sentence in filter(None, map(str.strip, document.split("\n\n"))):
            columns = [line.split() for line in sentence.split("\n")]
            assert {len(line) for line in columns} == {4}
            found += ["", *(f"{line[0]} {line[-1]}" for line in columns)]
    return found


def test_tokens_have_their_tags(texts: Project) -> None:
    add(texts, span(0, 12), span(22, 26, "A PLACE"), span(40, 44, "YEAR", "TIME"))
    made = write(ConllFormat(), texts.shot())
    assert [line for line in lines(made) if line] == [
        "Amara B-PER", "Okafor I-PER", "works O", "in O", "Łódź B-A_PLACE", ". O",
        "She O", "left O", "in O", "2019 O", ". O",
    ]  # fmt: skip
    assert "2019 B-YEAR" in lines(made, "TIME")
    assert made.errors == []


def test_a_line_of_the_text_is_a_sentence(texts: Project) -> None:
    add(texts)
    found = write(ConllFormat(), texts.shot()).files["NER.conll"].decode()
    assert ". -X- _ O\n\nShe -X- _ O" in found


def test_what_a_document_is_of_stands_beside_them(texts: Project) -> None:
    add(texts, span(0, 12))
    texts.add("# a\nb", [], [], media=[Medium("text", "c", text="Nothing.")])
    made = write(ConllFormat(), texts.shot())
    documents = [json.loads(line) for line in made.files["documents.ndjson"].splitlines()]
    assert [(one["document"], one["task"], one["name"], one["label"]) for one in documents] == [
        (1, "T1", "note.txt", "L1.0"),
        (2, "T2", "# a\nb", "L2.0"),
        (3, "T2", "# a\nb", "L2.1"),
    ]
    for job in ("NER", "TIME"):
        assert made.files[f"{job}.conll"].decode().split("\n").count("-DOCSTART- -X- O O") == len(documents)


def test_neighbours_of_one_class_stay_two(texts: Project) -> None:
    add(texts, span(0, 5), span(6, 12))
    assert lines(write(ConllFormat(), texts.shot()))[1:3] == ["Amara B-PER", "Okafor B-PER"]


def test_a_border_inside_of_a_word_is_noted(texts: Project) -> None:
    add(texts, span(2, 12))
    made = write(ConllFormat(), texts.shot())
    assert lines(made)[1:3] == ["Amara B-PER", "Okafor I-PER"]
    assert [error["code"] for error in made.errors] == ["cut"]


def test_of_spans_that_lie_over_one_another_the_longest_is_kept(texts: Project) -> None:
    add(texts, span(0, 5), span(0, 12), span(6, 26, "A PLACE"))
    made = write(SpacyFormat(), texts.shot())
    (line,) = (json.loads(line) for line in made.files["entities.jsonl"].splitlines())
    assert line["entities"] == [[0, 5, "PER"], [6, 26, "A PLACE"]]
    assert len(line["spans"]["NER"]) == 3
    assert [error["code"] for error in made.errors] == ["overlap"]


def test_offsets_are_those_of_the_text(texts: Project) -> None:
    add(texts, span(22, 26, "A PLACE"))
    (line,) = (json.loads(line) for line in write(SpacyFormat(), texts.shot()).files["entities.jsonl"].splitlines())
    start, end, _ = line["entities"][0]
    assert line["text"][start:end] == "Łódź"
    assert line["meta"] == {"task": "T1", "name": "note.txt", "label": "L1.0"}


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (span(5, 5), "bad_geometry"),
        (span(-1, 5), "bad_geometry"),
        (span(40, 400), "bad_geometry"),
        (span(0, 5, ""), "no_class"),
        (span(0, 5, message="m1"), "not_held"),
    ],
)
@pytest.mark.parametrize("format_", [ConllFormat(), SpacyFormat()], ids=["conll", "spacy"])
def test_a_bad_span_is_noted_and_fails_a_strict_export(texts: Project, format_: Any, bad: TextSpan, code: str) -> None:
    add(texts, bad)
    made = write(format_, texts.shot())
    assert [error["code"] for error in made.errors] == [code]
    with pytest.raises(BadItem):
        write(format_, texts.shot(), strict=True)


@pytest.mark.parametrize("format_", [ConllFormat(), SpacyFormat()], ids=["conll", "spacy"])
def test_a_text_that_is_not_in_the_record_is_skipped_by_name(texts: Project, format_: Any) -> None:
    add(texts, span(0, 5), text=None)
    made = write(format_, texts.shot())
    assert [error["code"] for error in made.errors] == ["no_text", "no_text"]
    assert made.written == {"tasks": 0, "labels": 0}


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 9)), max_size=30))
def test_kept_spans_never_lie_over_one_another(drawn: list[tuple[int, int]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        texts = next(iter(registered(patch, *JOBS)))
        add(texts, *(span(start, start + length) for start, length in drawn), text="x" * 60)
        (line,) = (json.loads(line) for line in write(SpacyFormat(), texts.shot()).files["entities.jsonl"].splitlines())
    kept = line["entities"]
    assert all(one[1] <= other[0] for one, other in pairwise(kept))
    assert bool(kept) == bool(drawn)


URL = "https://x.example/note.txt"


def told_apart(texts: Project, content: bytes | None, *spans: TextSpan) -> Shot:
    """A project whose text is only named, with its file where it is kept."""
    texts.add("note.txt", spans, media=[Medium("text", "note.txt", URL, files=(URL,))])
    if content is not None:
        texts.kept[URL] = content
    shot = texts.shot()
    shot.project = replace(shot.project, texts_told=False, media_kept=True)
    return shot


@pytest.mark.parametrize("format_", [ConllFormat(), SpacyFormat()], ids=["conll", "spacy"])
def test_a_project_without_its_texts_is_refused_with_what_to_do(texts: Project, format_: SpansFormat) -> None:
    info = replace(told_apart(texts, None).project, media_kept=False)
    assert "--media on_export" in format_.refusal(replace(info, source="told"))
    assert "loaded from files" in format_.refusal(replace(info, source="told-file"))
    for known in (replace(info, media_kept=True), replace(info, texts_told=True), replace(info, texts_told=None)):
        assert format_.refusal(known) == ""


def test_texts_that_are_kept_as_files_are_read(texts: Project) -> None:
    # Units were counted, an emoji is two of them: only with the text it can be said where the words are.
    text = "\U0001f9e0 Amara works."
    shot = told_apart(texts, text.encode("utf-8-sig"), span(3, 8, quote="Amara"), span(9, 14, quote="works"))
    values = {one.name: one.default_for(filtered=False) for one in SpacyFormat().parameters}
    wanted = SpacyFormat().media(shot.project, values)
    assert wanted is not None
    assert list(wanted(shot.assets[0])) == [URL]
    made = write(SpacyFormat(), shot)
    (line,) = map(json.loads, made.files["entities.jsonl"].splitlines())
    assert line["text"] == text
    assert [text[start:end] for start, end, _ in line["entities"]] == ["Amara", "works"]
    assert made.errors == []
    assert "Amara B-PER" in lines(write(ConllFormat(), shot))


@pytest.mark.parametrize(("content", "why"), [(None, "not to be had"), (b"\xff\xfe\x00", "no text in UTF-8")])
def test_a_file_that_is_no_text_or_not_to_be_had_has_a_line(texts: Project, content: bytes | None, why: str) -> None:
    made = write(SpacyFormat(), told_apart(texts, content, span(0, 5)))
    assert [line["code"] for line in made.errors] == ["no_text", "no_text"]
    assert why in made.errors[0]["text"]
    assert made.skipped == {"tasks": 1, "labels": 1}
