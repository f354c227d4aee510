"""What isahit lab's payloads say in neutral words: what was drawn, and what forms were filled in with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import orjson

from audit.annotations import Annotation, Answer, Choice, Classification, Labelled, Medium, Problem, Transcription
from audit.ontology import Job, LabelClass, Ontology
from audit.sources.base import Neutral, ReadFile, no_file
from audit.sources.isahit.drawn import Drawn, drawn
from audit.sources.isahit.inputs import Tool, inputs_of, lists_of, main_lists, options_of, tools_of
from audit.sources.isahit.label import body_of
from audit.sources.isahit.media import files_of
from audit.sources.mediafacts import media_of
from audit.sources.values import Item, an_object, item, number, part, parts, text

WRITTEN = frozenset({"text", "textarea", "email", "url", "date", "hidden", "json-editor"})
NUMBER = "number"
CHOSEN = frozenset({"radio", "listbox", "checkbox"})
SHOWN = "display-"
"""How the types of inputs begin that show something, and ask nothing."""


class IsahitNeutral(Neutral):
    """Reads what `project`, `events` and `label` put into events."""

    def ontology(self, project: bytes) -> Ontology:
        """A job for the tool, or for each input of the form; lists of sub-labels are jobs of their own. Raises
        ValueError for a payload without a configuration."""
        configuration = part(item(project), "configuration")
        if text(configuration, "projectType") is None:
            raise ValueError("the project's payload has no configuration")
        jobs: dict[str, Job] = {}
        tools = {tool.input: tool for tool in tools_of(configuration)}
        if None in tools:
            _add(jobs, _tool_jobs(tools[None], text(configuration, "projectType") or ""))
        else:
            for found in inputs_of(configuration):
                tool = tools.get(text(found, "id"))
                _add(jobs, _tool_jobs(tool, _title(found)) if tool is not None else _input_job(found))
        return Ontology(tuple(jobs.values()))

    def media(self, task: bytes) -> tuple[Medium, ...]:
        """The files of each tool, then the others; a sequence is a video whose frames are the task's files."""
        found = item(task)
        return media_of(found, lambda fact: files_of(found, fact))

    def annotations(self, label: bytes, task: bytes, ontology: Ontology, read: ReadFile = no_file) -> Labelled:
        """What was drawn, tool by tool, and the form's other answers, in the ontology's order. Reads no files."""
        found = item(task)
        body = body_of(part(an_object(label), "data"))
        media = parts(found, "media")
        places = {text(fact, "input"): index for index, fact in reversed(list(enumerate(media))) if "input" in fact}
        annotations: list[Annotation] = []
        problems: list[Problem] = []
        whole = next((job for job in ontology.jobs if job.kind == "objects" and None in places), None)
        if whole is not None:
            _take(drawn(body, whole, _place(media, 0), _classes(whole)), annotations, problems)
            return Labelled(tuple(annotations), tuple(problems))
        for job in ontology.jobs:
            if job.kind == "objects" and isinstance(said := body.get(job.key), dict):
                at = places.get(job.key, 0)
                _take(drawn(said, job, _place(media, at), _classes(job)), annotations, problems)
            elif not job.nested and job.key in body:
                answer = _answer(job, body[job.key])
                if isinstance(answer, Problem):
                    problems.append(answer)
                elif answer is not None:
                    annotations.append(answer)
        known = {job.key for job in ontology.jobs}
        problems += [
            Problem("unknown_job", f'the form has no input "{name}" any more, which the label fills in', job=name)
            for name in body
            if name not in known and not _empty(body[name])
        ]
        return Labelled(tuple(annotations), tuple(problems))


def _add(jobs: dict[str, Job], found: Iterator[Job]) -> None:
    for job in found:
        jobs.setdefault(job.key, job)


def _take(found: Drawn, annotations: list[Annotation], problems: list[Problem]) -> None:
    annotations += found.annotations
    problems += found.problems


def _place(media: Sequence[Item], index: int) -> tuple[int, Item]:
    return index, media[index] if index < len(media) else {}


def _classes(job: Job) -> frozenset[str]:
    return frozenset(known.key for known in job.classes)


