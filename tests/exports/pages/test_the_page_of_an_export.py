"""An export's page: how far it is, what came of it, and what can be done when it failed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import Project, ServiceOutbox
from exports.formats.base import TimeRow
from exports.formats.events.trail import TrailFormat
from exports.models import Export
from exports.run import request_export
from exportsite.jobs import State, perform
from tests.exports.pages.conftest import Send


def page(client: Client, export: Export) -> str:
    answer = client.get(f"/exports/{export.pk}/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_while_it_waits_the_page_fetches_its_progress_and_loads_itself_without_scripts(
    client: Client, export: Export
) -> None:
    text = page(client, export)
    assert f'hx-get="/exports/{export.pk}/progress/" hx-trigger="every 2s"' in text
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in text
    assert "Waiting for a worker" in text
    assert "Download" not in text


def test_one_that_waits_long_says_how_a_worker_is_started(client: Client, export: Export) -> None:
    assert "manage.py worker" not in page(client, export)
    Export.objects.filter(pk=export.pk).update(created_at=timezone.now() - timedelta(minutes=2))
    assert "manage.py worker" in page(client, export)


def test_while_it_runs_the_progress_has_share_rate_and_rest(client: Client, export: Export) -> None:
    told = {"step": "writing", "done": 2500, "total": 10_000, "unit": "tasks", "seconds": 25.0}
    Export.objects.filter(pk=export.pk).update(state=State.RUNNING, progress=told, started_at=timezone.now())
    text = client.get(f"/exports/{export.pk}/progress/", headers={"HX-Request": "true"}).content.decode()
    assert '<progress value="25" max="100"' in text
    assert "2,500 of 10,000 tasks" in text
    assert "100 <small>tasks a second" in text
    assert "about 1 min 15 s" in text
    assert "<html" not in text


def test_a_step_of_unknown_length_has_a_bar_without_a_value(client: Client, export: Export) -> None:
    Export.objects.filter(pk=export.pk).update(
        state=State.RUNNING, progress={"step": "counting", "done": 0, "total": None, "unit": ""}
    )
    text = client.get(f"/exports/{export.pk}/progress/", headers={"HX-Request": "true"}).content.decode()
    assert '<progress aria-labelledby="prog-h">' in text
    assert "nobody knows how long" in text


def test_when_it_is_over_the_page_is_loaded_anew_and_asks_no_more(client: Client, finished: Export) -> None:
    answer = client.get(f"/exports/{finished.pk}/progress/", headers={"HX-Request": "true"})
    assert answer["HX-Refresh"] == "true"
    text = page(client, finished)
    assert "hx-get" not in text
    assert "http-equiv" not in text
    assert "htmx" not in text


def test_the_progress_opened_by_itself_leads_to_the_page(client: Client, export: Export) -> None:
    answer = client.get(f"/exports/{export.pk}/progress/")
    assert answer.status_code == 303
    assert answer["Location"] == f"/exports/{export.pk}/"


def test_a_finished_one_shows_files_with_hashes_and_check_values(client: Client, finished: Export) -> None:
    text = page(client, finished)
    (file,) = finished.files
    assert f'href="/api/v1/exports/{finished.pk}/files/{file["name"]}"' in text
    assert f'data-full="{file["sha256"]}"' in text
    assert f"{file['bytes']:,}" in text
    assert "Complete: everything expected is written." in text
    assert '<th scope="row">events</th><td class="num">8</td><td class="num">8</td>' in text
    assert client.get(f"/api/v1/exports/{finished.pk}/files/{file['name']}").status_code == 200


def test_a_file_that_is_gone_is_not_offered(client: Client, finished: Export) -> None:
    Path(finished.files[0]["path"]).unlink()
    text = page(client, finished)
    assert "no longer kept" in text
    assert "/files/" not in text


def test_a_file_that_a_command_wrote_elsewhere_is_not_offered(client: Client, finished: Export, tmp_path: Path) -> None:
    elsewhere = {**finished.files[0], "path": str(tmp_path / "mine.zip")}
    Export.objects.filter(pk=finished.pk).update(files=[elsewhere])
    text = page(client, finished)
    assert "written by a command to a place of its own" in text
    assert str(tmp_path) not in text


def test_skipped_items_are_a_table(
    client: Client, project: Project, export: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    skipping(monkeypatch, 1)
    perform(Export, export.pk)
    text = page(client, export)
    assert "1 item skipped" in text
    assert f'href="/projects/{project.pk}/tasks/?external_id=T1"' in text
    assert "<code>time.odd</code>" in text
    assert "It is &lt;odd&gt;." in text


def test_many_skipped_items_come_page_by_page(client: Client, export: Export, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exports.pages.products.SKIPPED", 1)
    skipping(monkeypatch, 2)
    perform(Export, export.pk)
    text = page(client, export)
    assert 'href="?skipped=1#skipped"' in text
    assert "<td>label 0</td>" in text
    assert "<td>label 1</td>" not in text
    second = client.get(f"/exports/{export.pk}/?skipped=1").content.decode()
    assert "<td>label 1</td>" in second
    assert client.get(f"/exports/{export.pk}/?skipped=999999999").status_code == 200


def test_reasons_are_counted_with_an_example(client: Client, export: Export, monkeypatch: pytest.MonkeyPatch) -> None:
    skipping(monkeypatch, 2)
    perform(Export, export.pk)
    text = page(client, export)
    assert "Complete, but 2 items were skipped: none of the active times could be written." in text
    assert '<td class="num">2</td><th scope="row" class="said">It is &lt;odd&gt;.' in text
    assert "2 items skipped" in client.get("/exports/").text


def test_an_archive_that_can_not_be_read_is_said(
    client: Client, export: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    skipping(monkeypatch, 1)
    perform(Export, export.pk)
    export.refresh_from_db()
    Path(export.files[0]["path"]).write_bytes(b"no archive")
    assert "it can’t be read here" in page(client, export)
    Path(export.files[0]["path"]).unlink()
    assert "it is no longer kept" in page(client, export)


def skipping(monkeypatch: pytest.MonkeyPatch, items: int) -> None:
    """Let the trail format skip so many of the two active times."""
    from exports.archive.build import Skipped

    write = TrailFormat.write

    def odd(self, archive, snapshot, values, progress):  # type: ignore[no-untyped-def]
        for number in range(items):
            archive.skip("active_times", Skipped("T1", "time.odd", "It is <odd>.", label=f"label {number}"))
        times: list[TimeRow] = list(snapshot.times())[items:]
        monkeypatch.setattr(type(snapshot), "times", lambda self: iter(times))
        return write(self, archive, snapshot, values, progress)

    monkeypatch.setattr(TrailFormat, "write", odd)


def test_a_failure_says_what_happened_and_what_to_do(client: Client, export: Export) -> None:
    failed = {"error_code": "disk_full", "error_text": "There is no room left.", "finished_at": timezone.now()}
    Export.objects.filter(pk=export.pk).update(state=State.FAILED, attempts=3, **failed)
    text = page(client, export)
    assert "It failed, and nothing was published." in text
    assert "There is no room left." in text
    assert "<b>To do:</b> Whoever operates the server makes room" in text
    assert "after 3 attempts" in text
    assert "Try again" in text


def test_a_code_that_nobody_has_words_for_is_shown_without_advice(client: Client, export: Export) -> None:
    Export.objects.filter(pk=export.pk).update(state=State.FAILED, error_code="novel", error_text="Odd.")
    text = page(client, export)
    assert "Odd." in text
    assert "<b>To do:</b>" not in text


def test_it_is_cancelled_by_its_form(client: Client, send: Send, export: Export) -> None:
    assert "Cancel this export?" in client.get(f"/exports/{export.pk}/cancel/").content.decode()
    answer = send(f"/exports/{export.pk}/cancel/")
    assert answer.status_code == 303
    export.refresh_from_db()
    assert export.state == State.CANCELLED
    assert "It was cancelled before it began." in page(client, export)
    assert ServiceOutbox.objects.filter(type="export.cancelled").count() == 1


def test_cancelling_what_is_over_changes_nothing(client: Client, send: Send, finished: Export) -> None:
    assert "there is nothing to cancel" in client.get(f"/exports/{finished.pk}/cancel/").content.decode()
    assert send(f"/exports/{finished.pk}/cancel/").status_code == 303
    finished.refresh_from_db()
    assert finished.state == State.SUCCEEDED
    assert not ServiceOutbox.objects.filter(type="export.cancelled").exists()


def test_again_is_another_run_of_the_same_state(send: Send, project: Project) -> None:
    first = request_export(project, "trail", parameters={"encoding": "csv"}, filters={"stage": "Label"}, as_of=5)
    answer = send(f"/exports/{first.pk}/again/")
    second = Export.objects.exclude(pk=first.pk).get()
    assert answer["Location"] == f"/exports/{second.pk}/"
    assert second.resolved == first.resolved
    assert second.as_of == 5


def test_again_says_what_has_no_meaning_any_more(client: Client, send: Send, export: Export) -> None:
    Export.objects.filter(pk=export.pk).update(asked={"parameters": {}, "filters": {"person": "gone"}})
    answer = send(f"/exports/{export.pk}/again/")
    assert answer.status_code == 400
    assert "Nobody in this project" in answer.content.decode()
    assert Export.objects.count() == 1


def test_one_like_it_is_filled_in(client: Client, project: Project) -> None:
    export = request_export(project, "trail", parameters={"payload": True}, filters={"type": ["task.created"]})
    address = f"/exports/new/?project={project.pk}&amp;format=trail&amp;p-payload=true&amp;type=task.created"
    assert address in page(client, export)
