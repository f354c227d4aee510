"""One platform at a time, with a project connected and never read; waiting between attempts takes no time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from audit.sources import web
from tests.audit.live.contract.bench import Bench
from tests.audit.live.contract.benches import BENCHES


@pytest.fixture(params=BENCHES)
def kind(request: pytest.FixtureRequest) -> str:
    """Each kind of platform; tests that name one themselves have that one alone."""
    return str(request.param)


@pytest.fixture
def bench(db: None, kind: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """The platform."""
    settings.SOURCE_ALLOW_HOSTS = ["127.0.0.1"]
    monkeypatch.setattr(web, "FIRST_WAIT", 0.0)
    with BENCHES[kind](monkeypatch) as found:
        yield found
