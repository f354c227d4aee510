"""What leaves the house: archives and reports."""

from django.apps import AppConfig


class ExportsConfig(AppConfig):
    name = "exports"

    def ready(self) -> None:
        """Have workers remove what reports left behind that were killed."""
        from exportsite import scratch
        from exportsite.jobs import every_tick

        every_tick(scratch.sweep)
