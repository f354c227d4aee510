"""Which data sets a folder or zip has: each where a file names its classes, with the files of labels below it.

Several of them, one beside the other, are a job each when a program that knows jobs wrote them (Labeltrail, Kili's SDK)
or when they name other classes; else they are parts of one data set.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from audit.sources.base import SourceError
from audit.sources.exported.container import Container
from audit.sources.files.errors import listed, quoted
from audit.sources.pictures.members import files_of, plain, text_of
from audit.sources.yolo.naming import MAX_FILE, Names, looks_like_yaml, names_of_lines, names_of_yaml
from audit.sources.yolo.neutral import JOB

LABELS, IMAGES = "labels", "images"
PARTING = frozenset({LABELS, IMAGES})
ASSETS = "remote_assets.csv"
_YAML, _LINES = (".yaml", ".yml"), ("classes.txt", "obj.names")
_MARKS = frozenset({f"{IMAGES}/{ASSETS}", "manifest.json", "README.kili.txt"})
"""What lies beside the folders of jobs in exports of programs that know jobs."""
_NO_LABELS = frozenset({"classes.txt", "train.txt", "val.txt", "valid.txt", "test.txt", "trainval.txt"})
"""Texts beside files of labels where these have no folder of their own."""
MOST_FILES = 200
"""Files that name classes."""


@dataclass(frozen=True)
class DataSet:
    """A data set: its folder (empty, or with a slash behind it), the files that name its classes, and these.

    `job` is None where the names say it (JOB/CLASS). `apart`: its pictures are no other data set's.
    """

    folder: str
    files: tuple[str, ...]
    names: Names
    job: str | None = JOB
    apart: bool = False


def naming_files(container: Container) -> dict[str, list[str]]:
    """The files that name classes, by the folder of their data set. Nothing where there are too many to look at."""
    found: dict[str, list[str]] = {}
    within: dict[str, list[str]] = {}
    count = 0
    for _, name in files_of(container):
        path = PurePosixPath(name)
        yaml = path.suffix.lower() in _YAML
        if not yaml and path.name.lower() not in _LINES and path.suffix.lower() != ".names":
            continue
        if (count := count + 1) > MOST_FILES:
            return {}
        if yaml and not looks_like_yaml(container.head(name)):
            continue
        folder = path.parent
        if folder.name == LABELS:  # labelImg's, unless it is a picture's that is called so.
            within.setdefault(_slashed(folder.parent), []).append(name)
        elif folder.name != IMAGES:
            found.setdefault(_slashed(folder), []).append(name)
    return found | {folder: names for folder, names in within.items() if folder not in found}


def data_sets(container: Container) -> list[DataSet]:
    """The data sets, by folder. Raises SourceError for files that name classes otherwise than others beside them."""
    found = naming_files(container)
    if not found:
        text = (
            "no file names the classes: data.yaml (with names), obj.names or classes.txt, in the folder above labels/"
        )
        raise SourceError("answer", text)
    sets: list[DataSet] = []
    for folder, files in sorted(found.items()):
        read = [(name, _names(container, name)) for name in files]
        above = next((one for one in sets if folder.startswith(one.folder)), None)
        if above is not None:
            read.append((above.files[0], above.names))
        for name, names in read:
            if names != read[0][1]:
                both = f"{quoted(plain(read[0][0]))} and {quoted(plain(name))}"
                raise SourceError("answer", f"{both} name other classes; remove the one that does not hold")
        if above is None:
            sets.append(DataSet(folder, tuple(files), read[0][1]))
    return _with_jobs(container, sets)


def _with_jobs(container: Container, sets: list[DataSet]) -> list[DataSet]:
    marked = {mark for one in sets if (mark := _above(one.folder)) is not None and _knows_jobs(container, mark)}
    if len(sets) == 1 and not marked:
        only = sets[0]
        prefixed = bool(only.names) and all(all(name.partition("/")[::2]) for name in only.names.values())
        return [DataSet(only.folder, only.files, only.names, None if prefixed else JOB)]
    if not marked and all(one.names == sets[0].names for one in sets):
        return [DataSet(one.folder, one.files, one.names, JOB, apart=True) for one in sets]
    jobs = [PurePosixPath(one.folder).name for one in sets]
    if len(set(jobs)) < len(jobs) or len({_above(one.folder) for one in sets}) > 1:
        folders = listed([plain(one.folder) for one in sets], 5)
        raise SourceError("answer", f"there are {len(sets)} data sets in it ({folders}); load one of them by itself")
    return [DataSet(one.folder, one.files, one.names, plain(job)) for one, job in zip(sets, jobs, strict=True)]


def label_files(container: Container, sets: Iterable[DataSet]) -> Iterator[tuple[int, int, str, bool]]:
    """Files of labels and pictures: the number of the data set, the place among the container's names, the path within
    the data set, and whether it is a text. Where a data set has folders `labels` or `images`, all are there."""
    for number, one in enumerate(sets):
        foldered = any(path.endswith(".txt") and _below(path) for _, path in files_of(container, one.folder))
        for place, path in files_of(container, one.folder):
            if foldered and not _below(path):
                continue
            text = path.lower().endswith(".txt")
            if text and (container.names[place] in one.files or (not foldered and _is_no_label(path))):
                continue
            yield number, place, path, text


def asset_lists(container: Container) -> list[str]:
    """The lists of assets that exports without pictures have."""
    return [name for _, name in files_of(container) if f"/{name}".endswith(f"/{IMAGES}/{ASSETS}")]


def _names(container: Container, name: str) -> Names:
    text = text_of(container, name, MAX_FILE)
    return names_of_yaml(text, plain(name)) if name.lower().endswith(_YAML) else names_of_lines(text)


def is_among_pictures(path: str) -> bool:
    """Whether it is in a folder for pictures and in none for labels."""
    folders = path.split("/")[:-1]
    return IMAGES in folders and LABELS not in folders


def _below(path: str) -> bool:
    """Whether it is in a folder for labels or pictures."""
    return f"/{LABELS}/" in (path := f"/{path}") or f"/{IMAGES}/" in path


def _is_no_label(path: str) -> bool:
    name = path.lower().rpartition("/")[2]
    return name in _NO_LABELS or name.startswith(("readme", "license"))


def _slashed(folder: PurePosixPath) -> str:
    return "" if folder == PurePosixPath() else f"{folder}/"


def _above(folder: str) -> str | None:
    """The folder that a folder is in; None for the outermost."""
    return _slashed(PurePosixPath(folder).parent) if folder else None


def _knows_jobs(container: Container, folder: str) -> bool:
    return any(folder + mark in container.names for mark in _MARKS)
