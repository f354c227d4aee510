"""Frames of a video: each one is the one that its number says, in every container and codec, whatever is asked for."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from exports.video.frames import frames
from tests.exports.video.films import HEIGHT, WIDTH, brightness, film, picture, shade

COUNT = 40
NEAR = 6


def cut(video: bytes, wanted: list[int]) -> dict[int, bytes]:
    with frames(io.BytesIO(video), wanted) as found:
        assert found.count == COUNT
        return {frame: b"".join(found.blocks(frame)) for frame in wanted}


@pytest.mark.parametrize(
    ("codec", "container", "options"),
    [
        ("libx264", "mp4", {"bf": "3", "g": "250"}),
        ("libx264", "matroska", {"bf": "0", "g": "1"}),
        ("libx265", "mp4", {"x265-params": "log-level=none"}),
        ("mpeg4", "mp4", {"g": "12"}),
        ("mpeg4", "avi", {}),
        ("libvpx", "webm", {}),
        ("mpeg2video", "mpegts", {"bf": "2"}),
    ],
)
def test_every_frame_is_the_one_that_its_number_says(codec: str, container: str, options: dict[str, str]) -> None:
    found = cut(film(COUNT, codec, container, **options), list(range(COUNT)))
    assert all(abs(brightness(data) - shade(frame)) < NEAR for frame, data in found.items())
    assert {picture(data).size for data in found.values()} == {(WIDTH, HEIGHT)}


@pytest.mark.parametrize("wanted", [[], [0], [COUNT - 1], [3, 4, 5, 17, 30], list(range(0, COUNT, 2))])
def test_those_that_are_wanted_are_the_same_as_when_all_are(wanted: list[int]) -> None:
    video = film(COUNT)
    every = cut(video, list(range(COUNT)))
    assert cut(video, wanted) == {frame: every[frame] for frame in wanted}


def test_twice_gives_the_same_bytes() -> None:
    video = film(COUNT)
    assert cut(video, [0, 7, 39]) == cut(video, [0, 7, 39])


def test_a_frame_that_is_not_in_the_video_is_not_there() -> None:
    with frames(io.BytesIO(film(5)), [2, 9]) as found:
        assert (found.count, 2 in found, 9 in found) == (5, True, False)
        with pytest.raises(KeyError):
            b"".join(found.blocks(9))


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_video_taken_with_a_turned_camera_stands_upright(rotation: int) -> None:
    """The corner that is white before turning: anticlockwise by 90 degrees it is the lower left one."""
    corner = {90: (2, WIDTH - 3), 180: (WIDTH - 3, HEIGHT - 3), 270: (HEIGHT - 3, 2)}[rotation]
    video = film(COUNT, rotation=rotation)
    turned = picture(cut(video, [0])[0]).convert("L")
    assert turned.size == ((HEIGHT, WIDTH) if rotation != 180 else (WIDTH, HEIGHT))
    assert turned.getpixel(corner) > 240  # type: ignore[operator]


def test_a_file_on_the_disk_is_read_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(film(COUNT))
    with (tmp_path / "a.mp4").open("rb") as file, frames(file, [1]) as found:
        assert found.count == COUNT
