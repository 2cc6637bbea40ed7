"""Every kind of log event: its name, its attributes, its severity, whoever writes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor

import otel_botlogs
from otel_botlogs import active, config, semconv
from otel_botlogs.setup import build_pipeline
from otel_botlogs.testing import Recording

Say = Callable[[Any], None]

KINDS: list[tuple[str, str, dict[str, object], Say]] = [
    ("bot.nlu", "INFO", {"bot.nlu.intent": "greet", "bot.nlu.confidence": 0.9}, lambda node: node.nlu("greet", 0.9)),
    (
        "bot.condition",
        "INFO",
        {"bot.condition.expression": "a > b", "bot.condition.operands": '{"a": 1}', "bot.condition.taken": "True"},
        lambda node: node.branch("a > b", {"a": 1}, taken=True),
    ),
    (
        "bot.fallback",
        "WARN",
        {"bot.fallback.reason": "no intent", "bot.fallback.count": 2},
        lambda node: node.fallback("no intent", count=2),
    ),
    (
        "bot.validation.fail",
        "WARN",
        {"bot.validation.rule": "email", "bot.validation.attempt": 1, "bot.validation.value": "nope"},
        lambda node: node.validation_fail("email", attempt=1, value="nope"),
    ),
    (
        "bot.api",
        "ERROR",
        {"url.full": "http://x/y", "http.response.status_code": 503, "bot.api.duration_ms": 1.5, "error.type": "503"},
        lambda node: node.api("GET", "http://me:secret@x/y?token=1#t", 503, duration_ms=1.5),
    ),
    (
        "bot.api",
        "ERROR",
        {"error.type": "ETIMEDOUT", "bot.api.name": "orders"},
        lambda node: node.api("GET", "http://x", name="orders", error="ETIMEDOUT"),
    ),
    ("bot.api", "INFO", {"bot.api.response": "[1, 2]"}, lambda node: node.api("GET", "http://x", 200, response=[1, 2])),
    ("bot.function.log", "DEBUG", {}, lambda node: node.function_log("line", level="debug")),
    (
        "bot.function.error",
        "ERROR",
        {"error.type": "TypeError"},
        lambda node: node.function_error("x", error_type="TypeError"),
    ),
    (
        "bot.db",
        "INFO",
        {"db.operation.name": "find", "db.response.returned_rows": 3},
        lambda node: node.db("find", "t", rows=3),
    ),
    ("bot.db", "ERROR", {"error.type": "Locked"}, lambda node: node.db("insert", error="Locked")),
    (
        "bot.llm.request",
        "INFO",
        {"gen_ai.request.model": "m", "gen_ai.operation.name": "chat"},
        lambda node: node.llm_request("m", "x"),
    ),
    (
        "bot.llm.response",
        "INFO",
        {"gen_ai.usage.output_tokens": 7},
        lambda node: node.llm_response("m", "x", output_tokens=7),
    ),
    ("bot.kb", "INFO", {"bot.kb.query": "q", "bot.kb.confidence": 0.5}, lambda node: node.kb("q", confidence=0.5)),
    ("bot.event.in", "INFO", {"bot.event.code": "paid"}, lambda node: node.event_in("paid")),
    (
        "bot.event.out",
        "INFO",
        {"bot.event.code": "paid", "bot.event.data": "{}"},
        lambda node: node.event_out("paid", {}),
    ),
    ("bot.notification", "INFO", {"bot.notification.kind": "otp"}, lambda node: node.notification("otp")),
    ("bot.handoff", "INFO", {"bot.handoff.to": "queue-1"}, lambda node: node.handoff("queue-1")),
    (
        "bot.workflow.output",
        "INFO",
        {"bot.workflow.status": "failure"},
        lambda node: node.workflow_output(success=False),
    ),
    (
        "bot.feedback",
        "INFO",
        {"bot.feedback.score": 4, "bot.feedback.comment": "ok"},
        lambda node: node.feedback(4, "ok"),
    ),
    (
        "bot.flow.start",
        "INFO",
        {"bot.flow.id": "f", "bot.flow.trigger": "t"},
        lambda node: node.flow_start("f", trigger="t"),
    ),
    ("bot.flow.complete", "INFO", {"bot.flow.id": "f"}, lambda node: node.flow_complete("f")),
    ("bot.flow.switch", "INFO", {"bot.flow.from": "f", "bot.flow.to": "g"}, lambda node: node.flow_switch("f", "g")),
    ("bot.message.agent", "INFO", {}, lambda node: node.agent_message("hello")),
    ("bot.message.user", "INFO", {"bot.message.id": "1"}, lambda node: node.user_message("hello", message_id="1")),
    (
        "bot.custom",
        "FATAL",
        {"bot.custom.a": 1, "b.c": 2},
        lambda node: node.event("bot.custom", level=50, a=1, **{"b.c": 2}),
    ),
]


@pytest.mark.parametrize(("name", "severity", "attributes", "say"), KINDS, ids=range(len(KINDS)))
def test_each_kind_has_its_name_severity_and_attributes(
    recording: Recording, name: str, severity: str, attributes: dict[str, object], say: Say
) -> None:
    """A kind said on a node, a turn or a conversation is the same event, with the attributes of its place."""
    with otel_botlogs.conversation("c") as conv, conv.turn() as turn, turn.node("n") as node:
        for place in (conv, turn, node):
            say(place)

    events = recording.conversation("c").named(name)
    assert [event.node for event in events] == [None, None, "n"]
    for event in events:
        assert event.severity == severity
        assert attributes.items() <= event.attributes.items()
        assert None not in event.attributes.values()


def test_every_kind_of_the_vocabulary_is_known() -> None:
    """What the methods write is in `semconv`, so that the collector knows it."""
    assert {name for name, _, _, _ in KINDS} - {"bot.custom"} <= semconv.EVENT_NAMES


def test_limits_of_the_sdk_hold(recording: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where OpenTelemetry's own limits for attributes are set, records go the SDK's way, and are cut by it."""
    exporter = InMemoryLogRecordExporter()
    monkeypatch.setenv("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "3")
    provider = LoggerProvider(shutdown_on_exit=False)
    provider.add_log_record_processor(SimpleLogRecordProcessor(exporter))
    settings = config.load({"bot_id": "b", "environment": "sandbox"}, environ={})
    active.install(build_pipeline(settings, tracer_provider=recording.tracer_provider, logger_provider=provider))

    otel_botlogs.conversation("c").log("line", value="abcdef")

    (log,) = exporter.get_finished_logs()
    assert log.log_record.event_name == "bot.log"
    assert log.log_record.attributes is not None
    assert log.log_record.attributes["value"] == "abc"
