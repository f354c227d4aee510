"""`manage.py schedule PROJECT …`: when a project is read by itself."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from audit import servicelog
from audit.live import schedules
from audit.live.rules import BadSchedule, Rule, daily, every, weekly
from audit.live.schedules import MODES, NoSchedule, words
from audit.models import Mode, Project, Schedule
from audit.resolve import resolve_project
from exportsite import commands
from exportsite.clock import utc
from exportsite.exits import FAILED, WRONG_REQUEST
from exportsite.text import visible, visible_line


class Command(commands.Command):
    """Sets, pauses, removes or shows a project's schedules."""

    help = (
        "When a connected project is read by itself. --every sets its incremental pass, --daily and --weekly its full "
        "pass, unless --mode says otherwise. Without options: shows what is set, and when it is due next."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("project", metavar="PROJECT", help="our id, source:external id, or unique name")
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--every", metavar="LENGTH", help="30m, 2h, 1d, or a number of minutes")
        what.add_argument("--daily", metavar="HH:MM", help="each day at this time of --zone")
        what.add_argument("--weekly", nargs=2, metavar=("DAY", "HH:MM"), help="mon … sun, at this time of --zone")
        what.add_argument("--pause", action="store_true", help="switch off, and keep the rule")
        what.add_argument("--resume", action="store_true", help="switch on again")
        what.add_argument("--off", action="store_true", help="remove")
        parser.add_argument("--zone", metavar="ZONE", help="such as Europe/Berlin, or UTC")
        parser.add_argument("--mode", choices=[mode.value for mode in MODES], help="which pass; otherwise see above")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        project = resolve_project(options["project"])
        before = schedules.told(project)
        try:
            if (rule := _rule(options)) is not None:
                usual = Mode.FULL if rule.at else Mode.INCREMENTAL
                schedules.set_schedule(project, Mode(options["mode"] or usual), rule)
            else:
                self._switch(project, options)
        except (BadSchedule, NoSchedule) as problem:
            raise CommandError(visible(str(problem)), returncode=WRONG_REQUEST) from problem
        if (after := schedules.told(project)) != before:
            servicelog.note(None, "schedule.changed", after, project=project)
        self._show(project, as_json=options["json"])

    def _switch(self, project: Project, options: dict[str, Any]) -> None:
        """Pause, resume or remove: the schedule of --mode, or all there are."""
        deeds = {"pause": schedules.pause, "resume": schedules.resume, "off": schedules.remove_schedule}
        for option, deed in deeds.items():
            if options[option]:
                modes = [Mode(options["mode"])] if options["mode"] else MODES
                changed = [mode for mode in modes if deed(project, mode)]
                if not changed:
                    was = {"pause": "is switched on", "resume": "is paused", "off": "is set"}[option]
                    raise CommandError(f"No such schedule {was}; nothing was changed.", returncode=FAILED)

    def _show(self, project: Project, *, as_json: bool) -> None:
        found = {schedule.mode: schedule for schedule in project.schedules.all()}
        if as_json:
            told = {mode.value: _described(found.get(mode)) for mode in MODES}
            self.stdout.write(json.dumps({"project": {"id": project.pk, "name": project.name}, "schedules": told}))
            return
        name = f"project {project.pk} {visible_line(project.name)}"
        if not found:
            self.stdout.write(f"{name}: no schedule; it is read when somebody asks for it")
        for mode in MODES:
            if (schedule := found.get(mode)) is not None:
                due = f"next {utc(schedule.next_at)}" if schedule.next_at else "paused"
                missed = f". {visible_line(schedule.missed)}" if schedule.missed else ""
                self.stdout.write(f"{name}: {mode.value} {words(schedule)}, {due}{missed}")


def _rule(options: dict[str, Any]) -> Rule | None:
    zone = options["zone"]
    if options["daily"] is not None:
        return daily(options["daily"], zone or "")
    if options["weekly"] is not None:
        day, at = options["weekly"]
        return weekly(day, at, zone or "")
    if zone is not None:
        raise BadSchedule("zone", "--zone goes with --daily and --weekly")
    return every(options["every"]) if options["every"] is not None else None


def _described(schedule: Schedule | None) -> dict[str, Any] | None:
    if schedule is None:
        return None
    due = schedule.next_at.isoformat().replace("+00:00", "Z") if schedule.next_at else None
    return {"words": words(schedule), "next_at": due, "paused": due is None, "missed": schedule.missed}
