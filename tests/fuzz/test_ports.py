"""Anything at all on the real ports of a real service: an answer that blames the sender, in time, and never a crash."""

import contextlib
import http.client
import socket
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from botlogs_collector._pb.botlogs.v1 import query_pb2 as pb
from tests.fuzz.damage import damaged, edits
from tests.fuzz.effort import searching
from tests.support.otlp_requests import log_requests, trace_requests
from tests.support.service import Service

_TIMEOUT_S = 60.0
_OTLP = tuple(
    f"/opentelemetry.proto.collector.{signal}/Export" for signal in ("trace.v1.TraceService", "logs.v1.LogsService")
)
_QUERY = pb.DESCRIPTOR.services_by_name["BotLogsQuery"]
_MESSAGES = {
    "ListConversations": pb.ListConversationsRequest,
    "GetConversation": pb.GetConversationRequest,
    "GetTimeline": pb.GetTimelineRequest,
    "GetLogs": pb.GetLogsRequest,
    "GetNode": pb.GetNodeRequest,
    "GetPath": pb.GetPathRequest,
    "GetVariableChanges": pb.GetVariableChangesRequest,
    "GetFlow": pb.GetFlowRequest,
}
_FOR_THE_SENDER = {"OK", "INVALID_ARGUMENT", "NOT_FOUND", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "UNIMPLEMENTED"}
_values = {
    "string": st.text(max_size=30), "int32": st.integers(-(2**31), 2**31 - 1), "uint32": st.integers(0, 2**32 - 1),
    "int64": st.integers(-(2**63), 2**63 - 1), "uint64": st.integers(0, 2**64 - 1), "bool": st.booleans(),
}  # fmt: skip
_words = st.sampled_from(
    ["conversations", "flows", "grants", "session", "openapi.json", "policies", "what-if", "timeline", "logs", "node",
     "trace", "variables", "variable-changes", "path", "markdown", "restore", "..", "%00", "%ff", "%2f", "?limit=",
     "?at=", "?cursor=", "?from=", "&", "x", "1", "-1", "9" * 30, "\u00e4"]
) | st.text(max_size=8)  # fmt: skip
_headers = st.dictionaries(
    st.sampled_from(["content-type", "content-encoding", "accept", "range", "origin", "last-event-id", "x"]),
    st.sampled_from(["application/json", "application/x-protobuf", "gzip", "zstd", "bytes=0-", "\x7f"])
    | st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20),
    max_size=3,
)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One service for all: alive at the end, and without an error of its own in its log."""
    folder: Path = tmp_path_factory.mktemp("ports")
    with Service(folder / "data") as running:
        yield running
        assert running.get("/conversations?limit=1")[0] == 200
        assert [line for line in running.program.err if "Traceback" in line or " ERROR " in line] == []
        assert running.program.stop() == 0


@pytest.fixture(scope="module")
def otlp(service: Service) -> Iterator[grpc.Channel]:
    """A channel to the OTLP port."""
    with grpc.insecure_channel(service.grpc) as channel:
        yield channel


@pytest.fixture(scope="module")
def query(service: Service) -> Iterator[grpc.Channel]:
    """A channel to the query port."""
    with grpc.insecure_channel(service.environ["BOTLOGS_API__GRPC"]) as channel:
        yield channel


def _code(channel: grpc.Channel, method: str, body: bytes) -> str:
    try:
        channel.unary_unary(method)(body, timeout=_TIMEOUT_S)
    except grpc.RpcError as error:
        return error.code().name
    return "OK"


@searching
@given(method=st.sampled_from(_OTLP), body=st.binary(max_size=200))
def test_any_bytes_over_otlp_grpc_are_refused(otlp: grpc.Channel, method: str, body: bytes) -> None:
    """What is no request, and what by chance is one."""
    assert _code(otlp, method, body) in _FOR_THE_SENDER


@searching
@given(method=st.sampled_from(_OTLP), request=trace_requests | log_requests, how=edits)
def test_a_damaged_request_over_otlp_grpc_is_stored_or_refused(
    otlp: grpc.Channel, method: str, request: ExportTraceServiceRequest | ExportLogsServiceRequest,
    how: list[tuple[str, float, bytes]],
) -> None:  # fmt: skip
    """Whole and damaged, to the right service and the wrong one."""
    assert _code(otlp, method, damaged(request.SerializeToString(), how)) in _FOR_THE_SENDER


@st.composite
def _questions(draw: st.DrawFn) -> tuple[str, bytes]:
    name = draw(st.sampled_from(sorted(_MESSAGES)))
    message = _MESSAGES[name]()
    for field in message.DESCRIPTOR.fields:
        kind = {9: "string", 5: "int32", 13: "uint32", 3: "int64", 4: "uint64", 8: "bool"}[field.type]
        if draw(st.booleans()):
            setattr(message, field.name, draw(_values[kind]))
    return name, message.SerializeToString()


@searching
@given(question=_questions(), how=edits)
def test_any_question_over_grpc_is_answered_or_refused(
    query: grpc.Channel, question: tuple[str, bytes], how: list[tuple[str, float, bytes]]
) -> None:
    """Fields of any value, and messages that are damaged."""
    name, body = question

    assert _code(query, f"/{_QUERY.full_name}/{name}", damaged(body, how)) in _FOR_THE_SENDER


@searching
@given(
    port=st.sampled_from(("api", "http")), words=st.lists(_words, max_size=5), headers=_headers,
    method=st.sampled_from(("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH")), body=st.binary(max_size=60),
    prefix=st.sampled_from(("/api/v1/", "/v1/traces", "/v1/logs", "/")),
)  # fmt: skip
def test_any_http_request_is_answered_or_refused(
    service: Service, port: str, words: list[str], headers: dict[str, str], method: str, body: bytes, prefix: str
) -> None:
    """Addresses, headers and bodies that nobody would send: never a 500, never silence."""
    path = prefix + "/".join(words)
    connection = http.client.HTTPConnection(getattr(service, port).removeprefix("http://"), timeout=_TIMEOUT_S)
    with contextlib.closing(connection):
        connection.putrequest(method, "/x", skip_host=True, skip_accept_encoding=True)
        connection._buffer[0] = f"{method} {path} HTTP/1.1".encode("utf-8", "replace")  # pyright: ignore[reportAttributeAccessIssue]  # what it would refuse to send
        connection.putheader("host", "127.0.0.1")
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.putheader("content-length", str(len(body)))
        connection.endheaders(body)
        status = connection.getresponse().status

    assert status < 500 or (status, prefix) == (501, "/"), (method, path, status)


@searching
@given(
    port=st.sampled_from(("grpc", "http", "api", "query")),
    begins=st.sampled_from((b"", b"GET / HTTP/1.1\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x16\x03\x01")),
    data=st.binary(min_size=1, max_size=80),
)
def test_any_bytes_on_any_port_harm_nobody(service: Service, port: str, begins: bytes, data: bytes) -> None:
    """Half requests, frames of nonsense, other protocols: the next one is served."""
    address = service.environ["BOTLOGS_API__GRPC"] if port == "query" else getattr(service, port)
    host, _, number = address.removeprefix("http://").rpartition(":")
    with socket.create_connection((host, int(number)), timeout=_TIMEOUT_S) as client:
        client.sendall(begins + data)
        with contextlib.suppress(OSError):
            client.shutdown(socket.SHUT_WR)
            while client.recv(4096):
                pass
