"""Who works on the demo project."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Worker:
    """Someone with an account; `pace` stretches how long they take."""

    name: str
    pace: float

    @property
    def account(self) -> str:
        """Their e-mail address, which is also their id at the source."""
        return self.name.lower().replace(" ", ".").translate(str.maketrans("áéíóö", "aeioo")) + "@example.org"


MANAGER = Worker("Tomás Herrera", 1.0)
LABELERS = (
    Worker("Amara Okafor", 1.0),
    Worker("Jonas Lindqvist", 1.2),
    Worker("Fatima El Amrani", 0.85),
    Worker("Wei Zhang", 0.95),
    Worker("Samuel Adeyemi", 1.1),
)
REVIEWERS = (Worker("Mei Tanaka", 1.0), Worker("Henrik Dahl", 0.8))
SENIOR = Worker("Priya Raman", 1.0)

ISSUES = (
    "Lesion 1 runs into the portal vein on slices 41 to 44. Please separate it.",
    "Boundary of lesion 2 is not acceptable for volume measurement (protocol 3.2).",
    "Is the small hypodensity in segment VII in scope? It is below 5 mm.",
    "Segment V and VIII are swapped.",
    "The cyst in segment IVb is labelled as a metastasis.",
    "Motion artefact on the arterial phase: please check the caudal border on the portal phase.",
)
ANSWERS = (
    "Separated along the vessel wall.",
    "Redrawn on the portal phase, 14.9 → 13.7 ml.",
    "Yes: everything from 3 mm, see protocol 2.1.",
    "Swapped back, thank you.",
    "Reclassified as a cyst.",
    "Checked: the border holds.",
)
CORRECTIONS = (
    "Lesion 2 is a haemangioma (delayed fill-in).",
    "Added a 6 mm lesion in segment II.",
    "Smoothed the contour between slices 30 and 36.",
)
