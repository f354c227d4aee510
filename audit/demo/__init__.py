"""An invented annotation project, for the demo and for trying things out: `events()` yields its event log.

The same bytes every time: the random numbers come from a seed, the times from a fixed first day. People, sites and
findings are invented.
"""

from audit.demo.project import NAME, ZONE, events

__all__ = ["NAME", "ZONE", "events"]
