"""A checkpoint has one spelling: origin, size, root; it is read strictly."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.log.merkle import EMPTY_ROOT
from audit.log.note import Checkpoint, NoteError, Signer, open_note, sign

ROOT = base64.b64encode(bytes(range(32))).decode()
ORIGINS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)


def test_the_example_of_the_specification_is_read_and_written():
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    checkpoint = Checkpoint.parse(text)
    assert checkpoint.origin == "example.com/behind-the-sofa"
    assert checkpoint.size == 20_852_163
    assert checkpoint.root.hex() == "0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62"
    assert checkpoint.text() == text


@given(ORIGINS, st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32))
def test_it_is_read_back_from_its_text(origin, size, root):
    checkpoint = Checkpoint(origin, size, root)
    assert Checkpoint.parse(checkpoint.text()) == checkpoint


def test_it_survives_signing():
    signer = Signer.generate("logs.example/1")
    checkpoint = Checkpoint("logs.example/1", 0, EMPTY_ROOT)
    assert Checkpoint.parse(open_note(sign(checkpoint.text(), signer), signer.vkey)) == checkpoint


def test_extension_lines_are_tolerated_and_kept_out():
    checkpoint = Checkpoint.parse(f"o\n7\n{ROOT}\nextension one\nextension two\n")
    assert checkpoint == Checkpoint("o", 7, bytes(range(32)))
    assert checkpoint.text() == f"o\n7\n{ROOT}\n"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "does not end in a newline"),
        (f"o\n7\n{ROOT}", "does not end in a newline"),
        ("o\n7\n", "has 2 lines; it needs 3"),
        (f"\n7\n{ROOT}\n", "origin is empty"),
        (f"o\to\n7\n{ROOT}\n", "control character"),
        (f"o\n\n{ROOT}\n", "size ''"),
        (f"o\n07\n{ROOT}\n", "size '07'"),
        (f"o\n00\n{ROOT}\n", "size '00'"),
        (f"o\n-7\n{ROOT}\n", "size '-7'"),
        (f"o\n+7\n{ROOT}\n", r"size '\+7'"),
        (f"o\n7 \n{ROOT}\n", "size '7 '"),
        (f"o\n0x7\n{ROOT}\n", "size '0x7'"),
        (f"o\n1_000\n{ROOT}\n", "size '1_000'"),
        (f"o\n٧\n{ROOT}\n", "size '٧'"),
        (f"o\n{2**63}\n{ROOT}\n", "size '9223372036854775808'"),
        (f"o\n{'9' * 5000}\n{ROOT}\n", "size '9999"),
        ("o\n7\n\n", "root has 0 bytes"),
        (f"o\n7\n{base64.b64encode(bytes(31)).decode()}\n", "root has 31 bytes"),
        (f"o\n7\n{base64.b64encode(bytes(33)).decode()}\n", "root has 33 bytes"),
        (f"o\n7\n{ROOT[:-1]}\n", "base64 of the checkpoint's root is malformed"),
        (f"o\n7\n{ROOT} \n", "base64 of the checkpoint's root is malformed"),
        (f"o\n7\n{ROOT[:-2]}9=\n", "not in its canonical spelling"),
        (f"o\n7\n{ROOT}\n\n", "Line 4 of the checkpoint is empty"),
        (f"o\n7\n{ROOT}\nextension\n\n", "Line 5 of the checkpoint is empty"),
    ],
)
def test_any_other_spelling_is_refused_by_what_is_wrong(text, reason):
    with pytest.raises(NoteError, match=reason):
        Checkpoint.parse(text)


@pytest.mark.parametrize(
    ("origin", "size", "root", "reason"),
    [
        ("", 1, bytes(32), "origin is empty"),
        ("a\nb", 1, bytes(32), "more than one line"),
        ("a\x00", 1, bytes(32), "control character"),
        ("\ud800", 1, bytes(32), "lone surrogate"),
        ("o", -1, bytes(32), "size is -1"),
        ("o", 2**63, bytes(32), "size is 9223372036854775808"),
        ("o", 1, b"", "root has 0 bytes"),
    ],
)
def test_a_checkpoint_that_could_not_be_read_is_not_made(origin, size, root, reason):
    with pytest.raises(NoteError, match=reason):
        Checkpoint(origin, size, root)
