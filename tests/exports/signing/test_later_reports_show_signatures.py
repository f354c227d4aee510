"""The section of signatures: what was signed before the report's size, by the names that may be shown."""

from __future__ import annotations

import pytest

from audit.erase import erase_person
from audit.models import Person, Project, Task
from exports.models import Report, Signature
from exports.reports import page
from exports.reports.definition import Options
from exports.reports.gather import Gathered, gather
from exports.reports.service import resolve
from tests.exports.signing.conftest import Sign


def gathered(project: Project, task: Task | None = None, as_of: int | None = None, *, redact: bool = False) -> Gathered:
    return gather(resolve(project, task, as_of, Options(redact=redact)))


def test_a_report_shows_what_was_signed_before_its_size_and_no_more(
    sign: Sign, project: Project, report: Report
) -> None:
    sign("reviewed")
    first = Signature.objects.get().event.index
    sign("approved")
    found = gathered(project, as_of=first + 1)
    (signature,) = found.signatures
    assert signature.index == first
    assert (signature.who, signature.meaning) == ("Helena Brandt", "reviewed")
    assert (signature.report, signature.of, signature.as_of) == (str(report.pk), None, report.as_of)
    assert signature.sha256 == report.files[0]["sha256"]
    assert [one.meaning for one in gathered(project).signatures] == ["reviewed", "approved"]
    assert gathered(project, as_of=first).signatures == ()


def test_a_dossier_shows_them_as_well(sign: Sign, project: Project) -> None:
    sign("reviewed")
    assert len(gathered(project, Task.objects.get(project=project)).signatures) == 1


def test_an_edition_without_names_shows_pseudonyms(sign: Sign, project: Project) -> None:
    sign("reviewed")
    signer = Person.objects.get(events__type="report.signed")
    assert gathered(project, redact=True).signatures[0].who == signer.pseudonym


def test_an_erased_signer_is_a_pseudonym(sign: Sign, project: Project) -> None:
    sign("reviewed")
    signer = Person.objects.get(events__type="report.signed")
    erase_person(signer.identity, reason="left", with_texts=True)
    (signature,) = gathered(project).signatures
    assert (signature.who, signature.meaning) == (signer.pseudonym, "reviewed")


@pytest.mark.parametrize("times", [0, 1])
def test_the_section_says_so_when_there_are_none(sign: Sign, project: Project, times: int) -> None:
    for _ in range(times):
        sign("approved")
    printed = page.fill(
        "signatures.html",
        {
            "facts": gathered(project),
            "numbers": {"signatures": 9},
            "printed_signatures": gathered(project).signatures,
            "other_signatures": 0,
        },
    )
    assert ("No signatures recorded." in printed) == (times == 0)
    assert ("approved" in printed) == (times == 1)
