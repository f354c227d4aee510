"""tasks.json and the files beside it are those that redbrick-sdk 2.35.4 exported of the same answers.

On purpose different: paths begin beside tasks.json; `status`, `scores` and `consensusScore` are told by events, which
other formats have, and not by labels.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from typing import Any

import pytest

from tests.exports.formats.redbrick.recorded import GOLDEN, ROOT, export, exported, labels, shot, tasks_of

MODES = {
    "default": ("project", {}),
    "single_mask": ("project", {"binary_mask": "false"}),
    "consensus": ("consensus_project", {}),
}


def comparable(said: Any) -> Any:
    """Without what is different on purpose."""
    if isinstance(said, list):
        return [comparable(one) for one in said]
    if isinstance(said, dict):
        told = {key: value for key, value in said.items() if key not in ("status", "scores", "consensusScore")}
        return {key: comparable(value) for key, value in told.items()}
    return said.partition("/")[2] if isinstance(said, str) and said.split("/")[0] in MODES else said


@pytest.mark.parametrize("mode", MODES)
def test_tasks_and_voxels_are_the_sdks(mode: str) -> None:
    # The rows of the second task's two people were not recorded.
    meant = [task for task in exported(mode) if task["name"] != "CON-0002"]
    kind, asked = MODES[mode]
    made = export(shot([task["taskId"] for task in meant], kind), **asked)
    assert tasks_of(made) == comparable(meant)
    assert made.errors == []
    files = {name.removeprefix(f"{ROOT}/"): data for name, data in made.files.items() if "/segmentations/" in name}
    voxels = {name: Counter(gzip.decompress(data)[352:]) for name, data in files.items()}
    assert voxels == {
        name: Counter({int(value): count for value, count in values.items()})
        for name, values in labels()["exported"][mode]["voxels"].items()
        if "/CON-0002/" not in name
    }


@pytest.mark.parametrize(
    ("mode", "asked"), [("binary", {"binary_mask": "true"}), ("mhd", {"mask_format": "mhd"}), ("semantic", {})]
)
def test_other_modes_are_the_sdks(mode: str, asked: dict[str, str]) -> None:
    sdk = json.loads((GOLDEN / "modes.json").read_bytes())[mode]
    meant = without_root(sdk["tasks.json"], mode)
    made = export(shot([task["taskId"] for task in meant]), semantic_mask=mode == "semantic", **asked)
    if mode == "semantic":
        # A class tells what its first instance does, as the documentation says: the SDK's, its last. Files in order.
        for task in (meant[0], meant[3]):
            entry = task["series"][0]["segmentMap"]["1"]
            entry.clear()
            entry |= default_entry(task["taskId"])
        meant[1]["series"][0]["segmentations"].sort()
    assert tasks_of(made) == meant
    files = {name.removeprefix(f"{ROOT}/"): data for name, data in made.files.items() if name.startswith(ROOT)}
    assert sorted(files) == sdk["files"]
    for name, voxels in sdk["voxels"].items():
        assert Counter(gzip.decompress(files[name])[352:]) == {int(value): count for value, count in voxels.items()}


def without_root(said: Any, mode: str) -> Any:
    """As `comparable`, for paths below a folder that is called after the mode."""
    if isinstance(said, list):
        return [without_root(one, mode) for one in said]
    if isinstance(said, dict):
        return {key: without_root(one, mode) for key, one in said.items() if key != "status"}
    return said.removeprefix(f"{mode}/") if isinstance(said, str) else said


def default_entry(task: str) -> dict[str, Any]:
    """What the SDK says of a task's first instance where masks are not semantic."""
    (found,) = [one for one in exported("default") if one["taskId"] == task]
    entry: dict[str, Any] = dict(found["series"][0]["segmentMap"]["1"])
    return {name: value for name, value in entry.items() if name != "mask"}


def test_without_masks_only_addresses_are_missing() -> None:
    meant = json.loads((GOLDEN / "modes.json").read_bytes())["without_masks"]["tasks.json"]
    addresses: list[str | None] = []
    for task in meant:
        task.pop("status", None)
        for series in task["series"]:
            # They would open the masks for everybody.
            for told in (series, *series.get("segmentMap", {}).values()):
                addresses.append(told.pop("mask", None) or told.pop("segmentations", None))
    assert {"X-Fake-Signature" in one for one in addresses if one is not None} == {True}
    assert tasks_of(export(shot([task["taskId"] for task in meant]), mask_format="none")) == meant


def test_a_mask_is_copied_byte_for_byte() -> None:
    snapshot = shot([exported("default")[0]["taskId"]])
    made = export(snapshot)
    assert made.files[f"{ROOT}/segmentations/CASE-0001/CT axial.nii.gz"] == snapshot.kept["seg/case1-a"]


def test_two_exports_are_equal() -> None:
    ids = [task["taskId"] for task in exported("default")]
    first, second = (export(shot(ids), semantic_mask=True).files for _ in range(2))
    assert {name: data for name, data in first.items() if name.startswith(ROOT)} == {
        name: data for name, data in second.items() if name.startswith(ROOT)
    }


def test_no_address_with_a_signature_is_told() -> None:
    made = export(shot([task["taskId"] for task in exported("default")]), mask_format="none")
    assert b"://" not in json.dumps(tasks_of(made)).encode()
    assert [name for name in made.files if "/segmentations/" in name] == []
