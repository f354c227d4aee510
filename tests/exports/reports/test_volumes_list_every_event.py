"""A report that is too short for its events lists them in volumes beside it, and names each with its hash."""

from __future__ import annotations

import re
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from exports.reports import gather as gathering
from exports.reports import listing, process, volumes
from exports.reports.definition import Options
from exports.reports.gather import context_of, events_of, gather
from exports.reports.process import Limits, RenderError
from exports.reports.service import make_report, resolve
from exportsite.jobs import Cancelled
from tests.exports.reports.conftest import ISSUED
from tests.factories import AMARA, MEI, make_event, make_project, worked_task

pytestmark = pytest.mark.django_db
needs_pdftotext = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
HOSTILE = '#import "@preview/x:1.0.0" \\#eval("1") <img src="file:///etc/hostname"> $x$ *b* _i_ http://127.0.0.1:9/'


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten events are many here, and a volume holds seven."""
    monkeypatch.setattr(gathering, "MAX_ROWS", 10)
    monkeypatch.setattr(listing, "VOLUME_ROWS", 7)


def text_of(path: Path, *how: str) -> str:
    return subprocess.run(["pdftotext", *how, str(path), "-"], capture_output=True, text=True, check=True).stdout


def built(project: Any, folder: Path, *, redact: bool = False, paper: Any = "a4", **more: Any) -> list[volumes.Volume]:
    subject = resolve(project, None, None, Options(redact=redact))
    about = volumes.About("Report", "Liver", ISSUED, "as of", paper, redact, subject.as_of, "0123456789abcdef" * 4)
    limits = more.pop("limits", Limits(2048, 120))
    context = context_of(subject, more.pop("check", lambda: None))
    return volumes.build(events_of(subject), context, about, folder=folder, limits=limits, **more)


@needs_pdftotext
@pytest.mark.usefixtures("short")
def test_the_report_names_each_volume_with_its_hash_and_together_they_hold_every_event(tmp_path):
    project = make_project(worked_task("A") + worked_task("B", 500))
    report = make_report(project, output=tmp_path / "r.pdf")
    names = ["r.pdf", "r.volume-002.pdf", "r.volume-003.pdf", "r.volume-004.pdf"]
    assert [file["name"] for file in report.files] == names
    printed = re.sub(r"\s", "", text_of(tmp_path / "r.pdf"))
    leaves = set()
    for name in names[1:]:
        assert sha256((tmp_path / name).read_bytes()).hexdigest() in printed
        leaves |= set(re.findall(r"\b[0-9a-f]{12}$", text_of(tmp_path / name, "-layout"), re.MULTILINE))
    assert len(leaves) == project.log.size == 16


@pytest.mark.usefixtures("short")
def test_a_report_prints_the_tasks_that_findings_name_when_volumes_list_the_rest():
    own = [make_event("C", "task.submitted", 900), make_event("C", "review.accepted", 910, AMARA, stage="Review")]
    project = make_project([*own, *worked_task("A"), *worked_task("B", 5000)])
    printed = gather(resolve(project, None, None, Options())).printed
    assert printed.listed
    assert next(trail.external_id for trail in printed.trails) == "C"


@pytest.mark.usefixtures("short")
def test_more_events_than_volumes_hold_are_left_to_the_archive(monkeypatch):
    monkeypatch.setattr(listing, "MAX_VOLUMES", 2)
    printed = gather(resolve(make_project(worked_task("A") + worked_task("B", 500)), None, None, Options())).printed
    assert not printed.listed
    assert printed.left_events == 8


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A volume of texts that try to be something else."""
    project = make_project([
        make_event("T1", "task.created", 0, name_of("\u202egnp.exe")),
        make_event("T1", "comment.added", 1, AMARA, text=HOSTILE),
        make_event("T1", "comment.added", 2, AMARA, text="a\u0000b\u001b[2Jc\u202ed\u2068e\u200bf"),
        make_event("T1", "comment.added", 3, AMARA, text="x" * 100_000),
        make_event("T1", "comment.added", 4, AMARA, text="ליאור כהן ו־أحمد", stage="ž" * 1_000),
        make_event("T1", "comment.added", 5, AMARA, text="Δημήτρης Олена Nguyễn Thị Hồng"),
        make_event("T1", "comment.added", 6, AMARA, text="𓀀 and \U0010fffd"),
        make_event('"; #panic("x") //', "comment.added", 7, AMARA, payload={"#set": "`raw`"}),
    ])  # fmt: skip
    made = built(project, tmp_path / "volumes")
    assert len(made) == 1
    return made[0].path


def name_of(name: str) -> Any:
    return type(MEI)("x@example.org", email="x@example.org", name=name)


