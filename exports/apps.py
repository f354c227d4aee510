"""What leaves the house: archives and reports."""

from django.apps import AppConfig


class ExportsConfig(AppConfig):
    name = "exports"
