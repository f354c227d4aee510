"""Spans of a text with characters beyond U+FFFF are neutral in code points and go back to Kili as they came."""

from __future__ import annotations

from typing import Any

import pytest

from audit.annotations import Medium, TextSpan
from audit.sources.kili.ontology import ontology_of
from audit.sources.kili.said import Said
from exports.formats.kili.response import response_of

TEXT = "🚗🚗 Ada 👩‍🚀 lives in Köln 🏰"
ONTOLOGY = ontology_of(b'{"jsonInterface":{"jobs":{"NER":{"mlTask":"NAMED_ENTITIES_RECOGNITION","content":'
                       b'{"categories":{"PER":{"name":"P"}}}}}}}')  # fmt: skip


def entity(quote: str) -> dict[str, Any]:
    """The words as Kili's app marks them: it counts UTF-16 units."""
    before = len(TEXT[: TEXT.index(quote)].encode("utf-16-le")) // 2
    after = before + len(quote.encode("utf-16-le")) // 2
    place = {"beginId": "main/[0]", "endId": "main/[0]", "beginOffset": before, "endOffset": after}
    return {**place, "content": quote, "categories": [{"name": "PER"}], "children": {}, "mid": quote}


@pytest.mark.parametrize("known", [TEXT, None])
def test_they_go_back_as_they_came(known: str | None) -> None:
    medium = Medium(kind="text", name="t", text=known)
    came = [entity(quote) for quote in ("🚗", "Ada", "👩‍🚀", "Köln", "🏰")]
    found = Said(ONTOLOGY, medium).read({"NER": {"annotations": came}})
    assert found.problems == ()
    assert response_of(found.annotations, "l", [medium])["NER"]["annotations"] == came


def test_with_the_text_they_are_where_the_text_has_them() -> None:
    came = [entity(quote) for quote in ("Ada", "Köln", "🏰")]
    spans = Said(ONTOLOGY, Medium(kind="text", name="t", text=TEXT)).read({"NER": {"annotations": came}}).annotations
    assert [TEXT[one.start : one.end] for one in spans if isinstance(one, TextSpan)] == ["Ada", "Köln", "🏰"]


def test_without_the_text_they_are_as_long_as_their_quote() -> None:
    came = [entity("👩‍🚀")]
    (span,) = Said(ONTOLOGY, Medium(kind="text", name="t")).read({"NER": {"annotations": came}}).annotations
    assert isinstance(span, TextSpan)
    assert span.end - span.start == len("👩‍🚀")
