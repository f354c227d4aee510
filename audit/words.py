"""Words for searching: cut here, not by PostgreSQL's parser, which takes `02/CASE-7` for one file name."""

from __future__ import annotations

import re

MAX_TEXT = 100_000
MAX_WORDS = 5_000
MAX_WORD = 200

_WORD = re.compile(r"[^\W_]+")


def words_of(text: str) -> list[str]:
    """The distinct words of a text in lower case: runs of letters and digits, in order of first appearance.

    Only the first 100,000 characters, 5,000 words, and 200 characters of a word count.
    """
    found = (word[:MAX_WORD] for word in _WORD.findall(text[:MAX_TEXT].lower()))
    return list(dict.fromkeys(found))[:MAX_WORDS]


def vector(text: str) -> str:
    """The words as the text form of a PostgreSQL tsvector (no position, no parser)."""
    return " ".join(f"'{word}'" for word in words_of(text))


def query(text: str) -> str:
    """The text form of a tsquery that wants every word of `text`, each as a prefix; empty when it has no word."""
    return " & ".join(f"'{word}':*" for word in words_of(text))
