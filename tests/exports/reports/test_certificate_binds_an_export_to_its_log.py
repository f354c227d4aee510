"""A certificate prints what the export's file says of itself, once the file has been checked."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from audit.models import Log
from exports.management.commands import certificate as command
from exports.reports.certificate import certificate, write_certificate
from exports.run import make_export
from exportsite.exits import FAILED, WRONG_REQUEST
from exportsite.jobs import RunFailed
from exportsite.problems import WrongRequest
from tests.factories import make_project, worked_task

pytestmark = pytest.mark.django_db
needs_pdftotext = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")


@pytest.fixture
def export(tmp_path: Path) -> Any:
    project = make_project(worked_task(), name="Liver <b>lesions</b>")
    return make_export(project, "trail", output=tmp_path / "liver.zip")


@needs_pdftotext
def test_one_page_holds_the_hash_of_the_file_and_the_root_of_the_log(export, tmp_path):
    path = write_certificate(export)
    assert path == tmp_path / "liver.zip.certificate.pdf"
    text = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, text=True, check=True).stdout
    packed = re.sub(r"\s", "", text)
    log = Log.objects.get(project=export.project)
    said = certificate(export)
    assert sha256((tmp_path / "liver.zip").read_bytes()).hexdigest() in packed
    assert said.root in packed
    assert f"size{log.size}" in packed
    assert "Liver<b>lesions</b>" in packed
    with pikepdf.open(path) as pdf:
        assert len(pdf.pages) == 1
        assert bool(pdf.Root.MarkInfo.Marked)
        assert str(pdf.Root.Lang) == "en"
        assert str(pdf.docinfo["/Title"]) == "Export certificate: liver.zip"


def test_the_command_it_prints_verifies_the_file(export, tmp_path):
    with zipfile.ZipFile(tmp_path / "liver.zip") as box:
        (tmp_path / "verify.py").write_bytes(box.read("audit/verify.py"))
    done = subprocess.run(
        certificate(export).command, shell=True, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.rstrip().endswith("HOLDS")


def test_a_file_with_its_proof_beside_it_is_certified_with_both(tmp_path):
    project = make_project(worked_task())
    export = make_export(project, "xes", output=tmp_path / "log.xes")
    said = certificate(export)
    assert [file.name for file in said.files] == ["log.xes", "log.xes.proof.zip"]
    for paper in ("a4", "letter"):
        with pikepdf.open(write_certificate(export, tmp_path / f"{paper}.pdf", paper=paper)) as pdf:
            assert len(pdf.pages) == 1


def test_the_same_export_gives_the_same_bytes(export, tmp_path):
    first = write_certificate(export, tmp_path / "a.pdf").read_bytes()
    assert write_certificate(export, tmp_path / "b.pdf").read_bytes() == first


def test_a_file_that_was_changed_gets_no_certificate(export, tmp_path):
    data = bytearray((tmp_path / "liver.zip").read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / "liver.zip").write_bytes(data)
    with pytest.raises(RunFailed, match="is not the file that the export published"):
        write_certificate(export)
    assert not list(tmp_path.glob("*.pdf"))


def test_an_archive_of_another_log_gets_no_certificate(export, tmp_path):
    other = make_export(make_project(worked_task()), "trail", output=tmp_path / "other.zip")
    export.files = other.files
    with pytest.raises(RunFailed, match="is not the archive that this export made"):
        certificate(export)


def test_a_file_that_is_no_longer_kept_gets_no_certificate(export, tmp_path):
    (tmp_path / "liver.zip").unlink()
    with pytest.raises(RunFailed, match="no longer kept"):
        certificate(export)


def test_an_export_that_failed_has_nothing_to_certify(export):
    export.state = "failed"
    with pytest.raises(WrongRequest, match="only one that succeeded"):
        certificate(export)


def test_a_certificate_does_not_overwrite_what_stands_there(export, tmp_path):
    (tmp_path / "mine.pdf").write_bytes(b"mine")
    with pytest.raises(WrongRequest, match="--force overwrites it"):
        write_certificate(export, tmp_path / "mine.pdf")
    assert (tmp_path / "mine.pdf").read_bytes() == b"mine"


@pytest.mark.parametrize("how", ["id", "start", "file"])
def test_the_command_finds_the_export_and_prints_the_path(export, tmp_path, how, monkeypatch):
    made = []
    monkeypatch.setattr(command, "write_certificate", lambda *given, **more: made.append((given, more)) or given[1])
    name = {"id": str(export.pk), "start": str(export.pk)[:8], "file": "liver.zip"}[how]
    out = io.StringIO()
    call_command("certificate", name, "-o", str(tmp_path / "c.pdf"), "--paper", "letter", stdout=out)
    assert out.getvalue().strip() == str(tmp_path / "c.pdf")
    assert made == [((export, tmp_path / "c.pdf"), {"paper": "letter", "force": False})]


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["nothing"], WRONG_REQUEST, "There is no export 'nothing'"),
        (["EXPORT", "--paper", "a5"], WRONG_REQUEST, "a4 or letter"),
        (["EXPORT", "-o", "c.txt"], WRONG_REQUEST, "must end so"),
        (["GONE"], FAILED, "no longer kept"),
    ],
)
def test_the_command_says_what_is_wrong(export, arguments, code, text):
    if arguments[0] == "GONE":
        Path(export.files[0]["path"]).unlink()
    named = [str(export.pk) if word in ("EXPORT", "GONE") else word for word in arguments]
    with pytest.raises(CommandError, match=text) as raised:
        call_command("certificate", *named)
    assert raised.value.returncode == code
