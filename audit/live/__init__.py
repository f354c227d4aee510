"""The sync of platforms that are read over their own API: the same for every kind.

`platforms` opens a source and keeps its credentials, `connect` adds one; `held` reads what the log has, `news` says
what of a history it lacks and what differs, `passes` reads a project from end to end, `run` is a pass as a background
run, `schedules` begins them by themselves. Files are loaded by `audit.sync`.
"""
