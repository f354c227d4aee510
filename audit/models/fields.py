"""Column types that several aggregates share."""

from __future__ import annotations

from typing import Any

from django.db import models


def code_text(**options: Any) -> models.TextField[str, str]:
    """Text compared by code point: ids that differ in case, or in how a letter is composed, differ."""
    return models.TextField(db_collation="C", **options)
