"""A verifier key is one line of text that names itself; key names cannot break the lines they stand in."""

import base64
from hashlib import sha256

import pytest

from audit.log.note import NoteError, Signer, Verifier


def test_a_key_is_read_back_from_its_text():
    signer = Signer.generate("logs.example/labeltrail/1")
    verifier = Verifier.parse(signer.vkey)
    assert verifier.name == signer.name
    assert verifier.vkey == signer.vkey
    assert verifier.public_key == signer.private_key.public_key()


def test_the_key_id_is_the_hash_of_name_type_and_key():
    signer = Signer.generate("logs.example/1")
    name, key_id, encoded = signer.vkey.split("+", 2)
    public = signer.private_key.public_key().public_bytes_raw()
    assert name == "logs.example/1"
    assert key_id == sha256(b"logs.example/1\n\x01" + public).hexdigest()[:8]
    assert base64.b64decode(encoded) == b"\x01" + public


def test_generated_keys_differ_and_are_not_shown():
    one, other = Signer.generate("a"), Signer.generate("a")
    assert one.vkey != other.vkey
    assert "private" not in repr(one)


@pytest.mark.parametrize("name", ["", "two words", "a+b", "a\nb", "a\tb", "a\u00a0b", "a\u2028b", "a\x07b", "a\ud800"])
def test_a_name_that_would_break_a_line_is_refused(name):
    with pytest.raises(NoteError, match="key name"):
        Signer.generate(name)


def rewritten(vkey: str, key: bytes | None = None, key_id: str | None = None) -> str:
    name, own_id, encoded = vkey.split("+", 2)
    if key is not None:
        own_id = sha256(name.encode() + b"\n" + key).hexdigest()[:8]
        encoded = base64.b64encode(key).decode()
    return f"{name}+{key_id or own_id}+{encoded}"


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda vkey: "", "not of the form"),
        (lambda vkey: "logs.example/1", "not of the form"),
        (
            lambda vkey: vkey.rpartition("+")[0] if vkey.count("+") == 2 else "logs.example/1+00000000",
            "not of the form",
        ),
        (lambda vkey: "+" + vkey.split("+", 1)[1], "key name is empty"),
        (lambda vkey: rewritten(vkey, key_id="00000000"), "says key id 00000000"),
        (lambda vkey: vkey.replace("logs.example/1", "logs.example/2"), "says key id"),
        (lambda vkey: rewritten(vkey, key=b"\x02" + bytes(32)), "not an Ed25519 key"),
        (lambda vkey: rewritten(vkey, key=b"\x01" + bytes(31)), "not an Ed25519 key"),
        (lambda vkey: rewritten(vkey, key=b""), "not an Ed25519 key"),
        (lambda vkey: vkey + "!", "base64"),
        (lambda vkey: vkey + "\n", "base64"),
        (lambda vkey: vkey + "é", "base64"),
    ],
)
def test_a_malformed_verifier_key_is_refused_by_what_is_wrong(change, text):
    with pytest.raises(NoteError, match=text):
        Verifier.parse(change(Signer.generate("logs.example/1").vkey))
