"""Formats of events: the trail, XES and OCEL."""
