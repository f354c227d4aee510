"""The tables of what left the house."""

from exports.models.export import Export
from exports.models.idempotency import IdempotencyKey
from exports.models.report import Report

__all__ = ["Export", "IdempotencyKey", "Report"]
