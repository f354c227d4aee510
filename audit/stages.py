"""Marks of stages: a shape and a hue for each, the same on every page and on paper."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.safestring import SafeString, mark_safe

# Shapes in a box of 10 by 10. A second round of hues comes with other shapes, so that no two of eight look alike.
_SHAPES = (
    '<rect class="s1" width="10" height="10"/>',
    '<circle class="s2" cx="5" cy="5" r="5"/>',
    '<path class="s3" d="M5 0l5 10H0z"/>',
    '<path class="s4" d="M5 0l5 5-5 5-5-5z"/>',
    '<path class="s1" d="M3.5 0h3v3.500H10v3H6.500V10h-3V6.500H0v-3h3.500z"/>',
    '<path class="s2" d="M2.500 .7h5L10 5 7.500 9.300h-5L0 5z"/>',
    '<path class="s3" d="M0 0h10L5 10z"/>',
    '<path class="s4" d="M0 0h10v6L5 10 0 6z"/>',
)
_NO_STAGE = '<rect class="s0" y="3.500" width="10" height="3"/>'
_GROUND_TRUTH = 3
_ROUND = tuple(place for place in range(len(_SHAPES)) if place != _GROUND_TRUTH)


def _is_ground_truth(stage: str) -> bool:
    return stage.replace("_", " ").strip().lower() == "ground truth"


def place_of(stage: str, stages: Sequence[str]) -> int | None:
    """Which of the eight marks a stage has; None: a dash. Ground truth always has the fourth, a green diamond."""
    if _is_ground_truth(stage):
        return _GROUND_TRUTH
    if stage not in stages:
        return None
    if any(_is_ground_truth(name) for name in stages):
        others = [name for name in stages if not _is_ground_truth(name)]
        return _ROUND[others.index(stage) % len(_ROUND)]
    return stages.index(stage) % len(_SHAPES)


def mark(stage: str, stages: Sequence[str]) -> SafeString:
    """The stage's mark as SVG (of CSS class s0 to s4); its name stands beside it, always."""
    return mark_safe(f'<svg aria-hidden="true" viewBox="0 0 10 10">{shape(stage, stages)}</svg>')  # noqa: S308  (ours)


def shape(stage: str, stages: Sequence[str]) -> SafeString:
    """The mark's shape in a box of 10 by 10, for the inside of another drawing."""
    place = place_of(stage, stages)
    return mark_safe(_NO_STAGE if place is None else _SHAPES[place])  # noqa: S308  (ours, no input)


def hue(stage: str, stages: Sequence[str]) -> str:
    """The CSS class of the stage's hue: s0 to s4."""
    place = place_of(stage, stages)
    return "s0" if place is None else f"s{place % 4 + 1}"
