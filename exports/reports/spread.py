"""How something is spread, exactly and without holding every value: counts of whole units."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from heapq import heappush, heappushpop
from typing import TypeVar

T = TypeVar("T", int, float)

FASTEST = 1_000
MIN_VISITS = 20
ROBUST_Z = 3.5
"""Iglewicz and Hoaglin (1993): |0.6745 (x - median) / MAD| above 3.5 is an outlier."""


@dataclass(slots=True)
class Spread:
    """Values in whole units (seconds, minutes), with how often each came."""

    counts: Counter[int] = field(default_factory=Counter)

    def add(self, value: float) -> None:
        """One more value, rounded to whole units."""
        self.counts[round(value)] += 1

    @property
    def number(self) -> int:
        """How many values there are."""
        return self.counts.total()

    def quantile(self, share: float) -> int:
        """The value that at least this share of the values does not exceed (nearest rank)."""
        return quantile(self.counts, share)


def quantile(counts: Counter[T], share: float) -> T:
    """The smallest value that at least `share` of the counted values do not exceed (nearest rank)."""
    rank = max(1, math.ceil(share * counts.total()))
    for value in sorted(counts):
        rank -= counts[value]
        if rank <= 0:
            return value
    raise ValueError("there are no values")


@dataclass(slots=True)
class Visits(Spread):
    """Seconds of the visits of one class, and the shortest of them as (seconds, task, index)."""

    _shortest: list[tuple[int, int, str]] = field(default_factory=list)

    def visit(self, milliseconds: int, task: str, index: int) -> None:
        """One more visit."""
        self.add(milliseconds / 1000)
        entry = (-round(milliseconds / 1000), -index, task)
        if len(self._shortest) < FASTEST:
            heappush(self._shortest, entry)
        else:
            heappushpop(self._shortest, entry)

    def threshold(self) -> float | None:
        """Seconds under which a visit is far faster than its class; None for classes that are too small or uniform."""
        if self.number < MIN_VISITS:
            return None
        logs = Counter({_log(value): times for value, times in self.counts.items()})
        middle = quantile(logs, 0.5)
        apart: Counter[float] = Counter()
        for value, times in logs.items():
            apart[abs(value - middle)] += times
        deviation = quantile(apart, 0.5)
        return math.exp(middle - ROBUST_Z * deviation / 0.6745) if deviation else None

    def faster(self, threshold: float) -> tuple[int, list[tuple[str, int]]]:
        """How many visits are under the threshold, and the fastest of them as (task, index)."""
        under = sum(times for value, times in self.counts.items() if max(value, 0.5) < threshold)
        entries = sorted(self._shortest, reverse=True)[:under]
        return under, [(task, -index) for _, index, task in entries]


def _log(seconds: int) -> float:
    """Visits of no whole second count as half a one."""
    return math.log(max(seconds, 0.5))


def wilson(good: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a rate (Wilson 1927)."""
    if not of:
        return 0.0, 1.0
    z = 1.959964
    rate = good / of
    middle = (rate + z * z / (2 * of)) / (1 + z * z / of)
    half = z * math.sqrt(rate * (1 - rate) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return max(0.0, middle - half), min(1.0, middle + half)
