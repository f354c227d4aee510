"""Facts to HTML. A template engine of its own: strict about names, blind to the rest of the site."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.template import Context, Engine

from exports.reports import charts, glyphs
from exports.reports.facts import Facts, Finding
from exports.reports.figures import Count
from exports.reports.rules import SEVERITIES
from exports.reports.words import plural, short_day
from exportsite.clock import active_words

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "reports"
_MISSING = "\x01%s\x01"
"""No text of others holds a control character: `words.line` writes them out."""
_ENGINE = Engine(dirs=[str(TEMPLATES)], builtins=["exports.reports.tags"], autoescape=True, string_if_invalid=_MISSING)
LABELLERS = 24
PEOPLE = 60
"""People printed at most; people.csv has all."""
SIGNATURES = 60
"""Signatures printed at most, the newest; the log has all."""
SECTIONS = (
    ("scope", "Scope and filters"),
    ("people", "People"),
    ("process", "Process"),
    ("completeness", "Completeness"),
    ("quality", "Quality"),
    ("time", "Active time"),
    ("findings", "Findings"),
    ("trails", "Trails"),
    ("signatures", "Signatures"),
    ("integrity", "Integrity, and how to verify"),
    ("annexes", "Annexes"),
)


class TemplateError(Exception):
    """A template names something that does not exist: a mistake of ours, never a gap in a report."""


def write(facts: Facts) -> tuple[str, glyphs.Coverage]:
    """The report as HTML, in characters that can all be printed, and the fonts that it needs for that."""
    return printable(lambda found: fill("report.html", _context(facts, found)))


def printable(filled: Callable[[glyphs.Coverage], str]) -> tuple[str, glyphs.Coverage]:
    """HTML in characters that can all be printed, and its fonts. `filled` may say which ones had to be used."""
    found = glyphs.coverage(filled(glyphs.Coverage((), ())))
    return glyphs.spelled(filled(found), found), found


def fill(template: str, context: dict[str, Any]) -> str:
    """A template with its values; TemplateError when it names one that is not there."""
    html = _ENGINE.get_template(template).render(Context(context))
    marker = _MISSING.partition("%s")[0]
    if marker in html:
        name = html.partition(marker)[2].partition("\x01")[0]
        raise TemplateError(f"a template of the report names {name!r}, which is not there")
    return html


def _context(facts: Facts, found: glyphs.Coverage) -> dict[str, Any]:
    process, time = facts.process, facts.time
    only = facts.printed.trails[0] if facts.scope.task is not None else None
    said = answers(facts)
    lanes = None
    if only is not None:
        lanes = charts.lanes([stage.name for stage in process.stages], only.rows)
    return {
        "facts": facts,
        "scope": facts.scope,
        "integrity": facts.integrity,
        "glyphs": found,
        "sections": [(number, key, title, said[key]) for number, (key, title) in enumerate(SECTIONS, 1)],
        "numbers": {key: number for number, (key, _) in enumerate(SECTIONS, 1)},
        "trails_title": "Trail" if only is not None else "Trails",
        "people_count": len(facts.people),
        "printed_people": facts.people[:PEOPLE],
        "other_people": max(len(facts.people) - PEOPLE, 0),
        "printed_times": time.by_person[:PEOPLE],
        "other_times": max(len(time.by_person) - PEOPLE, 0),
        "unnamed": sum(1 for person in facts.people if person.name is None),
        "transitions": sum(item.times for item in process.transitions),
        "derived": facts.derived,
        "superseded": facts.superseded,
        "last_index": facts.integrity.size - 1,
        "is_task": facts.scope.task is not None,
        "trail": only,
        "short_issued": short_day(facts.issued),
        "found_rules": sorted((rule for rule in facts.findings if rule.found), key=_severity),
        "clear_rules": [rule for rule in facts.findings if not rule.found],
        "findings": sum(1 for rule in facts.findings if rule.found),
        "found_by_severity": _severities(facts),
        "listed_events": sum(len(rule.listed) for rule in facts.findings),
        "printed_labellers": facts.quality.by_labeller[:LABELLERS],
        "other_labellers": max(len(facts.quality.by_labeller) - LABELLERS, 0),
        "found_events": sum(rule.found for rule in facts.findings),
        "printed_signatures": facts.signatures[-SIGNATURES:],
        "other_signatures": max(len(facts.signatures) - SIGNATURES, 0),
        "kind_columns": _columns(process.kinds),
        "waits": any(item.wait for item in process.transitions),
        "reviewed_tasks": sum(item.value for item in facts.quality.rejections),
        "rejected_tasks": sum(item.value for item in facts.quality.rejections if item.label != "0"),
        "boxes": charts.boxes(facts.quality.visits) if facts.quality.visits and only is None else None,
        "flow": charts.flow(process.stages, process.transitions) if only is None else None,
        "columns": charts.columns(process.bins, process.unit) if only is None and len(process.bins) > 1 else None,
        "lanes": lanes,
        "time_by_person": charts.hours_by(time.by_person[:12], "person") if len(time.by_person) > 1 else None,
        "missing": [item for item in facts.completeness.missing if item.events],
        "complete": [item for item in facts.completeness.missing if not item.events],
    }


def answers(facts: Facts) -> dict[str, str]:
    """Each section's answer in a few words, for the contents page."""
    missing = [item for item in facts.completeness.missing if item.events]
    printed = facts.printed
    return {
        "scope": ("one task" if facts.scope.task is not None else "one project")
        + (", filtered" if facts.scope.filters else "" if facts.scope.task is not None else ", no filter")
        + (", names withheld" if facts.redacted else ", nothing redacted"),
        "people": plural(len(facts.people), "person", "people"),
        "process": plural(len(facts.process.stages), "stage") if facts.process.stages else "no stages recorded",
        "completeness": ("every count agrees" if facts.completeness.agrees else "not every count agrees")
        + (f"; {plural(len(missing), 'kind')} of data not recorded" if missing else ""),
        "quality": _quality(facts),
        "time": f"{active_words(facts.time.milliseconds)}, by the stated rule"
        if facts.time.records
        else "none let through"
        if facts.scope.filters
        else "not recorded",
        "findings": _severities(facts) or f"{plural(len(facts.findings), 'rule')} ran, none found anything",
        "trails": plural(printed.rows, "event")
        + (
            f"; all of them in {plural(len(facts.volumes), 'volume')} beside this report"
            if printed.listed
            else f"; {printed.left_events:,} left to the archive"
            if printed.left_events
            else ", all of them"
        ),
        "signatures": plural(len(facts.signatures), "signature") + " under earlier reports"
        if facts.signatures
        else "no signatures recorded",
        "integrity": "what it shows and what it can’t",
        "annexes": f"{plural(len(facts.attached), 'file')} inside this PDF"
        + (f", {len(facts.volumes)} beside it" if facts.volumes else ""),
    }


def _severity(rule: Finding) -> int:
    return SEVERITIES.index(rule.severity)


def _severities(facts: Facts) -> str:
    """1 critical, 2 minor; empty when nothing was found."""
    found = Counter(rule.severity for rule in facts.findings if rule.found)
    return ", ".join(f"{found[severity]} {severity}" for severity in SEVERITIES if found[severity])


def _quality(facts: Facts) -> str:
    first = facts.quality.first
    return f"{100 * first.rate:.0f} % accepted at first review" if first else "no reviews recorded"


def _columns(items: tuple[Count, ...]) -> tuple[tuple[Count, ...], ...]:
    """A list in three columns of about equal length; a short one in one."""
    height = -(-len(items) // 3) if len(items) > 6 else len(items)
    return tuple(items[start : start + height] for start in range(0, len(items), height or 1))
