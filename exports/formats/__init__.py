"""The formats, in the order in which they are listed. A new one is one module and one line here."""

from __future__ import annotations

from exports.formats.base import Format
from exports.formats.classes_csv import ClassificationCsvFormat
from exports.formats.coco import CocoFormat
from exports.formats.conll import ConllFormat
from exports.formats.csv_tables import CsvFormat
from exports.formats.diffgram import DiffgramFormat
from exports.formats.geojson import GeoJsonFormat
from exports.formats.isahit_kili import IsahitKiliFormat
from exports.formats.isahit_lab import IsahitLabFormat
from exports.formats.isahit_mask import IsahitMaskFormat
from exports.formats.isahit_yolo import IsahitYoloFormat
from exports.formats.kili import KiliFormat, RawFormat
from exports.formats.labelbox import LabelboxFormat
from exports.formats.mot import MotFormat
from exports.formats.ocel import OcelFormat
from exports.formats.parquet import ParquetFormat
from exports.formats.pascal_voc import PascalVocFormat
from exports.formats.redbrick import RedBrickFormat
from exports.formats.spacy import SpacyFormat
from exports.formats.trail import TrailFormat
from exports.formats.xes import XesFormat
from exports.formats.yolo import YoloV4, YoloV5, YoloV7, YoloV8
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
    )
}


def format_of(slug: str) -> Format:
    """The format of this name; WrongRequest, with the nearest, when there is none."""
    try:
        return FORMATS[slug]
    except KeyError:
        raise WrongRequest(unknown("format", slug, "The format", FORMATS)) from None
