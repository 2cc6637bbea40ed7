"""Partial success: what an endpoint took of a request, and how many items it did not."""

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from botlogs_collector.forward.answer import Answer, shortened


def accepted(response: ExportTraceServiceResponse | ExportLogsServiceResponse) -> Answer:
    """Return the answer that *response* is; a message without rejected items is a warning."""
    partial = response.partial_success
    rejected = (
        response.partial_success.rejected_spans
        if isinstance(response, ExportTraceServiceResponse)
        else response.partial_success.rejected_log_records
    )
    return Answer(outcome="accepted", rejected=max(0, rejected), message=shortened(partial.error_message))
