"""The promises of `ports.CommitSink`, kept by the real store and by the fake alike."""

import itertools
import secrets
from collections.abc import Callable

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from botlogs_collector.errors import Permanent
from botlogs_collector.ports import CommitSink
from botlogs_collector.store.ingest import OtlpTables
from tests.support.fake_sink import FakeSink
from tests.support.store import Store

Stored = Callable[[bytes], int]
_stamps = itertools.count(1_640_000_000_000_000_000)
UNREADABLE = b"\x0a\x04\x12\x02\x12\x7f"  # a span that is longer than its request


@pytest.fixture(params=["store", "fake"])
def sink_and_stored(request: pytest.FixtureRequest) -> tuple[CommitSink, Stored]:
    """Return a sink, and how many distinct spans of a trace it shows."""
    if request.param == "fake":
        fake = FakeSink()
        return fake, lambda trace_id: len(fake.spans_of(trace_id))
    store: Store = request.getfixturevalue("store")

    def stored(trace_id: bytes) -> int:
        sql = "SELECT uniqExact(SpanId) AS n FROM botlogs_held.otel_traces WHERE TraceId = {trace:String}"
        return store.database.rows(sql, trace=trace_id.hex())[0]["n"]

    return OtlpTables(store.database), stored


def _request(trace_id: bytes, spans: int) -> bytes:
    request = ExportTraceServiceRequest()
    made = request.resource_spans.add().scope_spans.add().spans
    for _ in range(spans):
        made.add(trace_id=trace_id, span_id=secrets.token_bytes(8), name="s")
    return request.SerializeToString()


def test_all_requests_of_a_commit_are_there_when_it_returns(sink_and_stored: tuple[CommitSink, Stored]) -> None:
    """What was inserted is queryable at once."""
    sink, stored = sink_and_stored
    first, second = secrets.token_bytes(16), secrets.token_bytes(16)

    sink.insert("traces", [_request(first, 3), _request(second, 2)], next(_stamps))

    assert (stored(first), stored(second)) == (3, 2)


def test_the_same_data_again_is_shown_once(sink_and_stored: tuple[CommitSink, Stored]) -> None:
    """A repeat after an unknown outcome changes nothing."""
    sink, stored = sink_and_stored
    trace = secrets.token_bytes(16)
    body = _request(trace, 4)

    for _ in range(3):
        sink.insert("traces", [body], next(_stamps))

    assert stored(trace) == 4


def test_an_unreadable_request_leaves_nothing_of_its_commit(sink_and_stored: tuple[CommitSink, Stored]) -> None:
    """All or none: the good neighbours of a poison request are not written with it."""
    sink, stored = sink_and_stored
    trace = secrets.token_bytes(16)

    with pytest.raises(Permanent):
        sink.insert("traces", [_request(trace, 1), UNREADABLE, _request(trace, 1)], next(_stamps))

    assert stored(trace) == 0


def test_a_commit_of_empty_requests_is_fine(sink_and_stored: tuple[CommitSink, Stored]) -> None:
    """Nothing to write is no error."""
    sink, _ = sink_and_stored

    sink.insert("traces", [b"", b""], next(_stamps))
