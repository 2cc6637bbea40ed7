"""What both protocols do with a request: check it, commit it, answer with what was rejected."""

import asyncio
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from botlogs_collector.errors import Forbidden, InvalidRequest
from botlogs_collector.otlp.bots import demand_bots
from botlogs_collector.otlp.json_codec import json_to_protobuf
from botlogs_collector.otlp.request import CheckedRequest, check_request
from botlogs_collector.ports import Signal
from botlogs_collector.receive.group_commit import GroupCommit
from botlogs_collector.telemetry import Telemetry

ExportResponse = ExportTraceServiceResponse | ExportLogsServiceResponse

# Larger requests are checked in a thread, so that the event loop stays free for others (1.5 µs a span, 30 of JSON).
# In two: Python runs one at a time anyway, and of many all would be done last, not one after another; the second
# lets others past one that is very large.
_INLINE_BYTES = 512 * 1024


class Receiver:
    """Takes export requests of both signals; each call returns after the data is durable."""

    def __init__(self, commits: Mapping[Signal, GroupCommit], telemetry: Telemetry) -> None:
        self._commits = commits
        self._telemetry = telemetry
        self._checker = ThreadPoolExecutor(max_workers=2, thread_name_prefix="check")

    async def export(
        self, signal: Signal, body: bytes, *, is_json: bool = False, bots: Collection[str] = ()
    ) -> ExportResponse:
        """Store the request in *body* and return OTLP's response to it; *bots*: whom it may be about, if not all.

        Raises:
            Forbidden: it is about another bot.
            InvalidRequest: the body is no export request of *signal*, or the engine cannot read it.
            Overloaded: too much waits to be stored.
            Retryable: the store failed.
        """
        check = _check_json if is_json else check_request
        try:
            if len(body) > _INLINE_BYTES:
                request = await asyncio.get_running_loop().run_in_executor(self._checker, check, signal, body)
            else:
                request = check(signal, body)
        except InvalidRequest:
            self._telemetry.refused(signal, "malformed", 1)
            raise
        if bots:
            await self._demand_bots(signal, request, bots)
        if request.rejected:
            self._telemetry.refused(signal, "bad_id", request.rejected)
        if request.items > request.rejected:
            await self._commits[signal].submit(request.body, request.items - request.rejected, request.size)
        return _response(signal, request)

    async def _demand_bots(self, signal: Signal, request: CheckedRequest, bots: Collection[str]) -> None:
        try:
            await asyncio.to_thread(demand_bots, signal, request.body, bots)
        except Forbidden:
            self._telemetry.refused(signal, "forbidden_bot", request.items)
            raise


def _check_json(signal: Signal, body: bytes) -> CheckedRequest:
    return check_request(signal, json_to_protobuf(signal, body))


def _response(signal: Signal, request: CheckedRequest) -> ExportResponse:
    if signal == "traces":
        traces = ExportTraceServiceResponse()
        if request.rejected:
            traces.partial_success.rejected_spans = request.rejected
            traces.partial_success.error_message = request.message
        return traces
    logs = ExportLogsServiceResponse()
    if request.rejected:
        logs.partial_success.rejected_log_records = request.rejected
        logs.partial_success.error_message = request.message
    return logs
