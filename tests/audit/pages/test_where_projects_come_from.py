"""Pages call where a project comes from by its name: a platform, the export of one, an event log."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from audit.models import Source
from audit.sources.exported.kinds import KINDS
from audit.sources.origins import PLATFORMS, origin
from tests.factories import make_project


@pytest.mark.parametrize(
    ("kind", "called"),
    [
        ("redbrick", "RedBrick AI"),
        ("redbrick-file", "Export of RedBrick AI"),
        ("kili-file", "Export of Kili"),
        ("labelstudio-file", "Export of Label Studio"),
        ("coco-file", "COCO file"),
        ("geojson-file", "GeoJSON file"),
        ("spacy-file", "File of texts with marked words (spaCy, Prodigy)"),
        ("yolo-file", "Data set of YOLO"),
        ("pascal_voc-file", "Data set of Pascal VOC"),
        ("diffgram-db", "Diffgram's database"),
        ("file", "Event log"),
        ("service", "Use of this service"),
    ],
)
def test_each_kind_has_a_name_that_people_know(kind: str, called: str) -> None:
    assert origin(kind) == called


def test_no_two_kinds_have_the_same_name() -> None:
    kinds = ["file", "service", *PLATFORMS, *(f"{kind.platform}-file" for kind in KINDS.values())]
    assert len({origin(kind) for kind in kinds}) == len(kinds)


def test_lists_and_the_project_say_it(client: Client, db: None) -> None:
    project = make_project(name="Cells")
    Source.objects.filter(pk=project.source_id).update(kind="kili-file")
    for address in (reverse("dashboard"), reverse("sync"), reverse("project", args=[project.pk])):
        assert "Export of Kili" in client.get(address).text, address
