"""Words, and stretches of time or of frames, in Label Studio's words."""

from __future__ import annotations

from audit.annotations import Medium, Range, TextSpan, finite
from exports.formats.labels.shapes import Unwritable
from exports.formats.labelstudio.shapes import Value


def span(one: TextSpan, medium: Medium) -> tuple[str, Value]:
    """The type of result for words in such a medium, and its value. Raises Unwritable."""
    if not 0 <= one.start < one.end:
        raise Unwritable("bad_geometry", f"a span from {one.start} to {one.end} has no characters")
    quote = one.quote if one.quote is not None or medium.text is None else medium.text[one.start : one.end]
    value: Value = {"start": one.start, "end": one.end, "text": quote or ""}
    if medium.kind == "conversation" or one.message is not None:
        if one.message is None or not one.message.isdecimal():
            raise Unwritable("not_held", "Label Studio finds words of a conversation by the number of their message")
        return "paragraphlabels", {
            "start": one.message, "end": one.message, "startOffset": one.start, "endOffset": one.end,
            "text": quote or "",
        }  # fmt: skip
    if medium.kind == "html":
        return "hypertextlabels", {**value, "globalOffsets": {"start": one.start, "end": one.end}}
    if medium.kind != "text":
        raise Unwritable("not_held", f"Label Studio has no words in media of the kind {medium.kind}")
    return "labels", value


def stretch(one: Range, medium: Medium) -> tuple[str, Value]:
    """The type of result for a stretch of such a medium, and its value. Raises Unwritable."""
    if not finite((one.start, one.end)) or one.end < one.start:
        raise Unwritable("bad_geometry", "it does not go from one time to a later one")
    if one.unit == "frames":
        if medium.kind != "video":
            raise Unwritable("not_held", f"Label Studio has no frames in media of the kind {medium.kind}")
        return "timelinelabels", {"ranges": [{"start": one.start + 1, "end": one.end + 1}]}
    if medium.kind == "audio":
        return "labels", {"start": one.start, "end": one.end, "channel": 0}
    if medium.kind in ("video", "image"):
        raise Unwritable("not_held", f"Label Studio has no seconds in media of the kind {medium.kind}")
    return "timeserieslabels", {"start": one.start, "end": one.end, "instant": one.start == one.end}
