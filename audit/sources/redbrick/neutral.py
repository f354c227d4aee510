"""What RedBrick AI's payloads say in neutral words: taxonomy, series, and what was drawn."""

from __future__ import annotations

from typing import ClassVar

from audit.annotations import Annotation, Labelled, Medium, Problem
from audit.ontology import Ontology
from audit.sources.base import Neutral, ReadFile, no_file
from audit.sources.redbrick.drawn import Drawn
from audit.sources.redbrick.labels import drawn, labels_path, listed, masks
from audit.sources.redbrick.media import media_of
from audit.sources.redbrick.ontology import ontology_of
from audit.sources.redbrick.series import series_of
from audit.sources.values import an_object, item, part, without_halves


class RedBrickNeutral(Neutral):
    """Reads what `project`, `events` and `labels` put into events."""

    keys_are_ids: ClassVar[bool] = True

    def ontology(self, project: bytes) -> Ontology:
        """A job for each kind of label with its classes, and one for each attribute. Raises ValueError."""
        return ontology_of(project)

    def media(self, task: bytes) -> tuple[Medium, ...]:
        """A medium for each series: an image, a video or a volume."""
        return media_of(part(item(task), "datapoint"))

    def annotations(self, label: bytes, task: bytes, ontology: Ontology, read: ReadFile = no_file) -> Labelled:
        """The entries in their order; of a label whose entries are in a file, `read` gives that file."""
        data = part(an_object(label), "taskData")
        series = series_of(part(item(task), "datapoint"))
        path = labels_path(data)
        try:
            entries = drawn(data, whole=True) if path is None else listed(without_halves(read(path)))
        except FileNotFoundError:
            return Labelled((), (Problem("no_file", f'the file "{path}" with what was drawn was not kept'),))
        except ValueError as error:
            return Labelled((), (Problem("unreadable", f"what was drawn can't be read: {error}"),))
        reader = Drawn(ontology, series, dict(masks(data, series)))
        annotations: list[Annotation] = []
        problems: list[Problem] = []
        for entry in entries:
            for found in reader.read(entry):
                if isinstance(found, Problem):
                    problems.append(found)
                else:
                    annotations.append(found)
        return Labelled(tuple(annotations), tuple(problems))
