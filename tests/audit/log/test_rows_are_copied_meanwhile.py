"""Copies keep the server at work while rows are made, and leave the connection fit for use however they end."""

from __future__ import annotations

from collections.abc import Iterator
from struct import pack

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from audit.log.copies import ENOUGH, MESSAGE, Copies

INTO_ONE = "COPY copied_one (id, data) FROM STDIN (FORMAT BINARY)"
INTO_TWO = "COPY copied_two (id, data) FROM STDIN (FORMAT BINARY)"


@pytest.fixture
def tables(transactional_db: None) -> Iterator[None]:
    with connection.cursor() as cursor:
        for name in ("copied_one", "copied_two"):
            cursor.execute(f"CREATE TABLE {name} (id bigint PRIMARY KEY, data bytea NOT NULL)")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE copied_one, copied_two")


def row(number: int, data: bytes = b"x") -> bytes:
    return pack(">hiqi", 2, 8, number, len(data)) + data


def found(table: str) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM {table} ORDER BY id")
        return [number for (number,) in cursor.fetchall()]


def test_rows_of_two_tables_arrive_in_whatever_turns_they_were_made(tables: None) -> None:
    count = 3 * ENOUGH + 7
    with transaction.atomic(), Copies() as copies:
        one, two = copies.into(INTO_ONE), copies.into(INTO_TWO)
        for number in range(count):
            one(row(number))
            if not number % 3:
                two(row(number))
            copies.go_on()
    assert found("copied_one") == list(range(count))
    assert found("copied_two") == list(range(0, count, 3))


def test_the_server_is_at_work_before_the_last_row_is_made(tables: None) -> None:
    with transaction.atomic(), Copies() as copies:
        add = copies.into(INTO_ONE)
        for number in range(ENOUGH):
            add(row(number))
        for _ in range(10_000):
            copies.go_on()
        assert not any(copies._waiting.values())


def test_rows_longer_than_a_message_arrive_whole(tables: None) -> None:
    data = bytes(range(256)) * (MESSAGE // 64)
    with transaction.atomic(), Copies() as copies:
        add = copies.into(INTO_ONE)
        for number in range(40):
            add(row(number, data))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), bool_and(data = %s) FROM copied_one", [data])
        assert cursor.fetchone() == (40, True)


def test_nothing_to_copy_is_no_statement(tables: None) -> None:
    with transaction.atomic(), Copies() as copies:
        copies.into(INTO_ONE)
        copies.go_on()
    assert found("copied_one") == []


def test_a_row_that_the_server_refuses_is_an_error_of_the_database(tables: None) -> None:
    with pytest.raises(IntegrityError, match="copied_one_pkey"), transaction.atomic(), Copies() as copies:
        add = copies.into(INTO_ONE)
        add(row(7))
        add(row(7))
    assert found("copied_one") == []


def test_a_refusal_is_told_while_rows_are_still_made(tables: None) -> None:
    made = 0
    with pytest.raises(IntegrityError), transaction.atomic(), Copies() as copies:
        add = copies.into(INTO_ONE)
        for number in range(10**6):
            add(row(number // 2))
            copies.go_on()
            made += 1
    assert made < 10**6
    assert found("copied_one") == []


@pytest.mark.parametrize("count", [1, ENOUGH, 4 * ENOUGH])
def test_an_error_of_ours_ends_what_is_under_way_and_the_transaction_rolls_back(tables: None, count: int) -> None:
    with pytest.raises(KeyError, match="ours"), transaction.atomic(), Copies() as copies:
        add = copies.into(INTO_ONE)
        for number in range(count):
            add(row(number))
            copies.go_on()
        raise KeyError("ours")
    assert found("copied_one") == []


def test_a_savepoint_around_it_is_enough_to_go_on(tables: None) -> None:
    with transaction.atomic():
        with pytest.raises(IntegrityError), transaction.atomic(), Copies() as copies:
            add = copies.into(INTO_ONE)
            add(row(1))
            add(row(1))
        with Copies() as copies:
            copies.into(INTO_ONE)(row(2))
    assert found("copied_one") == [2]


def test_a_lost_connection_is_an_error_and_the_next_one_works(tables: None) -> None:
    with pytest.raises(OperationalError), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            [backend] = cursor.fetchone()
        other = connection.copy()
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])
        other.close()
        with Copies() as copies:
            add = copies.into(INTO_ONE)
            for number in range(2 * ENOUGH):
                add(row(number))
                copies.go_on()
    connection.close()
    assert found("copied_one") == []
