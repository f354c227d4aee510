"""Labelbox: its data rows through streamable exports, and versions of labels and issues beside them. No database."""

from audit.sources.labelbox.client import LabelboxClient
from audit.sources.labelbox.live import LabelboxSource
from audit.sources.labelbox.platform import PLATFORM
from audit.sources.labelbox.reading import LabelboxReading

__all__ = ["PLATFORM", "LabelboxClient", "LabelboxReading", "LabelboxSource"]
