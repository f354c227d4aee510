"""What this machine has and lacks for Labeltrail: one finding a question, each with what to do."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import os
import platform
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psycopg
from django.conf import settings
from django.core import checks
from django.db.migrations.loader import MigrationLoader

from exportsite import postgres

State = Literal["ok", "look", "wrong"]

PYTHON = (3, 11)
GIB = 1024**3
LITTLE_DISK = 5 * GIB
NO_DISK = GIB // 2
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


@dataclass(frozen=True)
class Finding:
    """`wrong` keeps Labeltrail from working; `look` is worth knowing."""

    name: str
    state: State
    text: str
    advice: str = ""


def examine() -> Iterator[Finding]:
    """Every check, in the order in which a new installation meets them."""
    for check in CHECKS:
        yield from check()


def python() -> Iterator[Finding]:
    text = f"{platform.python_version()} in {sys.prefix}"
    if sys.version_info >= PYTHON:
        yield Finding("Python", "ok", text)
    else:
        yield Finding("Python", "wrong", text, "install Python 3.11 or newer and run `make setup` again")


def server() -> Iterator[Finding]:
    """PostgreSQL's programs (when a private server is used), the server, and its tables."""
    url = os.environ.get("DATABASE_URL")
    if url and not os.environ.get("LABELTRAIL_PRIVATE_POSTGRES"):
        yield from database(url)
        return
    try:
        found = postgres.find_binaries(os.environ)
        others = ", ".join(each.version for each in found[1:])
        yield Finding("PostgreSQL", "ok", str(found[0]) + (f"; also here: {others}" if others else ""))
        with postgres.ensure(settings.LABELTRAIL_HOME) as private:
            yield from database(private.url)
    except postgres.PostgresUnavailable as problem:
        summary, _, advice = str(problem).partition("\n")
        yield Finding("PostgreSQL", "wrong", summary, advice or "install PostgreSQL, or set DATABASE_URL")


def database(url: str) -> Iterator[Finding]:
    """Whether the server answers, is of a version we know, and has the tables of this version of Labeltrail."""
    try:
        with psycopg.connect(url, connect_timeout=10) as connection:
            major = connection.info.server_version // 10_000
            text = f"PostgreSQL {connection.info.parameter_status('server_version')} at {connection.info.host}"
            if major in postgres.SUPPORTED:
                yield Finding("database", "ok", text)
            else:
                versions = f"{postgres.SUPPORTED[0]} to {postgres.SUPPORTED[-1]}"
                state: State = "wrong" if major < postgres.SUPPORTED[0] else "look"
                yield Finding("database", state, text, f"Labeltrail is tested with PostgreSQL {versions}")
            yield migrations(connection)
    except psycopg.OperationalError as problem:
        yield Finding("database", "wrong", " ".join(str(problem).split()), "start that server, or correct DATABASE_URL")


def migrations(connection: psycopg.Connection) -> Finding:
    known = set(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)
    if connection.execute("SELECT to_regclass('django_migrations')").fetchone() == (None,):
        return Finding("tables", "look", "none yet", "`manage.py up` makes them; so does `manage.py migrate`")
    applied = set(connection.execute("SELECT app, name FROM django_migrations").fetchall())
    pending = sorted(known - applied)
    if not pending:
        return Finding("tables", "ok", f"{len(known)} migrations, all applied")
    names = ", ".join(f"{app}.{name}" for app, name in pending)
    return Finding("tables", "wrong", f"not applied: {names}", "run `python manage.py migrate`")


def key_directory() -> Iterator[Finding]:
    directory: Path = settings.LABELTRAIL_KEY_DIR
    if not directory.exists():
        yield Finding("keys", "look", f"{directory} does not exist yet", "the first start makes it")
        return
    mode = stat.S_IMODE(directory.stat().st_mode)
    if mode & 0o077:
        text = f"{directory} is open to other users ({mode:04o})"
        yield Finding("keys", "wrong", text, f"chmod 700 {directory}, and find out who may have read the keys")
    elif not os.access(directory, os.R_OK | os.X_OK):
        yield Finding("keys", "wrong", f"{directory} cannot be read", "run Labeltrail as the user it belongs to")
    else:
        yield Finding("keys", "ok", str(directory))


def home() -> Iterator[Finding]:
    """Where data goes: writable, and how much more fits."""
    for name, directory in (("home", settings.LABELTRAIL_HOME), ("artefacts", settings.LABELTRAIL_ARTEFACTS)):
        there = next(each for each in (directory, *directory.parents) if each.exists())
        free = shutil.disk_usage(there).free
        text = f"{directory}, {free / GIB:.1f} GiB free"
        if not os.access(there, os.W_OK | os.X_OK):
            advice = f"make {there} writable for this user, or set LABELTRAIL_{name.upper()}"
            yield Finding(name, "wrong", f"{directory} cannot be written", advice)
        elif free < NO_DISK:
            yield Finding(name, "wrong", text, "make room")
        elif free < LITTLE_DISK:
            yield Finding(name, "look", text, "large exports need more; make room")
        else:
            yield Finding(name, "ok", text)


def pango() -> Iterator[Finding]:
    """WeasyPrint loads Pango when it is imported, and prints at length when it cannot."""
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            from weasyprint import __version__
    except (ImportError, OSError) as problem:
        text = str(problem).partition("\n")[0]
        yield Finding("Pango", "wrong", f"no PDF reports: {text}", "run `make setup`, or install Pango (libpango)")
    else:
        yield Finding("Pango", "ok", f"loaded by WeasyPrint {__version__}")


def fonts() -> Iterator[Finding]:
    """Fonts of the machine are for what people wrote; Labeltrail's own words have their fonts with them."""
    lister = shutil.which("fc-list")
    listed = subprocess.run([lister], capture_output=True, text=True, check=False).stdout.splitlines() if lister else []
    if listed:
        yield Finding("fonts", "ok", f"{len(listed)} on this machine")
    else:
        advice = "install fonts for the scripts your annotators write in (for example fonts-noto)"
        yield Finding("fonts", "look", "none on this machine: some names and comments may be boxes in PDFs", advice)


def browser() -> Iterator[Finding]:
    """Only the tests need one, so only a development environment is asked."""
    if importlib.util.find_spec("playwright") is None:
        return
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found:
        yield Finding("browser", "ok", found)
    else:
        yield Finding(
            "browser", "look", "no Chromium: browser tests are skipped", "run `make setup`, or install chromium"
        )


def configuration() -> Iterator[Finding]:
    """Django's own checks, with those of a deployment in production."""
    kind = "production" if settings.PRODUCTION else "development"
    problems = checks.run_checks(include_deployment_checks=settings.PRODUCTION)
    for problem in problems:
        state: State = "wrong" if problem.is_serious() else "look"
        yield Finding("settings", state, f"{problem.id}: {problem.msg}", problem.hint or "see docs/operate.md")
    if not problems:
        yield Finding("settings", "ok", kind)


CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    python,
    configuration,
    home,
    key_directory,
    server,
    pango,
    fonts,
    browser,
)
