"""Several collectors, one store: real processes over ClickHouse's HTTP protocol (stood in for, see tests/support)."""

import os
import time
import uuid
from pathlib import Path

import pytest

from botlogs_collector.store.client import Database
from tests.support.clickhouse_http import clickhouse_server
from tests.support.processes import Program, fetch, free_ports, until

_SETTINGS = {
    "BOTLOGS_ENVIRONMENTS__PRODUCTION__RELEASE_DELAY": "1s",
    "BOTLOGS_CONVERSATION__IDLE_TIMEOUT": "1s",
    "BOTLOGS_RELEASE__WATERMARK_LAG": "1s",
    "BOTLOGS_RELEASE__INTERVAL": "500ms",
}


# `make test-cluster`: the same on a cluster's schema.
_ON_CLUSTER = os.environ.get("BOTLOGS_TESTS_STORE") == "cluster"
if _ON_CLUSTER:
    _SETTINGS["BOTLOGS_STORAGE__CLUSTER"] = "main"


class Collector:
    """One `botlogs serve` on a shared store."""

    def __init__(self, dsn: str) -> None:
        http, grpc, self.otlp_http, otlp_grpc = free_ports(4)
        self.program = Program(
            "serve",
            environ={
                **_SETTINGS,
                "BOTLOGS_STORAGE__DSN": dsn,
                "BOTLOGS_API__HTTP": f"127.0.0.1:{http}",
                "BOTLOGS_API__GRPC": f"127.0.0.1:{grpc}",
                "BOTLOGS_RECEIVERS__OTLP__HTTP__ENDPOINT": f"127.0.0.1:{self.otlp_http}",
                "BOTLOGS_RECEIVERS__OTLP__GRPC__ENDPOINT": f"127.0.0.1:{otlp_grpc}",
            },
        )

    def send(self, conversation: str, spans: int) -> None:
        """Send spans of one conversation."""
        now_ns = str(time.time_ns())
        attributes = [{"key": "gen_ai.conversation.id", "value": {"stringValue": conversation}}]
        sent = [
            {"traceId": uuid.uuid5(uuid.NAMESPACE_OID, conversation).hex, "spanId": uuid.uuid4().hex[:16],
             "name": "node", "parentSpanId": "00000000000000aa", "startTimeUnixNano": now_ns, "endTimeUnixNano": now_ns,
             "attributes": attributes}
            for _ in range(spans)
        ]  # fmt: skip
        body = {"resourceSpans": [{"scopeSpans": [{"spans": sent}]}]}
        status, _ = fetch(f"http://127.0.0.1:{self.otlp_http}/v1/traces", body)
        assert status == 200


@pytest.mark.timeout(240)
def test_two_collectors_release_once_and_take_over(tmp_path: Path) -> None:
    """Spans of one conversation may come through both; each conversation is released once, whoever is left."""
    with clickhouse_server(tmp_path / "store", cluster=_ON_CLUSTER) as dsn:
        first = Collector(dsn)
        first.program.wait_for_line("ready")
        second = Collector(dsn)
        second.program.wait_for_line("ready")
        store = Database(dsn, cluster="main" if _ON_CLUSTER else None)

        def released(count: int) -> bool:
            rows = store.rows("SELECT count() AS n FROM botlogs.receipts FINAL WHERE Status = 'released'")
            return rows[0]["n"] >= count

        for number in range(6):
            for collector in (first, second):
                collector.send(f"before-{number}", 2)
        until(lambda: released(6))
        assert first.program.stop() == 0
        for number in range(4):
            second.send(f"after-{number}", 3)
        until(lambda: released(10))
        second.program.stop()

        receipts = store.rows(
            "SELECT ConversationId, count() AS receipts, sum(Spans) AS spans FROM botlogs.receipts FINAL GROUP BY 1"
        )
        rows = store.rows("SELECT ConversationId, count() AS stored FROM botlogs.otel_traces GROUP BY 1")
        store.close()

    expected = {**{f"after-{n}": 3 for n in range(4)}, **{f"before-{n}": 4 for n in range(6)}}
    assert {row["ConversationId"]: row["spans"] for row in receipts} == expected
    assert all(row["receipts"] == 1 for row in receipts)
    assert {row["ConversationId"]: row["stored"] for row in rows} == expected
