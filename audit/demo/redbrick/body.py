"""The invented patients' bodies: where volumes lie, and the lesions in them."""

from __future__ import annotations

import random

from audit.demo.redbrick import taxonomy as classes
from audit.demo.redbrick.story import TaskStory

SHAPE = (64, 64, 16)
"""Columns, rows, slices: coarse voxels, since masks have to be made in no time."""
SPACING = (6.0, 6.0, 15.0)
"""Millimetres."""
ORIGIN = (-192.0, -192.0, 0.0)
"""Where the first voxel lies, in DICOM's millimetres: to the left, to the back, upwards."""
_FLAT = SPACING[0] / SPACING[2]


class Lesion:
    """A lesion, in voxels. Each drawing is a little larger than the one before (`round_`, from 1), and readers of a
    consensus (`alone`, from 1) differ a little."""

    def __init__(self, story: TaskStory, number: int, round_: int = 1, alone: int = 0) -> None:
        rng = random.Random(f"{story.id}/lesion/{number}")  # noqa: S311 - invented data, the same every time
        self.kind = rng.choice((classes.METASTASIS, classes.METASTASIS, classes.CYST, classes.HAEMANGIOMA))
        self.center = (rng.uniform(17, 34), rng.uniform(20, 38), rng.uniform(5, 10))
        self.radius = rng.uniform(3.2, 6.0) + 0.5 * (round_ - 1) + 0.7 * alone
        self.margin = rng.randrange(2)
        self.id = f"1abe1000-0000-4000-8000-{story.number:08d}{number:04d}"

    @property
    def radii(self) -> tuple[float, float, float]:
        """Of a ball in millimetres."""
        return self.radius, self.radius, self.radius * _FLAT


def lesions(story: TaskStory, round_: int = 1, alone: int = 0) -> list[Lesion]:
    """One to four; in every third task the second one grows into the first."""
    found = [Lesion(story, number, round_, alone) for number in range(1, 2 + story.number % 4)]
    if overlap(story, found):
        x, y, z = found[0].center
        found[1].center = (x + found[0].radius, y, z)
    return found


def overlap(story: TaskStory, found: list[Lesion]) -> bool:
    """Whether the first two lesions have voxels in common."""
    return story.number % 3 == 0 and len(found) > 1
