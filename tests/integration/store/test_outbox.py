"""What is forwarded: everything that became visible, once, exactly as it came, and nothing of the hold."""

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from botlogs_collector.clock import SystemClock
from botlogs_collector.model.forwarding import Cursor, ForwardFilter, Page
from botlogs_collector.otlp.batches import parsed
from botlogs_collector.otlp.request import check_request
from botlogs_collector.ports import Signal
from botlogs_collector.store.client import Database
from botlogs_collector.store.ingest import OtlpTables
from botlogs_collector.store.outbox import Outbox
from tests.support.otlp_items import Request, items_of
from tests.support.otlp_requests import log_requests, trace_requests

# Before the days of any test that releases: to those this is long over.
_stamps = itertools.count(900_000_000_000_000_000)
_settings = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
_YEAR_NS = 366 * 86_400 * 10**9


@pytest.fixture
def outbox(database: Database) -> Outbox:
    """The outbox of the shared store; a hold long enough for any stamp."""
    return Outbox(database, SystemClock(), _YEAR_NS)


def pages_of(outbox: Outbox, signal: Signal, cursor: Cursor, wanted: ForwardFilter, **sizes: int) -> Iterator[Page]:
    """Yield the pages of the window of *cursor*."""
    sizes = {"max_items": 1000, "max_request_bytes": 1_000_000} | sizes
    while (page := outbox.page(signal, cursor, wanted, **sizes)).items:
        yield page
        cursor = page.cursor


def window(stamp: int) -> Cursor:
    """Return the cursor of what became visible at *stamp*."""
    return Cursor(from_unix_nano=stamp - 1, upto_unix_nano=stamp)


def make_visible(database: Database, signal: Signal, request: Request) -> int:
    """Let *request* arrive and be readable at once, whatever environment it names; return its stamp."""
    stamp = next(_stamps)
    checked = check_request(signal, request.SerializeToString())
    OtlpTables(database).insert(signal, [checked.body], stamp)
    table = "otel_traces" if signal == "traces" else "otel_logs"
    database.command(
        f"INSERT INTO botlogs.{table} SELECT * FROM botlogs_held.{table}"
        " WHERE ReceivedAt = fromUnixTimestamp64Nano({at:Int64})",
        at=stamp,
    )
    return stamp


@_settings
@given(request=trace_requests)
def test_spans_go_out_exactly_as_they_came(
    database: Database, outbox: Outbox, request: ExportTraceServiceRequest
) -> None:
    """Whatever a sender may put into a span, its scope and its resource leaves with its type."""
    _goes_out_as_it_came(database, outbox, "traces", request)


@_settings
@given(request=log_requests)
def test_log_records_go_out_exactly_as_they_came(
    database: Database, outbox: Outbox, request: ExportLogsServiceRequest
) -> None:
    """Whatever a sender may put into a log record, its scope and its resource leaves with its type."""
    _goes_out_as_it_came(database, outbox, "logs", request)


def _goes_out_as_it_came(database: Database, outbox: Outbox, signal: Signal, request: Request) -> None:
    stamp = make_visible(database, signal, request)

    pages = list(pages_of(outbox, signal, window(stamp), ForwardFilter(), max_items=3))

    sent = items_of(parsed(signal, body) for page in pages for body in page.requests)
    expected = items_of([request])
    assert sent <= expected
    assert sum(sent.values()) == sum(page.items for page in pages) == _identities(database, signal, stamp)


def _identities(database: Database, signal: Signal, stamp: int) -> int:
    """Return how many different spans or records arrived: small random requests repeat themselves."""
    table, identity = ("otel_traces", "SpanId") if signal == "traces" else ("otel_logs", "LogId")
    rows = database.rows(
        f"SELECT uniqExact(TraceId, Timestamp, {identity}) AS n FROM botlogs.{table}"
        " WHERE VisibleAt = fromUnixTimestamp64Nano({at:Int64})",
        at=stamp,
    )
    return int(rows[0]["n"])
