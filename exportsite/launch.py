"""How a command of Labeltrail comes to its database and its settings, before Django reads either."""

from __future__ import annotations

import atexit
import os
import signal
import sys
from collections.abc import MutableMapping, Sequence

import psycopg

from exportsite import env, keys, postgres
from exportsite.exits import WRONG_REQUEST

NEEDS_NO_DATABASE = frozenset(
    {
        "help",
        "version",
        "check",
        "collectstatic",
        "diffsettings",
        "doctor",  # starts the server itself, and tells when that fails
        "findstatic",
        "makemigrations",
        "spectacular",
        "verify",
    }
)
"""Commands that need no database, unless an option of NEEDS_DATABASE_WITH is given."""

NEEDS_DATABASE_WITH = {"check": "--database", "verify": "--project"}


def run(arguments: Sequence[str]) -> None:
    """Run a management command, `arguments` as in sys.argv, on the database of DATABASE_URL or on a private server."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exportsite.settings")
    from django.core.management import execute_from_command_line
    from django.db import OperationalError, ProgrammingError

    try:
        if needs_database(arguments):
            hold_private_server(os.environ)
            share_secret(os.environ)
        execute_from_command_line(list(arguments))
    except (env.WrongSettings, keys.WrongKeys, postgres.PostgresUnavailable) as problem:
        print(problem, file=sys.stderr)
        sys.exit(WRONG_REQUEST)
    except (OperationalError, ProgrammingError) as problem:
        if (text := database_problem(problem)) is None:
            raise
        print(text, file=sys.stderr)
        sys.exit(WRONG_REQUEST)


def database_problem(problem: Exception) -> str | None:
    """What people are told when the database can't be reached, or lacks tables of this version; None for the rest."""
    match problem.__cause__:
        case psycopg.errors.UndefinedTable() | psycopg.errors.UndefinedColumn():
            from exportsite.doctor import migrations

            with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
                found = migrations(connection)
            return f"The database's tables: {found.text}. {found.advice}" if found.state != "ok" else None
        case psycopg.OperationalError(sqlstate=None):
            said = " ".join(str(problem).split())
            return f"The database can't be reached: {said}\nStart that server, or correct DATABASE_URL"
    return None


def needs_database(arguments: Sequence[str]) -> bool:
    """Whether the command works on the database. Asking for help never does; a command that is not listed does."""
    command, options = (arguments[1], arguments[2:]) if len(arguments) > 1 else ("help", ())
    if command.startswith("-") or {"-h", "--help", "--version"} & set(options):
        return False
    if command not in NEEDS_NO_DATABASE:
        return True
    needed_with = NEEDS_DATABASE_WITH.get(command)
    return needed_with is not None and any(option.split("=", 1)[0] == needed_with for option in options)


def hold_private_server(variables: MutableMapping[str, str]) -> postgres.Server | None:
    """Hold the private server for the life of this process, and name it in DATABASE_URL.

    Does nothing when DATABASE_URL names another server. A child that got its address from its parent
    (LABELTRAIL_PRIVATE_POSTGRES says so) takes a hold of its own, and so may outlive the parent.
    """
    given = variables.get("DATABASE_URL")
    if (given and not variables.get("LABELTRAIL_PRIVATE_POSTGRES")) or refuses_private_server(variables):
        return None
    server = postgres.ensure(env.home(variables))
    atexit.register(server.close)
    # Without this a polite `kill` would skip atexit, and leave the server to the next command.
    if signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _leave)
    variables["DATABASE_URL"] = server.url
    variables["LABELTRAIL_PRIVATE_POSTGRES"] = "1"
    return server


def share_secret(variables: MutableMapping[str, str]) -> None:
    """Give all commands on this home one LABELTRAIL_SECRET_KEY: a worker takes only messages signed with its own.

    It is kept in the home, and made by the first. Production names its own, and so may anyone.
    """
    if not variables.get("LABELTRAIL_SECRET_KEY") and not refuses_private_server(variables):
        home = env.home(variables)
        home.mkdir(parents=True, exist_ok=True)
        variables["LABELTRAIL_SECRET_KEY"] = keys.key_in(home / "secret.key").hex()


def refuses_private_server(variables: MutableMapping[str, str]) -> bool:
    """Production runs on a server that somebody operates; settings say so when DATABASE_URL is missing."""
    try:
        return env.boolean(variables.get("LABELTRAIL_PRODUCTION", ""))
    except ValueError:
        return True  # Settings name the wrong value; nothing is started on a guess.


def _leave(number: int, frame: object) -> None:
    sys.exit(128 + number)
