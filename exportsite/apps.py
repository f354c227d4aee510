"""The site itself, as an app: it brings commands, template tags and static files."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "exportsite"
