"""Stopping and restarting under load: readiness goes first, what is half sent is taken, exporters lose nothing."""

import http.client
import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

import grpc
import pytest
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpExporter

from tests.faults.ledger import LONG, settle
from tests.faults.one_span import span_request
from tests.faults.readers import spans_read
from tests.faults.sdk_bot import Bot
from tests.support.processes import until
from tests.support.service import Service, ask_store

RESTARTS = 10 if LONG else 1


class _HalfSent:
    """A request of which the second half has yet to come."""

    def __init__(self, service: Service, body: bytes) -> None:
        self._rest = body[len(body) // 2 :]
        self._connection = http.client.HTTPConnection(service.http.removeprefix("http://"), timeout=30)
        self._connection.putrequest("POST", "/v1/traces")
        self._connection.putheader("content-type", "application/x-protobuf")
        self._connection.putheader("content-length", str(len(body)))
        self._connection.endheaders(body[: len(body) // 2])

    def finish(self) -> int:
        """Send the rest and return the status."""
        self._connection.send(self._rest)
        status = self._connection.getresponse().status
        self._connection.close()
        return status

    def close(self) -> None:
        """Go away."""
        self._connection.close()


def _readiness(service: Service) -> tuple[int, str]:
    connection = http.client.HTTPConnection(service.api.removeprefix("http://"), timeout=30)
    connection.request("GET", "/readyz")
    answer = connection.getresponse()
    text = answer.read().decode().strip()
    connection.close()
    return answer.status, text


def _is_closed(target: str) -> bool:
    with grpc.insecure_channel(target) as channel:
        try:
            grpc.channel_ready_future(channel).result(timeout=0.5)
        except grpc.FutureTimeoutError:
            return True
    return False


def test_readiness_goes_first_and_a_half_sent_request_is_still_taken(tmp_path: Path) -> None:
    """After SIGTERM /readyz says 503 while what is under way is received, stored and acknowledged; then exit 0."""
    with Service(tmp_path / "data") as service:
        before = _readiness(service)
        half = _HalfSent(service, span_request("half-sent"))
        until(lambda: _in_hand(service))

        os.kill(service.program.pid, signal.SIGTERM)
        until(lambda: _readiness(service) == (503, "stopping"))
        until(lambda: _is_closed(service.grpc))
        status = half.finish()
        code = service.program.wait()

    (rows,) = ask_store(service.folder, "SELECT ConversationId AS c FROM botlogs.otel_traces")
    assert (before, status, code) == ((200, "ready"), 200, 0)
    assert rows == [{"c": "half-sent"}]


def _in_hand(service: Service) -> bool:
    """Whether the service has had time to see what was sent before: it answered something sent after it."""
    return _readiness(service)[0] == 200


def test_a_second_sigterm_ends_at_once(tmp_path: Path) -> None:
    """Whoever does not want to wait for the drain need not."""
    with Service(tmp_path / "data") as service:
        half = _HalfSent(service, span_request("never"))
        until(lambda: _in_hand(service))
        os.kill(service.program.pid, signal.SIGTERM)
        until(lambda: _readiness(service) == (503, "stopping"))
        started = time.monotonic()

        os.kill(service.program.pid, signal.SIGTERM)
        code = service.program.wait()

        half.close()
    assert code == 130
    assert time.monotonic() - started < 10


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.timeout(1200 if LONG else 120)
def test_restarts_under_load_lose_nothing_of_the_official_exporters(tmp_path: Path) -> None:
    """With the retries that OpenTelemetry's own exporters make, over gRPC and HTTP, every span is there afterwards."""
    with Service(tmp_path / "data") as service:
        bots = [
            Bot("grpc", GrpcExporter(endpoint=service.grpc, insecure=True, timeout=60)),
            Bot("http", HttpExporter(endpoint=f"{service.http}/v1/traces", timeout=60)),
        ]
        for bot in bots:
            bot.start()
        codes: list[int] = []
        for _ in range(RESTARTS):
            _wait_for_more(bots)
            codes.append(service.program.stop())
            service.restart()
        _wait_for_more(bots)
        for bot in bots:
            bot.stopping.set()
            bot.join(90)
        read = spans_read(service, [bot.name for bot in bots])
        codes.append(service.program.stop())

    made = {span for bot in bots for span in bot.made}
    assert codes == [0] * (RESTARTS + 1)
    assert set().union(*(bot.accepted for bot in bots)) == made
    settle("restarts under load, official exporters", RESTARTS, acknowledged=made, readable=read)


def _wait_for_more(bots: Sequence[Bot]) -> None:
    before = [len(bot.made) for bot in bots]
    until(lambda: all(len(bot.made) > count + 3 for bot, count in zip(bots, before, strict=True)), 90)
