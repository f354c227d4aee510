from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from audit.sources.base import SourceError
from audit.sources.web import Answer, Ask, Conditions, Web


def certificate(folder: Path, name: x509.GeneralName) -> Path:
    """A file with a certificate that signed itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([name]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(
    params=[x509.DNSName("platform.test"), x509.IPAddress(ip_address("127.0.0.1"))], ids=["name", "address"]
)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A server on this machine with a certificate of its own; the host that this is for with its port, and the file."""
    path = certificate(tmp_path, request.param)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    http = HTTPServer(("127.0.0.1", 0), _Handler)
    http.socket = context.wrap_socket(http.socket, server_side=True)
    thread = threading.Thread(target=http.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"{request.param.value}:{http.server_address[1]}", path
    http.shutdown()
    http.server_close()


def asked(host: str, ca_file: Path | None) -> bytes:
    """The answer of a host that is on this machine, whatever its name."""
    how = Conditions(
        allow_hosts=[host.partition(":")[0]],
        ca_file=None if ca_file is None else str(ca_file),
        sleep=lambda seconds: None,
        resolve=lambda name, port: ["127.0.0.1"],
    )
    web = Web("A platform", f"https://{host}/", {}, "k", how)

    def read(answer: Answer) -> bytes:
        return answer.body

    return web.ask(Ask(body=b"x"), "anything", read)


def test_a_certificate_that_signed_itself_is_refused_with_what_to_do(server: tuple[str, Path]) -> None:
    host, _ = server
    with pytest.raises(SourceError, match="is not trusted") as caught:
        asked(host, None)
    assert caught.value.code == "tls"
    assert "--ca-file" in str(caught.value)


def test_it_is_trusted_when_its_authority_is_given(server: tuple[str, Path]) -> None:
    host, path = server
    assert asked(host, path) == b"ok"


def test_a_certificate_for_another_name_is_refused_also_then(server: tuple[str, Path]) -> None:
    host, path = server
    with pytest.raises(SourceError, match="is not trusted"):
        asked(f"other.test:{host.partition(':')[2]}", path)


def test_a_file_without_certificates_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("nothing")
    for path in (tmp_path / "empty.pem", tmp_path / "missing.pem"):
        with pytest.raises(SourceError, match=r"the file of certificates .* can't be read") as caught:
            asked("platform.test", path)
        assert caught.value.code == "tls"
