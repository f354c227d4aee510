"""Frames are being cut when the run is cancelled, or when somebody kills the decoder."""

from __future__ import annotations

import io
import os
import signal
from pathlib import Path

import pytest

from exports.models import Export
from exports.run import request_export
from exports.video import child, frames
from exportsite.jobs import Cancelled, Lease, claim
from exportsite.processes import is_alive
from tests.crash.workers import children, wait_for
from tests.exports.video.films import film
from tests.factories import make_project, worked_task

HANGS = "import time; time.sleep(600)"
BEATS = "import sys\nwhile True: sys.stdout.buffer.write(b'B' + bytes(12)); sys.stdout.flush()"
"""A decoder of a video that has no end."""
KILLED = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)\n"
HANGS_LATER = "child.cut = lambda *of: __import__('time').sleep(600); child.main("


@pytest.fixture
def lease(db: None) -> Lease[Export]:
    """An export that this process works on."""
    found = claim(Export, request_export(make_project(worked_task()), "trail").pk)
    assert found is not None
    return found


@pytest.mark.parametrize("code", [HANGS, BEATS])
def test_a_cancelled_run_does_not_wait_for_its_decoder(
    lease: Lease[Export], monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    monkeypatch.setattr(child, "BOOT", code)
    before = children(os.getpid())
    with pytest.raises(Cancelled), lease:
        lease.stop(Cancelled)
        with frames.frames(io.BytesIO(b""), range(9)):
            pass
    assert children(os.getpid()) == before
    lease.run.refresh_from_db()
    assert lease.run.state == "cancelled"


def test_frames_are_cut_again_when_a_decoder_was_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mark = str(tmp_path / "mark")
    once = f"import os, signal\nif not os.path.exists({mark!r}):\n open({mark!r}, 'x'); os.kill(os.getpid(), 9)\n"
    monkeypatch.setattr(child, "BOOT", once + child.BOOT)
    with frames.frames(io.BytesIO(film(12)), range(12)) as found:
        assert found.count == 12
        assert b"".join(found.blocks(11)).startswith(b"\xff\xd8")
    assert Path(mark).exists()


def test_decoders_that_are_always_killed_fail_the_run_and_not_the_video(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "BOOT", KILLED)
    failed = pytest.raises(frames.DecoderKilled, match=r"killed from outside.*Try again when it has more")
    with failed, frames.frames(io.BytesIO(film(12)), range(12)):
        pass


def test_a_decoder_ends_with_the_process_that_asked_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "BOOT", child.BOOT.replace("child.main(", HANGS_LATER))
    pid = os.fork()
    if pid == 0:
        try:
            with frames.frames(io.BytesIO(b""), range(10)):
                pass
        finally:
            os._exit(1)
    decoder = wait_for(lambda: next(iter(children(pid)), 0), "a decoder")
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    wait_for(lambda: not is_alive(decoder), "its end")
