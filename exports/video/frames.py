"""Frames cut out of a video: the side that stays alive, whatever the file does to the process that decodes it."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO

from exports.video import child
from exports.video.child import BEAT, END, FAULT, HEADER, PICTURE
from exportsite.stopping import go_on

MEMORY_MIB = 3_072
"""Address space of a decoder."""
CPU_SECONDS = 4 * 3_600
SILENCE = 300.0
"""Seconds without a frame after which a decoder is taken for hanging."""
POLL = 0.2
"""Seconds between looks at whether the run has to end, while a decoder is waited for."""
TRIES = 2
BLOCK = 1 << 16
_LARGEST = 1 << 28
"""Bytes of one picture; a decoder that says more has lost its mind."""


class BadVideo(Exception):
    """No frames can be had of a video; the text says why, and goes on from "the video …"."""


class DecoderKilled(Exception):
    """The decoder was killed from outside, which says nothing of the video; the text is for people."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Frames of one video, JPEG, in a temporary file, by their numbers from 0; `count` frames are in the video."""

    count: int
    _spool: IO[bytes]
    _places: dict[int, tuple[int, int]]

    def __contains__(self, frame: int) -> bool:
        return frame in self._places

    def blocks(self, frame: int) -> Iterator[bytes]:
        """The picture's bytes. Raises KeyError for a frame that was not wanted, or is not in the video."""
        start, left = self._places[frame]
        self._spool.seek(start)
        while left > 0:
            block = self._spool.read(min(left, BLOCK))
            left -= len(block)
            yield block


@contextmanager
def frames(video: IO[bytes], wanted: Iterable[int]) -> Iterator[Cut]:
    """The wanted frames, cut out; the whole video is decoded, so that its frames are counted. Raises BadVideo, Stopped
    when the run has to end meanwhile, and DecoderKilled.

    On the disk they take what they take in an archive; in memory there is one at a time.
    """
    with tempfile.TemporaryFile() as spool, tempfile.TemporaryFile() as asked, _on_disk(video) as file:
        asked.write(json.dumps(_ranges(wanted)).encode())
        asked.flush()
        yield _cut(file, asked, spool)


def _cut(video: IO[bytes], asked: IO[bytes], spool: IO[bytes]) -> Cut:
    for _ in range(TRIES):
        asked.seek(0)
        video.seek(0)
        spool.seek(0)
        places: dict[int, tuple[int, int]] = {}
        with suppress(DecoderKilled):
            return Cut(_take(video, asked, spool, places), spool, places)
    raise DecoderKilled(
        "The process that cuts frames out of a video was killed from outside, as a machine that runs out of memory "
        "does. Nothing was published. Try again when it has more, or ask without the files.",
    )


def _ranges(wanted: Iterable[int]) -> list[tuple[int, int]]:
    """Stretches of frames, in order: first, and the one behind the last."""
    found: list[tuple[int, int]] = []
    for frame in sorted(set(wanted)):
        if found and found[-1][1] == frame:
            found[-1] = (found[-1][0], frame + 1)
        else:
            found.append((frame, frame + 1))
    return found


@contextmanager
def _on_disk(video: IO[bytes]) -> Iterator[IO[bytes]]:
    """The video as a file that another process can be given."""
    try:
        video.fileno()
    except OSError:
        with tempfile.TemporaryFile() as copy:
            while block := video.read(BLOCK):
                copy.write(block)
                go_on()
            copy.flush()
            yield copy
        return
    yield video


def _take(video: IO[bytes], asked: IO[bytes], spool: IO[bytes], places: dict[int, tuple[int, int]]) -> int:
    """Take a decoder's records; how many frames there are."""
    limits = [str(os.getpid()), str(MEMORY_MIB), str(CPU_SECONDS)]
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [sys.executable, "-I", "-c", child.BOOT, str(child.ROOT), *limits, str(asked.fileno())],
            stdin=video,
            stdout=subprocess.PIPE,
            stderr=said,
            env={"PATH": os.defpath, "LANG": "C.UTF-8"},
            cwd="/",
            pass_fds=[asked.fileno()],
            start_new_session=True,
        )
        try:
            assert process.stdout is not None
            return _records(process.stdout, spool, places)
        except EOFError:
            raise _fallen(process.wait()) from None
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


def _records(out: IO[bytes], spool: IO[bytes], places: dict[int, tuple[int, int]]) -> int:
    with selectors.DefaultSelector() as waiting:
        waiting.register(out, selectors.EVENT_READ)

        def exactly(size: int) -> Iterator[bytes]:
            while size > 0:
                _await(waiting)
                block = os.read(out.fileno(), min(size, BLOCK))
                if not block:
                    raise EOFError
                size -= len(block)
                yield block

        while True:
            go_on()
            kind, number, size = HEADER.unpack(b"".join(exactly(HEADER.size)))
            if size > _LARGEST:
                raise BadVideo("is nothing that its decoder could make sense of")
            if kind == PICTURE:
                start = spool.tell()
                for block in exactly(size):
                    spool.write(block)
                places[number] = start, size
            elif kind == END:
                return int(number)
            elif kind == FAULT:
                raise BadVideo(f"is no video that frames could be cut out of: {b''.join(exactly(size)).decode()}")
            elif kind != BEAT:
                raise BadVideo("is nothing that its decoder could make sense of")


def _await(waiting: selectors.BaseSelector) -> None:
    until = time.monotonic() + SILENCE
    while not waiting.select(POLL):
        go_on()
        if time.monotonic() > until:
            raise BadVideo(f"takes more than {SILENCE:.0f} seconds for a frame")


def _fallen(code: int) -> Exception:
    """Why a decoder ended without a word."""
    if code == -signal.SIGKILL:  # None of its limits does that.
        return DecoderKilled()
    if code == -signal.SIGXCPU:
        return BadVideo(f"takes more than {CPU_SECONDS / 3600:.0f} hours to decode")
    name = signal.Signals(-code).name if -code in set(signal.Signals) else f"code {code}"
    return BadVideo(f"brings its decoder down ({name}): it is damaged, or takes more than {MEMORY_MIB:,} MiB")
