from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from audit.sources.address import Guard, PinnedTransport, tls_context
from audit.sources.base import SourceError
from audit.sources.web import Answer, Ask, Conditions, Web

PUBLIC = "93.184.216.34"
PRIVATE = """127.0.0.1 10.0.0.8 172.16.3.4 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 ::1 fe80::1
    fe80::1%eth0 fc00::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 64:ff9b::7f00:1 64:ff9b::a00:1 2002:7f00:1:: ff02::1 ::"""


def answering(*answers: list[str]) -> Callable[[str, int], list[str]]:
    """A name server that says one thing after the other."""
    left = list(answers)
    return lambda host, port: left.pop(0)


@pytest.mark.parametrize(
    "address",
    PRIVATE.split(),
)
def test_private_addresses_are_refused_in_all_their_forms(address: str) -> None:
    with pytest.raises(SourceError, match="a private address; if that is the server you mean") as caught:
        Guard(resolve=answering([address])).addresses("platform.example.org", 443)
    assert caught.value.code == "address"
    assert "LABELTRAIL_ALLOW_HOSTS" in str(caught.value)


@pytest.mark.parametrize("address", [PUBLIC, "2606:2800:220:1:248:1893:25c8:1946", f"64:ff9b::{0x5DB8:x}:{0xD822:x}"])
def test_public_addresses_are_used(address: str) -> None:
    assert Guard(resolve=answering([address])).addresses("platform.example.org", 443) == [address]


def test_one_private_address_among_public_ones_is_refused() -> None:
    with pytest.raises(SourceError, match=r"at 10\.0\.0\.1"):
        Guard(resolve=answering([PUBLIC, "10.0.0.1"])).addresses("platform.example.org", 443)


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f000001", "localhost"])
def test_other_spellings_of_this_machine_are_refused(host: str) -> None:
    with pytest.raises(SourceError, match="a private address"):
        Guard().addresses(host, 443)


@pytest.mark.parametrize("allowed", ["inside.example.org", "INSIDE.example.org.", " inside.example.org"])
def test_a_host_on_the_list_may_be_anywhere(allowed: str) -> None:
    guard = Guard([allowed], answering(["10.0.0.1"]))
    assert guard.addresses("Inside.example.org", 443) == ["10.0.0.1"]


def test_the_list_names_hosts_not_their_neighbours() -> None:
    guard = Guard(["example.org"], answering(["10.0.0.1"]))
    with pytest.raises(SourceError, match="a private address"):
        guard.addresses("evil.example.org", 443)


@pytest.mark.parametrize(
    "url", ["", "example.org", "ftp://example.org", "file:///etc/passwd", "https://", "https://[::1", "https://a:99999"]
)
def test_what_is_no_address_of_a_server_is_refused(url: str) -> None:
    with pytest.raises(SourceError, match="is no address") as caught:
        Guard().check_url(url)
    assert caught.value.code == "address"


def test_plain_http_is_refused_but_for_hosts_on_the_list() -> None:
    with pytest.raises(SourceError, match="would send the key unencrypted"):
        Guard().check_url("http://example.org")
    Guard(["example.org"]).check_url("http://example.org")


class _Inner(httpx.BaseTransport):
    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if request.url.host == "203.0.113.9":
            raise httpx.ConnectError("refused")
        return httpx.Response(200)


@pytest.fixture
def pinned() -> Callable[[Guard], tuple[httpx.Client, list[httpx.Request]]]:
    """A client behind a guard that connects nowhere; and what it would have sent."""

    def run(guard: Guard) -> tuple[httpx.Client, list[httpx.Request]]:
        transport, inner = PinnedTransport(guard, tls_context()), _Inner()
        transport._inner = inner  # type: ignore[assignment]
        return httpx.Client(transport=transport), inner.requests

    return run


def test_a_request_goes_to_the_address_that_was_looked_at_under_the_hosts_name(
    pinned: Callable[[Guard], tuple[httpx.Client, list[httpx.Request]]],
) -> None:
    client, sent = pinned(Guard(resolve=answering([PUBLIC])))
    client.post("https://platform.example.org/graphql/", content=b"x")
    assert (sent[0].url.host, sent[0].headers["Host"]) == (PUBLIC, "platform.example.org")
    assert sent[0].extensions["sni_hostname"] == "platform.example.org"


def test_a_name_that_turns_private_between_two_requests_is_refused(
    pinned: Callable[[Guard], tuple[httpx.Client, list[httpx.Request]]],
) -> None:
    client, sent = pinned(Guard(resolve=answering([PUBLIC], ["127.0.0.1"])))
    client.post("https://platform.example.org/")
    with pytest.raises(SourceError, match="a private address"):
        client.post("https://platform.example.org/")
    assert len(sent) == 1


def test_the_next_address_is_tried_when_one_does_not_answer(
    pinned: Callable[[Guard], tuple[httpx.Client, list[httpx.Request]]],
) -> None:
    guard = Guard(["platform.example.org"], answering(["203.0.113.9", PUBLIC]))
    client, sent = pinned(guard)
    assert client.post("https://platform.example.org/").status_code == 200
    assert [request.url.host for request in sent] == ["203.0.113.9", PUBLIC]


def test_a_name_without_an_address_is_asked_for_again_and_then_told() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise OSError("Name or service not known")

    slept: list[float] = []
    web = Web("A platform", "https://nowhere.example.org/", {}, "k", Conditions(sleep=slept.append, resolve=unknown))

    def read(answer: Answer) -> bytes:
        return answer.body

    with pytest.raises(SourceError, match=r"the name nowhere\.example\.org has no address") as caught:
        web.ask(Ask(body=b""), "anything", read)
    assert caught.value.code == "unavailable"
    assert len(slept) == 4
