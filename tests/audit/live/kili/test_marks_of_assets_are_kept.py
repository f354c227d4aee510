"""Whether an asset is for consensus or a honeypot, and its marks, are part of what the record says of the task."""

from __future__ import annotations

import json

from audit.live.run import sync
from audit.models import Mode, Project, TaskVersion
from tests.audit.live.kili.compare_kili import content_of
from tests.fakes.kili import FakeKili


def test_consensus_and_honeypot_are_kept_with_their_marks(project: Project, fake: FakeKili) -> None:
    sync(project, Mode.FULL)
    said = {}
    for version in TaskVersion.objects.filter(task__project=project, to_index=None).select_related("event"):
        asset = json.loads(content_of(version.event))["asset"]
        said[asset["id"]] = [asset[name] for name in ("isConsensus", "consensusMark", "isHoneypot", "honeypotMark")]
    ids = [asset["id"] for asset in fake.projects[project.external_id].assets]
    assert [said[ids[number]] for number in (1, 5, 7)] == [
        [False, None, False, None],
        [True, 0.5, False, None],
        [False, None, True, 0.25],
    ]
