"""Export requests for the benches: bot-like spans with 8 attributes and 2 events, about 480 bytes each."""

import random

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue

from tests.bench.shape import Filling, Shape
from tests.support.sender import T0, attributes

_RESOURCE = {"service.name": "shop", "service.version": "1.2.3", "deployment.environment.name": "production"}
_A_CONVERSATION = 16  # spans


def trace_requests(spans: int, count: int, filling: Filling = "usual") -> list[bytes]:
    """Return *count* different serialized requests of *spans* spans."""
    return [_trace_request(spans, random.Random(seed), filling) for seed in range(count)]


def log_requests(records: int, count: int) -> list[bytes]:
    """Return *count* different serialized requests of *records* log events."""
    return [_log_request(records, random.Random(seed)) for seed in range(count)]


def requests_of(shape: Shape, count: int) -> list[bytes]:
    """Return *count* different requests of *shape* as Protobuf."""
    if shape.signal == "logs":
        return log_requests(shape.size, count)
    return trace_requests(shape.size, count, shape.filling)


def _names(trace: bytes, at: int, filling: Filling = "usual") -> list[KeyValue]:
    names: dict[str, object] = {"gen_ai.conversation.id": f"conv-{trace.hex()[:12]}", "bot.id": "support"}
    if filling == "2 attributes":
        return attributes(names)
    names |= {
        "bot.flow.id": "order_status",
        "bot.node.id": f"ask_order_id_{at % 12}",
        "bot.node.type": "prompt",
        "bot.turn.index": at % 7,
        "retry": False,
        "score": 0.5,
    }
    if filling == "40 attributes":
        names |= {f"app.field.{number}": f"value {at * number % 97}" for number in range(32)}
    if filling == "nested values":
        names |= {"app.items": ["a", at, {"sku": f"s{at}"}], "app.order": {"id": at, "lines": [1, 2]}}
    return attributes(names)


def _trace_request(spans: int, seeded: random.Random, filling: Filling) -> bytes:
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add()
    group.resource.attributes.extend(attributes(_RESOURCE))
    scope = group.scope_spans.add()
    scope.scope.name = "otel_botlogs"
    trace = b""
    for at in range(spans):
        if at % _A_CONVERSATION == 0:
            trace = seeded.randbytes(16)
        span = scope.spans.add(
            trace_id=trace,
            span_id=seeded.randbytes(8),
            parent_span_id=seeded.randbytes(8),
            name="prompt",
            start_time_unix_nano=T0 + at * 1_000_000,
            end_time_unix_nano=T0 + at * 1_000_000 + 500_000,
            attributes=_names(trace, at, filling),
        )
        for number in range(2):
            event = span.events.add(time_unix_nano=T0 + at * 1_000_000 + number, name="bot.nlu")
            event.attributes.extend(attributes({"intent": "order_status", "confidence": 0.93}))
    return request.SerializeToString()


def _log_request(records: int, seeded: random.Random) -> bytes:
    request = ExportLogsServiceRequest()
    group = request.resource_logs.add()
    group.resource.attributes.extend(attributes(_RESOURCE))
    scope = group.scope_logs.add()
    scope.scope.name = "otel_botlogs"
    trace = b""
    for at in range(records):
        if at % _A_CONVERSATION == 0:
            trace = seeded.randbytes(16)
        record = scope.log_records.add(
            trace_id=trace,
            span_id=seeded.randbytes(8),
            time_unix_nano=T0 + at * 1_000_000,
            observed_time_unix_nano=T0 + at * 1_000_000 + 1,
            event_name="bot.node.enter",
            attributes=_names(trace, at),
        )
        record.body.string_value = f"asked for the order id, attempt {at}"
    return request.SerializeToString()
