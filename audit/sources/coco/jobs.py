"""Which questions COCO files answer: COCO itself has none, but those who write it say them in their own way.

Kili's SDK and Labeltrail write a job's key as the supercategory of its categories: one file for each job in a folder of
its own, or one for all jobs, whose categories are called JOB/CLASS. Of others' files, those with the same categories
are parts of one data set (train, val); each other one is a job that is called as its folder, or as the file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

import orjson

from audit.ontology import Job, LabelClass
from audit.sources.base import SourceError
from audit.sources.files.errors import quoted
from audit.sources.values import Item, part, parts, values

JOB = "objects"
"""The one job of a file that names none: what is where?"""
TOOLS = ("box", "polygon", "mask", "keypoints")
_OURS = re.compile(r" - Exported from (?:Labeltrail|Kili Python (?:Client|SDK))$")


def jobs_of(project: Item) -> tuple[Job, ...]:
    """The jobs of a project's payload, in the order of its files and of their categories."""
    files = [one for one in values(project, "files") if isinstance(one, dict)]
    if files:
        of_files: dict[str, list[Item]] = {}
        for one in files:
            of_files.setdefault(str(one.get("job")), parts(one, "categories"))
        return tuple(_job(key, categories) for key, categories in of_files.items())
    categories = parts(project, "categories")
    groups = _groups(categories) if _says_jobs(project) else {}
    if not groups:
        return (_job(JOB, categories, "Objects"),)
    merged = all(str(one.get("name", "")).startswith(f"{key}/") for key, found in groups.items() for one in found)
    if not merged and len(groups) > 1:
        return (_job(JOB, categories, "Objects"),)
    return tuple(_job(key, found, cut=len(key) + 1 if merged else 0) for key, found in groups.items())


def named(heads: Mapping[str, Item]) -> dict[str, str]:
    """The job that each of several files is about, by the files' paths. `heads` has what they say besides images and
    annotations. Raises SourceError for files that are of several projects, or that contradict each other."""
    found: dict[str, str] = {}
    _check_project(heads)
    for path, head in heads.items():
        if _says_jobs(head):
            found[path] = _own(path, head)
    _check_jobs({path: (key, parts(heads[path], "categories")) for path, key in found.items()})
    return found | _others([path for path in heads if path not in found], heads, taken=set(found.values()))


def _own(path: str, head: Item) -> str:
    """The job of a file that says it; of one without categories it is the folder's name."""
    groups = _groups(parts(head, "categories"))
    if len(groups) > 1:
        text = f"{quoted(path)} is about several jobs ({', '.join(map(quoted, groups))})"
        raise SourceError("answer", f"{text}, and there are files of others beside it; load it by itself")
    return next(iter(groups), PurePosixPath(path).parent.name or JOB)


def _check_project(heads: Mapping[str, Item]) -> None:
    """Files that say jobs are of one project, whose name they have in their descriptions."""
    first: dict[str, str] = {}
    for path, head in heads.items():
        if _says_jobs(head):
            first.setdefault(str(part(head, "info").get("description")), path)
    if len(first) > 1:
        (one, path), (other, second) = list(first.items())[:2]
        text = (
            f"its files are of several projects: {quoted(path)} of {quoted(one)}, {quoted(second)} of {quoted(other)}"
        )
        raise SourceError("answer", f"{text}; load the folder of each by itself")


def _check_jobs(said: Mapping[str, tuple[str, list[Item]]]) -> None:
    first: dict[str, str] = {}
    for path, (key, categories) in said.items():
        before = first.setdefault(key, path)
        if _fingerprint(said[before][1]) != _fingerprint(categories):
            text = (
                f"{quoted(before)} and {quoted(path)} are both about the job {quoted(key)}, with different categories"
            )
            raise SourceError("answer", f"{text}; load one of them by itself")


def _others(paths: Sequence[str], heads: Mapping[str, Item], taken: set[str]) -> dict[str, str]:
    """Jobs of files that say none: one for those with the same categories. A file without any is one of its own."""
    groups: dict[object, list[str]] = {}
    for path in paths:
        categories = parts(heads[path], "categories")
        groups.setdefault(_fingerprint(categories) if categories else path, []).append(path)
    if len(groups) == 1 and not taken:
        return dict.fromkeys(paths, JOB)
    firsts = [PurePosixPath(found[0]) for found in groups.values()]
    folders, stems = Counter(path.parent.name for path in firsts), Counter(path.stem for path in firsts)
    found: dict[str, str] = {}
    for first, group in zip(firsts, groups.values(), strict=True):
        wishes = [first.parent.name] if folders[first.parent.name] == 1 and first.parent.name else []
        wishes += [first.stem] if stems[first.stem] == 1 else []
        key = next((wish for wish in wishes if wish not in taken), str(first.with_suffix("")))
        found |= dict.fromkeys(group, key)
        taken = taken | {key}
    return found


def may_have_videos(project: Item) -> bool:
    """Whether a program wrote the files that writes frames of videos, too."""
    return any(map(_says_jobs, [project, *parts(project, "files")]))


def _says_jobs(head: Item) -> bool:
    """Whether the file was written by a program that writes jobs."""
    return _OURS.search(str(part(head, "info").get("description"))) is not None


def _groups(categories: list[Item]) -> dict[str, list[Item]]:
    """Categories by their supercategories; empty where one has none."""
    found: dict[str, list[Item]] = {}
    for one in categories:
        key = one.get("supercategory")
        if not isinstance(key, str) or not key:
            return {}
        found.setdefault(key, []).append(one)
    return found


def _fingerprint(categories: list[Item]) -> bytes:
    return orjson.dumps([[one.get(name) for name in ("id", "name", "supercategory")] for one in categories])


def _job(key: str, categories: list[Item], title: str = "", cut: int = 0) -> Job:
    """A job with a class for each category, called by its name without the first `cut` characters; where two have one
    name, by name and id."""
    names = [str(one.get("name", ""))[cut:] for one in categories]
    counted = Counter(names)
    classes = tuple(
        LabelClass(
            name if counted[name] == 1 else f"{name} {one.get('id')}",
            name,
            id=str(one.get("id")),
            parent=_parent(one, key),
            points=tuple(map(str, values(one, "keypoints"))),
        )
        for one, name in zip(categories, names, strict=True)
    )
    return Job(key, title or key, "objects", TOOLS, classes)


def _parent(category: Item, job: str) -> str | None:
    """The class of classes that it is in; a job is none."""
    found = category.get("supercategory")
    return str(found) if found and found != job else None
