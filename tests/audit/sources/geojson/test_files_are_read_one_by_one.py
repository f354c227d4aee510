"""Maps come in pages that stay small, however many there are and however large they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from audit.sources.exported.container import Container
from audit.sources.geojson.exported import GeoJsonSource


@pytest.mark.parametrize(
    ("count", "padding", "sizes"),
    [(5, 5 << 20, [2, 2, 1]), (3, 9 << 20, [1, 1, 1]), (250, 0, [100, 100, 50])],
    ids=["large", "larger", "many"],
)
def test_a_page_ends_when_it_is_long_or_large(tmp_path: Path, count: int, padding: int, sizes: list[int]) -> None:
    for number in range(count):
        path = tmp_path / f"{number:03}.geojson"
        path.write_bytes(b'{"type":"FeatureCollection","features":[],"note":"' + b"x" * padding + b'"}')
    with Container(str(tmp_path)) as container:
        source = GeoJsonSource(container, "Maps")
        pages = [len(page.histories) for page in source.task_pages()]
        source.close()
    assert pages == sizes
