"""Everything has a limit, and whoever meets it is told which; the service goes on as before."""

import gzip
import http.client
import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import grpc
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import TraceServiceStub

from botlogs_collector._pb.botlogs.v1 import query_pb2 as pb
from botlogs_collector._pb.botlogs.v1 import query_pb2_grpc
from botlogs_collector.otlp.nested import varint
from tests.support.processes import fetch
from tests.support.sender import Talk
from tests.support.service import Service, post
from tests.support.store import unique

_MB = 1024 * 1024


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that takes requests of up to 1 MB."""
    folder: Path = tmp_path_factory.mktemp("limits")
    limits = {"BOTLOGS_RECEIVERS__OTLP__MAX_REQUEST_BYTES": str(_MB), "BOTLOGS_API__MAX_STREAMS": "2"}
    with Service(folder / "data", limits) as running:
        yield running
        assert "Traceback" not in "\n".join(running.program.err)


def _ask(url: str, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> tuple[int, str]:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    try:
        connection.request(method, path, body or None, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


@pytest.mark.parametrize("port", ["api", "http"])
def test_a_head_that_goes_on_is_refused(service: Service, port: str) -> None:
    """Headers and addresses beyond 64 KiB get 431 and the limit, however they come; those below are heard."""
    url = getattr(service, port)

    many = _ask(url, "GET", "/healthz", {f"x-{number}": "y" * 1000 for number in range(70)})
    long = _ask(url, "GET", "/healthz?" + "q" * 70_000, {})
    fine = _ask(url, "GET", "/healthz", {"x": "y" * 60_000})

    assert (many[0], long[0], fine[0]) == (431, 431, 200)
    assert "65536 bytes" in many[1]


def test_metadata_of_a_call_is_limited(service: Service) -> None:
    """Metadata beyond 16 KiB are refused by both gRPC ports."""
    metadata = (("x", "y" * 20_000),)
    for port in (service.grpc, service.environ["BOTLOGS_API__GRPC"]):
        with grpc.insecure_channel(port) as channel:
            with pytest.raises(grpc.RpcError) as refused:
                TraceServiceStub(channel).Export(ExportTraceServiceRequest(), metadata=metadata, timeout=20)
        assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_questions_are_small(service: Service) -> None:
    """A question of more than 256 KiB is refused over HTTP and over gRPC."""
    body = json.dumps({"policies": [], "since": "1" * 300_000}).encode()
    status, said = _ask(service.api, "POST", "/api/v1/policies/what-if", {"content-type": "application/json"}, body)
    with grpc.insecure_channel(service.environ["BOTLOGS_API__GRPC"]) as channel:
        with pytest.raises(grpc.RpcError) as refused:
            query_pb2_grpc.BotLogsQueryStub(channel).ListConversations(
                pb.ListConversationsRequest(q="x" * 300_000), timeout=20
            )

    assert (status, "at most" in said or "no more" in said) == (400, True)
    assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_a_bomb_costs_its_limit(service: Service) -> None:
    """A request of a few KB that inflates to a hundred times the limit is refused as too large, over HTTP and gRPC."""
    bomb = gzip.compress(bytes(100 * _MB))
    status, _, said = post(f"{service.http}/v1/traces", bomb, encoding="gzip")
    talk = Talk(unique())
    talk.span("bomb", text="x" * 8 * _MB)

    with grpc.insecure_channel(service.grpc, compression=grpc.Compression.Gzip) as channel:
        with pytest.raises(grpc.RpcError) as refused:
            TraceServiceStub(channel).Export(talk.spans, timeout=30)

    assert len(bomb) < _MB
    assert status == 413
    assert b"inflates to more than" in said
    assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_a_resource_repeated_for_many_spans_costs_its_limit(service: Service) -> None:
    """What is small on the wire and would be a gigabyte in the store is refused with the way out, and not retried."""
    talk = Talk(unique())
    talk.spans.resource_spans[0].resource.attributes.add(key="k").value.string_value = "x" * 200_000
    for _ in range(5000):
        talk.spans.resource_spans[0].scope_spans[0].spans.add(trace_id=b"1" * 16, span_id=b"2" * 8, name="s")

    status, _, said = post(f"{service.http}/v1/traces", talk.spans.SerializeToString())

    assert status == 400
    assert b"send fewer at once, or smaller resource attributes" in said


def _field(number: int, content: bytes) -> bytes:
    """Return a length-delimited field as Protobuf writes it."""
    return bytes([number << 3 | 2]) + varint(len(content)) + content


def test_nesting_is_limited(service: Service) -> None:
    """Values nested beyond measure are refused in Protobuf and in JSON, and crash nothing."""
    deep = b"\x0a\x01x"  # AnyValue.string_value
    for _ in range(200):
        deep = _field(5, _field(1, deep))  # AnyValue.array_value, ArrayValue.values
    attribute = _field(9, _field(1, b"deep") + _field(2, deep))  # Span.attributes
    request = _field(1, _field(2, _field(2, _field(1, b"1" * 16) + _field(2, b"2" * 8) + attribute)))
    levels = 5000
    text = b'{"resourceSpans": ' + b"[" * levels + b"]" * levels + b"}"

    protobuf = post(f"{service.http}/v1/traces", request)
    in_json = post(f"{service.http}/v1/traces", text, "application/json")
    question = _ask(
        service.api, "POST", "/api/v1/grants", {"content-type": "application/json"}, b"[" * 50_000 + b"]" * 50_000
    )

    assert protobuf[0] == 400
    assert b"nested more than 100 deep" in protobuf[2]
    assert (in_json[0], question[0]) == (400, 400)


def test_many_and_long_attributes_are_taken_up_to_the_body(service: Service) -> None:
    """A span with nine thousand attributes, and one with a name of half a megabyte, are stored and read back."""
    talk = Talk(unique())
    wide = talk.span("wide")
    for number in range(9_000):
        wide.attributes.add(key=f"k{number}").value.string_value = "v"
    talk.span("long" * 100_000)
    status, _, said = post(f"{service.http}/v1/traces", talk.spans.SerializeToString())

    assert (status, said) == (200, b"")
    assert service.conversation(talk.conversation_id)["spans"] == 2


def test_streams_are_as_many_as_configured(service: Service) -> None:
    """One stream more than `api.max_streams` is told to come back, over HTTP and gRPC."""
    talk = Talk(unique())
    talk.log("bot.log", "here")
    post(f"{service.http}/v1/logs", talk.logs.SerializeToString())
    service.conversation(talk.conversation_id)
    url = f"{service.api}/api/v1/conversations/{talk.conversation_id}/stream"

    with urllib.request.urlopen(url, timeout=20), urllib.request.urlopen(url, timeout=20):
        status, body = fetch(url)
        with grpc.insecure_channel(service.environ["BOTLOGS_API__GRPC"]) as channel:
            stub = query_pb2_grpc.BotLogsQueryStub(channel)
            with pytest.raises(grpc.RpcError) as refused:
                list(stub.StreamTimeline(pb.StreamTimelineRequest(id=talk.conversation_id), timeout=20))

    assert (status, body["type"]) == (429, "overloaded")
    assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/conversations?limit=100000", "from 1 to 200"),
        ("/conversations/x/logs?limit=100000", "from 1 to 1000"),
        (f"/conversations/{'x' * 600}", "1 to 512 characters"),
        (f"/conversations?q={'x' * 201}", "at most 200"),
        (f"/flows/{'x' * 600}", "at most 512 characters"),
        ("/flows/x?from=2026-01-01T00:00:00Z&to=2026-12-01T00:00:00Z", "at most 92 days"),
        (f"/conversations?cursor={'x' * 5000}", "cursor"),
    ],
)
def test_questions_beyond_a_limit_name_it(service: Service, path: str, said: str) -> None:
    """What is asked for beyond a limit gets 400 and the limit in the detail."""
    status, body = fetch(f"{service.api}/api/v1{path}")

    assert status == 400
    assert said in body["detail"]


def test_what_is_no_http_harms_nobody(service: Service) -> None:
    """Bytes of another protocol are answered or cut off, and the next one is served."""
    for port in (service.api, service.http):
        connection = http.client.HTTPConnection(urlsplit(port).netloc, timeout=10)
        connection.connect()
        assert connection.sock is not None
        connection.sock.sendall(b"\x16\x03\x01\x02\x00\x01" + bytes(500))
        connection.sock.recv(1000)
        connection.close()

        assert _ask(port, "GET", "/healthz", {})[0] == 200
