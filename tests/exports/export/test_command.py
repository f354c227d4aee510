"""`manage.py export`: results on stdout, errors named, exit codes as agreed (docs/contracts.md section 4)."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from exports.formats import FORMATS
from exports.management.commands import export as command
from exports.models import Export
from exportsite.jobs import RunFailed
from tests.exports.sealed import verify
from tests.factories import make_project, worked_task


@pytest.fixture
def project(db):
    return make_project(worked_task("T1"), name="Lungs")


def run(*words: object) -> str:
    out = io.StringIO()
    call_command("export", *map(str, words), stdout=out, stderr=io.StringIO())
    return out.getvalue()


def refused(*words: object) -> CommandError:
    with pytest.raises(CommandError) as caught:
        run(*words)
    return caught.value


def test_it_prints_the_path_and_nothing_else(project, tmp_path) -> None:
    target = tmp_path / "t.zip"
    assert run("Lungs", "--format", "trail", "-o", target) == f"{target}\n"
    assert verify(target).returncode == 0


def test_of_a_file_with_its_proof_it_prints_both_paths(project, tmp_path) -> None:
    target = tmp_path / "t.xes"
    assert run("Lungs", "--format", "xes", "-o", target) == f"{target}\n{target}.proof.zip\n"


def test_as_json_it_prints_one_object(project, tmp_path) -> None:
    told = json.loads(
        run("Lungs", "--format=trail", "-o", tmp_path / "t.zip", "--json", "-f", "stage=Review", "--as-of=6")
    )
    export = Export.objects.get()
    assert told["id"] == str(export.pk)
    assert told["as_of"] == 6
    assert told["filters"] == {"stage": ["Review"]}
    assert told["parameters"]["audit"] == "selection"
    assert told["counts"]["written"] == {"tasks": 1, "events": 1, "active_times": 0}
    assert told["files"][0]["bytes"] == (tmp_path / "t.zip").stat().st_size


def test_values_may_repeat_or_be_json(project, tmp_path) -> None:
    words = [
        "-f",
        "type=task.created",
        "-f",
        'type=["task.submitted"]',
        "-p",
        "encoding=csv",
        "-p",
        'people="pseudonyms"',
    ]
    told = json.loads(run("Lungs", "--format", "trail", "-o", tmp_path / "t.zip", "--json", *words))
    assert told["filters"] == {"type": ["task.created", "task.submitted"]}
    assert told["parameters"]["people"] == "pseudonyms"


def test_the_list_names_formats_parameters_and_filters(project) -> None:
    text = run("Lungs", "--list")
    for part in ("trail", "xes", "-p encoding=json|ndjson|csv", "-p derived=true|false", "source_type", "with filters"):
        assert part in text
    told = json.loads(run("Lungs", "--list", "--json"))
    assert [item["format"] for item in told["formats"]] == list(FORMATS)
    applying = [item["format"] for item in told["formats"] if item["applies"]]
    assert applying == ["trail", "xes", "ocel", "parquet", "csv"], "an event log has no labels"
    assert all(item["applies"] == (item["why_not"] is None) for item in told["formats"])
    assert not Export.objects.exists()


@pytest.mark.parametrize(
    ("words", "texts"),
    [
        (["Lung", "--format", "trail"], ["Lung"]),
        (["Lungs"], ["--format", "trail, xes, ocel"]),
        (["Lungs", "--format", "trial"], ["trial", "trail"]),
        (["Lungs", "--format", "trail", "-f", "stagee=x"], ["stagee", "stage"]),
        (["Lungs", "--format", "trail", "-p", "encodng=x"], ["encodng", "encoding"]),
        (["Lungs", "--format", "trail", "-f", "stage"], ["NAME=VALUE"]),
        (["Lungs", "--format", "trail", "-f", "stage=["], ["JSON"]),
        (["Lungs", "--format", "trail", "--as-of", "99"], ["1 to 8"]),
        (["Lungs", "--format", "trail", "-o", "t.json"], ["t.json", ".zip"]),
    ],
)
def test_a_wrong_request_ends_with_two_and_names_it(project, words, texts) -> None:
    error = refused(*words)
    assert error.returncode == 2
    for text in texts:
        assert text in str(error)


def test_an_existing_file_needs_force(project, tmp_path) -> None:
    (tmp_path / "t.zip").write_text("mine")
    assert refused("Lungs", "--format", "trail", "-o", tmp_path / "t.zip").returncode == 2
    run("Lungs", "--format", "trail", "-o", tmp_path / "t.zip", "--force")
    assert Path(tmp_path / "t.zip").read_bytes()[:2] == b"PK"


DIFFER = RunFailed("refused", "the check values differ")


@pytest.mark.parametrize(("error", "code"), [(DIFFER, 1), (KeyboardInterrupt(), 3)])
def test_failing_ends_with_one_and_stopping_with_three(project, monkeypatch, error, code) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(command, "make_export", fail)
    assert refused("Lungs", "--format", "trail").returncode == code


def test_an_unknown_option_is_named_with_the_nearest(project, capsys) -> None:
    told = io.StringIO()
    with pytest.raises(SystemExit) as caught:
        command.Command(stderr=told).run_from_argv(["manage.py", "export", "Lungs", "--fromat", "trail"])
    assert caught.value.code == 2
    assert "--fromat" in told.getvalue()
    assert "--format" in told.getvalue()
