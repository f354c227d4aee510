"""Reading bytes as the file that they would be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from audit.sources.base import SourceEvent
from audit.sources.files import BadFile, EventFile, FileEvent, FileOptions, complete

Read = Callable[..., list[FileEvent]]
GOLDEN = Path(__file__).parents[2] / "golden" / "eventlogs"


@pytest.fixture
def golden() -> Path:
    """Where the small event logs are."""
    return GOLDEN


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Events of a file with this content, without what it says of the project."""

    def run(content: bytes | str, **options: Any) -> list[FileEvent]:
        path = tmp_path / "log"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        wanted = FileOptions.parse(**options)
        with EventFile(str(path), wanted) as file:
            return [found for found in file.read("a project", wanted.zone) if found.event.task is not None]

    return run


@pytest.fixture
def trails(tmp_path: Path) -> Callable[..., list[SourceEvent]]:
    """All events of a file's tasks, as they go into a log: task by task, by time, with what they imply."""

    def run(content: bytes | str, **options: Any) -> list[SourceEvent]:
        path = tmp_path / "log"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        wanted = FileOptions.parse(**options)
        with EventFile(str(path), wanted) as file:
            found = list(file.read("a project", wanted.zone))[:-1]
            order = list(dict.fromkeys(item.event.task for item in found))
            found.sort(key=lambda item: (order.index(item.event.task), str(item.event.instant or "")))
            return list(complete(iter(found), pairs=file.pairs))

    return run


@pytest.fixture
def refusal(read: Read) -> Callable[..., str]:
    """Why a file with this content is refused, with the line."""

    def run(content: bytes | str, **options: Any) -> str:
        with pytest.raises(BadFile) as caught:
            read(content, **options)
        return f"{caught.value.line}: {caught.value.text}"

    return run
