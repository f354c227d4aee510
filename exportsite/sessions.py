"""Sessions in the database, whose keys are looked at before they are looked for."""

from __future__ import annotations

from django.contrib.sessions.backends.db import SessionStore as Stored


class SessionStore(Stored):
    """Django's. A cookie can hold anything, also characters that PostgreSQL refuses: such a key is nobody's."""

    def _validate_session_key(self, key: str | None) -> bool:
        return key is not None and 8 <= len(key) <= 40 and key.isascii() and key.isalnum()
