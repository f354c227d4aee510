"""What happens to a payload that is not of the shape that its source's payloads have: it is said in words, once.

Readers (`Neutral`) name what they know of as a `Problem`. What none of them thought of, because no platform ever sent
it, ends as an exception of Python's own; whoever reads a payload for people hands that to `why`, here and in formats
that take payloads apart themselves. It can't be told in general whether a payload is odd or a reader wrong, so nothing
is hushed up: the label has its line, a strict export fails, and the program's log has the place in the code. What no
payload can bring about (names that are not there, assertions, files, memory) is a mistake of the program, and ends it.
"""

from __future__ import annotations

import logging
from traceback import walk_tb

import msgspec

from audit.annotations import Labelled, Medium
from audit.ontology import Ontology
from audit.sources.base import Neutral, ReadFile, no_file
from audit.sources.values import without_halves

_SHAPE = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError, msgspec.MsgspecError)
"""What code raises that takes a value for another one than it is."""
_JSON = (dict, list, str, int, float, bool, type(None))
_LONGEST = 200
"""Characters of an error's own text."""

_log = logging.getLogger(__name__)
_logged: set[tuple[str, int]] = set()


class Unread(Exception):
    """A payload is not of the shape that its source's payloads have; the text says what is wrong with it, for people.

    It names no task and no label: who asked for it knows them.
    """


def labelled(told: Neutral, label: bytes, task: bytes, ontology: Ontology, read: ReadFile = no_file) -> Labelled:
    """What the label says (`Neutral.annotations`), with U+FFFD for half characters. Raises Unread."""
    try:
        return told.annotations(without_halves(label), without_halves(task), ontology, read)
    except Exception as error:
        raise Unread(f"what it says can't be read: {why(error)}") from error


def media_of(told: Neutral, task: bytes | None) -> tuple[tuple[Medium, ...], str]:
    """The files that the task is about (`Neutral.media`), and why they can't be read: empty where they can."""
    if task is None:
        return (), ""
    try:
        return told.media(without_halves(task)), ""
    except Exception as error:
        return (), f"what it is about can't be read: {why(error)}"


def ontology_said(told: Neutral, project: bytes) -> Ontology:
    """What can be said in the project (`Neutral.ontology`); nothing where its payload says nothing of it."""
    try:
        return told.ontology(without_halves(project))
    except ValueError:
        return Ontology()
    except Exception as error:
        why(error)
        return Ontology()


def why(error: Exception) -> str:
    """What is wrong with the payload that ended in this error, for people. Raises the error where that is no
    payload's doing. The first time that one comes from its place in the code, the place is logged, without the text:
    that may be of people."""
    if not isinstance(error, _SHAPE) or (isinstance(error, AttributeError) and not isinstance(error.obj, _JSON)):
        raise error
    _note(error)
    match error:
        case RecursionError():
            return "it is nested too deeply"
        case UnicodeError():
            return "it has half a character"
        case KeyError():
            return f"it has no {str(error.args[0])[:_LONGEST] if error.args else 'such member'!r}"
        case LookupError():
            return "a list in it is too short"
        case TypeError() if "64-bit" in str(error):  # orjson's
            return "a number in it is too large"
        case TypeError() if "Recursion" in str(error):
            return "it is nested too deeply"
        case TypeError() if "surrogates" in str(error):
            return "it has half a character"
        case OverflowError():
            return "a number in it is too large"
        case ArithmeticError():
            return f"its numbers make no sense ({error})"
        case TypeError() | AttributeError():
            return f"a value in it is of another kind than such values are ({str(error)[:_LONGEST]})"
    return str(error)[:_LONGEST]


def _note(error: Exception) -> None:
    """Log where in the program an error came from, the first time."""
    place = "", 0
    for frame, line in walk_tb(error.__traceback__):
        module = frame.f_globals.get("__name__", "")
        if module.startswith(("audit.", "exports.")):
            place = module, line
    if place not in _logged:
        _logged.add(place)
        _log.warning("A payload of another shape was met: %s in %s, line %d.", type(error).__name__, *place)
