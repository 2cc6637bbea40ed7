"""Official SDKs, exporters and curl-like clients against the running service: what they send is what a reader gets."""

import gzip
import json
import secrets
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal, cast

import grpc
import pytest
from backports import zstd
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter as GrpcLogExporter
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcSpanExporter
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter as HttpLogExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpSpanExporter
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

from tests.support.processes import until
from tests.support.sender import T0, any_value, attributes
from tests.support.service import Service, post
from tests.support.store import unique

_TRACES = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
_DAY = 86_400_000_000_000


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One service for all senders of this file."""
    limits = {"BOTLOGS_RECEIVERS__OTLP__MAX_REQUEST_BYTES": str(16 * 1024 * 1024)}
    with Service(tmp_path_factory.mktemp("service") / "data", limits) as running:
        yield running


def _spans(
    conversation: str, *starts: int, trace: bytes | None = None, extra: dict[str, object] | None = None
) -> ExportTraceServiceRequest:
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add()
    group.resource.attributes.extend(attributes({"deployment.environment.name": "sandbox"}))
    spans = group.scope_spans.add().spans
    trace = trace or secrets.token_bytes(16)
    values = {"gen_ai.conversation.id": conversation, "bot.id": "support", **(extra or {})}
    for start in starts:
        spans.add(
            trace_id=trace,
            span_id=secrets.token_bytes(8),
            name="node",
            start_time_unix_nano=start,
            end_time_unix_nano=start + 1_000,
            attributes=attributes(values),
        )
    return request


def _send(service: Service, request: ExportTraceServiceRequest | ExportLogsServiceRequest) -> tuple[int, Any, bytes]:
    signal = "traces" if isinstance(request, ExportTraceServiceRequest) else "logs"
    return post(f"{service.http}/v1/{signal}", request.SerializeToString())


def _spans_in(service: Service, conversation: str) -> list[dict[str, Any]]:
    """Return the conversation's spans as OTLP/JSON."""
    service.conversation(conversation)
    status, document = service.get(f"/conversations/{conversation}/trace")
    assert status == 200, document
    return [span for group in document["resourceSpans"] for scope in group["scopeSpans"] for span in scope["spans"]]


def _assert_shown(service: Service, conversation: str, spans: int) -> None:
    assert len(_spans_in(service, conversation)) == spans


@pytest.mark.parametrize("protocol", ["grpc", "http"])
@pytest.mark.parametrize("names", [("gen_ai.conversation.id",), ("session.id",), ()])
def test_a_plain_opentelemetry_program_shows_up(
    service: Service, protocol: Literal["grpc", "http"], names: tuple[str, ...]
) -> None:
    """Official SDK and exporters, without the plugin: by its conversation or session id, and else by its trace id."""
    conversation = unique()
    resource = Resource.create({"service.name": "plain", "deployment.environment.name": "dev"})
    tracing, logging = TracerProvider(resource=resource), LoggerProvider(resource=resource)
    if protocol == "grpc":
        span_exporter, log_exporter = (
            GrpcSpanExporter(service.grpc, insecure=True),
            GrpcLogExporter(service.grpc, insecure=True),
        )
    else:
        span_exporter, log_exporter = (
            HttpSpanExporter(f"{service.http}/v1/traces"),
            HttpLogExporter(f"{service.http}/v1/logs"),
        )
    tracing.add_span_processor(SimpleSpanProcessor(span_exporter))
    logging.add_log_record_processor(SimpleLogRecordProcessor(log_exporter))
    values = dict.fromkeys(names, conversation)

    with tracing.get_tracer("plain").start_as_current_span("turn", attributes=values) as span:
        record = LogRecord(body="a line", severity_number=SeverityNumber.INFO, attributes=values)
        logging.get_logger("plain").emit(record)
    tracing.shutdown()
    logging.shutdown()

    shown = conversation if names else format(span.get_span_context().trace_id, "032x")
    found = until(lambda: _with_both(service.conversation(shown)))
    assert found["environment"] == "sandbox"


def _with_both(found: dict[str, Any]) -> dict[str, Any] | None:
    return found if found["log_events"] >= 1 else None


