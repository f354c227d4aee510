"""GeoJSON files become maps with labels; what is no GeoJSON, or contradicts itself, is refused in words."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from audit.log.verify import verify
from audit.models import LabelVersion, Project, Task
from tests.audit.load.exported.conftest import write, zipped

Run = Callable[..., str]
TREE = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [2, 48]}, "properties": {"class": "Tree"}}


def text(*features: Any, **more: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features, **more}).encode()


def of(asset: str, label: str | None, date: str = "2026-01-01T00:00:00.000Z", author: str = "amara@example.org") -> Any:
    said = {"assetId": asset, "author": author, "exportDate": date} | ({"labelId": label} if label else {})
    return {"properties": {"kili": said}}


def labels() -> list[tuple[str, str, int]]:
    found = LabelVersion.objects.order_by("event_id").values_list("task__external_id", "external_id", "number")
    return sorted(found)


def test_each_file_of_others_is_a_map_called_as_its_path(run: Run, tmp_path: Path) -> None:
    said = run(zipped(tmp_path / "maps.zip", {"all/a/oak.geojson": text(TREE), "all/b.geojson": text()}))
    assert "Read as a GeoJSON file (--kind geojson)." in said
    assert sorted(Task.objects.values_list("external_id", "name")) == [("a/oak", "a/oak"), ("b", "b")]
    assert verify(Project.objects.get().log).holds
    before = labels()
    run(write(tmp_path / "unpacked", {"a/oak.geojson": text(TREE), "b.geojson": text()}))
    assert labels() == before == [("a/oak", "features", 1), ("b", "features", 1)]


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["x/labels/a/1.geojson", "x/labels/a/2.geojson"], ["a/1", "a/2"]),
        (["train/labels/1.geojson", "val/labels/1.geojson"], ["train/labels/1", "val/labels/1"]),
        (["deep/down/1.geojson"], ["1"]),
        (["1.json", "a/1.json"], ["1", "a/1"]),
    ],
)
def test_maps_are_called_by_what_their_paths_do_not_share(
    run: Run, tmp_path: Path, paths: list[str], names: list[str]
) -> None:
    run(zipped(tmp_path / "maps.zip", {path: text(TREE) for path in paths}))
    assert sorted(Task.objects.values_list("name", flat=True)) == names


def test_characters_that_no_database_holds_are_replaced(run: Run, tmp_path: Path) -> None:
    run(write(tmp_path, {"a.geojson": text(TREE, **of("T\0", "L\0", author="B\0"))}) / "a.geojson")
    assert labels() == [("T\ufffd", "L\ufffd", 1)]


def test_files_of_one_asset_are_its_labels(run: Run, tmp_path: Path) -> None:
    files = {
        "labels/t/oak_label1.geojson": text(TREE, **of("T1", "L1")),
        "labels/t/oak_label2.geojson": text(TREE, **of("T1", "L2", author="bo@example.org")),
    }
    run(zipped(tmp_path / "one.zip", files))
    assert list(Task.objects.values_list("external_id", "name")) == [("T1", "t/oak")]
    assert labels() == [("T1", "L1", 1), ("T1", "L2", 1)]
    assert Project.objects.get().people.count() == 2


def test_another_day_of_export_is_no_version_and_another_place_is_one(run: Run, tmp_path: Path) -> None:
    moved = json.loads(json.dumps(TREE))
    moved["geometry"]["coordinates"][0] = 3
    for day, feature, number in ((1, TREE, 1), (2, TREE, 1), (3, moved, 2)):
        data = text(feature, **of("T1", None, f"2026-01-0{day}T00:00:00.000Z"))
        run(write(tmp_path / str(day), {"map.geojson": data}) / "map.geojson")
        assert max(labels()) == ("T1", "features", number)


def test_kilis_files_without_ids_of_labels_are_told_apart_by_their_names(run: Run, tmp_path: Path) -> None:
    files = {f"labels/oak_label{number}.geojson": text(TREE, **of("T1", None)) for number in (1, 2)}
    run(write(tmp_path / "kili", files))
    assert labels() == [("T1", "label1", 1), ("T1", "label2", 1)]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no JSON"),
        (b"[1]", "a JSON object was expected"),
        (text(TREE).replace(b"48", b"NaN"), "no JSON"),
        (text(TREE).replace(b"48", b"1e999"), "no JSON"),
        (text(TREE)[:60], "no JSON"),
        (text(TREE) + text(TREE), "no JSON"),
        (text(TREE).decode().encode("utf-16"), "no JSON"),
        (b'{"type": "FeatureCollection"}', 'a list of "features"'),
        (b'{"type": "Topology", "features": []}', 'no "type"'),
        (text(TREE, crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}), "longitude and lat"),
        (text(TREE, crs=7), "longitude and lat"),
    ],
)
def test_a_file_that_is_none_adds_nothing(refusal: Run, tmp_path: Path, data: bytes, said: str) -> None:
    folder = write(tmp_path / "maps", {"a.geojson": text(TREE), "b.geojson": data})
    assert said in refusal(folder)
    assert said in refusal(folder / "b.geojson", "--kind", "geojson")
    assert not Project.objects.exists()


@pytest.mark.parametrize("name", ["urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", "urn:ogc:def:crs:EPSG::4326"])
def test_degrees_by_any_name_are_taken(run: Run, tmp_path: Path, name: str) -> None:
    crs = {"type": "name", "properties": {"name": name}}
    run(write(tmp_path, {"a.geojson": text(TREE, crs=crs)}) / "a.geojson")
    assert labels() == [("a", "features", 1)]


def test_two_documents_of_one_label_are_refused(refusal: Run, tmp_path: Path) -> None:
    files = {f"{name}.geojson": text(TREE, **of("T1", "L1")) for name in "ab"}
    assert '"a.geojson" and "b.geojson" are both the label "L1" of "T1"' in refusal(zipped(tmp_path / "z.zip", files))
    assert not Project.objects.exists()


def test_half_characters_and_marks_of_order_are_no_hindrance(run: Run, tmp_path: Path) -> None:
    odd = json.loads(json.dumps(TREE))
    odd["properties"]["class"] = "Tr\ud800e"
    run(write(tmp_path, {"a.geojson": b"\xef\xbb\xbf" + text(odd)}) / "a.geojson")
    assert labels() == [("a", "features", 1)]


def test_what_is_nested_too_deeply_is_refused(refusal: Run, tmp_path: Path) -> None:
    """As deep as a JSON reader goes, with answers within answers, or with anything else."""
    answers = '{"J":{"categories":[{"name":"C","children":' * 250 + "{}" + "}]}}" * 250
    for deep in (f'{{"kili":{{"job":"J","children":{answers}}}}}', "[" * 1000 + "]" * 1000):
        data = text(TREE).replace(b'{"class": "Tree"}', deep.encode())
        folder = write(tmp_path / "deep", {"a.geojson": text(TREE), "b.geojson": data})
        assert "nested too deeply" in refusal(folder)


def test_a_name_that_leads_out_and_a_bomb_are_refused(refusal: Run, tmp_path: Path) -> None:
    assert "no name of a file" in refusal(zipped(tmp_path / "out.zip", {"../a.geojson": text(TREE)}))
    bomb = text(TREE, padding=" " * (20 << 20))
    assert "times its size" in refusal(zipped(tmp_path / "bomb.zip", {"a.geojson": text(TREE), "b.geojson": bomb}))
    assert not Project.objects.exists()
