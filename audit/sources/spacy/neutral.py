"""What lines of marked texts say: spans of their text, in code points."""

from __future__ import annotations

from audit.annotations import Annotation, Labelled, Medium, MediumKind, Problem, TextSpan
from audit.ontology import Job, LabelClass, Ontology
from audit.sources.base import Neutral, ReadFile, no_file
from audit.sources.files.errors import quoted
from audit.sources.spacy.lines import ENTITIES, UNREAD, not_repeated, parts_of, spans_of
from audit.sources.values import Item, an_object, item, number, part, parts, text, values

TOOL = "entity"


class SpacyNeutral(Neutral):
    """A text is in its task's payload."""

    def ontology(self, project: bytes) -> Ontology:
        """The jobs and classes that lines named when they were loaded."""
        return Ontology(tuple(_job(one) for one in parts(item(project), "jobs")))

    def kinds(self, project: bytes) -> frozenset[MediumKind] | None:
        """Texts alone."""
        return frozenset({"text"})

    def media(self, task: bytes) -> tuple[Medium, ...]:
        """The text."""
        found = item(task)
        return (Medium("text", text(found, "name") or "", text=_text(found)),)

    def annotations(self, label: bytes, task: bytes, ontology: Ontology, read: ReadFile = no_file) -> Labelled:
        """Each span, with the words that it marks."""
        said = part(an_object(label), "line")
        found: list[Annotation] = []
        problems: list[Problem] = []
        for job, span in spans_of(said):
            one = _span(job, span, _text(said), ontology)
            (problems if isinstance(one, Problem) else found).append(one)  # type: ignore[arg-type]  # each into its own
        for span in not_repeated(said):
            text_ = f'"entities" has {quoted(str(span))}, which is in no job of its "spans"'
            problems.append(Problem("unknown_job", text_, ENTITIES))
        for name in UNREAD:
            if said.get(name):
                problems.append(Problem("unknown_tool", f'what it says under "{name}" is no span of its text', None))
        return Labelled(tuple(found), tuple(problems))


def _text(of: Item) -> str:
    found = of.get("text")
    return found if isinstance(found, str) else ""


def _job(told: Item) -> Job:
    key = text(told, "key") or ENTITIES
    classes = tuple(LabelClass(one, one) for one in values(told, "classes") if isinstance(one, str))
    return Job(key, key, "entities", (TOOL,), classes)


def _span(job: str, span: object, within: str, ontology: Ontology) -> TextSpan | Problem:
    try:
        start, end, class_, id_ = parts_of(span)
    except ValueError as problem:
        return Problem("unreadable", str(problem), job)
    if type(start) is not int or type(end) is not int:
        return Problem("bad_number", "a span does not say from where to where it goes, in whole numbers", job, id_)
    if not 0 <= start < end <= len(within):
        where = f"its text of {len(within)} characters has no span from {number(start):.15g} to {number(end):.15g}"
        return Problem("bad_geometry", where, job, id_)
    known = ontology.job(job)
    if known is None:
        return Problem("unknown_job", f"the project has no job {quoted(job)}", job, id_)
    if class_ is not None and class_ not in known.paths:
        return Problem("unknown_class", f"the job {quoted(job)} has no class {quoted(class_)}", job, id_)
    classes = () if class_ is None else (class_,)
    return TextSpan(
        job=job, tool=TOOL, classes=classes, object=id_, id=id_, start=start, end=end, quote=within[start:end]
    )
