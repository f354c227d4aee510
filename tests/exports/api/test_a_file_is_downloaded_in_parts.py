from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest
from django.test import Client

from exports.models import Export


@pytest.fixture
def url(finished: Export) -> str:
    return f"/api/v1/exports/{finished.pk}/files/{finished.files[0]['name']}"


@pytest.fixture
def data(finished: Export) -> bytes:
    return Path(finished.files[0]["path"]).read_bytes()


def test_the_whole_file_has_its_hash_as_etag(client: Client, url: str, data: bytes) -> None:
    answer = client.get(url, headers={"Accept": "application/zip"})
    assert answer.status_code == 200
    assert answer.getvalue() == data
    assert answer["ETag"] == f'"{sha256(data).hexdigest()}"'
    assert (answer["Content-Length"], answer["Accept-Ranges"]) == (str(len(data)), "bytes")


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=5-9", 5, 10),
        ("bytes=10-", 10, None),
        ("bytes=-7", -7, None),
        ("bytes=3-99999999", 3, None),
    ],
)
def test_a_range_is_answered_with_that_part(
    client: Client, url: str, data: bytes, asked: str, start: int, end: int | None
) -> None:
    answer = client.get(url, headers={"Range": asked})
    assert answer.status_code == 206
    assert answer.getvalue() == data[start:end]
    first = start % len(data)
    assert answer["Content-Range"] == f"bytes {first}-{first + len(data[start:end]) - 1}/{len(data)}"


@pytest.mark.parametrize("asked", ["bytes=0-1,5-6", "lines=1-2", "bytes=9-3", "bytes=-", "bytes=a-b", "nonsense"])
def test_what_is_no_single_range_of_bytes_gets_the_whole_file(
    client: Client, url: str, data: bytes, asked: str
) -> None:
    answer = client.get(url, headers={"Range": asked})
    assert (answer.status_code, answer.getvalue()) == (200, data)


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=-0"])
def test_a_range_that_is_not_there_is_416(client: Client, url: str, data: bytes, asked: str) -> None:
    answer = client.get(url, headers={"Range": asked})
    assert (answer.status_code, answer["Content-Range"]) == (416, f"bytes */{len(data)}")


def test_a_part_of_another_file_gets_the_whole_one(client: Client, url: str, data: bytes) -> None:
    tag = client.get(url)["ETag"]
    assert client.get(url, headers={"Range": "bytes=1-2", "If-Range": '"other"'}).status_code == 200
    assert client.get(url, headers={"Range": "bytes=1-2", "If-Range": tag}).status_code == 206


def test_a_file_that_the_client_has_is_not_sent_again(client: Client, url: str) -> None:
    tag = client.get(url)["ETag"]
    answer = client.get(url, headers={"If-None-Match": f'"x", {tag}'})
    assert (answer.status_code, answer.content) == (304, b"")


def test_a_file_that_is_no_longer_kept_is_410_and_its_record_stays(
    client: Client, url: str, finished: Export, artefacts: Path
) -> None:
    for path in artefacts.iterdir():
        path.unlink()
    answer = client.get(url)
    assert (answer.status_code, answer["Content-Type"]) == (410, "application/problem+json")
    assert client.get(f"/api/v1/exports/{finished.pk}/").json()["files"][0]["sha256"] == finished.files[0]["sha256"]


def test_a_file_that_a_command_wrote_elsewhere_is_not_served(
    client: Client, url: str, finished: Export, tmp_path: Path
) -> None:
    Export.objects.filter(pk=finished.pk).update(files=[{**finished.files[0], "path": "/etc/hostname"}])
    assert client.get(url).status_code == 404
