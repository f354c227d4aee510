"""Tasks of Label Studio itself, put together from the bytes that came, and the tags that their results name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from audit.sources.labelstudio.events import KINDS
from audit.sources.labelstudio.media import index_of
from audit.sources.labelstudio.neutral import RELATION, chosen_of, control_of, labels_of
from audit.sources.labelstudio.shapes import is_drawn
from audit.sources.unread import why
from audit.sources.values import Item, item, part, parts, text, without_halves
from exports.archive.build import Noting, Skipped
from exports.formats.base import LabelledTask, LabelRow
from exports.formats.labels.left_out import unread
from exports.formats.labelstudio.config import Config, writable

TOLD = ("task.submitted", "rework.submitted", "task.skipped", "review.accepted", "review.rejected", "review.corrected",
        "activity.recorded")  # fmt: skip
"""Types of the events that entries of histories and reviews are."""
_LISTS = {kind: name for name, kind in KINDS.items()}
_OURS = ("media", "files")
"""Members of a task's payload that Label Studio did not send."""

Members = dict[str, bytes]


def task_of(archive: Noting, config: Config, task: LabelledTask, rows: Sequence[LabelRow]) -> bytes:
    """The task with these labels, their histories and reviews. Labels that can't be read are noted.

    A payload that is no task's ends in any error that `why` has words for.
    """
    about = item(without_halves(task.details or b"{}"))
    fields = {name: raw for name, raw in _members(task.details or b"{}").items() if name not in _OURS}
    lists: dict[str, list[bytes]] = {"annotations": [], "drafts": [], "predictions": []}
    told = _told(task)
    names = {row.external_id for row in rows}
    for id_, entries in told.items():
        if id_ not in names and any(row.external_id == id_ for row in task.labels):
            continue  # Of a label that the parameters leave out.
        for name, raws in entries.items() if id_ not in names else ():
            said = f"{len(raws)} of its {name} name no annotation that it has"
            archive.warn(Skipped(task.task, "not_held", said))
    for row in rows:
        try:
            own = _members(_members(row.content)["annotation"])
            gather(config, about, item(without_halves(row.content)))
        except Exception as error:
            unread(archive, task, row, f"what it says is none of Label Studio's: {why(error)}")
            continue
        found = told.get(row.external_id, {})
        for name in ("history", "reviews"):
            if name in found:
                own[name] = b"[" + b",".join(found[name]) + b"]"
        lists[_LISTS.get(row.kind, "annotations")].append(_object(own))
    return _object(fields | {name: b"[" + b",".join(raws) + b"]" for name, raws in lists.items()})


def gather(config: Config, about: Item, label: Item) -> None:
    """Take the tags that a label's results name into the configuration."""
    facts = parts(about, "media")
    for fact in facts:
        name = text(fact, "field") or "data"
        config.object(name, text(fact, "kind") or "other", name, address=text(fact, "url") is not None)
    results = [one for one in parts(part(label, "annotation"), "result") if one.get("type") != RELATION]
    drawn = {text(one, "id") for one in results if is_drawn(part(one, "value"))}
    for one in results:
        name, to_name, type_ = control_of(one), text(one, "to_name"), text(one, "type")
        if to_name is None or type_ is None:
            continue
        at = index_of(facts, one)
        fact = facts[at] if at is not None else {}
        if type_ == "pairwise":
            to_name = _compared(config, about) or to_name
        else:
            field = text(fact, "field") or to_name
            config.object(to_name, text(fact, "kind") or "other", field, address="url" in fact)
        control = config.found(name, type_, to_name)
        named = [writable(one_) for one_ in labels_of(one) or chosen_of(part(one, "value"))]
        control.knows(named)
        control.multiple = control.multiple or len(named) > 1
        control.per_region = control.per_region or (not labels_of(one) and text(one, "id") in drawn and _asks(one))


def _compared(config: Config, about: Item) -> str:
    """The names of the two fields that a Pairwise compares, which its results do not name; empty where others are
    beside them in the task's data."""
    names = [name for name, value in part(about, "data").items() if isinstance(value, str) and value]
    if len(names) != 2 or any("," in name for name in names):
        return ""
    facts = {text(fact, "field"): fact for fact in parts(about, "media")}
    for name in names:
        fact = facts.get(name, {})
        config.object(name, text(fact, "kind") or "text", name, address="url" in fact)
    return ",".join(names)


def _asks(one: Item) -> bool:
    return text(one, "type") in ("choices", "taxonomy", "textarea", "number", "rating", "datetime")


def _told(task: LabelledTask) -> dict[str, dict[str, list[bytes]]]:
    """Entries of histories and reviews by the annotation that they name, each list in the order of the record.

    A review need not name one: it is of the only one there is.
    """
    found: dict[str, dict[str, list[bytes]]] = {}
    only = [row.external_id for row in task.labels if row.kind == KINDS["annotations"]]
    for type_, raw in task.told:
        if not raw or not (type_ == "REVIEW" or type_.startswith("HISTORY_")):
            continue
        entry = item(raw)
        of = next((entry[name] for name in ("annotation_id", "annotation") if _is_id(entry.get(name))), None)
        id_ = str(of) if of is not None else only[0] if len(only) == 1 else ""
        found.setdefault(id_, {}).setdefault("reviews" if type_ == "REVIEW" else "history", []).append(_plain(raw))
    return found


def _is_id(value: object) -> bool:
    return isinstance(value, int | str) and not isinstance(value, bool)


def _plain(raw: bytes) -> bytes:
    return raw.replace(b"\n", b" ").replace(b"\r", b" ")


def _members(raw: bytes) -> Members:
    return {name: bytes(value) for name, value in msgspec.json.decode(raw, type=dict[str, msgspec.Raw]).items()}


def _object(found: Members) -> bytes:
    return b"{" + b",".join(_pairs(found)) + b"}"


def _pairs(found: Members) -> Iterator[bytes]:
    for name, value in found.items():
        yield msgspec.json.encode(name) + b":" + value
