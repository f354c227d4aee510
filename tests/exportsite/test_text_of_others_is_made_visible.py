"""Characters that act unseen are written out."""

from __future__ import annotations

import pytest

from exportsite.text import short, visible, visible_line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("Ünïcødé 標注 عربى", "Ünïcødé 標注 عربى"),
        ("a\u202eb", "a⟦U+202E⟧b"),
        ("\u2066x\u2069", "⟦U+2066⟧x⟦U+2069⟧"),
        ("\x1b[2J", "⟦U+001B⟧[2J"),
        ("zero\u200bwidth", "zero⟦U+200B⟧width"),
        ("\ufeffbom", "⟦U+FEFF⟧bom"),
        ("tag\U000e0041", "tag⟦U+E0041⟧"),
        ("two\nlines\tand tab", "two\nlines\tand tab"),
        ("dos\r\nline", "dos\nline"),
        ("over\rwritten", "over⟦U+000D⟧written"),
        ("c1\x9b", "c1⟦U+009B⟧"),
        ("👩\u200d⚕️", "👩\u200d⚕️"),
    ],
)
def test_what_would_act_unseen_is_written_out_and_the_rest_stays(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_on_one_line_line_ends_are_written_out_too() -> None:
    assert visible_line("a\nb\tc") == "a⟦U+000A⟧b⟦U+0009⟧c"


def test_a_long_text_is_cut_with_an_ellipsis() -> None:
    assert short("abcdef", 4) == "abc…"
    assert short("abcd", 4) == "abcd"
