"""Kafka to our landing tables inside ClickHouse: the example's SQL, and what its views do with a record.

Here a plain table stands where the topic is, filled with `FORMAT ProtobufSingle` a record at a time, as it does;
the engine itself reads from a broker in tests/stacks/test_kafka_engine.py, which needs Go.
"""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from botlogs_collector.errors import BotLogsError
from botlogs_collector.store.client import Database
from botlogs_collector.store.ingest import request_schema
from botlogs_collector.store.statements import split_statements
from tests.support.otlp_rows import record_rows, same_rows, span_rows, stored_records, stored_spans
from tests.support.sender import Talk
from tests.support.store import unique

_SQL = Path("collector/config/kafka/clickhouse.sql")
_ENGINE = re.compile(r"ENGINE = Kafka\s+SETTINGS.*", re.DOTALL)


@pytest.fixture(scope="module")
def topics(database: Database) -> Iterator[Database]:
    """The example's objects, with a table that keeps nothing instead of each topic."""
    made: list[str] = []
    for statement in split_statements(_SQL.read_text()):
        name = re.search(r"EXISTS (\S+)", statement)
        assert name
        made.append(name[1])
        if "ENGINE = Kafka" in statement:
            column = "resource_spans" if "traces" in name[1] else "resource_logs"
            source = name[1].replace("kafka_", "otlp_")
            kind = next(row["type"] for row in database.rows(f"DESC TABLE {source}") if row["name"] == column)
            statement = (  # noqa: PLW2901
                f"CREATE TABLE {name[1]} ({column} {kind}, _error String, _raw_message String, _topic String,"
                " _partition UInt64, _offset UInt64) ENGINE = Null"
            )
        database.command(statement)
    yield database
    for name in reversed(made):
        database.command(f"DROP TABLE {name}")


def _deliver(database: Database, signal: str, record: bytes) -> None:
    message = {"traces": "TracesRequest", "logs": "LogsRequest"}[signal]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"botlogs_{signal}.proto"
        path.write_text(request_schema("traces" if signal == "traces" else "logs"))
        settings = {"format_schema": f"{path}:{message}", "input_format_protobuf_oneof_presence": 1}
        database.insert_raw(f"botlogs_ingest.kafka_{signal}", record, "ProtobufSingle", settings)


@pytest.mark.parametrize("environment", ["sandbox", "production"])
def test_a_record_ends_where_a_request_does(topics: Database, environment: str) -> None:
    """Every field of every span and log record, live or held, the zero of a number and a missing value told apart."""
    talk = Talk(unique(), environment=environment)
    node = talk.node("ask", start=0, end=1, count=0, flag=False, text="", nothing=None, raw=b"\xff")
    talk.log("bot.log", "a line", at=0.5, span=node)
    place = "botlogs" if environment == "sandbox" else "botlogs_held"

    _deliver(topics, "traces", talk.spans.SerializeToString())
    _deliver(topics, "logs", talk.logs.SerializeToString())

    (span,) = topics.rows(
        f"SELECT ReceivedAt AS at FROM {place}.otel_traces WHERE TraceId = {{id:String}}", id=talk.trace
    )
    assert span
    same_rows(span_rows(talk.spans), stored_spans(topics, _received(topics, place, "otel_traces", talk.trace)))
    same_rows(record_rows(talk.logs), stored_records(topics, _received(topics, place, "otel_logs", talk.trace)))


def _received(database: Database, place: str, table: str, trace: str) -> int:
    rows = database.rows(
        f"SELECT DISTINCT toUnixTimestamp64Nano(ReceivedAt) AS at FROM {place}.{table} WHERE TraceId = {{id:String}}",
        id=trace,
    )
    assert len(rows) == 1
    return int(rows[0]["at"])


def test_a_record_that_cannot_be_read_is_kept_aside(topics: Database) -> None:
    """With the reason, where it was, and itself; it stops nobody."""
    topics.insert(
        "botlogs_ingest.kafka_traces",
        [["Cannot parse", "\x00raw", "otlp_spans", 1, 42]],
        ["_error", "_raw_message", "_topic", "_partition", "_offset"],
    )

    rows = topics.rows("SELECT Topic, Partition, Offset, Error FROM botlogs_ingest.kafka_refused")
    assert rows == [{"Topic": "otlp_spans", "Partition": 1, "Offset": 42, "Error": "Cannot parse"}]


@pytest.mark.parametrize("table", ["kafka_traces", "kafka_logs"])
def test_the_engine_knows_every_setting_of_the_example(database: Database, table: str) -> None:
    """It checks the whole statement before it finds that it cannot poll by itself; an unknown setting is told."""
    (statement,) = [one for one in split_statements(_SQL.read_text()) if f"botlogs_ingest.{table} AS" in one]
    elsewhere = statement.replace(f"botlogs_ingest.{table} AS", f"botlogs_ingest.{table}_checked AS")

    with pytest.raises(BotLogsError, match="kafka_group_nam"):
        database.command(elsewhere.replace("kafka_group_name", "kafka_group_nam"))
    with pytest.raises(BotLogsError, match="Shutdown was called"):
        database.command(elsewhere)
    database.command(f"DROP TABLE IF EXISTS botlogs_ingest.{table}_checked")
