"""TLS and mutual TLS on every port, with tokens: who sends and reads, and what others get to hear."""

import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import TraceServiceStub
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult

from botlogs_collector._pb.botlogs.v1 import query_pb2 as pb
from botlogs_collector._pb.botlogs.v1 import query_pb2_grpc
from tests.support.guards import Keys, keys
from tests.support.processes import Program, free_ports, run
from tests.support.sender import Talk
from tests.support.store import unique

TLS = Path(__file__).parent.parent / "data" / "tls"
_CONFIG = """\
receivers:
  otlp:
    grpc: {{endpoint: "127.0.0.1:{otlp_grpc}", {pair}, client_ca: {tls}/ca.pem}}
    http: {{endpoint: "127.0.0.1:{otlp_http}", {pair}, client_ca: {tls}/ca.pem}}
storage: {{dsn: "chdb://{folder}/data"}}
api:
  http: {{endpoint: "0.0.0.0:{http}", {pair}}}
  grpc: {{endpoint: "127.0.0.1:{grpc}", {pair}}}
auth: {{tokens_file: "{folder}/tokens.yaml"}}
"""


_NONE: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Secured:
    """The service, on which ports, and who may come in."""

    program: Program
    ports: Mapping[str, int]
    known: Keys

    def channel(self, port: str, who: str | None = None) -> grpc.Channel:
        """Return a channel to *port* that trusts our authority and shows the certificate of *who*."""
        pair = (
            (None, None) if who is None else ((TLS / f"{who}-key.pem").read_bytes(), (TLS / f"{who}.pem").read_bytes())
        )
        credentials = grpc.ssl_channel_credentials(_bytes("ca.pem"), *pair)
        return grpc.secure_channel(f"localhost:{self.ports[port]}", credentials)

    def open(
        self, url: str, who: str | None = None, body: bytes | None = None, headers: Mapping[str, str] = _NONE
    ) -> int:
        """Return the status of an answer over TLS."""
        context = ssl.create_default_context(cafile=TLS / "ca.pem")
        if who:
            context.load_cert_chain(TLS / f"{who}.pem", TLS / f"{who}-key.pem")
        request = urllib.request.Request(url, body, {"content-type": "application/x-protobuf", **headers})
        try:
            with urllib.request.urlopen(request, timeout=30, context=context) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            with error:
                return error.code


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    """A service with TLS everywhere and client certificates for senders, open to other machines."""
    folder = tmp_path_factory.mktemp("tls")
    names = ("otlp_grpc", "otlp_http", "http", "grpc")
    ports: dict[str, int] = dict(zip(names, free_ports(4), strict=True))
    known = keys(folder / "tokens.yaml", bot=["sender"], shop=["sender", "bot:shop"], ana=["developer"])
    config = folder / "botlogs.yaml"
    pair = f"cert: {TLS}/server.pem, key: {TLS}/server-key.pem"
    config.write_text(_CONFIG.format(folder=folder, tls=TLS, pair=pair, **ports), encoding="utf-8")
    program = Program("serve", "--config", str(config))
    assert f"https://0.0.0.0:{ports['http']}/" in program.wait_for_line("ready")
    yield Secured(program=program, ports=ports, known=known)
    program.stop()


def _request(bot: str = "shop", identifier: str = "") -> ExportTraceServiceRequest:
    talk = Talk(identifier or unique(), bot=bot)
    talk.span("turn")
    return talk.spans


def _export(secured: Secured, who: str | None, token: str | None, bot: str = "shop") -> grpc.StatusCode:
    metadata = [("authorization", f"Bearer {secured.known.tokens.get(token, token)}")] if token else []
    with secured.channel("otlp_grpc", who) as channel:
        try:
            TraceServiceStub(channel).Export(_request(bot), metadata=metadata, timeout=20)
        except grpc.RpcError as error:
            return error.code()
    return grpc.StatusCode.OK


