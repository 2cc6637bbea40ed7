"""The bench's store of millions: a copy is what an arrival would have been."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from botlogs_collector.clock import SystemClock
from botlogs_collector.store.client import Database, Row
from botlogs_collector.store.migrate import migrate
from tests.bench.released_store import Released
from tests.support.clickhouse_http import clickhouse_server
from tests.support.sender import T0
from tests.support.store import LASTING

# Bots, flows, errors and environments come round every 70 conversations: a copy has those of its number too.
_ARRIVED = Released(conversations=210, newest_ns=T0, days=3, originals=210)
_UNLIKE = {  # made of the trace's id, or of what was said
    "otel_traces": "TraceId, SpanId, ParentSpanId, UserId, SpanAttributes, Bytes",
    "otel_logs": "TraceId, SpanId, LogId, UserId, LogAttributes, Body, Bytes",
    "receipts": "TraceIds",
}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A store of these tests alone, behind HTTP: filling one empties the hold."""
    with clickhouse_server(tmp_path_factory.mktemp("released") / "data") as dsn:
        opened = Database(dsn)
        migrate(opened, LASTING, SystemClock())
        yield opened
        opened.close()


def test_copies_are_what_arrivals_would_have_been(database: Database) -> None:
    """Rows, receipts and how each conversation stands are the same, however many of them are copies."""
    arrived = _filled(database, _ARRIVED)
    copied = _filled(database, replace(_ARRIVED, originals=70))

    for table, rows in arrived.items():
        assert len(rows) >= 105
        assert copied[table] == rows, table


def _filled(database: Database, released: Released) -> dict[str, list[Row]]:
    for table in ("otel_traces", "otel_logs", "trace_state", "receipts"):
        database.command(f"TRUNCATE TABLE botlogs.{table}")
    released.fill(database)
    rows = {
        table: database.rows(f"SELECT * EXCEPT ({unlike}) FROM botlogs.{table} FINAL ORDER BY ALL")
        for table, unlike in _UNLIKE.items()
    }
    rows["conversations"] = database.rows(
        "SELECT ConversationKey, ConversationId, BotId, Environment, Live, State, EndRule, EndedUnixNano, Spans, "
        "NodeActions, LogEvents, Errors, Turns, FirstTimestamp, LastTimestamp, FirstReceivedAt, LastReceivedAt "
        "FROM botlogs.conversations ORDER BY ConversationId"
    )
    return rows
