"""The commands that a report prints run on the files inside it, and print what the report says they print."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pikepdf
import pytest

from audit.models import Event
from exports.reports import evidence, page
from exports.reports.definition import Options, define
from exports.reports.gather import gather
from exports.reports.service import make_report, resolve
from exportsite.jobs import RunFailed
from tests.factories import make_event, make_project, worked_task

pytestmark = pytest.mark.django_db


def unpack(pdf: Path, folder: Path) -> list[str]:
    folder.mkdir()
    with pikepdf.open(pdf) as opened:
        for name, item in opened.attachments.items():
            (folder / name).write_bytes(item.get_file().read_bytes())
        return sorted(opened.attachments)


def verify(folder: Path, command: str) -> subprocess.CompletedProcess[str]:
    words = shlex.split(command)
    assert words[:3] == ["python3", "-I", "verify.py"]
    return subprocess.run(
        [sys.executable, *words[1:]], cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False
    )


def evidence_of(project, task=None, **options):
    asked = Options(**options)
    subject = resolve(project, task, None, asked)
    gathered = gather(subject)
    return evidence.collect(subject, define(subject, asked, gathered.findings), gathered)


def test_a_project_report_verifies_as_it_says(tmp_path):
    project = make_project(worked_task("T1") + worked_task("T2", 300))
    report = make_report(project, output=tmp_path / "report.pdf")
    names = unpack(tmp_path / "report.pdf", tmp_path / "files")
    assert {"checkpoint.note", "entries.jsonl", "definition.json", "verify.py"} <= set(names)
    printed = evidence_of(project).integrity
    done = verify(tmp_path / "files", printed.command)
    assert done.returncode == 0
    assert done.stdout.rstrip("\n") == printed.output
    assert done.stdout.rstrip().endswith("HOLDS")
    assert report.pages > 5


def test_the_page_prints_that_command_and_that_output(sample):
    from dataclasses import replace

    project = make_project(worked_task())
    integrity = evidence_of(project).integrity
    html, _ = page.write(replace(sample(), integrity=integrity))
    shown = re.findall(r"<pre>(.*?)</pre>", html, re.DOTALL)
    plain = [
        text.replace("&#x27;", "'").replace("&quot;", '"').replace("&lt;", "<").replace("&amp;", "&") for text in shown
    ]
    assert integrity.command in plain
    assert integrity.output in plain


def test_a_changed_entry_no_longer_verifies(tmp_path):
    found = evidence_of(make_project(worked_task()))
    for item in found.attached:
        (tmp_path / item.name).write_bytes(item.data.replace(b"task.submitted", b"task.submittee"))
    assert verify(tmp_path, found.integrity.command).returncode == 1


def test_a_dossier_of_a_long_log_carries_its_entries_with_proofs(tmp_path, monkeypatch):
    monkeypatch.setattr(evidence, "MAX_ENTRIES", 10)
    project = make_project(worked_task("T1") + worked_task("T2", 300) + worked_task("T3", 600))
    task = project.task_set.get(external_id="T2")
    found = evidence_of(project, task)
    assert found.integrity.entries == "selection"
    assert found.integrity.attached_entries == 8
    for item in found.attached:
        (tmp_path / item.name).write_bytes(item.data)
    assert (tmp_path / "entries.jsonl").read_bytes().count(b"\n") == 8
    done = verify(tmp_path, found.integrity.command)
    assert (done.returncode, done.stdout.rstrip("\n")) == (0, found.integrity.output)


def test_a_report_of_a_long_log_leaves_the_entries_to_the_archive(monkeypatch, sample):
    from dataclasses import replace

    monkeypatch.setattr(evidence, "MAX_ENTRIES", 10)
    found = evidence_of(make_project(worked_task("T1") + worked_task("T2", 300)))
    assert found.integrity.entries == "none"
    assert not [item for item in found.attached if item.name.startswith(("entries", "proof"))]
    html, _ = page.write(replace(sample(), integrity=found.integrity))
    assert "The entries are in the archive" in html
    assert "report.pdf.proof.zip" in html


def test_a_log_that_does_not_verify_gets_no_report(tmp_path, monkeypatch):
    project = make_project(worked_task())
    first = Event.objects.filter(log__project=project).order_by("id").values_list("envelope", flat=True).first()
    real = evidence._entries

    def changed(subject, which):
        for item in real(subject, which):
            yield evidence.Attached(
                item.name, item.description, item.relationship, item.data.replace(bytes(first), b"{}")
            )

    monkeypatch.setattr(evidence, "_entries", changed)
    with pytest.raises(RunFailed, match="does not verify"):
        make_report(project, output=tmp_path / "report.pdf")
    assert not (tmp_path / "report.pdf").exists()


def test_what_the_report_prints_of_payloads_can_be_checked_against_the_entries(tmp_path):
    project = make_project(worked_task())
    found = evidence_of(project)
    assert "disclosures.jsonl" in {item.name for item in found.attached}
    assert re.search(r"ok +disclosures", found.integrity.output)


def test_a_name_that_a_spreadsheet_would_run_is_defused():
    from audit.sources.base import PersonRef

    evil = PersonRef("x@example.org", name="=HYPERLINK(1)")
    found = evidence_of(make_project([make_event(actor=evil)]))
    people = next(item.data for item in found.attached if item.name == "people.csv").decode()
    assert ",'=HYPERLINK(1)," in people
