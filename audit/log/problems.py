"""What a check of a log found: problems, each at an index where there is one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

Part = Literal["log", "column", "projection", "people", "files"]
"""Where a problem is: in what was hashed and signed; in the columns of events beside it; in the tables that repeat it;
among the people; among the kept files, whose hashes the payloads state. From a log without problems of the first kind
the projections can be rebuilt."""

MAX_PROBLEMS = 100


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something that does not hold: at an index of the log, or (-1) with the log as a whole."""

    index: int
    text: str
    part: Part = "log"

    def __str__(self) -> str:
        return f"index {self.index}: {self.text}" if self.index >= 0 else self.text


@dataclass
class Result:
    """What was checked, and what did not hold. `erased` counts payloads that an erasure accounts for.

    `first` is the first index that does not hold, None when nothing wrong has an index.
    """

    size: int
    events: int = 0
    disclosures: int = 0
    erased: int = 0
    checkpoints: int = 0
    tasks: int = 0
    people: int = 0
    files: int = 0
    problems: list[Problem] = field(default_factory=list)
    first: int | None = None

    def __post_init__(self) -> None:
        self._kept: Counter[Part] = Counter()  # Not a field: it is no part of the answer.

    @property
    def holds(self) -> bool:
        return not self.problems

    def fault(self, index: int, text: str, part: Part = "log") -> None:
        """Note a problem; past a hundred of a part they are no longer kept, it is broken anyway."""
        if index >= 0 and (self.first is None or index < self.first):
            self.first = index
        self._kept[part] += 1
        if self._kept[part] <= MAX_PROBLEMS:
            self.problems.append(Problem(index, text, part))
