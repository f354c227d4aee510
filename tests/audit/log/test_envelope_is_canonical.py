"""An envelope's bytes are RFC 8785's, whatever the texts hold, and are read back as they were."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from audit.log.envelope import Envelope, clean, commit, seal, stamp, unseal, unstamp

ODD = ["", "\x00", "\x1f", "\x7f", "\u2028\u2029", '"\\/', "é", "e\u0301", "😀", "\ufb33", "\b\t\n\f\r", "</script>"]
texts = st.sampled_from(ODD) | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
optional = st.none() | texts
numbers = st.integers(1, 2**53 - 1)
envelopes = st.builds(
    Envelope,
    actor=optional,
    actor_kind=texts,
    assignee=optional,
    content=optional,
    cycle=st.none() | numbers,
    derived=st.booleans(),
    log=texts,
    n=numbers,
    occurred_at=optional,
    received_at=texts,
    source_key=texts,
    source_type=texts,
    stage=optional,
    task=optional,
    text=optional,
    to_stage=optional,
    type=texts,
    v=st.just(1),
)


def fields(envelope: Envelope) -> dict[str, object]:
    return {name: getattr(envelope, name) for name in envelope.__struct_fields__}


@given(envelopes)
def test_the_bytes_are_those_of_rfc_8785(envelope):
    assert seal(envelope) == rfc8785.dumps(fields(envelope))


@given(envelopes)
def test_an_envelope_is_read_back_as_it_was(envelope):
    assert unseal(seal(envelope)) == envelope


def test_all_eighteen_keys_are_there():
    assert sorted(Envelope.__struct_fields__) == list(Envelope.__struct_fields__)
    assert set(Envelope.__struct_fields__) == {
        "v", "log", "task", "n", "type", "source_type", "source_key", "occurred_at", "received_at", "actor",
        "actor_kind", "assignee", "stage", "to_stage", "cycle", "derived", "content", "text",
    }  # fmt: skip


@given(st.text(st.characters()))
def test_clean_text_fits_utf_8_and_postgresql_and_only_loses_what_does_not(text):
    cleaned = clean(text)
    assert "\0" not in cleaned
    assert len(cleaned.encode().decode()) == len(text)
    assert all(new in {old, "\ufffd"} for old, new in zip(text, cleaned, strict=True))
    assert clean(cleaned) == cleaned


def test_nul_and_lone_surrogates_become_the_replacement_character():
    assert clean("a\0b\ud83dc\x1b😀") == "a\ufffdb\ufffdc\x1b😀"


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(9990, 1, 1)), st.integers(-14 * 60, 14 * 60))
def test_a_time_of_receipt_is_read_back_as_the_same_instant(naive, minutes):
    moment = naive.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert unstamp(stamp(moment)) == moment
    assert len(stamp(moment)) == 27


def test_a_time_of_receipt_has_microseconds_even_when_they_are_nought():
    assert stamp(datetime(2026, 3, 2, 8, tzinfo=UTC)) == "2026-03-02T08:00:00.000000Z"


@pytest.mark.parametrize(("salt", "data"), [(b"s" * 32, b"x"), (bytes(32), b"")])
def test_a_commit_is_the_hash_that_the_contract_names(salt, data):
    import hashlib

    assert commit(salt, data) == hashlib.sha256(b"labeltrail/v1/commit\0" + salt + data).hexdigest()