def test_json_by_curl_is_taken_and_answered_in_json(service: Service) -> None:
    """A hand-written OTLP/JSON document, hex ids and numbers as text, is stored; the answer is JSON."""
    conversation, trace = unique(), secrets.token_hex(16)
    document = {
        "resourceSpans": [
            {
                "resource": {
                    "attributes": [{"key": "deployment.environment.name", "value": {"stringValue": "sandbox"}}]
                },
                "scopeSpans": [
                    {
                        "spans": [
                            {
                                "traceId": trace,
                                "spanId": "eee19b7ec3c1b174",
                                "name": "curl",
                                "kind": 1,
                                "startTimeUnixNano": str(T0),
                                "endTimeUnixNano": str(T0 + 5),
                                "attributes": [
                                    {"key": "gen_ai.conversation.id", "value": {"stringValue": conversation}}
                                ],
                            }
                        ]
                    }
                ],
            }
        ]
    }

    status, headers, body = post(f"{service.http}/v1/traces", json.dumps(document).encode(), "application/json")

    assert (status, headers["content-type"], json.loads(body)) == (200, "application/json", {})
    (span,) = _spans_in(service, conversation)
    assert (span["traceId"], span["spanId"], span["name"]) == (trace, "eee19b7ec3c1b174", "curl")


@pytest.mark.parametrize("encoding", ["identity", "gzip", "deflate", "zstd"])
def test_every_encoding_is_read(service: Service, encoding: str) -> None:
    """The encodings of OTLP/HTTP, and zstd and deflate."""
    conversation = unique()
    encode = {"identity": bytes, "gzip": gzip.compress, "deflate": zlib.compress, "zstd": zstd.compress}[encoding]

    status, _, _ = post(
        f"{service.http}/v1/traces", encode(_spans(conversation, T0).SerializeToString()), encoding=encoding
    )

    assert status == 200
    _assert_shown(service, conversation, 1)


def test_grpc_with_gzip_is_read(service: Service) -> None:
    """Compressed gRPC messages are requests like any other."""
    conversation = unique()

    with grpc.insecure_channel(service.grpc, compression=grpc.Compression.Gzip) as channel:
        channel.unary_unary(_TRACES)(_spans(conversation, T0).SerializeToString(), timeout=30)

    _assert_shown(service, conversation, 1)


def test_twenty_thousand_spans_in_one_request(service: Service) -> None:
    """A large batch is one request, wholly stored."""
    conversation = unique()

    status, _, _ = _send(service, _spans(conversation, *range(T0, T0 + 20_000)))

    assert status == 200
    _assert_shown(service, conversation, 20_000)


def test_five_hundred_days_in_one_request_and_none_is_lost(service: Service) -> None:
    """A skewed clock is no poison pill: days from 1970 to 2100 are stored side by side."""
    conversation = unique()
    days = [0, *(T0 + day * _DAY for day in range(500)), 4_102_444_800_000_000_000]

    status, _, _ = _send(service, _spans(conversation, *days))

    assert status == 200
    assert sorted(int(span.get("startTimeUnixNano", 0)) for span in _spans_in(service, conversation)) == sorted(days)


def test_an_end_after_time_itself_harms_nobody(service: Service) -> None:
    """A span that ends in the year 2554 is stored, and so are its neighbours."""
    conversation = unique()
    request = _spans(conversation, T0, T0 + 1)
    request.resource_spans[0].scope_spans[0].spans[0].end_time_unix_nano = 2**64 - 1

    assert _send(service, request)[0] == 200

    _assert_shown(service, conversation, 2)


def test_ids_of_the_wrong_length_are_counted_and_the_rest_is_stored(service: Service) -> None:
    """partial_success says how many were rejected and why; their neighbours are there."""
    conversation = unique()
    request = _spans(conversation, T0, T0 + 1, T0 + 2)
    request.resource_spans[0].scope_spans[0].spans[1].span_id = b"short"

    status, _, body = _send(service, request)

    answer = ExportTraceServiceResponse.FromString(body)
    assert status == 200
    assert answer.partial_success.rejected_spans == 1
    assert "8 bytes" in answer.partial_success.error_message
    _assert_shown(service, conversation, 2)


