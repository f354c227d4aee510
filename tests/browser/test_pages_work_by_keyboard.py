"""Everything that a pointer can do here, keys can."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opened, Site


def focused(page: Page) -> str:
    """The words of what has the focus."""
    return str(page.evaluate("(document.activeElement.innerText || document.activeElement.name || '').trim()"))


def test_rows_are_walked_opened_and_left_for_the_next(opened: Opened, site: Site) -> None:
    page = opened()
    page.goto(f"/projects/{site.project}/tasks/?order=oldest")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("j")
    assert focused(page).startswith("CT_ABD_0002")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("CT_ABD_0002")
    page.keyboard.press("]")
    expect(page.get_by_role("heading", level=1)).to_have_text("CT_ABD_0001")
    page.keyboard.press("[")
    expect(page.get_by_role("heading", level=1)).to_have_text("CT_ABD_0002")


def test_a_row_is_ticked_and_the_bar_counts(opened: Opened, site: Site) -> None:
    page = opened()
    page.goto(f"/projects/{site.project}/tasks/")
    expect(page.locator(".selbar")).to_be_hidden()
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("[data-picked]")).to_have_text("2 selected")
    page.keyboard.press("x")
    expect(page.locator("[data-picked]")).to_have_text("1 selected")
    page.get_by_role("button", name="Clear").press("Enter")
    expect(page.locator(".selbar")).to_be_hidden()


def test_places_search_and_help_have_keys(opened: Opened, site: Site) -> None:
    page = opened()
    page.goto(f"/projects/{site.project}/")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_hidden()
    page.keyboard.press("/")
    page.keyboard.type("0417 jx?")
    page.keyboard.press("Backspace")
    expect(page.get_by_role("searchbox")).to_have_value("0417 jx")
    page.goto(f"/projects/{site.project}/")
    page.keyboard.press("g")
    page.keyboard.press("i")
    page.wait_for_url(re.compile("/integrity/"))


def test_the_first_tab_skips_to_the_content(opened: Opened, site: Site) -> None:
    page = opened()
    page.goto("/")
    page.keyboard.press("Tab")
    assert focused(page) == "Skip to content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


@pytest.mark.parametrize("address", ["/", "/projects/{project}/", "/projects/{project}/tasks/", "/tasks/{task}/"])
def test_tab_comes_everywhere_in_order_and_shows_where_it_is(opened: Opened, site: Site, address: str) -> None:
    page = opened()
    page.goto(address.format(project=site.project, task=site.task))
    page.locator("body").press("Tab")
    wrong = page.evaluate(
        """() => {
          const shown = [...document.querySelectorAll("a[href], button, input, select, summary, [tabindex]")]
            .filter((one) => one.checkVisibility({visibilityProperty: true}) && !one.disabled && one.type !== "hidden");
          const wrong = [];
          for (const one of shown) {
            if (one.tabIndex > 0) wrong.push(`goes first: ${one.outerHTML.slice(0, 120)}`);
            one.focus();
            const look = getComputedStyle(one);
            if (document.activeElement !== one) wrong.push(`gets no focus: ${one.outerHTML.slice(0, 120)}`);
            else if (one.matches(":focus-visible") && look.outlineStyle === "none")
              wrong.push(`shows no focus: ${one.outerHTML.slice(0, 120)}`);
          }
          return wrong;
        }"""
    )
    assert wrong == []


def test_the_theme_is_switched_and_kept(opened: Opened, site: Site) -> None:
    page = opened(color_scheme="light")
    page.goto("/")
    page.get_by_role("button", name="Switch between light and dark").press("Enter")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
