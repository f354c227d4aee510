"""How platforms' JSON is read, whoever sent it."""

from __future__ import annotations

import pytest

from audit.sources.values import http_date, instant, mended, parsed, unsigned, unsigned_url


@pytest.mark.parametrize(
    "query",
    [
        "X-Amz-Algorithm=a&X-Amz-Signature=secret",
        "X-Goog-Signature=secret&x=1",
        "sv=2020&sig=secret",
        "sig=secret",
        "a=1\\u0026sig=secret",
        "Expires=1&Signature=secret",
        "token=secret",
    ],
)
def test_signatures_are_cut_off(query: str) -> None:
    raw = f'{{"url":"https://files.example.org/a b.jpg?{query}","other":"?sig=kept"}}'.encode()
    assert unsigned(raw) == b'{"url":"https://files.example.org/a b.jpg","other":"?sig=kept"}'


@pytest.mark.parametrize("url", ["https://files.example.org/a?page=2", "https://files.example.org/sig=1", "no?sig=1"])
def test_other_queries_stay(url: str) -> None:
    assert unsigned_url(url) == url


def test_slashes_that_are_escaped_are_slashes() -> None:
    assert unsigned(rb'"https:\/\/files.example.org\/a?sig=x"') == rb'"https:\/\/files.example.org\/a"'


def test_halves_of_characters_are_replaced_and_whole_ones_stay() -> None:
    assert mended(rb'"\ud83d\udc15 \ud83d \\ud83d"') == rb'"\ud83d\udc15 \ufffd \\ud83d"'
    assert parsed(rb'"\ud83d"') == "\ud83d"


def test_a_time_outside_of_all_years_is_none() -> None:
    with pytest.raises(ValueError, match="outside the years"):
        instant("0001-01-01T00:00:00+10:00")


def test_a_header_without_a_date_has_no_time() -> None:
    assert http_date("yesterday") is None
    assert http_date(None) is None
    moment = http_date("Sun, 01 Mar 2026 12:00:00 GMT")
    assert moment is not None
    assert moment.isoformat() == "2026-03-01T12:00:00+00:00"
