"""Every page in both themes, wide and narrow: axe finds nothing against WCAG 2.2 AA, and nothing scrolls sideways."""

from __future__ import annotations

import os
from itertools import product
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import DESKTOP, PHONE, Opened, Site

AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text(encoding="utf-8")
ALL = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
OF_COLORS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
"""Themes differ in colours alone: what is right of all else in the light one is so in the dark one."""
NARROWEST = {"width": 320, "height": 640}
PAGES = {
    "dashboard": "/",
    "project": "/projects/{project}/",
    "project that is not signed": "/projects/{other}/",
    "tasks": "/projects/{project}/tasks/?status=accepted&order=oldest",
    "no task": "/projects/{project}/tasks/?stage=Nowhere",
    "wrong filter": "/projects/{project}/tasks/?from=yesterday",
    "views": "/projects/{project}/tasks/views/?stage=Label",
    "trail": "/tasks/{task}/?event=3",
    "long names": "/tasks/{odd}/",
    "list of long names": "/projects/{other}/events/",
    "events": "/projects/{project}/events/?type=review.rejected",
    "entry": "/projects/{project}/events/5/",
    "integrity": "/projects/{project}/integrity/",
    "verification": "/projects/{project}/verifications/{verification}/",
    "sync": "/sync/",
    "sync of a project": "/projects/{project}/sync/",
    "load": "/projects/load/",
    "failed run": "/sync/runs/{failed}/",
    "exports": "/exports/",
    "new export": "/exports/new/?project={project}",
    "new export of several": "/exports/new/?project={project}&also={other}&name=Both",
    "new export of labels": "/exports/new/?project={signs}&format=labelbox",
    "export that left something out": "/exports/{export}/",
    "trail with labels": "/tasks/{labelled}/",
    "reports": "/reports/",
    "report": "/reports/{report}/",
    "new report": "/reports/new/?project={project}",
    "new filtered report": "/reports/new/?project={project}&stage=Review",
    "description of the API": "/api/docs/",
    "chosen tasks": "/projects/{project}/selection/?task={task}",
    "account": "/account/",
    "password": "/account/password/",
    "visits": "/account/visits/",
    "new token": "/account/tokens/",
    "revoking a token": "/account/tokens/{token}/revoke/",
    "nothing there": "/projects/999999/",
}
BEFORE_SIGNING_IN = {"sign in": "/sign-in/"}
OF_AUDITORS = {"welcome": "/welcome/", "account of an auditor": "/account/", "visits of an auditor": "/account/visits/"}
EVERY = [
    *((name, address, "helena") for name, address in PAGES.items()),
    *((name, address, None) for name, address in BEFORE_SIGNING_IN.items()),
    *((name, address, "inspector") for name, address in OF_AUDITORS.items()),
]


def picture(page: Page, name: str) -> None:
    """Keep a picture of the page in the folder LABELTRAIL_SCREENSHOTS, for people to look at."""
    if folder := os.environ.get("LABELTRAIL_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def violations(page: Page, rules: dict[str, object]) -> list[str]:
    """What axe finds by these rules, in one line each."""
    found = page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", rules)
    return [
        f"{one['id']}: {one['help']}: {[node['html'][:160] for node in one['nodes'][:4]]}"
        for one in found["violations"]
    ]


def everywhere(page: Page, name: str) -> list[str]:
    """What axe finds on the page, light and dark, wide and narrow."""
    page.evaluate(AXE)
    wrong = []
    themes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for theme, (place, size) in product(themes, (("wide", DESKTOP), ("phone", PHONE))):
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size(size)
        rules = ALL if theme == "light" else OF_COLORS
        wrong += [f"{theme}, {place}: {text}" for text in violations(page, rules)]
        picture(page, f"{name}, {place}, {theme}")
    return wrong


@pytest.mark.parametrize(("name", "address", "who"), [pytest.param(*one, id=one[0]) for one in EVERY])
def test_a_page_is_accessible_in_both_themes_at_every_width(
    opened: Opened, site: Site, name: str, address: str, who: str | None
) -> None:
    page = opened(who, color_scheme="light")
    page.goto(address.format(**{field: getattr(site, field) for field in Site.__dataclass_fields__}))
    wrong = everywhere(page, name)
    for size in (DESKTOP, PHONE, NARROWEST):
        page.set_viewport_size(size)
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > size["width"]:
            wrong.append(f"{width} px wide on a screen of {size['width']} px")
    assert wrong == []


def test_what_forms_of_an_account_answer_is_accessible_too(opened: Opened) -> None:
    page = opened(None)
    page.goto("/sign-in/")
    page.get_by_label("User name").fill("nobody")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("alert").wait_for()
    wrong = everywhere(page, "sign in refused")
    page = opened()
    page.goto("/account/password/")
    page.get_by_label("Old password").fill("wrong")
    page.get_by_label("New password", exact=True).fill("short")
    page.get_by_label("New password confirmation").fill("else")
    page.get_by_role("button", name="Change it").click()
    page.locator("[aria-invalid=true]").first.wait_for()
    wrong += everywhere(page, "password refused")
    page.goto("/account/tokens/")
    page.get_by_label("Name").fill("nightly")
    page.get_by_role("button", name="Make the token").click()
    page.get_by_text("Copy the token now.").wait_for()
    wrong += everywhere(page, "token made")
    assert wrong == []
