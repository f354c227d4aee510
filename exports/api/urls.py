"""Addresses of exports and reports, below /api/v1/."""

from __future__ import annotations

from django.urls import path

from exports.api import certificate, exports, formats, reports, rows

urlpatterns = [
    path("formats/", formats.Formats.as_view(), name="api-formats"),
    path("exports/", exports.Exports.as_view(), name="api-exports"),
    path("exports/<uuid:pk>/", exports.Export.as_view(), name="api-export"),
    path("exports/<uuid:pk>/cancel/", exports.ExportCancel.as_view(), name="api-export-cancel"),
    path("exports/<uuid:pk>/again/", exports.ExportAgain.as_view(), name="api-export-again"),
    path("exports/<uuid:pk>/files/<str:name>", exports.ExportFile.as_view(), name="api-export-file"),
    path("exports/<uuid:pk>/certificate/", certificate.ExportCertificate.as_view(), name="api-export-certificate"),
    path("exports/<uuid:pk>/rows/", rows.ExportRows.as_view(), name="api-export-rows"),
    path("exports/<uuid:pk>/errors/", rows.ExportErrors.as_view(), name="api-export-errors"),
    path("reports/", reports.Reports.as_view(), name="api-reports"),
    path("reports/<uuid:pk>/", reports.Report.as_view(), name="api-report"),
    path("reports/<uuid:pk>/cancel/", reports.ReportCancel.as_view(), name="api-report-cancel"),
    path("reports/<uuid:pk>/again/", reports.ReportAgain.as_view(), name="api-report-again"),
    path("reports/<uuid:pk>/sign/", reports.ReportSign.as_view(), name="api-report-sign"),
    path("reports/<uuid:pk>/files/<str:name>", reports.ReportFile.as_view(), name="api-report-file"),
]
