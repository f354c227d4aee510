from __future__ import annotations

import gzip
import io
import os
import warnings
import zipfile
from pathlib import Path

import pytest

from audit.sources.exported import container as module
from audit.sources.exported.container import Container
from audit.sources.files.errors import BadFile


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "export"
    (root / "b").mkdir(parents=True)
    (root / "b" / "two.JSON").write_bytes(b"[2]")
    (root / "one.json").write_bytes(b"[1]")
    return root


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("b/", b"")
        file.writestr("b/two.JSON", b"[2]")
        file.writestr("one.json", b"[1]")
    return path


def test_a_folder_and_a_zip_of_it_have_the_same_members(folder: Path, archive: Path) -> None:
    for path in (folder, archive):
        with Container(str(path)) as found:
            assert found.names == ("b/two.JSON", "one.json")
            assert found.ending(".json") == found.names
            assert found.read("b/two.JSON") == b"[2]"
            assert not found.is_single


def test_a_single_file_is_its_own_member_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "log.json"
    path.write_bytes(gzip.compress(b"[1]"))
    with Container(str(path)) as found:
        assert found.is_single
        assert found.names == ("log.json",)
        assert found.head("log.json") == found.read("log.json") == b"[1]"


def test_a_member_is_copied_whole(archive: Path) -> None:
    into = io.BytesIO()
    with Container(str(archive)) as found:
        found.copy("one.json", into)
    assert into.getvalue() == b"[1]"


def test_a_member_names_itself_and_its_archive_in_errors(archive: Path, tmp_path: Path) -> None:
    with Container(str(archive)) as found, found.text("one.json") as member:
        assert member.path == f"{archive}, one.json"
        assert b"".join(member.chunks()) == b"[1]"
    single = tmp_path / "one.json"
    single.write_bytes(b"[1]")
    with Container(str(single)) as found, found.text("one.json") as member:
        assert member.path == str(single)


def test_a_member_that_is_not_there_is_an_error(folder: Path, archive: Path) -> None:
    for path in (folder, archive):
        with Container(str(path)) as found, pytest.raises(BadFile, match='"three" in it: it is not there'):
            found.read("three")


def test_what_is_not_there_or_no_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="there is no such file"):
        Container(str(tmp_path / "nothing"))
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BadFile, match="neither a folder nor a regular file"):
        Container(str(tmp_path / "pipe"))


def test_links_in_a_folder_are_no_members(folder: Path, tmp_path: Path) -> None:
    os.symlink("/etc/passwd", folder / "passwd")
    os.symlink("/etc", folder / "etc")
    with Container(str(folder)) as found:
        assert found.names == ("b/two.JSON", "one.json")


@pytest.mark.parametrize("name", ["../up", "a/../../up", "/etc/passwd", "a\\b", "a/" * 40 + "b"])
def test_names_that_lead_out_are_refused(name: str, tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(name, b"")
    with pytest.raises(BadFile, match="that is no name of a file inside of an export"):
        Container(str(path))


def test_a_name_that_stands_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w") as file:
        warnings.simplefilter("ignore")
        file.writestr("a", b"1")
        file.writestr("a", b"2")
    with pytest.raises(BadFile, match="it stands in the archive twice"):
        Container(str(path))


def test_more_members_than_the_limit_are_refused(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_MEMBERS", 1)
    with pytest.raises(BadFile, match="it has more than 1 members"):
        Container(str(archive))


def test_what_unpacks_to_a_thousand_times_its_size_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("bomb", bytes(20 << 20))
    with Container(str(path)) as found, pytest.raises(BadFile, match=r"it unpacks to 1,0\d\d times its size"):
        found.head("bomb")


def test_no_more_than_the_limit_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "log.json"
    path.write_bytes(gzip.compress(bytes(10_000)))
    with Container(str(path)) as found:
        with pytest.raises(BadFile, match="more than 0 MiB"):
            found.read("log.json", most=100)
        monkeypatch.setattr(module, "MAX_MEMBER", 100)
        with pytest.raises(BadFile, match="more bytes than can be read"):
            found.copy("log.json", io.BytesIO())


def test_what_a_zip_says_of_its_sizes_need_not_be_true(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_MEMBER", 2)
    with Container(str(archive)) as found, pytest.raises(BadFile, match="3 bytes, more than can be read"):
        found.read("one.json")


def test_the_fingerprint_changes_with_names_and_contents(folder: Path, archive: Path) -> None:
    def fingerprint(path: Path) -> tuple[str, int]:
        with Container(str(path)) as found:
            return found.fingerprint()

    first = fingerprint(folder)
    assert first == fingerprint(folder)
    assert first[1] == 6
    (folder / "one.json").rename(folder / "1.json")
    assert fingerprint(folder) != first
    assert fingerprint(archive)[1] == archive.stat().st_size
