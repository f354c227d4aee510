"""An export: what was asked, what it resolved to, and the files that came of it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from audit.models import Project
from exports.models.product import Product


class Export(Product):
    """An archive or file in one format; `counts` are its check values (expected, written, skipped by kind).

    `others` are the ids of the projects after the first, which is `project`; who may not see all of them does not see
    the export. `name` is what whoever asked calls it.
    """

    work = "exports.run.work"

    format = models.TextField()
    counts = models.JSONField(default=dict)
    name = models.TextField(default="", blank=True)
    others = ArrayField(models.BigIntegerField(), default=list, blank=True)

    @property
    def project_ids(self) -> list[int]:
        return [self.project_id, *self.others]

    def projects(self) -> list[Project]:
        """The projects, in the order in which they were asked for."""
        found = Project.objects.select_related("source", "log").in_bulk(self.project_ids)
        return [found[pk] for pk in self.project_ids]
