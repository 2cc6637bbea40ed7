"""A real OpenTelemetry Collector before, behind and beside Bot logs, with the configurations of collector/config."""

import base64
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.message import Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from botlogs_collector.otlp.json_codec import parse_json
from botlogs_collector.ports import Signal
from botlogs_collector.store.client import Database
from botlogs_collector.store.ingest import request_schema
from tests.stacks.otelcol import CONFIG, exported, otelcol, otelcol_behind
from tests.support.clickhouse_http import clickhouse_server
from tests.support.processes import run, until
from tests.support.sender import Talk
from tests.support.service import Service, post
from tests.support.store import unique

pytestmark = pytest.mark.toolchain


def _talk(environment: str = "sandbox") -> Talk:
    """Two turns; values of every type, nested ones too, an event and a link."""
    talk = Talk(unique(), environment=environment)
    for turn in (1, 2):
        node = talk.node("ask", start=turn, end=turn + 0.5, turn=turn)
        talk.log("bot.message.user", f"message {turn}", at=turn, span=node, bot__turn__index=turn)
    odd = talk.span("api", start=1, end=2, error="no", n=-(2**63), x=0.1, yes=True, raw=b"\xff", all=[1, {"a": None}])
    odd.events.add(time_unix_nano=odd.start_time_unix_nano + 1, name="retry")
    odd.links.add(trace_id=b"\1" * 16, span_id=b"\2" * 8, trace_state="a=1")
    talk.log("bot.log", {"nested": [1, "two"]}, at=1.5)
    return talk


def _spans(request: ExportTraceServiceRequest) -> list[bytes]:
    """Everything of each span with its resource and scope, in an order of its own."""
    return sorted(
        _bytes(group.resource, scope.scope, span)
        for group in request.resource_spans
        for scope in group.scope_spans
        for span in scope.spans
    )


def _records(request: ExportLogsServiceRequest) -> list[bytes]:
    """The same of log records."""
    return sorted(
        _bytes(group.resource, scope.scope, record)
        for group in request.resource_logs
        for scope in group.scope_logs
        for record in scope.log_records
    )


def _bytes(*messages: Message) -> bytes:
    """A collector writes a status and a body that are empty; who sent none left them out."""
    for message in messages:
        for name in ("status", "body"):
            if name in message.DESCRIPTOR.fields_by_name and not getattr(message, name).ByteSize():
                message.ClearField(name)
    return b"".join(message.SerializeToString(deterministic=True) for message in messages)


def _read_back(service: Service, talk: Talk) -> dict[str, Any]:
    """Return the conversation's OTLP/JSON once all of it is there."""

    def ask() -> dict[str, Any] | None:
        status, document = service.get(f"/conversations/{talk.conversation_id}/trace")
        if status != 200:
            return None
        spans = parse_json("traces", json.dumps({"resourceSpans": document["resourceSpans"]}).encode())
        records = parse_json("logs", json.dumps({"resourceLogs": document.get("resourceLogs", [])}).encode())
        assert isinstance(spans, ExportTraceServiceRequest)
        assert isinstance(records, ExportLogsServiceRequest)
        is_whole = len(_spans(spans)) == len(_spans(talk.spans)) and len(_records(records)) == len(_records(talk.logs))
        return {"spans": _spans(spans), "records": _records(records)} if is_whole else None

    return until(ask)


@pytest.mark.parametrize("protocol", ["grpc", "http"])
def test_a_collector_before_bot_logs(service: Service, go_programs: Path, tmp_path: Path, protocol: str) -> None:
    """(a) What a bot sends to it is read here, field for field."""
    talk = _talk()
    places = {"BOTLOGS_GRPC": service.grpc, "BOTLOGS_HTTP": service.http}

    with otelcol(go_programs, f"otelcol-to-botlogs-{protocol}.yaml", tmp_path, **places) as collector:
        collector.take(talk.spans, talk.logs)
        read = _read_back(service, talk)

    assert read == {"spans": _spans(talk.spans), "records": _records(talk.logs)}


def test_a_collector_waits_while_bot_logs_is_away(go_programs: Path, tmp_path: Path) -> None:
    """(a) What it took while nothing answered, and over a restart of its own, arrives afterwards."""
    talk = _talk()
    with Service(tmp_path / "data") as service:
        service.program.stop()
        places = {"BOTLOGS_HTTP": service.http}
        with otelcol(go_programs, "otelcol-to-botlogs-http.yaml", tmp_path, **places) as collector:
            collector.take(talk.spans, talk.logs)
        service.restart()
        with otelcol(go_programs, "otelcol-to-botlogs-http.yaml", tmp_path, **places):
            read = _read_back(service, talk)

    assert read["spans"] == _spans(talk.spans)


