"""An export of Diffgram that was loaded comes out again, with what its server leaves out put back."""

from __future__ import annotations

import copy
import json
import zipfile
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command

from audit.models import Project
from exports.formats.base import LabelledTask, LabelRow, ProjectInfo
from exports.formats.diffgram.diffgram import DiffgramFormat
from exports.run import make_export
from tests.exports.formats.snapshots import Shot, write

GOLDEN = Path(__file__).parents[3] / "golden" / "diffgram" / "export.json"


def packets(export: Any) -> dict[str, Any]:
    return {name: packet for name, packet in export.items() if name.isdecimal()}


def load(folder: Path, export: Any) -> Project:
    path = folder / "export.json"
    path.write_text(json.dumps(export))
    call_command("load", str(path), "--project", "Fixtures", stdout=StringIO(), stderr=StringIO())
    return Project.objects.get()


def exported(project: Project, path: Path, **asked: Any) -> Any:
    make_export(project, "diffgram", parameters=asked, output=path)
    with zipfile.ZipFile(path) as found:
        if asked.get("encoding") == "yaml":
            return yaml.safe_load(found.read("annotations.yaml"))
        return json.loads(found.read("annotations.json"))


@pytest.fixture
def golden() -> Any:
    return json.loads(GOLDEN.read_text())


@pytest.mark.django_db
def test_packets_labels_and_groups_are_those_that_came_in_json_and_yaml(tmp_path, golden) -> None:
    project = load(tmp_path, golden)
    ours = exported(project, tmp_path / "json.zip")
    assert packets(ours).keys() == packets(golden).keys()
    for name, packet in packets(golden).items():
        assert ours[name] == packet
    for name in ("label_map", "label_colour_map", "attribute_groups_reference"):
        assert ours[name] == golden[name]
    info = ours["export_info"]
    assert info["file_list_length"] == golden["export_info"]["file_list_length"] == 6
    assert info["instance_count"] == sum(
        text.count('"attribute_groups":') for text in map(json.dumps, packets(ours).values())
    )
    assert info["export_format_version"] == "1.0"
    assert exported(project, tmp_path / "yaml.zip", encoding="yaml") == ours
    assert exported(project, tmp_path / "again.zip") == ours


@pytest.mark.django_db
def test_what_came_out_can_be_loaded_and_comes_out_the_same(tmp_path, golden) -> None:
    first = load(tmp_path, golden)
    ours = exported(first, tmp_path / "first.zip")
    out = StringIO()
    call_command("load", str(tmp_path / "first.zip"), "--project", "Second", stdout=out, stderr=out)
    assert "an export of Diffgram" in out.getvalue()
    second = Project.objects.exclude(pk=first.pk).get()
    assert packets(exported(second, tmp_path / "second.zip")) == packets(ours)


@pytest.mark.django_db
def test_coordinates_of_0_and_global_numbers_of_frames_are_put_back(tmp_path, golden) -> None:
    broken = copy.deepcopy(golden)
    box = broken["3001"]["instance_list"][0]
    del box["x_min"], box["y_min"]
    frame = broken["3002"]["sequence_list"][0]["instance_list"][0]
    frame["global_frame_number"] = None
    ours = exported(load(tmp_path, broken), tmp_path / "out.zip")
    assert ours["3001"]["instance_list"][0] == {**box, "x_min": 0, "y_min": 0}
    assert ours["3002"]["sequence_list"][0]["instance_list"][0]["global_frame_number"] == 1200


@pytest.mark.django_db
def test_only_complete_files_come_when_that_is_asked_for(tmp_path, golden) -> None:
    some = copy.deepcopy(golden)
    some["3003"]["file"]["ann_is_complete"] = False
    ours = exported(load(tmp_path, some), tmp_path / "out.zip", ann_is_complete=True)
    assert packets(ours).keys() == packets(golden).keys() - {"3003"}
    assert ours["export_info"]["file_list_length"] == 5


def test_audio_and_conversations_have_packets_even_without_instances() -> None:
    rows = []
    for number, kind in enumerate(("audio", "conversational"), 1):
        details = {"task": {"id": number, "file": {"id": number, "type": kind}}, "media": []}
        rows.append(LabelledTask(f"{number}", number, "a", "", "", json.dumps(details).encode(), (), ()))
    shot = Shot(project=ProjectInfo("diffgram", "P", "P", "o"), assets=rows)
    ours = json.loads(write(DiffgramFormat(), shot).files["annotations.json"])
    assert ours["1"] == {"file": {"id": 1, "type": "audio"}, "instance_list": []}
    assert ours["2"]["file"]["type"] == "conversational"


def test_removed_instances_come_marked_and_counted_where_the_database_tells_them() -> None:
    packet = {"file": {"id": 7, "type": "image"}, "instance_list": [{"id": 2, "type": "box", "x_min": 1}]}
    content = json.dumps({"taskId": "1", "fileId": "7", "savedAt": None, "packet": packet}).encode()
    label = LabelRow("7", 1, "DEFAULT", None, None, None, "", False, False, 1, content)
    gone = json.dumps({"id": 1, "type": "box", "x_min": 0}).encode()
    at = json.dumps({"id": 1, "deleted_time": "2026-03-01 08:00:00"}).encode()
    told = (("INSTANCE_created", gone), ("INSTANCE_deleted", at), ("INSTANCE_created", b'{"id":2,"type":"box"}'))
    task = LabelledTask("1", 1, "a", "", "", b'{"task":{"status":"complete"}}', (), (label,), told)
    shot = Shot(project=ProjectInfo("diffgram-db", "P", "P", "o"), assets=[task])
    ours = json.loads(write(DiffgramFormat(), shot, removed_instances=True).files["annotations.json"])
    kept, removed = ours["7"]["instance_list"]
    assert (kept["id"], removed["id"], removed["soft_delete"]) == (2, 1, True)
    assert removed["deleted_time"] == "2026-03-01 08:00:00"
    assert ours["export_info"]["instance_count"] == ours["export_info"]["removed_instance_count"] == 1
    plain = json.loads(write(DiffgramFormat(), shot).files["annotations.json"])
    assert [row["id"] for row in plain["7"]["instance_list"]] == [2]
    assert "removed_instance_count" not in plain["export_info"]


def test_removed_instances_of_other_sources_are_refused() -> None:
    (unfit,) = DiffgramFormat().refuses(ProjectInfo("diffgram", "P", "P", "o"), {"removed_instances": True})
    assert "database" in unfit.text


def test_a_payload_without_a_file_is_skipped_by_name() -> None:
    label = LabelRow("7", 1, "DEFAULT", None, None, None, "", False, False, 1, b'{"packet":{}}')
    task = LabelledTask("1", 1, "a", "", "", b"{}", (), (label,))
    made = write(DiffgramFormat(), Shot(project=ProjectInfo("diffgram", "P", "P", "o"), assets=[task]))
    assert {(error["asset"], error["label"], error["code"]) for error in made.errors} == {
        ("1", None, "unreadable"),
        ("1", "7", "unreadable"),
    }
    assert made.written == {"tasks": 0, "labels": 0}
