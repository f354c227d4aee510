"""RedBrick AI: its API (`client`), what its payloads say (`events`, `comments`, `activetime`, `project`), and the
answers of its SDK from what the record holds (`as_sdk`, `listing`). No database, no settings."""

from audit.sources.redbrick.client import RedBrickClient
from audit.sources.redbrick.events import events_of, history_of
from audit.sources.redbrick.live import RedBrickSource
from audit.sources.redbrick.platform import PLATFORM
from audit.sources.redbrick.reading import RedBrickReading

__all__ = ["PLATFORM", "RedBrickClient", "RedBrickReading", "RedBrickSource", "events_of", "history_of"]
