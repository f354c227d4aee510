"""The same facts through django-auditlog, on the measurement's server; prints events a second as JSON.

python -m bench.auditlog_peer BULK_EVENTS SAVED_EVENTS
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

import django
from django.conf import settings
from django.db import connection

from bench.ingest import BATCH, facts
from exportsite import env


def main(bulk: int, saved: int) -> None:
    settings.configure(
        DATABASES={"default": env.database(os.environ["DATABASE_URL"])},
        INSTALLED_APPS=[
            "django.contrib.auth", "django.contrib.contenttypes", "auditlog", "bench.auditlog_peer",
        ],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
    )  # fmt: skip
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, run_syncdb=True)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE auditlog_logentry, auditlog_peer_watchedtask")
    print(json.dumps({"bulk": bulk / _bulk(bulk), "signals": saved / _saved(saved)}))


def _values(event: Any) -> dict[str, Any]:
    return {
        "type": event.type,
        "source_type": event.source_type,
        "occurred_at": event.occurred_at,
        "stage": event.stage,
        "actor": event.actor.external_id,
        "assignee": event.assignee.external_id if event.assignee else "",
        "cycle": event.cycle,
        "payload": event.content.decode(),
    }


def _bulk(count: int) -> float:
    """Seconds to store `count` facts as LogEntry rows made by hand, a transaction for each 10,000."""
    from auditlog.models import LogEntry
    from django.contrib.contenttypes.models import ContentType

    from bench.auditlog_peer.models import WatchedTask

    kind = ContentType.objects.get_for_model(WatchedTask)
    events = list(facts(count))
    begin = time.perf_counter()
    for start in range(0, count, BATCH):
        LogEntry.objects.bulk_create(
            [
                LogEntry(
                    content_type=kind,
                    object_pk=event.task,
                    object_repr=event.task,
                    action=LogEntry.Action.UPDATE,
                    changes={name: [None, value] for name, value in _values(event).items()},
                    timestamp=event.instant,
                    actor_email=event.actor.email,
                )
                for event in events[start : start + BATCH]
            ]
        )
    return time.perf_counter() - begin


def _saved(count: int) -> float:
    """Seconds to save each fact on its task, with django-auditlog's signals writing the entries."""
    from bench.auditlog_peer.models import WatchedTask

    events = list(facts(count))
    begin = time.perf_counter()
    task: WatchedTask | None = None
    for event in events:
        if task is None or task.name != event.task:
            task = WatchedTask(name=event.task)
        for name, value in _values(event).items():
            setattr(task, name, value)
        task.save()
    return time.perf_counter() - begin


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
