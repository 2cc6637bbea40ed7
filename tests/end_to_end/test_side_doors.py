"""The release delay has no side door: every way to read, listed, asked about what may not be read yet.

The lists are held against what the running service offers: a new route, method, command or table fails
here until it is listed, and so asked.
"""

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, cast

import click
import grpc
import pytest
from click.testing import CliRunner
from google.protobuf.message import Message
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from botlogs_collector._pb.botlogs.v1 import query_pb2 as pb
from botlogs_collector.cli.main import botlogs
from botlogs_collector.clock import SystemClock
from tests.support.guarded import AUTHORED, HELD, OPEN, Guarded, guarded
from tests.support.processes import Program, until
from tests.support.sender import SECOND, T0, Talk
from tests.support.service import ask_store

CLOSED = ("ongoing", "held", "dropped")
READERS = ("investigator", "analyst", "developer", "operator", "other-bot", "sender", "nobody")
API = "/api/v1"
OF = f"{API}/conversations/{{id:path}}"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """The service, with a conversation of every state in it."""
    with guarded(tmp_path_factory.mktemp("guarded")) as running:
        yield running


_Ask = tuple[str, object]  # the rest of the address, and the body
_AT = str(T0 + SECOND)
_POLICY = {"name": "p", "type": "ottl_condition", "ottl_condition": {"error_mode": "ignore", "span": [f'IsMatch(name, "{HELD[:12]}")']}}  # fmt: skip # noqa: E501


def _nothing(_talk: Talk) -> Sequence[_Ask]:
    return [("", None)]


# Every route of both HTTP ports: how it is asked about a conversation.
HTTP: dict[tuple[str, str], Callable[[Talk], Sequence[_Ask]]] = {
    ("GET", "/healthz"): _nothing,
    ("GET", "/readyz"): _nothing,
    ("GET", "/metrics"): _nothing,
    ("GET", f"{API}/openapi.json"): _nothing,
    ("GET", f"{API}/session"): _nothing,
    ("POST", f"{API}/session"): lambda _: [("", {"token": HELD[:12]})],
    ("DELETE", f"{API}/session"): _nothing,
    ("GET", f"{API}/conversations"): lambda talk: [
        ("", None),
        ("?limit=1", None),
        (f"?q={talk.conversation_id}", None),
        (f"?q={HELD[:12]}", None),
        (f"?node={AUTHORED}", None),
        (f"?flow={AUTHORED}", None),
        (f"?tag={AUTHORED}", None),
        ("?state=held", None),
        ("?state=dropped", None),
        ("?has_error=true", None),
        ("?cursor=abc", None),
        (f"?{HELD[:12]}=1", None),
    ],
    ("GET", OF): lambda talk: [("", None)],
    ("GET", f"{OF}/timeline"): lambda talk: [("", None), ("?limit=1", None), ("?after=abc", None)],
    ("GET", f"{OF}/stream"): lambda talk: [("", None), ("?last_event_id=abc", None)],
    ("GET", f"{OF}/trace"): _nothing,
    ("GET", f"{OF}/variables"): lambda talk: [("", None), (f"?at={_AT}", None)],
    ("GET", f"{OF}/path"): _nothing,
    ("GET", f"{OF}/markdown"): _nothing,
    ("GET", f"{OF}/logs"): lambda talk: [
        ("", None),
        (f"?at={T0}", None),
        (f"?at={T0 + 1}", None),
        (f"?q={HELD[:12]}", None),
        ("?event_name=bot.api", None),
        (f"?node_action_id={'0' * 16}", None),
    ],
    ("GET", f"{OF}/node"): lambda talk: [(f"?at={_AT}", None), ("", None)],
    ("POST", f"{OF}/restore"): lambda talk: [("", {"reason": "test"})],
    ("GET", f"{API}/flows/{{id:path}}"): lambda talk: [
        ("", None),
        ("?version=v1", None),
        ("?environment=production", None),
    ],
    ("GET", f"{API}/grants"): _nothing,
    ("POST", f"{API}/grants"): lambda talk: [("", {"scope": {"node_id": HELD[:12]}, "until": "soon", "reason": "x"})],
    ("DELETE", f"{API}/grants/{{id}}"): _nothing,
    ("POST", f"{API}/policies/what-if"): lambda talk: [("", {"policies": [_POLICY], "since": "24h"})],
    ("GET", f"{API}/{{rest:path}}"): _nothing,
    ("GET", "/"): _nothing,
    ("GET", "/login"): _nothing,
    ("GET", "/conversations"): _nothing,
    ("GET", "/conversations/{id:path}"): _nothing,
    ("GET", "/flows/{id:path}"): _nothing,
    ("GET", "/{path:path}"): _nothing,
    ("POST", "/v1/traces"): lambda talk: [("", {"resourceSpans": 7}), ("", {"resourceSpans": []})],
    ("POST", "/v1/logs"): lambda talk: [("", {"resourceLogs": 7})],
    ("POST", "/v1/metrics"): lambda talk: [("", {})],
}


