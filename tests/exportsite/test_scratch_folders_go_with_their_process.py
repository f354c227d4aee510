"""What a process leaves in temporary folders is removed, also when it was killed; what others work on is not."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from exportsite import scratch

CHECKOUT = Path(__file__).resolve().parents[2]
WORK = (
    "import sys, time; from pathlib import Path; from exportsite import scratch\n"
    "with scratch.folder(Path(sys.argv[1])) as found:\n"
    "    (found / 'names.html').write_text('Jane Doe'); (found / 'deep').mkdir()\n"
    "    print(found, flush=True); time.sleep(600)\n"
)


@pytest.fixture
def process(tmp_path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WORK, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=CHECKOUT
    )


def old(path: Path) -> None:
    """Have it be there for long."""
    os.utime(path, (0, 0))


def test_a_folder_goes_with_its_block(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), scratch.folder(tmp_path) as found:
        (found / "x").write_text("x")
        assert found.parent == tmp_path
        assert found.stat().st_mode & 0o077 == 0
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_that_of_a_killed_process_is_swept_and_that_of_a_living_one_is_not(
    tmp_path: Path, process: subprocess.Popen[str]
) -> None:
    with process:
        assert process.stdout is not None
        found = Path(process.stdout.readline().strip())
        old(found)
        scratch.sweep(tmp_path)
        assert (found / "names.html").exists()
        process.kill()
    scratch.sweep(tmp_path)
    assert not found.exists()


def test_whoever_needs_a_folder_sweeps_first(tmp_path: Path) -> None:
    left = tmp_path / f"{scratch.PREFIX}left"
    left.mkdir()
    old(left)
    with scratch.folder(tmp_path) as found:
        assert list(tmp_path.iterdir()) == [found]


def test_what_is_new_or_no_folder_of_ours_stays(tmp_path: Path) -> None:
    (tmp_path / f"{scratch.PREFIX}new").mkdir()
    (tmp_path / "somebody's").mkdir()
    old(tmp_path / "somebody's")
    (tmp_path / f"{scratch.PREFIX}link").symlink_to(tmp_path / "somebody's")
    (tmp_path / f"{scratch.PREFIX}file").touch()
    old(tmp_path / f"{scratch.PREFIX}file")
    scratch.sweep(tmp_path)
    assert len(list(tmp_path.iterdir())) == 4


def test_without_a_place_it_is_where_temporary_files_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with scratch.folder() as found:
        assert found.parent == tmp_path
        old(found)
        scratch.sweep()
        assert found.exists()
