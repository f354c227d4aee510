"""What a signature leaves: an event of the project's log, bound to the report's files, with a checkpoint over it."""

from __future__ import annotations

import json
from datetime import datetime

from django.contrib.auth.models import User

from audit.log.envelope import unseal
from audit.log.verify import verify
from audit.models import Checkpoint, Disclosure, Event, Identity, Log, Project
from audit.people import restorer
from exports.models import Report, Signature
from tests.exports.signing.conftest import Sign


def test_it_says_who_what_when_and_which_files(sign: Sign, report: Report, helena: User, project: Project) -> None:
    answer = sign("approved")
    assert answer.status_code == 200
    (said,) = answer.json()["signatures"]
    assert (said["meaning"], said["says"]) == ("approved", "I approve this report")
    assert said["person"]["name"] == "Helena Brandt"
    event = Event.objects.get(type="report.signed")
    assert said["index"] == event.index == Log.objects.get(project=project).size - 1
    envelope = unseal(bytes(event.envelope))
    assert datetime.fromisoformat(envelope.occurred_at or "") == datetime.fromisoformat(said["signed_at"])
    assert (envelope.task, envelope.actor_kind, envelope.actor) == (None, "person", said["person"]["pseudonym"])
    content = json.loads(restorer(project)(bytes(Disclosure.objects.get(event=event, group="content").data)))
    assert content["report"] == str(report.pk)
    assert content["meaning"] == "approved"
    assert content["name"] == "Helena Brandt"
    assert content["as_of"] == report.as_of
    assert content["files"] == [{key: file[key] for key in ("name", "bytes", "sha256")} for file in report.files]


def test_the_name_is_kept_apart_from_what_is_hashed(sign: Sign) -> None:
    assert sign().status_code == 200
    event = Event.objects.get(type="report.signed")
    data = bytes(Disclosure.objects.get(event=event, group="content").data)
    for value in (b"Helena", b"Brandt", b"helena"):
        assert value not in bytes(event.envelope) + data


def test_a_checkpoint_covers_it_and_the_log_verifies(sign: Sign, project: Project) -> None:
    assert sign().status_code == 200
    log = Log.objects.get(project=project)
    assert Checkpoint.objects.filter(log=log, size=log.size).exists()
    assert verify(log).holds


def test_two_people_and_two_meanings_are_three_signatures(sign: Sign, report: Report) -> None:
    assert sign("reviewed").status_code == 200
    assert sign("approved").status_code == 200
    assert [one["meaning"] for one in sign("responsible").json()["signatures"]] == [
        "reviewed",
        "approved",
        "responsible",
    ]
    assert Signature.objects.filter(report=report).count() == 3
    assert Identity.objects.filter(people__events__type="report.signed").distinct().count() == 1
