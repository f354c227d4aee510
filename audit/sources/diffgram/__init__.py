"""Diffgram: its API (`client`, `feed`, `live`), and what its payloads say (`project`, `events`, `label`, `media`,
`reading`), also in neutral words (`neutral`). No settings; Labeltrail's own database is never touched."""

from audit.sources.diffgram.client import DiffgramClient
from audit.sources.diffgram.live import DiffgramSource
from audit.sources.diffgram.platform import PLATFORM
from audit.sources.diffgram.reading import DiffgramReading

__all__ = ["PLATFORM", "DiffgramClient", "DiffgramReading", "DiffgramSource"]
