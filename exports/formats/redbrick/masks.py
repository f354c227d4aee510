"""The masks of one series as RedBrick AI's exports have them: copied, or taken apart into instances or classes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from exports.archive.build import Archive
from exports.formats.labels.shapes import Unwritable
from exports.formats.redbrick.entries import Segment
from exports.formats.redbrick.flat_pictures import Colors, metaimage, png
from exports.formats.redbrick.nifti import Volume, Voxels, opened, read, written, zipped

BLOCK = 1 << 18
WHITE = (255, 255, 255)
Open = Callable[[str], IO[bytes]]
Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Mode:
    """How masks are asked for: `kind` of files, values of classes (`semantic`), a file for each instance (`own`:
    automatic where labels overlap, true, false). `colors` (red, green, blue) and `paths` (title, its headings before
    it) are by the number of a class, from 0; `dated` is the date of what is made (ISO 8601)."""

    kind: str
    semantic: bool
    own: str
    colors: Mapping[int, tuple[int, int, int]]
    paths: Mapping[int, str]
    dated: str = ""


@dataclass(frozen=True, slots=True)
class _Group:
    """What has one number in the export: an instance, or all instances of a class."""

    number: int
    segments: list[Segment]


class SeriesMasks:
    """Writes the masks of one series: files below `root`, named from `base`, which is relative to it.

    `problem` says why a series has not the kind of files that was asked for, but NIfTI.
    """

    def __init__(self, archive: Archive, root: str, mode: Mode, base: str, open_: Open) -> None:
        self.problem = ""
        self._archive = archive
        self._root = root
        self._mode = mode
        self._base = base
        self._open = open_
        self._loaded: tuple[str, Volume] | None = None

    def write(self, found: Sequence[Segment], images: Iterable[IO[bytes]], key: str) -> Item:
        """The keys of the series in tasks.json. Raises Unwritable, BadVolume.

        `images` are read for RT structure sets alone, whose identifiers come from `key`.
        """
        groups = self._groups(found)
        files = list(dict.fromkeys(one.file for one in found))
        scattered = len(files) > 1 or any(one.value != one.instance for one in found)
        overlapping = any(one.groups for one in found)
        own = scattered or self._mode.own == "true"
        own = own or (overlapping and (self._mode.own == "automatic" or self._mode.semantic))
        said = {str(one.number): dict(one.segments[0].said) for one in groups}
        flags = {"binaryMask": own, "semanticMask": self._mode.semantic, "pngMask": False}
        if self._mode.kind == "none":
            return {"segmentMap": said, **flags, "binaryMask": False}
        kind = self._kind(files[0])
        if kind == "rt_struct":
            if (content := self._structure_set(groups, files[0], images, key)) is not None:
                if not scattered:
                    self._copy(files[0])
                self._archive.whole(f"{self._root}/{self._base}.dcm", content)
                by_name = dict(zip(self._names(groups), said.values(), strict=True))
                return {"segmentations": f"{self._base}.dcm", "segmentMap": by_name, **flags, "binaryMask": False}
            kind = "nii.gz"
        flags["pngMask"] = kind == "png"
        if own:
            if len(files) == 1:
                self._copy(files[0])
            names: list[str] = []
            for one in groups:
                written_to = self._instance(one, kind)
                said[str(one.number)]["mask"] = written_to[0] if len(written_to) == 1 else written_to
                names += written_to
            return {"segmentations": names, "segmentMap": said, **flags}
        if overlapping:
            for one in groups:
                if one.segments[0].groups:
                    said[str(one.number)]["overlappingGroups"] = list(one.segments[0].groups)
        if kind in ("nii", "nii.gz") and not self._mode.semantic:
            name = self._copy(files[0])
            for entry in said.values():
                entry["mask"] = name
            return {"segmentations": name, "segmentMap": said, **flags}
        return {"segmentations": self._together(groups, files[0], kind), "segmentMap": said, **flags}

    def _groups(self, found: Sequence[Segment]) -> list[_Group]:
        """By number, in the label's order; of a class the first instance tells what is said of it."""
        groups: dict[int, list[Segment]] = {}
        for one in found:
            number = one.instance
            if self._mode.semantic:
                if one.class_id is None:
                    called = one.said.get("category")
                    raise Unwritable("unknown_class", f'the taxonomy has no class "{called}", so it has no number')
                number = one.class_id + 1
            groups.setdefault(number, []).append(one)
        return [_Group(number, of) for number, of in groups.items()]

    def _kind(self, file: str) -> str:
        """The kind of files: what is no flat picture is NIfTI where PNG was asked for, as in the SDK's exports."""
        if self._mode.kind == "png" and self._volume(file).shape[2] != 1:
            self.problem = "it is not flat"
            return "nii.gz"
        return self._mode.kind

    def _volume(self, file: str) -> Volume:
        if self._loaded is None or self._loaded[0] != file:
            self._loaded = None  # Before the next one comes: there is never more than one in memory.
            with self._open(file) as source:
                self._loaded = (file, read(source))
        return self._loaded[1]

    def _copy(self, file: str) -> str:
        """The mask as it came, byte for byte where it is (not) in gzip as it shall be."""
        kind = "nii" if self._mode.kind == "nii" else "nii.gz"
        name = f"{self._base}.{kind}"
        with self._open(file) as source, self._archive.file(f"{self._root}/{name}") as target:
            start = source.read(2)
            source.seek(0)
            if kind == "nii.gz" and start != b"\x1f\x8b":
                target.write(zipped(source.read()))
                return name
            plain = opened(source) if kind == "nii" else source
            while block := plain.read(BLOCK):
                target.write(block)
        return name

    def _structure_set(
        self, groups: Sequence[_Group], file: str, images: Iterable[IO[bytes]], key: str
    ) -> bytes | None:
        """An RT structure set of all instances or classes; None where there are no slices that it could refer to."""
        from exports.formats.redbrick.dicom_series import (  # pydicom and OpenCV take half a second to load.
            BadSeries,
            slices,
        )
        from exports.formats.redbrick.rtstruct import Region, structure_set

        def regions() -> Iterator[Region]:
            for name, one in zip(self._names(groups), groups, strict=True):
                class_id = one.segments[0].class_id
                path = self._mode.paths.get(class_id, "") if class_id is not None else ""
                described = f"{class_id} - {path}" if path else str(one.segments[0].said.get("category", ""))
                yield Region(name, described, color_of(self._mode, class_id), self._flags(one))

        try:
            series = slices(images)
            return structure_set(series, self._volume(file), regions(), key=key, dated=self._mode.dated)
        except BadSeries as error:
            self.problem = str(error)
        except FileNotFoundError:
            self.problem = "its images were not kept when the project was read"
        return None

    def _names(self, groups: Sequence[_Group]) -> list[str]:
        """What regions are called: Segment_1, or after their class; each name once."""
        found: dict[str, None] = {}
        for one in groups:
            called = str(one.segments[0].said.get("category")) if self._mode.semantic else f"Segment_{one.number}"
            found[called if called not in found else f"{called} ({one.number})"] = None
        return list(found)

    def _instance(self, group: _Group, kind: str) -> list[str]:
        """A file of ones for the voxels of an instance, or of all of a class."""
        what = "mask" if kind == "png" else "category" if self._mode.semantic else "instance"
        ones = np.array([(0, 0, 0), WHITE], np.uint8)
        return self._put(f"{self._base}/{what}-{group.number}", kind, self._flags(group), ones)

    def _flags(self, group: _Group) -> NDArray[np.uint8]:
        """One for each voxel of an instance, or of all of a class."""
        flags: NDArray[np.uint8] | None = None
        for one in group.segments:
            volume = self._volume(one.file)
            chosen = np.zeros(int(volume.voxels.max(initial=0)) + 1, np.uint8)
            chosen[[value for value in (one.value, *one.groups) if 0 <= value < len(chosen)]] = 1
            ones = np.take(chosen, volume.voxels)
            if flags is not None and len(flags) != len(ones):
                raise Unwritable("bad_geometry", "the masks of one class have different sizes")
            flags = ones if flags is None else flags | ones
        assert flags is not None, "a group has a segment"
        return flags

    def _together(self, groups: Sequence[_Group], file: str, kind: str) -> list[str]:
        """One file of all: numbers of classes, or of instances as they came; in colour where it is a picture."""
        volume = self._volume(file)
        values = int(volume.voxels.max(initial=0)) + 1
        numbers = np.zeros(values, np.uint16)
        colors = np.zeros((values, 3), np.uint8)
        for group in groups:
            for one in group.segments:
                for value in (one.value, *one.groups):
                    if 0 < value < values and not colors[value].any() and not numbers[value]:
                        numbers[value] = group.number
                        colors[value] = color_of(self._mode, one.class_id)
        if kind == "png":
            self._copy(file)
            return self._put(f"{self._base}/{self._base.rpartition('/')[2]}", kind, volume.voxels, colors)
        voxels = volume.voxels
        if self._mode.semantic:
            small = not len(numbers) or int(numbers.max()) < 256
            voxels = np.take(numbers.astype(np.uint8), voxels) if small else np.take(numbers, voxels)
        return self._put(self._base, kind, voxels, colors)

    def _put(self, base: str, kind: str, voxels: Voxels, colors: Colors) -> list[str]:
        assert self._loaded is not None, "voxels come from a file"
        volume = self._loaded[1]
        if kind == "png":
            files = {f"{base}.png": png(voxels, volume.shape[0], volume.shape[1], colors)}
        elif kind == "mhd":
            header, data = metaimage(volume, voxels, f"{base.rpartition('/')[2]}.zraw")
            files = {f"{base}.mhd": header, f"{base}.zraw": data}
        else:
            plain = written(volume, voxels)
            files = {f"{base}.{kind}": plain if kind == "nii" else zipped(plain)}
        for name, content in files.items():
            self._archive.whole(f"{self._root}/{name}", content)
        return list(files)


def color_of(mode: Mode, class_id: int | None) -> tuple[int, int, int]:
    """The colour of a class; white for one that the taxonomy has not."""
    return WHITE if class_id is None else mode.colors.get(class_id, WHITE)
