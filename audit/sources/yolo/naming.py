"""Files that name classes: obj.names and classes.txt with a name a line, and data.yaml.

Of YAML no more is read than such files have: keys without indentation, and below `names` a list or a mapping of plain
or quoted scalars, in a line or a line each. Keys that say nothing of classes are passed over with all that is below.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from audit.sources.base import SourceError
from audit.sources.files.errors import quoted
from audit.sources.yolo.lines import LINE_END, MOST_CLASSES

MAX_FILE = 8 * 1024 * 1024
Names = dict[int, str]
"""Names of classes by their numbers."""

_KEY = re.compile(r"""(?:"([^"\\]+)"|'([^']+)'|([A-Za-z_][A-Za-z0-9_ -]*?))\s*:(?:\s+(.*))?""")
_ITEM = re.compile(r"-(?:\s+(.*))?")
_PAIR = re.compile(r"""(?:"([0-9]{1,6})"|'([0-9]{1,6})'|([0-9]{1,6}))\s*:(?:\s+(.*))?""")
_QUOTED = re.compile(r"""\s*("(?:[^"\\\n]|\\.)*"|'(?:[^'\n]|'')*')""")
_OF_FLOW = re.compile(r"[^,\[\]{}\n]*")
_OF_LINE = re.compile(r"[^\n]*")
_SPECIAL = "&*!|>%@`[]{},#?\"'"
_NOT_PLAIN = re.compile(r"^-(\s|$)|:(\s|$)")
Line = tuple[int, str]
"""The number of a line from 1, and its text."""


def names_of_lines(text: str) -> Names:
    """A name a line; blank lines at the end are none."""
    lines = [line.strip() for line in LINE_END.split(text.removeprefix("\ufeff").rstrip())]
    return dict(enumerate(lines)) if lines != [""] else {}


def looks_like_yaml(head: bytes) -> bool:
    """Whether a file has a key for names of classes near its beginning."""
    return re.search(rb"(?m)^(?:\xef\xbb\xbf)?[\"']?names[\"']?\s*:", head) is not None


def names_of_yaml(text: str, called: str) -> Names:
    """The names in a data.yaml. Raises SourceError for what is not as such files are; `called` is the file's name."""
    reader = _Reader(called)
    found = dict(reader.keys(text))
    if "kpt_shape" in found:
        raise reader.wrong(
            found["kpt_shape"][0][0], "it is of poses (kpt_shape), which are not loaded: load them as COCO"
        )
    if "names" not in found:
        raise SourceError("answer", f"{quoted(called)} names no classes: it has no key names")
    names = reader.names(found["names"])
    if "nc" in found:
        line, value = found["nc"][0]
        count = _uncommented(value)
        if not (count.isascii() and count.isdecimal() and len(count) < 7 and int(count) == len(names)):
            raise reader.wrong(line, f"nc is {quoted(count)}, and there are {len(names)} names")
    return names


