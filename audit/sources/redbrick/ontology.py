"""RedBrick AI's taxonomies in neutral words: those of now (`isNew`), and the older ones, whose classes are a tree.

Keys: of a class its `classId`, of an attribute "<classId>/<attrId>", "study/<attrId>", "series/…", "instance/…". In
older taxonomies a class is its path with "::" between, as the SDK has it, and attributes go by their names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from audit.ontology import Job, LabelClass, Ontology
from audit.sources.values import Item, item, part, parts, text, values

TITLES = {
    "SEGMENTATION": "Segmentations",
    "BBOX": "Boxes",
    "CUBOID": "Cuboids",
    "POINT": "Points",
    "POLYLINE": "Lines",
    "POLYGON": "Polygons",
    "ELLIPSE": "Ellipses",
    "LENGTH": "Lengths",
    "ANGLE": "Angles",
}
"""The kinds of labels (`labelType`), each with the title of its job."""

SCOPES = {"study": "Study", "series": "Series", "instance": "Instance"}
BOOL, TEXT, NUMBER, MANY = "BOOL", "TEXT", "NUMBER", "MULTISELECT"
YES, NO = LabelClass("true", "Yes"), LabelClass("false", "No")

OBJECTS, TASK = "objects", "task"
"""The two trees of an older taxonomy: of what is drawn, and of what is said of tasks and series."""
PATH = "::"


def ontology_of(project: bytes) -> Ontology:
    """What can be said in the project. Raises ValueError for settings without a taxonomy."""
    taxonomy = part(item(project), "taxonomy")
    if not taxonomy:
        raise ValueError("the project's payload has no taxonomy")
    return Ontology(tuple(_jobs(taxonomy) if taxonomy.get("isNew") else _older_jobs(taxonomy)))


def _jobs(taxonomy: Item) -> Iterator[Job]:
    objects = [entry for entry in parts(taxonomy, "objectTypes") if isinstance(entry.get("classId"), int)]
    for kind in dict.fromkeys(text(entry, "labelType") or "" for entry in objects):
        found = [_class(entry) for entry in objects if (text(entry, "labelType") or "") == kind]
        yield Job(kind, TITLES.get(kind, kind), "objects", (kind,), tuple(found))
    for entry in objects:
        yield from _attributes(entry, "attributes", str(entry["classId"]), nested=True)
    for scope in SCOPES:
        yield from _attributes(taxonomy, f"{scope}Classify", scope, nested=False)


def _class(entry: Item) -> LabelClass:
    key = str(entry["classId"])
    asked = tuple(f"{key}/{one['attrId']}" for one in _numbered(entry, "attributes"))
    folders = tuple(name for name in values(entry, "parents") if isinstance(name, str))
    return LabelClass(key, text(entry, "category") or key, text(entry, "color"), jobs=asked, folders=folders)


def _attributes(of: Item, name: str, prefix: str, *, nested: bool) -> Iterator[Job]:
    for entry in _numbered(of, name):
        key, kind = f"{prefix}/{entry['attrId']}", text(entry, "attrType") or ""
        options = tuple(
            LabelClass(str(option["optionId"]), text(option, "name") or "", text(option, "color"))
            for option in parts(entry, "options")
            if isinstance(option.get("optionId"), int)
        )
        yield _asked(key, text(entry, "name") or key, kind, options, nested=nested)


def _numbered(of: Item, name: str) -> list[Item]:
    return [entry for entry in parts(of, name) if isinstance(entry.get("attrId"), int)]


def _asked(key: str, title: str, kind: str, options: tuple[LabelClass, ...], *, nested: bool) -> Job:
    if kind == TEXT:
        return Job(key, title, "transcription", (kind,), nested=nested)
    if kind == NUMBER:
        return Job(key, title, "other", (kind,), nested=nested)
    classes = (YES, NO) if kind == BOOL else options
    return Job(key, title, "classification", (kind,), classes, multiple=kind == MANY, nested=nested)


# Older taxonomies


def _older_jobs(taxonomy: Item) -> Iterator[Job]:
    colors = {
        (bool(entry.get("taskcategory")), tuple(values(entry, "trail"))): text(entry, "color")
        for entry in parts(taxonomy, "colorMap")
    }
    asked = list(_older_attributes(taxonomy, "attributes", OBJECTS))
    of_task = list(_older_attributes(taxonomy, "taskAttributes", TASK))
    classes = tuple(_tree(parts(taxonomy, "categories"), False, colors, [job.key for job in asked]))
    if classes:
        yield Job(OBJECTS, "Objects", "objects", tuple(TITLES), classes)
    yield from asked
    if chosen := tuple(_tree(parts(taxonomy, "taskCategories"), True, colors, [job.key for job in of_task])):
        yield Job(TASK, "Classification", "classification", ("classify",), chosen, multiple=True)
    yield from of_task


Colors = dict[tuple[bool, tuple[object, ...]], str | None]


def _tree(roots: Sequence[Item], of_task: bool, colors: Colors, asked: Sequence[str]) -> Iterator[LabelClass]:
    """The classes below the roots, each before those below it; a root itself is no class."""
    left: list[tuple[Item, tuple[str, ...]]] = [(root, ()) for root in reversed(roots)]
    while left:
        entry, above = left.pop()
        trail = (*above, text(entry, "name") or "")
        if above:
            key, parent = PATH.join(trail[1:]), PATH.join(above[1:])
            yield LabelClass(key, trail[-1], colors.get((of_task, trail)), parent=parent or None, jobs=tuple(asked))
        left += [(child, trail) for child in reversed(parts(entry, "children"))]


def _older_attributes(taxonomy: Item, name: str, prefix: str) -> Iterator[Job]:
    for entry in parts(taxonomy, name):
        if (title := text(entry, "name")) is None:
            continue
        allowed = [value for value in values(entry, "whitelist") if isinstance(value, str)]
        kind = (text(entry, "attrType") or "").upper()
        kind = BOOL if kind in (BOOL, "BOOLEAN", "CHECKBOX") else "SELECT" if allowed else TEXT
        yield _asked(f"{prefix}/{title}", title, kind, tuple(_titled(allowed)), nested=prefix == OBJECTS)


def _titled(names: Iterable[str]) -> Iterator[LabelClass]:
    return (LabelClass(name, name) for name in names)
