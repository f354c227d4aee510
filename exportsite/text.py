"""Text that other people wrote, made safe to look at."""

from __future__ import annotations

import re

# Controls but tab and newline; what turns the direction of text or hides in it (UAX 9, UAX 31); line and paragraph
# separators; tag characters. The joiners U+200C and U+200D stay: Persian, Hindi and emoji are spelled with them.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff"
    "\uffa0\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)


def visible(text: str) -> str:
    """The text with each character that would act unseen written out: `⟦U+202E⟧` instead of turning the line round.

    Tabs and newlines stay; a carriage return before a newline goes.
    """
    return _HIDDEN.sub(lambda found: f"⟦U+{ord(found[0]):04X}⟧", text.replace("\r\n", "\n"))


def visible_line(text: str) -> str:
    """`visible`, with tabs and newlines written out as well: for a terminal's line or a cell of a table."""
    return visible(text).replace("\n", "⟦U+000A⟧").replace("\t", "⟦U+0009⟧")


def short(text: str, length: int) -> str:
    """At most `length` characters, the last one an ellipsis where something was cut."""
    return text if len(text) <= length else text[: length - 1] + "…"
