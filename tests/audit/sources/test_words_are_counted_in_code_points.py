"""Browsers count UTF-16 units, of which an emoji has two; we count code points, and both ways lead back."""

from __future__ import annotations

import pytest

from audit.textunits import code_points, fitting, units_in, utf16_units

TEXT = "🚗🚗 Ada 👩‍🚀 مرحبا\0 fin"


@pytest.mark.parametrize("quote", ["🚗", "Ada", "👩‍🚀", "مرحبا", "fin", TEXT])
def test_units_become_code_points_and_units_again(quote: str) -> None:
    start = TEXT.index(quote)
    end = start + len(quote)
    told = utf16_units(start, end, TEXT, quote)
    assert TEXT.encode("utf-16-le")[2 * told[0] : 2 * told[1]].decode("utf-16-le") == quote
    assert code_points(*told, TEXT, quote) == (start, end)
    assert code_points(*told, TEXT, None) == (start, end)


def test_what_was_counted_in_code_points_already_stays() -> None:
    start = TEXT.index("Ada")
    assert code_points(start, start + 3, TEXT, "Ada") == (start, start + 3)


def test_units_go_before_code_points_where_both_fit() -> None:
    assert code_points(2, 3, "🚗aa", "a") == (1, 2)
    assert fitting(2, 3, "🚗aa", "a") == (2, 3), "where nobody says which was counted, it is as told"


def test_without_the_text_the_quote_says_how_long_it_is() -> None:
    assert code_points(5, 7, None, "🚗") == (5, 6)
    assert utf16_units(5, 6, None, "🚗") == (5, 7)
    assert code_points(5, 8, None, "Ada") == (5, 8)
    assert code_points(5, 8, None, None) == (5, 8)
    assert code_points(5, 9, None, "🚗") == (5, 9), "a quote of another length says nothing"


def test_half_of_a_character_and_what_is_behind_the_end_do_no_harm() -> None:
    assert code_points(1, 2, "🚗", None) == (1, 1)
    assert code_points(0, 99, "🚗a", None) == (0, 2)
    assert units_in("\ud83d") == 1


def test_what_fits_neither_way_is_as_told() -> None:
    assert fitting(0, 2, TEXT, "Ada") == (0, 2)
    assert fitting(5, 8, TEXT, "Ada") == (3, 6)
