"""A mistyped word gets the known word that is most like it."""

from __future__ import annotations

import pytest

from exportsite.nearest import nearest

KNOWN = ("person", "stage", "status", "external_id")


@pytest.mark.parametrize(
    ("word", "meant"), [("stge", "stage"), ("STATUS", "status"), ("externalid", "external_id"), ("persn", "person")]
)
def test_a_near_word_is_found(word: str, meant: str) -> None:
    assert nearest(word, KNOWN) == meant


@pytest.mark.parametrize("word", ["", "zzz", "x" * 100_000])
def test_a_word_that_is_like_none_gets_none(word: str) -> None:
    assert nearest(word, KNOWN) is None
