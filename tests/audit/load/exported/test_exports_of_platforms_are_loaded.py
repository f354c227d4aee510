from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from audit.log.verify import verify
from audit.models import Disclosure, Event, LabelVersion, Project, Task
from audit.sources.exported.kinds import KINDS

Run = Callable[..., str]
Export = tuple[str, Path]
Found = Callable[[], Project]


def counts(out: str) -> dict[str, int]:
    """Found, added and already there, as the command says."""
    words = out.partition(": ")[2].split()
    return {"found": int(words[0]), "added": int(words[3]), "already": int(words[5])}


def test_the_kind_is_recognised_and_said(run: Run, export: Export) -> None:
    kind, path = export
    out = run(path)
    assert f"Read as {KINDS[kind].title} (--kind {kind})." in out
    assert counts(out)["added"] > 0


def test_tasks_and_labels_are_in_the_record(run: Run, export: Export, project: Found) -> None:
    kind, path = export
    run(path)
    assert project().source.kind == f"{KINDS[kind].platform}-file"
    assert Task.objects.filter(project=project()).exists()
    assert LabelVersion.objects.filter(task__project=project()).exists()
    assert verify(project().log).problems == []


def test_a_second_load_adds_nothing(run: Run, export: Export, project: Found) -> None:
    _, path = export
    first = counts(run(path))
    size = Event.objects.filter(log__project=project()).count()
    second = counts(run(path))
    assert second == {"found": first["found"], "added": 0, "already": first["found"]}
    assert Event.objects.filter(log__project=project()).count() == size


def test_the_kind_can_be_named(run: Run, export: Export) -> None:
    kind, path = export
    assert counts(run(path, "--kind", kind))["added"] > 0


def test_no_address_of_a_person_stays_in_stored_bytes(run: Run, export: Export, project: Found) -> None:
    _, path = export
    run(path)
    envelopes = [bytes(row) for row in Event.objects.filter(log__project=project()).values_list("envelope", flat=True)]
    kept = [
        bytes(row) for row in Disclosure.objects.filter(event__log__project=project()).values_list("data", flat=True)
    ]
    for address in (b"sergei@heartex.test", b"admin@example.org", b"jane.doe@example.com"):
        assert not [data for data in (*envelopes, *kept) if address in data]


@pytest.mark.parametrize("wrong", ["coco", "labelstudio", "redbrick-export", "kili", "labelbox", "diffgram", "isahit"])
def test_a_wrong_kind_is_refused_in_words(refusal: Run, export: Export, wrong: str) -> None:
    kind, path = export
    if wrong != kind:
        assert f"this is no {wrong}: the content is {KINDS[kind].title}" in refusal(path, "--kind", wrong)
        assert not Project.objects.filter(name="Loaded").exists()


def test_an_export_of_another_platform_needs_another_project(
    run: Run, refusal: Run, export: Export, tmp_path: Path
) -> None:
    _, path = export
    other = tmp_path / "coco.json"
    other.write_text(
        '{"info":{},"licenses":[],"images":[{"id":1,"file_name":"a","height":1,"width":1}],"categories":[]}'
    )
    run(path)
    assert "into a project of its own" in refusal(other)


def test_a_changed_label_gets_a_version_more(run: Run, project: Found, tmp_path: Path) -> None:
    export = tmp_path / "export.json"
    tasks = json.loads((Path(__file__).parents[3] / "golden/labelstudio/history.json").read_text())
    export.write_text(json.dumps(tasks))
    run(export)
    tasks[0]["annotations"][0]["result"][0]["value"]["choices"] = ["Negative"]
    tasks[0]["annotations"][0]["lead_time"] = 3.5
    export.write_text(json.dumps(tasks))
    assert counts(run(export))["added"] == 3  # The ontology, the label, the time.
    types = list(Event.objects.filter(log__project=project()).order_by("id").values_list("type", flat=True))
    assert types[-4:] == ["project.updated", "label.updated", "time.revised", "sync.completed"]
    assert LabelVersion.objects.filter(task__project=project()).count() == 2


def test_masks_of_a_folder_are_kept(run: Run, project: Found, tmp_path: Path, redbrick: Path) -> None:
    run(redbrick)
    labels = Disclosure.objects.filter(event__log__project=project(), event__type="label.created", group="content")
    files = [file for row in labels for file in json.loads(bytes(row.data)).get("files", [])]
    assert {file["name"] for file in files} >= {
        "segmentations/CASE-0001/CT axial.nii.gz",
        "segmentations/CASE-0001/B.nii.gz",
    }
    assert all(len(file["sha256"]) == 64 and file["bytes"] > 0 for file in files)


def test_a_mask_that_is_not_there_is_named_and_nothing_recorded(refusal: Run, redbrick: Path) -> None:
    (redbrick / "segmentations/CASE-0001/B.nii.gz").unlink()
    said = refusal(redbrick)
    assert 'the mask of series "B" of task "CASE-0001"' in said
    assert "is not in the export" in said


def test_a_mask_that_was_cut_off_is_named_and_nothing_recorded(refusal: Run, redbrick: Path) -> None:
    mask = redbrick / "segmentations/CASE-0001/B.nii.gz"
    mask.write_bytes(gzip.compress(b"x" * 1000)[:-4])
    assert '"segmentations/CASE-0001/B.nii.gz") is damaged' in refusal(redbrick)


def test_tasks_json_without_its_folder_is_refused(refusal: Run, redbrick: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone.json"
    alone.write_bytes((redbrick / "tasks.json").read_bytes())
    assert "Load the whole folder" in refusal(alone)


def test_the_folder_of_labels_of_an_archive_of_kili_is_one_by_itself(
    run: Run, refusal: Run, tmp_path: Path, project: Found
) -> None:
    label = {"createdAt": "2026-03-01T10:00:00.000Z", "labelType": "DEFAULT", "author": None, "jsonResponse": {}}
    folder = tmp_path / "labels"
    folder.mkdir()
    for name in ("a", "b"):
        asset = {"id": f"asset-{name}", "externalId": name, "content": "", "latestLabel": label}
        (folder / f"{name}.json").write_text(json.dumps(asset))
    assert "--kind kili" in run(folder)
    assert Task.objects.filter(project=project()).count() == 2
    (folder / "c.json").write_text('{"some": "thing"}')
    assert "c.json" in refusal(folder)
