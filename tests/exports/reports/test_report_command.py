"""`manage.py report`: a path on stdout, exit codes, and files that are not overwritten by mistake."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from exports.models import Report
from tests.factories import make_event, make_project

pytestmark = pytest.mark.django_db


def report(*words: str) -> str:
    out = StringIO()
    call_command("report", *words, stdout=out, stderr=StringIO())
    return out.getvalue().strip()


def refused(*words: str) -> str:
    with pytest.raises(CommandError) as caught:
        report(*words)
    assert caught.value.returncode == 2
    return str(caught.value)


@pytest.fixture
def project():
    return make_project([make_event(), make_event(minute=1, type_="task.saved")], name="Liver lesions")


def test_it_makes_folders_and_prints_the_path(project, tmp_path):
    target = tmp_path / "a" / "b" / "liver.pdf"
    assert report("Liver lesions", "-o", str(target)) == str(target)
    assert target.read_bytes().startswith(b"%PDF-1.7")
    assert [path.name for path in target.parent.iterdir()] == ["liver.pdf"]
    row = Report.objects.get()
    assert (row.state, row.as_of, row.task, row.files[0]["bytes"]) == ("succeeded", 2, None, target.stat().st_size)
    assert row.resolved["kind"] == "project"


def test_without_a_path_the_file_has_its_own_name(project, settings, tmp_path):
    settings.LABELTRAIL_ARTEFACTS = tmp_path / "artefacts"
    told = json.loads(report("Liver lesions", "--task", "T1", "--json"))
    row = Report.objects.get()
    assert told["id"] == str(row.pk)
    (file,) = told["files"]
    assert row.files == [file]
    assert file["name"].startswith(f"liver-lesions_report_{row.pk}_")
    assert file["name"].endswith("Z.pdf")
    assert told["task"] == row.task_id
    assert (tmp_path / "artefacts" / file["name"]).stat().st_size == file["bytes"]


def test_it_overwrites_only_when_told_to(project, tmp_path):
    target = tmp_path / "liver.pdf"
    target.write_text("mine")
    assert "exists: --force overwrites it" in refused("Liver lesions", "-o", str(target))
    assert target.read_text() == "mine"
    report("Liver lesions", "-o", str(target), "--force")
    assert target.read_bytes().startswith(b"%PDF")


def test_it_refuses_a_wrong_suffix_by_name(project, tmp_path):
    assert "liver.docx: a report is a .pdf file" in refused("Liver lesions", "-o", str(tmp_path / "liver.docx"))
    assert not Report.objects.exists()


@pytest.mark.parametrize("size", ["0", "3", "-1"])
def test_it_refuses_a_size_that_the_log_never_had(project, size):
    assert "The log has 2 events" in refused("Liver lesions", "--as-of", size)


def test_it_refuses_a_task_that_was_not_there_yet(project):
    late = make_project([make_event("T1"), make_event("T2", minute=1)])
    assert "begins with event 1" in refused(late.name, "--task", "T2", "--as-of", "1")


def test_it_refuses_an_empty_project():
    assert "no events yet" in refused(make_project(signed=False).name)


def test_it_refuses_unknown_names_and_papers(project):
    assert "no project" in refused("Lever lesions")
    assert "T7" in refused("Liver lesions", "--task", "T7")
    assert "a4 or letter" in refused("Liver lesions", "--paper", "a5")


def test_a_failed_report_says_so_in_its_row(project, settings, tmp_path):
    settings.REPORT_MEMORY_MIB = 64
    with pytest.raises(CommandError, match="needed more than 64 MiB") as caught:
        report("Liver lesions", "-o", str(tmp_path / "liver.pdf"))
    assert caught.value.returncode == 1
    row = Report.objects.get()
    assert (row.state, row.files) == ("failed", [])
    assert "needed more than 64 MiB" in row.error["text"]
    assert list(tmp_path.iterdir()) == []


def test_letter_paper_is_letter_paper(project, tmp_path):
    import pikepdf

    report("Liver lesions", "--paper", "letter", "--redact", "-o", str(tmp_path / "liver.pdf"))
    with pikepdf.open(tmp_path / "liver.pdf") as pdf:
        assert [float(side) for side in pdf.pages[0].MediaBox] == pytest.approx([0, 0, 612, 792])
