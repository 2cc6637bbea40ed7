"""Random OTLP through a running service into a receiving server that is not ours, and what differs afterwards."""

import random
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from tests.support.otlp_items import Request, items_of
from tests.support.otlp_receiver import OtlpReceiver
from tests.support.service import Service, post

_T0 = 1_790_000_000_000_000_000
_LETTERS = "aäß漢 '\"\\\n\t\0{}[]:,0Z"


def random_requests(items: int, seed: int, *, of: int = 500) -> list[Request]:
    """Return requests with *items* random spans and as many log records, *of* items each; the same for one seed."""
    chosen = random.Random(seed)
    requests: list[Request] = []
    for start in range(0, items, of):
        requests += [_traces(chosen, min(of, items - start)), _logs(chosen, min(of, items - start))]
    return requests


def send(service: Service, requests: Sequence[Request]) -> None:
    """Send *requests* over OTLP/HTTP; every one must be taken whole."""
    for request in requests:
        path = "traces" if isinstance(request, ExportTraceServiceRequest) else "logs"
        status, _, answer = post(f"{service.http}/v1/{path}", request.SerializeToString())
        assert (status, answer) == (200, b""), (status, answer[:200])


def differences(sent: Sequence[Request], receiver: OtlpReceiver) -> list[str]:
    """Return the items that are missing at *receiver*, and those that came in another form, in a few words each."""
    expected, arrived = items_of(sent), items_of(receiver.taken)
    # At least once: what came twice is no difference.
    missing, strange = expected - arrived, Counter(set(arrived)) - expected
    return [f"missing {item!r}"[:2000] for item in missing] + [f"strange {item!r}"[:2000] for item in strange]


def _groups(chosen: random.Random, items: int) -> list[int]:
    sizes: list[int] = []
    while items:
        sizes.append(chosen.randint(1, items))
        items -= sizes[-1]
    return sizes


def _fill(chosen: random.Random, items: int, add_group: Callable[[], Any], add: Callable[[Any], None]) -> None:
    for size in _groups(chosen, items):
        group = add_group()
        group.resource.attributes.extend(_attributes(chosen))
        group.resource.dropped_attributes_count = _number(chosen, 32)
        group.schema_url = _text(chosen)
        for count in _groups(chosen, size):
            scope = (group.scope_spans if hasattr(group, "scope_spans") else group.scope_logs).add()
            scope.scope.name, scope.scope.version, scope.schema_url = _text(chosen), _text(chosen), _text(chosen)
            scope.scope.attributes.extend(_attributes(chosen))
            scope.scope.dropped_attributes_count = _number(chosen, 32)
            for _ in range(count):
                add(scope)


def _traces(chosen: random.Random, items: int) -> ExportTraceServiceRequest:
    request = ExportTraceServiceRequest()

    def add(scope: Any) -> None:
        start = _T0 + _number(chosen, 50)
        span = scope.spans.add(
            trace_id=_id(16), span_id=_id(8), parent_span_id=chosen.choice([b"", _id(8)]), trace_state=_text(chosen),
            flags=_number(chosen, 32), name=_text(chosen), kind=chosen.randint(0, 5),
            start_time_unix_nano=start, end_time_unix_nano=start + _number(chosen, 40), attributes=_attributes(chosen),
            dropped_attributes_count=_number(chosen, 32), dropped_events_count=_number(chosen, 32),
            dropped_links_count=_number(chosen, 32),
        )  # fmt: skip
        span.status.code, span.status.message = chosen.randint(0, 2), _text(chosen)
        for _ in range(chosen.choice([0, 0, 1, 3])):
            span.events.add(
                time_unix_nano=start + _number(chosen, 40), name=_text(chosen), attributes=_attributes(chosen),
                dropped_attributes_count=_number(chosen, 32),
            )  # fmt: skip
        for _ in range(chosen.choice([0, 0, 1, 2])):
            span.links.add(
                trace_id=_id(16), span_id=_id(8), trace_state=_text(chosen), attributes=_attributes(chosen),
                dropped_attributes_count=_number(chosen, 32), flags=_number(chosen, 32),
            )  # fmt: skip

    _fill(chosen, items, request.resource_spans.add, add)
    return request


def _logs(chosen: random.Random, items: int) -> ExportLogsServiceRequest:
    request = ExportLogsServiceRequest()

    def add(scope: Any) -> None:
        time = chosen.choice([0, _T0 + _number(chosen, 50)])
        record = scope.log_records.add(
            time_unix_nano=time, observed_time_unix_nano=_T0 + _number(chosen, 50),
            severity_number=chosen.randint(0, 24), severity_text=_text(chosen), attributes=_attributes(chosen),
            dropped_attributes_count=_number(chosen, 32),
            flags=_number(chosen, 32), trace_id=chosen.choice([b"", _id(16), _id(16)]),
            span_id=chosen.choice([b"", _id(8), _id(8)]), event_name=_text(chosen),
        )  # fmt: skip
        record.body.CopyFrom(_value(chosen, 2))
        # The identity of a record is a hash of its content: small random ones must not be equal by chance.
        record.attributes.append(KeyValue(key="n", value=AnyValue(string_value=uuid.UUID(bytes=_id(16)).hex)))

    _fill(chosen, items, request.resource_logs.add, add)
    return request


def _id(size: int) -> bytes:
    """Not of the seed: what is sent twice to one store would collapse."""
    return uuid.uuid4().bytes[:size]


def _number(chosen: random.Random, bits: int) -> int:
    return chosen.choice([0, chosen.getrandbits(bits), chosen.getrandbits(bits // 4)])


def _text(chosen: random.Random) -> str:
    return "".join(chosen.choices(_LETTERS, k=chosen.choice([0, 1, 4, 12])))


def _attributes(chosen: random.Random) -> list[KeyValue]:
    names = ["service.name", "gen_ai.conversation.id", "bot.id", "bot.turn.index", "deployment.environment.name", "x"]
    count = chosen.choice([0, 1, 2, 5])
    return [KeyValue(key=chosen.choice([*names, _text(chosen)]), value=_value(chosen, 2)) for _ in range(count)]


def _value(chosen: random.Random, depth: int) -> AnyValue:
    value = AnyValue()
    match chosen.randint(0, 7 if depth else 5):
        case 0:
            value.string_value = _text(chosen) * chosen.choice([1, 1, 1, 40])
        case 1:
            value.bool_value = chosen.random() < 0.5
        case 2:
            value.int_value = chosen.choice([0, -1, 2**63 - 1, -(2**63), chosen.getrandbits(40)])
        case 3:
            value.double_value = chosen.choice([0.0, -0.0, 1e308, 5e-324, float("inf"), chosen.random(), 3.0])
        case 4:
            value.bytes_value = chosen.randbytes(chosen.choice([0, 1, 9]))
        case 6:
            value.array_value.SetInParent()
            value.array_value.values.extend(_value(chosen, depth - 1) for _ in range(chosen.choice([0, 1, 3, 30])))
        case 7:
            value.kvlist_value.SetInParent()
            for number in range(chosen.choice([0, 1, 3])):
                value.kvlist_value.values.add(key=f"{number}{_text(chosen)}").value.CopyFrom(_value(chosen, depth - 1))
        case _:
            pass
    return value
