"""The signed statement about an export's manifest is read as strictly as a checkpoint, and is never one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.log.note import Checkpoint, ManifestStatement, NoteError, manifest_text, parse_manifest

SHA256 = "0123456789abcdef" * 4
ORIGINS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)


def test_its_text_is_three_fixed_lines():
    assert manifest_text(SHA256, "logs.example/1", 12) == f"labeltrail/manifest/v1\n{SHA256}\nlogs.example/1 12\n"


@given(st.binary(min_size=32, max_size=32), ORIGINS, st.integers(0, 2**63 - 1))
def test_it_is_read_back_from_its_text(digest, origin, size):
    text = manifest_text(digest.hex(), origin, size)
    assert parse_manifest(text) == ManifestStatement(digest.hex(), origin, size)


@pytest.mark.parametrize(
    ("sha256_hex", "origin", "size", "reason"),
    [
        (SHA256.upper(), "o", 1, "64 lower-case hex digits"),
        (SHA256[:-1], "o", 1, "64 lower-case hex digits"),
        (SHA256 + "\n", "o", 1, "64 lower-case hex digits"),
        (SHA256, "", 1, "origin is empty"),
        (SHA256, "a\nb", 1, "more than one line"),
        (SHA256, "a\rb", 1, "control character"),
        (SHA256, "o", -1, "size is -1"),
        (SHA256, "o", 2**63, "size is 9223372036854775808"),
    ],
)
def test_a_statement_that_could_not_be_read_is_not_made(sha256_hex, origin, size, reason):
    with pytest.raises(NoteError, match=reason):
        manifest_text(sha256_hex, origin, size)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "does not end in a newline"),
        (f"labeltrail/manifest/v1\n{SHA256}\no 1", "does not end in a newline"),
        (f"labeltrail/manifest/v1\n{SHA256}\n", "has 2 lines"),
        (f"labeltrail/manifest/v2\n{SHA256}\no 1\n", "not a manifest statement"),
        (f"labeltrail/manifest/v1\n{SHA256}\no 1\nmore\n", "not a manifest statement"),
        (f"labeltrail/manifest/v1\n{SHA256.upper()}\no 1\n", "Line 2"),
        (f"labeltrail/manifest/v1\n{SHA256}\no\n", "origin is empty"),
        (f"labeltrail/manifest/v1\n{SHA256}\n 1\n", "origin is empty"),
        (f"labeltrail/manifest/v1\n{SHA256}\no 01\n", "size '01'"),
        (f"labeltrail/manifest/v1\n{SHA256}\no \n", "size ''"),
    ],
)
def test_any_other_spelling_is_refused_by_what_is_wrong(text, reason):
    with pytest.raises(NoteError, match=reason):
        parse_manifest(text)


def test_a_manifest_statement_is_no_checkpoint_and_a_checkpoint_no_statement():
    with pytest.raises(NoteError):
        Checkpoint.parse(manifest_text("1" * 64, "o", 1))
    with pytest.raises(NoteError):
        parse_manifest(Checkpoint("labeltrail/manifest/v1", 1, bytes(32)).text())
