"""Certificates of the ports, read and checked before these open, and again when asked; a fault names its file.

Every connection is greeted with what was read last; connections that are open stay as they are.
"""

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import grpc

from botlogs_collector.config.settings import Endpoint
from botlogs_collector.errors import StartError


@dataclass(frozen=True, slots=True)
class _Read:
    """The files of one port as they were."""

    context: ssl.SSLContext
    pair: tuple[bytes, bytes]  # private key, certificate
    authorities: bytes | None


class _Port:
    """One port's certificates: those in force, and where they come from."""

    def __init__(self, endpoint: Endpoint, key: str) -> None:
        self.endpoint = endpoint
        self.key = key
        self.read = _read(endpoint, key)

    def greet(self, connection: ssl.SSLObject, _server_name: str | None, _context: ssl.SSLContext) -> None:
        """Go on with the context that is in force now."""
        connection.context = self.read.context


class Certificates:
    """The certificates of all ports of a service."""

    def __init__(self) -> None:
        self._ports: list[_Port] = []

    @staticmethod
    def check(endpoints: Mapping[str, Endpoint]) -> None:
        """Read the files of all *endpoints*, by their path in the configuration, and keep nothing.

        Raises:
            StartError: as of `for_http`.
        """
        for key, endpoint in endpoints.items():
            if endpoint.cert is not None and endpoint.key is not None:
                _read(endpoint, key)

    def for_http(self, endpoint: Endpoint, key: str) -> ssl.SSLContext | None:
        """Return the TLS side of an HTTP port, None for one without; *key* is the endpoint's path in the configuration.

        Raises:
            StartError: a file cannot be read, is no PEM, or key and certificate do not belong together.
        """
        port = self._port(endpoint, key)
        if port is None:
            return None
        context = _context(endpoint, key)
        context.sni_callback = port.greet
        return context

    def for_grpc(self, endpoint: Endpoint, key: str) -> grpc.ServerCredentials | None:
        """Return the same for a gRPC port."""
        port = self._port(endpoint, key)
        if port is None:
            return None
        return grpc.dynamic_ssl_server_credentials(
            _configuration(port.read),
            _fetch_of(port),  # pyright: ignore[reportArgumentType]  # gRPC says: "or None for no change"
            require_client_authentication=endpoint.client_ca is not None,
        )

    def reload(self) -> None:
        """Read every file again, for all connections to come.

        Raises:
            StartError: one is no good; nothing changed.
        """
        again = [_read(port.endpoint, port.key) for port in self._ports]
        for port, read in zip(self._ports, again, strict=True):
            port.read = read

    def _port(self, endpoint: Endpoint, key: str) -> _Port | None:
        if endpoint.cert is None or endpoint.key is None:
            return None
        port = _Port(endpoint, key)
        self._ports.append(port)
        return port


def _fetch_of(port: _Port) -> Callable[[], grpc.ServerCertificateConfiguration | None]:
    """Return what gRPC asks at each new connection: what is new since it asked, None for nothing."""
    told = port.read

    def fetch() -> grpc.ServerCertificateConfiguration | None:
        nonlocal told
        if port.read is told:
            return None
        told = port.read
        return _configuration(told)

    return fetch


def _configuration(read: _Read) -> grpc.ServerCertificateConfiguration:
    return grpc.ssl_server_certificate_configuration([read.pair], root_certificates=read.authorities)


def _read(endpoint: Endpoint, key: str) -> _Read:
    assert endpoint.cert is not None
    assert endpoint.key is not None
    certificate, private = _bytes(endpoint.cert, f"{key}.cert"), _bytes(endpoint.key, f"{key}.key")
    authorities = None if endpoint.client_ca is None else _bytes(endpoint.client_ca, f"{key}.client_ca")
    # Checked here for gRPC too, which says nothing useful about a bad file.
    return _Read(_context(endpoint, key), (private, certificate), authorities)


def _context(endpoint: Endpoint, key: str) -> ssl.SSLContext:
    assert endpoint.cert is not None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(endpoint.cert, endpoint.key, password="")  # asks nobody for a password
    except (ssl.SSLError, ValueError) as error:
        msg = (
            f"{key}.cert, {key}.key: {endpoint.cert} and {endpoint.key} are not a PEM certificate and its unencrypted "
            f"private key: {_reason(error)}"
        )
        raise StartError(msg) from None
    if endpoint.client_ca is not None:
        try:
            context.load_verify_locations(endpoint.client_ca)
        except ssl.SSLError as error:
            msg = f"{key}.client_ca: {endpoint.client_ca} holds no PEM certificates: {_reason(error)}"
            raise StartError(msg) from None
        context.verify_mode = ssl.CERT_REQUIRED
        # Who took a session along would be let in by authorities that are trusted no more.
        context.options |= ssl.OP_NO_TICKET
        context.num_tickets = 0
    return context


def _bytes(file: str, key: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise StartError(f"{key}: {file} cannot be read: {error.strerror}") from None


def _reason(error: Exception) -> str:
    return getattr(error, "reason", None) or str(error) or "not PEM"