class _Reader:
    def __init__(self, called: str) -> None:
        self._called = called

    def wrong(self, line: int, text: str) -> SourceError:
        return SourceError("answer", f"{quoted(self._called)}, line {line}: {text}")

    def keys(self, text: str) -> Iterator[tuple[str, list[Line]]]:
        """The keys without indentation, each with its value: the rest of its line, and the lines below it."""
        key, value = "", list[Line]()
        seen: set[str] = set()
        for number, raw in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
            line = raw.rstrip()
            if not line or line.lstrip().startswith("#") or (line == "---" and not seen):
                continue
            if key and (line[0] == " " or (line[0] == "-" and not _uncommented(value[0][1]))):
                value.append((number, line))
                continue
            if (found := _KEY.fullmatch(line)) is None:
                raise self.wrong(number, f"this is not as a data.yaml has it: {quoted(line)}")
            if key:
                yield key, value
            key, value = next(filter(None, found.groups()[:3])), [(number, found[4] or "")]
            if key in seen:
                raise self.wrong(number, f"the key {quoted(key)} stands there twice")
            seen.add(key)
        if key:
            yield key, value

    def names(self, value: list[Line]) -> Names:
        """The names that the value of `names` is."""
        (first, inline), *below = value
        inline = _uncommented(inline) if inline[:1] not in ("[", "{") else inline
        if inline[:1] in ("[", "{"):
            found = self._flow(first, "\n".join([inline, *(line for _, line in below)]))
        elif inline:
            raise self.wrong(first, "names is neither a list nor numbers with names")
        else:
            found = self._block(below)
        names: Names = {}
        for number, place, name in found:
            if place in names or place >= MOST_CLASSES:
                raise self.wrong(number, f"the class {place} has two names, or is more than can be")
            names[place] = name
        return names

    def _block(self, lines: list[Line]) -> Iterator[tuple[int, int, str]]:
        """A line each: the line, the class's number, its name."""
        indents = {len(line) - len(line.lstrip(" ")) for _, line in lines}
        if len(indents) > 1:
            raise self.wrong(lines[0][0], "the names are not indented alike")
        pairs = bool(lines) and _PAIR.fullmatch(lines[0][1].strip()) is not None
        for place, (number, line) in enumerate(lines):
            found = (_PAIR if pairs else _ITEM).fullmatch(line.strip())
            if found is None:
                raise self.wrong(number, f"a list or numbers with names were expected, not {quoted(line.strip())}")
            *numbers, rest = found.groups()
            name, end = self._scalar(number, rest or "", 0, flow=False)
            if _uncommented((rest or "")[end:]):
                raise self.wrong(number, f"this is no name of a class: {quoted(rest or '')}")
            yield number, int(next(filter(None, numbers))) if pairs else place, name

    def _flow(self, first: int, text: str) -> Iterator[tuple[int, int, str]]:
        """In brackets or braces."""
        close, at, place = "]" if text[0] == "[" else "}", 1, 0
        line, counted = first, 0
        while True:
            at = _skipped(text, at)
            line, counted = line + text.count("\n", counted, at), at
            if text[at : at + 1] == close:
                break
            if close == "}":
                if (number := re.compile(r"""(["']?)([0-9]{1,6})\1\s*:\s""").match(text, at)) is None:
                    raise self.wrong(line, "a number of a class was expected in the braces of names")
                place, at = int(number[2]), number.end()
            name, at = self._scalar(line, text, at, flow=True)
            yield line, place, name
            at, place = _skipped(text, at), place + 1
            if text[at : at + 1] == ",":
                at += 1
            elif text[at : at + 1] != close:
                raise self.wrong(line, "the names are not closed, or have no comma between them")
        if _uncommented(text[at + 1 :]):
            raise self.wrong(first + text.count("\n", 0, at), "something stands behind the names")

    def _scalar(self, line: int, text: str, at: int, *, flow: bool) -> tuple[str, int]:
        """A scalar, and where it ends."""
        if (found := _QUOTED.match(text, at)) is not None:
            if found[1][0] == "'":
                return found[1][1:-1].replace("''", "'"), found.end()
            try:
                return str(json.loads(found[1].replace("\\/", "/"))), found.end()
            except ValueError:
                raise self.wrong(line, f"this is no name of a class: {quoted(found[1])}") from None
        found = (_OF_FLOW if flow else _OF_LINE).match(text, at)
        rest = "" if found is None else found[0]
        plain = _uncommented(rest)
        if not plain or plain[0] in _SPECIAL or _NOT_PLAIN.search(plain) or "\t" in rest:
            raise self.wrong(line, f"this is no name of a class: {quoted(plain)}; put it into quotes")
        return plain, at + len(rest)


def _uncommented(text: str) -> str:
    return re.sub(r"(^|\s)#.*", "", text).strip()


def _skipped(text: str, at: int) -> int:
    """The next place that is no white space and no comment."""
    found = re.compile(r"(?:\s+(?:#[^\n]*)?|(?<=[\s])#[^\n]*)*").match(text, at)
    return found.end() if found is not None else at
