"""A malformed note is refused by what is wrong with it, whoever signed it."""

import pytest

from audit.log.note import MAX_NOTE_BYTES, NoteError, Signer, open_note, sign

OURS = Signer.generate("logs.example/1")
TEXT = "first\nsecond\n"
LINE = sign(TEXT, OURS).rpartition("\n\n")[2]

MALFORMED = [
    ("", "does not end in a newline"),
    ("\n", "no blank line"),
    (TEXT, "no blank line"),
    (TEXT + LINE, "no blank line"),
    (f"{TEXT}\n", "no signatures"),
    (f"{TEXT}\n{LINE}\n", "no signatures"),
    (f"{TEXT}\n{LINE[:-1]}", "does not end in a newline"),
    (f"{TEXT}\n{LINE}unexpected\n", "signature line 2 does not start with an em dash"),
    (f"{TEXT}\n-{LINE[1:]}", "does not start with an em dash"),
    (f"{TEXT}\n–{LINE[1:]}", "does not start with an em dash"),
    (f"{TEXT}\n—\u00a0{LINE[2:]}", "does not start with an em dash"),
    (f"{TEXT}\n—  {LINE[2:]}", "key name is empty"),
    (f"{TEXT}\n— a+b{LINE.removeprefix('— logs.example/1')}", "has a space or a plus"),
    (f"{TEXT}\n— a\u2003b{LINE.removeprefix('— logs.example/1')}", "has a space or a plus"),
    (f"{TEXT}\n— logs.example/1\n", "signature line 1 has 0 bytes"),
    (f"{TEXT}\n— logs.example/1 \n", "signature line 1 has 0 bytes"),
    (f"{TEXT}\n— logs.example/1 AAAAAA==\n", "signature line 1 has 4 bytes"),
    (f"{TEXT}\n— logs.example/1 AAAAAAA\n", "base64 of signature line 1 is malformed"),
    (f"{TEXT}\n— logs.example/1 AAAAAAB=\n", "not in its canonical spelling"),
    (f"{TEXT}\n{LINE[:-1]} \n", "base64 of signature line 1 is malformed"),
    (f"{TEXT}\n{LINE[:-2]}_\n", "base64 of signature line 1 is malformed"),
    (f"\t{TEXT}\n{LINE}", r"control character '\\t' at character 0"),
    (f"{TEXT}\r\n\n{LINE}", r"control character '\\r'"),
    (f"{TEXT}\n{LINE[:-1]}\r\n", r"control character '\\r'"),
    (f"\x00{TEXT}\n{LINE}", "control character"),
    (f"\ud800{TEXT}\n{LINE}", "lone surrogate at character 0"),
    (b"\xff" + f"{TEXT}\n{LINE}".encode(), "not UTF-8: byte 0 is 0xff"),
    (f"{'x' * MAX_NOTE_BYTES}\n\n{LINE}", "at most 1000000"),
]


@pytest.mark.parametrize(("note", "text"), MALFORMED, ids=[text for _, text in MALFORMED])
def test_a_malformed_note_is_refused_by_what_is_wrong(note, text):
    with pytest.raises(NoteError, match=text):
        open_note(note, OURS.vkey)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "does not end in a newline"),
        ("no end", "does not end in a newline"),
        ("a\tb\n", "control character"),
        ("a\r\n", "control character"),
        ("\udc00\n", "lone surrogate"),
        ("x" * MAX_NOTE_BYTES + "\n", "at most 1000000"),
    ],
)
def test_a_text_that_could_not_be_opened_is_not_signed(text, reason):
    with pytest.raises(NoteError, match=reason):
        sign(text, OURS)
