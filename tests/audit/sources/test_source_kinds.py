from __future__ import annotations

import pytest

from audit.sources import reading
from audit.sources.files import FilesReading


def test_payloads_of_files_are_read_by_the_files_package() -> None:
    assert isinstance(reading("file"), FilesReading)


def test_an_unknown_kind_of_source_is_named_with_the_known_ones() -> None:
    with pytest.raises(LookupError, match=r'no source kind "flie"; kinds: .*file'):
        reading("flie")
