"""What the builder of exports has chosen so far, and the API call and the command that ask for the same."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.http import urlencode

from exports.formats.base import Format
from exports.models import Export
from exports.models.product import Product
from exports.options import FILTERS
from exportsite.problems import FieldProblem, WrongRequest, check_keys
from exportsite.sent import ONCE
from exportsite.text import visible_line

PREFIX = "p-"
"""Begins the names of a format's parameters in the form, where filters have the plain names."""
LOOK = "look"
"""The button that only looks at what was chosen."""
NOT_ASKED = (ONCE, LOOK, "csrfmiddlewaretoken")
"""Fields of the form that are no part of what is asked."""
KEYS = ("project", "also", "format", "as_of", "name", "strict", *FILTERS)
LARGEST = 2**62
SHORT = 56
"""Characters that go into one line of an example."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The form as it was filled in: nothing is resolved. `filters` have the values that are not blank.

    `also` are projects besides the first.
    """

    project: str = ""
    also: Sequence[str] = ()
    format: str = ""
    as_of: str = ""
    name: str = ""
    strict: bool = False
    parameters: Mapping[str, str] = field(default_factory=dict)
    filters: Mapping[str, list[str]] = field(default_factory=dict)

    @classmethod
    def read(cls, query: QueryDict) -> Choice:
        """Read the address or the sent form. Raises WrongRequest for keys that it does not have."""
        own = [key for key in query if key.startswith(PREFIX)]
        if wrong := check_keys(query, [*KEYS, *own, *NOT_ASKED]):
            raise WrongRequest(*wrong)
        return cls(
            project=query.get("project", "").strip(),
            also=_given(query.getlist("also")),
            format=query.get("format", "").strip(),
            as_of=query.get("as_of", "").strip(),
            name=query.get("name", "").strip(),
            strict=query.get("strict") == "true",
            parameters={key.removeprefix(PREFIX): value for key in own if (value := query.get(key))},
            filters={name: values for name in FILTERS if (values := _given(query.getlist(name)))},
        )

    @classmethod
    def of_filters(cls, query: QueryDict) -> Choice:
        """Only the filters of another form."""
        return cls(filters={name: values for name in FILTERS if (values := _given(query.getlist(name)))})

    def asked_as_of(self) -> int | None:
        """The size of the log that is asked for, None for now; thousands may have commas. Raises WrongRequest."""
        return size_of(self.as_of)

    def asked_parameters(self, format_: Format) -> dict[str, object]:
        """The parameters as the API gets them: flags are true or false. A format's own names only."""
        flags = {parameter.name for parameter in format_.parameters if parameter.is_flag}
        known = {parameter.name for parameter in format_.parameters}
        given = {name: value for name, value in self.parameters.items() if name in known}
        return {
            name: value == "true" if name in flags and value in ("true", "false") else value
            for name, value in given.items()
        }

    def asked_filters(self) -> dict[str, object]:
        """The filters as the API gets them: a text, or a list of texts."""
        return {name: values[0] if len(values) == 1 else list(values) for name, values in self.filters.items()}


def size_of(text: str) -> int | None:
    """A size of the log as people write it: `204,518`; None for an empty text. Raises WrongRequest."""
    digits = text.strip().replace(",", "").replace(" ", "")
    if not digits:
        return None
    if not (digits.isascii() and digits.isdigit() and int(digits[:20]) < LARGEST):
        said = f"“{text[:100]}” is no size of the log: write a whole number, or nothing for now."
        raise WrongRequest(FieldProblem("as_of", "invalid", said))
    return int(digits)


def looked(request: HttpRequest) -> str:
    """The form's own address with what was chosen in it, so that it can be kept and sent on."""
    chosen = {
        name: given for name, values in request.POST.lists() if name not in NOT_ASKED and (given := _given(values))
    }
    return f"{request.path}?{urlencode(chosen, doseq=True)}"


def _given(values: list[str]) -> list[str]:
    return list(dict.fromkeys(value for value in values if value.strip()))


