"""The renderer fetches its stylesheets and fonts, by exact path; anything else ends the report."""

import json
from pathlib import Path

import pytest

from exports.reports import glyphs
from exports.reports.process import Limits, RenderError
from exports.reports.render import render

NONE = glyphs.Coverage((), ())


def rendered(html: str, folder: Path) -> Path:
    folder.mkdir()
    from tests.exports.reports.conftest import ISSUED

    return render(html, NONE, [], folder=folder, issued=ISSUED, letter=False, limits=Limits(2048, 120)).path


def page(body: str) -> str:
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>t</title></head><body>{body}</body></html>'
    )


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/hostname",
        "http://127.0.0.1:9/x.png",
        "https://example.org/x.png",
        "data:image/png;base64,AAAA",
        "job.json",
    ],
)
def test_it_refuses_a_picture_from_elsewhere(tmp_path, address):
    with pytest.raises(RenderError, match=r"refers to .* not one of its own files"):
        rendered(page(f'<img alt="x" src="{address}">'), tmp_path / "r")


def test_it_refuses_a_stylesheet_and_an_attachment_from_elsewhere(tmp_path):
    with pytest.raises(RenderError, match="not one of its own files"):
        rendered(page('<link rel="stylesheet" href="file:///etc/passwd">'), tmp_path / "a")
    with pytest.raises(RenderError, match="not one of its own files"):
        rendered(page('<link rel="attachment" href="file:///etc/passwd">'), tmp_path / "b")


def test_it_refuses_a_file_beside_its_own(tmp_path):
    outside = tmp_path / "secret.css"
    outside.write_text("p { color: red }")
    with pytest.raises(RenderError, match="secret"):
        rendered(page('<link rel="stylesheet" href="../secret.css">'), tmp_path / "r")


def test_it_is_given_no_environment_of_ours(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    folder = tmp_path / "r"
    seen = {}
    import subprocess

    original = subprocess.Popen

    def watched(*args, **more):
        seen.update(more["env"])
        return original(*args, **more)

    monkeypatch.setattr("exports.reports.process.subprocess.Popen", watched)
    rendered(page("<p>x</p>"), folder)
    assert set(seen) == {"PATH", "LANG", "HOME", "TMPDIR", "RAYON_NUM_THREADS"}
    assert json.loads((folder / "result.json").read_text())["pages"] == 1