@needs_pdftotext
def test_markup_addresses_and_controls_are_printed_as_they_are(hostile):
    text = re.sub(r"\s", "", text_of(hostile).replace("\u200b", ""))
    assert '#import"@preview/x:1.0.0"\\#eval("1")<imgsrc="file:///etc/hostname">$x$*b*_i_http://127.0.0.1:9/' in text
    # The log keeps a NUL of a text as U+FFFD.
    assert "a\ufffdb‹U+001B›[2Jc‹U+202E›d‹U+2068›e‹U+200B›f" in text
    assert "‹U+202E›gnp.exe" in text
    assert "(99,400morecharacters)" in text
    assert '";#panic("x")//' in text
    assert "ΔημήτρηςОленаNguyễnThịHồng" in text
    assert "‹U+10FFFD›" in text
    assert "#set:`raw`" in text


def test_a_volume_is_tagged_has_a_title_and_a_language_and_embeds_its_fonts(hostile):
    with pikepdf.open(hostile) as pdf:
        assert bool(pdf.Root.MarkInfo.Marked)
        assert str(pdf.Root.Lang) == "en"
        assert str(pdf.docinfo["/Title"]).startswith("Report: volume 2 of 2, T1")
        assert str(pdf.docinfo["/CreationDate"]).startswith("D:20260814220006")
        with pdf.open_metadata() as metadata:
            assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "A")
            assert metadata["pdfuaid:part"] == "1"
        elements = [item for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and "/S" in item]
        heads = [item for item in elements if item.get("/S") == "/TH"]
        assert len(heads) > 9
        fonts = [item for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/Font"]
        names = {str(item.BaseFont).partition("+")[2] for item in fonts}
        assert {"IBMPlexSansCond", "IBMPlexSansCond-SmBld", "IBMPlexSerif-Regular"} <= {
            name.removesuffix("-Identity-H") for name in names
        }
        assert all("Libertinus" not in name and "DejaVu" not in name for name in names)
        described = [
            item
            for item in pdf.objects
            if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/FontDescriptor"
        ]
        assert described
        assert all("/FontFile2" in item or "/FontFile3" in item for item in described)
        assert not pdf.is_encrypted


@pytest.mark.skipif(shutil.which("qpdf") is None, reason="qpdf is not installed")
def test_qpdf_finds_no_fault_in_a_volume(hostile):
    done = subprocess.run(["qpdf", "--check", str(hostile)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_two_runs_give_the_same_bytes_and_letter_gives_others(tmp_path):
    project = make_project(worked_task())
    first, again = built(project, tmp_path / "a"), built(project, tmp_path / "b")
    assert first[0].sha256 == again[0].sha256
    letter = built(project, tmp_path / "c", paper="letter")[0]
    with pikepdf.open(letter.path) as pdf:
        assert [float(edge) for edge in pdf.pages[0].MediaBox] == [0, 0, 792, 612]


@needs_pdftotext
def test_without_names_a_volume_has_neither_names_nor_texts(tmp_path):
    project = make_project(worked_task())
    text = text_of(built(project, tmp_path / "v", redact=True)[0].path)
    assert "Edition without names" in text
    assert "withheld" in text
    assert not any(secret in text for secret in ("Amara", "Mei", "Lesion", "example.org"))


def test_too_little_memory_is_named(tmp_path):
    with pytest.raises(RenderError, match=r"needed more than 40 MiB of memory: .* LABELTRAIL_REPORT_MEMORY_MIB"):
        built(make_project(worked_task()), tmp_path / "v", limits=Limits(40, 120))


def test_too_little_time_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(process.time, "monotonic", iter(range(0, 10_000_000, 1_000)).__next__)
    with pytest.raises(RenderError, match=r"took more than 60 seconds: .* LABELTRAIL_REPORT_SECONDS"):
        built(make_project(worked_task()), tmp_path / "v", limits=Limits(2048, 60))


def test_a_cancelled_report_leaves_no_renderer_behind(tmp_path, monkeypatch):
    started = []

    class Watched(volumes.Child):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            started.append(self)

    def check() -> None:
        if started:
            raise Cancelled

    monkeypatch.setattr(volumes, "Child", Watched)
    with pytest.raises(Cancelled):
        built(make_project(worked_task()), tmp_path / "v", check=check)
    assert started
    assert all(child._process.returncode is not None for child in started)


@pytest.mark.parametrize(("mebibytes", "cores", "at_once"), [(2048, 8, 2), (2048, 1, 1), (600, 8, 1), (8192, 4, 4)])
def test_no_more_volumes_at_a_time_than_memory_and_cores_allow(monkeypatch, mebibytes, cores, at_once):
    monkeypatch.setattr(volumes.os, "sched_getaffinity", lambda _: set(range(cores)))
    assert volumes.workers(Limits(mebibytes, 60)) == at_once
