"""Requests as large as memory, and small ones that inflate to it: refused plainly, and memory keeps its ceiling."""

import gzip
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
from backports import zstd

from botlogs_collector.config.load import load_settings
from botlogs_collector.config.memory import memory_ceiling_bytes
from tests.faults.ledger import LONG
from tests.faults.load import REQUEST_BYTES
from tests.faults.memory import peak_bytes
from tests.faults.one_span import span_request
from tests.support.service import Service, post

TIMES = 40 if LONG else 8
_MB = 1024**2
_EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
_LIMITS = {
    "BOTLOGS_RECEIVERS__OTLP__MAX_REQUEST_BYTES": str(16 * _MB),
    "BOTLOGS_RECEIVERS__OTLP__MAX_PENDING_BYTES": str(32 * _MB),
    "BOTLOGS_RECEIVERS__OTLP__MAX_COMMIT_BYTES": str(16 * _MB),
    "BOTLOGS_STORAGE__MAX_MEMORY_BYTES": str(512 * _MB),
}
_DEFLATED = {"gzip": gzip.compress, "deflate": zlib.compress, "zstd": zstd.compress}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service whose memory has a known ceiling, which it keeps, and which serves others afterwards."""
    folder: Path = tmp_path_factory.mktemp("large")
    with Service(folder / "data", _LIMITS) as running:
        yield running
        assert post(f"{running.http}/v1/traces", span_request("after"))[0] == 200
        assert peak_bytes(running) < memory_ceiling_bytes(load_settings(None, _LIMITS))
        assert running.program.stop() == 0


def _codes(service: Service, body: bytes, compression: grpc.Compression) -> set[str]:
    """Return what TIMES senders at once are answered to *body*."""

    def send(_number: int) -> str:
        options = [("grpc.use_local_subchannel_pool", 1), ("grpc.max_send_message_length", -1)]
        with grpc.insecure_channel(service.grpc, options=options, compression=compression) as channel:
            try:
                channel.unary_unary(_EXPORT)(body, timeout=100)
            except grpc.RpcError as error:
                return error.code().name
        return "OK"

    with ThreadPoolExecutor(8) as pool:
        return set(pool.map(send, range(TIMES)))


def test_messages_beyond_the_limit_are_refused_over_grpc(service: Service) -> None:
    """100 MB at once from several senders: RESOURCE_EXHAUSTED, before they are read."""
    assert _codes(service, bytes(100 * _MB), grpc.Compression.NoCompression) == {"RESOURCE_EXHAUSTED"}


def test_bombs_are_refused_over_grpc(service: Service) -> None:
    """A hundred kilobytes that inflate to 100 MB: the same."""
    assert _codes(service, bytes(100 * _MB), grpc.Compression.Gzip) == {"RESOURCE_EXHAUSTED"}


@pytest.mark.parametrize("encoding", list(_DEFLATED))
def test_bombs_are_refused_over_http(service: Service, encoding: str) -> None:
    """A body that inflates to 400 MB costs its limit and is 413, whatever its encoding."""
    bomb = _DEFLATED[encoding](bytes(400 * _MB))

    with ThreadPoolExecutor(4) as pool:
        url = f"{service.http}/v1/traces"
        answers = [
            answer.result() for answer in [pool.submit(post, url, bomb, encoding=encoding) for _ in range(TIMES)]
        ]

    assert {status for status, _, _ in answers} == {413}
    assert b"inflates to more than" in answers[0][2]


def test_many_large_requests_at_once_are_taken_or_told_to_come_back(service: Service) -> None:
    """Each within the limit, together far beyond what may wait."""
    body = span_request("large", 15 * _MB * 1000 // REQUEST_BYTES)

    codes = _codes(service, body, grpc.Compression.NoCompression)

    assert "OK" in codes
    assert codes <= {"OK", "RESOURCE_EXHAUSTED"}
