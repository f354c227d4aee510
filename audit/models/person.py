"""People: a pseudonym in the record, an identity beside it that can be erased."""

from __future__ import annotations

from django.db import models

from audit.models.fields import code_text
from audit.models.project import Project
from audit.models.source import Source


class Identity(models.Model):
    """A person at a source. `data` is encrypted (external id, e-mail, names, each in its JSON forms).

    `subject` = HMAC-SHA256 of the external id finds the row without decrypting any. After erasure `data` is null and
    stays so: the row is the tombstone that keeps a later load from bringing the person back.
    """

    source = models.ForeignKey(Source, models.PROTECT, related_name="identities")
    subject = models.BinaryField()
    key_id = code_text(null=True)
    data = models.BinaryField(null=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint("source", "subject", name="identity_subject")]


class Person(models.Model):
    """A person in a project, under a pseudonym that is the same for ever, also after erasure."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="people")
    identity = models.ForeignKey(Identity, models.PROTECT, related_name="people")
    pseudonym = code_text()

    class Meta:
        constraints = [models.UniqueConstraint("project", "pseudonym", name="person_pseudonym")]

    def __str__(self) -> str:
        return self.pseudonym