def test_a_sender_needs_certificate_and_token_over_grpc(secured: Secured) -> None:
    """Without a certificate of ours nobody talks; with one, the token decides; none of it is retryable."""
    assert _export(secured, "client", "bot") is grpc.StatusCode.OK
    assert _export(secured, "client", None) is grpc.StatusCode.UNAUTHENTICATED
    assert _export(secured, "client", "bl_nonsense") is grpc.StatusCode.UNAUTHENTICATED
    assert _export(secured, "client", "ana") is grpc.StatusCode.PERMISSION_DENIED
    assert _export(secured, "client", "shop", bot="bank") is grpc.StatusCode.PERMISSION_DENIED
    assert _export(secured, "client", "shop", bot="shop") is grpc.StatusCode.OK
    assert _export(secured, None, "bot") in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)
    assert _export(secured, "intruder", "bot") in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)


def test_a_sender_needs_certificate_and_token_over_http(secured: Secured) -> None:
    """The same over HTTP, as 401 and 403."""
    url = f"https://localhost:{secured.ports['otlp_http']}/v1/traces"
    body = _request().SerializeToString()
    token = secured.known.headers("bot")

    assert secured.open(url, "client", body, headers=token) == 200
    assert secured.open(url, "client", body) == 401
    assert secured.open(url, "client", body, headers=secured.known.headers("ana")) == 403
    assert (
        secured.open(url, "client", _request("bank").SerializeToString(), headers=secured.known.headers("shop")) == 403
    )
    for who in (None, "intruder"):
        with pytest.raises((urllib.error.URLError, ssl.SSLError, ConnectionError)):
            secured.open(url, who, body, headers=token)


def test_without_tls_nobody_is_heard(secured: Secured) -> None:
    """A plain request to a TLS port gets nothing."""
    for port in ("otlp_http", "http"):
        with pytest.raises((urllib.error.URLError, ConnectionError, OSError)):
            urllib.request.urlopen(f"http://127.0.0.1:{secured.ports[port]}/healthz", timeout=10)


def test_readers_come_by_tls_and_token(secured: Secured) -> None:
    """What was sent is read over HTTPS and gRPC with TLS, by who shows a token."""
    identifier = unique()
    with secured.channel("otlp_grpc", "client") as channel:
        metadata = tuple(secured.known.headers("bot").items())
        TraceServiceStub(channel).Export(_request("shop", identifier), metadata=metadata, timeout=20)
    ana = secured.known.headers("ana")
    url = f"https://localhost:{secured.ports['http']}/api/v1"

    with secured.channel("grpc") as channel:
        stub = query_pb2_grpc.BotLogsQueryStub(channel)
        found = stub.GetConversation(pb.GetConversationRequest(id=identifier), metadata=tuple(ana.items()), timeout=20)
        with pytest.raises(grpc.RpcError) as refused:
            stub.GetConversation(pb.GetConversationRequest(id=identifier), timeout=20)

    assert found.conversation_id == identifier
    assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED
    assert secured.open(f"{url}/conversations/{identifier}/timeline", headers=ana) == 200
    assert secured.open(f"{url}/conversations/{identifier}/timeline") == 401
    told = run(
        "logs", identifier, "--url", f"https://localhost:{secured.ports['http']}",
        environ={"SSL_CERT_FILE": str(TLS / "ca.pem"), "BOTLOGS_TOKEN": secured.known.tokens["ana"]},
    )  # fmt: skip
    assert (told.returncode, told.stderr) == (0, "")


def test_the_session_of_a_browser_never_leaves_tls(secured: Secured) -> None:
    """The cookie of a login over HTTPS is sent over nothing else, to no script, from no other site."""
    login = urllib.request.Request(
        f"https://localhost:{secured.ports['http']}/api/v1/session",
        json.dumps({"token": secured.known.tokens["ana"]}).encode(),
        {"content-type": "application/json"},
    )
    context = ssl.create_default_context(cafile=TLS / "ca.pem")

    with urllib.request.urlopen(login, timeout=30, context=context) as answer:
        flags = {flag.strip().lower() for flag in str(answer.headers["set-cookie"]).split(";")[1:]}

    assert {"secure", "httponly", "samesite=strict"} <= flags


