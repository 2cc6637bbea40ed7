"""Several collectors, one store: real processes over ClickHouse's HTTP protocol (stood in for, see tests/support)."""

import os
import signal
import time
import uuid
from collections.abc import Mapping
from contextlib import ExitStack
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

    def __init__(self, dsn: str, environ: Mapping[str, str] | None = None, code: str = "") -> None:
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
                **(environ or {}),
            },
            code=code,
        )

    def __enter__(self) -> "Collector":
        return self

    def __exit__(self, *_exc: object) -> None:
        """Whatever a test left running ends."""
        self.program.stop(9)

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


# Stands still before one statement of its first release, as a process does that is out of memory or was suspended.
_STANDS_STILL = """
import threading
from pathlib import Path
from botlogs_collector.store.client import Database
plain = Database.{method}
def slow(self, name, *arguments, **others):
    if name == "{name}":
        Database.{method} = plain
        print("stands still", flush=True)
        while not Path("{wake}").exists():
            threading.Event().wait(0.05)
    return plain(self, name, *arguments, **others)
Database.{method} = slow
"""
_LEASE = {"BOTLOGS_RELEASE__LEASE": "3s"}


@pytest.mark.timeout(240)
@pytest.mark.parametrize("fate", ["killed", "wakes up"])
def test_another_takes_over_from_one_that_stood_still_in_the_middle_of_a_move(tmp_path: Path, fate: str) -> None:
    """The spans are moved, the records not: once the lease has run out another finishes, and no row is there twice."""
    wake = tmp_path / "wake"
    code = _STANDS_STILL.format(method="run", name="move_logs", wake=wake)
    with clickhouse_server(tmp_path / "store", cluster=_ON_CLUSTER) as dsn, ExitStack() as running:
        first = running.enter_context(Collector(dsn, _LEASE, code))
        first.program.wait_for_line("ready")
        for number in range(5):
            first.send(f"conversation-{number}", 3)
        first.program.wait_for_line("stands still")
        second = running.enter_context(Collector(dsn, _LEASE))
        store = Database(dsn, cluster="main" if _ON_CLUSTER else None)
        if fate == "killed":
            first.program.stop(signal.SIGKILL)

        until(lambda: _receipts(store, "Status = 'released'") >= 5)
        wake.touch()  # if it lives, it goes on with its move now
        second.send("after", 2)
        until(lambda: _receipts(store, "Status = 'released' AND ConversationId = 'after'") == 1)
        first.program.stop()
        second.program.stop()

        rows = store.rows("SELECT ConversationId AS c, count() AS n FROM botlogs.otel_traces GROUP BY c ORDER BY c")
        total = _receipts(store, "1")
        store.close()

    assert [(row["c"], row["n"]) for row in rows] == [("after", 2), *((f"conversation-{n}", 3) for n in range(5))]
    assert total == 6


@pytest.mark.timeout(240)
def test_two_that_judge_differently_come_to_one_decision(tmp_path: Path) -> None:
    """One decided to keep, stood still, and wakes after another has dropped: what is kept outranks, whole and once."""
    wake, config = tmp_path / "wake", tmp_path / "drops.yaml"
    config.write_text(
        "tail_sampling: {policies: [{name: nothing, type: probabilistic, probabilistic: {sampling_percentage: 0}}]}\n"
    )
    code = _STANDS_STILL.format(method="insert", name="botlogs.receipts", wake=wake)
    with clickhouse_server(tmp_path / "store", cluster=_ON_CLUSTER) as dsn, ExitStack() as running:
        keeps = running.enter_context(Collector(dsn, _LEASE, code))
        keeps.program.wait_for_line("ready")
        keeps.send("disputed", 3)
        keeps.program.wait_for_line("stands still")
        drops = running.enter_context(Collector(dsn, {**_LEASE, "BOTLOGS_CONFIG": str(config)}))
        store = Database(dsn, cluster="main" if _ON_CLUSTER else None)
        until(lambda: _receipts(store, "Status = 'dropped'") == 1)
        before = store.rows("SELECT count() AS n FROM botlogs.otel_traces")

        wake.touch()
        until(lambda: _receipts(store, "Status = 'released'") == 1)
        keeps.program.stop()
        drops.program.stop()

        rows = store.rows("SELECT count() AS n FROM botlogs.otel_traces")
        total = _receipts(store, "1")
        store.close()

    assert (before, rows, total) == ([{"n": 0}], [{"n": 3}], 1)


def _receipts(store: Database, which: str) -> int:
    return int(store.rows(f"SELECT count() AS n FROM botlogs.receipts FINAL WHERE {which}")[0]["n"])
