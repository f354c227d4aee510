"""Files that are no videos, broken ones and hostile ones: an error in words, soon, and nothing of ours is read."""

from __future__ import annotations

import io
import os
import random
import resource
import subprocess
import time
from typing import Any

import pytest

from exports.video import child
from exports.video import frames as cutting
from exports.video.frames import BadVideo, frames
from tests.exports.video.films import film


def cut(video: bytes, wanted: range = range(40)) -> int:
    with frames(io.BytesIO(video), wanted) as found:
        return found.count


@pytest.mark.parametrize(
    "video",
    [
        b"",
        b"\0" * 10_000,
        b"no video at all " * 100,
        b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
        film(40)[:900],
        b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"<?xml version='1.0'?><MPD><BaseURL>http://127.0.0.1/</BaseURL></MPD>",
    ],
    ids=["empty", "zeros", "text", "picture", "cut off", "playlist", "concat", "dash"],
)
def test_what_is_no_video_is_said(video: bytes) -> None:
    with pytest.raises(BadVideo, match=r"is no video that frames could be cut out of: it can't be decoded"):
        cut(video)


def test_a_sound_has_no_pictures() -> None:
    import av
    import numpy as np

    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as made:
        stream: Any = made.add_stream("aac", rate=8000)
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.rate = 8000
        made.mux(stream.encode(frame))
        made.mux(stream.encode())
    with pytest.raises(BadVideo, match="it has no pictures"):
        cut(out.getvalue())


@pytest.mark.parametrize("seed", range(12))
def test_damaged_bytes_end_in_words_or_in_frames(seed: int) -> None:
    chance = random.Random(seed)
    video = bytearray(film(40, "mpeg4", "avi") if seed % 2 else film(40))
    for _ in range(chance.choice([1, 10, 100])):
        video[chance.randrange(len(video))] = chance.randrange(256)
    try:
        found = cut(bytes(video))
    except BadVideo:
        return  # Said in words, as of every file that is none.
    assert found <= 40, "no frame is made up"


def test_a_decoder_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutting, "SILENCE", 0.5)
    monkeypatch.setattr(child, "BOOT", "import time; time.sleep(600)")
    with pytest.raises(BadVideo, match="seconds for a frame"):
        cut(b"")
    assert _children() == []


def test_a_decoder_that_falls_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "BOOT", "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    with pytest.raises(BadVideo, match="SIGSEGV"):
        cut(b"")


def test_a_decoder_that_writes_nonsense_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "BOOT", "print('P' + 'x' * 10_000_000)")
    with pytest.raises(BadVideo, match="nothing that its decoder could make sense of"):
        cut(b"")


def test_a_decoder_has_no_more_memory_than_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutting, "MEMORY_MIB", 64)
    with pytest.raises(BadVideo):
        cut(film(40))


def test_frames_that_are_too_large_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "LARGEST", 64 * 36 - 1)
    with pytest.raises(child.Unreadable):
        child.cut(io.BytesIO(film(3)), [(0, 3)], io.BytesIO())


def test_a_video_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "MOST", 20)
    with pytest.raises(child.Unreadable, match="more than 20 frames"):
        child.cut(io.BytesIO(film(40)), [(0, 3)], io.BytesIO())


def test_who_stops_reading_leaves_no_decoder_behind() -> None:
    with pytest.raises(ZeroDivisionError), frames(io.BytesIO(film(40)), range(40)):
        raise ZeroDivisionError
    assert _children() == []


def test_what_is_held_does_not_grow_with_the_video() -> None:
    cut(film(20))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    cut(film(1_500), range(1_500))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30_000  # KiB


def _children() -> list[str]:
    time.sleep(0.05)
    found = subprocess.run(["ps", "-o", "args=", "--ppid", str(os.getpid())], capture_output=True)
    return [line for line in found.stdout.decode().splitlines() if "-I -c" in line]
