"""An export with media of a project that only names them: refused before it is queued, with the way out."""

from __future__ import annotations

import pytest

from audit.demo.redbrick import FakeRedBrick
from audit.models import Media, Project
from exports.formats import FORMATS
from exports.models import Export
from exports.run import request_export
from exportsite.problems import WrongRequest

ASKING = sorted(
    slug for slug, one in FORMATS.items() if any(parameter.name == "with_assets" for parameter in one.parameters)
)


@pytest.mark.parametrize("slug", ["coco", "kili", "pascal_voc", "raw", "yolo_v8"])
def test_it_is_refused_and_says_what_to_do(project: Project, fake: FakeRedBrick, slug: str) -> None:
    assert slug in ASKING
    Project.objects.filter(pk=project.pk).update(media=Media.REFERENCE)
    with pytest.raises(WrongRequest, match=r"manage\.py connect --media on_export") as refusal:
        request_export(project, slug, parameters={"with_assets": "true"})
    assert [problem.field for problem in refusal.value.problems] == ["with_assets"]
    assert not Export.objects.exists()
    assert fake.requests == []


def test_without_media_it_is_made(project: Project) -> None:
    Project.objects.filter(pk=project.pk).update(media=Media.REFERENCE)
    assert request_export(project, "coco").state == "queued"


@pytest.mark.parametrize("policy", [Media.ON_EXPORT, Media.KEEP])
def test_with_another_policy_it_is_queued(project: Project, policy: Media) -> None:
    Project.objects.filter(pk=project.pk).update(media=policy)
    assert request_export(project, "coco", parameters={"with_assets": "true"}).state == "queued"
