"""Every field that the schema keeps arrives in its column, whatever the request."""

import itertools

from hypothesis import HealthCheck, Phase, given, settings
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from botlogs_collector.otlp.request import check_request
from botlogs_collector.store.client import Database
from botlogs_collector.store.ingest import OtlpTables
from tests.support.otlp_requests import log_requests, trace_requests
from tests.support.otlp_rows import record_rows, same_rows, span_rows, stored_records, stored_spans

# One stamp a commit: the rows of a commit are found by it.
_stamps = itertools.count(910_000_000_000_000_000)
# No shrinking: one try costs a commit, and the failing request is small enough to read.
_settings = settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@_settings
@given(request=trace_requests)
def test_every_field_of_a_span_arrives(database: Database, request: ExportTraceServiceRequest) -> None:
    """Official trace messages, random in every field, are in the columns as they were sent."""
    stamp = next(_stamps)
    checked = check_request("traces", request.SerializeToString())

    OtlpTables(database).insert("traces", [checked.body], stamp)

    same_rows(span_rows(request), stored_spans(database, stamp))


@_settings
@given(request=log_requests)
def test_every_field_of_a_log_record_arrives(database: Database, request: ExportLogsServiceRequest) -> None:
    """Official log messages, random in every field, are in the columns as they were sent."""
    stamp = next(_stamps)
    checked = check_request("logs", request.SerializeToString())

    OtlpTables(database).insert("logs", [checked.body], stamp)

    same_rows(record_rows(request), stored_records(database, stamp))
