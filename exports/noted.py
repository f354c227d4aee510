"""What the service's log says of exports and reports: who asked for them, cancelled and downloaded them."""

from __future__ import annotations

from typing import Any

from audit import servicelog
from audit.access import Asker
from exports.models.product import Product


def requested(user: Asker | None, run: Product) -> None:
    """Somebody asked for it; call it in the transaction that makes the run."""
    _note(user, "requested", run, as_of=run.as_of, asked=run.asked)


def cancelled(user: Asker | None, run: Product) -> None:
    """Somebody cancelled it."""
    _note(user, "cancelled", run)


def downloaded(user: Asker | None, run: Product, name: str) -> None:
    """Somebody was sent a file of it, or the parts of one: noted once in a quarter of an hour."""
    sha256 = next((file["sha256"] for file in run.files if file["name"] == name), None)
    kind = str(run._meta.model_name)
    about = f"{kind} {run.pk}: {name}"
    servicelog.note(user, f"{kind}.downloaded", about, project=run.project, once=True, sha256=sha256)


def _note(user: Asker | None, what: str, run: Product, **more: Any) -> None:
    kind = str(run._meta.model_name)
    projects = run.project_ids if len(run.project_ids) > 1 else None
    servicelog.note(user, f"{kind}.{what}", f"{kind} {run.pk}", project=run.project, projects=projects, **more)
