"""Addresses of exports and reports, below /api/v1/."""

from __future__ import annotations

from django.urls import path

from exports.api import certificate, formats, rows, views

urlpatterns = [
    path("formats/", formats.Formats.as_view(), name="api-formats"),
    path("exports/", views.Exports.as_view(), name="api-exports"),
    path("exports/<uuid:pk>/", views.Export.as_view(), name="api-export"),
    path("exports/<uuid:pk>/cancel/", views.ExportCancel.as_view(), name="api-export-cancel"),
    path("exports/<uuid:pk>/again/", views.ExportAgain.as_view(), name="api-export-again"),
    path("exports/<uuid:pk>/files/<str:name>", views.ExportFile.as_view(), name="api-export-file"),
    path("exports/<uuid:pk>/certificate/", certificate.ExportCertificate.as_view(), name="api-export-certificate"),
    path("exports/<uuid:pk>/rows/", rows.ExportRows.as_view(), name="api-export-rows"),
    path("exports/<uuid:pk>/errors/", rows.ExportErrors.as_view(), name="api-export-errors"),
    path("reports/", views.Reports.as_view(), name="api-reports"),
    path("reports/<uuid:pk>/", views.Report.as_view(), name="api-report"),
    path("reports/<uuid:pk>/cancel/", views.ReportCancel.as_view(), name="api-report-cancel"),
    path("reports/<uuid:pk>/again/", views.ReportAgain.as_view(), name="api-report-again"),
    path("reports/<uuid:pk>/sign/", views.ReportSign.as_view(), name="api-report-sign"),
    path("reports/<uuid:pk>/files/<str:name>", views.ReportFile.as_view(), name="api-report-file"),
]
