"""`label_config.xml`: the labelling configuration that fits what an export's results name
(https://labelstud.io/tags), so that Label Studio opens them in a project that has it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from audit.ontology import Job, LabelClass

TAGS = {
    "rectanglelabels": "RectangleLabels",
    "polygonlabels": "PolygonLabels",
    "ellipselabels": "EllipseLabels",
    "keypointlabels": "KeyPointLabels",
    "brushlabels": "BrushLabels",
    "bitmasklabels": "BitmaskLabels",
    "vectorlabels": "VectorLabels",
    "videovectorlabels": "VideoVectorLabels",
    "labels": "Labels",
    "hypertextlabels": "HyperTextLabels",
    "paragraphlabels": "ParagraphLabels",
    "timeserieslabels": "TimeSeriesLabels",
    "ocrlabels": "OcrLabels",
    "timelinelabels": "TimelineLabels",
    "rectangle": "Rectangle",
    "polygon": "Polygon",
    "ellipse": "Ellipse",
    "keypoint": "KeyPoint",
    "brush": "Brush",
    "bitmask": "Bitmask",
    "vector": "Vector",
    "videorectangle": "VideoRectangle",
    "videovector": "VideoVector",
    "choices": "Choices",
    "taxonomy": "Taxonomy",
    "textarea": "TextArea",
    "number": "Number",
    "rating": "Rating",
    "datetime": "DateTime",
    "pairwise": "Pairwise",
    "ranker": "Ranker",
}
"""The tag of each type of result."""
LISTED = "listed"
"""A list of things to rank, which is no medium."""
OBJECTS = {
    "image": "Image",
    "video": "Video",
    "audio": "Audio",
    "html": "HyperText",
    "conversation": "Paragraphs",
    "pdf": "Pdf",
    LISTED: "List",
}
"""The tag of each kind of medium; of any other it is the text, or the address, that is shown."""
SEPARATOR = "/"

_INNER = {"choices": "Choice", "ranker": "Bucket"}
_UNWRITABLE = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def writable(text: str) -> str:
    """The text with U+FFFD for what XML can't hold: names are the same in the configuration and in results."""
    return _UNWRITABLE.sub("\ufffd", text)


@dataclass(slots=True)
class Control:
    """A tag that makes results. `labels` are what they name, with what people read; steps of a taxonomy with `/`."""

    name: str
    type: str
    to_name: str
    per_region: bool = False
    multiple: bool = False
    when: tuple[str, str] | None = None
    """The choice of another tag because of which it is asked."""
    labels: dict[str, LabelClass] = field(default_factory=dict)

    def knows(self, names: Iterable[str]) -> None:
        """Add labels that results name."""
        for name in names:
            self.labels.setdefault(name, LabelClass(name, name))


class Config:
    """Tags of one project, in the order in which they are asked for: as many as jobs, kinds of shapes and media."""

    def __init__(self) -> None:
        self._objects: dict[str, tuple[str, str, bool]] = {}
        self._controls: dict[tuple[str, str, str], Control] = {}
        self._names: set[str] = set()

    def object(self, name: str, kind: str, field_: str, *, address: bool) -> str:
        """The object of this name: a field of the tasks' data. `address`: the field says where it is."""
        self._objects.setdefault(name, (kind, field_, address))
        self._names.add(name)
        return name

    def control(self, wish: str, type_: str, to_name: str) -> Control:
        """The tag of this type for this object: it has the name that is wished for, unless another one has it."""
        key = (wish, type_, to_name)
        if key not in self._controls:
            names = (wish, f"{wish}-{type_}", f"{wish}-{to_name}-{type_}")
            name = next((name for name in names if name not in self._names), None)
            number = 2
            while name is None or name in self._names:
                name, number = f"{wish}-{number}", number + 1
            self._names.add(name)
            self._controls[key] = Control(name, type_, to_name)
        return self._controls[key]

    def found(self, name: str, type_: str, to_name: str) -> Control:
        """The tag that a result of Label Studio's own names."""
        return self._controls.setdefault((name, type_, to_name), Control(name, type_, to_name))

    def has(self, wish: str) -> bool:
        """Whether a tag of this name was asked for."""
        return any(name == wish for name, _, _ in self._controls)

    def first_object(self) -> str | None:
        """The object that came first; None where there is none yet."""
        return next(iter(self._objects), None)

    def xml(self) -> bytes:
        """The configuration."""
        view = ET.Element("View")
        for name, (kind, field_, address) in self._objects.items():
            attributes = {"name": name, "value": f"${field_}"}
            if kind == LISTED:
                tag = "List"
            else:
                tag = OBJECTS.get(kind, "Text")
                if (tag in ("HyperText",) and address) or (tag == "Text" and kind == "text" and address):
                    attributes["valueType"] = "url"
            ET.SubElement(view, tag, attributes)
        for control in self._controls.values():
            _control(view, control)
        ET.indent(view)
        return f"{ET.tostring(view, encoding='unicode')}\n".encode()


def _control(view: ET.Element, control: Control) -> None:
    attributes = {"name": control.name, "toName": control.to_name}
    if control.per_region:
        attributes["perRegion"] = "true"
    if control.when is not None:
        tag, value = control.when
        attributes |= {"visibleWhen": "choice-selected", "whenTagName": tag, "whenChoiceValue": value}
    if control.type.startswith("videovector"):
        attributes["closable"] = "true"
    if control.type in ("choices", "taxonomy") or control.type.endswith("labels"):
        attributes |= {"choice": "multiple"} if control.multiple and control.type != "taxonomy" else {}
    element = ET.SubElement(view, TAGS.get(control.type, "TextArea"), attributes)
    if control.type == "taxonomy":
        _paths(element, control.labels)
        return
    inner = _INNER.get(control.type, "Label" if control.type.endswith("labels") else None)
    for key, label in control.labels.items() if inner else ():
        ET.SubElement(element, inner or "", {"name": key} if inner == "Bucket" else _named(key, label))


def _named(key: str, label: LabelClass) -> dict[str, str]:
    """Results have the key: it is the alias where people read something else."""
    title = writable(label.title)
    found = {"value": title or key}
    if title and title != key:
        found["alias"] = key
    if label.color:
        found["background"] = writable(label.color)
    return found


def _paths(tag: ET.Element, labels: dict[str, LabelClass]) -> None:
    """Choices within choices."""
    known: dict[str, ET.Element] = {"": tag}
    for path in labels:
        above = ""
        for step in path.split(SEPARATOR):
            here = f"{above}{SEPARATOR}{step}"
            if here not in known:
                known[here] = ET.SubElement(known[above], "Choice", {"value": step})
            above = here


def paths_of(job: Job) -> dict[str, tuple[str, ...]]:
    """The way from the outermost class to each class of a job that has classes within classes; else nothing."""
    above = {known.key: known.parent for known in job.classes}
    if not any(above.values()):
        return {}
    found = {}
    for key in above:
        path: list[str] = []
        at: str | None = key
        while at is not None and at not in path:
            path.insert(0, at)
            at = above.get(at)
        found[key] = tuple(writable(step) for step in path)
    return found
