"""Every format makes the same bytes, and notes the same in the same order, whoever makes them of the tasks."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

import pytest

from exports.archive import BadItem
from exports.formats.base import LabelledTask, R
from exportsite.helpers import shared
from tests.exports.formats.snapshots import Shot, write
from tests.exports.formats.sources import shot_of
from tests.exports.formats.test_every_format_keeps_the_contract import own
from tests.exports.formats.test_every_source_goes_to_every_format import LABELS, asked

SOURCES = (
    "redbrick",
    "kili 02_all_image_tools",
    "kili 08_video_frames",
    "kili 09_text_ner_relations",
    "kili 12_classification_only",
    "labelbox more",
    "isahit form_two_inputs",
    "diffgram",
    "labelstudio",
)
"""One of each platform, and of Kili one of each kind of media: starting processes takes its time."""
TIMES = 3
"""How often each task comes: later ones are said by those who said others before."""


@dataclass
class SharedShot(Shot):
    """A snapshot whose tasks two others have something made of, one at a time."""

    def each(self, make: Callable[[LabelledTask], R]) -> Generator[R, None, None]:
        for _, made in shared(make, self.assets, helpers=2):
            yield made


def _shots(source: str, tmp_path: Path) -> tuple[Shot, SharedShot]:
    shot = shot_of(source, tmp_path)
    shot.assets = shot.assets * TIMES
    return shot, SharedShot(**vars(shot))


@pytest.mark.parametrize("source", SOURCES)
def test_files_and_notes_are_those_of_one_process(source: str, tmp_path: Path) -> None:
    alone, together = _shots(source, tmp_path)
    written = []
    for slug, format_ in LABELS.items():
        if format_.refusal(alone.project) or any(format_.refuses(alone.project, values := asked(format_, alone))):
            continue
        one, several = write(format_, alone, **values), write(format_, together, **values)
        assert (own(several), several.errors) == (own(one), one.errors), slug
        assert (several.written, several.skipped) == (one.written, one.skipped), slug
        written.append(slug)
    assert written


@pytest.mark.parametrize("slug", ["labelbox", "diffgram", "labelstudio", "isahit_yolo", "mot", "conll"])
def test_a_strict_export_fails_on_the_same_item(slug: str, tmp_path: Path) -> None:
    format_ = LABELS[slug]
    for source in SOURCES:
        alone, together = _shots(source, tmp_path)
        if format_.refusal(alone.project) or any(format_.refuses(alone.project, values := asked(format_, alone))):
            continue
        if write(format_, alone, **values).errors:
            break
    texts = []
    for shot in (alone, together):
        with pytest.raises(BadItem) as failed:
            write(format_, shot, strict=True, **values)
        texts.append(str(failed.value))
    assert texts[0] == texts[1]
