"""A report of every section, made by hand: for what does not depend on the database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from exports.reports import facts, figures, page
from exports.reports.evidence import listed
from exports.reports.facts import Facts
from exports.reports.process import Limits
from exports.reports.render import Attached, Rendered, render
from exports.reports.rows import Change, Printed, Row, Trail

ISSUED = datetime(2026, 8, 14, 22, 0, 6, tzinfo=UTC)
START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
ATTACHED = (
    Attached("checkpoint.note", "Signed checkpoint", "Data", b"note\n"),
    Attached("entries.jsonl", "Entries", "Data", b'{"index":0,"envelope":{}}\n'),
    Attached("definition.json", "Definition", "Data", b"{}"),
    Attached("verify.py", "Verifier", "Supplement", b"print()\n"),
)


def make_row(n: int, **more: Any) -> Row:
    values: dict[str, Any] = {
        "n": n,
        "index": n - 1,
        "occurred": START + timedelta(hours=n),
        "local": None,
        "who": "Amara Okafor",
        "stage": "Label",
        "to_stage": None,
        "event": "task.submitted",
        "derived": False,
        "superseded": False,
        "owes": True,
        "late": False,
        "changes": (Change("", "Label", "Review"),),
        "more_changes": 0,
        "withheld": "",
        "text": None,
        "text_withheld": "",
        "reason_due": False,
    }
    return Row(**(values | more))


def make_facts(**more: Any) -> Facts:
    """Facts of a task with three events; any of them can be replaced."""
    rows = (
        make_row(1),
        make_row(2, event="review.rejected", stage="Review", text="Lesion 2 is missing.", reason_due=True),
        make_row(3, occurred=None, who=None, stage=None, reason_due=True, event="review.accepted"),
    )
    trail = Trail("T-1", "CT 1", "Review", "accepted", 1_800_000, 3, rows)
    values: dict[str, Any] = {
        "title": "Task dossier: CT 1",
        "issued": ISSUED,
        "scope": facts.Scope("Liver", "liver", "file: liver", "", "CT 1", "T-1", 1, 3, 0, START, ISSUED),
        "derived": 0,
        "superseded": 0,
        "redacted": False,
        "paper": "a4",
        "program": "Labeltrail 0",
        "definition": (("as_of", "3"),),
        "definition_sha256": "ab" * 32,
        "people": (
            facts.Person("a" * 16, "Amara Okafor", "", (("task.submitted", 1),), 0, 1, 1, 1_800_000, START, START),
            facts.Person("b" * 16, None, "", (), 0, 0, 0, None, None, None),
        ),
        "nobody": (figures.Count("system", 1), figures.Count("unknown", 1)),
        "process": figures.Process(
            (figures.Stage("Label", 0, 2, 1, 1_800_000), figures.Stage("Review", 1, 1, 1, None)),
            (figures.Transition("Label", "Review", 1, figures.Wait(1, 50, 50, 50)),),
            (figures.Count("task.submitted", 2),),
            0,
            "week",
            (figures.Bin("2 Mar", 3), figures.Bin("9 Mar", 0)),
        ),
        "completeness": facts.Completeness(
            (facts.Check("Events", "log size", 3, 3, "agrees"),),
            (facts.Missing("Who did it", 1, 3, (2,)), facts.Missing("Stage", 0, 3, ())),
            (facts.SourceRead(2, ISSUED, "liver.csv", "cd" * 32, 3, 3),),
            0,
        ),
        "quality": figures.Quality(
            figures.Decisions(None, 1, 0, 1, (0.09, 0.91)),
            (figures.Decisions("Review", 1, 0, 1, (0.09, 0.91)), figures.Decisions(None, 0, 1, 0, (0.0, 0.79))),
            (figures.Decisions("Amara Okafor", 1, 0, 1, (0.09, 0.91)),),
            (figures.Count("0", 1), figures.Count("1", 1)),
            (figures.Count("Issues opened", 1),),
            (
                figures.VisitClass("Label", 2, (10, 20, 30, 40, 50), None),
                figures.VisitClass("Review", 1, (9,) * 5, 3.2),
            ),
            "active seconds",
        ),
        "time": figures.ActiveTime(
            1_800_000,
            1,
            (figures.Count("the file’s column", 1),),
            0,
            (figures.TimeSum("Amara Okafor", 1_200_000, 1), figures.TimeSum(None, 600_000, 1)),
            (figures.TimeSum("Label", 1_800_000, 1),),
        ),
        "findings": (
            facts.Finding("SOD-1", 1, "critical", "The same person.", "reviews", 2, 1, (("T-1", 1),), (("T-1", 1),)),
            facts.Finding("ORD-1", 1, "minor", "Later.", "events", 3, 0, ()),
        ),
        "printed": Printed((trail,), 0, 0, cut=False),
        "signatures": (
            facts.Signature(2, ISSUED, "Amara Okafor", "approved", "5b8d3c1e", "T-1", 2, "ef" * 32),
            facts.Signature(1, START, None, None, None, None, None, None),
        ),
        "integrity": facts.Integrity(
            "trail.example.org/a/b",
            3,
            "0123456789abcdef" * 4,
            "YWJj",
            "note\n",
            "key+1+x",
            "1",
            "all",
            3,
            "true",
            "HOLDS",
        ),
        "attached": listed(ATTACHED),
    }
    return Facts(**(values | more))


@pytest.fixture
def sample() -> Callable[..., Facts]:
    """Makes the hand-made facts, with what is given in their place."""
    return make_facts


@pytest.fixture
def printed(tmp_path: Path) -> Callable[..., Rendered]:
    """Renders facts to a PDF with the sample's attached files."""
    made = 0

    def make(facts_: Facts, *, memory_mib: int = 2048, seconds: int = 120) -> Rendered:
        nonlocal made
        made += 1
        folder = tmp_path / f"render-{made}"
        folder.mkdir()
        return write(facts_, folder, Limits(memory_mib, seconds))

    return make


def write(facts_: Facts, folder: Path, limits: Limits) -> Rendered:
    html, found = page.write(facts_)
    return render(
        html, found, ATTACHED, folder=folder, issued=facts_.issued, letter=facts_.paper == "letter", limits=limits
    )


@pytest.fixture(scope="session")
def sample_pdf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample as a PDF, made once."""
    return write(make_facts(), tmp_path_factory.mktemp("sample"), Limits(2048, 120)).path


@pytest.fixture
def with_trail() -> Callable[..., Facts]:
    """The sample with other rows in its trail, or another name."""

    def make(*rows: Row, name: str = "CT 1") -> Facts:
        trail = Trail("T-1", name, None, None, 0, len(rows), tuple(rows))
        sample = make_facts()
        return replace(sample, printed=Printed((trail,), 0, 0, cut=False))

    return make
