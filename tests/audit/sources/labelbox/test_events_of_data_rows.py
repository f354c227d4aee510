"""What a data row's line, its versions and its issues yield: which events, whose, and when."""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from audit.sources.base import SourceError, SourceEvent, TaskHistory
from audit.sources.labelbox.project import project_of
from audit.sources.labelbox.rows import history_of
from audit.sources.labelbox.told import Beside
from tests.audit.sources.labelbox.conftest import of, raw
from tests.fakes.labelbox_story import LABELER, PEOPLE, PROJECT, REVIEWER, golden, issue, user, version

Tell = Callable[..., TaskHistory]
IMAGE, CONSENSUS, SKIPPED = golden("image")[:3]
LABEL = IMAGE["projects"][PROJECT]["labels"][0]
MOVES = [
    ("Move", "2026-03-03T09:12:00.000+00:00", "Initial labeling task", "Initial review task"),
    ("Reject", "2026-03-03T15:30:00.000+00:00", "Initial review task", "Rework (all rejected)"),
    ("Move", "2026-03-04T09:58:00.000+00:00", "Rework (all rejected)", "Initial review task"),
    ("Approve", "2026-03-04T10:01:00.000+00:00", "Initial review task", "Done"),
]


def who(event: SourceEvent) -> str | None:
    return None if event.actor is None else event.actor.external_id


def test_a_data_row_was_created_by_somebody_and_moved_through_the_queues(tell: Tell) -> None:
    history = tell(IMAGE)
    (created,) = of(history, "task.created")
    assert (created.occurred_at, created.derived) == ("2026-03-01T08:00:00.000+00:00", True)
    assert who(created) == "cluseradmin00000000000001"
    moves = of(history, "task.moved")
    assert [(one.source_type, one.occurred_at, one.stage, one.to_stage) for one in moves] == MOVES
    assert [who(one) for one in moves] == [LABELER, REVIEWER, LABELER, REVIEWER]
    assert not any(one.derived for one in moves)


def test_a_label_is_created_at_its_time_and_updated_when_its_content_was(tell: Tell) -> None:
    (label,) = [event for event in tell(IMAGE).events if event.type == "label.updated"]
    assert label.version is not None
    assert label.version.first is not None
    assert label.version.thing == f"label/{LABEL['id']}"
    assert label.occurred_at == "2026-03-04T09:58:00.000+00:00"
    assert label.version.first.type == "label.created"
    assert label.version.first.occurred_at == "2026-03-03T09:12:00.000+00:00"
    assert who(label) == LABELER
    assert json.loads(label.content or b"") == LABEL


def test_each_version_of_a_label_is_a_hand_on_with_its_id(tell: Tell) -> None:
    actions = {
        "SUBMITTED": "task.submitted",
        "SAVED": "task.saved",
        "APPROVED": "review.accepted",
        "REJECTED": "review.rejected",
        "REWORK_SUBMITTED": "rework.submitted",
        "SENT_TO_REWORK": "task.reopened",
        "TELEPORTED": "activity.recorded",
    }
    at = "2026-03-03T09:12:00.123Z"
    told = [version("row", LABEL, action, at, "cluserstranger", 1) for action in actions]
    found = [event for event in tell(IMAGE, told).events if str(event.source_key).startswith("version/")]
    assert {one.source_type: one.type for one in found} == actions
    assert {(one.occurred_at, one.stage, who(one)) for one in found} == {(at, "Initial review task", "cluserstranger")}
    assert len({one.source_key for one in found}) == len(actions)


def test_time_is_summed_for_each_kind_and_person(tell: Tell) -> None:
    times = of(tell(CONSENSUS), "time.recorded")
    told = {(one.stage, who(one)): json.loads(one.content or b"")["milliseconds"] for one in times}
    assert told == {
        ("create", LABELER): 182_400,
        ("create", "cluserlabeler200000000002"): 182_400,
        ("review", None): 82_000,
        ("rework", None): 55_000,
    }


def test_older_figures_count_where_there_are_no_newer_ones(tell: Tell) -> None:
    row = copy.deepcopy(IMAGE)
    performance = row["projects"][PROJECT]["labels"][0]["performance_details"]
    del performance["performance_details_v2"]
    performance["seconds_to_review"] = "soon"
    times = {one.stage: json.loads(one.content or b"")["milliseconds"] for one in of(tell(row), "time.recorded")}
    assert times == {"create": 182_000}, "and what is no number does not"


