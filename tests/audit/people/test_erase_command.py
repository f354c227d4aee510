"""`erase` says what goes and what stays, and does nothing that nobody agreed to."""

from __future__ import annotations

import io
import sys

import pytest
from django.core.management import CommandError, call_command

from audit.models import Disclosure, Identity, Person, Project
from audit.people import find_person
from tests.factories import AMARA, MEI, make_event, make_project

pytestmark = pytest.mark.django_db


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def project() -> Project:
    return make_project(
        [
            make_event("T1", "task.created", 0, MEI),
            make_event("T1", "comment.added", 1, AMARA, text="The margin looks wrong."),
        ]
    )


@pytest.fixture
def amara(project) -> Person:
    return find_person(project, "Amara Okafor")


def erase(person: str, project: Project, *options: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    arguments = [person, "--project", str(project.pk), "--reason", "Asked for it", *options]
    call_command("erase", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def is_erased(person: Person) -> bool:
    return Identity.objects.get(pk=person.identity_id).data is None


@pytest.mark.parametrize("name", ["Amara Okafor", "amara@example.org"])
def test_with_yes_it_erases_and_prints_the_pseudonym(project, amara, name):
    out, _ = erase(name, project, "--yes")
    assert out == f"{amara.pseudonym}\n"
    assert is_erased(amara)
    assert Disclosure.objects.filter(group="text").exists()


def test_it_says_what_goes_and_what_stays(project, amara):
    _, err = erase("Amara Okafor", project, "--yes")
    goes, stays = err.split("Stays:")
    assert f"Erasing Amara Okafor ({amara.pseudonym})" in goes
    assert "the identity: 2 values" in goes
    assert f"1 events in {project.name}, as done by {amara.pseudonym}" in stays
    assert "1 texts written there (--with-texts erases them)" in stays


def test_with_texts_says_and_erases_the_texts(project, amara):
    _, err = erase("Amara Okafor", project, "--yes", "--with-texts")
    assert f"1 texts written in {project.name}" in err.split("Stays:")[0]
    assert not Disclosure.objects.filter(group="text").exists()


def test_without_a_terminal_and_without_yes_it_refuses(project, amara, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("erase\n"))
    with pytest.raises(CommandError, match="--yes") as caught:
        erase("Amara Okafor", project)
    assert caught.value.returncode == 2
    assert not is_erased(amara)


@pytest.mark.parametrize("answer", ["", "\n", "y\n", "yes\n", "ERASE\n"])
def test_any_answer_but_erase_cancels(project, amara, monkeypatch, answer):
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    with pytest.raises(CommandError, match="Nothing was erased") as caught:
        erase("Amara Okafor", project)
    assert caught.value.returncode == 3
    assert not is_erased(amara)


def test_the_answer_erase_erases(project, amara, monkeypatch):
    monkeypatch.setattr(sys, "stdin", Terminal("erase\n"))
    erase("Amara Okafor", project)
    assert is_erased(amara)


def test_an_unknown_person_is_a_wrong_request(project):
    with pytest.raises(CommandError, match="Amara Okafo'") as caught:
        erase("Amara Okafo", project, "--yes")
    assert caught.value.returncode == 2


def test_erasing_twice_is_a_wrong_request(project, amara):
    erase("Amara Okafor", project, "--yes")
    with pytest.raises(CommandError, match="erased on") as caught:
        erase(amara.pseudonym, project, "--yes")
    assert caught.value.returncode == 2


def test_a_reason_that_names_the_person_is_a_wrong_request(project, amara):
    arguments = ["erase", "Amara Okafor", "--project", str(project.pk), "--yes", "--reason", "Mrs Amara Okafor wrote"]
    with pytest.raises(CommandError, match="names the person") as caught:
        call_command(*arguments, stderr=io.StringIO())
    assert caught.value.returncode == 2
    assert not is_erased(amara)


def test_a_reason_is_required(project, amara):
    with pytest.raises(CommandError, match="--reason"):
        call_command("erase", "Amara Okafor", "--project", str(project.pk), "--yes")
    assert not is_erased(amara)
