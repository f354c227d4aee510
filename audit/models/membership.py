"""Who may do what in which project."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from audit.models.project import Project


class Role(models.TextChoices):
    """What somebody may do; each role may do what the one before it may.

    An auditor reads, downloads and verifies. A manager asks for exports, reports and syncs, and cancels them. An
    operator sets up sources, users and tokens.
    """

    AUDITOR = "auditor"
    MANAGER = "manager"
    OPERATOR = "operator"

    @property
    def rank(self) -> int:
        """0 for the role that may do least."""
        return list(Role).index(self)

    def covers(self, other: Role) -> bool:
        """Whether this role may do what the other may."""
        return self.rank >= other.rank


class Membership(models.Model):
    """A user's role in one project. A group of Django's that is called like a role gives it in every project."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    project = models.ForeignKey(Project, models.CASCADE, related_name="memberships")
    role = models.TextField(choices=Role.choices)
    given_by = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "project"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.role} of {self.project}"
