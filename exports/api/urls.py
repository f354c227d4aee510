"""Addresses of exports and reports, below /api/v1/."""

from __future__ import annotations

from django.urls import path

from exports.api import views

urlpatterns = [
    path("exports/", views.Exports.as_view(), name="api-exports"),
    path("exports/<uuid:pk>/", views.Export.as_view(), name="api-export"),
    path("exports/<uuid:pk>/cancel/", views.ExportCancel.as_view(), name="api-export-cancel"),
    path("exports/<uuid:pk>/files/<str:name>", views.ExportFile.as_view(), name="api-export-file"),
    path("reports/", views.Reports.as_view(), name="api-reports"),
    path("reports/<uuid:pk>/", views.Report.as_view(), name="api-report"),
    path("reports/<uuid:pk>/cancel/", views.ReportCancel.as_view(), name="api-report-cancel"),
    path("reports/<uuid:pk>/files/<str:name>", views.ReportFile.as_view(), name="api-report-file"),
]