@pytest.mark.parametrize("protocol", ["grpc", "http"])
def test_a_collector_behind_bot_logs(go_programs: Path, tmp_path: Path, protocol: str) -> None:
    """(b) It gets what is live, field for field, and not a word of what is held."""
    live, held = _talk(), _talk("production")
    with otelcol_behind(go_programs, tmp_path, protocol) as (endpoint, file):
        config = (CONFIG / "botlogs-to-otelcol.yaml").read_text()
        config = config.replace("127.0.0.1:24317", endpoint).replace("protocol: grpc", f"protocol: {protocol}")
        (tmp_path / "botlogs.yaml").write_text(config)
        with Service(tmp_path / "data", {"BOTLOGS_CONFIG": str(tmp_path / "botlogs.yaml")}) as service:
            for talk in (held, live):
                _send_to(service, talk)
            sent = (_spans(live.spans), _records(live.logs))
            until(lambda: all(len(got) >= len(all_of) for got, all_of in zip(_exported(file), sent, strict=True)))

    assert _exported(file) == sent
    assert held.conversation_id not in file.read_text()


def _send_to(service: Service, talk: Talk) -> None:
    assert post(f"{service.http}/v1/traces", talk.spans.SerializeToString())[0] == 200
    assert post(f"{service.http}/v1/logs", talk.logs.SerializeToString())[0] == 200


def _exported(file: Path) -> tuple[list[bytes], list[bytes]]:
    """Return the spans and log records that the file exporter wrote, each once: forwarding is at least once."""
    spans, records = set[bytes](), set[bytes]()
    for request in exported(file):
        if isinstance(request, ExportTraceServiceRequest):
            spans |= set(_spans(request))
        else:
            records |= set(_records(request))
    return sorted(spans), sorted(records)


def test_the_clickhouse_exporter_writes_straight_into_the_tables(
    go_programs: Path, tmp_path: Path, server: tuple[str, Database]
) -> None:
    """(c) The real exporter, its own INSERTs: live rows reach the readers, all others the hold, as it spells them."""
    dsn, database = server
    live, held = _talk(), _talk("production")

    with otelcol(go_programs, "otelcol-to-clickhouse.yaml", tmp_path, CLICKHOUSE_ENDPOINT=_over_http(dsn)) as collector:
        for talk in (live, held):
            collector.take(talk.spans, talk.logs)
        for place, talk in (("botlogs", live), ("botlogs_held", held)):
            until(lambda place=place, talk=talk: _count(database, place, talk) == (3, 7))

    (odd,) = database.rows(
        "SELECT SpanAttributes, StatusCode, SpanKind, Duration, `Events.Name`, `Links.TraceState`"
        " FROM botlogs.otel_traces WHERE SpanName = 'api'"
    )
    assert odd["SpanAttributes"]["all"] == '[1,{"a":null}]'
    assert (odd["StatusCode"], odd["SpanKind"], odd["Duration"]) == ("Error", "Internal", 1_000_000_000)
    assert (odd["Events.Name"], odd["Links.TraceState"]) == (["retry"], ["a=1"])


_SOON = {
    "BOTLOGS_ENVIRONMENTS__SANDBOX__RELEASE_DELAY": "0s",
    "BOTLOGS_ENVIRONMENTS__PRODUCTION__RELEASE_DELAY": "1s",
    "BOTLOGS_CONVERSATION__IDLE_TIMEOUT": "1s",
    "BOTLOGS_RELEASE__WATERMARK_LAG": "1s",
    "BOTLOGS_RELEASE__INTERVAL": "500ms",
}


