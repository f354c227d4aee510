"""The kinds of sources, and how each one's payloads are read back. A new kind is one line in `READINGS`, and one in
`NEUTRALS` when it has labels."""

from __future__ import annotations

from audit.sources.base import Neutral, Reading
from audit.sources.coco.neutral import CocoNeutral
from audit.sources.coco.reading import CocoReading
from audit.sources.diffgram.neutral import DiffgramNeutral
from audit.sources.diffgram.reading import DiffgramReading
from audit.sources.files.reading import FilesReading
from audit.sources.geojson.neutral import GeoJsonNeutral
from audit.sources.geojson.reading import GeoJsonReading
from audit.sources.isahit.neutral import IsahitNeutral
from audit.sources.isahit.reading import IsahitReading
from audit.sources.kili.neutral import KiliNeutral
from audit.sources.kili.reading import KiliReading
from audit.sources.labelbox.neutral import LabelboxNeutral
from audit.sources.labelbox.reading import LabelboxReading
from audit.sources.labelstudio.neutral import LabelStudioNeutral
from audit.sources.labelstudio.reading import LabelStudioReading
from audit.sources.pascal_voc.neutral import PascalVocNeutral
from audit.sources.pictures.reading import PicturesReading
from audit.sources.redbrick.neutral import RedBrickNeutral
from audit.sources.redbrick.reading import RedBrickReading
from audit.sources.spacy.neutral import SpacyNeutral
from audit.sources.spacy.reading import SpacyReading
from audit.sources.yolo.neutral import YoloNeutral

# What the service says of its own use is in the form of files.
READINGS: dict[str, Reading] = {
    "file": FilesReading(),
    "coco": CocoReading(),
    "geojson": GeoJsonReading(),
    "labelstudio": LabelStudioReading(),
    "spacy": SpacyReading(),
    "redbrick": RedBrickReading(),
    "service": FilesReading(),
    "isahit": IsahitReading(),
    "labelbox": LabelboxReading(),
    "kili": KiliReading(),
    "diffgram": DiffgramReading(),
    "diffgram-db": DiffgramReading(),
    "pascal_voc": PicturesReading(),
    "yolo": PicturesReading(),
}

NEUTRALS: dict[str, Neutral] = {
    "coco": CocoNeutral(),
    "geojson": GeoJsonNeutral(),
    "labelstudio": LabelStudioNeutral(),
    "spacy": SpacyNeutral(),
    "redbrick": RedBrickNeutral(),
    "isahit": IsahitNeutral(),
    "labelbox": LabelboxNeutral(),
    "kili": KiliNeutral(),
    "diffgram": DiffgramNeutral(),
    "diffgram-db": DiffgramNeutral(),
    "pascal_voc": PascalVocNeutral(),
    "yolo": YoloNeutral(),
}


_LOADED = "-file"


def file_kind(platform: str) -> str:
    """The kind of sources whose projects come from the exports of a platform: payloads are the platform's own."""
    return platform + _LOADED


def from_files(kind: str) -> bool:
    """Whether projects of this kind of source come from files that are loaded."""
    return kind == "file" or kind.endswith(_LOADED)


def reading(kind: str) -> Reading:
    """How a source of this kind (`Source.kind`) reads its payloads. Raises LookupError for an unknown one."""
    try:
        return READINGS[kind.removesuffix(_LOADED)]
    except KeyError:
        raise LookupError(f'there is no source kind "{kind}"; kinds: {", ".join(READINGS)}') from None


def neutral(kind: str) -> Neutral:
    """How labels of this kind of source are understood. Raises LookupError for one that has none."""
    try:
        return NEUTRALS[kind.removesuffix(_LOADED)]
    except KeyError:
        raise LookupError(f'sources of the kind "{kind}" have no labels that could be read') from None
