"""What was chosen and written about a label, a series or a study: RedBrick AI's attributes in neutral words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from audit.annotations import Answer, Choice, Problem
from audit.ontology import Job
from audit.sources.redbrick.ontology import BOOL
from audit.sources.values import Item, parts, text

Jobs = Mapping[str, Job]


def answers_of(entry: Item, prefix: str, jobs: Jobs) -> Iterator[Answer | Problem]:
    """An answer for each attribute that says something; `prefix` is what they are about ("study", a class's key)."""
    for attribute in parts(entry, "attributes"):
        number, name = attribute.get("attrid"), text(attribute, "name")
        job = jobs.get(f"{prefix}/{number}") if isinstance(number, int) else None
        if job is None:
            job = next((one for key, one in jobs.items() if key.startswith(f"{prefix}/") and one.title == name), None)
        if job is None:
            called = name or f"with the number {number}"
            yield Problem("unknown_job", f'the taxonomy has no attribute "{called}" there', id=text(entry, "labelid"))
            continue
        found = _answer(attribute, job, text(entry, "labelid"))
        if found is not None:
            yield found


def _answer(attribute: Item, job: Job, label: str | None) -> Answer | Problem | None:
    value, chosen = attribute.get("value"), attribute.get("optionid")
    if chosen is None and (value is None or value in ("", [])):
        return None
    if job.kind == "transcription":
        return Answer(job.key, text=value if isinstance(value, str) else str(value))
    if job.kind == "other":
        try:
            return Answer(job.key, number=float(str(value)))
        except ValueError:
            return Problem("bad_number", f'"{job.title}" is {str(value)[:60]!r}, which is no number', job.key, label)
    choices: list[Choice] = []
    given = [value] if chosen is None else [chosen]
    for one in given[0] if isinstance(given[0], list) else given:
        key = _key(one, job, by_id=chosen is not None)
        if key is None:
            return Problem("unknown_class", f'"{job.title}" has no option {str(one)[:60]!r}', job.key, label)
        choices.append(Choice(key))
    return Answer(job.key, tuple(choices)) if choices else None


def _key(given: object, job: Job, *, by_id: bool) -> str | None:
    """The key of the option that is meant by its number or its name."""
    said = str(given).lower() if job.tools == (BOOL,) else str(given)
    known = (one.key for one in job.classes if said in ((one.key,) if by_id or job.tools == (BOOL,) else (one.title,)))
    return next(known, None)
