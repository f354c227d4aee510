"""`isahit_mask`: segmentation masks as isahit lab's SDK writes them (isahitlab 0.17.0), `<task's name>.png`.

A mask is the very picture that the platform has, in which blue stands for the class (`bChannel`) and red and green for
the object; with `semantic_mapping` all objects of a class have one colour, as in the SDK. With media the pictures that
were drawn on lie in `images/` under the same names.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from PIL import Image

from audit.ontology import Ontology
from audit.sources import neutral
from audit.sources.isahit.inputs import BadInput, Tool, chosen, lists_of
from audit.sources.isahit.label import FILE, body_of
from audit.sources.origins import origin
from audit.sources.unread import media_of, why
from audit.sources.values import part, parts, readable, text, whole
from exports.archive.build import Archive, Skipped
from exports.formats.base import (
    LabelledTask,
    MediaOf,
    Parameter,
    Progress,
    ProjectInfo,
    Snapshot,
    Unfit,
    Value,
    Written,
    flag,
)
from exports.formats.isahit.family import INPUT, OWN, IsahitFamily, configuration_of, data_of
from exports.formats.isahit.pictures import KINDS, add_picture
from exports.formats.labels.annotated import LABELS
from exports.formats.labels.annotated import chosen as chosen_labels
from exports.formats.labels.filenames import Names, suffix_of
from exports.formats.labels.left_out import leave_out
from exports.formats.labels.media import WITH_ASSETS, media_files, unfit_media

TYPES = ("tool-iat-segmentation", "iat-segmentation")
PNG = b"\x89PNG\r\n"
Color = tuple[int, int, int]

_PAIR = re.compile(r"(.+)=#([0-9a-fA-F]{6})")


class IsahitMaskFormat(IsahitFamily):
    """A picture for each task that has a mask."""

    slug: ClassVar[str] = "isahit_mask"
    title: ClassVar[str] = "isahit lab, masks"
    inputs: ClassVar[tuple[str, ...]] = TYPES[:1]
    parameters: ClassVar[tuple[Parameter, ...]] = (
        INPUT,
        WITH_ASSETS,
        flag("replace_extension", False, "a.png instead of a.jpg.png"),
        Parameter("semantic_mapping", (), "", "colours of classes by their ids: car=#ff0000,bus=#00ff00", several=True),
        *LABELS,
    )

    def refusal(self, project: ProjectInfo) -> str:
        """Only isahit lab has such pictures."""
        if project.source not in OWN:
            return f"isahit_mask has the masks of isahit lab; this project comes from: {origin(project.source)}"
        configuration = configuration_of(project)
        if configuration and text(configuration, "projectType") not in ("form", TYPES[1]):
            return "Project type not compatible: it has no segmentation"
        return super().refusal(project)

    def unfit(self, ontology: Ontology) -> str:
        """Which tool is meant, parameters say."""
        return ""

    def refuses(self, project: ProjectInfo, values: Mapping[str, Value]) -> list[Unfit]:
        """No tool that segments, a sequence, or a mapping of something that is no class."""
        try:
            tool = _tool(project, values)
        except BadInput as bad:
            return [Unfit("input_id", str(bad))]
        if tool is None:
            return []
        if tool.sequence:
            return [Unfit("input_id", "LabToMaskFormatter does not support sequences")]
        try:
            _colors(tool, values)
        except ValueError as error:
            return [Unfit("semantic_mapping", str(error))]
        return list(unfit_media(project, values))

    def media(self, project: ProjectInfo, values: Mapping[str, Value]) -> MediaOf | None:
        """The pictures of tasks with a label that is meant."""
        if values["with_assets"] is not True:
            return None
        return media_files(project, KINDS, lambda task: bool(chosen_labels(task, values)))

    def write(self, archive: Archive, snapshot: Snapshot, values: Mapping[str, Value], progress: Progress) -> Written:
        """The pictures, by task. A label without one is skipped by name."""
        tool = _tool(snapshot.project, values)
        colors = _colors(tool, values) if tool is not None else {}
        names = Names()
        tasks = labels = 0
        for done, task in enumerate(snapshot.labelled(), 1):
            if self._task(archive, snapshot, task, tool, values, colors, names):
                tasks, labels = tasks + 1, labels + len(task.labels)
            progress(done)
        return {"tasks": tasks, "labels": labels}

    def _task(
        self,
        archive: Archive,
        snapshot: Snapshot,
        task: LabelledTask,
        tool: Tool | None,
        values: Mapping[str, Value],
        colors: Mapping[int, Color],
        names: Names,
    ) -> bool:
        """Whether the task was gone through: its mask written, or nothing said that a mask could be of."""
        rows = chosen_labels(task, values)
        if tool is None or not rows:
            return True
        content = rows[-1].content
        try:
            body = body_of(data_of(content))
            name = text(body if tool.input is None else part(body, tool.input), "mask") or ""
            if not name.startswith(FILE):
                raise FileNotFoundError("its label has no mask")
            with snapshot.file(content, name.removeprefix(FILE)) as file:
                data = _painted(file.read(), colors)
        except (OSError, SyntaxError, Image.DecompressionBombError) as error:  # Pillow's, of what is no picture.
            leave_out(archive, task, "no_file" if isinstance(error, FileNotFoundError) else "unreadable", str(error))
            return False
        except Exception as error:
            leave_out(archive, task, "unreadable", f"what its label says can't be read: {why(error)}")
            return False
        wish = task.name or task.task
        wish = wish[: len(wish) - len(suffix_of(wish))] if values["replace_extension"] else wish
        taken = names.take(wish)
        if taken != wish:
            said = f"its file is called {taken!r}: {wish!r} is taken, or no name for a file everywhere"
            archive.warn(Skipped(task.task, "renamed", said))
        archive.whole(f"{taken}.png", data)
        if values["with_assets"] is True and task.details is not None:
            facts = parts(readable(task.details), "media")
            index = next((at for at, fact in enumerate(facts) if text(fact, "input") == tool.input), None)
            media, wrong = media_of(neutral(snapshot.project.source), task.details)
            if wrong:
                archive.warn(Skipped(task.task, "unreadable", wrong))
            add_picture(archive, snapshot, task, media, index, taken)
        return True


def _tool(project: ProjectInfo, values: Mapping[str, Value]) -> Tool | None:
    """The tool whose masks are meant; None where the project says nothing of tools. Raises BadInput."""
    configuration = configuration_of(project)
    return chosen(configuration, str(values["input_id"]) or None, TYPES) if configuration else None


def _colors(tool: Tool, values: Mapping[str, Value]) -> dict[int, Color]:
    """Colours by the blue of classes. Raises ValueError for what is no class with a colour."""
    pairs = values["semantic_mapping"]
    blue = {
        text(label, "id"): whole(label, "bChannel") for labels in lists_of(tool.config).values() for label in labels
    }
    found: dict[int, Color] = {}
    for pair in pairs if isinstance(pairs, tuple) else ():
        parsed = _PAIR.fullmatch(pair)
        if parsed is None:
            raise ValueError(f"{pair!r} is no class with its colour, such as car=#ff0000")
        channel = blue.get(parsed[1])
        if channel is None:
            raise ValueError(f"the project has no class {parsed[1]!r} with a blue of its own in masks")
        found[channel] = (int(parsed[2][:2], 16), int(parsed[2][2:4], 16), int(parsed[2][4:], 16))
    return found


def _painted(data: bytes, colors: Mapping[int, Color]) -> bytes:
    """The picture as PNG, each class in its colour: objects are those pixels whose red is not 0, as in the SDK.

    Raises OSError for what is no picture.
    """
    if not colors and data.startswith(PNG):
        return data
    with Image.open(io.BytesIO(data)) as image:
        pixels = np.array(image.convert("RGB"))
    came = pixels.copy()  # A colour may look like another class.
    for channel, color in colors.items():
        pixels[(came[..., 0] > 0) & (came[..., 2] == channel)] = color
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()
