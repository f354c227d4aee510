"""Rankings in Label Studio's words: of two things that were compared a `Pairwise`, of others a `Ranker` over a list.

What is ranked stands in the task's data: a list of things by their ids, or the two that are compared, side by side.
https://labelstud.io/tags/ranker, https://labelstud.io/tags/pairwise
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from audit.annotations import COMPARISON, Ranking
from audit.sources.labelstudio.neutral import SIDES
from exports.formats.labelstudio.config import LISTED, Config, writable
from exports.formats.labelstudio.regions import Result, result_of

PAIRS = (COMPARISON, "pairwise")
"""Tools that compare two things."""
CHOSEN = "best"
"""The only bucket of things that somebody chose, or found as good as each other."""


class Rankings:
    """Says rankings. `data` are the fields of the task's data that they name; `begin` empties it for the next task."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self.data: dict[str, Any] = {}

    def begin(self) -> None:
        """Another task comes."""
        self.data = {}

    def said(self, one: Ranking, common: Result, new: Callable[[], str]) -> Iterator[Result]:
        """The result of one ranking. `new` makes ids."""
        # A class names the question where a job has several; of a comparison it says how much better.
        names = [one.job] if one.tool in PAIRS else [one.job, *one.classes[:1]]
        key = writable("-".join(names))
        if one.tool in PAIRS and (sides := self._sides(key, one)) is not None:
            yield self._pair(key, one, sides, common | {"id": new()})
            return
        yield self._ranked(key, one, common | {"id": new()})

    def _sides(self, key: str, one: Ranking) -> tuple[str, str] | None:
        """The two things, from left to right: as in the other labels of the task.

        None where neither is better, which a Pairwise can't say, or others of the task's labels compare other things.
        """
        things = [thing for group in one.order for thing in group]
        if len(one.order) != 2 or len(things) != 2 or things[0] == things[1]:
            return None
        left, right = sorted(things)
        names = [_name(key, side) for side in SIDES]
        known = tuple(self.data.setdefault(name, thing) for name, thing in zip(names, (left, right), strict=True))
        return (left, right) if known == (left, right) else None

    def _pair(self, key: str, one: Ranking, sides: tuple[str, str], common: Result) -> Result:
        names = [
            self._config.object(name, "text", name, address=False) for name in (_name(key, side) for side in SIDES)
        ]
        control = self._config.control(key, "pairwise", ",".join(names))
        selected = SIDES[sides.index(one.order[0][0])]
        return result_of(control, common, {"selected": selected}) | {"to_name": names[0]}

    def _ranked(self, key: str, one: Ranking, common: Result) -> Result:
        name = _name(key, LISTED)
        listed = self._config.object(name, LISTED, name, address=False)
        things = [thing for group in one.order for thing in group]
        if len(things) == len(one.order) > 1 or not things:
            control = self._config.control(key, "ranker", listed)
            order = {control.name: things}
        else:
            # What has buckets has nothing but buckets: a tag of its own.
            buckets = [CHOSEN] if len(one.order) == 1 else [f"{place}" for place in range(1, len(one.order) + 1)]
            control = self._config.control(f"{key}-{buckets[0]}", "ranker", listed)
            order = dict(zip(buckets, map(list, one.order), strict=True))
            control.knows(order)
        known = self.data.setdefault(name, [])
        for thing in things:
            if all(item["id"] != thing for item in known):
                known.append({"id": thing, "title": thing})
        return result_of(control, common, {"ranker": order})


def _name(key: str, end: str) -> str:
    """The name of a tag and of its field; a comma would part it in two."""
    return f"{key.replace(',', '_')}-{end}"
