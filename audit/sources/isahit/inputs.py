"""What an isahit lab project asks for: one tool to draw with, or a form's inputs, of which some are such tools."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from audit.sources.values import Item, part, parts, text, values

PREFIX = "tool-iat-"
TOOLS = tuple(PREFIX + name for name in ("rectangle", "polygon", "polyline", "graph", "segmentation"))
"""The types of inputs in which people draw."""
WHOLE = "OBJECT_DETECTION_JOB"
"""What isahit lab's SDK calls the job of a project that is nothing but a tool."""


class BadInput(ValueError):
    """No input, or not one alone, can be meant; the text says why."""


@dataclass(frozen=True, slots=True)
class Tool:
    """Where something is drawn: `type` as the platform names it; `input` is None where the whole task is the tool.

    `config` has `metadata` with the labels (`labelOptions`) and `toolOptions`.
    """

    type: str
    input: str | None
    config: Item

    @property
    def job(self) -> str:
        """Its key in the ontology."""
        return self.input or WHOLE

    @property
    def sequence(self) -> bool:
        """Whether the task's files are frames of one sequence."""
        return part(part(self.config, "metadata"), "toolOptions").get("sequence") is True


def tools_of(configuration: Item) -> tuple[Tool, ...]:
    """The tools of a project's configuration, in the form's order."""
    type_ = text(configuration, "projectType") or ""
    if type_ != "form":
        return (Tool(type_, None, configuration),)
    return tuple(
        Tool(kind, text(found, "id") or "", part(found, "config"))
        for found in inputs_of(configuration)
        if (kind := text(found, "type")) is not None and kind.startswith(PREFIX)
    )


def inputs_of(configuration: Item) -> Iterator[Item]:
    """The inputs of a form, in its order: rows of columns of inputs."""
    for row in values(part(configuration, "metadata"), "inputsLayout"):
        for column in row if isinstance(row, list) else ():
            if isinstance(column, list):
                yield from (found for found in column if isinstance(found, dict))


def chosen(configuration: Item, input_id: str | None, compatible: Collection[str] = TOOLS) -> Tool:
    """The tool that an export means, by the SDK's rule; a project that is no form has one alone.

    With `input_id` the form must have an input of this id and of a compatible type. Without, the form must have exactly
    one tool of any of the five types. Raises BadInput.
    """
    tools = tools_of(configuration)
    if text(configuration, "projectType") != "form":
        return tools[0]
    if input_id is not None:
        found = next((tool for tool in tools if tool.input == input_id and tool.type in compatible), None)
        if found is None:
            raise BadInput(
                f"No compatible input found for input_id {input_id} (compatible inputs: {', '.join(compatible)})"
            )
        return found
    drawn = [tool for tool in tools if tool.type in TOOLS]
    if not drawn:
        raise BadInput(f"No compatible input found (compatible inputs: {', '.join(compatible)})")
    if len(drawn) > 1:
        raise BadInput(
            f"input_id option is required to select the form input: one of {', '.join(tool.job for tool in drawn)}"
        )
    if drawn[0].type not in compatible:
        raise BadInput(f"No compatible input found (compatible inputs: {', '.join(compatible)})")
    return drawn[0]


def options_of(found: Item) -> Iterator[tuple[str, str]]:
    """The values that a form's input lets one choose from, with what people read."""
    config = part(found, "config")
    for name in ("options", "choices", "values", "items"):
        for option in values(config, name):
            if isinstance(option, dict):
                key = text(option, "value") or text(option, "id") or text(option, "name")
                if key is not None:
                    yield key, text(option, "label") or text(option, "name") or key
            elif isinstance(option, str):
                yield option, option


def lists_of(config: Item) -> dict[str, list[Item]]:
    """Labels by the name of their list."""
    available = part(part(part(config, "metadata"), "labelOptions"), "availableLabels")
    return {name: parts(available, name) for name in available}


def main_lists(config: Item) -> Iterator[tuple[str, list[str]]]:
    """The lists that a main class is chosen from: their name, and the names of the lists of labels in them."""
    for main in parts(part(part(config, "metadata"), "labelOptions"), "mainLists"):
        yield text(main, "name") or "", [key for key in values(main, "keys") if isinstance(key, str)]
