"""Asks the real engine what conditions say about records that arrived as OTLP."""

import uuid
from collections.abc import Mapping, Sequence

from botlogs_collector.sample.conditions import Condition
from botlogs_collector.store.client import Database
from botlogs_collector.store.conditions import answers, compile_conditions
from botlogs_collector.store.ingest import OtlpTables
from tests.support.records import START, LogRecord, Span, logs_request, traces_request


def new_trace_id() -> str:
    """Return an id that no other test uses."""
    return uuid.uuid4().hex


def hold(database: Database, traces: Mapping[str, Sequence[Span]], logs: Mapping[str, Sequence[LogRecord]]) -> None:
    """Insert the records by trace id through the landing tables; without an environment they are held."""
    tables = OtlpTables(database)
    spans = [traces_request(trace_id, each) for trace_id, each in traces.items() if each]
    records = [logs_request(trace_id, each) for trace_id, each in logs.items() if each]
    if spans:
        tables.insert("traces", spans, START)
    if records:
        tables.insert("logs", records, START)


def ask(
    database: Database, conditions: Sequence[Condition], conversations: Sequence[Sequence[str]]
) -> list[dict[str, object]]:
    """Return each conversation's answers; a conversation is its trace ids. One query a table for all of them."""
    compiled = compile_conditions(conditions)
    keys = {trace: str(index) for index, traces in enumerate(conversations) for trace in traces}
    rows: list[dict[str, dict[str, object]]] = []
    for table, fragments in (("otel_traces", compiled.traces), ("otel_logs", compiled.logs)):
        select = ", ".join(
            [
                "transform(TraceId, {ids:Array(String)}, {keys:Array(String)}, '') AS conversation",
                *(f"{sql} AS {name}" for name, sql in fragments.items()),
            ]
        )
        found = database.rows(
            f"SELECT {select} FROM botlogs_held.{table} WHERE TraceId IN {{ids:Array(String)}} GROUP BY conversation",
            ids=list(keys),
            keys=list(keys.values()),
            **compiled.parameters,
        )
        rows.append({row["conversation"]: row for row in found})
    return [answers(conditions, rows[0].get(str(i), {}), rows[1].get(str(i), {})) for i in range(len(conversations))]
