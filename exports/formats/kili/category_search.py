"""Kili's searches for labels by how often they name a class: `label_category_search`.

`JOB.CATEGORY.count OP number`, OP one of >= <= > < ==, joined by AND (which binds tighter) and OR, with parentheses; in
names `*` stands for anything. The grammar is that of Kili's SDK (26.2.4).
"""

from __future__ import annotations

import operator
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Counts = Mapping[tuple[str, str], int]
"""How often a label names each (job, category)."""
Search = Callable[[Counts], bool]

_OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "==": operator.eq,
}
_WORD = r"[A-Za-z][A-Za-z0-9_*-]*"
_TOKEN = re.compile(
    rf"\s*(?:(?P<open>\()|(?P<close>\))|(?P<job>{_WORD})\s*\.\s*(?P<category>{_WORD})\s*\.\s*count\s*"
    r"(?P<how>>=|<=|==|>|<)\s*(?P<many>[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)|(?P<and>AND\b)|(?P<or>OR\b))"
)
LONGEST = 10_000
"""Characters of a query."""
DEEPEST = 50
"""Parentheses within parentheses."""


def parsed(query: str) -> Search:
    """What the query asks of a label. Raises ValueError in the SDK's words, with the place where it goes wrong."""
    if len(query) > LONGEST:
        raise ValueError(f"Invalid category search query: it has more than {LONGEST:,} characters")
    found = _Parser(query)
    search = found.either(0)
    found.end()
    return search


@dataclass
class _Parser:
    query: str
    at: int = 0

    def either(self, depth: int) -> Search:
        """Conditions with OR between."""
        found = [self._both(depth)]
        while self._take("or"):
            found.append(self._both(depth))
        return found[0] if len(found) == 1 else lambda counts: any(one(counts) for one in found)

    def _both(self, depth: int) -> Search:
        found = [self._one(depth)]
        while self._take("and"):
            found.append(self._one(depth))
        return found[0] if len(found) == 1 else lambda counts: all(one(counts) for one in found)

    def _one(self, depth: int) -> Search:
        if depth > DEEPEST:
            raise self._wrong("it has too many parentheses within parentheses")
        if self._take("open"):
            inner = self.either(depth + 1)
            if not self._take("close"):
                raise self._wrong("a parenthesis is not closed")
            return inner
        condition = self._take("job")
        if condition is None:
            raise self._wrong("a condition is JOB.CATEGORY.count, one of >= <= > < ==, and a number")
        return _condition(condition)

    def _take(self, kind: str) -> re.Match[str] | None:
        found = _TOKEN.match(self.query, self.at)
        if found is None or found[kind] is None:
            return None
        self.at = found.end()
        return found

    def end(self) -> None:
        """Raise ValueError when something is left over."""
        if self.query[self.at :].strip():
            raise self._wrong("conditions are joined by AND or OR")

    def _wrong(self, why: str) -> ValueError:
        return ValueError(f"Invalid category search query: {self.query[:200]!r}, at character {self.at + 1}: {why}")


def _condition(found: re.Match[str]) -> Search:
    job, category = _pattern(found["job"]), _pattern(found["category"])
    how, many = _OPERATORS[found["how"]], float(found["many"])

    def holds(counts: Counts) -> bool:
        return how(sum(count for (of, name), count in counts.items() if job(of) and category(name)), many)

    return holds


def _pattern(written: str) -> Callable[[str], object]:
    return re.compile(".*".join(map(re.escape, written.split("*"))), re.DOTALL).fullmatch


def counts_of(response: object) -> Counts:
    """How often a jsonResponse names each category of each job; an object of a video counts once."""
    found: set[tuple[str, str, str]] = set()
    plain: Counter[tuple[str, str]] = Counter()
    frames = _frames(response)
    for frame in frames:
        for job, category, mid in _named(frame):
            if mid is not None:
                found.add((job, category, mid))
            else:
                plain[job, category] += 1
    plain.update((job, category) for job, category, _ in found)
    return plain


def _frames(response: object) -> list[dict[str, Any]]:
    if not isinstance(response, dict):
        return []
    frames = [of for name, of in response.items() if name.isdecimal() and isinstance(of, dict)]
    return [*frames, {name: of for name, of in response.items() if not name.isdecimal()}]


def _named(jobs: Mapping[str, Any]) -> Iterator[tuple[str, str, str | None]]:
    """Each category with its job, and the object's id where it is an object's; of children, too."""
    left: list[Mapping[str, Any]] = [jobs]
    while left:
        for job, said in left.pop().items():
            if not isinstance(said, dict):
                continue
            annotations = said.get("annotations")
            of = [(one, one.get("mid")) for one in annotations if isinstance(one, dict)] if isinstance(
                annotations, list
            ) else []  # fmt: skip
            for holder, mid in [(said, None), *of]:
                categories = holder.get("categories")
                for category in categories if isinstance(categories, list) else ():
                    if isinstance(category, dict) and isinstance(category.get("name"), str):
                        yield job, category["name"], mid if isinstance(mid, str) else None
                        if isinstance(category.get("children"), dict):
                            left.append(category["children"])
                if mid is not None and isinstance(holder.get("children"), dict):
                    left.append(holder["children"])
