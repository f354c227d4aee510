"""What all commands share: a mistyped option is named, with the nearest known one."""

from __future__ import annotations

import sys

from django.core.management.base import BaseCommand

from exportsite.exits import WRONG_REQUEST
from exportsite.nearest import nearest
from exportsite.text import visible_line


class Command(BaseCommand):
    """A command of ours."""

    requires_system_checks = ()  # They look at pages and addresses, which a command has none of.

    def run_from_argv(self, argv: list[str]) -> None:
        """Name what is not known, then run."""
        name = argv[1]
        parser = self.create_parser(argv[0], name)
        known = [option for action in parser._actions for option in action.option_strings]
        for word in parser.parse_known_args(argv[2:])[1]:
            option = word.partition("=")[0]
            close = nearest(option, known) if option.startswith("-") else None
            said = f"there is no option {option}" if option.startswith("-") else f"what is {word}?"
            hint = f"; did you mean {close}?" if close else ""
            self.stderr.write(visible_line(f"{name}: {said}{hint} ({name} --help lists all)"))
            sys.exit(WRONG_REQUEST)
        super().run_from_argv(argv)
