"""What does not go out as it came in: each row of the table of deviations in collector/docs/forwarding.md."""

import itertools
from collections.abc import Callable

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from botlogs_collector.clock import SystemClock
from botlogs_collector.model.forwarding import Cursor, ForwardFilter
from botlogs_collector.otlp.batches import parsed
from botlogs_collector.ports import Signal
from botlogs_collector.store.client import Database
from botlogs_collector.store.ingest import OtlpTables
from botlogs_collector.store.outbox import Outbox
from tests.support.otlp_items import Request
from tests.support.sender import SECOND, T0, Talk
from tests.support.store import unique

# Before the days of any test that releases, and of those that forward.
_stamps = itertools.count(880_000_000_000_000_000)
_YEAR_NS = 366 * 86_400 * SECOND
_LAST_NS = 2**63 - 1  # 2262-04-11


def _through(database: Database, signal: Signal, request: Request) -> Request:
    """Let *request* of a live environment arrive; return what is forwarded of it."""
    stamp = next(_stamps)
    OtlpTables(database).insert(signal, [request.SerializeToString()], stamp)
    window = Cursor(from_unix_nano=stamp - 1, upto_unix_nano=stamp)
    outbox = Outbox(database, SystemClock(), _YEAR_NS)
    page = outbox.page(signal, window, ForwardFilter(), max_items=10, max_request_bytes=1_000_000)
    (body,) = page.requests
    return parsed(signal, body)


def _sent(change: Callable[[Span], None]) -> ExportTraceServiceRequest:
    talk = Talk(unique())
    change(talk.span("node"))
    return talk.spans


def _span_after(database: Database, request: ExportTraceServiceRequest) -> Span:
    arrived = _through(database, "traces", request)
    assert isinstance(arrived, ExportTraceServiceRequest)
    return arrived.resource_spans[0].scope_spans[0].spans[0]


def test_times_after_2262_are_the_last_one_that_can_be_kept(database: Database) -> None:
    """ClickHouse's DateTime64(9) ends there; unsigned nanoseconds go on to 2554."""

    def late(span: Span) -> None:
        span.start_time_unix_nano, span.end_time_unix_nano = 2**63 + 5, 2**64 - 1

    span = _span_after(database, _sent(late))

    assert (span.start_time_unix_nano, span.end_time_unix_nano) == (_LAST_NS, _LAST_NS)


def test_an_end_before_its_start_is_its_start(database: Database) -> None:
    """A duration is unsigned, in the exporter's table that ours must equal, too."""

    def backwards(span: Span) -> None:
        span.start_time_unix_nano, span.end_time_unix_nano = T0 + SECOND, T0

    span = _span_after(database, _sent(backwards))

    assert (span.start_time_unix_nano, span.end_time_unix_nano) == (T0 + SECOND, T0 + SECOND)


def test_entity_references_of_a_resource_are_left_out(database: Database) -> None:
    """OTLP calls them in development; the attributes that they point to go out."""
    talk = Talk(unique())
    talk.span("node")
    talk.spans.resource_spans[0].resource.entity_refs.add(type="service", id_keys=["service.name"])

    arrived = _through(database, "traces", talk.spans)

    assert isinstance(arrived, ExportTraceServiceRequest)
    resource = arrived.resource_spans[0].resource
    assert not resource.entity_refs
    assert "service.name" in {pair.key for pair in resource.attributes}


@pytest.mark.parametrize("times", [2, 3])
def test_a_record_sent_twice_goes_out_once(database: Database, times: int) -> None:
    """Two records that are equal in everything cannot be told from one that a sender repeated."""
    talk = Talk(unique())
    for _ in range(times):
        talk.log("bot.log", "the same", at=1)

    arrived = _through(database, "logs", talk.logs)

    assert isinstance(arrived, ExportLogsServiceRequest)
    assert [len(scope.log_records) for group in arrived.resource_logs for scope in group.scope_logs] == [1]
