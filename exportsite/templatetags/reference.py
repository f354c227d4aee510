"""Filters of the page that describes the API."""

from __future__ import annotations

from django import template

from exportsite import viewer

register = template.Library()
register.filter("prose", viewer.prose)
