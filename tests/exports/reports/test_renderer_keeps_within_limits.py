"""A report that needs too much ends with a text that says what to do."""

import pytest

from exports.reports import process
from exports.reports.process import RenderError
from tests.exports.reports.conftest import make_row


def long_facts(with_trail):
    return with_trail(*(make_row(n, text="word " * 100) for n in range(1, 400)))


def test_it_names_the_memory_that_was_not_enough(with_trail, printed):
    with pytest.raises(RenderError, match=r"needed more than 320 MiB of memory: .* LABELTRAIL_REPORT_MEMORY_MIB"):
        printed(long_facts(with_trail), memory_mib=320)


def test_it_names_the_memory_when_not_even_the_libraries_fit(with_trail, printed):
    with pytest.raises(RenderError, match=r"needed more than 64 MiB of memory"):
        printed(with_trail(make_row(1)), memory_mib=64)


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
