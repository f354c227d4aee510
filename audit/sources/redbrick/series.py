"""A task's datapoint: its series, each of some of its items, and the files behind them."""

from __future__ import annotations

from dataclasses import dataclass

from audit.sources.values import Item, item, part, parts, text, values

STORAGE = "22222222-2222-2222-2222-222222222222"
"""RedBrick AI's own storage, where files are that are said to be in none."""


@dataclass(frozen=True, slots=True)
class Series:
    """`title` is its name, else the letter that exports of RedBrick AI give it: A, B, C. `items` are indices of the
    datapoint's items in their order, `paths` what the storage calls them, `written` the headers as they came."""

    title: str
    items: tuple[int, ...] = ()
    paths: tuple[str, ...] = ()
    kind: str = ""
    written: object = None

    def headers(self) -> Item:
        """What is said of the image: dimensions, spacing, how many frames. Empty where it is no JSON object."""
        if isinstance(self.written, dict):
            return self.written
        try:
            return item(self.written.encode("utf-8", "surrogatepass")) if isinstance(self.written, str) else {}
        except ValueError:
            return {}


def series_of(datapoint: Item) -> tuple[Series, ...]:
    """The datapoint's series; as for the SDK, all items are the first one's when it is not said whose they are."""
    paths = [path if isinstance(path, str) else "" for path in values(datapoint, "items")]
    told = [entry if isinstance(entry, dict) else {} for entry in values(datapoint, "seriesInfo")] or [{}]
    indices = [[at for at in values(entry, "itemsIndices") if isinstance(at, int)] for entry in told]
    if not all(indices):
        indices = [list(range(len(paths))), *([] for _ in told[1:])]
    return tuple(
        Series(
            title=text(entry, "name") or chr(ord("A") + at),
            items=tuple(of_series),
            paths=tuple(paths[index] for index in of_series if 0 <= index < len(paths)),
            kind=text(entry, "dataType") or "",
            written=entry.get("imageHeaders"),
        )
        for at, (entry, of_series) in enumerate(zip(told, indices, strict=True))
    )


def media_paths(datapoint: Item) -> list[str]:
    """The files that people look at: items and heat maps, each once."""
    found = [path for path in values(datapoint, "items") if isinstance(path, str) and path]
    found += [path for entry in parts(datapoint, "heatMaps") if (path := text(entry, "item")) is not None]
    return list(dict.fromkeys(found))


def storage_of(entity: Item, name: str) -> str:
    """The storage in which files of this entity are."""
    return text(part(entity, name), "storageId") or STORAGE
