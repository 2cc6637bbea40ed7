"""Certificates of a port, read and checked before it opens; a fault names the file and the setting."""

import ssl
from pathlib import Path

import grpc

from botlogs_collector.config.settings import Endpoint
from botlogs_collector.errors import StartError


def server_context(endpoint: Endpoint, key: str) -> ssl.SSLContext | None:
    """Return the TLS side of an HTTP port, None for one without; *key* is the endpoint's path in the configuration.

    Raises:
        StartError: a file cannot be read, is no PEM, or key and certificate do not belong together.
    """
    if endpoint.cert is None or endpoint.key is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    for name, file in (("cert", endpoint.cert), ("key", endpoint.key), ("client_ca", endpoint.client_ca)):
        if file is not None:
            _read(file, f"{key}.{name}")
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
    return context


def grpc_credentials(endpoint: Endpoint, key: str) -> grpc.ServerCredentials | None:
    """Return the same for a gRPC port."""
    if server_context(endpoint, key) is None:  # checked there: gRPC says nothing useful about a bad file
        return None
    assert endpoint.cert is not None
    assert endpoint.key is not None
    pair = (_read(endpoint.key, f"{key}.key"), _read(endpoint.cert, f"{key}.cert"))
    authorities = None if endpoint.client_ca is None else _read(endpoint.client_ca, f"{key}.client_ca")
    return grpc.ssl_server_credentials(
        [pair], root_certificates=authorities, require_client_auth=authorities is not None
    )


def _read(file: str, key: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise StartError(f"{key}: {file} cannot be read: {error.strerror}") from None


def _reason(error: Exception) -> str:
    return getattr(error, "reason", None) or str(error) or "not PEM"
