"""A store that fails while the service runs: slow, silent, or gone. Senders wait or come again, readers are told."""

import contextlib
import http.client
from pathlib import Path

import pytest
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpExporter

from tests.faults.ledger import LONG, settle
from tests.faults.readers import spans_read
from tests.faults.relay import Relay, Weather, relay_to
from tests.faults.sdk_bot import Bot
from tests.support.clickhouse_http import clickhouse_server
from tests.support.processes import until
from tests.support.service import Service

ROUNDS = 10 if LONG else 1
# What a reader is told meanwhile; a silent store costs the whole deadline of a query, so one is enough for the suite.
_TOLD: dict[Weather, int] = {"slow": 200, "cut": 503, "still": 504}
if LONG:
    _TOLD["deaf"] = 504


def _status(service: Service, path: str) -> int:
    connection = http.client.HTTPConnection(service.api.removeprefix("http://"), timeout=60)
    with contextlib.closing(connection):
        connection.request("GET", path)
        return connection.getresponse().status


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.timeout(1800 if LONG else 300)
def test_a_store_that_fails_and_comes_back_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """With the store slow, refusing and silent the service stays alive and says so; then every span is there once."""
    folder = tmp_path / "server"
    with clickhouse_server(folder) as dsn, relay_to(dsn.removeprefix("clickhouse://").rstrip("/")) as relay:
        with Service(tmp_path / "none", {"BOTLOGS_STORAGE__DSN": f"clickhouse://{relay.address}/"}) as service:
            bots = [
                Bot("over-grpc", GrpcExporter(endpoint=service.grpc, insecure=True, timeout=120)),
                Bot("over-http", HttpExporter(endpoint=f"{service.http}/v1/traces", timeout=120)),
            ]
            for bot in bots:
                bot.start()
            answers: dict[Weather, int] = {}
            for weather in (*_TOLD,) * ROUNDS:
                answers[weather] = _through(service, relay, weather, bots)
            for bot in bots:
                bot.stopping.set()
                bot.join(120)
            read = spans_read(service, [bot.name for bot in bots])
            assert service.program.stop() == 0

    accepted: set[str] = set().union(*(bot.accepted for bot in bots))
    settle("store slow, refusing, silent", len(_TOLD) * ROUNDS, acknowledged=accepted, readable=read)
    assert {span for bot in bots for span in bot.made} == accepted
    assert answers == _TOLD


def _through(service: Service, relay: Relay, weather: Weather, bots: list[Bot]) -> int:
    """Let *weather* come between service and store and go; return what a reader is told meanwhile."""
    before = [len(bot.accepted) for bot in bots]
    until(lambda: all(len(bot.accepted) > count for bot, count in zip(bots, before, strict=True)), 120)
    relay.change(weather)
    try:
        assert _status(service, "/healthz") == 200
        return _status(service, "/api/v1/conversations?limit=1")
    finally:
        relay.change("clear")
