"""An export: what was asked, what it resolved to, and the files that came of it."""

from __future__ import annotations

from django.db import models

from exports.models.product import Product


class Export(Product):
    """An archive or file in one format; `counts` are its check values (expected, written, skipped by kind)."""

    work = "exports.run.work"

    format = models.TextField()
    counts = models.JSONField(default=dict)
