"""Examples of what the API answers of exports and reports. A test holds them against their schemas."""

from __future__ import annotations

from typing import Any

from audit.api.describe import add_examples
from audit.api.examples import PERSON, RUN

_ID = "5b8d3c1e-9f0a-4c9e-8a67-0f2b6d1e4a55"
_EXPORT_FILE = f"chest-ct-lesions_trail_{_ID}_20260331T020000Z.zip"
_REPORT_FILE = f"chest-ct-lesions_report_{_ID}_20260331T020000Z.pdf"


def _files(kind: str, name: str) -> list[dict[str, Any]]:
    url = f"/api/v1/{kind}/{_ID}/files/{name}"
    return [{"name": name, "bytes": 48_213, "sha256": "9f" * 32, "url": url}]


_SIGNATURE = {
    "meaning": "approved",
    "says": "I approve this report",
    "person": PERSON,
    "signed_at": "2026-03-31T09:14:02.118Z",
    "index": 2517,
}
EXAMPLES: dict[str, Any] = {
    "Format": {
        "slug": "trail",
        "title": "Audit trail",
        "extension": "zip",
        "beside": False,
        "merges": False,
        "applies": True,
        "why_not": None,
        "parameters": [
            {
                "name": "encoding",
                "kind": "choice",
                "several": False,
                "choices": ["json", "ndjson", "csv"],
                "default": "json",
                "filtered_default": "json",
                "help": "JSON, a task a line, or an event a row",
            }
        ],
        "filters": [{"name": "stage", "several": True, "choices": None}],
    },
    "ExportRequest": {
        "project": 7,
        "format": "trail",
        "parameters": {"encoding": "ndjson"},
        "filters": {"type": ["review.rejected"], "from": "2026-03-01"},
        "name": "Rejected in March",
        "strict": True,
    },
    "Export": {
        **RUN,
        "id": _ID,
        "project": 7,
        "as_of": 2516,
        "asked": {"parameters": {"encoding": "ndjson"}, "filters": {}, "as_of": None},
        "resolved": {
            "parameters": {"encoding": "ndjson", "payload": False, "people": "names", "audit": "all"},
            "filters": {},
            "as_of": 2516,
        },
        "files": _files("exports", _EXPORT_FILE),
        "format": "trail",
        "name": "",
        "projects": [7],
        "counts": {
            "expected": {"tasks": 312, "events": 2516},
            "written": {"tasks": 312, "events": 2516},
            "skipped": {},
        },
    },
    "SkippedItem": {
        "asset": "018f6a2e-6c9a",
        "label": None,
        "job": None,
        "annotation": None,
        "code": "invalid_character",
        "text": "The comment has a character that XML can't hold; U+FFFD stands in its place.",
    },
    "ReportRequest": {"project": 7, "redact": True, "paper": "a4", "filters": {"stage": ["Review_1"]}},
    "Report": {
        **RUN,
        "id": _ID,
        "project": 7,
        "as_of": 2516,
        "asked": {"as_of": None, "redact": True, "paper": "a4"},
        "resolved": {"as_of": 2516, "redact": True, "paper": "a4"},
        "files": _files("reports", _REPORT_FILE),
        "task": 41,
        "pages": 9,
        "signatures": [_SIGNATURE],
    },
    "Signature": _SIGNATURE,
    "SignRequest": {"meaning": "approved", "password": "the user's own"},
}


def add(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Give the shapes of exports and reports their examples."""
    return add_examples(result, EXAMPLES)
