"""Which tasks came in a pass: kept in a temporary table, since their number has no bound."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from django.db import connection

from audit.log.envelope import clean
from audit.models import Project

CHUNK = 500
DELETED = "deleted"


class Seen:
    """The ids of tasks that the platform sent. One at a time in a session; the table goes with the connection."""

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                'CREATE TEMPORARY TABLE IF NOT EXISTS live_seen (task text COLLATE "C" PRIMARY KEY) '
                "ON COMMIT PRESERVE ROWS"
            )
            cursor.execute("TRUNCATE live_seen")
        self.count = 0

    def add(self, tasks: Collection[str]) -> None:
        """These came; the second time they do not count."""
        if not tasks:
            return
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO live_seen SELECT DISTINCT unnest(%s::text[]) ON CONFLICT DO NOTHING",
                [[clean(task) for task in tasks]],
            )
            self.count += cursor.rowcount

    def missing(self, project: Project) -> Iterator[str]:
        """The tasks that the record has, not as deleted ones, and that did not come."""
        last = 0
        while True:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT t.id, t.external_id FROM audit_task t WHERE t.project_id = %s AND t.id > %s "
                    "AND t.status <> %s AND NOT EXISTS (SELECT 1 FROM live_seen s WHERE s.task = t.external_id) "
                    "ORDER BY t.id LIMIT %s",
                    [project.pk, last, DELETED, CHUNK],
                )
                rows = cursor.fetchall()
            if not rows:
                return
            last = rows[-1][0]
            yield from (external_id for _, external_id in rows)
