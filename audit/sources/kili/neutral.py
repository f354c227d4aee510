"""What Kili's payloads say in neutral words."""

from __future__ import annotations

from functools import lru_cache

from audit.annotations import Labelled, Medium, MediumKind
from audit.ontology import Ontology
from audit.sources.base import Neutral, ReadFile, no_file
from audit.sources.kili.media import kind_of, medium_of
from audit.sources.kili.ontology import ontology_of
from audit.sources.kili.plain import plainly
from audit.sources.kili.said import Said
from audit.sources.values import an_object, item, part, text


class KiliNeutral(Neutral):
    """Reads what `assets`, `labels` and `project` put into events.

    Geospatial geometry is in the asset's own coordinates (longitude and latitude), as Kili has it: no fractions.
    """

    def ontology(self, project: bytes) -> Ontology:
        """The jobs of the project's jsonInterface. Raises ValueError for a payload without one."""
        return ontology_of(project)

    def kinds(self, project: bytes) -> frozenset[MediumKind] | None:
        """All assets of a project are of its input type; images of some may lie on the earth."""
        found = item(project)
        kind = kind_of(text(found, "inputType"), text(part(found, "geospatialSettings"), "labelingCRSCode"))
        return None if kind == "other" else frozenset({kind})

    def media(self, task: bytes) -> tuple[Medium, ...]:
        """The asset's file."""
        return (_medium(task),)

    def annotations(self, label: bytes, task: bytes, ontology: Ontology, read: ReadFile = no_file) -> Labelled:
        """What the label's jsonResponse says. Reads no files."""
        if (plain := plainly(label, ontology)) is not None:
            return plain
        says = part(an_object(label), "label").get("jsonResponse")
        return Said(ontology, _medium(task)).read(says)


@lru_cache(maxsize=1)
def _medium(task: bytes) -> Medium:
    """The asset's file; the same asset is asked for once for itself and once for each of its labels."""
    return medium_of(item(task))
