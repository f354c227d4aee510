from __future__ import annotations

import json
from typing import Any

import pytest

from audit.annotations import Medium
from audit.sources.redbrick.neutral import RedBrickNeutral
from tests.audit.sources.redbrick.conftest import raw


def media(items: list[str], *series: dict[str, Any]) -> tuple[Medium, ...]:
    told = [
        {**one, "imageHeaders": json.dumps(one["imageHeaders"])} if "imageHeaders" in one else one for one in series
    ]
    return RedBrickNeutral().media(raw({"datapoint": {"items": items, "seriesInfo": told or None}}))


def test_a_volume_has_its_size_in_voxels_and_their_spacing() -> None:
    headers = {"dimensions": [512, 256, 96], "spacing": [0.7, 0.7, 2.5]}
    assert media(
        ["ct/a.nii.gz"], {"name": "CT", "itemsIndices": [0], "dataType": "nifti", "imageHeaders": headers}
    ) == (
        Medium(
            "volume",
            "CT",
            "ct/a.nii.gz",
            width=512,
            height=256,
            frames=96,
            spacing=(0.7, 0.7, 2.5),
            files=("ct/a.nii.gz",),
        ),
    )


def test_each_series_is_a_medium_called_by_its_letter_when_it_has_no_name() -> None:
    found = media(["0.dcm", "1.dcm", "a.png"], {"name": None, "itemsIndices": [0, 1]}, {"itemsIndices": [2]})
    assert [(one.kind, one.name, one.url, one.frames, one.index) for one in found] == [
        ("volume", "A", None, 2, 0),
        ("image", "B", "a.png", None, 1),
    ]


@pytest.mark.parametrize(
    ("items", "series", "kind", "frames"),
    [
        (["x/a.png"], {}, "image", None),
        (["x/a.JPG?X-Amz-Signature=1"], {}, "image", None),
        (["a.png", "b.png", "c.png"], {}, "video", 3),
        (["a.mp4"], {"imageHeaders": {"dimensions": [640, 480, 1], "totalFrames": 90}}, "video", 90),
        (["a.pdf"], {"dataType": "report"}, "pdf", None),
        (["a"], {"dataType": "web"}, "image", None),
        (["a.dcm"], {"imageHeaders": {"dimensions": [640, 480, 1]}}, "image", None),
        (["a.dcm"], {"imageHeaders": {"dimensions": [640, 480, 1], "totalFrames": 30}}, "video", 30),
        (["a.nii"], {}, "volume", None),
        ([], {}, "volume", None),
    ],
)
def test_files_and_headers_say_what_kind_it_is(
    items: list[str], series: dict[str, Any], kind: str, frames: int | None
) -> None:
    (found,) = media(items, {"itemsIndices": list(range(len(items))), **series})
    assert (found.kind, found.frames) == (kind, frames)


def test_without_a_split_all_files_are_the_first_series() -> None:
    assert [one.frames for one in media(["0.dcm", "1.dcm"], {"name": "one"}, {"name": "two"})] == [2, None]


@pytest.mark.parametrize("headers", [None, "no JSON", "[]", {"dimensions": None}, {"dimensions": ["wide", None]}])
def test_headers_that_say_nothing_leave_sizes_unknown(headers: Any) -> None:
    payload = {"datapoint": {"items": ["a.png"], "seriesInfo": [{"itemsIndices": [0], "imageHeaders": headers}]}}
    (found,) = RedBrickNeutral().media(raw(payload))
    assert (found.width, found.height, found.spacing) == (None, None, None)


def test_a_task_without_a_datapoint_has_one_medium_of_which_nothing_is_known() -> None:
    assert [one.url for one in RedBrickNeutral().media(b"{}")] == [None]
