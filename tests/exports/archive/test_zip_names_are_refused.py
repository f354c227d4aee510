"""Names that a reader could take for another place, or for another member, never get into an archive."""

from __future__ import annotations

import io

import pytest

from exports.archive.zipwriter import NameRefused, ZipWriter


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "empty"),
        ("/etc/passwd", "absolute"),
        ("../up", "'..'"),
        ("a/../../up", "'..'"),
        ("a//b", "empty part"),
        ("a/", "empty part"),
        ("./a", "'.'"),
        ("a\\b", "backslash"),
        ("C:evil", "colon"),
        ("a\nb", "control character"),
        ("a\x00", "control character"),
        ("a\x85b", "control character"),
        ("a\ud800", "surrogate"),
        ("ä" * 40_000, "65,535"),
    ],
)
def test_it_refuses_the_name_and_says_why(name: str, reason: str) -> None:
    with pytest.raises(NameRefused, match=reason):
        ZipWriter(io.BytesIO()).write(name, b"")


@pytest.mark.parametrize("second", ["Straße/a.txt", "STRASSE/A.TXT", "strasse/a.txt"])
def test_it_refuses_a_name_that_differs_in_case_only(second: str) -> None:
    writer = ZipWriter(io.BytesIO())
    writer.write("Straße/a.txt", b"")
    with pytest.raises(NameRefused, match="has it already"):
        writer.write(second, b"")


def test_it_refuses_a_name_that_differs_in_composition_only() -> None:
    writer = ZipWriter(io.BytesIO())
    writer.write("\u00e9", b"")
    with pytest.raises(NameRefused, match="has it already"):
        writer.write("e\u0301", b"")


def test_it_refuses_a_second_member_while_one_is_being_streamed() -> None:
    writer = ZipWriter(io.BytesIO())
    with writer.stream("a"), pytest.raises(RuntimeError, match="another member is being written"):
        writer.write("b", b"")


def test_it_refuses_to_close_over_an_unfinished_member() -> None:
    writer = ZipWriter(io.BytesIO())
    with pytest.raises(ValueError, match="broken"), writer.stream("a"):
        raise ValueError("broken off")
    with pytest.raises(RuntimeError, match="still being written"):
        writer.close()
