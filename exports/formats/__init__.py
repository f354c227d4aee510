"""The formats, in the order in which they are listed. A new one is one module and one line here."""

from __future__ import annotations

from exports.formats.base import Format
from exports.formats.diffgram.diffgram import DiffgramFormat
from exports.formats.events.ocel import OcelFormat
from exports.formats.events.trail import TrailFormat
from exports.formats.events.xes import XesFormat
from exports.formats.isahit.kili import IsahitKiliFormat
from exports.formats.isahit.lab import IsahitLabFormat
from exports.formats.isahit.mask import IsahitMaskFormat
from exports.formats.isahit.yolo import IsahitYoloFormat
from exports.formats.kili.coco import CocoFormat
from exports.formats.kili.geojson import GeoJsonFormat
from exports.formats.kili.kili import KiliFormat, RawFormat
from exports.formats.kili.pascal_voc import PascalVocFormat
from exports.formats.kili.yolo import YoloV4, YoloV5, YoloV7, YoloV8
from exports.formats.labelbox.labelbox import LabelboxFormat
from exports.formats.labelstudio.labelstudio import LabelStudioFormat
from exports.formats.others.classes_csv import ClassificationCsvFormat
from exports.formats.others.conll import ConllFormat
from exports.formats.others.mot import MotFormat
from exports.formats.others.spacy import SpacyFormat
from exports.formats.redbrick.redbrick import RedBrickFormat
from exports.formats.tables.csv import CsvFormat
from exports.formats.tables.parquet import ParquetFormat
from exportsite.problems import WrongRequest, unknown

FORMATS: dict[str, Format] = {
    format_.slug: format_
    for format_ in (
        TrailFormat(),
        XesFormat(),
        OcelFormat(),
        ParquetFormat(),
        CsvFormat(),
        CocoFormat(),
        YoloV4(),
        YoloV5(),
        YoloV7(),
        YoloV8(),
        PascalVocFormat(),
        GeoJsonFormat(),
        KiliFormat(),
        RawFormat(),
        ConllFormat(),
        SpacyFormat(),
        ClassificationCsvFormat(),
        MotFormat(),
        RedBrickFormat(),
        LabelboxFormat(),
        IsahitKiliFormat(),
        IsahitLabFormat(),
        IsahitYoloFormat(),
        IsahitMaskFormat(),
        DiffgramFormat(),
        LabelStudioFormat(),
    )
}


def format_of(slug: str) -> Format:
    """The format of this name; WrongRequest, with the nearest, when there is none."""
    try:
        return FORMATS[slug]
    except KeyError:
        raise WrongRequest(unknown("format", slug, "The format", FORMATS)) from None
