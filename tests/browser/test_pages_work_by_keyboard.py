"""Everything that a pointer can do here, keys can."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opened, Site


def focused(page: Page) -> str:
    """The words of what has the focus."""
    return str(page.evaluate("(document.activeElement.innerText || document.activeElement.name || '').trim()"))


def tab_to(page: Page, words: str) -> None:
    """Press Tab until what says this has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if " ".join(focused(page).split()) == words:
            return
    raise AssertionError(f"Tab does not come to {words!r}")


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


TABBED = {
    "/": "helena",
    "/projects/{project}/": "helena",
    "/projects/{project}/tasks/": "helena",
    "/tasks/{task}/": "helena",
    "/sign-in/": None,
    "/welcome/": "inspector",
    "/account/": "helena",
    "/account/password/": "helena",
    "/account/visits/": "helena",
    "/account/tokens/": "helena",
    "/account/tokens/{token}/revoke/": "helena",
}


@pytest.mark.parametrize("address", TABBED)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_tab_comes_everywhere_in_order_and_shows_where_it_is(
    opened: Opened, site: Site, address: str, theme: str
) -> None:
    page = opened(TABBED[address], color_scheme=theme)
    page.goto(address.format(project=site.project, task=site.task, token=site.token))
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


def test_one_signs_in_and_out_with_keys_alone(opened: Opened, site: Site) -> None:
    page = opened(None)
    page.goto("/sign-in/")
    page.keyboard.type("inspector")
    page.keyboard.press("Tab")
    page.keyboard.type(site.password)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/welcome/"))
    tab_to(page, "Sign out")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/sign-in/"))


def test_a_token_is_made_and_revoked_with_keys_alone(opened: Opened, site: Site) -> None:
    page = opened()
    page.goto("/account/")
    tab_to(page, "New token")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/account/tokens/"))
    page.get_by_label("Name").focus()
    page.keyboard.type("made with keys")
    page.keyboard.press("Enter")
    page.get_by_text("Copy the token now.").wait_for()
    tab_to(page, "I have it")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/account/$"))
    tab_to(page, "Revoke made with keys")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/revoke/"))
    tab_to(page, "Revoke it")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("done=revoked"))
    expect(page.get_by_text("The token is revoked.")).to_be_visible()


def test_the_theme_is_switched_and_kept(opened: Opened, site: Site) -> None:
    page = opened(color_scheme="light")
    page.goto("/")
    page.get_by_role("button", name="Switch between light and dark").press("Enter")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
