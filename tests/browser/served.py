"""A small record and the whole site on a port of this machine, in a process and a database of its own.

Prints one JSON object when it answers: the address, what is there, and who can sign in with which password.
"""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import django
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler

if TYPE_CHECKING:
    from audit.models import Project
    from exports.models import Report

SIGNS = Path(__file__).parents[1] / "golden" / "labelbox" / "image.ndjson"
PASSWORD = "ink-and-paper-77"
TASKS = 14
LONG = (
    "a_very_long_name_without_any_space_2026_11_20_study_1.2.840.113619.2.55.3.604688119.971.1449051852.467.nii.gz",
    "ליאור כהן ושותפיו",
    "Wolfeschlegelsteinhausenbergerdorff-von-und-zu-Hohenlohe-Langenburg Maximilian",
)


class Quiet(WSGIRequestHandler):
    """Says nothing of requests."""

    def log_message(self, format: str, *args: object) -> None:
        """Requests are the tests' business."""


def made() -> dict[str, object]:
    """Fill the empty database; what the tests need to know of it."""
    from django.conf import settings
    from django.utils import timezone

    from audit import apitokens
    from audit.accounts import create_user, give
    from audit.models import Mode, Project, Role, Schedule, Scope, Source, SyncRun, Task
    from audit.sources.base import PersonRef
    from audit.verification import request_verification
    from exports.models import Export
    from exportsite.jobs import State
    from tests.factories import AMARA, MEI, make_event, make_project, worked_task

    events = [event for n in range(1, TASKS + 1) for event in worked_task(f"CT_ABD_{n:04}", n * 300)]
    events += [
        make_event("CT_ABD_0417", "task.created", 100, AMARA, stage="Intake"),
        make_event("CT_ABD_0417", "task.submitted", 160, AMARA, to_stage="Review"),
        make_event("CT_ABD_0417", "review.rejected", 9000, MEI, stage="Review", to_stage="Label",
                   text="Segment 4 is not the liver."),
        make_event("CT_ABD_0417", "task.assigned", 9100, MEI, assignee=AMARA),
        make_event(None, "project.updated", 0, None),
    ]  # fmt: skip
    liver = make_project(events, name="Liver lesions CT")
    # As if it was read over an API: it has a schedule, and its last run failed.
    Source.objects.filter(pk=liver.source_id).update(kind="redbrick")
    Project.objects.filter(pk=liver.pk).update(complete_at=timezone.now() - timedelta(hours=3))
    Schedule.objects.create(project=liver, mode=Mode.FULL, minutes=60, next_at=timezone.now() + timedelta(days=1))
    people = [PersonRef(name, name=name) for name in LONG]
    odd = [
        make_event(LONG[0], type_, at, person, stage="Review_by_the_second_radiologist_of_the_day", text=text)
        for at, (type_, person, text) in enumerate([
            ("task.created", people[1], None), ("task.submitted", people[2], None),
            ("review.rejected", people[1], "הנגע השני חסר בפרוסה 41."), ("review.accepted", people[0], None),
        ])
    ]  # fmt: skip
    other = make_project([*worked_task("OCT_1"), *odd], name="Retina OCT", signed=False)
    now = timezone.now()
    failed = SyncRun.objects.create(project=other, mode=Mode.LOAD, state=State.FAILED, error_code="file",
                                    error_text="Line 7 has no time.", started_at=now, finished_at=now)  # fmt: skip
    done = SyncRun.objects.create(project=liver, mode=Mode.FULL, state=State.SUCCEEDED, found=110, added=110,
                                  started_at=now, finished_at=now)  # fmt: skip
    verification = request_verification(liver, created_by="helena")
    helena, inspector = create_user("helena", PASSWORD), create_user("inspector", PASSWORD)
    for project in (liver, other):
        give(helena, Role.MANAGER, project)
    give(inspector, Role.AUDITOR, liver)
    call_command("export", str(liver.pk), "--format", "xes", "-o", str(settings.LABELTRAIL_HOME / "a.xes"))
    # With labels, of which an export has to leave some out.
    call_command("load", str(SIGNS), "--project", "Street signs")
    signs = Project.objects.get(name="Street signs")
    give(helena, Role.MANAGER, signs)
    call_command("export", str(signs.pk), "--format", "coco")
    return {
        "project": liver.pk,
        "other": other.pk,
        "task": Task.objects.get(project=liver, external_id="CT_ABD_0417").pk,
        "odd": Task.objects.get(project=other, external_id=LONG[0]).pk,
        "failed": failed.pk,
        "done": done.pk,
        "verification": verification.pk,
        "labelled": Task.objects.filter(project=signs, labels__isnull=False).distinct().earliest("number").pk,
        "signs": signs.pk,
        "export": str(Export.objects.get(format="coco").pk),
        "report": str(finished_report(liver).pk),
        "token": apitokens.make(helena, "training job", [Scope.READ], by=helena)[0].pk,
        "password": PASSWORD,
    }


def finished_report(project: Project) -> Report:
    """A report as a worker leaves it, whose one file is short."""
    from django.conf import settings

    from exports.models import Report
    from exports.reports.service import request_report
    from exportsite.jobs import State

    report, data = request_report(project, created_by="helena"), b"%PDF-1.7 of the browser's tests"
    path = Path(settings.LABELTRAIL_ARTEFACTS) / "report.pdf"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    file = {"name": path.name, "path": str(path), "bytes": len(data), "sha256": sha256(data).hexdigest()}
    Report.objects.filter(pk=report.pk).update(
        state=State.SUCCEEDED, files=[file], pages=1, started_at=report.created_at, finished_at=report.created_at
    )
    return report


def main() -> None:
    """Serve until the process is ended."""
    django.setup()
    call_command("migrate", verbosity=0)
    from django.core.wsgi import get_wsgi_application

    stdout, sys.stdout = sys.stdout, sys.stderr
    found = made()
    server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet)
    server.daemon_threads = True
    server.set_app(get_wsgi_application())
    stdout.write(json.dumps({"url": f"http://127.0.0.1:{server.server_port}", **found}) + "\n")
    stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
