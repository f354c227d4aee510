"""What can be said about the invented projects' volumes and images."""

from __future__ import annotations

from audit.demo.redbrick.story import Raw


def _option(id_: int, name: str) -> Raw:
    return {"name": name, "optionId": id_, "color": None, "archived": False}


def _attribute(id_: int, name: str, kind: str, options: tuple[str, ...] = ()) -> Raw:
    return {
        "name": name,
        "attrType": kind,
        "attrId": id_,
        "options": [_option(at, option) for at, option in enumerate(options)] or None,
        "archived": False,
        "parents": None,
        "hint": None,
        "defaultValue": None,
        "minValue": None,
        "maxValue": None,
        "stepValue": None,
    }


def _object(id_: int, category: str, kind: str, color: str, *attributes: Raw, parent: str | None = None) -> Raw:
    return {
        "category": category,
        "classId": id_,
        "labelType": kind,
        "attributes": list(attributes),
        "color": color,
        "archived": False,
        "parents": [parent] if parent else None,
        "hint": None,
    }


def _taxonomy(name: str, id_: str, study: list[Raw], series: list[Raw], objects: list[Raw]) -> Raw:
    return {
        "name": name,
        "version": 1,
        "createdAt": "2026-08-31T06:00:00.000000+00:00",
        "archived": False,
        "isNew": True,
        "taxId": id_,
        "studyClassify": study,
        "seriesClassify": series,
        "instanceClassify": [],
        "objectTypes": objects,
    }


_MARGIN = _attribute(0, "Margin", "SELECT", ("Sharp", "Blurred"))
METASTASIS, CYST, HAEMANGIOMA, DIAMETER, PORTAL_VEIN = range(5)
VOLUMES = _taxonomy(
    "Liver lesions",
    "7a000000-0000-4000-8000-00000000aaaa",
    [
        _attribute(0, "Diagnostic quality", "BOOL"),
        _attribute(1, "Findings", "MULTISELECT", ("Lesions", "Steatosis", "Ascites")),
    ],
    [_attribute(0, "Phase", "SELECT", ("arterial", "portal", "delayed", "noncontrast"))],
    [
        _object(METASTASIS, "Metastasis", "SEGMENTATION", "#ff0000", _MARGIN, parent="Malignant"),
        _object(CYST, "Cyst", "SEGMENTATION", "#00ff00", parent="Benign"),
        _object(HAEMANGIOMA, "Haemangioma", "SEGMENTATION", "#0000ff", parent="Benign"),
        _object(DIAMETER, "Longest diameter", "LENGTH", "#00ffff"),
        _object(PORTAL_VEIN, "Portal vein", "POINT", "#ffff00"),
    ],
)
LESION, LIVER_OUTLINE, VESSEL, PORTA, KIDNEY = range(5)
IMAGES = _taxonomy(
    "Liver key images",
    "7a000000-0000-4000-8000-00000000bbbb",
    [_attribute(0, "Image quality", "SELECT", ("Good", "Poor")), _attribute(1, "Remark", "TEXT")],
    [],
    [
        _object(LESION, "Lesion", "BBOX", "#ff0000", _MARGIN),
        _object(LIVER_OUTLINE, "Liver", "POLYGON", "#884400"),
        _object(VESSEL, "Vessel", "POLYLINE", "#0000ff"),
        _object(PORTA, "Porta hepatis", "POINT", "#ffff00"),
        _object(KIDNEY, "Kidney", "ELLIPSE", "#00ffff"),
    ],
)
