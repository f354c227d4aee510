"""How each platform is made to tell odd things: of one task its name, a time, a person; of two their ids."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from audit.demo.redbrick import FakeRedBrick
from audit.demo.redbrick.scripts import LIVER
from tests.audit.live.contract.bench import ALWAYS, Bench
from tests.fakes.diffgram import FakeDiffgram
from tests.fakes.isahit import FakeIsahit
from tests.fakes.kili import FakeKili
from tests.fakes.kili_story import CARS
from tests.fakes.labelbox import FakeLabelbox

EMAIL, NAME = "lone.wolf@example.net", "Lone Wolf"


@dataclass(frozen=True)
class Odd:
    """`name` and `time` take a text, `person` an e-mail and a name of somebody without an id; `task` is of whom it is
    told, `timed` the type of the event with that time. `ids` gives two tasks these ids; None where ids are numbers.
    """

    task: str
    timed: str
    name: Callable[[str], object]
    time: Callable[[str], object]
    person: Callable[[str, str], object]
    ids: Callable[[str, str], object] | None


def odd(bench: Bench) -> Odd:
    """Of this platform."""
    return ODD[bench.kind](bench.fake)


def _redbrick(fake: FakeRedBrick) -> Odd:
    told = fake.world.projects[LIVER.id]
    first = told.story(told.order[0]).id

    def edited(change: Callable[[list[Any]], object]) -> None:
        def edit(answer: Any) -> Any:
            rows = answer["data"]["tasksPaged"]["entries"]
            if any(row["taskId"] == first for row in rows):
                change(rows)
            return answer

        fake.fail("taskEventsSDK", times=ALWAYS, edit=edit)

    def row(rows: list[Any]) -> Any:
        return next(one for one in rows if one["taskId"] == first)

    def created(rows: list[Any]) -> Any:
        return next(one for one in row(rows)["genericEvents"] if one.get("createEvent"))

    def ids(one: str, other: str) -> None:
        none = {"taskActiveTime": {"entries": [], "cursor": None}}
        fake.fail("taskActiveTimeSDK", times=ALWAYS, data=none)

        def change(rows: list[Any]) -> None:
            rows[0]["taskId"], rows[1]["taskId"] = one, other

        edited(change)

    def person(email: str, name: str) -> None:
        who = {"__typename": "UserEntity", "userId": None, "email": email, "givenName": name, "familyName": ""}
        edited(lambda rows: created(rows).update(updatedBy=who))

    return Odd(
        task=first,
        timed="task.created",
        name=lambda text: edited(lambda rows: row(rows)["datapoint"].update(name=text)),
        time=lambda text: edited(lambda rows: created(rows).update(createdAt=text)),
        person=person,
        ids=ids,
    )


def _kili(fake: FakeKili) -> Odd:
    told = fake.projects[CARS]
    asset = told.assets[1]
    label = asset["labels"][0]

    def ids(one: str, other: str) -> None:
        told.assets[2]["id"], told.assets[3]["id"] = one, other

    return Odd(
        task=asset["id"],
        timed="label.created",
        name=lambda text: asset.update(externalId=text),
        time=lambda text: label.update(createdAt=text),
        person=lambda email, name: label.update(author={"id": None, "email": email, "firstname": name, "lastname": ""}),
        ids=ids,
    )


def _labelbox(fake: FakeLabelbox) -> Odd:
    world = fake.world
    first = next(id_ for id_, row in world.rows.items() if id_ not in world.runs and len(world.labels(row)) == 1)
    row = world.rows[first]
    details = world.labels(row)[0]["label_details"]

    def ids(one: str, other: str) -> None:
        for old, new in zip(list(world.rows)[-2:], (one, other), strict=True):
            world.rows[new] = world.rows.pop(old)
            world.rows[new]["data_row"]["id"] = new
            world.versions = [version for version in world.versions if version["dataRowId"] != old]

    return Odd(
        task=first,
        timed="label.created",
        name=lambda text: row["data_row"].update(external_id=text),
        time=lambda text: details.update(created_at=text),
        person=lambda email, name: details.update(created_by=email),
        ids=ids,
    )


def _isahit(fake: FakeIsahit) -> Odd:
    task = fake.account.tasks[0]

    def ids(one: str, other: str) -> None:
        fake.account.tasks[2]["_id"], fake.account.tasks[3]["_id"] = one, other

    return Odd(
        task=task["_id"],
        timed="label.created",
        name=lambda text: task.update(name=text),
        time=lambda text: task["data"].update(createdAt=text),
        person=lambda email, name: task["data"].update(user={"email": email, "name": name}),
        ids=ids,
    )


def _diffgram(fake: FakeDiffgram) -> Odd:
    home = fake.installation
    row = home.row(61)

    def person(email: str, name: str) -> None:
        row["task_assignees"] = [{"id": 1, "task_id": 61, "user_id": None, "user": {"email": email, "username": name}}]

    return Odd(
        task="61",
        timed="task.created",
        name=lambda text: home.packets[row["_file"]]["file"].update(original_filename=text),
        time=lambda text: row.update(time_created=text),
        person=person,
        ids=None,
    )


ODD: dict[str, Callable[[Any], Odd]] = {
    "redbrick": _redbrick,
    "kili": _kili,
    "labelbox": _labelbox,
    "isahit": _isahit,
    "diffgram": _diffgram,
}
