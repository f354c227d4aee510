"""The builder of exports: formats by family, and the parameters of the one that is chosen, long ones folded away."""

from __future__ import annotations

import pytest
from django.test import Client

from audit.models import Project
from exports.formats import FORMATS
from exports.pages import builder
from exports.pages.cards import Card, families
from exports.pages.fields import shown


def test_every_format_is_in_one_family() -> None:
    found = families([Card(one, "", False) for one in FORMATS.values()])
    assert sorted(card.format.slug for family in found for card in family.cards) == sorted(FORMATS)
    of = {card.format.slug: family.title for family in found for card in family.cards}
    assert of["trail"] == of["parquet"] == "The record"
    assert of["coco"] == of["conll"] != of["kili"] == of["redbrick"]


def test_the_chosen_formats_parameters_stand_apart_to_be_fetched(client: Client, project: Project) -> None:
    text = client.get(f"/exports/new/?project={project.pk}&format=xes").text
    assert text.count('id="chosen"') == text.count('id="summary"') == 1
    assert 'hx-select="#chosen"' in text
    assert "parameters of XES" in text


@pytest.mark.parametrize(("chosen", "opened"), [("", False), ("&p-people=pseudonyms", True)])
def test_parameters_beyond_the_first_are_folded_until_one_is_chosen(
    client: Client, project: Project, monkeypatch: pytest.MonkeyPatch, chosen: str, opened: bool
) -> None:
    order = [one.name for one in FORMATS["trail"].parameters]
    monkeypatch.setattr(builder, "MOST_PARAMETERS", order.index("people"))
    text = client.get(f"/exports/new/?project={project.pk}&format=trail{chosen}").text
    left = len(order) - order.index("people")
    assert f"<details{' open' if opened else ''}><summary>{left} more, as usual unless you choose" in text


def test_a_flag_is_yes_or_no_and_other_values_are_as_they_are() -> None:
    flag = next(one for one in FORMATS["kili"].parameters if one.is_flag)
    assert [shown(flag, value) for value in flag.choices] == ["yes", "no"]
    layout = next(one for one in FORMATS["kili"].parameters if one.name == "layout")
    assert [shown(layout, value) for value in layout.choices] == list(layout.choices)
