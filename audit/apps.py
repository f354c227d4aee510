"""What happened: the record of annotation projects."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "audit"
