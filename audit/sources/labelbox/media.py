"""The file that a data row is about, in neutral words."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from audit.annotations import Medium, MediumKind
from audit.sources.values import Item, number, part, text, unsigned_url, whole

GEO = (360.0, 180.0)
"""Size of a map: degrees of longitude from 180 west, of latitude from 90 north downwards."""
FILE = "row_data"
"""What payloads call the data row's own file."""
PLANES = ("Axial", "Sagittal", "Coronal")
"""Views of a volume, each a medium of its own."""

_KINDS: dict[str, MediumKind] = {
    "image": "image",
    "video": "video",
    "text": "text",
    "document": "pdf",
    "pdf": "pdf",
    "audio": "audio",
    "conversational": "conversation",
    "llm": "conversation",
    "llm_prompt_response": "text",
    "llm_prompt_creation": "text",
    "llm_response_creation": "text",
    "html": "html",
    "geospatial": "geo",
    "tms_geo": "geo",
    "tms_simple": "geo",
    "dicom": "volume",
    "point_cloud": "point cloud",
}
_TYPES: tuple[tuple[str, MediumKind], ...] = (
    ("application/pdf", "pdf"),
    ("application/dicom", "volume"),
    ("text/html", "html"),
    ("text/", "text"),
    ("image/", "image"),
    ("video/", "video"),
    ("audio/", "audio"),
)


def media_of(task: Item) -> tuple[Medium, ...]:
    """The data row's medium; of a volume its three views, in the order of PLANES."""
    row, about = part(task, "data_row"), part(task, "media_attributes")
    kind = kind_of(about)
    given = row.get("row_data")
    url = unsigned_url(given) if isinstance(given, str) and given.startswith(("http", "gs:", "s3:")) else None
    name = text(row, "external_id") or text(row, "global_key") or _name(url) or text(row, "id") or ""
    width, height = size_of(about)
    count = whole(about, "frame_count")
    written = given if url is None and isinstance(given, str) and kind == "text" else None
    files = (FILE,) if url is not None and url.startswith(("https://", "http://")) else ()
    rate = number(about.get("frame_rate"))
    medium = Medium(kind, name, url, width, height, count, rate, text=written, files=files)
    if kind != "volume":
        return (medium,)
    return tuple(
        Medium(kind, f"{name} ({plane})", url, width, height, count, index=place, files=files)
        for place, plane in enumerate(PLANES)
    )


def kind_of(about: Item) -> MediumKind:
    """By the kind of asset that Labelbox names, else by its MIME type."""
    asset = (text(about, "asset_type") or "").lower()
    if asset in _KINDS:
        return _KINDS[asset]
    mime = (text(about, "mime_type") or "").lower()
    return next((kind for begin, kind in _TYPES if mime.startswith(begin)), "other")


def size_of(about: Item) -> tuple[float | None, float | None]:
    """Width and height; None where they are unknown, or none that anything could be drawn on."""
    if kind_of(about) == "geo":
        return GEO
    width, height = number(about.get("width")), number(about.get("height"))
    return (width, height) if width and height and width > 0 and height > 0 else (None, None)


def _name(url: str | None) -> str | None:
    return None if url is None else unquote(urlsplit(url).path.rpartition("/")[2]) or None
