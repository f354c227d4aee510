"""Which addresses a live source may connect to, and a transport that connects to exactly those.

Whoever may add a source could otherwise make the server read what only the server can reach. A name is resolved once
for each connection, every address behind it is looked at, and the connection goes to the address that was looked at:
a name that means another address a moment later (DNS rebinding) gains nothing. Redirects are not followed.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Collection
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

import httpx

from audit.sources.base import SourceError
from exportsite.text import short, visible_line

Resolve = Callable[[str, int], list[str]]
"""The IP addresses of a host's name, in the order to try them. Raises OSError."""

_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: an IPv4 address in IPv6 clothes


def resolve(host: str, port: int) -> list[str]:
    """The machine's own answer."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(info[4][0]) for info in found))


class Guard:
    """Decides about hosts. Names and addresses in `allow_hosts` may be anywhere; all others must be on the internet."""

    def __init__(self, allow_hosts: Collection[str] = (), resolve: Resolve = resolve) -> None:
        self.allowed = frozenset(host.strip().strip("[]").lower().rstrip(".") for host in allow_hosts)
        self._resolve = resolve

    def allows(self, host: str) -> bool:
        """Whether the host is one of those that may be anywhere."""
        return host.strip("[]").lower().rstrip(".") in self.allowed

    def check_url(self, url: str) -> None:
        """Raise SourceError for what is no address of a server to connect to. Asks no name server."""
        shown = visible_line(short(url, 200))
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname, parts.port
        except ValueError as error:
            raise SourceError("address", f'"{shown}" is no address: {error}') from None
        if parts.username is not None or parts.password is not None:
            raise SourceError("address", "an address with a user name or password in it is not used; leave them out")
        if parts.scheme not in {"https", "http"} or not host:
            raise SourceError("address", f'"{shown}" is no address; write it as https://host')
        if parts.scheme == "http" and not self.allows(host):
            raise SourceError(
                "address",
                f'"{shown}" would send the key unencrypted; use https://, or add {host} to LABELTRAIL_ALLOW_HOSTS if '
                "it is a server of yours in a network that you trust",
            )

    def addresses(self, host: str, port: int) -> list[str]:
        """The addresses to connect to. Raises SourceError when one of them is not allowed, or there is none."""
        try:
            found = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpx.ConnectError(f"the name {host} has no address: {error}") from error
        if not self.allows(host):
            for address in found:
                if not _public(address):
                    raise SourceError(
                        "address",
                        f"{host} is at {address}, a private address; if that is the server you mean, add {host} to "
                        "LABELTRAIL_ALLOW_HOSTS",
                    )
        return found


class PinnedTransport(httpx.BaseTransport):
    """Sends each request to an address that the guard looked at. TLS still checks the host's name."""

    def __init__(self, guard: Guard, tls: ssl.SSLContext) -> None:
        self.guard = guard
        self._inner = httpx.HTTPTransport(verify=tls)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Try the host's addresses in their order. Raises SourceError or httpx's errors."""
        name = request.url.raw_host.decode("ascii")
        port = request.url.port or (443 if request.url.scheme == "https" else 80)
        problem: httpx.ConnectError | None = None
        for address in self.guard.addresses(name, port):
            pinned = httpx.Request(
                request.method,
                request.url.copy_with(host=address),
                headers=request.headers,  # Their Host names the host.
                stream=request.stream,
                extensions={**request.extensions, "sni_hostname": name},
            )
            try:
                return self._inner.handle_request(pinned)
            except httpx.ConnectError as error:
                problem = error
        raise problem or httpx.ConnectError(f"the name {name} has no address")

    def close(self) -> None:
        """Close all connections."""
        self._inner.close()


def tls_context(ca_file: str | None = None) -> ssl.SSLContext:
    """Verifies servers by the usual authorities, and by those in `ca_file` (PEM) besides."""
    context = httpx.create_ssl_context(trust_env=False)
    if ca_file is not None:
        try:
            context.load_verify_locations(ca_file)
        except (OSError, ssl.SSLError) as error:
            raise SourceError("tls", f"the file of certificates {ca_file} can't be read: {error}") from None
    return context


def _public(address: str) -> bool:
    found: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is None and found in _NAT64:
            inner = IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            found = inner
    return found.is_global and not found.is_multicast
