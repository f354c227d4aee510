"""Kili: its API (`client`), what its payloads say (`assets`, `labels`, `events`, `derived`, `project`), and what its
labels mean (`neutral`). No database, no settings."""

from audit.sources.kili.client import KiliClient
from audit.sources.kili.live import KiliSource
from audit.sources.kili.platform import PLATFORM
from audit.sources.kili.reading import KiliReading

__all__ = ["PLATFORM", "KiliClient", "KiliReading", "KiliSource"]
