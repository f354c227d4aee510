"""The verifier runs from the archive, isolated, on old Pythons, and needs nothing but the standard library."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from exports.archive import VERIFIER
from tests.exports.sealed import archive_of, verify


def test_its_syntax_is_that_of_python_3_8() -> None:
    ast.parse(VERIFIER.read_text(), feature_version=(3, 8))


def test_it_imports_the_standard_library_only() -> None:
    imported = set()
    for node in ast.walk(ast.parse(VERIFIER.read_text())):
        if isinstance(node, ast.Import):
            imported |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").partition(".")[0])
    assert imported <= set(sys.stdlib_module_names)


def pythons() -> list[str]:
    """Every other Python on this machine, from 3.8 on."""
    found = [shutil.which(f"python3.{minor}") for minor in range(8, 16)]
    found += [str(path) for path in Path(os.path.expanduser("~/.pyenv/versions")).glob("3.*/bin/python3")]
    usable = []
    for python in filter(None, found):
        done = subprocess.run([python, "-c", "import sys; print(sys.version_info >= (3, 8))"], capture_output=True)
        if done.stdout == b"True\n":
            usable.append(python)
    return usable or [sys.executable]


@pytest.mark.parametrize("python", pythons())
def test_it_runs_on_other_pythons(python, whole, selection, log) -> None:
    for path in (whole, selection):
        done = verify(path, "--key", log.signer.vkey, python=python)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_commands_of_the_readme_run(whole, tmp_path) -> None:
    with zipfile.ZipFile(whole) as archive:
        readme = archive.read("README.txt").decode()
    commands = [line.strip() for line in readme.splitlines() if line.strip().startswith("python3 ")]
    assert len(commands) == 3
    shutil.copy(whole, tmp_path / "my export.zip")
    for command in commands:
        command = command.replace("python3", sys.executable).replace("ARCHIVE.zip", "'my export.zip'")
        done = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"


def test_the_commands_of_a_proofs_readme_run(log, tmp_path) -> None:
    path = archive_of(log, tmp_path / "log.xes.proof.zip", files={"log.xes": b"<log/>"})
    with zipfile.ZipFile(path) as archive:
        readme = archive.read("README.txt").decode()
    for line in readme.splitlines():
        if line.strip().startswith("python3 "):
            command = line.strip().replace("python3", sys.executable).replace("FILE", "log.xes")
            done = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True, text=True)
            assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"


def test_archives_bring_the_verifier_along(whole) -> None:
    with zipfile.ZipFile(whole) as archive:
        assert archive.read("audit/verify.py") == VERIFIER.read_bytes()


def test_wrong_arguments_end_with_two(whole) -> None:
    assert verify(whole, "--no-such-option").returncode == 2
