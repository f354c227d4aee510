"""Decodes one video, in a process of its own: memory and time are limited, and there is nothing for it to reach.

The video is standard input, a file; what is wanted is in `sys.argv` (`main`). Standard output is a row of records: a
header (`HEADER`: kind, number, bytes) and the bytes. A picture is a JPEG of frame `number`, a beat says that the frame
was decoded and is not wanted; the end has how many frames there were, or a fault why they can't be told. It is started
isolated (`python -I`), so this module imports nothing of ours that needs Django.
"""

from __future__ import annotations

import json
import os
import resource
import struct
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from exportsite.processes import die_with

if TYPE_CHECKING:
    from av import VideoFrame
    from PIL.Image import Image

ROOT = Path(__file__).resolve().parents[2]
BOOT = "import sys; sys.path.insert(0, sys.argv[1]); from exports.video import child; child.main(sys.argv[2:])"
HEADER = struct.Struct("<cQI")
PICTURE, BEAT, END, FAULT = b"P", b"B", b"E", b"F"
FORMATS = "mov,mp4,matroska,webm,avi,mpeg,mpegts,mpegvideo,ogg,flv,asf"
"""Containers that are read. Others are refused: a list of segments, say, could name files and hosts of ours."""
LARGEST = 1 << 26
"""Pixels of a frame: twice 8K."""
MOST = 2_000_000
"""Frames of a video: a day at 24 a second."""
QUALITY = 95
MIB = 1024 * 1024


class Unreadable(Exception):
    """The file is no video that can be decoded; the text says why."""


def main(arguments: list[str]) -> None:
    """Take `PARENT MEMORY_MIB CPU_SECONDS DESCRIPTOR`: of a file that has the frames wanted, from 0, as JSON:
    `[[FIRST, BEHIND], …]` in order."""
    parent, memory, seconds, descriptor = map(int, arguments)
    die_with(parent)
    with open(descriptor, "rb") as asked:
        ranges = [(first, behind) for first, behind in json.load(asked)]
    resource.setrlimit(resource.RLIMIT_AS, (memory * MIB, memory * MIB))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # What libraries print is no record.
    try:
        count = cut(sys.stdin.buffer, ranges, out)
        out.write(HEADER.pack(END, count, 0))
    except Unreadable as problem:
        said = str(problem).encode()[:500]
        out.write(HEADER.pack(FAULT, 0, len(said)) + said)
    except MemoryError:
        said = f"it takes more than {memory:,} MiB of memory to decode".encode()
        out.write(HEADER.pack(FAULT, 0, len(said)) + said)
    out.flush()


def cut(video: IO[bytes], ranges: list[tuple[int, int]], out: IO[bytes]) -> int:
    """Write a record for each frame of the video; how many there are. Raises Unreadable."""
    wanted = iter(ranges)
    first, behind = next(wanted, (MOST, MOST))
    number = 0
    for number, picture in enumerate(_frames(video), start=1):
        frame = number - 1
        if frame >= MOST:
            raise Unreadable(f"it has more than {MOST:,} frames")
        while frame >= behind:
            first, behind = next(wanted, (MOST, MOST))
        if frame < first:
            out.write(HEADER.pack(BEAT, frame, 0))
        else:
            data = _jpeg(picture())
            out.write(HEADER.pack(PICTURE, frame, len(data)) + data)
        out.flush()
    return number


def _jpeg(picture: Image) -> bytes:
    found = BytesIO()
    picture.save(found, "JPEG", quality=QUALITY)
    return found.getvalue()


def _frames(video: IO[bytes]) -> Iterator[Any]:
    """Each decoded frame, in the order in which they are shown, as a function that makes a picture of it."""
    import av

    refused = (av.FFmpegError, ValueError, OSError, StopIteration)
    try:
        container = av.open(
            video, "r", options={"format_whitelist": FORMATS, "protocol_whitelist": "none"}, metadata_errors="replace"
        )
        with container:
            stream = next(iter(container.streams.video), None)
            if stream is None:
                raise Unreadable("it has no pictures")
            # One thread: what a frame looks like must not hang on how many cores there are, nor the memory.
            stream.codec_context.thread_count = 1
            stream.codec_context.options = {"max_pixels": str(LARGEST), "err_detect": "explode"}
            pictures = _Pictures()
            for number, frame in enumerate(container.decode(stream)):
                if frame.is_corrupt:
                    raise Unreadable(f"its frame {number} is damaged")
                yield lambda frame=frame: pictures(frame)
    except refused as problem:
        raise Unreadable(f"it can't be decoded: {getattr(problem, 'strerror', None) or problem}") from None


class _Pictures:
    """Frames as pictures, by the same arithmetic on every processor."""

    def __init__(self) -> None:
        self._size: tuple[int, int] | None = None
        self._graph: Any = None

    def __call__(self, frame: VideoFrame) -> Image:
        from PIL import Image

        if self._graph is None:
            self._graph, self._size = _converter(frame), (frame.width, frame.height)
        if (frame.width, frame.height) != self._size:
            raise Unreadable("its frames change their size on the way")
        self._graph.push(frame)
        found = Image.fromarray(self._graph.pull().to_ndarray())
        turned = {90: Image.Transpose.ROTATE_90, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_270}
        turn = turned.get(round(frame.rotation) % 360)
        return found if turn is None else found.transpose(turn)


def _converter(frame: VideoFrame) -> Any:
    """From the frame's colours to RGB. Without these flags the result depends on what the processor can do."""
    import av.filter

    graph = av.filter.Graph()
    source = graph.add_buffer(
        width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base, name="in"
    )
    scale = graph.add("scale", "flags=accurate_rnd+bitexact+full_chroma_int+bicubic")
    rgb, sink = graph.add("format", "rgb24"), graph.add("buffersink")
    source.link_to(scale)
    scale.link_to(rgb)
    rgb.link_to(sink)
    graph.configure()
    return graph
