"""`clickhouse://`: the same schema, inserts, queries and errors over ClickHouse's HTTP protocol."""

import secrets
from collections.abc import Iterator

import pytest

from botlogs_collector.clock import ManualClock
from botlogs_collector.errors import Permanent, StartError
from botlogs_collector.otlp.request import check_request
from botlogs_collector.store.client import Database
from botlogs_collector.store.ingest import OtlpTables
from botlogs_collector.store.migrate import SCHEMA_VERSION, migrate
from tests.support.clickhouse_http import clickhouse_server
from tests.support.otlp_rows import record_rows, same_rows, span_rows, stored_records, stored_spans
from tests.support.processes import free_ports
from tests.support.sender import T0, Talk
from tests.support.store import LASTING, unique


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A store behind HTTP, with its schema made."""
    with clickhouse_server(tmp_path_factory.mktemp("server") / "data") as dsn:
        database = Database(dsn)
        assert migrate(database, LASTING, ManualClock()) == f"made schema version {SCHEMA_VERSION}"
        yield database
        database.close()


def test_a_second_start_finds_nothing_to_migrate(server: Database) -> None:
    """The schema's version is read back over the wire."""
    assert migrate(server, LASTING, ManualClock()) == f"schema version {SCHEMA_VERSION}, nothing to migrate"


@pytest.mark.parametrize(
    ("environment", "place", "stored_as"),
    [
        ("sandbox", "botlogs", "sandbox"),
        ("dev", "botlogs", "sandbox"),
        ("production", "botlogs_held", "production"),
        ("unheard-of", "botlogs_held", "production"),
    ],
)
def test_what_is_sent_is_stored_and_routed(server: Database, environment: str, place: str, stored_as: str) -> None:
    """OTLP goes in as Protobuf; live environments reach the readers, all others the hold."""
    talk = Talk(unique(), environment=environment)
    span = talk.node("ask", start=0, end=1, nested={"a": [1, {"b": None}]})
    talk.log("bot.log", "a line", span=span)
    spans, records = talk.spans, talk.logs
    tables = OtlpTables(server)
    stamp = T0 + secrets.randbelow(10**12)

    tables.insert("traces", [check_request("traces", spans.SerializeToString()).body], stamp)
    tables.insert("logs", [check_request("logs", records.SerializeToString()).body], stamp)

    same_rows(span_rows(spans), stored_spans(server, stamp))
    same_rows(record_rows(records), stored_records(server, stamp))
    found = server.rows(
        f"SELECT Environment FROM {place}.otel_traces WHERE TraceId = {{trace:String}}", trace=talk.trace
    )
    assert [row["Environment"] for row in found] == [stored_as]


def test_values_are_bound_as_typed_parameters(server: Database) -> None:
    """Quotes, backslashes and braces arrive as they are, over HTTP too."""
    text = "it's {x:String} \\ \n \t \0 ☃"

    assert server.rows("SELECT {text:String} AS text, {n:Int64} AS n", text=text, n=-(2**63)) == [
        {"text": text, "n": -(2**63)}
    ]


def test_a_fault_of_the_input_is_permanent(server: Database) -> None:
    """The server's error code decides what a sender is told."""
    with pytest.raises(Permanent, match="Code: 62"):
        server.rows("SELEKT 1")


def test_no_server_is_one_clear_error() -> None:
    """The message names the address, never the password."""
    with pytest.raises(StartError) as refused:
        Database(f"clickhouse://user:secret@127.0.0.1:{free_ports(1)[0]}/")

    assert "does not answer" in str(refused.value)
    assert "127.0.0.1" in str(refused.value)
    assert "secret" not in str(refused.value)
