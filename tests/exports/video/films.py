"""Small videos whose frames can be told apart, made while the test runs."""

from __future__ import annotations

import io
from typing import Any

import av
import numpy as np
from PIL import Image

WIDTH, HEIGHT = 64, 36


def film(
    frames: int,
    codec: str = "libx264",
    container: str = "mp4",
    size: tuple[int, int] = (WIDTH, HEIGHT),
    rotation: int = 0,
    **options: str,
) -> bytes:
    """A video; frame k is grey of the brightness `shade(k)`, its upper left corner is white."""
    out = io.BytesIO()
    with av.open(out, "w", format=container) as made:
        stream: Any = made.add_stream(codec, rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        if rotation:
            stream.set_display_rotation(rotation)
        for frame in range(frames):
            picture = np.full((size[1], size[0], 3), shade(frame), np.uint8)
            picture[: size[1] // 4, : size[0] // 4] = 255
            made.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        made.mux(stream.encode())
    return out.getvalue()


def shade(frame: int) -> int:
    """The brightness of a frame: those beside each other are far apart."""
    return 20 + frame * 53 % 200


def picture(data: bytes) -> Image.Image:
    """A cut picture."""
    found = Image.open(io.BytesIO(data))
    found.load()
    return found


def brightness(data: bytes) -> int:
    """Of the lower right corner."""
    found = picture(data).convert("L")
    value = found.getpixel((found.width - 2, found.height - 2))
    assert isinstance(value, int)
    return value
