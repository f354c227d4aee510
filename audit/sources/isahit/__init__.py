"""isahit lab: its API (`client`), what its payloads say (`project`, `events`, `jobs`, `label`, `media`), and that in
neutral words (`neutral`). No database, no settings."""

from audit.sources.isahit.client import IsahitClient
from audit.sources.isahit.events import history_of
from audit.sources.isahit.live import IsahitSource
from audit.sources.isahit.platform import PLATFORM
from audit.sources.isahit.reading import IsahitReading

__all__ = ["PLATFORM", "IsahitClient", "IsahitReading", "IsahitSource", "history_of"]