def _tool_jobs(tool: Tool, title: str) -> Iterator[Job]:
    """The job of a tool, with the classes of all main lists in their order, and one for each other list."""
    lists = lists_of(tool.config)
    main: dict[str, LabelClass] = {}
    used: set[str] = set()
    for _, keys in main_lists(tool.config):
        for name in keys:
            used.add(name)
            for found in _classes_of(lists.get(name, ())):
                main.setdefault(found.key, found)
    nested = [name for name in lists if name not in used]
    yield Job(tool.job, title, "objects", tools=(tool.type,), classes=tuple(main.values()))
    for name in nested:
        yield Job(name, name, "classification", classes=tuple(_classes_of(lists[name])), multiple=True, nested=True)


def _classes_of(labels: Sequence[Item]) -> Iterator[LabelClass]:
    for label in labels:
        key = text(label, "id")
        if key is not None:
            yield LabelClass(key, text(label, "displayName") or text(label, "name") or key, _color(label))


def _color(label: Item) -> str | None:
    """#rrggbb; #rgb is written out."""
    found = text(label, "color")
    if found is None or not found.startswith("#"):
        return None
    digits = found[1:]
    return "#" + "".join(digit * 2 for digit in digits) if len(digits) == 3 else found[:7]


def _input_job(found: Item) -> Iterator[Job]:
    """The job of a form's input that is no tool; one that only shows something is none that asks for anything."""
    key, type_ = text(found, "id"), text(found, "type") or ""
    if key is None:
        return
    classes = tuple(LabelClass(value, title) for value, title in options_of(found))
    required = part(found, "config").get("required") is True or found.get("required") is True
    if type_ in CHOSEN:
        multiple = type_ == "checkbox" or part(found, "config").get("multiple") is True
        yield Job(key, _title(found), "classification", (type_,), classes, multiple, required)
    elif type_ == NUMBER:
        yield Job(key, _title(found), "classification", (type_,), required=required)
    elif type_ in WRITTEN:
        yield Job(key, _title(found), "transcription", (type_,), required=required)
    else:
        yield Job(key, _title(found), "other", (type_,), required=required)


def _answer(job: Job, value: object) -> Annotation | Problem | None:
    """What a form's input was filled in with; None for nothing."""
    tool = job.tools[0] if job.tools else ""
    if _empty(value) or tool.startswith(SHOWN):
        return None
    if job.kind == "transcription":
        return Transcription(job=job.key, tool=tool, text=value if isinstance(value, str) else _json(value))
    if tool == NUMBER:
        figure = number(value) if not isinstance(value, str) else _figure(value)
        if figure is None:
            return Problem("bad_number", f'the input "{job.key}" holds {_json(value)}, which is no number', job=job.key)
        return Classification(job=job.key, tool=tool, answer=Answer(job.key, number=figure))
    if job.kind == "classification":
        return _choice(job, tool, value)
    return Problem(
        "unknown_tool", f'the input "{job.key}" is a {tool or "field"}, whose value is no annotation', job=job.key
    )


def _choice(job: Job, tool: str, value: object) -> Annotation | Problem:
    chosen = [_key(entry) for entry in (value if isinstance(value, list) else [value])]
    if isinstance(value, dict):  # {"a": true, "b": false}
        chosen = [key for key, ticked in value.items() if ticked is True]
    known = {found.key for found in job.classes}
    strange = [key for key in chosen if known and key not in known]
    if strange:
        return Problem(
            "unknown_class", f'the input "{job.key}" holds "{strange[0]}", which is not among its choices', job=job.key
        )
    choices = tuple(Choice(key) for key in chosen)
    return Classification(job=job.key, tool=tool, answer=Answer(job.key, choices), multiple=job.multiple)


def _key(entry: object) -> str:
    if isinstance(entry, dict):
        return text(entry, "value") or text(entry, "id") or _json(entry)
    return entry if isinstance(entry, str) else _json(entry)


def _empty(value: object) -> bool:
    return value is None or value in ("", [], {})


def _figure(value: str) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None


def _json(value: object) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def _title(found: Item) -> str:
    config = part(found, "config")
    return text(config, "label") or text(config, "title") or text(found, "label") or text(found, "id") or ""
