"""Diffgram: its API (`client`, `feed`, `live`), and what its payloads say (`project`, `events`, `label`, `media`,
`reading`), also in neutral words (`neutral`). Its own PostgreSQL, read only, by another way (`database`, `tables`,
`rows`, `dblive`). No settings; Labeltrail's database is never touched."""

from audit.sources.diffgram.client import DiffgramClient
from audit.sources.diffgram.live import DiffgramSource
from audit.sources.diffgram.platform import DATABASE, PLATFORM
from audit.sources.diffgram.reading import DiffgramReading

__all__ = ["DATABASE", "PLATFORM", "DiffgramClient", "DiffgramReading", "DiffgramSource"]
