"""Paths of tiles are those of C2SP tlog-tiles."""

import pytest

from audit.log.merkle import tile_path


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        ((0, 0), "tile/0/000"),
        ((0, 999), "tile/0/999"),
        ((0, 1000), "tile/0/x001/000"),
        ((0, 1_234_067), "tile/0/x001/x234/067"),
        ((63, 1_000_000_000), "tile/63/x001/x000/x000/000"),
        ((1, 67, 256), "tile/1/067"),
        ((1, 67, 17), "tile/1/067.p/17"),
        ((2, 1_234_067, 1), "tile/2/x001/x234/067.p/1"),
    ],
)
def test_a_tiles_path_is_that_of_the_specification(tile, path):
    assert tile_path(*tile) == path


@pytest.mark.parametrize(
    ("tile", "text"),
    [
        ((-1, 0), "level is -1"),
        ((64, 0), "level is 64"),
        ((0, -1), "index is -1"),
        ((0, 0, 0), "width is 0"),
        ((0, 0, 257), "width is 257"),
    ],
)
def test_a_tile_that_cannot_be_is_refused_by_name(tile, text):
    with pytest.raises(ValueError, match=text):
        tile_path(*tile)
