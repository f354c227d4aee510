"""What WeasyPrint 70 leaves undone in a tagged PDF/A-3a. Runs in the child; a test holds each mend."""

from __future__ import annotations

from typing import Any

import pydyf


def finish(document: Any, pdf: Any) -> None:
    """List each attached file once in /AF, and give every header cell its /Scope."""
    if "AF" in pdf.catalog:
        pdf.catalog["AF"] = pydyf.Array(dict.fromkeys(pdf.catalog["AF"]))

    def parent(element: Any) -> Any:
        return pdf.objects[int(element["P"].split()[0])]

    for element in pdf.objects:
        if isinstance(element, dict) and element.get("S") == "/TH" and "A" in element:
            group = parent(parent(element))  # TH -> TR -> THead, TBody or Table
            element["A"]["Scope"] = "/Column" if group.get("S") == "/THead" else "/Row"
