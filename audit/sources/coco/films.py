"""Frames of videos: COCO has pictures alone, but Labeltrail writes of each frame of which label's video it is.

Such frames, which follow each other, are one task again: its payload is the video's name with the images as they came.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import msgspec

from audit.sources.values import Item, item, parts, text, whole

MOST = 64 * 1024 * 1024
"""Bytes of a video's images and annotations: frames of a longer one stay pictures."""
Part = tuple[str | None, list[bytes]]
"""The job of some annotations (None: the file is the only one, and may have several), and these."""
Image = tuple[str, bytes, list[Part]]
"""An image's id, what is said of it, and its annotations."""


def together(images: Iterator[Image]) -> Iterator[Image]:
    """The images, those of one video together, under the id of the first."""
    for film, found in groupby(images, lambda image: _film_of(image[1])):
        if film is None:
            yield from found
        else:
            yield from _joined(film, found)


def frames_of(task: Item) -> dict[str, int]:
    """The number of each frame of a task that is a video, by its image's id; empty for a picture."""
    images = [] if "id" in task else parts(task, "images")  # An image has an id, whatever else is said of it.
    return {str(image.get("id")): whole(image, "frame") or 0 for image in images}


def written_by_us(image: Item) -> bool:
    """Whether Labeltrail wrote the image, and so which asset and label of an earlier record it is of."""
    return text(image, "asset") is not None and text(image, "label") is not None


def _film_of(data: bytes) -> tuple[str, str, str] | None:
    """Of which asset, label and video the image is a frame; None for any other picture."""
    if b'"video"' not in data:
        return None
    image = item(data)
    video, frame = text(image, "video"), whole(image, "frame")
    if video is None or frame is None or frame < 0 or not written_by_us(image):
        return None
    return str(image["asset"]), str(image["label"]), video


def _joined(film: tuple[str, str, str], images: Iterator[Image]) -> Iterator[Image]:
    found: list[Image] = []
    size = 0
    for image in images:
        found.append(image)
        size += len(image[1]) + sum(len(raw) for _, annotations in image[2] for raw in annotations)
        if size > MOST:
            yield from found
            yield from images
            return
    by_job: dict[str | None, list[bytes]] = {}
    for _, _, of_image in found:
        for job, said in of_image:
            by_job.setdefault(job, []).extend(said)
    data = b'{"video":' + msgspec.json.encode(film[2]) + b',"images":[' + b",".join(one[1] for one in found) + b"]}"
    yield found[0][0], data, list(by_job.items())
