"""The masks of one series as RedBrick AI's exports have them: copied, or taken apart into instances or classes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import IO, Any

import numpy as np

from exports.archive.build import Archive
from exports.formats.base import NoMedium
from exports.formats.redbrick import metaimage
from exports.formats.redbrick.entries import Segment
from exports.formats.redbrick.flat_pictures import Colors, png
from exports.formats.redbrick.mode import WHITE, Group, Mode, groups_of, names_of, own_name
from exports.formats.redbrick.nifti import Voxels, opened, written, zipped
from exports.formats.redbrick.volumes import Open, Volumes

BLOCK = 1 << 18
DICOM = ("rt_struct", "dicom_seg")
NO_COLORS: Colors = np.zeros((0, 3), np.uint8)
Item = dict[str, Any]


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
        self._volumes = Volumes(open_)

    def write(self, found: Sequence[Segment], images: Iterable[IO[bytes]], key: str) -> Item:
        """The keys of the series in tasks.json. Raises Unwritable, BadVolume.

        `images` are read for DICOM alone, whose identifiers come from `key`.
        """
        groups = groups_of(found, self._mode)
        files = list(dict.fromkeys(one.file for one in found))
        parts = self._mode.kind != "none" and any(map(self._volumes.has_parts, files))
        scattered = parts or len(files) > 1 or any(one.value != one.instance for one in found)
        overlapping = any(one.groups for one in found)
        own = scattered or self._mode.own == "true"
        own = own or (overlapping and (self._mode.own == "automatic" or self._mode.semantic))
        said = {str(one.number): dict(one.segments[0].said) for one in groups}
        flags = {"binaryMask": own, "semanticMask": self._mode.semantic, "pngMask": False}
        if self._mode.kind == "none":
            _share(groups, said)
            return {"segmentMap": said, **flags, "binaryMask": False}
        kind = self._kind(found[0])
        if kind in DICOM:
            if (named := self._in_dicom(groups, images, key)) is not None:
                if not scattered:
                    self._copy(files[0])
                return self._said_of_dicom(kind, groups, said, named, flags)
            kind = "nii.gz"
        flags["pngMask"] = kind == "png"
        if own:
            if len(files) == 1 and not parts:
                self._copy(files[0])
            names: list[str] = []
            for one in groups:
                written_to = self._instance(one, kind)
                said[str(one.number)]["mask"] = written_to[0] if len(written_to) == 1 else written_to
                names += written_to
            return {"segmentations": names, "segmentMap": said, **flags}
        _share(groups, said)
        if kind in ("nii", "nii.gz") and not self._mode.semantic:
            name = self._copy(files[0])
            for entry in said.values():
                entry["mask"] = name
            return {"segmentations": name, "segmentMap": said, **flags}
        return {"segmentations": self._together(groups, files[0], kind), "segmentMap": said, **flags}

    def _kind(self, first: Segment) -> str:
        """The kind of files: what is no flat picture is NIfTI where PNG was asked for, as in the SDK's exports."""
        if self._mode.kind == "png" and self._volumes.of(first.file, first.value).shape[2] != 1:
            self.problem = "it is not flat"
            return "nii.gz"
        return self._mode.kind

    def _copy(self, file: str) -> str:
        """The mask as it came, byte for byte where it is (not) in gzip as it shall be."""
        kind = "nii" if self._mode.kind == "nii" else "nii.gz"
        name = f"{self._base}.{kind}"
        if not self._volumes.is_nifti(file):
            return self._put(self._base, kind, self._volumes.of(file).voxels, NO_COLORS)[0]
        with self._volumes.open(file) as source, self._archive.file(f"{self._root}/{name}") as target:
            start = source.read(2)
            source.seek(0)
            if kind == "nii.gz" and start != b"\x1f\x8b":
                target.write(zipped(source.read()))
                return name
            plain = opened(source) if kind == "nii" else source
            while block := plain.read(BLOCK):
                target.write(block)
        return name

    def _in_dicom(self, groups: Sequence[Group], images: Iterable[IO[bytes]], key: str) -> list[str] | None:
        """The paths of the DICOM files of all; None where there are no slices that they could refer to."""
        # They take a second to load.
        from exports.formats.redbrick.dicom_masks import dicom_files
        from exports.formats.redbrick.dicom_series import BadSeries

        try:
            made = dicom_files(groups, self._mode, self._volumes, images, self._base, key)
        except (BadSeries, NoMedium) as error:
            self.problem = str(error)
            return None
        for name, content in made.items():
            self._archive.whole(f"{self._root}/{name}", content)
        return list(made)

    def _said_of_dicom(
        self, kind: str, groups: Sequence[Group], said: dict[str, Item], files: list[str], flags: dict[str, bool]
    ) -> Item:
        """Regions of a structure set go by their names, segments by their numbers."""
        if kind == "rt_struct":
            by_name = dict(zip(names_of(groups, self._mode), said.values(), strict=True))
            return {"segmentations": files[0], "segmentMap": by_name, **flags, "binaryMask": False}
        own = self._mode.own == "true"
        for at, entry in enumerate(said.values()):
            entry["mask"] = files[at] if own else files[0]
        return {"segmentations": files if own else files[0], "segmentMap": said, **flags, "binaryMask": own}

    def _instance(self, group: Group, kind: str) -> list[str]:
        """A file of ones for the voxels of an instance, or of all of a class."""
        ones = np.array([(0, 0, 0), WHITE], np.uint8)
        return self._put(f"{self._base}/{own_name(group, self._mode, kind)}", kind, self._volumes.flags(group), ones)

    def _together(self, groups: Sequence[Group], file: str, kind: str) -> list[str]:
        """One file of all: numbers of classes, or of instances as they came; in colour where it is a picture."""
        volume = self._volumes.of(file)
        values = int(volume.voxels.max(initial=0)) + 1
        numbers = np.zeros(values, np.uint16)
        colors = np.zeros((values, 3), np.uint8)
        for group in groups:
            for one in group.segments:
                for value in (one.value, *one.groups):
                    if 0 < value < values and not colors[value].any() and not numbers[value]:
                        numbers[value] = group.number
                        colors[value] = self._mode.color_of(one.class_id)
        if kind == "png":
            self._copy(file)
            return self._put(f"{self._base}/{self._base.rpartition('/')[2]}", kind, volume.voxels, colors)
        voxels = volume.voxels
        if self._mode.semantic:
            small = not len(numbers) or int(numbers.max()) < 256
            voxels = np.take(numbers.astype(np.uint8), voxels) if small else np.take(numbers, voxels)
        return self._put(self._base, kind, voxels, colors)

    def _put(self, base: str, kind: str, voxels: Voxels, colors: Colors) -> list[str]:
        volume = self._volumes.newest
        if kind == "png":
            files = {f"{base}.png": png(voxels, volume.shape[0], volume.shape[1], colors)}
        elif kind == "mhd":
            header, data = metaimage.written(volume, voxels, f"{base.rpartition('/')[2]}.zraw")
            files = {f"{base}.mhd": header, f"{base}.zraw": data}
        else:
            plain = written(volume, voxels)
            files = {f"{base}.{kind}": plain if kind == "nii" else zipped(plain)}
        for name, content in files.items():
            self._archive.whole(f"{self._root}/{name}", content)
        return list(files)


def _share(groups: Sequence[Group], said: dict[str, Item]) -> None:
    """Say which values of the mask stand for several instances at once."""
    for one in groups:
        if one.segments[0].groups:
            said[str(one.number)]["overlappingGroups"] = list(one.segments[0].groups)
