"""A person who tries things with curl and grpcurl: whatever is wrong, the answer says what, and what would be right."""

import http.client
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import grpc
import pytest

from botlogs_collector._pb.botlogs.v1 import query_pb2 as pb
from tests.support.service import Service

_JSON = {"content-type": "application/json"}
_FORM = {"content-type": "application/x-www-form-urlencoded"}
_V = "/api/v1"
_QUERY = "/botlogs.v1.BotLogsQuery/"
_TRACES = "/opentelemetry.proto.collector.trace.v1.TraceService/"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One service that all of this is tried on; nothing of it is an error of the service's own."""
    folder: Path = tmp_path_factory.mktemp("tried")
    with Service(folder / "data") as running:
        yield running
        assert [line for line in running.program.err if "Traceback" in line or " ERROR " in line] == []
        assert running.program.stop() == 0


def _ask(url: str, method: str, path: str, headers: dict[str, str], body: str) -> tuple[int, str]:
    with closing(http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)) as connection:
        connection.request(method, path, body or None, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


@pytest.mark.parametrize(
    ("port", "request_line", "headers", "body", "status", "said"),
    [
        ("http", "GET /", {}, "", 404, "OTLP goes to POST /v1/traces and POST /v1/logs"),
        ("http", "POST /v1/trace", _JSON, "{}", 404, "there is no /v1/trace on this port"),
        ("http", "GET /v1/traces", {}, "", 405, "/v1/traces takes POST, not GET"),
        ("http", "DELETE /v1/logs", {}, "", 405, "/v1/logs takes POST, not DELETE"),
        ("http", "POST /v1/traces", {}, "", 415, "use application/x-protobuf or application/json"),
        ("http", "POST /v1/traces", _FORM, "{}", 415, "{"),  # readable: JSON
        ("http", "POST /v1/traces", _JSON, "{", 400, "not JSON: Expecting property name"),
        ("http", "POST /v1/traces", _JSON, "[]", 400, "the body must be a JSON object"),
        ("http", "POST /v1/traces", _JSON, '{"resourceSpans":{}}', 400, "must be in []"),
        ("http", "POST /v1/traces", {**_JSON, "content-encoding": "br"}, "{}", 415, "use one of identity, gzip"),
        ("http", "POST /v1/traces", {**_JSON, "content-encoding": "gzip"}, "{}", 400, "the body is not gzip"),
        ("http", "POST /v1/metrics", {}, "{}", 501, "this collector takes traces and logs"),
        ("http", "FOO /v1/traces", {}, "", 400, "check the method and the address"),
        ("http", "PRI *", {}, "", 400, "gRPC (HTTP/2) are not spoken on this port"),
        ("api", "GET /api", {}, "", 404, "there is no such page"),
        ("api", f"GET {_V}", {}, "", 404, f"{_V}/openapi.json lists what there is"),
        ("api", f"GET {_V}/nothing", {}, "", 404, f"there is no {_V}/nothing"),
        ("api", f"PUT {_V}/grants", {}, "", 405, f"{_V}/grants takes GET, HEAD, POST, not PUT"),
        ("api", f"GET {_V}/policies/what-if", {}, "", 405, "/policies/what-if takes POST, not GET"),
        ("api", f"POST {_V}/conversations", _JSON, "{}", 405, "/conversations takes GET, HEAD, not POST"),
        ("api", "DELETE /healthz", {}, "", 405, "/healthz takes "),
        ("api", f"GET {_V}/conversations?limit=-1", {}, "", 400, "a whole number without a sign"),
        ("api", f"GET {_V}/conversations?limit=1&limit=2", {}, "", 400, "limit is given 2 times"),
        ("api", f"GET {_V}/conversations?stat=live", {}, "", 400, "unknown parameter 'stat'; did you mean 'state'"),
        ("api", f"GET {_V}/conversations?state=helt", {}, "", 400, "must be one of live, ongoing, held"),
        ("api", f"GET {_V}/conversations?from=yesterday", {}, "", 400, "RFC 3339"),
        ("api", f"GET {_V}/conversations?cursor=abc", {}, "", 400, "leave it out to start over"),
        ("api", f"GET {_V}/conversations/nope/node", {}, "", 400, "at is missing"),
        ("api", f"GET {_V}/conversations/nope", {}, "", 404, "there is no conversation 'nope'"),
        ("api", f"POST {_V}/grants", _FORM, "{}", 400, "the body must be application/json"),
        ("api", f"POST {_V}/grants", _JSON, "{}", 400, "scope must be an object with one or more of"),
        ("api", f"DELETE {_V}/grants/nope", {}, "", 404, "there is no grant 'nope' in force"),
        ("api", "GET /../../etc/passwd", {}, "", 404, "there is no such page"),
        ("api", f"GET {_V}/conversations", {"host": "evil.example"}, "", 421, "see api.allowed_hosts"),
    ],
)
def test_what_is_tried_over_http_is_answered_with_what_would_be_right(
    service: Service, port: str, request_line: str, headers: dict[str, str], body: str, status: int, said: str
) -> None:
    """Another address, method, media type, encoding, body or parameter: the status fits and the text says it."""
    method, path = request_line.split(" ", 1)

    answer = _ask(getattr(service, port), method, path, headers, body)

    assert answer[0] == status, answer
    assert said in answer[1]


@pytest.mark.parametrize(
    ("port", "method", "body", "code", "said"),
    [
        ("otlp", "/nope/Nope", b"", "UNIMPLEMENTED", "its services are opentelemetry.proto.collector.trace.v1"),
        ("otlp", f"{_QUERY}GetNode", b"", "UNIMPLEMENTED", "there is no method '/botlogs.v1.BotLogsQuery/GetNode'"),
        ("otlp", f"{_TRACES}Export", b"hello", "INVALID_ARGUMENT", "not an ExportTraceServiceRequest"),
        ("query", f"{_TRACES}Export", b"", "UNIMPLEMENTED", "its services are botlogs.v1.BotLogsQuery"),
        ("query", f"{_QUERY}Nope", b"", "UNIMPLEMENTED", "reflection lists their methods"),
        ("query", f"{_QUERY}GetNode", b"hello", "INVALID_ARGUMENT", "the request's message cannot be read"),
        ("query", f"{_QUERY}StreamTimeline", b"hello", "INVALID_ARGUMENT", "the request's message cannot be read"),
        ("query", f"{_QUERY}GetConversation", b"", "INVALID_ARGUMENT", "1 to 512 characters"),
        ("query", f"{_QUERY}GetConversation", b"x" * 400_000, "RESOURCE_EXHAUSTED", "larger than max"),
        (
            "query", f"{_QUERY}ListConversations", pb.ListConversationsRequest(limit=1000).SerializeToString(),
            "INVALID_ARGUMENT", "limit must be from 1 to 200",
        ),
        ("api", f"{_QUERY}GetConversation", b"", "UNAVAILABLE", "Trying to connect an http1.x server"),
        ("http", f"{_TRACES}Export", b"", "UNAVAILABLE", "Trying to connect an http1.x server"),
    ],
)  # fmt: skip
def test_what_is_tried_over_grpc_is_answered_with_what_would_be_right(
    service: Service, port: str, method: str, body: bytes, code: str, said: str
) -> None:
    """Another method, service, message or port: the code fits and the details say it."""
    targets = {
        "otlp": service.grpc, "query": service.environ["BOTLOGS_API__GRPC"],
        "api": service.environ["BOTLOGS_API__HTTP"], "http": urlsplit(service.http).netloc,
    }  # fmt: skip

    with grpc.insecure_channel(targets[port]) as channel, pytest.raises(grpc.RpcError) as refused:
        channel.unary_unary(method)(body, timeout=30)

    assert refused.value.code().name == code
    assert said in (refused.value.details() or "")