def test_no_time_is_recorded_where_nobody_worked(tell: Tell) -> None:
    row = copy.deepcopy(IMAGE)
    performance = row["projects"][PROJECT]["labels"][0]["performance_details"]
    performance["performance_details_v2"] = dict.fromkeys(performance["performance_details_v2"], 0)
    assert of(tell(row), "time.recorded") == []


def test_reviews_and_embeddings_are_activities(tell: Tell) -> None:
    kinds = Counter(one.source_type for one in of(tell(IMAGE), "activity.recorded"))
    assert kinds == {"LABEL_REVIEWED": 1, "EMBEDDING": 1}


def test_an_issue_has_its_own_times_and_people(tell: Tell) -> None:
    history = tell(IMAGE, issues=[issue(2, "row", [LABEL])])
    (opened,) = of(history, "issue.opened")
    (resolved,) = of(history, "issue.resolved")
    comments = of(history, "comment.added")
    assert (opened.occurred_at, who(opened)) == ("2026-03-03T15:31:00.000Z", REVIEWER)
    assert opened.text == "The box is too wide, see 2. א \u0000"
    assert (resolved.occurred_at, who(resolved)) == ("2026-03-04T09:59:00.000Z", LABELER)
    assert [one.text for one in comments] == ["Answer 0 🙂", "Answer 1 🙂"]


def test_labels_and_predictions_of_model_runs_are_labels_of_their_own(tell: Tell) -> None:
    experiments = golden("model_run_image")[0]["experiments"]
    history = tell(IMAGE, runs=experiments)
    run = "clcwbx7seur6bbo1nfj3td0th"
    assert history.labels == {LABEL["id"], f"{run}/cllsjevsr2qspmp2ksmnuodmv", f"{run}/clye93nb3rhkuj5h1bfor47vk"}
    (details,) = of(history, "task.updated")
    assert json.loads(details.content or b"")["model_runs"][0]["split"] == "training"


def test_a_skipped_label_is_a_label(tell: Tell) -> None:
    assert len(tell(SKIPPED).labels or ()) == 1


def test_events_are_in_the_order_of_their_times_and_what_has_none_is_last(tell: Tell) -> None:
    history = tell(IMAGE, issues=[issue(2, "row", [LABEL])])
    instants = [opening.instant for event in history.events if (opening := event.opening())]
    dated = [instant for instant in instants if instant is not None]
    assert dated == sorted(dated)
    assert instants == [*dated, *[None] * (len(instants) - len(dated))]


def test_the_data_row_has_its_files_without_signatures_in_what_is_kept(tell: Tell) -> None:
    row = copy.deepcopy(IMAGE)
    row["data_row"]["row_data"] += "?X-Goog-Signature=secret"
    history = tell(row)
    (details,) = of(history, "task.updated")
    assert b"secret" not in (details.content or b"")
    media = {file.name: (file.where, file.media) for file in details.files}
    assert media["row_data"] == ("https://example.com/media/image-1.jpeg?X-Goog-Signature=secret", True)
    assert len(media) == 2, "and an attachment"
    (label,) = of(history, "label.created")
    assert [(file.name, file.media) for file in label.files] == [("masks/MASK_ID/index/1", False)]


def test_everybody_is_known_by_id_and_strangers_by_their_address(tell: Tell) -> None:
    row = json.loads(json.dumps(IMAGE).replace("labeler1@example.com", "gone@example.com"))
    history = tell(row)
    named = {ref.external_id for event in history.events for ref in event.people}
    assert named == {"cluseradmin00000000000001", REVIEWER, "gone@example.com"}


def test_an_address_is_known_in_any_case_and_in_any_field(tell: Tell) -> None:
    row = json.loads(json.dumps(IMAGE).replace("labeler1@example.com", "Labeler1@Example.com"))
    row["metadata_fields"][1]["value"] = "labeler2@example.com"
    history = tell(row)
    (label,) = of(history, "label.created")
    assert label.actor is not None
    assert (label.actor.external_id, label.actor.email) == (LABELER, "Labeler1@Example.com")
    (details,) = of(history, "task.updated")
    assert "labeler2@example.com" in {ref.email for ref in details.people}