def test_every_route_is_listed(service: Guarded) -> None:
    """The routes of the running applications are those asked below."""
    offered = {(method, path) for routes in service.routes.values() for method, path in routes if method != "HEAD"}

    assert offered == set(HTTP)


@pytest.mark.parametrize("state", CLOSED)
def test_no_route_tells_what_is_closed(service: Guarded, state: str) -> None:
    """Nobody, whatever the role, gets a byte of content or of a node's id: not by answer, header, error or redirect."""
    talk = service.talks[state]

    for name in READERS:
        for (method, path), asks in HTTP.items():
            if method == "POST" and path.endswith("/restore") and (state, name) == ("dropped", "investigator"):
                continue  # it may, and then it is dropped no more
            if "{id" not in path and state != "held":
                continue  # the same whatever the conversation
            identifier = talk.trace if name == "analyst" else talk.conversation_id
            for rest, body in asks(talk):
                answer = _ask(service, method, path, identifier, rest, body, name)
                _assert_silent(answer, f"{name} {method} {path} {rest} {answer[:200]}")


def test_a_search_does_not_answer_for_what_is_closed(service: Guarded) -> None:
    """Looking for a word, a node, a flow or an event finds what is open and nothing else: no oracle."""
    closed = [service.talks[state].conversation_id for state in CLOSED]

    for query in (f"q={HELD[:12]}", f"q={HELD}", f"node={AUTHORED}", f"flow={AUTHORED}", f"tag={AUTHORED}"):
        found = _ask(service, "GET", f"{API}/conversations", "", f"?{query}", None, "investigator")

        assert not [name for name in closed if name in found], query
    assert service.talks["live"].conversation_id in _ask(
        service, "GET", f"{API}/conversations", "", f"?node={AUTHORED}", None, "investigator"
    )


_CONTENT = {"timeline", "stream", "trace", "variables", "markdown", "logs"}


@pytest.mark.parametrize("state", ["live", "released"])
def test_open_content_is_read_by_those_who_may(service: Guarded, state: str) -> None:
    """The same questions find what may be read: an investigator sees the word, everybody else does not.

    A developer sees it in what is live; an analyst gets it masked; one of another bot gets nothing.
    """
    talk = service.talks[state]

    for name in READERS:
        told: set[str] = set()
        for (method, path), asks in HTTP.items():
            if method == "GET" and "{id" in path:
                answers = (
                    _ask(service, method, path, talk.conversation_id, rest, None, name) for rest, _ in asks(talk)[:2]
                )
                told |= {path.rpartition("/")[2]} if any(OPEN in answer for answer in answers) else set()
        may = name == "investigator" or (name, state) == ("developer", "live")
        assert told == (_CONTENT | {"node"} & told if may else set()), name
        assert not may or told >= _CONTENT, name


def test_an_analyst_finds_nothing_by_a_masked_word(service: Guarded) -> None:
    """A search is no way round the mask."""
    released = service.talks["released"].conversation_id

    for name, may in (("investigator", True), ("analyst", False), ("operator", False)):
        listed = _ask(service, "GET", f"{API}/conversations", "", f"?q={OPEN[:10]}", None, name)
        logs = _ask(service, "GET", f"{OF}/logs", released, f"?q={OPEN[:10]}", None, name)

        assert (released in listed) is may, name
        assert (OPEN in logs) is may, name


