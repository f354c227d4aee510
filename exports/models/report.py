"""A report: a PDF over a project or one of its tasks."""

from __future__ import annotations

from django.db import models

from audit.models import Task
from exports.models.export import Product


class Report(Product):
    """A compliance report of a project, or a dossier of one task."""

    task = models.ForeignKey(Task, models.PROTECT, null=True)
