from __future__ import annotations

from collections.abc import Callable

import pytest

from audit.sources.files import FileEvent

Read = Callable[..., list[FileEvent]]
REST = b'"event":"A","time":"2024-01-01T00:00:00Z"'


@pytest.mark.parametrize(
    "line",
    [
        b'{"task":"1",%b}' % REST,
        b'  { "task" : "1" , %b , "score" : 1.50e+02 , "big":123456789012345678901234567890 }\t' % REST,
        b'{"task":"0","x":1,"x":2,"task":"1",%b}' % REST,
        b'{"task":"\\u0031",%b,"note":"\\ud800 alone"}' % REST,
        b'{"task":1,%b,"note":"\xf0\x9f\x98\x80 \\ud83d\\ude00"}' % REST,
    ],
)
def test_the_payload_is_the_line_byte_for_byte(read: Read, line: bytes) -> None:
    (found,) = read(line + b"\r\n")
    assert found.event.content == line
    assert found.event.task == "1"


@pytest.mark.parametrize(
    ("value", "text"),
    [(b"12", "12"), (b"1.50", "1.50"), (b"-0", "-0"), (b"1e400", "1e400"), (b"true", "true"), (b"false", "false")],
)
@pytest.mark.parametrize("more", [b"", b',"half":"\\udc00"'])
def test_a_value_that_is_no_string_counts_as_the_file_spells_it(
    read: Read, value: bytes, text: str, more: bytes
) -> None:
    (found,) = read(b'{"task":%b,%b%b}\n' % (value, REST, more))
    assert found.event.task == text


def test_null_is_no_value(read: Read) -> None:
    (found,) = read(b'{"task":null,"case":"7",%b,"actor":null}\n' % REST)
    assert (found.event.task, found.event.actor, found.event.actor_kind) == ("7", None, "unknown")


def test_keys_may_differ_from_line_to_line(read: Read) -> None:
    lines = [b'{"taskId":"1",%b,"createdBy":"Kim"}' % REST, b'{"TASK":"2",%b,"updatedBy":"Lee"}' % REST]
    found = read(b"\n".join(lines))
    assert [(item.event.task, item.event.actor and item.event.actor.external_id) for item in found] == [
        ("1", "Kim"),
        ("2", "Lee"),
    ]


def test_ids_that_differ_in_case_only_are_two(read: Read) -> None:
    found = read(b'{"task":"a",%b}\n{"task":"A",%b}\n' % (REST, REST))
    assert [item.event.task for item in found] == ["a", "A"]


def test_a_lone_surrogate_is_replaced_where_nothing_depends_on_it(read: Read) -> None:
    (found,) = read(b'{"task":"1",%b,"comment":"\\ud800!","stage":"\\udfff"}\n' % REST)
    assert (found.event.text, found.event.stage) == ("\ufffd!", "\ufffd")


def test_a_nul_in_a_persons_name_stays_so_that_the_payload_can_be_searched_for_it(read: Read) -> None:
    (found,) = read(b'{"task":"a\\u0000b",%b,"actor":"K\\u0000m"}\n' % REST)
    assert found.event.task == "a\ufffdb"
    assert found.event.actor is not None
    assert found.event.actor.external_id == "K\0m"


def test_a_person_token_in_a_file_is_text_like_any_other(read: Read) -> None:
    (found,) = read(b'{"task":"1",%b,"comment":"@p:aaaaaaaaaaaaaaaa/id"}\n' % REST)
    assert found.event.text == "@p:aaaaaaaaaaaaaaaa/id"


def test_empty_lines_and_a_byte_order_mark_are_passed_over(read: Read) -> None:
    (found,) = read(b'\xef\xbb\xbf{"task":"1",%b}\n\n  \n' % REST)
    assert found.event.content == b'{"task":"1",%b}' % REST


def test_a_file_with_other_keys_in_every_line_is_read(read: Read) -> None:
    lines = [b'{"k%d":1,"task":"1",%b}' % (number, REST) for number in range(12_000)]
    assert len(read(b"\n".join(lines))) == 12_000
