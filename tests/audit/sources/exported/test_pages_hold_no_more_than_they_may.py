"""Tasks of exported files come in pages that memory can hold, however large the tasks are."""

from __future__ import annotations

from audit.sources.base import SourceEvent, TaskHistory
from audit.sources.exported.kind import PAGE_BYTES, in_pages


def _history(task: str, length: int) -> TaskHistory:
    return TaskHistory(task, (SourceEvent(task, "task.updated", "image", None, None, content=b" " * length),))


def test_a_page_has_as_many_tasks_as_were_asked_for() -> None:
    pages = [[one.task for one in page.histories] for page in in_pages((_history(str(n), 9) for n in range(5)), 2)]
    assert pages == [["0", "1"], ["2", "3"], ["4"]]


def test_a_page_of_large_tasks_has_fewer() -> None:
    found = [_history("a", 9), _history("b", PAGE_BYTES), _history("c", PAGE_BYTES // 2), _history("d", PAGE_BYTES)]
    pages = [[one.task for one in page.histories] for page in in_pages(found)]
    assert pages == [["a", "b"], ["c", "d"]]


def test_tasks_are_not_read_before_their_page_is_asked_for() -> None:
    read: list[str] = []
    pages = in_pages(read.append(task) or _history(task, PAGE_BYTES) for task in "abc")
    next(pages)
    assert read == ["a"]
