"""Certificates are renewed while the service runs: SIGHUP, and every new connection is greeted with the new ones."""

import shutil
import signal
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest

from tests.support.processes import Program, free_ports, until

TLS = Path(__file__).parent.parent / "data" / "tls"
_NAMES = ("otlp_grpc", "otlp_http", "http", "grpc")
_CONFIG = """\
receivers:
  otlp:
    grpc: {{endpoint: "127.0.0.1:{otlp_grpc}", {pair}, client_ca: {folder}/ca.pem}}
    http: {{endpoint: "127.0.0.1:{otlp_http}", {pair}, client_ca: {folder}/ca.pem}}
storage: {{dsn: "chdb://{folder}/data"}}
api:
  http: {{endpoint: "127.0.0.1:{http}", {pair}, client_ca: {folder}/ca.pem}}
  grpc: {{endpoint: "127.0.0.1:{grpc}", {pair}, client_ca: {folder}/ca.pem}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewed:
    """A service whose certificates lie in *folder*."""

    folder: Path
    ports: Mapping[str, int]
    program: Program

    def put(self, prefix: str) -> None:
        """Let the files be those of *prefix*: authority, server's certificate and key."""
        for name in ("ca.pem", "server.pem", "server-key.pem"):
            shutil.copyfile(TLS / f"{prefix}{name}", self.folder / name)

    def reload(self) -> None:
        """Ask the service to read them."""
        self.program._process.send_signal(signal.SIGHUP)

    def greets(self, port: str, prefix: str, who: str = "client") -> bool:
        """Whether a new connection of *who* trusts, and shows, the certificates of *prefix* is answered on *port*."""
        files = (TLS / f"{prefix}ca.pem", TLS / f"{prefix}{who}.pem", TLS / f"{prefix}{who}-key.pem")
        return (self._by_http if "http" in port else self._by_grpc)(self.ports[port], *files)

    def _by_http(self, port: int, authority: Path, certificate: Path, key: Path) -> bool:
        context = ssl.create_default_context(cafile=authority)
        context.load_cert_chain(certificate, key)
        try:
            with urllib.request.urlopen(f"https://localhost:{port}/healthz", timeout=20, context=context) as answer:
                return answer.status == 200
        except (urllib.error.URLError, ssl.SSLError, ConnectionError):
            return False

    def _by_grpc(self, port: int, authority: Path, certificate: Path, key: Path) -> bool:
        credentials = grpc.ssl_channel_credentials(*(path.read_bytes() for path in (authority, key, certificate)))
        alone = [("grpc.use_local_subchannel_pool", 1)]
        with grpc.secure_channel(f"localhost:{port}", credentials, options=alone) as channel:
            try:
                channel.unary_unary("/grpc.health.v1.Health/Check")(b"", timeout=20)
            except grpc.RpcError:
                return False
        return True


@pytest.fixture
def renewed(tmp_path: Path) -> Iterator[Renewed]:
    """A service with mutual TLS on every port."""
    ports: dict[str, int] = dict(zip(_NAMES, free_ports(4), strict=True))
    pair = f"cert: {tmp_path}/server.pem, key: {tmp_path}/server-key.pem"
    for name in ("ca.pem", "server.pem", "server-key.pem"):
        shutil.copyfile(TLS / name, tmp_path / name)
    config = tmp_path / "botlogs.yaml"
    config.write_text(_CONFIG.format(folder=tmp_path, pair=pair, **ports), encoding="utf-8")
    program = Program("serve", "--config", str(config))
    program.wait_for_line("ready")
    yield Renewed(folder=tmp_path, ports=ports, program=program)
    program.stop()


def test_renewed_certificates_greet_every_new_connection_after_sighup(renewed: Renewed) -> None:
    """On all four ports the new authority's clients come in and the old one's do not; a faulty file changes nothing."""
    assert [port for port in _NAMES if not renewed.greets(port, "")] == []
    assert [port for port in _NAMES if renewed.greets(port, "", "intruder")] == []

    renewed.put("next-")
    renewed.reload()
    until(lambda: renewed.greets("otlp_http", "next-"))

    assert [port for port in _NAMES if not renewed.greets(port, "next-")] == []
    assert [port for port in _NAMES if renewed.greets(port, "")] == []

    (renewed.folder / "server.pem").write_text("no certificate")
    renewed.reload()
    until(lambda: [line for line in renewed.program.err if "server.pem" in line and "not taken" in line])

    assert [port for port in _NAMES if not renewed.greets(port, "next-")] == []