def test_odd_attributes_are_read_back_as_they_came(service: Service) -> None:
    """Nested six deep, bytes that are no UTF-8, an empty key, a megabyte of text."""
    conversation = unique()
    nested: object = b"\xff\xfe"
    for depth in range(6):
        nested = {f"k{depth}": [nested, 1]}
    odd: dict[str, object] = {"nested": nested, "bytes": b"\xc3\x28", "": "no name", "long": "x" * 1_000_000}

    assert _send(service, _spans(conversation, T0, extra=odd))[0] == 200

    (span,) = _spans_in(service, conversation)
    read = {attribute.get("key", ""): attribute["value"] for attribute in span["attributes"]}
    assert read["long"] == {"stringValue": "x" * 1_000_000}
    assert read["bytes"] == {"bytesValue": "wyg="}
    assert read[""] == {"stringValue": "no name"}
    assert "//4=" in json.dumps(read["nested"])
    assert set(read["nested"]) == {"kvlistValue"}


def test_the_same_request_three_times_is_shown_once(service: Service) -> None:
    """Senders retry; readers see one."""
    conversation, trace = unique(), secrets.token_bytes(16)
    spans = _spans(conversation, T0, T0 + 1, trace=trace)
    logs = ExportLogsServiceRequest()
    group = logs.resource_logs.add()
    group.resource.attributes.extend(attributes({"deployment.environment.name": "sandbox"}))
    record = group.scope_logs.add().log_records.add(trace_id=trace, time_unix_nano=T0, body=any_value("once"))
    record.attributes.extend(attributes({"gen_ai.conversation.id": conversation, "bot.id": "support"}))

    for _ in range(3):
        assert _send(service, spans)[0] == 200
        assert _send(service, logs)[0] == 200

    _assert_shown(service, conversation, 2)
    lines = service.get(f"/conversations/{conversation}/logs")[1]["items"]
    assert [line["body"] for line in lines].count("once") == 1


def _check_health(channel: grpc.Channel) -> health_pb2.HealthCheckResponse:
    call = channel.unary_unary(
        "/grpc.health.v1.Health/Check", response_deserializer=health_pb2.HealthCheckResponse.FromString
    )
    return call(health_pb2.HealthCheckRequest().SerializeToString(), timeout=30)


def test_health_and_reflection_answer_over_grpc(service: Service) -> None:
    """Tools see that the service is well and which services there are."""
    with grpc.insecure_channel(service.grpc) as channel:
        health = _check_health(channel)
        names = set(ProtoReflectionDescriptorDatabase(channel).get_services())

    assert health.status == health_pb2.HealthCheckResponse.SERVING
    assert {
        "opentelemetry.proto.collector.trace.v1.TraceService",
        "opentelemetry.proto.collector.logs.v1.LogsService",
        "grpc.health.v1.Health",
    } <= names


def test_a_full_service_says_when_to_come_back(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Over both protocols: RESOURCE_EXHAUSTED with RetryInfo, 429 with Retry-After; nothing accepted is lost."""
    limits = {"BOTLOGS_RECEIVERS__OTLP__MAX_PENDING_REQUESTS": "1"}
    with Service(tmp_path_factory.mktemp("small") / "data", limits) as small:
        refusals: list[grpc.Call] = []
        accepted = 0
        conversation = unique()
        with grpc.insecure_channel(small.grpc) as channel:
            export = channel.unary_unary(_TRACES)
            calls = [export.future(_spans(conversation, T0 + n).SerializeToString(), timeout=60) for n in range(50)]
            for call in calls:
                if call.exception() is None:
                    accepted += 1
                else:
                    refusals.append(cast("grpc.Call", call))

        assert accepted >= 1
        assert refusals
        for call in refusals:
            assert call.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
            details = dict(call.trailing_metadata() or ())["grpc-status-details-bin"]
            retry = RetryInfo()
            assert Status.FromString(cast("bytes", details)).details[0].Unpack(retry)
            assert retry.retry_delay.ToMilliseconds() > 0

        def post_one(number: int) -> tuple[int, str | None]:
            body = _spans(conversation, T0 + 1000 + number).SerializeToString()
            status, headers, _ = post(f"{small.http}/v1/traces", body)
            return status, headers.get("retry-after")

        with ThreadPoolExecutor(max_workers=25) as senders:
            answers = list(senders.map(post_one, range(50)))

        assert set(answers) == {(200, None), (429, "1")}
        _assert_shown(small, conversation, accepted + answers.count((200, None)))
