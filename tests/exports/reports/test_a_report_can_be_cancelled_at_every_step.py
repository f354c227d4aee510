"""Whatever a report is at, cancelling it ends its renderers and leaves no file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from exports.models import Report
from exports.reports import evidence
from exports.reports import gather as gathering
from exports.reports.service import make_report
from exportsite.jobs import Cancelled, Lease
from tests.factories import make_project, worked_task

STEPS = (
    "reading the log",
    "verifying what will be attached",
    "listing the events",
    "rendering the PDF",
    "publishing",
)


def children() -> set[str]:
    """Processes of renderers and verifiers that this one started and that still work."""
    found = set()
    for entry in Path("/proc/self/task").iterdir():
        for pid in (entry / "children").read_text().split():
            command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            if "exports.reports" in command or "verify.py" in command:
                found.add(command)
    return found


@pytest.mark.django_db
@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="looks for children as Linux lists them")
@pytest.mark.parametrize("step", STEPS)
def test_it_ends_in_the_middle_of_the_step(step, tmp_path, monkeypatch):
    monkeypatch.setattr(gathering, "MAX_ROWS", 5)
    monkeypatch.setattr(evidence, "POLL", 0.001)  # A quick machine verifies between two looks.
    looked = []

    def check(self: Lease[Any]) -> None:
        if self.told().get("step") == step:
            looked.append(step)
            # The first look is that of the step's beginning.
            if len(looked) > 1:
                raise Cancelled

    monkeypatch.setattr(Lease, "check", check)
    with pytest.raises(Cancelled):
        make_report(make_project(worked_task()), output=tmp_path / "r.pdf")
    assert looked == [step, step]
    assert list(tmp_path.iterdir()) == []
    assert Report.objects.get().state == "cancelled"
    assert children() == set()
