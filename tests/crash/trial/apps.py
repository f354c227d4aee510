"""Runs made for tests: an app that only the tests' settings install."""

from django.apps import AppConfig


class TrialConfig(AppConfig):
    name = "tests.crash.trial"
    label = "trial"
    default_auto_field = "django.db.models.BigAutoField"