_GRPC: dict[str, Callable[[str], list[Message]]] = {
    "ListConversations": lambda _: [pb.ListConversationsRequest(), pb.ListConversationsRequest(q=HELD[:12])],
    "GetConversation": lambda name: [pb.GetConversationRequest(id=name)],
    "GetTimeline": lambda name: [pb.GetTimelineRequest(id=name), pb.GetTimelineRequest(id=name, after="x")],
    "GetLogs": lambda name: [pb.GetLogsRequest(id=name), pb.GetLogsRequest(id=name, q=HELD[:12])],
    "GetNode": lambda name: [pb.GetNodeRequest(id=name, at_unix_nano=T0 + SECOND)],
    "GetFlow": lambda name: [pb.GetFlowRequest(flow_id=AUTHORED), pb.GetFlowRequest(flow_id=f"flow-{name}")],
    "StreamTimeline": lambda name: [pb.StreamTimelineRequest(id=name)],
}  # fmt: skip


def test_every_grpc_service_is_listed(service: Guarded) -> None:
    """What reflection tells of both ports is what is asked here, or takes and never gives."""
    offered: set[str] = set()
    for port in ("grpc", "otlp_grpc"):
        with grpc.insecure_channel(f"127.0.0.1:{service.ports[port]}") as channel:
            offered |= set(ProtoReflectionDescriptorDatabase(channel).get_services())

    assert offered == {
        "botlogs.v1.BotLogsQuery", "grpc.health.v1.Health", "grpc.reflection.v1alpha.ServerReflection",
        "opentelemetry.proto.collector.logs.v1.LogsService", "opentelemetry.proto.collector.metrics.v1.MetricsService",
        "opentelemetry.proto.collector.trace.v1.TraceService",
    }  # fmt: skip
    assert {method.name for method in pb.DESCRIPTOR.services_by_name["BotLogsQuery"].methods} == set(_GRPC)


def test_no_grpc_method_tells_what_is_closed(service: Guarded) -> None:
    """The same over gRPC: messages, codes, details and trailing metadata."""
    with grpc.insecure_channel(f"127.0.0.1:{service.ports['grpc']}") as channel:
        for state in CLOSED:
            talk = service.talks[state]
            for name in READERS:
                for method, requests in _GRPC.items():
                    for request in requests(talk.trace if name == "analyst" else talk.conversation_id):
                        answer = _call(service, channel, method, request, name)
                        _assert_silent(answer, f"{state} {name} {method}")


def test_grpc_masks_and_scopes_what_is_open(service: Guarded) -> None:
    """An investigator sees the word over gRPC; an analyst, an operator, another bot's reader do not."""
    talk = service.talks["released"]
    told: dict[str, set[str]] = {}

    with grpc.insecure_channel(f"127.0.0.1:{service.ports['grpc']}") as channel:
        for name in READERS:
            told[name] = {
                method
                for method, requests in _GRPC.items()
                if any(OPEN in _call(service, channel, method, each, name) for each in requests(talk.conversation_id))
            }

    assert told.pop("investigator") == {"GetTimeline", "GetLogs", "StreamTimeline"}
    assert set().union(*told.values()) == set()


# Every command: how it is asked about a conversation, or why it reads none.
CLI: dict[str, Callable[[Guarded, Talk], list[list[str]]] | str] = {
    "serve": "runs the service", "demo": "runs a service of its own", "check-config": "reads a file",
    "migrate": "changes the schema", "ddl": "prints the schema", "completion": "prints a script",
    "token add": "writes the tokens file", "token list": "reads the tokens file", "token remove": "writes it",
    "import": "sends a file", "keep add": "takes and gives nothing", "keep remove": "takes and gives nothing",
    "what-if": "asked over HTTP above", "restore": "opens it: asked over HTTP above",
    "conversations": lambda _, talk: [[], ["--json"], ["--search", HELD[:12]]],
    "logs": lambda _, talk: [[talk.conversation_id], [talk.trace, "--at", str(T0)], [talk.conversation_id, "--json"]],
    "node": lambda _, talk: [[talk.conversation_id, "--at", _AT], [talk.conversation_id, "--at", _AT, "--json"]],
    "tail": lambda _, talk: [["--conversation", talk.conversation_id]],
    "explain": lambda _, talk: [[talk.conversation_id], [talk.conversation_id, "--json"]],
    "keep list": lambda _, talk: [[], ["--json"]],
    "doctor": lambda service, _: [
        ["--otlp-http", service.otlp_url, "--otlp-grpc", f"127.0.0.1:{service.ports['otlp_grpc']}",
         "--api-grpc", f"127.0.0.1:{service.ports['grpc']}"],
    ],
}  # fmt: skip


