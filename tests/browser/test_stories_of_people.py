"""What people come for, done as they do it: wide and narrow, with scripts and without."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PATIENCE, PHONE, Opened, Site, sign_in

WAYS = pytest.mark.parametrize(
    "way",
    [
        pytest.param({"at": DESKTOP}, id="desktop"),
        pytest.param({"at": PHONE}, id="phone"),
        pytest.param({"at": DESKTOP, "scripts": False}, id="desktop without scripts"),
        pytest.param({"at": PHONE, "scripts": False}, id="phone without scripts"),
    ],
)
TWO_WAYS = pytest.mark.parametrize(
    "way", [pytest.param({"at": DESKTOP}, id="desktop"), pytest.param({"at": PHONE, "scripts": False}, id="phone")]
)


def tab(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Project").get_by_role("link", name=name).click()


@WAYS
def test_somebody_signs_in_and_finds_who_rejected_a_task_and_why(opened: Opened, site: Site, way: dict) -> None:
    page = opened(None, **way)
    sign_in(page, site, "helena")
    page.get_by_role("link", name="Liver lesions CT", exact=True).first.click()
    tab(page, "Tasks")
    page.get_by_label("Name or id", exact=True).fill("CT_ABD_0417")
    page.get_by_role("button", name="Apply").click()
    page.get_by_role("link", name="CT_ABD_0417", exact=True).click()
    line = page.get_by_role("listitem").filter(has_text=re.compile("Rejected by Mei Tanaka at Review, back to Label"))
    expect(line).to_be_visible()
    expect(line.get_by_text("Segment 4 is not the liver.")).to_be_visible()


@WAYS
def test_somebody_exports_exactly_what_they_see(opened: Opened, site: Site, way: dict) -> None:
    page = opened(**way)
    page.goto(f"/projects/{site.project}/tasks/")
    page.get_by_label("Status").select_option("accepted")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("14 tasks match")).to_be_visible()
    page.get_by_role("link", name="Export exactly these").click()
    expect(page.get_by_role("checkbox", name="Accepted")).to_be_checked()
    expect(page.get_by_text("Matching tasks")).to_be_visible()
    page.get_by_role("button", name="Request export").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Liver lesions CT")
    expect(page.get_by_text("Waiting").first).to_be_visible()


@TWO_WAYS
def test_somebody_ticks_tasks_and_asks_for_a_dossier_of_each(opened: Opened, site: Site, way: dict) -> None:
    page = opened(**way)
    page.goto(f"/projects/{site.project}/tasks/")
    for name in ("CT_ABD_0003", "CT_ABD_0004"):
        page.get_by_role("checkbox", name=f"Select {name}").check()
    page.get_by_role("button", name="Report").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("2 chosen tasks")
    page.get_by_role("button", name="Request 2 dossiers").click()
    expect(page.get_by_role("link", name="Dossier of CT_ABD_0003").first).to_be_visible()
    expect(page.get_by_role("link", name="Dossier of CT_ABD_0004").first).to_be_visible()


@TWO_WAYS
def test_an_export_of_ticked_tasks_holds_those(opened: Opened, site: Site, way: dict) -> None:
    page = opened(**way)
    page.goto(f"/projects/{site.project}/tasks/")
    for name in ("CT_ABD_0005", "CT_ABD_0006"):
        page.get_by_role("checkbox", name=f"Select {name}").check()
    page.locator("form[data-pick]").get_by_role("button", name="Export").click()
    expect(page.get_by_role("checkbox", name="CT_ABD_0005")).to_be_checked()
    expect(page.get_by_role("checkbox", name="CT_ABD_0006")).to_be_checked()
    expect(page.get_by_role("group", name="Id").get_by_role("checkbox")).to_have_count(2)


@TWO_WAYS
def test_somebody_asks_for_a_report_of_a_task(opened: Opened, site: Site, way: dict) -> None:
    page = opened(**way)
    page.goto(f"/tasks/{site.task}/")
    page.get_by_role("link", name="Report", exact=True).click()
    page.get_by_role("button", name="Request report").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Dossier of CT_ABD_0417")


@TWO_WAYS
def test_filters_are_kept_as_a_view_and_let_go_of(opened: Opened, site: Site, way: dict) -> None:
    page = opened(**way)
    name = f"Sent back on {way['at']['width']}"
    page.goto(f"/projects/{site.project}/tasks/?status=sent+back")
    page.get_by_role("link", name="Keep these filters as a view").click()
    page.get_by_label("Name of the view").fill(name)
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.get_by_role("link", name=name)).to_have_attribute("aria-current", "page")
    page.get_by_role("link", name="Manage").click()
    page.get_by_role("button", name=f"Let go of {name}").click()
    expect(page.get_by_role("link", name=name)).to_have_count(0)


@TWO_WAYS
def test_an_auditor_begins_on_a_page_of_their_own_and_only_reads(opened: Opened, site: Site, way: dict) -> None:
    page = opened(None, **way)
    sign_in(page, site, "inspector")
    expect(page.get_by_role("heading", level=1)).to_contain_text("The record of “Liver lesions CT”")
    page.get_by_role("link", name="Check that the record is whole").click()
    expect(page.get_by_text(re.compile("The log still has the root that was signed"))).to_be_visible()
    page.goto(f"/exports/new/?project={site.project}")
    expect(page.get_by_role("button", name="Request export")).to_have_count(0)
    assert page.goto(f"/projects/{site.other}/").status == 404


@TWO_WAYS
def test_a_figure_leads_to_what_it_counts(opened: Opened, site: Site, way: dict) -> None:
    page = opened(**way)
    page.goto(f"/projects/{site.project}/")
    page.get_by_role("row").filter(has_text="Review").get_by_role("link", name="15", exact=True).last.click()
    expect(page.get_by_text("15 events match")).to_be_visible()
    page.go_back()
    arrow = page.get_by_role("link", name=re.compile("^15 sent back.*Review to Label"))
    arrow.get_by_text("15 sent back").click()
    expect(page.get_by_text("15 events match")).to_be_visible()


def test_a_proof_is_shown_and_taken_away_as_a_file(opened: Opened, site: Site) -> None:
    page = opened()
    page.goto(f"/tasks/{site.task}/?event=3")
    expect(page.get_by_text("Event 3 is in the signed log.")).to_be_visible()
    with page.expect_download() as taken:
        page.get_by_role("link", name="The proof as a file").click()
    text = taken.value.path().read_text()
    assert text.startswith("c2sp.org/tlog-proof@v1\n")


@pytest.mark.parametrize(
    ("way", "meaning"),
    [
        pytest.param({"at": DESKTOP}, "Reviewed", id="desktop"),
        pytest.param({"at": PHONE, "scripts": False}, "Approved", id="phone without scripts"),
    ],
)
def test_an_auditor_signs_a_report_with_their_password(opened: Opened, site: Site, way: dict, meaning: str) -> None:
    page = opened("inspector", **way)
    page.goto(f"/reports/{site.report}/")
    signatures = page.get_by_role("region", name="Signatures")
    signed = signatures.get_by_role("row").filter(has_text=meaning)
    expect(signed).to_have_count(0)

    page.get_by_role("radio", name=meaning).check()
    page.get_by_label("Your password, again").fill("not the password")
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_text("The report is not signed.")).to_be_visible()
    expect(page.get_by_text("The password is wrong")).to_be_visible()
    expect(page.get_by_role("radio", name=meaning)).to_be_checked()
    expect(page.get_by_label("Your password, again")).to_have_value("")
    expect(signed).to_have_count(0)

    page.get_by_label("Your password, again").fill(site.password)
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_text("You have signed the report.")).to_be_visible()
    expect(signed).to_contain_text("inspector")
    page.reload()
    expect(signed).to_have_count(1)
    signed.get_by_role("link").click()
    expect(page.get_by_text("Report signed by inspector")).to_be_visible()
    expect(page.get_by_text("This entry is in the signed log.")).to_be_visible()


def test_nobody_gives_the_same_signature_twice(opened: Opened, site: Site) -> None:
    page = opened("helena")
    page.goto(f"/reports/{site.report}/")
    for said in ("You have signed the report.", "The report is not signed."):
        page.get_by_role("radio", name="Responsible").check()
        page.get_by_label("Your password, again").fill(site.password)
        page.get_by_role("button", name="Sign", exact=True).click()
        expect(page.get_by_text(said)).to_be_visible()
    rows = page.get_by_role("region", name="Signatures").get_by_role("row")
    expect(rows.filter(has_text="Responsible")).to_have_count(1)


def test_another_format_brings_its_parameters_without_losing_the_place(opened: Opened, site: Site) -> None:
    page = opened()
    page.goto(f"/exports/new/?project={site.signs}&format=coco")
    page.get_by_label("Name", exact=True).fill("For the training of June")
    page.get_by_role("radio", name="Labelbox NDJSON").check()
    expect(page.get_by_text("parameters of Labelbox NDJSON")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_label("Name", exact=True)).to_have_value("For the training of June")
    expect(page.get_by_role("radio", name="Labelbox NDJSON")).to_be_focused()
    expect(page.get_by_text("--format labelbox")).to_be_visible()
    assert "format=labelbox" in page.url
    page.get_by_role("button", name="Request export").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("For the training of June", timeout=PATIENCE)


@TWO_WAYS
def test_an_export_tells_what_it_left_out_and_why(opened: Opened, site: Site, way: dict) -> None:
    page = opened(**way)
    page.goto(f"/exports/{site.export}/")
    page.get_by_role("link", name="Why, reason by reason").click()
    reasons = page.get_by_role("group", name="Reasons")
    expect(reasons.get_by_role("row").filter(has_text="coco has no way to say a polyline")).to_be_visible()
