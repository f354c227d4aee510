"""A private PostgreSQL for development, demonstrations and tests: found on this machine, started, shared, stopped.

`ensure(home)` joins the server of a LABELTRAIL_HOME or starts it; the last holder stops it. Nothing here reads Django's
settings, and settings never call this: `exportsite.launch` does, before Django reads DATABASE_URL.
"""

from exportsite.postgres.binaries import SUPPORTED, Binaries, PostgresUnavailable, find_binaries
from exportsite.postgres.place import address
from exportsite.postgres.server import Server, ensure

__all__ = ["SUPPORTED", "Binaries", "PostgresUnavailable", "Server", "address", "ensure", "find_binaries"]
