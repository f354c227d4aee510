"""The tables of what left the house."""

from exports.models.export import Export
from exports.models.report import Report
from exports.models.signature import Meaning, Signature

__all__ = ["Export", "Meaning", "Report", "Signature"]
