"""A signature under a report: who, when, and what it means. The record of it is an event of the project's log."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from audit.models import Event
from exports.models.report import Report


class Meaning(models.TextChoices):
    """What a signature says (21 CFR 11.50(a)(3))."""

    AUTHORED = "authored", "I am the author of this report"
    REVIEWED = "reviewed", "I have reviewed this report: it is complete and correct"
    APPROVED = "approved", "I approve this report"
    RESPONSIBLE = "responsible", "I take responsibility for this report"


class Signature(models.Model):
    """Finds the event of a signature. The event says what was signed; the name is that of its person, so it can be
    erased there and is not repeated here."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    report = models.ForeignKey(Report, models.PROTECT, related_name="signatures")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    meaning = models.TextField(choices=Meaning.choices)
    signed_at = models.DateTimeField()
    event = models.OneToOneField(Event, models.PROTECT, db_constraint=False, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint("report", "user", "meaning", name="signature_once")]