def _commands(group: click.Group, names: tuple[str, ...] = ()) -> Iterator[str]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from _commands(command, (*names, name))
        else:
            yield " ".join((*names, name))


def test_every_command_is_listed() -> None:
    """The command line offers what is asked below, or what reads no conversation."""
    assert set(_commands(cast("click.Group", botlogs))) == set(CLI)


def test_no_command_tells_what_is_closed(service: Guarded) -> None:
    """Tables, JSON and complaints of every reading command are silent about it."""
    for state in CLOSED:
        talk = service.talks[state]
        for command, asks in CLI.items():
            if isinstance(asks, str):
                continue
            for name in ("investigator", "nobody"):
                for arguments in asks(service, talk) if name == "investigator" else asks(service, talk)[:1]:
                    shown = ["--token", service.tokens[name]] if name in service.tokens else []
                    line = [*command.split(), *arguments, "--url", service.url, *shown]
                    result = CliRunner().invoke(botlogs, line)
                    _assert_silent(f"{result.output}{result.exception}", f"{state} {name} {command}")
                    assert isinstance(result.exception, SystemExit | None) or "Usage" not in str(result.exception)


def test_tail_of_everything_follows_what_is_live_alone(service: Guarded) -> None:
    """`botlogs tail` shows a live line that comes, and none of those that came to the hold meanwhile."""
    program = Program("tail", "--url", service.url, environ={"BOTLOGS_TOKEN": service.tokens["investigator"]})
    live, held = Talk("tailed-live", environment="sandbox"), Talk("tailed-held", environment="production")

    def shown() -> str | None:
        for talk in (held, live):
            at = (SystemClock().now_ns() - T0) / SECOND
            talk.log("bot.message.user", f"{HELD if talk is held else OPEN} now", at=at)
            service.send(talk)
            talk._clear()
        return next((line for line in program.out if OPEN in line), None)

    try:
        until(shown)
    finally:
        program.stop(9)

    _assert_silent("\n".join((*program.out, *program.err)), "tail")


def test_nobody_behind_is_told_what_is_closed(service: Guarded) -> None:
    """What is live or released is forwarded, and not a byte of the rest."""
    ids = {service.talks[state].trace_id for state in ("live", "released")}

    arrived = service.sink.wait(
        lambda sink: ids <= {log.trace_id for log in sink.logs} & {s.trace_id for s in sink.spans}
    )

    assert arrived
    assert OPEN in str(service.sink.logs)
    _assert_silent(f"{service.sink.logs} {service.sink.spans} {service.sink.resources}", "forwarded")


def test_what_is_said_in_vain_is_not_logged(service: Guarded) -> None:
    """A sender's or reader's broken request leaves nothing of itself in the service's log."""
    for path in ("/v1/traces", "/v1/logs"):
        for body in (f"{HELD} is no JSON".encode(), json.dumps({"resourceLogs": [{"scopeLogs": HELD}]}).encode()):
            _open(
                service.otlp_url + path, "POST", body, {"content-type": "application/json", **service.headers("sender")}
            )
    _ask(service, "GET", f"{OF}/logs", HELD, f"?at={HELD}", None, "investigator")

    _assert_silent("\n".join((*service.program.out, *service.program.err)), "log")


# What of the public database is asked with parameters.
_VIEWS = {
    "conversation_state": "(now_ns = 9000000000000000000, since = toDate('1970-01-02'), include_live = 1)",
    "conversation_state_of": (
        "(now_ns = 9000000000000000000, since = toDate('1970-01-02'), include_live = 1, traces = [], keys = [])"
    ),
    "log_at": "(conversation = '{id}', ts = fromUnixTimestamp64Nano(toInt64({at})))",
    "node_at": "(conversation = '{id}', ts = fromUnixTimestamp64Nano(toInt64({at})))",
}  # fmt: skip
# Joins and targets of views: not read by SELECT.
_NOT_READ = {"routes", "routes_of_environments"}
# Where ids that a bot's author gave are told of everything received (decision 0001).
_AUTHORED_IN = {"totals", "trace_state", "conversations", "conversation_state", "conversation_state_of"}


