"""The OpenTelemetry ClickHouse exporter's rows in our landing tables: its columns, its types, its spellings."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from botlogs_collector.clock import ManualClock
from botlogs_collector.store.client import Database
from botlogs_collector.store.migrate import migrate
from tests.support.clickhouse_http import clickhouse_server
from tests.support.store import LASTING, unique

# The insert columns of clickhouseexporter v0.165 and the types that it binds (documented in its README).
_MAP = "Map(LowCardinality(String), String)"
_TRACES = {
    "Timestamp": "DateTime64(9)", "TraceId": "String", "SpanId": "String", "ParentSpanId": "String",
    "TraceState": "String", "SpanName": "LowCardinality(String)", "SpanKind": "LowCardinality(String)",
    "ServiceName": "LowCardinality(String)", "ResourceAttributes": _MAP, "ScopeName": "String",
    "ScopeVersion": "String", "SpanAttributes": _MAP, "Duration": "UInt64",
    "StatusCode": "LowCardinality(String)", "StatusMessage": "String",
    "Events.Timestamp": "Array(DateTime64(9))", "Events.Name": "Array(LowCardinality(String))",
    "Events.Attributes": f"Array({_MAP})", "Links.TraceId": "Array(String)", "Links.SpanId": "Array(String)",
    "Links.TraceState": "Array(String)", "Links.Attributes": f"Array({_MAP})",
}  # fmt: skip
_OLD_LOGS = {
    "Timestamp": "DateTime64(9)", "TraceId": "String", "SpanId": "String", "TraceFlags": "UInt8",
    "SeverityText": "LowCardinality(String)", "SeverityNumber": "UInt8", "ServiceName": "LowCardinality(String)",
    "Body": "String", "ResourceSchemaUrl": "LowCardinality(String)", "ResourceAttributes": _MAP,
    "ScopeSchemaUrl": "LowCardinality(String)", "ScopeName": "String", "ScopeVersion": "LowCardinality(String)",
    "ScopeAttributes": _MAP, "LogAttributes": _MAP,
}  # fmt: skip
# From v0.151 on, and only where DESC TABLE shows it.
_LOGS = {**_OLD_LOGS, "EventName": "String"}
_AT = datetime(2026, 9, 21, 14, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A store behind HTTP: the exporter knows no other."""
    with clickhouse_server(tmp_path_factory.mktemp("server") / "data") as dsn:
        database = Database(dsn)
        migrate(database, LASTING, ManualClock())
        yield database
        database.close()


def _span(conversation: str, environment: str) -> dict[str, object]:
    names = {"gen_ai.conversation.id": conversation, "bot.id": "support", "bot.node.id": "ask", "bot.turn.index": "2"}
    return {
        "Timestamp": _AT, "TraceId": conversation.encode().hex()[:32].rjust(32, "0"), "SpanId": "0102030405060708",
        "ParentSpanId": "", "TraceState": "a=1", "SpanName": "node", "SpanKind": "Internal", "ServiceName": "shop",
        "ResourceAttributes": {"service.name": "shop", "deployment.environment.name": environment}, "ScopeName": "lib",
        "ScopeVersion": "1", "SpanAttributes": names, "Duration": 5_000_000, "StatusCode": "Error",
        "StatusMessage": "no", "Events.Timestamp": [_AT], "Events.Name": ["exception"],
        "Events.Attributes": [{"exception.message": "oops"}], "Links.TraceId": ["f" * 32],
        "Links.SpanId": ["0" * 15 + "1"], "Links.TraceState": [""], "Links.Attributes": [{}],
    }  # fmt: skip


def _record(conversation: str, environment: str) -> dict[str, object]:
    span = _span(conversation, environment)
    return {
        **{name: span[name] for name in ("Timestamp", "TraceId", "SpanId", "ServiceName", "ResourceAttributes")},
        "TraceFlags": 1, "SeverityText": "INFO", "SeverityNumber": 9, "Body": "where is my order?",
        "ResourceSchemaUrl": "", "ScopeSchemaUrl": "", "ScopeName": "lib", "ScopeVersion": "1", "ScopeAttributes": {},
        "LogAttributes": span["SpanAttributes"], "EventName": "bot.message.user",
    }  # fmt: skip


