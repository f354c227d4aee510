"""Exports of every kind, small, and loading them by the command."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from audit.models import Event, Project

GOLDEN = Path(__file__).parents[3] / "golden"
Run = Callable[..., str]


def write(folder: Path, files: dict[str, bytes]) -> Path:
    """A folder with these files."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    """A zip with these members."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def redbrick_files() -> dict[str, bytes]:
    """A folder as `redbrick export` writes it; masks are gzips that hold anything."""
    tasks = (GOLDEN / "redbrick" / "tasks.json").read_bytes()
    found = {"tasks.json": tasks}
    for task in json.loads(tasks):
        for part in (task, task.get("superTruth") or {}, *task.get("consensusTasks", [])):
            for series in part.get("series", []):
                names = series.get("segmentations") or []
                for name in [names] if isinstance(names, str) else names:
                    path = name[name.index("segmentations/") :]
                    found[path] = gzip.compress(path.encode(), mtime=0)
    return found


EXPORTS: dict[str, Callable[[Path], Path]] = {
    "labelstudio": lambda folder: GOLDEN / "labelstudio" / "history.json",
    "redbrick-export": lambda folder: write(folder / "redbrick", redbrick_files()),
    "kili": lambda folder: GOLDEN / "kili_export",
    "labelbox": lambda folder: GOLDEN / "labelbox" / "image.ndjson",
    "diffgram": lambda folder: GOLDEN / "diffgram" / "export.json",
    "isahit": lambda folder: GOLDEN / "isahit" / "lab.json",
}


@pytest.fixture(params=EXPORTS)
def export(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Path]:
    """Each kind with an export of it."""
    return request.param, EXPORTS[request.param](tmp_path)


@pytest.fixture
def run(db: None) -> Run:
    """What the command says of a load into "Loaded", results and notes."""

    def call(path: Path, *arguments: str) -> str:
        out, notes = io.StringIO(), io.StringIO()
        call_command("load", str(path), "--project", "Loaded", *arguments, stdout=out, stderr=notes)
        return out.getvalue() + notes.getvalue()

    return call


@pytest.fixture
def refusal(run: Run) -> Run:
    """Why the command refuses a load; that it recorded nothing is checked."""

    def call(path: Path, *arguments: str) -> str:
        before = Event.objects.count()
        with pytest.raises(CommandError) as caught:
            run(path, *arguments)
        assert Event.objects.count() == before
        return str(caught.value)

    return call


@pytest.fixture
def project(db: None) -> Callable[[], Project]:
    """The project into which `run` loads."""
    return lambda: Project.objects.get(name="Loaded")


@pytest.fixture
def redbrick(tmp_path: Path) -> Path:
    """A folder as `redbrick export` writes it."""
    return EXPORTS["redbrick-export"](tmp_path)
