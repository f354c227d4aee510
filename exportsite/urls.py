"""Every address of the site, in one table."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from exportsite.viewer import SchemaView, docs

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("audit.pages.urls")),
    path("", include("exports.pages.urls")),
    path("api/v1/", include("audit.api.urls")),
    path("api/v1/", include("exports.api.urls")),
    path("api/schema/", SchemaView.as_view(), name="api-schema"),
    path("api/docs/", docs, name="api-docs"),
]
handler400 = "exportsite.problems.bad_request"
handler403 = "exportsite.problems.forbidden"
handler404 = "exportsite.problems.not_found"
handler500 = "exportsite.problems.server_error"