def test_somebody_without_id_and_address_is_nobody() -> None:
    known = project_of(PROJECT, [raw({**user(LABELER), "id": None}), raw({"id": None, "email": None})], False)
    assert list(known.people) == ["labeler1@example.com"]
    found = history_of(raw(IMAGE), Beside(), None, known)
    (label,) = of(found, "label.created")
    assert who(label) == "labeler1@example.com"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("2026-03-03T09:12:00.000+05:30", "2026-03-03T03:42:00+00:00"),
        ("2026-03-03T09:12:00", "2026-03-03T09:12:00+00:00"),
        ("2999-01-01T00:00:00Z", "2999-01-01T00:00:00+00:00"),
        ("yesterday", None),
        ("0001-01-01T00:00:00+14:00", None),
    ],
)
def test_times_keep_their_offset_and_unreadable_ones_are_none(tell: Tell, written: str, kept: str | None) -> None:
    (event,) = [
        one
        for one in tell(IMAGE, [version("row", LABEL, "SAVED", written, LABELER, None)]).events
        if one.source_type == "SAVED"
    ]
    assert event.occurred_at == (written if kept else None)
    assert (event.instant.isoformat() if event.instant else None) == kept


def test_another_projects_labels_are_not_ours(tell: Tell) -> None:
    row = golden("catalog_image")[0]
    assert len(row["projects"]) == 2
    ours = {label["id"] for label in row["projects"][PROJECT]["labels"]}
    labels = tell(row).labels or frozenset()
    assert {label for label in labels if "/" not in label} == ours


def test_what_comes_with_few_parameters_is_read(tell: Tell) -> None:
    assert len(tell(golden("image_minimal_params")[0]).labels or ()) == 1


@pytest.mark.parametrize("value", [[], "x", None, {}, {"data_row": {}}, {"data_row": {"id": 7}}])
def test_what_is_no_data_row_is_an_error(tell: Tell, value: Any) -> None:
    with pytest.raises(SourceError, match="no data row"):
        tell(value)


@pytest.mark.parametrize(
    "projects", [{PROJECT: []}, {PROJECT: {"labels": [{"annotations": {}}]}}, {PROJECT: {"labels": {}}}, []]
)
def test_a_data_row_whose_labels_make_no_sense_is_an_error(tell: Tell, projects: Any) -> None:
    with pytest.raises(SourceError, match=IMAGE["data_row"]["id"]):
        tell({**IMAGE, "projects": projects})


@pytest.mark.parametrize("line", [b"{not json", b"", b'{"data_row":', b"\xff\xfe"])
def test_what_is_no_json_is_an_error(line: bytes) -> None:
    with pytest.raises(SourceError, match="no data row"):
        history_of(line, Beside(), None, project_of(PROJECT, [], False))


def test_half_a_character_is_mended(tell: Tell) -> None:
    row = copy.deepcopy(IMAGE)
    row["data_row"]["external_id"] = "half \ud83d"
    known = project_of(PROJECT, [], False)
    history = history_of(json.dumps(row).encode(), Beside(), None, known)
    (details,) = of(history, "task.updated")
    assert json.loads(details.content or b"")["data_row"]["external_id"] == "half \ufffd"


def test_what_is_told_twice_is_one_event(tell: Tell) -> None:
    once = version("row", LABEL, "SAVED", "2026-03-03T09:12:00.000Z", LABELER, None)
    assert tell(IMAGE, [once, once]).events == tell(IMAGE, [once]).events


def test_empty_parts_may_be_null(tell: Tell) -> None:
    assert tell({**IMAGE, "projects": None, "embeddings": None, "experiments": None}).labels == frozenset()


def test_a_version_or_issue_without_an_id_is_an_error(tell: Tell) -> None:
    with pytest.raises(SourceError, match="no id"):
        tell(IMAGE, versions=[{"dataRowId": "row"}])
    with pytest.raises(SourceError, match="no id"):
        tell(IMAGE, issues=[{"dataRowId": "row"}])


def test_a_hundred_thousand_versions_of_one_data_row_are_read(tell: Tell) -> None:
    one = version("row", LABEL, "SAVED", "2026-03-03T09:12:00.000Z", LABELER, None)
    beside = Beside(tuple(raw({**one, "id": str(number)}) for number in range(100_000)))
    known = project_of(PROJECT, [raw(user(id_)) for id_ in PEOPLE], False)
    history = history_of(raw(IMAGE), beside, None, known)
    assert sum(event.source_type == "SAVED" for event in history.events) == 100_000
