"""A report that needs too much ends with a text that says what to do."""

import errno

import pytest

from exports.reports import child, process
from exports.reports.process import RenderError
from tests.exports.reports.conftest import make_row


def long_facts(with_trail):
    return with_trail(*(make_row(n, text="word " * 100) for n in range(1, 1_200)))  # Enough to run out soon.


def test_it_names_the_memory_that_was_not_enough(with_trail, printed):
    with pytest.raises(RenderError, match=r"needed more than 320 MiB of memory: .* LABELTRAIL_REPORT_MEMORY_MIB"):
        printed(long_facts(with_trail), memory_mib=320)


def test_it_names_the_memory_when_not_even_the_libraries_fit(with_trail, printed):
    with pytest.raises(RenderError, match=r"needed more than 64 MiB of memory"):
        printed(with_trail(make_row(1)), memory_mib=64)


def behind(cause: Exception) -> Exception:
    problem = ValueError("no such glyph")
    problem.__cause__ = cause
    return problem


@pytest.mark.parametrize(
    "problem",
    [
        MemoryError(),
        ImportError("libpango-1.0.so.0: failed to map segment from shared object"),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
        SystemError("error return without exception set"),
        SystemError("<built-in function compress> returned NULL without setting an exception"),
        behind(MemoryError()),
    ],
)
def test_memory_that_was_refused_is_known_by_what_it_leads_to(problem):
    assert child.ran_out(problem)


@pytest.mark.parametrize("problem", [SystemError("bad argument"), OSError(errno.ENOSPC, "full"), ValueError("odd")])
def test_other_problems_are_not_blamed_on_memory(problem):
    assert not child.ran_out(problem)


def test_it_names_the_seconds_that_were_not_enough(with_trail, printed):
    with pytest.raises(RenderError, match=r"took more than 1 seconds: .* LABELTRAIL_REPORT_SECONDS"):
        printed(long_facts(with_trail), seconds=1)


def test_a_process_that_dies_of_its_cpu_limit_is_understood(tmp_path):
    with pytest.raises(RenderError, match="took more than 5 seconds"):
        process.outcome(-24, "", tmp_path, process.Limits(2048, 5))


def test_a_process_that_is_killed_from_outside_is_not_blamed_on_the_report(tmp_path):
    with pytest.raises(RenderError, match="killed from outside"):
        process.outcome(-9, "", tmp_path, process.Limits(2048, 5))


def test_another_failure_of_the_renderer_is_told_as_it_was(tmp_path):
    with pytest.raises(RenderError, match="the renderer failed: something odd"):
        process.outcome(1, "something odd", tmp_path, process.Limits(2048, 5))


def test_a_report_within_its_limits_is_made(with_trail, printed):
    assert printed(with_trail(make_row(1))).pages > 5
