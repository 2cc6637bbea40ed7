"""Readable conversations as the OTLP messages that they came from."""

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from botlogs_collector.model.reading import ConversationRef
from botlogs_collector.otlp.encode import logs_request, trace_request
from botlogs_collector.store.asking import ask
from botlogs_collector.store.client import Database
from botlogs_collector.store.entries import arrival


class Whole:
    """See `ports.WholeReader`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def traces(self, ref: ConversationRef, limit: int) -> ExportTraceServiceRequest:
        """See `ports.WholeReader`."""
        return trace_request(ask(self._database, "whole_spans", **arrival(ref), limit=limit))

    def logs(self, ref: ConversationRef, limit: int) -> ExportLogsServiceRequest:
        """See `ports.WholeReader`."""
        return logs_request(ask(self._database, "whole_logs", **arrival(ref), limit=limit))
