"""Exports that platforms write for their users, read as sources: a folder, a zip, or one file.

Each kind is a module in its platform's package (`exported.py`) that says what it recognises and opens it as a
`FileSource`; its events are those that the package makes of the same payloads. `kinds` lists them.
"""
