"""A note opens for the key that signed its very text, and for no other."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.log.note import MAX_SIGNATURES, NoteError, Signer, open_note, sign

OURS = Signer.generate("logs.example/1")
OTHER = Signer.generate("witness.example/w")
TEXT = "logs.example/1\n7\nsomething\n"
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=[chr(c) for c in range(32) if c != 10]))


def line_of(note: str) -> str:
    return note.rpartition("\n\n")[2]


def changed_signature(line: str) -> str:
    head, _, encoded = line.rstrip("\n").rpartition(" ")
    blob = bytearray(base64.b64decode(encoded))
    blob[-1] ^= 1
    return f"{head} {base64.b64encode(blob).decode()}\n"


@given(TEXTS)
def test_what_is_signed_opens_as_it_was(body):
    text = body + "\n"
    note = sign(text, OURS)
    assert open_note(note, OURS.vkey) == text
    assert open_note(note.encode(), OURS.vkey) == text


def test_a_text_with_blank_lines_is_kept_whole():
    text = "a\n\n— not a signature\n\n\nb\n\n"
    assert open_note(sign(text, OURS), OURS.vkey) == text


@given(st.integers(0, len(TEXT) - 2))
def test_a_changed_text_is_refused(at):
    note = sign(TEXT, OURS)
    changed = note[:at] + ("x" if note[at] != "x" else "y") + note[at + 1 :]
    with pytest.raises(NoteError, match=r"does not hold|no blank line"):
        open_note(changed, OURS.vkey)


def test_another_key_does_not_open_it():
    with pytest.raises(NoteError, match=r"no signature by witness\.example/w"):
        open_note(sign(TEXT, OURS), OTHER.vkey)


def test_another_key_of_the_same_name_does_not_open_it():
    namesake = Signer.generate(OURS.name)
    with pytest.raises(NoteError, match=r"no signature by logs\.example/1"):
        open_note(sign(TEXT, OURS), namesake.vkey)


def test_signatures_of_other_keys_are_ignored_good_or_bad():
    ours, other = sign(TEXT, OURS), line_of(sign(TEXT, OTHER))
    head = ours.removesuffix(line_of(ours))
    unknown_type = "— later.example " + base64.b64encode(b"\x01\x02\x03\x04" + bytes(2420)).decode() + "\n"
    for foreign in (other, changed_signature(other), unknown_type):
        assert open_note(head + foreign + line_of(ours), OURS.vkey) == TEXT
        assert open_note(ours + foreign, OURS.vkey) == TEXT


def test_a_signature_that_shares_only_the_name_or_only_the_key_id_is_ignored():
    note = sign(TEXT, OURS)
    same_id = base64.b64encode(OURS.verifier.key_id + bytes(64)).decode()
    same_name = base64.b64encode(b"\0\0\0\0" + bytes(64)).decode()
    assert open_note(f"{note}— someone.else {same_id}\n— {OURS.name} {same_name}\n", OURS.vkey) == TEXT


def test_a_wrong_signature_by_our_key_is_refused_even_beside_a_right_one():
    note = sign(TEXT, OURS)
    right = line_of(note)
    wrong = changed_signature(right)
    head = note.removesuffix(right)
    for lines in (wrong, right + wrong, wrong + right):
        with pytest.raises(NoteError, match=r"signature by logs\.example/1 does not hold"):
            open_note(head + lines, OURS.vkey)
    assert open_note(head + right + right, OURS.vkey) == TEXT


@pytest.mark.parametrize("length", [1, 63, 65])
def test_a_signature_by_our_key_of_another_length_is_refused(length):
    blob = base64.b64encode(OURS.verifier.key_id + bytes(length)).decode()
    with pytest.raises(NoteError, match="does not hold"):
        open_note(f"{TEXT}\n— {OURS.name} {blob}\n", OURS.vkey)


def test_a_signature_does_not_move_to_another_text():
    line = line_of(sign(TEXT, OURS))
    with pytest.raises(NoteError, match="does not hold"):
        open_note(f"{TEXT}more\n\n{line}", OURS.vkey)


def test_up_to_the_limit_signatures_are_read_and_one_more_is_refused():
    note = sign(TEXT, OURS)
    foreign = line_of(sign(TEXT, OTHER))
    assert open_note(note + foreign * (MAX_SIGNATURES - 1), OURS.vkey) == TEXT
    with pytest.raises(NoteError, match="65 signatures; at most 64"):
        open_note(note + foreign * MAX_SIGNATURES, OURS.vkey)