def test_the_public_database_holds_nothing_that_is_closed(tmp_path: Path) -> None:
    """With the rights of a reader, who sees the database `botlogs` alone, no table or view has a byte of it."""
    with guarded(tmp_path) as service:
        released, held = service.talks["released"].conversation_id, service.talks["held"].conversation_id
        for name, conversation in (("investigator", released), ("analyst", released), ("investigator", held)):
            _ask(service, "GET", f"{OF}/timeline", conversation, "", None, name)
    folder = tmp_path / "data"
    (tables,) = ask_store(folder, "SELECT name FROM system.tables WHERE database = 'botlogs'")
    names = [str(row["name"]) for row in tables if row["name"] not in _NOT_READ and not row["name"].startswith(".")]
    questions = [(name, talk) for name in names for talk in (service.talks.values() if name in _VIEWS else [None])]
    sql = [
        f"SELECT * FROM botlogs.{name}" + _VIEWS.get(name, "").format(id=talk.conversation_id if talk else "", at=T0)
        for name, talk in questions
    ]

    answers = [json.dumps(rows) for rows in ask_store(folder, *sql)]

    for (name, _), answer in zip(questions, answers, strict=True):
        assert HELD not in answer, name
    open_in = {name for (name, _), answer in zip(questions, answers, strict=True) if OPEN in answer}
    assert {"otel_traces", "otel_logs", "timeline", "log_at"} <= open_in
    (audited,) = ask_store(folder, "SELECT By, Subject, Detail FROM botlogs.audit WHERE Action = 'read'")
    read = {(row["By"], row["Subject"], json.loads(row["Detail"])["masked"]) for row in audited}
    assert read == {("investigator", released, False), ("analyst", released, True)}


def _assert_silent(answer: str, where: str) -> None:
    lowered = answer.lower()
    assert HELD not in lowered, where
    for word in (HELD.encode().hex(), HELD[::-1]):
        assert word not in lowered, where


def _ask(service: Guarded, method: str, path: str, identifier: str, rest: str, body: object, name: str) -> str:
    base = service.otlp_url if path.startswith("/v1/") else service.url
    address = base + path.replace("{id:path}", identifier).replace("{id}", identifier).replace("{rest:path}", "nothing")
    address = address.replace("{path:path}", "api.js").replace("flows/", "flows/flow-")
    data = None if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json"} if data is not None else {}
    return _open(address + rest, method, data, {**headers, **service.headers(name)})


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> None:
        """Look at the redirect itself."""


_OPENER = urllib.request.build_opener(_Stay)


def _open(url: str, method: str, body: bytes | None, headers: dict[str, str]) -> str:
    """Return the whole answer as text: head and body; of an endless one, its first second."""
    request = urllib.request.Request(url, body, headers, method=method)
    try:
        with _OPENER.open(request, timeout=2.0 if "/stream" in url else 60.0) as answer:
            return f"{answer.status} {answer.headers}{_read(answer)}"
    except urllib.error.HTTPError as error:
        with error:
            return f"{error.code} {error.headers}{error.read().decode()}"


def _read(answer: http.client.HTTPResponse) -> str:
    text = bytearray()
    try:
        while (chunk := answer.read1()) and OPEN.encode() not in text:
            text += chunk
    except TimeoutError:
        pass
    return text.decode("utf-8", "replace")


_ANSWERS = {"GetConversation": "Conversation", "GetNode": "NodeAction", "GetFlow": "Flow"}


def _call(service: Guarded, channel: grpc.Channel, method: str, request: Message, name: str) -> str:
    path = f"/botlogs.v1.BotLogsQuery/{method}"
    kind = getattr(pb, _ANSWERS.get(method, f"{method}Response"))
    serialize, metadata = type(request).SerializeToString, tuple(service.headers(name).items())
    try:
        if method == "StreamTimeline":
            stream = channel.unary_stream(path, serialize, kind.FromString)(request, metadata=metadata, timeout=2)
            return _first_second(stream)
        return str(channel.unary_unary(path, serialize, kind.FromString)(request, metadata=metadata, timeout=30))
    except grpc.RpcError as error:
        return f"{error}{error.trailing_metadata()}"


def _first_second(stream: Iterable[Message]) -> str:
    """Return what an endless stream says until it says the word or its deadline comes; a refusal is raised."""
    said = list[str]()
    try:
        for each in stream:
            said.append(str(each))
            if OPEN in said[-1]:
                break
    except grpc.RpcError as error:
        if error.code() is not grpc.StatusCode.DEADLINE_EXCEEDED:
            raise
    return "".join(said)
