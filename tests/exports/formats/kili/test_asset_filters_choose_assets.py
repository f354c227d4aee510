"""`asset_filter_kwargs`: which assets an export has."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from exports.formats import FORMATS
from exports.formats.kili.kili import KiliFormat
from exports.options import resolve_parameters
from tests.exports.formats.kili_cases import shot_of
from tests.exports.formats.snapshots import write
from tests.exports.formats.told import box


def _chosen(*filters: str, name: str = "01_bbox_single_job") -> list[str]:
    made = write(KiliFormat(), shot_of(name), single_file=True, asset_filter_kwargs=filters)
    assert made.written["tasks"] == len(shot_of(name).assets)
    return [row["externalId"] for row in json.loads(made.files["data.json"])]


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        (("external_id_in=empty",), ["empty_annotations", "empty_label"]),
        (("external_id_strictly_in=car_1", "external_id_strictly_in=with space.png"), ["car_1", "with space.png"]),
        (("asset_id_in=asset-0001",), ["car_1"]),
        (("external_id_in=car", "status_in=LABELED"), ["car_1"]),
        (("external_id_in=car", "status_in=TODO"), []),
        (("label_type_in=PREDICTION",), []),
        (("skipped=true",), []),
        (("consensus_mark_gte=0.5",), []),
        (("external_id_in=car", "skipped=false"), ["car_1"]),
    ],
)
def test_an_asset_is_there_when_all_hold(filters, names) -> None:
    assert _chosen(*filters) == names


def test_marks_dates_steps_and_metadata_are_asked_of_kilis_payload() -> None:
    shot = shot_of("01_bbox_single_job")
    told = json.loads(shot.assets[0].details or b"{}")
    told["asset"] |= {
        "consensusMark": 0.7,
        "createdAt": "2024-03-01T23:00:00.000Z",
        "currentStep": {"id": "s1", "name": "Review", "status": "DONE"},
        "jsonMetadata": {"site": "north"},
    }
    told["issues"] = [{"type": "QUESTION", "status": "OPEN"}]
    shot.assets[0] = replace(shot.assets[0], details=json.dumps(told).encode())
    for wanted, refused in (
        ("consensus_mark_gte=0.7", "consensus_mark_gte=0.71"),
        ("consensus_mark_lte=0.7", "consensus_mark_lte=0.69"),
        ("created_at_gte=2024-03-01", "created_at_gte=2024-03-02"),
        ("created_at_lte=2024-03-01", "created_at_lte=2024-02-29"),
        ("step_name_in=Review", "step_name_in=Label"),
        ("step_id_in=s1", "step_id_in=s2"),
        ("step_status_in=DONE", "step_status_in=TO_DO"),
        ("metadata_where=site:north", "metadata_where=site:south"),
        ("issue_type=QUESTION", "issue_type=ISSUE"),
        ("issue_status=OPEN", "issue_status=SOLVED"),
    ):
        for one, count in ((wanted, 1), (refused, 0)):
            made = write(KiliFormat(), shot, single_file=True, asset_filter_kwargs=(one, "external_id_in=car"))
            assert len(json.loads(made.files["data.json"])) == count, one


@pytest.mark.parametrize(
    ("filters", "text"),
    [
        (("nope=1",), "Unknown asset filter arguments: ['nope']"),
        (("external_id_n=1",), "did you mean external_id_in?"),
        (("step_id_in=a", "step_name_in=b"), "both given: use only one of them."),
        (("consensus_mark_gte=many",), "'many'"),
        (("created_at_gte=yesterday",), "YYYY-MM-DD"),
        (("metadata_where=site",), "name:value"),
        (("skipped=perhaps",), "true or false"),
        (("external_id_in=",), "it takes a text"),
    ],
)
def test_a_filter_without_a_meaning_is_refused_by_name(filters, text) -> None:
    format_ = FORMATS["coco"]
    values = {parameter.name: parameter.default_for(filtered=False) for parameter in format_.parameters}
    (unfit,) = format_.refuses(shot_of("01_bbox_single_job").project, values | {"asset_filter_kwargs": filters})
    assert unfit.parameter == "asset_filter_kwargs"
    assert text in unfit.text


def test_filters_of_kili_are_refused_for_other_platforms(project) -> None:
    project.add("a.jpg", [box(0, 0, 1, 1)])
    values = {one.name: one.default_for(filtered=False) for one in KiliFormat.parameters}
    asked = values | {"asset_filter_kwargs": ("consensus_mark_gte=0.5", "external_id_in=a")}
    (unfit,) = KiliFormat().refuses(project.shot().project, asked)
    assert "consensus_mark_gte" in unfit.text


def test_they_may_come_as_an_object_as_in_kilis_sdk() -> None:
    asked = {"asset_filter_kwargs": {"external_id_in": ["a", "b,c"], "skipped": False}, "normalized_coordinates": True}
    values = resolve_parameters(KiliFormat(), asked, filtered=False)
    assert values["asset_filter_kwargs"] == ("external_id_in=a", "external_id_in=b,c", "skipped=false")
    assert values["normalized_coordinates"] == "true"
