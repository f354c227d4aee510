"""A report: a PDF over a project or one of its tasks."""

from __future__ import annotations

from django.db import models

from audit.models import Task
from exports.models.product import Product


class Report(Product):
    """A compliance report of a project, or a dossier of one task."""

    work = "exports.reports.service.work"

    task = models.ForeignKey(Task, models.PROTECT, null=True)
    pages = models.IntegerField(null=True)
