"""The kinds of exports that are loaded. A new one is one line in `KINDS`."""

from __future__ import annotations

from audit.sources.coco import exported as coco
from audit.sources.diffgram import exported as diffgram
from audit.sources.exported.container import Container
from audit.sources.exported.kind import ExportKind
from audit.sources.files.errors import BadFile, BadOption, nearest
from audit.sources.geojson import exported as geojson
from audit.sources.isahit import exported as isahit
from audit.sources.kili import exported as kili
from audit.sources.labelbox import exported as labelbox
from audit.sources.labelstudio import exported as labelstudio
from audit.sources.pascal_voc import exported as pascal_voc
from audit.sources.redbrick import exported as redbrick
from audit.sources.spacy import exported as spacy
from audit.sources.yolo import exported as yolo

KINDS: dict[str, ExportKind] = {
    kind.slug: kind
    for kind in (
        coco.KIND,
        diffgram.KIND,
        geojson.KIND,
        isahit.KIND,
        kili.KIND,
        labelbox.KIND,
        labelstudio.KIND,
        pascal_voc.KIND,
        redbrick.KIND,
        spacy.KIND,
        yolo.KIND,
    )
}


def kind_of(container: Container, wanted: str | None) -> ExportKind | None:
    """The kind that was asked for, else the one that recognises the content; None when no kind does.

    Raises BadOption for an unknown kind, BadFile when the content is of several kinds, or of another than was asked
    for. What no kind recognises may be what was asked for all the same: reading it will tell.
    """
    if wanted is not None:
        if wanted not in KINDS:
            raise BadOption(f'--kind: there is no kind "{wanted}"{nearest(wanted, KINDS)}; kinds: {", ".join(KINDS)}')
        if not KINDS[wanted].recognises(container):
            others = [kind.title for kind in KINDS.values() if kind.recognises(container)]
            if others:
                raise BadFile(container.path, None, f"this is no {wanted}: the content is {' or '.join(others)}")
        return KINDS[wanted]
    found = [kind for kind in KINDS.values() if kind.recognises(container)]
    if len(found) > 1:
        names = ", ".join(kind.slug for kind in found)
        raise BadFile(container.path, None, f"the content looks like several kinds ({names}); choose one with --kind")
    return found[0] if found else None


def unknown(container: Container) -> BadFile:
    """What to tell somebody whose folder or zip is no export, and has no event log."""
    text = f"this is no export that is known (kinds: {', '.join(KINDS)}), and no event log (XES, CSV, NDJSON) is in it"
    if container.ending(".parquet"):
        text += "; tables of Parquet are not loaded: export them as csv"
    return BadFile(container.path, None, text)
