"""Clients that send slowly, half, or nothing: they are cut by a deadline, and others are served meanwhile."""

import socket
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from tests.faults.one_span import span_request
from tests.support.service import Service, post

TIMEOUT_S = 0.5
# An HTTP/2 client's greeting, an empty SETTINGS, and the beginning of a call whose message never comes:
# HEADERS (the last, of a stream that goes on): :method POST, :scheme http, :path …TraceService/Export, :authority x,
# content-type application/grpc, te trailers.
_GREETING = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes.fromhex("000000040000000000")
_PATH = b"/opentelemetry.proto.collector.trace.v1.TraceService/Export"
_HEADERS = (
    bytes.fromhex("8386")
    + b"\x04" + bytes([len(_PATH)]) + _PATH
    + b"\x01\x01x"
    + b"\x0f\x10\x10application/grpc"
    + b"\x00\x02te\x08trailers"
)  # fmt: skip
_HALF_CALL = len(_HEADERS).to_bytes(3, "big") + b"\x01\x04\x00\x00\x00\x01" + _HEADERS


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Generator[Service]:
    """A service that waits half a second for a request."""
    folder: Path = tmp_path_factory.mktemp("slow")
    with Service(folder / "data", {"BOTLOGS_RECEIVERS__OTLP__REQUEST_TIMEOUT": f"{TIMEOUT_S * 1000:.0f}ms"}) as service:
        yield service
        assert service.program.stop() == 0


def _connect(address: str) -> socket.socket:
    host, _, port = address.removeprefix("http://").rpartition(":")
    return socket.create_connection((host, int(port)), timeout=30)


def _seconds_until_cut(client: socket.socket, drip: Callable[[], object] = lambda: None) -> float:
    """Return how long the server kept the connection, while *drip* sends a little now and then."""
    started = time.monotonic()
    client.settimeout(0.1)
    while time.monotonic() - started < 60:
        try:
            drip()
            if not client.recv(4096):
                break
        except TimeoutError:
            continue
        except OSError:
            break
    return time.monotonic() - started


@pytest.mark.parametrize(
    "beginning",
    [
        b"",
        b"POST /v1/traces HTTP/1.1\r\nhost: x\r\nx-never-",
        b"POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-length: 99\r\n\r\n",
    ],
    ids=["nothing", "half a header", "half a body"],
)
def test_an_http_client_that_does_not_finish_its_request_is_cut(service: Service, beginning: bytes) -> None:
    """A byte now and then does not prolong the deadline, which is for the whole request."""
    with _connect(service.http) as client:
        client.sendall(beginning)

        took_s = _seconds_until_cut(client, lambda: client.sendall(b"x" if beginning else b""))

    assert TIMEOUT_S * 0.8 < took_s < 20


@pytest.mark.parametrize("beginning", [b"", _GREETING + _HALF_CALL], ids=["nothing", "half a call"])
def test_a_grpc_client_that_does_not_finish_its_call_is_cut(service: Service, beginning: bytes) -> None:
    """Without a greeting at once; with one, when the connection has had ten times the deadline and one to end."""
    with _connect(service.grpc) as client:
        client.sendall(beginning)

        assert _seconds_until_cut(client) < 40


def test_others_are_served_while_many_clients_stand_half_open(service: Service) -> None:
    """Two hundred half requests on each port keep nobody else from sending."""

    def send(conversation: str) -> int:
        return post(f"{service.http}/v1/traces", span_request(conversation))[0]

    with ExitStack() as stack:
        for _ in range(200):
            for address, beginning in (
                (service.http, b"POST /v1/traces HTTP/1.1\r\n"),
                (service.grpc, _GREETING + _HALF_CALL),
            ):
                client = stack.enter_context(_connect(address))
                with suppress(OSError):
                    client.sendall(beginning)

        with ThreadPoolExecutor(4) as pool:
            statuses = list(pool.map(send, "abcdefgh"))

    assert statuses == [200] * 8
