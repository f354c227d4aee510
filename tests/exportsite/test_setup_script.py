"""`setup.sh` on machines that lack something; every program it could call is a stand-in that keeps a diary."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from .conftest import CHECKOUT

GOOD = """#!/bin/sh
case "$*" in
    *venv*) mkdir -p .venv/bin; cp "$0" .venv/bin/python ;;
esac
echo "python $*" >>diary
"""
OLD = "#!/bin/sh\n[ \"$1\" = --version ] && echo 'Python 3.9.2' && exit 0\nexit 1\n"
NO_VENV = '#!/bin/sh\ncase "$*" in *venv*) mkdir -p .venv; exit 1 ;; esac\n'


class Machine:
    """A directory with the script in it, and a PATH with nothing but what a test puts there."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.bin = root / "bin"
        self.bin.mkdir()
        shutil.copy(CHECKOUT / "setup.sh", root)
        for name in ("requirements.txt", "requirements-dev.txt"):
            (root / name).write_text(f"{name}\n")
        for tool in ("sh", "cat", "cksum", "cp", "dirname", "env", "id", "mkdir", "rm", "true", "uname"):
            (self.bin / tool).symlink_to(str(shutil.which(tool)))

    def add(self, name: str, text: str = "#!/bin/sh\n") -> None:
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)

    def tools(self, *names: str) -> None:
        for name in names or ("pdftotext", "qpdf", "chromium"):
            self.add(name)

    def run(self, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["/bin/sh", "setup.sh"],
            cwd=self.root,
            env={"PATH": str(self.bin), "CJK_FONT": "/dev/null"} | variables,
            capture_output=True,
            text=True,
            check=False,
        )

    def diary(self) -> str:
        diary = self.root / "diary"
        return diary.read_text() if diary.exists() else ""


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_an_old_python_is_refused_with_the_way_to_a_newer_one(machine: Machine) -> None:
    machine.add("python3", OLD)
    done = machine.run()
    assert done.returncode == 1
    assert "needs Python 3.11 or newer; found: Python 3.9.2" in done.stderr
    assert "PYTHON=/path/to/python3" in done.stderr
    assert not (machine.root / ".venv").exists()


def test_no_python_is_said(machine: Machine) -> None:
    done = machine.run()
    assert done.returncode == 1
    assert "Labeltrail needs Python 3.11 or newer" in done.stderr


def test_a_python_that_cannot_make_environments_names_debians_package(machine: Machine) -> None:
    machine.add("python3", NO_VENV)
    done = machine.run()
    assert done.returncode == 1
    assert "apt-get install python3-venv" in done.stderr
    assert not (machine.root / ".venv").exists()


def test_a_named_python_is_preferred(machine: Machine) -> None:
    machine.add("python3", OLD)
    machine.add("mine", GOOD)
    machine.tools()
    done = machine.run(PYTHON="mine")
    assert done.returncode == 0, done.stderr
    assert f"Making .venv with {machine.bin / 'mine'}" in done.stdout


def test_packages_are_installed_again_only_when_the_requirements_changed(machine: Machine) -> None:
    machine.add("python3", GOOD)
    machine.tools()
    for _ in range(2):
        assert machine.run().returncode == 0
    assert machine.diary().count("pip install") == 1
    (machine.root / "requirements.txt").write_text("another\n")
    assert machine.run().returncode == 0
    assert machine.diary().count("pip install") == 2


def test_root_gets_what_is_missing_through_apt(machine: Machine) -> None:
    machine.add("python3", GOOD)
    machine.tools("pdftotext", "chromium")
    machine.add("id", "#!/bin/sh\necho 0\n") if os.geteuid() else None
    machine.add("apt-get", '#!/bin/sh\necho "apt-get $DEBIAN_FRONTEND $*" >>diary\n')
    done = machine.run()
    assert done.returncode == 0, done.stderr
    calls = [line for line in machine.diary().splitlines() if line.startswith("apt-get")]
    assert calls == [
        "apt-get noninteractive update -qq",
        "apt-get noninteractive install -y -qq --no-install-recommends qpdf",
    ]


def test_what_cannot_be_installed_is_one_line_and_no_failure(machine: Machine) -> None:
    machine.add("python3", GOOD.replace("echo", '[ "$2" != "import weasyprint" ] || exit 1\necho'))
    machine.tools("pdftotext", "qpdf")
    done = machine.run()
    assert done.returncode == 0, done.stderr
    assert "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 chromium" in done.stderr
    assert "Without Pango there are no PDF reports." in done.stderr
    again = machine.run()
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")


def test_fonts_for_names_that_are_chinese_japanese_or_korean_are_installed_where_that_is_possible(
    machine: Machine,
) -> None:
    machine.add("python3", GOOD)
    machine.tools()
    lacking = {"CJK_FONT": str(machine.root / "font.ttc")}
    done = machine.run(**lacking)
    assert done.returncode == 0, done.stderr
    assert "Missing on this machine:  fonts-noto-cjk." in done.stderr
    assert "print Chinese, Japanese and Korean characters as code points" in done.stderr
    assert "tests are skipped" not in done.stderr
    (machine.root / ".venv" / "machine.stamp").unlink()
    machine.add("id", "#!/bin/sh\necho 0\n") if os.geteuid() else None
    machine.add("apt-get", '#!/bin/sh\ncase "$*" in *fonts-noto-cjk) echo >font.ttc ;; esac\n')
    done = machine.run(**lacking)
    assert (done.returncode, done.stderr) == (0, "")
