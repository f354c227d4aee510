from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from exports.archive import VERIFIER
from exports.reports import evidence
from exports.reports.definition import Options
from exports.reports.service import make_report
from tests.factories import make_project, worked_task


@pytest.fixture(autouse=True)
def _few_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Logs of more than ten events are long here."""
    monkeypatch.setattr(evidence, "MAX_ENTRIES", 10)


def check(path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-I", VERIFIER, path], capture_output=True, text=True, check=False)


@pytest.mark.django_db
def test_the_proof_binds_the_pdf_to_every_event(tmp_path: Path) -> None:
    project = make_project(worked_task("A") + worked_task("B", 500))
    report = make_report(project, output=tmp_path / "r.pdf")
    assert [file["name"] for file in report.files] == ["r.pdf", "r.pdf.proof.zip"]
    told = check(tmp_path / "r.pdf")
    assert told.returncode == 0, told.stdout + told.stderr
    assert "16, and they give the signed root" in told.stdout
    data = bytearray((tmp_path / "r.pdf").read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / "r.pdf").write_bytes(data)
    assert check(tmp_path / "r.pdf").returncode == 1


@pytest.mark.django_db
def test_without_names_the_proof_has_no_payloads_and_texts(tmp_path: Path) -> None:
    project = make_project(worked_task("A") + worked_task("B", 500))
    make_report(project, options=Options(redact=True), output=tmp_path / "r.pdf")
    with zipfile.ZipFile(tmp_path / "r.pdf.proof.zip") as box:
        assert box.read("audit/disclosures/000000.jsonl") == b""
    assert check(tmp_path / "r.pdf").returncode == 0
