"""What happened: the record of annotation projects."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "audit"

    def ready(self) -> None:
        """Have workers begin the passes that are due or hinted at, and append what waits for the service's log."""
        from exportsite.jobs import every_tick

        every_tick(_begin_due)
        every_tick(_append_waiting)
        every_tick(_discard_uploads)


def _begin_due() -> None:
    # Only workers need the platforms' clients: no other command waits for them to be imported.
    from audit.live.hooks import begin_hinted
    from audit.live.schedules import begin_due

    begin_due()
    begin_hinted()


def _append_waiting() -> None:
    from audit.servicelog import append_waiting

    append_waiting()


def _discard_uploads() -> None:
    from audit.uploads import discard

    discard()
