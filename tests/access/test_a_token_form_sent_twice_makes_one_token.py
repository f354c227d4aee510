"""A token's form that is sent again, as by a reload, makes no second token and shows no secret again."""

from __future__ import annotations

import uuid

from django.test import Client
from django.urls import reverse

from audit.models import ApiToken


def test_the_second_time_it_says_so(client: Client) -> None:
    form = {"once": str(uuid.uuid4()), "name": "nightly", "scope": "read", "where": "all", "ends": ""}
    first = client.post(reverse("token-new"), form)
    token = ApiToken.objects.get()
    assert f"{token.prefix}" in first.content.decode()
    assert "Copy the token now." in first.content.decode()
    again = client.post(reverse("token-new"), form).content.decode()
    assert ApiToken.objects.count() == 1
    assert "was made, and shown, when the form was sent first" in again
    assert token.prefix not in again
    assert "Copy the token now." not in again


def test_another_form_makes_another_token(client: Client) -> None:
    for _ in range(2):
        form = {"once": str(uuid.uuid4()), "name": "nightly", "scope": "read", "where": "all"}
        assert client.post(reverse("token-new"), form).status_code == 200
    assert ApiToken.objects.count() == 2


def test_a_form_that_was_refused_can_be_sent_again(client: Client) -> None:
    once = str(uuid.uuid4())
    page = client.post(reverse("token-new"), {"once": once, "name": "", "scope": "read", "where": "all"})
    assert page.status_code == 400
    assert f'name="once" value="{once}"' in page.content.decode()
    good = client.post(reverse("token-new"), {"once": once, "name": "nightly", "scope": "read", "where": "all"})
    assert "Copy the token now." in good.content.decode()


def test_a_form_without_its_token_is_refused(client: Client) -> None:
    assert client.post(reverse("token-new"), {"name": "nightly", "scope": "read"}).status_code == 400
    assert not ApiToken.objects.exists()
