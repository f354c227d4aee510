"""What events say of labels, whoever says it: the source, or a pass that found a label gone."""

from __future__ import annotations

import msgspec

from audit.sources.base import LabelDetails, Reading

GONE = "LABEL_GONE"
"""The source type of `label.deleted` where the source did not say so, but has the label no more."""


class _Gone(msgspec.Struct):
    label: str


def gone(external_id: str) -> bytes:
    """The payload of such an event."""
    return msgspec.json.encode(_Gone(external_id))


def details_of(reading: Reading, source_type: str, content: bytes) -> LabelDetails | None:
    """What a label's event says of it. Raises ValueError."""
    if source_type == GONE:
        return LabelDetails(msgspec.json.decode(content, type=_Gone).label)
    return reading.label_details(content)
