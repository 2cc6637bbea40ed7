"""A CommitSink in memory that keeps the port's promises; tests make it slow, broken or full."""

import threading
from collections.abc import Sequence

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from botlogs_collector.errors import Permanent
from botlogs_collector.ports import Signal


class FakeSink:
    """Remembers commits; all or none of each."""

    def __init__(self) -> None:
        self.commits: list[tuple[int, list[bytes]]] = []  # (stamp, requests)
        self.fails_with: Exception | None = None  # raised instead of storing
        self.gate = threading.Event()  # a commit waits until it is set
        self.gate.set()
        self.entered = threading.Event()  # set when a commit has begun

    def insert(self, signal: Signal, requests: Sequence[bytes], received_unix_nano: int) -> None:
        """See `ports.CommitSink`."""
        self.entered.set()
        assert self.gate.wait(30), "the test never opened the gate"
        if self.fails_with is not None:
            raise self.fails_with
        for request in requests:
            try:
                ExportTraceServiceRequest.FromString(request)
            except DecodeError as error:
                raise Permanent(f"cannot read: {error}") from None
        self.commits.append((received_unix_nano, list(requests)))

    @property
    def stored(self) -> list[bytes]:
        """Every stored request, in order, repeats included."""
        return [request for _, requests in self.commits for request in requests]

    def spans_of(self, trace_id: bytes) -> set[bytes]:
        """Return the ids of the distinct spans of one trace."""
        return {
            span.span_id
            for body in self.stored
            for group in ExportTraceServiceRequest.FromString(body).resource_spans
            for scope in group.scope_spans
            for span in scope.spans
            if span.trace_id == trace_id
        }
