"""One server for all tests in a browser, a browser for each module; every page is watched for errors."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

CHECKOUT = Path(__file__).resolve().parents[2]
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
PATIENCE = 40_000
"""Milliseconds that a step may take on a machine that is busy with other tests."""


def chromium() -> str | None:
    """The system's Chromium."""
    named = os.environ.get("LABELTRAIL_CHROMIUM")
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    return named or next((path for path in found if path), None)


@dataclass(frozen=True)
class Site:
    """The site that is served: its address, ids of what is there, and the password of its people."""

    url: str
    project: int
    other: int
    task: int
    odd: int
    failed: int
    done: int
    verification: int
    token: int
    labelled: int
    signs: int
    export: str
    report: str
    password: str


@dataclass
class Watch:
    """What went wrong in a page while a test looked at it."""

    wrong: list[str] = field(default_factory=list)

    def over(self, page: Page) -> None:
        """Listen to a page."""
        page.on("console", lambda said: self._said(page, said))
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("requestfailed", self._failed)

    def _failed(self, request: Request) -> None:
        """What the browser gave up because the page was left has not failed."""
        if request.failure != "net::ERR_ABORTED":
            self.wrong.append(f"{request.url}: {request.failure}")

    def _said(self, page: Page, said: ConsoleMessage) -> None:
        """A page that refuses says so in its words; that its status is 400 or 404 is no error of the page."""
        refused = said.text.startswith("Failed to load resource") and said.location.get("url") == page.url
        if said.type in ("error", "warning") and not refused:
            self.wrong.append(said.text)


@pytest.fixture(scope="session")
def site(private_server: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site, in a database of its own that goes with it."""
    if chromium() is None:
        pytest.skip("No Chromium on this machine: install it, or name one in LABELTRAIL_CHROMIUM.")
    home = tmp_path_factory.mktemp("site")
    parts = urlsplit(os.environ["DATABASE_URL"])
    name = f"browser_{os.getpid()}"
    with psycopg.connect(urlunsplit(parts._replace(path="/postgres")), autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "exportsite.settings",
        "LABELTRAIL_HOME": str(home),
        "DATABASE_URL": urlunsplit(parts._replace(path=f"/{name}")),
    }
    (home / "static").mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.browser.served"], cwd=CHECKOUT, env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        told = process.stdout.readline()
        assert told, "The site did not come up; its error is above."
        yield Site(**json.loads(told))
    finally:
        process.kill()
        process.wait()
        with psycopg.connect(urlunsplit(parts._replace(path="/postgres")), autocommit=True) as server:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def browser(site: Site) -> Iterator[Browser]:
    """The browser. It goes before tests of other modules: Playwright's event loop is none that Django wants to meet."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        yield started
        started.close()


@pytest.fixture(scope="module")
def sessions(browser: Browser, site: Site) -> Callable[[str], Any]:
    """The cookies of somebody who signed in."""
    known: dict[str, Any] = {}

    def of(name: str) -> Any:
        if name not in known:
            context = browser.new_context(base_url=site.url)
            sign_in(context.new_page(), site, name)
            known[name] = context.storage_state()
            context.close()
        return known[name]

    return of


def sign_in(page: Page, site: Site, name: str) -> None:
    """Sign in by hand."""
    page.goto("/sign-in/")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(site.password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", level=1).wait_for()


Opened = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser, site: Site, sessions: Callable[[str], Any]) -> Iterator[Opened]:
    """Open a page in a browser of its own settings. After the test, nothing may have gone wrong in any."""
    contexts: list[BrowserContext] = []
    watch = Watch()

    def open_(who: str | None = "helena", at: dict[str, int] = DESKTOP, scripts: bool = True, **more: Any) -> Page:
        state = sessions(who) if who else None
        context = browser.new_context(
            base_url=site.url, viewport=at, java_script_enabled=scripts, storage_state=state, **more
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        watch.over(page)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert watch.wrong == []