def _insert(server: Database, table: str, row: dict[str, object], columns: dict[str, str]) -> None:
    server.insert(f"botlogs_ingest.{table}", [[row[name] for name in columns]], list(columns))


@pytest.mark.parametrize(("table", "theirs"), [("otel_traces", _TRACES), ("otel_logs", _LOGS)])
def test_our_first_columns_are_the_exporters(server: Database, table: str, theirs: dict[str, str]) -> None:
    """In its order and with its types; all that follow have defaults, so that it need not know them."""
    columns = server.rows(f"DESC TABLE botlogs_ingest.{table}")
    ours = {row["name"]: row["type"] for row in columns[: len(theirs)]}

    assert list(ours) == list(theirs)
    assert {name: _plain(kind) for name, kind in ours.items()} == {n: _plain(kind) for n, kind in theirs.items()}


def _plain(kind: str) -> str:
    """A text is inserted the same way whether or not the column keeps a dictionary of it."""
    return kind.replace("LowCardinality(String)", "String")


@pytest.mark.parametrize(
    ("environment", "place"),
    [("sandbox", "botlogs"), ("dev", "botlogs"), ("production", "botlogs_held"), ("", "botlogs_held")],
    ids=["sandbox", "an alias", "production", "none"],
)
def test_rows_are_routed_and_read_back(server: Database, environment: str, place: str) -> None:
    """Live rows reach the readers at once, all others the hold; promoted columns, state and defaults are filled."""
    conversation = unique()
    _insert(server, "otel_traces", _span(conversation, environment), _TRACES)
    _insert(server, "otel_logs", _record(conversation, environment), _LOGS)

    spans, records = (
        server.rows(f"SELECT * FROM {place}.{table} WHERE ConversationId = {{id:String}}", id=conversation)
        for table in ("otel_traces", "otel_logs")
    )
    state = server.rows(
        "SELECT sum(Spans) AS spans, sum(LogEvents) AS logs, sum(Errors) AS errors, max(BotId) AS bot"
        " FROM botlogs.trace_state WHERE TraceId = {trace:String}",
        trace=_span(conversation, environment)["TraceId"],
    )
    assert [(row["SpanName"], row["NodeId"], row["TurnIndex"], row["Duration"]) for row in spans] == [
        ("node", "ask", 2, 5_000_000)
    ]
    assert [(row["EventName"], row["Body"], row["BotId"]) for row in records] == [
        ("bot.message.user", "where is my order?", "support")
    ]
    assert state == [{"spans": 1, "logs": 2, "errors": 1, "bot": "support"}]


def test_readers_see_live_rows_in_time_order(server: Database) -> None:
    """The timeline has the record, the span and its event."""
    conversation = unique()
    _insert(server, "otel_traces", _span(conversation, "sandbox"), _TRACES)
    _insert(server, "otel_logs", _record(conversation, "sandbox"), _LOGS)

    kinds = server.rows(
        "SELECT Kind, Severity FROM botlogs.timeline WHERE ConversationId = {id:String}", id=conversation
    )

    assert sorted((row["Kind"], row["Severity"]) for row in kinds) == [
        ("bot.message.user", "INFO"), ("exception", "ERROR"), ("span", "ERROR"),
    ]  # fmt: skip


def test_an_exporter_older_than_event_names_can_insert(server: Database) -> None:
    """Before v0.151 the column is not named; the record is there without it."""
    conversation = unique()

    _insert(server, "otel_logs", _record(conversation, "sandbox"), _OLD_LOGS)

    found = server.rows(
        "SELECT EventName, Body FROM botlogs.otel_logs WHERE ConversationId = {id:String}", id=conversation
    )
    assert found == [{"EventName": "", "Body": "where is my order?"}]


def test_the_example_configuration_names_these_tables() -> None:
    """It makes no schema, uses maps, and leaves the tables' names as they are by default."""
    import yaml

    path = Path("collector/config/otelcol-to-clickhouse.yaml")
    exporter = yaml.safe_load(path.read_text())["exporters"]["clickhouse"]

    assert (exporter["database"], exporter["create_schema"], exporter["json"]) == ("botlogs_ingest", False, False)
    assert not {"traces_table_name", "logs_table_name"} & exporter.keys()
