"""Make the tables that repeat a project's log anew from its events."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from audit.log.rebuild import CannotRebuild, rebuild
from audit.resolve import resolve_project
from exportsite import commands


class Command(commands.Command):
    help = "Rebuild tasks, versions, active time and search words of a project from its log."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("project", help="id, source:external id, or unique name")

    def handle(self, *, project: str, **options: Any) -> None:
        found = resolve_project(project)
        try:
            tasks = rebuild(found.log)
        except CannotRebuild as problem:
            raise CommandError(str(problem)) from None
        self.stdout.write(f"{found.name}: {tasks:,} tasks rebuilt from {found.log.size:,} events")
