"""Kili as the sync reads it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from typing import IO

from audit.sources.ahead import answers
from audit.sources.base import FileRef, LiveSource, ProjectDetails, SourceError, SourceEvent, TaskHistory, TaskPage
from audit.sources.kili import queries
from audit.sources.kili.assets import Asset, asset_of, history_of
from audit.sources.kili.client import ROWS, VIDEO_PAGE, KiliClient, day
from audit.sources.kili.events import GONE, asset_events, gone, project_event, walked
from audit.sources.kili.labels import Label, label_of
from audit.sources.kili.project import KiliProject, member_events, people_of, project_of, settings_event
from audit.sources.kili.reading import KiliReading
from audit.sources.kili.spool import Spool
from audit.sources.kili.wire import Refused
from audit.sources.values import item, text

Where = dict[str, object]

PAGES = 4
"""Pages of assets of which issues and labels are gathered at once."""
AT_A_TIME = 8
"""So many labels that are kept elsewhere are asked for at once."""
AT_ONCE = 1_000
"""Events about no asset that are handed out together."""
CLOSED = (
    "This key, or this installation of Kili, does not give access to Kili's own record of events: what happened is "
    "concluded from assets, labels and issues, and marked as derived."
)
ALWAYS = (
    "Kili keeps a label's newest state only: what it said between two syncs is not known.",
    "Kili's events hold ids, never what a label said.",
    "Kili does not say at which step a label was made: it follows from the asset's moves, or from a step that is the "
    "only one of its kind.",
    "Kili keeps active time as one number of seconds for each label, without a history.",
    "Kili does not say to whom an asset was assigned, only who assigned it.",
    "Kili filters by the day, and does not document which changes count as an update of an asset: an incremental pass "
    "reads again what changed today, and what it misses is found by the next full pass.",
    "Events of an organisation that are of none of its projects (integrations of storage) are not read.",
    "An asset that events name and that this key may not see looks like one that is gone.",
    "Files that people uploaded as an answer (jobs of the kind FILE) are named by their id only.",
)


@dataclass(frozen=True, slots=True)
class Gathered:
    """A page of assets, with what is asked for besides them, by their ids."""

    assets: tuple[Asset, ...]
    labels: Mapping[str, Sequence[Label]]
    issues: Mapping[str, Sequence[bytes]]


class KiliSource(LiveSource):
    """One project of Kili. Settings and members are asked for once, and again with `project_events`."""

    def __init__(self, client: KiliClient) -> None:
        self.client = client
        self.cannot_tell: tuple[str, ...] = ALWAYS
        self._project: KiliProject | None = None
        self._record: bool | None = None
        self._long = False  # Whether its events are on more than one page, as far as is known.
        self._spool: Spool | None = None
        self._events_read = False
        self._lock = threading.Lock()

    def check(self) -> ProjectDetails:
        """Name, description and steps of the project; whether its record of events may be read."""
        settings = self.client.project_settings()
        self.record()
        return KiliReading().project_details(settings)

    def project_events(self) -> Iterator[SourceEvent]:
        """Settings with the ontology, then each member."""
        self.client.schema()  # Once, before several ask for it.
        with ThreadPoolExecutor(2, "kili") as threads:
            record = threads.submit(self.record)
            listed = threads.submit(lambda: tuple(self.client.members()))
            settings = self.client.project_settings()
            members = listed.result()
            record.result()
        self._project = project_of(settings, people_of(members))
        yield settings_event(settings)
        yield from member_events(members)

    def count(self) -> int:
        """How many assets the project has."""
        return self.client.count()

    def task_pages(self, since: datetime | None = None) -> Iterator[TaskPage]:
        """Pages of assets with labels and events: all, or those that changed since the day of that moment; then the
        events about no asset.

        An incremental listing has the events since then only: they are final, and the record holds those before.
        """
        project = self._known()
        clock = self.client.clock  # Of the answer before: what came later counts as changed meanwhile.
        self._read_events(since)
        spool = self._spooled()
        spool.unlist()
        where: Where | None = None if since is None else {"updatedAtGte": day(since)}
        for gathered in self._gathered(self._assets(where)):
            yield TaskPage(self._histories(gathered, project), clock)
        # Assets that events name and that did not come: not changed, overlooked, or gone.
        for ids in spool.unlisted(self.client.page, deleted=since is not None):
            for gathered in self._gathered(self._assets({"idIn": ids})):
                yield TaskPage(self._histories(gathered, project), clock)
        for rows in spool.of_no_asset(AT_ONCE):
            yield TaskPage((), clock, tuple(project_event(raw, project) for raw in rows))

    def task(self, external_id: str) -> TaskHistory | None:
        """One asset. Raises SourceError when another one came than was asked for."""
        with self._lock:
            if not self._events_read:
                self._read_events(None)
        for page in self._assets({"idIn": [external_id]}):
            for asset in page:
                if asset.id != external_id:
                    raise SourceError("answer", f"Kili was asked for asset {external_id} and sent {asset.id[:80]}")
            self._spooled().came([external_id])
            return self._histories(self._gather(page[:1]), self._known())[0]
        return None

    def time_pages(self) -> Iterator[tuple[SourceEvent, ...]]:
        """Nothing of active time, which comes with each label; but the events of assets that are gone.

        The project has them no more, only its record of events tells of them.
        """
        if self._spool is None:
            return
        project = self._known()
        for assets in self._spool.unlisted(ROWS):
            for asset in assets:
                events = tuple(asset_events(asset, walked(self._spool.of(asset), project), project))
                said = any(event.type == GONE.type for event in events)
                yield events if said else (*events, gone(asset))

    def file(self, ref: FileRef, into: IO[bytes]) -> None:
        """The asset's file."""
        self.client.web.fetch(ref.where, ref.what, into)

    def close(self) -> None:
        """Close all connections, and forget what was read."""
        self.client.close()
        if self._spool is not None:
            self._spool.close()
            self._spool = None

    def record(self) -> bool:
        """Whether Kili's own record of events may be read."""
        if self._record is None:
            try:
                self._record = self.client.offers("events")
                if self._record:
                    self._long = len(next(self.client.events(), ())) >= ROWS
            except Refused as error:
                if not error.closed:
                    raise
                self._record = False
            self.cannot_tell = ALWAYS if self._record else (*ALWAYS, CLOSED)
        return self._record

    def _known(self) -> KiliProject:
        with self._lock:
            if self._project is None:
                self._project = project_of(self.client.project_settings(), people_of(self.client.members()))
            if self._project.input_type == "VIDEO":
                self.client.page = VIDEO_PAGE
            return self._project

    def _spooled(self) -> Spool:
        if self._spool is None:
            self._spool = Spool()
        return self._spool

    def _read_events(self, since: datetime | None) -> None:
        """Get the events, from where an earlier listing of this object ended."""
        self._events_read = False
        spool = self._spooled()
        if not self.record():
            self._events_read = True
            return
        last = spool.last() if since is None else None
        if last is None:
            spool.forget()
        skip = 0 if last is None else last[0] - 1
        several = self._long and since is None and last is None
        pages = self.client.events(since=since, skip=skip, several=several)
        first = next(pages, ())
        if last is not None and (not first or text(item(first[0]), "id") != last[1]):
            spool.forget()  # Something went from the record meanwhile: what is left has other places.
            pages, first = self.client.events(), ()
        for page in chain([first], pages):
            spool.add(page)
        self._events_read = True

    def _assets(self, where: Where | None) -> Iterator[tuple[Asset, ...]]:
        project = self._known()
        without = queries.NOT_LEGACY if project.legacy else frozenset[str]()
        if project.input_type != "GEOSPATIAL":
            without |= queries.OF_MAPS
        for page in self.client.assets(where, without=without):
            yield tuple(map(asset_of, page))

    def _new(self, assets: Sequence[Asset]) -> tuple[Asset, ...]:
        """Those that did not come before: rows move from page to page when others come or go."""
        new = set(self._spooled().came(asset.id for asset in assets))
        return tuple({asset.id: asset for asset in assets if asset.id in new}.values())

    def _gathered(self, pages: Iterator[tuple[Asset, ...]]) -> Iterator[Gathered]:
        """What belongs to each page's assets, of several pages at a time; an error comes after the pages before it."""
        failed: list[SourceError] = []

        def whole() -> Iterator[tuple[Asset, ...]]:
            try:
                yield from map(self._new, pages)
            except SourceError as error:
                failed.append(error)

        for _, found in answers(self._gather, whole(), PAGES):
            yield found
        if failed:
            raise failed[0]

    def _gather(self, assets: Sequence[Asset]) -> Gathered:
        return Gathered(self._layered(assets), self._labels(assets), self._issues(assets))

    def _layered(self, assets: Sequence[Asset]) -> tuple[Asset, ...]:
        """The assets; images whose layers are kept elsewhere with these, which say in what space they are labelled."""
        linked = [asset for asset in assets if asset.elsewhere] if self._known().input_type == "IMAGE" else []
        if not linked:
            return tuple(assets)
        with ThreadPoolExecutor(AT_A_TIME, "kili") as threads:
            found = dict(zip((asset.id for asset in linked), threads.map(self._layers, linked), strict=True))
        return tuple(replace(asset, layers=found.get(asset.id)) for asset in assets)

    def _layers(self, asset: Asset) -> bytes | None:
        raw = self.client.json_file(asset.elsewhere or "", f"the layers of asset {asset.id}")
        return raw if raw.lstrip().startswith(b"[") else None

    def _histories(self, found: Gathered, project: KiliProject) -> tuple[TaskHistory, ...]:
        return tuple(
            history_of(asset, found.labels[asset.id], found.issues.get(asset.id, []), self._rows(asset.id), project)
            for asset in found.assets
        )

    def _rows(self, asset: str) -> list[bytes] | None:
        return self._spooled().of(asset) if self.record() else None

    def _issues(self, assets: Sequence[Asset]) -> dict[str, list[bytes]]:
        found: dict[str, list[bytes]] = {}
        if assets and self.client.offers("issues"):
            for raw in self.client.issues([asset.id for asset in assets]):
                found.setdefault(text(item(raw), "assetId") or "", []).append(raw)
        return found

    def _labels(self, assets: Sequence[Asset]) -> dict[str, list[Label]]:
        """The labels of each asset, with what they say, from wherever it is."""
        came = [(asset.id, raw, label_of(raw)) for asset in assets for raw in asset.labels]
        found: dict[str, dict[str, Label]] = {asset.id: {} for asset in assets}
        for asset_id, _, label in came:
            found[asset_id][label.id] = label
        elsewhere = [row for row in came if row[2].url is not None]
        if elsewhere:
            with ThreadPoolExecutor(AT_A_TIME, "kili") as threads:
                for (asset_id, _, _), label in zip(elsewhere, threads.map(self._fetched, elsewhere), strict=True):
                    found[asset_id][label.id] = label
        return {asset_id: list(labels.values()) for asset_id, labels in found.items()}

    def _fetched(self, row: tuple[str, bytes, Label]) -> Label:
        asset_id, raw, label = row
        return label_of(raw, self.client.json_file(label.url or "", f"what label {label.id} of asset {asset_id} says"))
