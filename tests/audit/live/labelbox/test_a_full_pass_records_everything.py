"""A full pass reads all that Labelbox has of a project, and a second one adds nothing."""

from __future__ import annotations

from audit.files import files_of
from audit.live.run import sync
from audit.models import Event, Mode, Project
from tests.audit.live.labelbox.compare import differences
from tests.audit.live.labelbox.conftest import ROWS
from tests.fakes.labelbox import MASK, FakeLabelbox
from tests.fakes.labelbox_story import World


def test_a_full_pass_records_what_labelbox_has(project: Project, world: World) -> None:
    run = sync(project, Mode.FULL)
    assert run.state == "succeeded", run.error_text
    assert run.message == f"Complete: {ROWS} tasks, as many as the source says it has."
    assert differences(project, world) == []


def test_a_second_pass_adds_nothing(project: Project, world: World) -> None:
    first = sync(project, Mode.FULL)
    second = sync(project, Mode.FULL)
    assert (second.found, second.added) == (first.found, 0)
    assert second.result == {"tasks": ROWS, "deleted": 0, "diverged": 0}
    assert differences(project, world) == []


def test_an_incremental_pass_asks_only_for_data_rows_with_activity(project: Project, fake: FakeLabelbox) -> None:
    sync(project, Mode.FULL)
    fake.requests.clear()
    run = sync(project, Mode.INCREMENTAL)
    assert run.added == 0
    asked = [variables["input"]["filters"] for name, variables in fake.requests if name.startswith("exportDataRows")]
    assert [one["searchQuery"]["query"][0]["type"] for one in asked] == ["data_row_last_activity_at"]


def test_masks_are_kept_and_media_are_not(project: Project) -> None:
    sync(project, Mode.FULL)
    found = Event.objects.filter(log__project=project, type="label.created", task__external_id="clrow" + "0" * 20)
    (content,) = (
        bytes(data)
        for data in found.filter(source_type="Default").values_list("disclosures__data", flat=True)
        if b'"run_id"' not in bytes(data)
    )
    (kept,) = files_of(content).kept
    assert kept.name == "masks/MASK_ID/index/1"
    assert files_of(content).read(kept.name) == MASK


def test_names_and_addresses_of_people_are_not_in_the_record(project: Project) -> None:
    sync(project, Mode.FULL)
    for data in Event.objects.filter(log__project=project).values_list("disclosures__data", flat=True):
        if data is not None:
            assert b"@example.com" not in bytes(data)
            assert b"Rita View" not in bytes(data)
