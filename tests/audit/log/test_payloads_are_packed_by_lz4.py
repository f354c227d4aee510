"""Payloads are kept by the method that is read the fastest, where the server has it."""

from __future__ import annotations

import pytest
from django.db import connection


@pytest.mark.parametrize(("table", "column"), [("audit_disclosure", "data"), ("audit_event", "envelope")])
def test_columns_of_payloads_use_lz4_where_there_is_lz4(db: None, table: str, column: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 'lz4' = ANY(enumvals) FROM pg_settings WHERE name = 'default_toast_compression'")
        ((has_it,),) = cursor.fetchall()
        cursor.execute(
            "SELECT attcompression FROM pg_attribute WHERE attrelid = %s::regclass AND attname = %s", [table, column]
        )
        assert cursor.fetchall() == [("l" if has_it else "",)]
