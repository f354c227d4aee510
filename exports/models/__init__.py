"""The tables of what left the house."""

from exports.models.export import Export
from exports.models.report import Report

__all__ = ["Export", "Report"]
