"""Addresses of the pages of exports and reports."""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern, path

from exports.models import Export, Report
from exports.pages import builder, products, reports, selection, signatures


def _pages(model: type[Export] | type[Report]) -> list[URLPattern]:
    """The pages that exports and reports have alike."""
    kind = products.kind(model)
    which: dict[str, Any] = {"model": model}
    return [
        path(f"{kind}s/", products.listed, which, name=f"{kind}s"),
        path(f"{kind}s/<uuid:pk>/", products.one, which, name=kind),
        path(f"{kind}s/<uuid:pk>/progress/", products.progress, which, name=f"{kind}-progress"),
        path(f"{kind}s/<uuid:pk>/cancel/", products.cancel, which, name=f"{kind}-cancel"),
        path(f"{kind}s/<uuid:pk>/again/", products.again, which, name=f"{kind}-again"),
    ]


urlpatterns = [
    path("exports/new/", builder.new, name="export-new"),
    path("reports/new/", reports.new, name="report-new"),
    path("projects/<int:pk>/selection/", selection.selection, name="selection"),
    *_pages(Export),
    *_pages(Report),
    path("reports/<uuid:pk>/sign/", signatures.sign, name="report-sign"),
]
