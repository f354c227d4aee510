"""The platforms of the contract, each as small as shows all that can go wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from typing import Any

import pytest

from audit.demo.redbrick import Clock, FakeRedBrick
from audit.demo.redbrick import World as RedBrickWorld
from audit.demo.redbrick.scripts import LIVER, ORG
from audit.live.connect import connect
from audit.models import Project
from audit.sources.diffgram import client as diffgram_client
from audit.sources.isahit import client as isahit_client
from audit.sources.kili import client as kili_client
from audit.sources.labelbox import export
from audit.sources.redbrick import client as redbrick_client
from tests.audit.live.compare import differences as of_redbrick
from tests.audit.live.contract.bench import ERRORS, Bench, Edit
from tests.audit.live.diffgram.compare import differences as of_diffgram
from tests.audit.live.isahit.compare import differences as of_isahit
from tests.audit.live.kili.compare_kili import differences as of_kili
from tests.audit.live.labelbox.compare import differences as of_labelbox
from tests.fakes import diffgram, isahit, labelbox_story
from tests.fakes.diffgram import FakeDiffgram
from tests.fakes.diffgram_story import installation
from tests.fakes.isahit import FakeIsahit
from tests.fakes.isahit_story import account
from tests.fakes.kili import FakeKili
from tests.fakes.kili_story import CARS, KEY, tell
from tests.fakes.kili_story import world as kili_world
from tests.fakes.labelbox import FakeLabelbox

MonkeyPatch = pytest.MonkeyPatch
Opened = Callable[[MonkeyPatch], AbstractContextManager[Bench]]


def doing(what: Callable[[], Any]) -> Edit:
    """Do it when the answer is made, and leave the answer as it is."""

    def edit(answer: Any) -> Any:
        what()
        return answer

    return edit


def connected(kind: str, url: str, external_id: str, key: str, account: str = "") -> Project:
    """The project, connected."""
    return connect(kind, url=url, account=account, external_id=external_id, key=key).project


@contextmanager
def redbrick(patch: MonkeyPatch) -> Iterator[Bench]:
    """Two pages of tasks with their events; active time by stages."""
    patch.setattr(redbrick_client, "PAGE", 20)
    with FakeRedBrick(RedBrickWorld(24, Clock())) as fake:
        told = fake.world.projects[LIVER.id]
        start = fake.world.clock.now

        def stirred(answer: Any) -> Any:
            page = answer["data"]["tasksPaged"]
            page["entries"] = [*reversed(page["entries"]), *page["entries"][:3]]
            for entry in page["entries"]:
                entry["genericEvents"].reverse()
            return answer

        def clock(days: float) -> None:
            fake.world.clock.now = start + timedelta(days=days)

        empty = {"tasksPaged": {"entries": [], "cursor": "MTA=", "cacheTime": None}}
        yield Bench(
            kind="redbrick",
            project=connected("redbrick", fake.url, LIVER.id, fake.world.key, ORG),
            fake=fake,
            secret=fake.world.key,
            differences=lambda: of_redbrick(Project.objects.get(source__kind="redbrick"), fake.world),
            pages="taskEventsSDK",
            first=0,
            parts=("getProject", "members", "tasksPagedSDK", "taskActiveTimeSDK"),
            shift=lambda: fake.fail("taskEventsSDK", edit=doing(lambda: told.order.insert(0, told.order.pop()))),
            stir=lambda: fake.fail("taskEventsSDK", times=100, edit=stirred),
            clock=clock,
            lasting={
                "nothing asked for": ("taskEventsSDK", {"data": {"tasksPaged": None}}, "answer"),
                "another API's tasks": (
                    "taskEventsSDK",
                    {"data": {"tasksPaged": {"entries": [{"no": "task"}]}}},
                    "answer",
                ),
                "an empty page that has a cursor": ("taskEventsSDK", {"data": empty}, "answer"),
                "active time with errors": (
                    "taskActiveTimeSDK",
                    {"errors": ERRORS, "data": {"taskActiveTime": {"entries": []}}},
                    "refused",
                ),
                "no active time": ("taskActiveTimeSDK", {"data": {"taskActiveTime": None}}, "answer"),
            },
        )


@contextmanager
def kili(patch: MonkeyPatch) -> Iterator[Bench]:
    """Two pages of assets, several of events; what labels say is in files.

    Pages are asked for one after the other: so it is the second one that fails after one good request.
    """
    patch.setattr(kili_client, "AT_A_TIME", 1)
    patch.setattr(kili_client, "PAGE", 12)
    patch.setattr(kili_client, "ROWS", 40)
    with FakeKili(kili_world(16)) as fake:
        fake.in_files = True
        told = fake.projects[CARS]

        def stirred(answer: Any) -> Any:
            rows = answer["data"]["data"]
            again = rows[:1] if len(rows) < kili_client.ROWS else []  # More than was asked for is refused.
            return {"data": {"data": [*reversed(rows), *again]}}

        def go_and_come(answer: Any) -> Any:
            told.assets.pop(0)  # All others move up: the first of the next page is in none.
            told.assets.append(tell(told, 8_000))
            told.assets.pop()
            return answer

        whole = {"edit": lambda answer: {"data": {"data": answer["data"]["data"] * 60}}}
        key_in_words = {"errors": [{"message": "Invalid token", "extensions": {"code": "UNAUTHENTICATED"}}]}
        project = connected("kili", fake.url, CARS, KEY)
        yield Bench(
            kind="kili",
            project=project,
            fake=fake,
            secret=KEY,
            differences=lambda: of_kili(project, fake),
            pages="^assets$",
            first=0,
            parts=("^projects$", "^projectUsers$", "^countAssets$", "^Events$", "^issues$", "^file$"),
            shift=lambda: fake.fail("^assets$", edit=go_and_come),
            stir=lambda: fake.fail("^Events$", times=100, edit=stirred),
            clock=lambda days: setattr(fake, "ahead", days * 86_400),
            lasting={
                "nothing asked for": ("^assets$", {"data": {"data": None}}, "answer"),
                "no list": ("^assets$", {"data": {"data": {"no": "list"}}}, "answer"),
                "an expired key, in words": ("^assets$", key_in_words, "key"),
                "another API's assets": ("^assets$", {"data": {"data": [{"no": "asset"}]}}, "answer"),
                "more than was asked for": ("^assets$", whole, "answer"),
                "a label that is not there": ("^file$", {"status": 404}, "missing"),
                "a label that is no JSON": ("^file$", {"body": b"<html>"}, "unavailable"),
            },
        )


@contextmanager
def labelbox(patch: MonkeyPatch) -> Iterator[Bench]:
    """Data rows in several chunks of an export; versions, issues, model runs and slices beside them."""
    patch.setattr(export, "FIRST_POLL", 0.0)
    world = labelbox_story.World(8)
    with FakeLabelbox(world, chunk=1) as fake:
        project = connected("labelbox", fake.url, labelbox_story.PROJECT, world.key)

        def stirred(answer: Any) -> Any:
            found = answer["data"]["labelVersions"]
            found["nodes"] = [*reversed(found["nodes"]), *found["nodes"][:3]]
            return answer

        def clock(days: float) -> None:
            day = 5 + round(days)
            fake.now = f"2026-03-{day:02}T08:00:00.000Z"

        def last_first() -> None:
            world.rows = dict([world.rows.popitem(), *world.rows.items()])

        inside = {"errors": [{"message": "oops", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]}
        no_key = {"errors": [{"message": "Invalid API key", "extensions": {"code": "AUTHENTICATION_ERROR"}}]}
        failed = {"user": {"createdTasks": [{"status": "FAILED", "errors": "out of memory"}]}}
        cancelled = {"user": {"createdTasks": [{"status": "CANCELED"}]}}
        yield Bench(
            kind="labelbox",
            project=project,
            fake=fake,
            secret=world.key,
            differences=lambda: of_labelbox(project, world),
            pages="GetExportFileFromOffset",
            first=None,  # Slices are exports, too.
            parts=(
                *("GetProjectPy", "GetProjectOntology", "ProjectMember", "GetUsers", "GetModels", "GetDatasets"),
                *("exportDataRowsInProject", "exportDataRowsInCatalog", "exportDataRowsInSlice"),
                *("GetUserCreatedTasks", "GetExportMetadataHeader", "GetLabelVersions", "GetProjectIssues", "^file$"),
            ),
            shift=lambda: fake.fail("GetProjectIssues", edit=doing(last_first)),
            stir=lambda: fake.fail("GetLabelVersions", times=100, edit=stirred),
            clock=clock,
            lasting={
                "a chunk of the wrong length": ("^file$", {"body": b'{"data_row":{"id":"x"}}\\n'}, "answer"),
                "a dropped chunk": ("^file$", {"drop": True}, "unavailable"),
                "half a chunk": ("^file$", {"truncate": True}, "unavailable"),
                "errors inside": ("GetUserCreatedTasks", inside, "unavailable"),
                "an expired key, in words": ("GetExportMetadataHeader", no_key, "key"),
                "no header": ("GetExportMetadataHeader", {"body": b'{"data":null}'}, "answer"),
                "another API's versions": (
                    "GetLabelVersions",
                    {"data": {"labelVersions": {"nodes": [{"no": "version"}]}}},
                    "answer",
                ),
                "too many requests for versions": ("GetLabelVersions", {"status": 429}, "busy"),
                "a server's error about issues": ("GetProjectIssues", {"status": 500}, "unavailable"),
                "a failed export": ("GetUserCreatedTasks", {"data": failed}, "unavailable"),
                "a cancelled export": ("GetUserCreatedTasks", {"data": cancelled}, "refused"),
                "an export that is forbidden": ("exportDataRowsInProject", {"status": 403}, "key"),
                "model runs that can not be read": ("exportDataRowsInCatalog", {"errors": ERRORS}, "refused"),
            },
        )


@contextmanager
def isahit_lab(patch: MonkeyPatch) -> Iterator[Bench]:
    """Several pages of three tasks each, asked for one after the other."""
    patch.setattr(isahit_client, "AT_A_TIME", 1)
    patch.setattr(isahit_client, "PAGE", 3)
    with FakeIsahit(account()) as fake:
        project = connected("isahit", fake.url, isahit.PROJECT, isahit.KEY)
        first = fake.account.tasks[0]

        def shift() -> None:
            fake.fail("tasks", after=2, edit=lambda page: {**page, "docs": [first, *page["docs"][1:]]})

        def stir() -> None:
            fake.fail(
                "tasks", after=1, times=100, edit=lambda page: {**page, "docs": [*page["docs"], *page["docs"][::-1]]}
            )

        def edited(**fields: Any) -> dict[str, Any]:
            return {"edit": lambda page: {**page, **fields}}

        yield Bench(
            kind="isahit",
            project=project,
            fake=fake,
            secret=isahit.SECRET,
            differences=lambda: of_isahit(project, fake),
            pages="^tasks$",
            first=1,
            parts=("^login$", "^configuration$", "^batches$", "^projects$"),
            shift=shift,
            stir=stir,
            clock=lambda days: setattr(fake, "ahead", days * 86_400),
            lasting={
                "a bad request": ("^tasks$", {"status": 400}, "refused"),
                "the wrong page": ("^tasks$", edited(page=7), "answer"),
                "an empty page before others": ("^tasks$", edited(docs=[], hasNextPage=True), "answer"),
                "a page that follows itself": ("^tasks$", edited(hasNextPage=True, nextPage=1), "answer"),
                "no tasks": ("^tasks$", edited(docs=[{"name": "no id"}]), "answer"),
            },
        )


@contextmanager
def diffgram_api(patch: MonkeyPatch) -> Iterator[Bench]:
    """Two jobs with several pages of three tasks each; an export for each job; a feed."""
    patch.setattr(diffgram_client, "POLL", 0.0)
    patch.setattr(diffgram_client, "PAGE", 3)
    with FakeDiffgram(installation()) as fake:
        project = connected("diffgram", fake.url, diffgram.PROJECT, diffgram.KEY)

        def without(name: str) -> Edit:
            return lambda found: {key: value for key, value in found.items() if key != name}

        def listed(rows: list[Any]) -> dict[str, Any]:
            return {"edit": lambda page: {**page, "task_list": rows}}

        def stirred(feed: Any) -> Any:
            return {**feed, "event_list": [*reversed(feed["event_list"]), *feed["event_list"][:3]]}

        def fails(found: Any) -> Any:
            return {**found, "export": {**found["export"], "status": "failed", "status_text": "File List is Empty."}}

        def shift() -> None:  # The count reads the lists first: two pages and three.
            fake.fail("^tasks$", after=6, edit=lambda page: {**page, "task_list": page["task_list"][1:]})

        yield Bench(
            kind="diffgram",
            project=project,
            fake=fake,
            secret=diffgram.SECRET,
            differences=lambda: of_diffgram(project, fake),
            pages="^tasks$",
            first=None,  # Jobs are read side by side.
            parts=(
                "^view$",
                "^directories$",
                "^labels$",
                "^attributes$",
                "^jobs$",
                "^events$",
                "^to_file$",
                "^status$",
                "^link$",
            ),
            shift=shift,
            stir=lambda: fake.fail("^events$", times=100, edit=stirred),
            clock=lambda days: setattr(fake, "ahead", days * 86_400),
            lasting={
                "a bad request": ("^to_file$", {"status": 400}, "refused"),
                "not there": ("^jobs$", {"status": 404}, "missing"),
                "no tasks": ("^tasks$", listed([{"name": "no number"}]), "answer"),
                "a page without end": ("^tasks$", listed([{"id": 1}] * 3), "answer"),
                "a page that is too long": ("^tasks$", listed([{"id": 1}] * 9), "answer"),
                "an export without a file": (
                    "^link$",
                    {"edit": lambda found: {"export_info": found["export_info"]}},
                    "answer",
                ),
                "an export that fails": ("^status$", {"edit": fails}, "refused"),
                "a text that is no export": ("^link$", {"body": b'"not JSON"'}, "answer"),
                "half an export": ("^link$", {"truncate": True}, "unavailable"),
                "a dropped export": ("^link$", {"drop": True}, "unavailable"),
                "a forbidden feed": ("^events$", {"status": 403}, "key"),
            },
        )


BENCHES: dict[str, Opened] = {
    "redbrick": redbrick,
    "kili": kili,
    "labelbox": labelbox,
    "isahit": isahit_lab,
    "diffgram": diffgram_api,
}
OWN: dict[str, tuple[str, ...]] = {
    "redbrick": (
        *("nothing asked for", "another API's tasks", "an empty page that has a cursor", "active time with errors"),
        "no active time",
    ),
    "kili": (
        *("nothing asked for", "no list", "an expired key, in words", "another API's assets"),
        *("more than was asked for", "a label that is not there", "a label that is no JSON"),
    ),
    "labelbox": (
        *("a chunk of the wrong length", "a dropped chunk", "half a chunk", "errors inside", "no header"),
        *("an expired key, in words", "another API's versions", "too many requests for versions"),
        *("a server's error about issues", "a failed export", "a cancelled export", "an export that is forbidden"),
        "model runs that can not be read",
    ),
    "isahit": (
        *("a bad request", "the wrong page", "an empty page before others", "a page that follows itself"),
        "no tasks",
    ),
    "diffgram": (
        *("a bad request", "not there", "no tasks", "a page without end", "a page that is too long"),
        *("an export without a file", "an export that fails", "a text that is no export", "half an export"),
        *("a dropped export", "a forbidden feed"),
    ),
}
"""The names of each platform's own lasting faults, as `Bench.lasting` has them."""
