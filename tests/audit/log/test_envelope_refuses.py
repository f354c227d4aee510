"""Bytes that are no envelope, or another spelling of one, are refused with a reason; so is what does not fit."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.log.envelope import MAX_ENVELOPE, Envelope, EnvelopeError, seal, unseal, unstamp

PLAIN = Envelope(
    actor="abcdefghijklmnop",
    actor_kind="person",
    assignee=None,
    content="00" * 32,
    cycle=1,
    derived=False,
    log="labeltrail.localhost/1/2",
    n=1,
    occurred_at="2026-03-02T08:00:00Z",
    received_at="2026-03-02T08:00:00.000000Z",
    source_key="~a.0",
    source_type="SUBMITTED",
    stage="Label",
    task="T1",
    text=None,
    to_stage="Review",
    type="task.submitted",
    v=1,
)
BYTES = seal(PLAIN)


def changed(**values: object) -> bytes:
    return json.dumps(json.loads(BYTES) | values, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "data",
    [
        json.dumps(json.loads(BYTES)).encode(),
        BYTES.replace(b'"n":1', b'"n":1.0'),
        BYTES.replace(b'"n":1', b'"n":01'),
        BYTES.replace(b"T1", b"\\u00541"),
        BYTES.replace(b'"v":1', b'"v":1,"v":1'),
        BYTES.replace(b"/1/2", b"\\/1\\/2"),
        BYTES + b"\n",
        b"\xef\xbb\xbf" + BYTES,
        json.dumps(dict(reversed(json.loads(BYTES).items())), separators=(",", ":")).encode(),
    ],
    ids=["blanks", "float", "leading-zero", "escape", "twice", "slash", "newline", "bom", "order"],
)
def test_another_spelling_of_an_envelope_is_refused(data):
    with pytest.raises(EnvelopeError, match="not an envelope"):
        unseal(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xff",
        b"[" * 100_000,
        b'{"actor":' * 50_000,
        changed(n="1"),
        changed(n=None),
        changed(n=2**70),
        changed(n=2**53),
        changed(n=0),
        changed(cycle=-(2**53)),
        changed(derived=0),
        changed(task=7),
        changed(extra=1),
        BYTES.replace(b"T1", b"\\ud800"),
        BYTES.replace(b"T1", b"\xed\xa0\x80"),
    ],
    ids=repr,
)
def test_what_is_no_envelope_is_refused(data):
    with pytest.raises(EnvelopeError, match="not an envelope"):
        unseal(data)


@given(st.binary(max_size=200) | st.tuples(st.integers(0, len(BYTES)), st.binary(max_size=3)))
def test_any_bytes_are_an_envelope_or_an_error(found):
    data = found if isinstance(found, bytes) else BYTES[: found[0]] + found[1] + BYTES[found[0] + len(found[1]) :]
    try:
        envelope = unseal(data)
    except EnvelopeError:
        return
    assert seal(envelope) == data


def test_another_version_is_named():
    with pytest.raises(EnvelopeError, match="version 2; this program reads version 1"):
        unseal(changed(v=2))


@pytest.mark.parametrize("name", ["occurred_at", "source_key", "task"])
def test_too_long_an_envelope_names_its_longest_field(name):
    long = json.loads(BYTES) | {name: "é" * 40_000}
    with pytest.raises(EnvelopeError, match=rf"at most 61,440 are possible: its {name} is 40,000 characters long"):
        seal(Envelope(**long))


def test_an_envelope_of_exactly_the_greatest_length_fits():
    room = MAX_ENVELOPE - len(BYTES)
    values = json.loads(BYTES)
    values["source_key"] += "x" * room
    assert len(seal(Envelope(**values))) == MAX_ENVELOPE
    values["source_key"] += "x"
    with pytest.raises(EnvelopeError):
        seal(Envelope(**values))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-03-02",
        "2026-03-02T08:00:00Z",
        "2026-03-02T08:00:00.000Z",
        "2026-03-02T08:00:00.000000",
        "2026-03-02T08:00:00.000000+00:00",
        "2026-03-02T09:00:00.000000+01:00",
        "2026-03-02 08:00:00.000000Z",
        "0001-01-01T00:00:00.000000+14:00",
        "x" * 100_000,
    ],
)
def test_a_time_of_receipt_in_another_form_is_refused(text):
    with pytest.raises(EnvelopeError, match="received_at is"):
        unstamp(text)
