"""Rows of several projects wait on the disk: memory does not grow with them."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import resource
from contextlib import closing
from exports.formats.labelbox.datarow import DataRow
from exports.formats.labelbox.merged import Merged

def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

def line(rows, more=b"x" * 2000):
    with closing(Merged()) as merged:
        for place in (0, 1):
            for number in range(rows):
                id_ = f"{number * 7919 % rows:09d}"
                head = b'{"a":"' + id_.encode() + more + b'"'
                merged.add([DataRow(id_, head, b'"%d":{}' % place, shared=True)], place)
        last, count = b"", 0
        for found in merged.lines():
            assert found > last
            last, count = found, count + 1
        assert count == rows

line(5_000)
before = peak()
line(15_000)  # 60 MB
print(peak() - before)
"""


def test_many_megabytes_of_rows_take_a_few() -> None:
    grown = subprocess.check_output([sys.executable, "-c", SCRIPT], text=True)
    assert int(grown) < 30
