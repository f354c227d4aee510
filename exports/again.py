"""The same once more, of the same state of the log: what pages and API ask for after a run failed."""

from __future__ import annotations

from audit import access
from audit.access import Asker
from exports import noted
from exports.models import Export, Report
from exports.models.product import Product
from exports.reports.definition import Options
from exports.reports.service import request_report
from exports.run import ask_for
from exports.wanted import wanted_of


def ask_again(user: Asker, run: Product) -> Product:
    """Another run with what `run` was asked for and its `as_of`, queued. WrongRequest when that has no meaning now."""
    asked, by = run.asked, access.name_of(user)
    made: Product
    if isinstance(run, Export):
        made = ask_for(wanted_of(run), by)
    elif isinstance(run, Report):
        options = Options(redact=asked["redact"], paper=asked["paper"], filters=asked.get("filters", {}))
        made = request_report(run.project, run.task, as_of=run.as_of, options=options, created_by=by)
    else:
        raise TypeError(f"{type(run).__name__} is neither an export nor a report")
    noted.requested(user, made)
    return made