def api_call(address: str, projects: Sequence[int], format_: Format, choice: Choice) -> str:
    """A curl command that asks the API for the same."""
    of: dict[str, object] = {"project": projects[0]} if len(projects) == 1 else {"projects": list(projects)}
    body: dict[str, object] = {**of, "format": format_.slug}
    if parameters := choice.asked_parameters(format_):
        body["parameters"] = parameters
    if filters := choice.asked_filters():
        body["filters"] = filters
    if (as_of := choice.asked_as_of()) is not None:
        body["as_of"] = as_of
    if choice.name:
        body["name"] = choice.name
    if choice.strict:
        body["strict"] = True
    return curl(address, body)


def curl(address: str, body: Mapping[str, object]) -> str:
    """A curl command that POSTs an object to an address of the API."""
    members = [f"{_json(name)}: {_json(value)}" for name, value in body.items()]
    lines = (", " if sum(map(len, members)) < SHORT else ",\n ").join(members)
    return (
        "curl --json @- \\\n"
        '  -H "Authorization: Bearer $LABELTRAIL_TOKEN" \\\n'
        f"  {shlex.quote(address)} <<'END'\n{{{lines}}}\nEND"
    )


def command(projects: Sequence[int], format_: Format, choice: Choice) -> str:
    """A command that makes the same export here and now."""
    words = [f"python manage.py export {' '.join(map(str, projects))}", f"--format {format_.slug}"]
    words += [f"-p {_pair(name, value)}" for name, value in choice.asked_parameters(format_).items()]
    words += filter_words(choice)
    if (as_of := choice.asked_as_of()) is not None:
        words.append(f"--as-of {as_of}")
    if choice.name:
        words.append(f"--name {shlex.quote(choice.name)}")
    if choice.strict:
        words.append("--strict")
    return lines_of(words)


def filter_words(choice: Choice) -> list[str]:
    """The filters as options of a command."""
    return [f"-f {_pair(name, value)}" for name, values in choice.filters.items() for value in values]


def lines_of(words: Sequence[str]) -> str:
    """A command in one line, or in as many as it has words when it is long."""
    return (" " if sum(map(len, words)) < SHORT else " \\\n  ").join(words)


def _pair(name: str, value: object) -> str:
    """NAME=VALUE as a shell takes it. What JSON could be taken for, or can't be seen, is written as JSON."""
    if isinstance(value, bool):
        return f"{name}={str(value).lower()}"
    text = str(value)
    if text[:1] in ("[", "{", '"') or visible_line(text) != text:
        text = json.dumps(text)
    return shlex.quote(f"{name}={text}")


def _json(value: object) -> str:
    """JSON in which everything can be seen."""
    text = json.dumps(value, ensure_ascii=False)
    return text if visible_line(text) == text else json.dumps(value)


def again_address(run: Product) -> str:
    """The builder with what the run was asked for, of the log as it is now."""
    if not isinstance(run, Export):
        query: dict[str, Any] = {"project": run.project_id, "paper": run.asked["paper"]}
        if task := getattr(run, "task_id", None):
            query["task"] = task
        if run.asked["redact"]:
            query["redact"] = "true"
        query |= _filters(run)
        return f"{reverse('report-new')}?{urlencode(query, doseq=True)}"
    query = {"project": run.project_id, "format": run.format}
    query |= {"also": run.others} if run.others else {}
    query |= {"name": run.name} if run.name else {}
    query |= {"strict": "true"} if run.asked.get("strict") else {}
    query |= {PREFIX + name: _text(value) for name, value in run.asked["parameters"].items()}
    query |= _filters(run)
    return f"{reverse('export-new')}?{urlencode(query, doseq=True)}"


def _filters(run: Product) -> dict[str, Any]:
    return {
        name: [str(one) for one in value] if isinstance(value, list) else str(value)
        for name, value in run.asked.get("filters", {}).items()
    }


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