def test_a_bot_sends_with_the_sdk_and_its_headers(secured: Secured) -> None:
    """The SDK's own exporter sends with a token in its headers, and gives up at once without one."""
    provider = TracerProvider()
    results: list[SpanExportResult] = []
    for headers in (secured.known.headers("bot"), {}):
        exporter = OTLPSpanExporter(
            endpoint=f"https://localhost:{secured.ports['otlp_grpc']}",
            headers=headers,
            credentials=grpc.ssl_channel_credentials(_bytes("ca.pem"), _bytes("client-key.pem"), _bytes("client.pem")),
            timeout=20,
        )
        provider.add_span_processor(SimpleSpanProcessor(_Kept(exporter, results)))

    with provider.get_tracer("t").start_as_current_span("turn", attributes={"bot.id": "shop"}):
        pass
    provider.shutdown()

    assert results == [SpanExportResult.SUCCESS, SpanExportResult.FAILURE]


class _Kept(SpanExporter):
    """Keeps what came of each export."""

    def __init__(self, exporter: SpanExporter, results: list[SpanExportResult]) -> None:
        self._exporter = exporter
        self._results = results

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self._results.append(self._exporter.export(spans))
        return self._results[-1]

    def shutdown(self) -> None:
        self._exporter.shutdown()


def _bytes(name: str) -> bytes:
    return (TLS / name).read_bytes()


def _serve(tmp_path: Path, endpoint: str) -> str:
    config = tmp_path / "botlogs.yaml"
    config.write_text(f"storage: {{dsn: 'chdb://{tmp_path}/data'}}\napi: {{http: {endpoint}}}\n")
    ended = run("serve", "--config", str(config), environ=_elsewhere())
    assert ended.returncode == 2, ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1
    return ended.stderr


def _elsewhere() -> dict[str, str]:
    grpc_port, otlp_grpc, otlp_http = free_ports(3)
    return {
        "BOTLOGS_API__GRPC": f"127.0.0.1:{grpc_port}",
        "BOTLOGS_RECEIVERS__OTLP__GRPC": f"127.0.0.1:{otlp_grpc}",
        "BOTLOGS_RECEIVERS__OTLP__HTTP": f"127.0.0.1:{otlp_http}",
    }


@pytest.mark.parametrize(
    ("cert", "key", "client_ca", "said"),
    [
        ("nowhere.pem", "server-key.pem", None, "api.http.cert: {tls}/nowhere.pem cannot be read: No such file"),
        ("server.pem", "nowhere.pem", None, "api.http.key: {tls}/nowhere.pem cannot be read: No such file"),
        ("make.sh", "server-key.pem", None, "{tls}/make.sh and {tls}/server-key.pem are not a PEM certificate"),
        ("server.pem", "client-key.pem", None, "{tls}/server.pem and {tls}/client-key.pem are not a PEM certificate"),
        ("server.pem", "server-key.pem", "make.sh", "api.http.client_ca: {tls}/make.sh holds no PEM certificates"),
    ],
)
def test_a_bad_certificate_is_named(tmp_path: Path, cert: str, key: str, client_ca: str | None, said: str) -> None:
    """A missing file, no PEM, or no pair ends the start with one line that names it, before a store is made."""
    port = free_ports(1)[0]
    authority = f", client_ca: {TLS}/{client_ca}" if client_ca else ""

    told = _serve(tmp_path, f"{{endpoint: '127.0.0.1:{port}', cert: {TLS}/{cert}, key: {TLS}/{key}{authority}}}")

    assert said.format(tls=TLS) in told
    assert not (tmp_path / "data").exists()


def test_other_machines_are_not_let_in_without_tokens(tmp_path: Path) -> None:
    """Listening on every address without tokens ends the start, exit code 2, with the way out."""
    told = _serve(tmp_path, f"'0.0.0.0:{free_ports(1)[0]}'")

    assert "can be reached from other machines" in told
    assert "auth.tokens_file" in told
