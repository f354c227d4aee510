"""Boxes and words on pages of a PDF, as Label Studio's `OcrLabels` has them: fractions of the page, counted from 1.

https://labelstud.io/tags/pdf (its Enterprise edition shows them)
"""

from __future__ import annotations

from audit.annotations import Annotation, Box, Medium, PageSpan, bounds, finite
from exports.formats.labels.shapes import Unwritable
from exports.formats.labelstudio.shapes import Value, box

DECIMALS = 12
"""What is beyond comes from computing."""


def on_page(one: Annotation, medium: Medium) -> list[Value]:
    """Where it is: one region, or for words one for each box around them, of which the first says the words.

    Raises Unwritable.
    """
    if not one.classes:
        raise Unwritable("no_class", "it has no class, which a region of a page needs in Label Studio")
    page = one.page or 1
    if isinstance(one, Box):
        return [_box(one, *size_of(one, medium), page)]
    assert isinstance(one, PageSpan)
    if not one.boxes:
        raise Unwritable("no_geometry", "it does not say where on the page its words are")
    found = []
    for place, ring in enumerate(one.boxes):
        if len(ring) < 2 or not all(map(finite, ring)):
            raise Unwritable("bad_geometry", "a box around its words has no corners")
        left, top, right, bottom = bounds(ring)
        where = {"x": left, "y": top, "width": right - left, "height": bottom - top}
        quote = one.quote or "" if place == 0 else ""
        found.append({**_rounded(where), "rotation": 0, "ocrtext": quote, "pageIndex": page})
    return found


def size_of(one: Annotation, medium: Medium) -> tuple[float | None, float | None]:
    """Width and height of its page, where they are known."""
    page = one.page or 1
    return medium.pages[page - 1] if 0 < page <= len(medium.pages) else (medium.width, medium.height)


def _box(one: Box, width: float | None, height: float | None, page: int) -> Value:
    found = box(one, Medium("pdf", "", width=width, height=height))
    where = {name: found[name] / 100 for name in ("x", "y", "width", "height")}
    return {**_rounded(where), "rotation": found["rotation"], "pageIndex": page}


def _rounded(where: dict[str, float]) -> Value:
    return {name: round(side, DECIMALS) for name, side in where.items()}
