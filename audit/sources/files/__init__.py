"""Event logs in files: XES, CSV, NDJSON and reports of RedBrick, plain or as gzip.

`EventFile` reads a file into `FileEvent`s, `complete` adds what follows from a task's whole history, `FilesReading`
reads the payloads back. No database and no settings.
"""

from audit.sources.files.active import complete
from audit.sources.files.errors import BadFile, BadOption
from audit.sources.files.event import FileEvent
from audit.sources.files.eventfile import EventFile
from audit.sources.files.mapping import person
from audit.sources.files.options import FileOptions
from audit.sources.files.reading import FilesReading

__all__ = ["BadFile", "BadOption", "EventFile", "FileEvent", "FileOptions", "FilesReading", "complete", "person"]