def test_what_the_clickhouse_exporter_wrote_is_read_and_released(go_programs: Path, tmp_path: Path) -> None:
    """(c) Bot logs on the same server shows the live conversation at once, and the held one after its delay."""
    live, held = _talk(), _talk("production")
    with (
        clickhouse_server(tmp_path / "store") as dsn,
        Service(tmp_path / "unused", {**_SOON, "BOTLOGS_STORAGE__DSN": dsn}) as service,
        otelcol(go_programs, "otelcol-to-clickhouse.yaml", tmp_path, CLICKHOUSE_ENDPOINT=_over_http(dsn)) as collector,
    ):
        for talk in (live, held):
            collector.take(talk.spans, talk.logs)
        for talk, state in ((live, "live"), (held, "released")):
            found = until(lambda talk=talk, state=state: _in_state(service, talk, state))
            lines = service.get(f"/conversations/{talk.conversation_id}/logs")[1]["items"]

            assert (found["turns"], found["node_actions"], found["errors"]) == (2, 2, 1)
            assert [line["body"] for line in lines if line["event_name"] == "bot.message.user"] == [
                "message 1",
                "message 2",
            ]


def _in_state(service: Service, talk: Talk, state: str) -> dict[str, Any] | None:
    status, body = service.get(f"/conversations/{talk.conversation_id}")
    is_whole = status == 200 and body["state"] == state and body["log_events"] >= 8
    return body if is_whole else None


def _over_http(dsn: str) -> str:
    """The server's stand-in speaks HTTP without ClickHouse's own compression."""
    return dsn.replace("clickhouse://", "http://").rstrip("/") + "?compress=none"


def _count(database: Database, place: str, talk: Talk) -> tuple[int, int]:
    spans, logs = (
        database.rows(f"SELECT count() AS n FROM {place}.{table} WHERE TraceId = {{t:String}}", t=talk.trace)[0]["n"]
        for table in ("otel_traces", "otel_logs")
    )
    return int(spans), int(logs)


def test_what_kafka_holds_is_what_the_tables_take(
    go_programs: Path, tmp_path: Path, server: tuple[str, Database]
) -> None:
    """(d) Records of the real Kafka exporter over the real protocol, put in as ClickHouse's Kafka engine does."""
    _, database = server
    talk = _talk()
    broker = subprocess.Popen(
        [str(go_programs / "broker"), "otlp_spans", "otlp_logs"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert broker.stdout is not None
    with broker, otelcol(
        go_programs, "otelcol-to-kafka.yaml", tmp_path, KAFKA_BROKER=broker.stdout.readline().strip()
    ) as collector:  # fmt: skip
        collector.take(talk.spans, talk.logs)
        records = dict(broker.stdout.readline().split() for _ in range(2))
        broker.communicate("")

    _deliver(database, "traces", "TracesRequest", base64.b64decode(records["otlp_spans"]))
    _deliver(database, "logs", "LogsRequest", base64.b64decode(records["otlp_logs"]))
    assert _count(database, "botlogs", talk) == (3, 7)


def _deliver(database: Database, signal: Signal, message: str, record: bytes) -> None:
    settings = {
        "format_schema_source": "string", "format_schema": request_schema(signal),
        "format_schema_message_name": message, "input_format_protobuf_oneof_presence": 1,
    }  # fmt: skip
    database.insert_raw(f"botlogs_ingest.otlp_{signal}", record, "ProtobufSingle", settings)


@pytest.mark.parametrize("compression", ["", "zstd"])
def test_the_file_exporters_files_are_imported(
    service: Service, go_programs: Path, tmp_path: Path, compression: str
) -> None:
    """What a real collector wrote to a file, compressed or not, is read back field for field."""
    talk = _talk()
    file = tmp_path / "telemetry.out"
    config = tmp_path / "file.yaml"
    config.write_text(json.dumps(_to_file(file, compression)))
    with otelcol(go_programs, str(config), tmp_path) as collector:
        collector.take(talk.spans, talk.logs)

    done = run("import", str(file), "--url", service.http, environ={"XDG_STATE_HOME": str(tmp_path / "state")})

    assert done.returncode == 0, done.stderr
    assert _read_back(service, talk) == {"spans": _spans(talk.spans), "records": _records(talk.logs)}


def _to_file(file: Path, compression: str) -> dict[str, object]:
    exporter = {"path": str(file)} | ({"compression": compression} if compression else {})
    endpoints = {name: {"endpoint": f"${{env:OTELCOL_{name.upper()}}}"} for name in ("grpc", "http")}
    pipeline = {"receivers": ["otlp"], "exporters": ["file"]}
    return {
        "receivers": {"otlp": {"protocols": endpoints}},
        "exporters": {"file": exporter},
        "service": {
            "pipelines": {"traces": pipeline, "logs": pipeline}, "telemetry": {"metrics": {"level": "none"}},
        },
    }  # fmt: skip
