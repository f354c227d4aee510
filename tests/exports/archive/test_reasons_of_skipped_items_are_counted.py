"""What was left out of an archive is counted by its reason, without reading more than a page can wait for."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from exports import inside
from exports.inside import skipped_items


def archive(folder: Path, *lines: tuple[str, str]) -> Path:
    """An archive whose errors.ndjson has lines with these codes and texts, of the tasks T0, T1 and so on."""
    path = folder / "a.zip"
    said = [{"asset": f"T{n}", "code": code, "text": text} for n, (code, text) in enumerate(lines)]
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("errors.ndjson", "".join(json.dumps(line) + "\n" for line in said))
    return path


def test_the_most_frequent_comes_first_with_its_first_item(tmp_path: Path) -> None:
    found = skipped_items(archive(tmp_path, ("a", "rare"), ("b", "often"), ("b", "often")), 0, 10)
    assert [(one.example.asset, one.example.text, one.count) for one in found.reasons] == [
        ("T1", "often", 2),
        ("T0", "rare", 1),
    ]
    assert (found.lines, found.whole, len(found.rows), found.more) == (3, True, 3, False)


def test_frames_of_a_video_are_no_reasons_of_their_own(tmp_path: Path) -> None:
    lines = [("not_held", f"coco has no way to say a classification (frame {n})") for n in range(9)]
    found = skipped_items(archive(tmp_path, *lines), 0, 10)
    assert [(one.example.text, one.count) for one in found.reasons] == [("coco has no way to say a classification", 9)]
    assert found.rows[8].text.endswith("(frame 8)")


def test_rare_texts_of_one_code_are_counted_together(tmp_path: Path) -> None:
    lines = [("size", f"{n} pixels") for n in range(inside.TEXTS + 3)]
    found = skipped_items(archive(tmp_path, *lines, ("other", "x")), 0, 1)
    assert sum(one.count for one in found.reasons) == len(lines) + 1
    assert [one.others for one in found.reasons if one.others] == [3]
    assert len(found.reasons) == inside.TEXTS + 1


@pytest.mark.parametrize(("lines", "whole"), [(4, True), (5, False)])
def test_no_more_lines_are_counted_than_can_be_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: int, whole: bool
) -> None:
    monkeypatch.setattr(inside, "LOOKED_AT", 4)
    found = skipped_items(archive(tmp_path, *[("a", "x")] * lines), 0, 2)
    assert (found.lines, found.whole, found.more) == (4, whole, True)


def test_a_later_page_has_its_rows_and_the_same_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inside, "LOOKED_AT", 2)
    found = skipped_items(archive(tmp_path, *[("a", "x")] * 9), 6, 2)
    assert [row.asset for row in found.rows] == ["T6", "T7"]
    assert (found.more, found.reasons[0].count) == (True, 2)
