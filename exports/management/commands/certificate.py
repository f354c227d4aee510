"""`manage.py certificate EXPORT`: one page that binds an export's file to a checkpoint of its project's log."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError
from django.db.models import TextField
from django.db.models.functions import Cast

from exports.models import Export
from exports.reports.certificate import write_certificate
from exportsite import commands
from exportsite.exits import FAILED, WRONG_REQUEST
from exportsite.jobs import RunFailed
from exportsite.problems import FieldProblem, WrongRequest
from exportsite.text import visible

PAPERS = ("a4", "letter")
SHORTEST = 4


class Command(commands.Command):
    """Writes a certificate; prints its path."""

    help = (
        "Write the certificate of an export: one page that binds the sha256 of its file to the size and root of the "
        "log it shows. The file is hashed and its signed manifest checked first. Prints the path of the PDF."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("export", metavar="EXPORT", help="the export's id, or how it begins, or its file's name")
        parser.add_argument(
            "-o", "--output", metavar="PATH", type=Path, help="the file to write, a .pdf (beside the export's file)"
        )
        parser.add_argument("--paper", metavar="SIZE", default="a4", help="a4 or letter (a4)")
        parser.add_argument("--force", action="store_true", help="overwrite the file that -o names")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["paper"] not in PAPERS:
                raise WrongRequest(FieldProblem("paper", "unknown", f"--paper is {options['paper']!r}: a4 or letter"))
            export = _resolve(options["export"])
            path = write_certificate(export, options["output"], paper=options["paper"], force=options["force"])
        except WrongRequest as error:
            raise CommandError(visible(str(error)), returncode=WRONG_REQUEST) from error
        except (RunFailed, OSError) as error:
            raise CommandError(visible(str(error)), returncode=FAILED) from error
        self.stdout.write(str(path))


def _resolve(text: str) -> Export:
    """The export of an id, of the first digits of one, or of a file's name; WrongRequest unless it is exactly one."""
    exports = Export.objects.select_related("project__log").order_by("-created_at")
    try:
        found = list(exports.filter(pk=UUID(text)))
    except ValueError:
        found = list(exports.filter(files__contains=[{"name": Path(text).name}])[:3])
        if not found and len(text) >= SHORTEST and not set(text.lower()) - set("0123456789abcdef-"):
            found = list(exports.annotate(text=Cast("id", TextField())).filter(text__startswith=text.lower())[:3])
    if not found:
        raise WrongRequest(FieldProblem("export", "unknown", f"There is no export {text[:100]!r}."))
    if len(found) > 1:
        several = ", ".join(str(export.pk) for export in found)
        raise WrongRequest(FieldProblem("export", "ambiguous", f"{text[:100]!r} may be one of several: {several}."))
    return found[0]
